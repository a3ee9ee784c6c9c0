"""The processes that read, seen from the run: a document in, its steps out, and a new process for one that was lost.

Not `concurrent.futures`: its pool breaks whole when one process dies (measured).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from ingest.errors import FetchError, ReadError
from ingest.fetch import redact
from ingest.reading.document import Step, steps
from ingest.records import Response, Source

if TYPE_CHECKING:
    from ingest.reading.process import Worker

__all__ = ["NoProcessError", "Pool", "Reader", "Telling"]

#: Bytes of address space and seconds of the processor's time that one document may take. A page of 100 posts takes
#: 0.1 s; the largest answer that is taken (20 MiB) as a feed for the slow parser 25 s and 0.6 GB.
MEMORY_LIMIT, SECONDS = 2**30, 60

#: Processes for each of the pool's that may have made way at a time.
_ASIDE = 2


class Pool:
    """So many processes at most, started when there is something to read. Safe between threads."""

    def __init__(self, size: int, *, seconds: int = SECONDS, memory: int = MEMORY_LIMIT) -> None:
        self._size, self._seconds, self._memory = size, seconds, memory
        self._free = threading.Semaphore(size)
        #: Processes that may be started for those that make way.
        self._spare = threading.Semaphore(size * _ASIDE)
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
        self._free.acquire()
        return self._begun(number, source, answer)

    def try_to_begin(self, number: int, source: Source, answer: Response) -> Telling | None:
        """Let a process read an answer; None where none is free, and none can be started. Raises ReadError."""
        if not self._free.acquire(blocking=False):
            return None
        try:
            return self._begun(number, source, answer)
        except NoProcessError:
            return None

    def _begun(self, number: int, source: Source, answer: Response) -> Telling:
        told = Telling(self, self._take(), redact(answer.url))
        try:
            told.worker.ask(number, source, answer)
        except BaseException:
            told.close()
            raise
        return told

    def give_back(self, worker: Worker) -> None:
        """Whoever had a process needs it no longer."""
        self._give(worker)
        (self._spare if worker.aside else self._free).release()

    def make_way(self, worker: Worker) -> None:
        """One document takes long: it shall not keep the others waiting."""
        if not worker.aside and self._spare.acquire(blocking=False):
            worker.aside = True
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, worker.process.pid, 19)
            self._free.release()

    def _take(self) -> Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.process.poll() is None:
                    return worker
                self._all.discard(worker)  # somebody ended it while it had nothing to do: no document's fault
                worker.end()
        try:
            return self._made()
        except OSError as error:  # no more processes, no more descriptors
            self._free.release()
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


class Telling(Iterator[Step]):
    """What a process says to an answer, step by step; nobody else has the process until that is over, or closed.

    Raises ReadError when the process did not come to the end.
    """

    def __init__(self, pool: Pool, worker: Worker, url: str) -> None:
        self._pool, self.worker = pool, worker
        self._steps: Iterator[Step] | None = worker.steps(url, pool.make_way)

    def __next__(self) -> Step:
        if self._steps is None:
            raise StopIteration
        try:
            return next(self._steps)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the process back."""
        if self._steps is not None:
            self._steps = None
            self._pool.give_back(self.worker)


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
