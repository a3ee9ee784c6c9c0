"""The processes that read, seen from the run: a document in, its steps out, and a new process for one that was lost.

Not `concurrent.futures`: its pool breaks whole when one process dies (measured).
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from ingest.errors import FetchError, ReadError
from ingest.fetch import redact
from ingest.reading.document import Step, steps, together
from ingest.records import Response, Source

if TYPE_CHECKING:
    from ingest.reading.process import Worker

__all__ = ["Pool", "Reader"]

#: Bytes of address space and seconds of the processor's time that one document may take. A page of 100 posts takes
#: 0.1 s; the largest answer that is taken (20 MiB) as a feed for the slow parser 25 s and 0.6 GB.
MEMORY_LIMIT, SECONDS = 2**30, 60

#: Processes for each of the pool's that may have made way at a time.
_ASIDE = 2
#: Bytes from which on an answer is shared among idle processes: below, what each does twice outweighs it.
_LONG = 100_000


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

    def read(self, number: int, source: Source, answer: Response) -> Iterator[Step]:
        """An answer, step by step. Raises ReadError when a process that read it did not come to the end.

        A long answer is shared among the processes that have nothing to do: each makes its part of the posts.
        """
        workers = self._taken(shared=_size(answer) >= _LONG)
        try:
            for n, worker in enumerate(workers):
                worker.ask(number, source, answer, (n, len(workers)))
            url = redact(answer.url)
            for parts in zip(*(worker.steps(url, self._make_way) for worker in workers), strict=True):
                yield together(parts)
        finally:
            for worker in workers:
                self._give(worker)
                (self._spare if worker.aside else self._free).release()

    def _make_way(self, worker: Worker) -> None:
        """One document takes long: it shall not keep the others waiting."""
        if not worker.aside and self._spare.acquire(blocking=False):
            worker.aside = True
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, worker.process.pid, 19)
            self._free.release()

    def _taken(self, *, shared: bool) -> list[Worker]:
        """A process, when there is one to be had; `shared`: and all that are idle now."""
        self._free.acquire()
        found = [self._take()]
        while shared and self._free.acquire(blocking=False):
            try:
                found.append(self._take())
            except ReadError:  # no further one can be started: what is there does it alone
                break
        return found

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
            raise ReadError("", "read_died", f"no process to read in can be started: {error.strerror}") from error

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


def _size(answer: Response) -> int:
    """Bytes of the body, without a copy of it."""
    size = answer.stream.seek(0, io.SEEK_END)
    answer.stream.seek(0)
    return size


class Reader:
    """Reads the documents of one source's run: a `sync.Reading`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        #: Whether it holds no process: only then may its source be left waiting.
        self.at_rest = True
        #: Every form of the source that was met (a stand-in is another): it is told to a process once.
        self._known: list[tuple[int, Source]] = []

    def __call__(self, source: Source, answer: Response | FetchError) -> Iterator[Step]:
        """As `document.steps`. What is no document, such as a 304, is answered here."""
        if not isinstance(answer, Response) or answer.status == 304 or not answer.stream.read(1):
            return steps(source, answer)
        answer.stream.seek(0)
        return self._read(source, answer)

    def _read(self, source: Source, answer: Response) -> Iterator[Step]:
        """One step ahead, so that the process is given back before the last step is out: whoever has it may be slow."""
        found = self._pool.read(self._number(source), source, answer)
        try:
            before = next(found, None)
            while before is not None:
                after = next(found, None)
                self.at_rest = after is None
                yield before
                before = after
        finally:
            self.at_rest = True

    def _number(self, source: Source) -> int:
        for number, known in self._known:
            if known is source:
                return number
        self._known.append((next(self._pool.numbers), source))
        return self._known[-1][0]

    def close(self) -> None:
        """The run of the source is over."""
        self._pool.forget([number for number, _ in self._known])
        self._known.clear()
