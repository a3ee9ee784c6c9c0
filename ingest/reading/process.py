"""A process that reads, seen from the run: started by exec, told what it has to know, ended at once.

Never forked: a child that is forked from a run keeps the lock and the corpus open after its parent was killed.
"""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, Pipe
from typing import Any

from ingest.errors import ReadError
from ingest.fetch import redact
from ingest.reading.document import Step
from ingest.reading.worker import BUG, END, MEMORY, STEP
from ingest.records import Response, Source

__all__ = ["Worker"]

#: Seconds after which a document makes way: its process goes on with the least priority, and another one is started for
#: the rest. A page of 100 posts takes 0.1 s.
_PATIENCE = 2.0
#: So many times its seconds of the processor by the clock, for a machine that has more to do.
_CLOCK = 5

#: What a worker is told of our environment.
_PASSED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "HOME")


class Worker:
    """One process, and what it was told."""

    def __init__(self, seconds: int, memory: int) -> None:
        self._seconds, self._memory = seconds, memory
        self.known: set[int] = set()
        #: Whether it waits for a question.
        self.at_rest = True
        #: Whether it has made way: nobody counts on it any more, and it ends with its document.
        self.aside = False
        self.dropped: list[int] = []
        self._talk, theirs = Pipe()
        life, self._life = os.pipe()
        try:
            self.process = _start(theirs, life, memory, seconds)
        finally:
            theirs.close()
            os.close(life)

    def ask(self, number: int, source: Source, answer: Response) -> None:
        """Let it read an answer. Raises ReadError."""
        blob = None if number in self.known else pickle.dumps(source, protocol=5)
        dropped, self.dropped = self.dropped, []
        self.known.add(number)
        self.at_rest = False
        with _told(redact(answer.url), self):
            self._talk.send_bytes(pickle.dumps((number, blob, dropped, answer), protocol=5))

    def steps(self, url: str, make_way: "Callable[[Worker], None]") -> Iterator[Step]:
        """What it says to that. Raises ReadError."""
        limit = float(self._seconds * _CLOCK)
        left = limit
        while True:
            began = time.monotonic()
            with _told(url, self):
                if not self._talk.poll(max(_PATIENCE - (limit - left), 0)):
                    make_way(self)
                if not self._talk.poll(max(left - (time.monotonic() - began), 0)):
                    raise ReadError(url, "read_too_slow", f"reading it takes longer than {limit:.0f} s")
                what, said = pickle.loads(self._talk.recv_bytes())  # noqa: S301  (from our own process)
            left -= time.monotonic() - began
            if what == MEMORY:
                raise ReadError(url, "read_too_big", f"reading it takes more than {self._memory >> 20:,} MB of memory")
            self.at_rest = what != STEP
            if what == BUG:
                raise ReadError(url, "bug", f"a bug of blogcorpus, please report it:\n{said}")
            if what == END:
                return
            yield said

    def end(self) -> None:
        """At once: it holds nothing that could be lost. For whoever has it, once."""
        self.kill()
        self._talk.close()
        os.close(self._life)

    def kill(self) -> None:
        """End the process alone; from any thread."""
        self.process.kill()
        self.process.wait()


class _told:  # noqa: N801  (used like a function)
    """What a broken connection means: the process is gone."""

    def __init__(self, url: str, worker: Worker) -> None:
        self._url, self._worker = url, worker

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EOFError | OSError):
            code = self._worker.process.wait()
            if code == -signal.SIGXCPU:
                raise ReadError(self._url, "read_too_slow", "reading it takes too much of the processor") from error
            raise ReadError(self._url, "read_died", f"the process that read it was ended ({_cause(code)})") from error


def _cause(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"status {code}"


def _start(
    talk: "Connection[Any, Any]", life: int, memory: int, seconds: int
) -> "subprocess.Popen[bytes]":  # fmt: skip
    """A new process. `-P`: nothing in the folder that the run was started from is taken for a module of ours."""
    known = {name: os.environ[name] for name in _PASSED if name in os.environ}
    known["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    numbers = [talk.fileno(), life]
    return subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, "-P", "-m", "ingest.reading.worker", *map(str, [*numbers, memory, seconds])],
        pass_fds=numbers, env=known, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
