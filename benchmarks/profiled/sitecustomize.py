"""Profiles every thread of every Python process started under it, into the folder that `PROFILE_INTO` names.

Python imports a module of this name at its start when the module's folder is on PYTHONPATH. The product knows nothing
of it. A file a thread: `PROCESS-THREAD.pstats`; `parent` is the process whose parent is not profiled itself.
"""

import atexit
import cProfile
import os
import threading
from multiprocessing import util
from pathlib import Path
from typing import Any

_INTO = os.environ.get("PROFILE_INTO", "")


def _begin(name: str) -> None:
    profile = cProfile.Profile()
    path = Path(_INTO) / f"{name}.pstats"

    def end() -> None:
        profile.disable()
        profile.dump_stats(path)

    atexit.register(end)
    util.Finalize(None, end, exitpriority=-100)  # workers of multiprocessing end without atexit
    threading.Thread.run = _profiled(threading.Thread.run, name)  # type: ignore[method-assign]
    profile.enable()


def _profiled(run: Any, name: str) -> Any:
    def profiled(self: threading.Thread) -> None:
        profile = cProfile.Profile()
        try:
            profile.runcall(run, self)
        finally:
            profile.dump_stats(Path(_INTO) / f"{name}-{threading.get_ident()}.pstats")

    return profiled


if _INTO:
    _outer = os.environ.get("PROFILE_PARENT", "")
    os.environ["PROFILE_PARENT"] = str(os.getpid())
    _begin(f"worker-{os.getpid()}" if _outer else "parent")
