"""Profiles every thread of every Python process started under it, by processor time.

Python imports a module of this name at its start when its folder is on PYTHONPATH. The product knows nothing
nothing of it. `profiling.py` puts a copy of it into the folder that takes the profiles: a file a thread,
`PROCESS-THREAD.pstats`; `parent` is the process that began.
"""

import atexit
import cProfile
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_INTO = Path(__file__).parent


def _begin(name: str) -> None:
    profile = cProfile.Profile(time.thread_time)

    def keep() -> None:
        profile.disable()
        profile.dump_stats(_INTO / f"{name}.pstats")

    atexit.register(keep)
    threading.Thread.run = _profiled(threading.Thread.run, name)  # type: ignore[method-assign]
    if name != "parent":  # a worker is killed when it is not wanted any more: what it did is kept before it waits

        def waiting(received: Callable[..., bytes]) -> Callable[..., bytes]:
            def receive(self: Any, *more: Any) -> bytes:
                keep()
                found = received(self, *more)
                profile.enable()
                return found

            return receive

        Connection.recv_bytes = waiting(Connection.recv_bytes)  # type: ignore[method-assign]
    profile.enable()


def _profiled(run: Any, name: str) -> Any:
    def profiled(self: threading.Thread) -> None:
        profile = cProfile.Profile(time.thread_time)
        try:
            profile.runcall(run, self)
        finally:
            profile.dump_stats(_INTO / f"{name}-{threading.get_ident()}.pstats")

    return profiled


try:
    (_INTO / "begun").touch(exist_ok=False)
except FileExistsError:
    _begin(f"worker-{os.getpid()}")
else:
    _begin("parent")
