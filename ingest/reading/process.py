"""A process that reads, seen from the run: told what it has to know, ended at once.

Never forked from the run itself: such a child keeps the lock and the corpus open after its parent was killed.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ingest.errors import ReadError
from ingest.fetch import redact
from ingest.reading.talk import BUG, EARLY, LAST, MEMORY, READY, STEP, Talk
from ingest.records import Response, Source

if TYPE_CHECKING:
    from ingest.reading.document import Step
    from ingest.reading.forkserver import Forkserver

__all__ = ["Said", "Worker"]

#: So many times its seconds of the processor by the clock, for a machine that has more to do; and aside, where it gets
#: what nobody else wants.
_CLOCK, _CLOCK_ASIDE = 5, 10


class Said:
    """A message of such a process: unpacking the posts of a page takes 4 ms, in which it may begin with the next."""

    def __init__(self, message: bytearray) -> None:
        self._message = message
        self._step: Step | None = None

    @property
    def what(self) -> int:
        """The message's kind."""
        return self._message[0]

    @property
    def is_early(self) -> bool:
        """Whether it says no more than where to go on."""
        return self.what == EARLY

    @property
    def is_step(self) -> bool:
        """Whether it is a step, and not only the end."""
        return self.what in {EARLY, STEP, LAST}

    @property
    def is_last(self) -> bool:
        """Whether nothing follows."""
        return self.what == LAST

    def step(self) -> Step:
        """The step that it is, always the same."""
        if self._step is None:
            self._step = self._unpacked()
            del self._message[1:]
        return self._step

    def words(self) -> str:
        """What it has to say of a bug."""
        return str(self._unpacked())

    def _unpacked(self) -> Any:
        return pickle.loads(memoryview(self._message)[1:])  # noqa: S301  (from our own process)


class Worker:
    """One process, and what it was told."""

    def __init__(self, server: Forkserver, seconds: int, memory: int) -> None:
        """Start it. Raises OSError."""
        self._seconds, self._memory = seconds, memory
        self.known: set[int] = set()
        #: Whether it waits for a question.
        self.at_rest = True
        #: Whether it has made way: nobody counts on it any more, and it ends with its document.
        self.aside = False
        self.dropped: list[int] = []
        #: What its clock said when it began with the document; None as long as it is starting.
        self._began: float | None = None
        ours, theirs = socket.socketpair()
        life, self._life = os.pipe()
        self._talk = Talk(ours.detach())
        try:
            self._child = server.start(theirs, life)
        except BaseException:
            self._talk.close()
            os.close(self._life)
            raise
        finally:
            theirs.close()
            os.close(life)

    @property
    def pid(self) -> int:
        """Its number; waits for it while it is starting. 0 where it could not be started, or nobody knows."""
        return self._child.pid

    def ask(self, number: int, source: Source, answer: Response) -> None:
        """Let it read an answer. Raises ReadError."""
        blob = None if number in self.known else pickle.dumps(source, protocol=5)
        dropped, self.dropped = self.dropped, []
        self.known.add(number)
        self.at_rest = False
        if self._began is not None:
            self._began = self._clock()
        with _told(redact(answer.url), self):
            head = replace(answer, stream=io.BytesIO())
            self._talk.send_bytes(pickle.dumps((number, blob, dropped, head), protocol=5))
            self._talk.send_stream(answer.stream)

    def fileno(self) -> int:
        """What is to be polled for its words."""
        return self._talk.fileno()

    @property
    def limit(self) -> float:
        """Seconds by the clock that a document may take."""
        return self._seconds * (_CLOCK_ASIDE if self.aside else _CLOCK)

    def receive(self, url: str) -> Said | None:
        """Its next message; None where that is that it has started. Raises ReadError: it has failed, or is gone."""
        with _told(url, self):
            said = Said(self._talk.recv_bytes())
        if said.what == READY:
            self._began = self._clock()
            return None
        if said.what == MEMORY:
            raise ReadError(url, "read_too_big", f"reading it takes more than {self._memory >> 20:,} MB of memory")
        self.at_rest = said.what not in {EARLY, STEP}
        if said.what == BUG:
            raise ReadError(url, "bug", f"a bug of blogcorpus, please report it:\n{said.words()}")
        return said

    def spent(self) -> float:
        """Seconds of the processor that the document has taken so far."""
        return 0.0 if self._began is None else self._clock() - self._began

    def _clock(self) -> float:
        """Where it cannot be had, a third of what the clock on the wall says: the processors are for others too."""
        if sys.platform != "linux":
            return time.monotonic() / 3
        pid = self.pid
        try:
            return time.clock_gettime(~pid << 3 | 2) if pid else 0.0  # clock_getcpuclockid(3); 0 would be ourselves
        except OSError:  # it has ended
            return 0.0

    def is_there(self) -> bool:
        """Whether one that is at rest is there yet; nothing else comes from it but that it has started."""
        try:
            while self._talk.poll(0):
                self._talk.recv_bytes()
                self._began = self._clock()
        except (EOFError, OSError):
            return False
        return True

    def step_aside(self) -> None:
        """Let it have what nobody else wants of the processors, from now on."""
        self.aside = True
        pid = self.pid
        with suppress(OSError):
            if not pid:  # which would be ourselves
                return
            if hasattr(os, "SCHED_IDLE"):
                os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
            else:
                os.setpriority(os.PRIO_PROCESS, pid, 19)

    def end(self) -> None:
        """At once: it holds nothing that could be lost. For whoever has it, once."""
        self.kill()
        self._talk.close()
        os.close(self._life)
        if self._child.number:  # else what it is forked from is loading yet, and sees it off in the end
            self._child.wait()

    def kill(self) -> None:
        """End the process alone; from any thread."""
        self._child.kill()

    def cause(self) -> int | None:
        """What it died of: its exit status, or minus the signal; None where nobody knows."""
        return self._child.wait()


class _told:  # noqa: N801  (used like a function)
    """What a broken connection means: the process is gone."""

    def __init__(self, url: str, worker: Worker) -> None:
        self._url, self._worker = url, worker

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EOFError | OSError):
            code = self._worker.cause()
            if code == -signal.SIGXCPU:
                raise ReadError(self._url, "read_too_slow", "reading it takes too much of the processor") from error
            raise ReadError(self._url, "read_died", f"the process that read it was ended ({_cause(code)})") from error


def _cause(code: int | None) -> str:
    return "nobody knows how" if code is None else f"signal {-code}" if code < 0 else f"status {code}"
