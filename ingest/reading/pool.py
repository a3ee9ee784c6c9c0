"""The processes that read, seen from the run: a document in, its steps out, and a new process for one that was lost.

Not `concurrent.futures`: its pool breaks whole when one process dies (measured).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from ingest.errors import FetchError, ReadError
from ingest.reading.document import Step, steps
from ingest.reading.places import Places
from ingest.reading.telling import Telling, size_of
from ingest.records import Response, Source

if TYPE_CHECKING:
    from ingest.reading.process import Worker

__all__ = ["NoProcessError", "Pool", "Reader"]

#: Bytes of address space and seconds of the processor's time that one document may take. A page of 100 posts takes
#: 0.1 s; the largest answer that is taken (20 MiB) as a feed for the slow parser 25 s and 0.6 GB.
MEMORY_LIMIT, SECONDS = 2**30, 60

#: Processes beside the pool's, for each of those, that read what shall not keep others waiting.
_ASIDE = 2
#: Bytes from which on a document makes way from the start: twice as much as most pages of 100 posts have.
_BIG = 4_000_000


class Pool:
    """So many processes at most, started when there is something to read. Safe between threads."""

    def __init__(self, size: int, *, seconds: int = SECONDS, memory: int = MEMORY_LIMIT) -> None:
        self._size, self._seconds, self._memory = size, seconds, memory
        self._places, self._aside = Places(size), Places(size * _ASIDE)
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._lock = threading.Lock()
        self._closed = False
        self.numbers = count(1)

    def reader(self) -> Reader:
        """What reads the documents of one source's run."""
        return Reader(self)

    def warm(self, count: int) -> None:
        """Start processes for so many documents that are sure to come, so that they are ready when those are there."""
        for _ in range(min(count, self._size) - len(self.pids())):
            with suppress(OSError):  # whoever needs it will say so
                self._give(self._made())

    def pids(self) -> list[int]:
        """The processes that are there now."""
        with self._lock:
            return [worker.process.pid for worker in self._all]

    def close(self) -> None:
        """End them all, whatever they are doing.

        Who reads from one closes its connection: a number that is closed twice may be another file's by then.
        """
        with self._lock:
            self._closed = True
            workers, self._all = self._all, set()
            idle, self._idle = self._idle, []
        for worker in workers:
            worker.kill()
        for worker in idle:
            worker.end()

    def begin(self, number: int, source: Source, answer: Response) -> Telling:
        """Let a process read an answer, as soon as one is free. Raises ReadError."""
        if size_of(answer) >= _BIG and self._places.taken:
            return Telling(self, self.aside(), number, source, answer)
        self._places.take()
        return Telling(self, self._take(self._places), number, source, answer)

    def try_to_begin(self, number: int, source: Source, answer: Response) -> Telling | None:
        """Let a process read an answer; None where none is free, and none can be started. Raises ReadError."""
        if not self._places.try_to_take():
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
        """A process for a place that was taken; one that goes aside is a new one."""
        with self._lock:
            while self._idle and places is self._places:
                worker = self._idle.pop()
                if worker.process.poll() is None:
                    return worker
                self._all.discard(worker)  # somebody ended it while it had nothing to do: no document's fault
                worker.end()
        try:
            return self._made()
        except OSError as error:  # no more processes, no more descriptors
            places.give()
            raise NoProcessError("", "read_died", f"no process to read in can be started: {error.strerror}") from error

    def _made(self) -> Worker:
        from ingest.reading.process import Worker  # noqa: PLC0415  (8 ms of a start, where there is nothing to read)

        worker = Worker(self._seconds, self._memory)
        with self._lock:
            self._all.add(worker)
        return worker

    def _give(self, worker: Worker) -> None:
        """Back to the others; one that is in the middle of something is ended."""
        with self._lock:
            keep = worker.at_rest and not worker.aside and not self._closed
            if keep:
                self._idle.append(worker)
            else:
                self._all.discard(worker)
        if not keep:
            worker.end()

    def forget(self, numbers: list[int]) -> None:
        """No document of these sources comes any more."""
        with self._lock:
            for worker in self._all:
                worker.dropped += [number for number in numbers if number in worker.known]
                worker.known.difference_update(numbers)


class NoProcessError(ReadError):
    """None is there, and the system starts no further one."""


class Reader:
    """Reads the documents of one source's run: a `sync.Reading`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        #: The processes that it holds.
        self._held = list[Telling]()
        #: Every form of the source that was met (a stand-in is another): it is told to a process once.
        self._known: list[tuple[int, Source]] = []

    @property
    def at_rest(self) -> bool:
        """Whether it holds no process: only then may its source be left waiting."""
        return not self._held

    def __call__(self, source: Source, answer: Response | FetchError) -> Iterator[Step]:
        """As `document.steps`. What is no document, such as a 304, is answered here.

        A process has the answer at once, if there is one to be had. Whoever holds one already never waits for another:
        two that do, for each other's, would wait for ever.
        """
        if not isinstance(answer, Response) or answer.status == 304 or not answer.stream.read(1):
            return steps(source, answer)
        answer.stream.seek(0)
        begin = self._pool.begin if self.at_rest else self._pool.try_to_begin
        found = begin(self._number(source), source, answer)
        self._held += [found] if found else []
        return self._read(source, answer, found)

    def _read(self, source: Source, answer: Response, found: Telling | None) -> Iterator[Step]:
        """One step ahead, so that the process is given back before the last step is out: whoever has it may be slow."""
        if found is None:
            found = self._pool.begin(self._number(source), source, answer)
            self._held.append(found)
        found.beside = self._held
        try:
            before = next(found, None)
            while before is not None:
                if before.batch is None:  # where to go on, while the posts are being made
                    yield before
                    before = next(found, None)
                    continue
                after = next(found, None)
                if after is None:
                    self._held.remove(found)
                yield before
                before = after
        finally:
            self._let_go(found)

    def _let_go(self, found: Telling) -> None:
        found.close()
        if found in self._held:
            self._held.remove(found)

    def _number(self, source: Source) -> int:
        for number, known in self._known:
            if known is source:
                return number
        self._known.append((next(self._pool.numbers), source))
        return self._known[-1][0]

    def close(self) -> None:
        """The run of the source is over."""
        for found in list(self._held):
            self._let_go(found)
        self._pool.forget([number for number, _ in self._known])
        self._known.clear()
