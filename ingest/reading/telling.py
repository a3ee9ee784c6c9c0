"""What a process says to an answer; and that no answer keeps the others waiting."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ingest.fetch import redact
from ingest.records import Request, Response, Source

if TYPE_CHECKING:
    from ingest.reading.pool import Pool
    from ingest.reading.process import Said, Worker

__all__ = ["Telling", "size_of"]

#: Seconds of the processor that a document may take, and for each of its bytes, before it makes way for others that
#: wait. Usual are 0.01 s and 0.2 s a MB, 0.5 s for the slow parser; another machine may take three times as long.
_PATIENCE, _PER_BYTE = 0.1, 0.5 / 2**20


class _CrowdedError(Exception):
    """A document shall not keep the others waiting, and there is no place aside."""


class Telling(Iterator["Said"]):
    """What a process says to an answer, step by step; nobody else has the process until that is over, or closed.

    Raises ReadError when the process did not come to the end. A document that keeps others waiting goes on aside, or
    begins anew there when there is room: what is lost is no more than the patience with it.
    """

    def __init__(self, pool: Pool, worker: Worker, number: int, source: Source, answer: Response) -> None:
        self._pool, self._asked = pool, (number, source, answer)
        self._patience = _PATIENCE + _PER_BYTE * size_of(answer)
        self._told = 0
        self._worker: Worker | None = None
        self._steps: Iterator[Said] | None = self._begun(worker)
        #: Others of the same source, whose turn comes after this one.
        self.beside: Sequence[Telling] = ()

    def _begun(self, worker: Worker) -> Iterator[Said]:
        self._worker = worker
        try:
            worker.ask(*self._asked)
        except BaseException:
            self._let_go()
            raise
        return worker.says(redact(self._asked[2].url), lambda: self._look(worker))

    def _look(self, worker: Worker) -> None:
        if not self._pool.crowded or worker.spent() < self._patience:
            return
        for other in self.beside:
            if other is not self:
                other.postpone()
        if not worker.aside and not self._pool.makes_way(worker):
            raise _CrowdedError

    @property
    def is_postponed(self) -> bool:
        """Whether it has given its process back, and not begun anew."""
        return self._worker is None

    def onward(self, seconds: float) -> tuple[Request, ...]:
        """Where to go on, if that is what the process says next, and within so many seconds; it is still to be told."""
        said = self._worker.early(seconds) if self._worker is not None else None
        return said.step().next if said is not None else ()

    def postpone(self) -> None:
        """Give the process back, and begin anew aside when the turn has come."""
        if self._worker is not None and not self._worker.aside:
            self._let_go()
            self._steps = self._anew()

    def _anew(self) -> Iterator[Said]:
        yield from islice(self._begun(self._pool.aside()), self._told, None)

    def __next__(self) -> Said:
        if self._steps is None:
            raise StopIteration
        try:
            said = next(self._steps)
        except _CrowdedError:
            self.postpone()
            return next(self)
        except BaseException:
            self.close()
            raise
        self._told += 1
        return said

    def close(self) -> None:
        """Give the process back."""
        self._steps = None
        self._let_go()

    def _let_go(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            self._pool.give_back(worker)


def size_of(answer: Response) -> int:
    """Bytes of the body, without a copy of it."""
    size = answer.stream.seek(0, io.SEEK_END)
    answer.stream.seek(0)
    return size
