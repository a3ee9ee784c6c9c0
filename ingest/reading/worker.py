"""The process that reads: one document at a time from the run, what it came to in reply, until the run is gone.

Started by `reading.forkserver` as `python -m ingest.reading.worker`, which loads all this once and is then forked for
each that is wanted. It has no lock, no database, no network and nothing of the run's environment to give away.
"""

import fcntl
import gc
import os
import pickle
import resource
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

import ingest.normalise.posts  # noqa: F401  (now, and not with the first document)
from ingest.reading.document import steps
from ingest.reading.talk import BUG, EARLY, END, LAST, MEMORY, ORDER, READY, START, STEP, WAIT, Talk
from ingest.records import Source
from ingest.sources import kind

__all__ = ["main", "serve"]

#: A block of this size, freed once, tells glibc to keep blocks up to it, and twice as much at the top of its heap,
#: instead of giving them back after each document (mallopt(3), M_MMAP_THRESHOLD): 4 page faults a post less.
_KEPT = 31 * 2**20
#: So much less than the parent a reading process counts when the processors are short (nice(2)): all that is read goes
#: through the one thread that writes, and everybody waits for it. Over 1,000 feeds on two processors the run takes a
#: fifth less time; at 19 a quarter, but where others keep all processors busy it would hardly come to anything.
_NICE = 10


def main() -> None:
    """Fork as often as the run wishes, until it is gone.

    Arguments: the descriptor by which it says so, that of a pipe which closes with it; bytes of memory and seconds that
    each may take; kinds of source to load at once.
    """
    control, life, memory, seconds = map(int, sys.argv[1:5])
    _die_with(life)
    for name in sys.argv[5:]:
        kind(name)
    bytes(_KEPT)
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)  # documents are trees without cycles: looking for those took 5 % of the time
    with socket.socket(fileno=control) as run, suppress(OSError):
        while order := _order(run):
            what, number, *descriptors = order
            if what == WAIT:
                run.sendall(ORDER.pack(WAIT, os.waitpid(number, 0)[1]))
                continue
            child = _forked() if len(descriptors) == 2 else 0
            if child is None:
                run.close()
                os.close(life)
                _read(descriptors, memory, seconds)
            for descriptor in descriptors:
                os.close(descriptor)
            run.sendall(ORDER.pack(START, child))
    with suppress(ChildProcessError):  # they have been killed: nobody else is there to see them off
        while True:
            os.wait()


def _order(run: socket.socket) -> tuple[int, ...] | None:
    """What the run wants next: `START` or `WAIT`, a pid, the descriptors for one; None when it wants no more."""
    told, descriptors, *_ = socket.recv_fds(run, ORDER.size, 2)
    return (*ORDER.unpack(told), *descriptors) if len(told) == ORDER.size else None


def _forked() -> int | None:
    """None in the new process; here its pid, 0 where the system starts no further one."""
    try:
        return os.fork() or None
    except OSError:
        return 0


def _read(descriptors: list[int], memory: int, seconds: int) -> NoReturn:
    """Be a process that reads, to its end. `descriptors`: to talk on, and of the pipe that closes with the run."""
    status = 1
    try:
        talk, life = descriptors
        _die_with(life)
        _limit(memory)
        os.nice(_NICE)
        parent = Talk(talk)
        with suppress(EOFError, OSError):  # the run is gone, or wants no more
            _say(parent, READY, None)
            serve(parent, seconds)
        status = 0
    finally:
        os._exit(status)


def serve(parent: Talk, seconds: int) -> None:
    """Read what comes, until the connection closes. A document may take so many seconds of this process's time."""
    sources: dict[int, Source] = {}
    while True:
        number, blob, dropped, head = pickle.loads(parent.recv_bytes())  # noqa: S301  (from our own parent)
        answer = replace(head, stream=parent.recv_stream())
        for old in dropped:
            sources.pop(old, None)
        if blob is not None:
            sources[number] = pickle.loads(blob)  # noqa: S301
        _allow(seconds)
        try:
            ended = False
            for step in steps(sources[number], answer):
                ended = step.last
                _say(parent, LAST if ended else STEP if step.batch is not None else EARLY, step)
        except MemoryError:
            sources.clear()
            _say(parent, MEMORY, None)
            return  # what is left of it is not worth keeping
        except (OSError, EOFError):
            raise
        except Exception:  # noqa: BLE001  (a bug of ours in one document is that document's trouble)
            _say(parent, BUG, _where())
        else:
            if not ended:
                _say(parent, END, None)
        gc.collect(0)  # what did form a cycle may hold a whole document, and 100,000 objects are hundreds of those


def _where() -> str:
    import traceback  # noqa: PLC0415  (4 ms of every start, and hardly ever wanted)

    return traceback.format_exc(limit=-4)


def _say(parent: Talk, what: int, said: Any) -> None:
    parent.send_bytes(bytes([what]), pickle.dumps(said, protocol=5))


def _die_with(life: int) -> None:
    """Be killed when the other end of the pipe closes, whatever this process is doing then.

    The kernel sends the signal by itself (fcntl(2), F_SETSIG), also while a library holds the interpreter. Where there
    is no F_SETSIG, the process ends when it next looks for work, and `_allow` bounds that.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # the parent's to answer: it ends this process when it is done
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(life, fcntl.F_SETFL, os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:  # it was gone before all this
        sys.exit()


def _limit(memory: int) -> None:
    """No more address space than this, no core file, and first in line when the machine itself runs out."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123  (2 ms)
        file.write("1000")


def _allow(seconds: int) -> None:
    """So much more time of the processor; the system ends what takes more, also when nobody watches."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


if __name__ == "__main__":
    main()
