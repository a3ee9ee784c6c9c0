"""A program run to its end: its time, what all its processes took of the processors, and their memory.

Linux only: /proc tells of processes that a program starts and does not wait for.
"""

import ctypes
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Run", "adopt_orphans", "cpu_of", "run"]

_TICKS = os.sysconf("SC_CLK_TCK")
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
#: Seconds between two looks at the memory, and after which a program is taken to hang and killed.
LOOK, LIMIT = 0.1, 1200


@dataclass(slots=True)
class Run:
    """How a program fared. Seconds and megabytes."""

    wall: float
    #: User and system time of all its processes.
    cpu: float
    #: That of the program itself alone, without the processes that it started; a tenth of a second may be missing.
    own: float
    #: Peak of the program itself, and of all its processes together (shared pages counted in each).
    parent_mb: float
    all_mb: float
    code: int
    #: Processes still there when it ended.
    left: int
    #: Its lines of standard output, each with the seconds since the start.
    lines: list[tuple[float, str]] = field(default_factory=list)


def adopt_orphans() -> None:
    """Processes whose parent ended become ours, so that their time can be told (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, errors: Path) -> Run:
    """Run `command`; its messages go into the file `errors`."""
    before, spent, begun = _children(os.getpid()), os.times(), time.perf_counter()
    with errors.open("ab") as messages:
        process = subprocess.Popen(command, env=dict(env), cwd=cwd, stdout=subprocess.PIPE, stderr=messages)
    result = Run(0, 0, 0, 0, 0, 0, 0)
    _watch(process, result, begun)
    result.wall, result.code = time.perf_counter() - begun, process.wait()
    result.left = _reap(before)
    now = os.times()
    result.cpu = now.children_user + now.children_system - spent.children_user - spent.children_system
    return result


def _watch(process: "subprocess.Popen[bytes]", result: Run, begun: float) -> None:
    """Read what it prints and look at its memory until it ends."""
    assert process.stdout is not None
    out, end, text, looked = process.stdout.fileno(), os.pidfd_open(process.pid), b"", 0.0
    os.set_blocking(out, False)
    listened = [out, end]
    while True:
        ready = select.select(listened, [], [], LOOK)[0]
        part = _read(out)
        *whole, text = (text + part).split(b"\n")
        result.lines += [(time.perf_counter() - begun, line.decode()) for line in whole]
        if end in ready:
            break
        if out in ready and not part:
            listened = [end]  # it closed its output
        if time.perf_counter() - begun > LIMIT:
            process.kill()
        if time.perf_counter() - looked > LOOK:
            looked = time.perf_counter()
            result.own = max(result.own, cpu_of(process.pid))
            result.parent_mb = max(result.parent_mb, _memory(process.pid, "VmHWM"))
            result.all_mb = max(result.all_mb, sum(_memory(pid, "VmRSS") for pid in _tree(process.pid)))
    os.close(end)
    process.stdout.close()


def _read(out: int) -> bytes:
    """What is there to read now."""
    found = b""
    with suppress(BlockingIOError):
        while part := os.read(out, 65536):
            found += part
    return found


def _reap(before: set[int]) -> int:
    """Wait for the processes that the program left, at most two seconds; how many there were."""
    deadline, left = time.perf_counter() + 2, _children(os.getpid()) - before
    count = len(left)
    while left and time.perf_counter() < deadline:
        for pid in list(left):
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    continue
            left.discard(pid)
        left |= _children(os.getpid()) - before
        time.sleep(0.01)
    return count


def _children(pid: int) -> set[int]:
    found: set[int] = set()
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found |= {int(one) for one in (task / "children").read_text().split()}
    return found


def _tree(pid: int) -> set[int]:
    found, new = set(), {pid}
    while new:
        found |= new
        new = set().union(*(_children(one) for one in new)) - found
    return found


def _memory(pid: int, what: str) -> float:
    """Megabytes; 0 for a process that is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(what):
                return int(line.split()[1]) / 1024
    return 0.0


def cpu_of(pid: int) -> float:
    """Seconds of processor that a process has taken so far; 0 for one that is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0
