"""The processes that read, seen from the run: a document in, its steps out, and a new process for one that was lost.

Not `concurrent.futures`: its pool breaks whole when one process dies (measured).
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from ingest.reading.places import NoProcessError, Places
from ingest.reading.telling import Telling, size_of
from ingest.records import Response, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.reading.forkserver import Forkserver
    from ingest.reading.process import Worker
    from ingest.reading.reader import Reader

__all__ = ["Pool"]

#: Bytes of address space and seconds of the processor's time that one document may take. A page of 100 posts takes
#: 0.1 s; the largest answer that is taken (20 MiB) as a feed for the slow parser 25 s and 0.6 GB.
MEMORY_LIMIT, SECONDS = 2**30, 60

#: Processes beside the pool's, for each of those, that read what shall not keep others waiting.
_ASIDE = 2
#: So often a process is asked for, each time of a new forkserver where somebody has ended it meanwhile.
_TRIES = 3
#: Bytes from which on a document makes way from the start: twice as much as most pages of 100 posts have.
_BIG = 4_000_000


class Pool:
    """So many processes at most, started when there is something to read. Safe between threads."""

    def __init__(
        self, size: int, *, seconds: int = SECONDS, memory: int = MEMORY_LIMIT, kinds: Iterable[str] = ()
    ) -> None:  # fmt: skip
        """`kinds`: of the sources that are sure to have documents; what reads those is loaded once for all."""
        self._size, self._seconds, self._memory, self._kinds = size, seconds, memory, tuple(kinds)
        self._places, self._aside = Places(size), Places(size * _ASIDE)
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._server: Forkserver | None = None
        self._lock = threading.Lock()
        self._closed = False
        self.numbers = count(1)

    def reader(self) -> Reader:
        """What reads the documents of one source's run."""
        from ingest.reading.reader import Reader  # noqa: PLC0415  (10 ms, in which the first processes start)

        return Reader(self)

    def warm(self, count: int) -> None:
        """Start processes for so many documents that are sure to come, so that they are ready when those are there."""
        for _ in range(min(count, self._size) - len(self._all)):
            with suppress(OSError):  # whoever needs it will say so
                worker = self._made()
                with self._lock:
                    self._idle.insert(0, worker)  # the one that was started first is ready first, and the next to go

    def pids(self) -> list[int]:
        """The processes that are there now."""
        with self._lock:
            workers = list(self._all)
        return [worker.pid for worker in workers]

    def close(self) -> None:
        """End them all, whatever they are doing.

        Who reads from one closes its connection: a number that is closed twice may be another file's by then.
        """
        with self._lock:
            self._closed = True
            workers, self._all = self._all, set()
            idle, self._idle = self._idle, []
            server, self._server = self._server, None
        for worker in workers:
            worker.kill()
        for worker in idle:
            worker.end()
        if server is not None:
            server.close()

    def begin(self, number: int, source: Source, answer: Response) -> Telling:
        """Let a process read an answer, as soon as one is free. Raises ReadError."""
        if size_of(answer) >= _BIG and self._places.taken:
            return Telling(self, self.aside(), number, source, answer)
        self._places.take()
        return Telling(self, self._take(self._places), number, source, answer)

    def try_to_begin(self, number: int, source: Source, answer: Response) -> Telling | None:
        """Let a process read an answer; None where none is free, and none can be started. Raises ReadError."""
        if self.crowded or not self._places.try_to_take():
            return None
        try:
            return Telling(self, self._take(self._places), number, source, answer)
        except NoProcessError:
            return None

    def aside(self) -> Worker:
        """A process for what makes way, as soon as there may be one. Raises ReadError."""
        self._aside.take()
        worker = self._take(self._aside)
        worker.step_aside()
        return worker

    def give_back(self, worker: Worker) -> None:
        """Whoever had a process needs it no longer."""
        self._give(worker)
        (self._aside if worker.aside else self._places).give()

    @property
    def crowded(self) -> bool:
        """Whether a document waits for a process."""
        return self._places.wanted > 0

    def makes_way(self, worker: Worker) -> bool:
        """One document takes long: it shall not keep the others waiting. Whether there is a place for it aside."""
        if not self._aside.try_to_take():
            return False
        worker.step_aside()
        self._places.give()
        return True

    def _take(self, places: Places) -> Worker:
        """A process for a place that was taken; one that goes aside is a new one. Raises NoProcessError."""
        while places is self._places and (idle := self._rested()):
            if idle.pid and idle.is_there():
                return idle
            self._lose(idle)  # somebody ended it while it had nothing to do: no document's fault
        try:
            return self._started()
        except OSError as error:  # no more processes, no more descriptors
            places.give()
            raise NoProcessError("", "read_died", f"no process to read in can be started: {error.strerror}") from error

    def _started(self) -> Worker:
        """A new process that is known to be there. Raises OSError."""
        for _ in range(_TRIES):
            made = self._made()
            if made.pid:
                return made
            self._lose(made)  # what it is forked from was ended
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def _rested(self) -> Worker | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _lose(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.end()

    def _made(self) -> Worker:
        """A new process, which may be starting yet. Raises OSError."""
        from ingest.reading.forkserver import Forkserver  # noqa: PLC0415  (8 ms of a start, where there is nothing to
        from ingest.reading.process import Worker  # noqa: PLC0415  read)

        with self._lock:
            if self._closed:
                raise OSError(errno.ECANCELED, "the run is over")
            if self._server is None:
                self._server = Forkserver(self._memory, self._seconds, self._kinds)
            try:
                worker = Worker(self._server, self._seconds, self._memory)
            except ConnectionError:  # somebody ended it
                lost, self._server = self._server, None
                lost.close()
                self._server = Forkserver(self._memory, self._seconds, self._kinds)
                worker = Worker(self._server, self._seconds, self._memory)
            self._all.add(worker)
        return worker

    def _give(self, worker: Worker) -> None:
        """Back to the others; one that is in the middle of something is ended."""
        with self._lock:
            keep = worker.at_rest and not worker.aside and not self._closed
            if keep:
                self._idle.append(worker)
        if not keep:
            self._lose(worker)

    def forget(self, numbers: list[int]) -> None:
        """No document of these sources comes any more."""
        with self._lock:
            for worker in self._all:
                worker.dropped += [number for number in numbers if number in worker.known]
                worker.known.difference_update(numbers)
