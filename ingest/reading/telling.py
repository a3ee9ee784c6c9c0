"""What a process says to an answer; and that no answer keeps the others waiting."""

from __future__ import annotations

import io
import select
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.errors import ReadError
from ingest.fetch import redact
from ingest.records import Request, Response, Source

if TYPE_CHECKING:
    from ingest.reading.pool import Pool
    from ingest.reading.process import Said, Worker

__all__ = ["Telling", "size_of"]

#: Seconds of the processor that a document may take, and for each of its bytes, before it makes way for others that
#: wait. Usual are 0.01 s and 0.2 s a MB, 0.5 s for the slow parser; another machine may take three times as long.
_PATIENCE, _PER_BYTE = 0.1, 0.5 / 2**20
#: Seconds between two looks at whether a document keeps others waiting.
_LOOK = 0.05
#: Messages of a document that are taken in before its turn: where to go on, and a page.
_KEPT = 2


class Telling(Iterator["Said"]):
    """What a process says to an answer, step by step; nobody else has the process until that is over, or closed.

    Raises ReadError when the process did not come to the end. A document that keeps others waiting goes on aside, or
    begins anew there when there is room: what is lost is no more than the patience with it.
    """

    def __init__(self, pool: Pool, worker: Worker, number: int, source: Source, answer: Response) -> None:
        self._pool, self._asked = pool, (number, source, answer)
        #: All of the same source: they are heard while this one's turn lasts, lest their processes wait to be.
        self.beside: Callable[[], Sequence[Telling]] = tuple
        #: Told when the process is free, because all was heard.
        self.freed: Callable[[], None] = lambda: None
        self._patience = _PATIENCE + _PER_BYTE * size_of(answer)
        #: What was heard and not told, how much was heard in all, and how much of that comes again.
        self._unread: deque[Said | ReadError] = deque()
        self._heard = self._again = 0
        #: Whether all was heard.
        self._over = False
        #: Seconds waited for it.
        self._waited = 0.0
        self._worker: Worker | None = None
        self._begin(worker)

    def _begin(self, worker: Worker) -> None:
        self._worker, self._again = worker, self._heard
        try:
            worker.ask(*self._asked)
        except BaseException:
            self._let_go()
            raise

    @property
    def holds(self) -> bool:
        """Whether it has a process."""
        return self._worker is not None

    @property
    def is_postponed(self) -> bool:
        """Whether it has given its process back before the end, and not begun anew."""
        return self._worker is None and not self._over

    def __next__(self) -> Said:
        while not self._unread:
            if self._over:
                raise StopIteration
            try:
                self._wait()
            except BaseException:
                self.close()
                raise
        said = self._unread.popleft()
        if isinstance(said, ReadError):
            raise said
        return said

    def _wait(self) -> None:
        """Hear whoever says something, for a moment; whoever keeps others waiting makes way. Raises ReadError."""
        worker = self._worker
        if worker is None:
            worker = self._pool.aside()
            self._begin(worker)
        elif self._pool.crowded and worker.spent() >= self._patience:
            self._make_way(worker)
            return
        began = time.monotonic()
        others = [one for one in self.beside() if one is not self and len(one._unread) < _KEPT]  # noqa: SLF001
        speaking = _speaking([self, *others], _LOOK)
        self._waited += time.monotonic() - began
        for one in speaking:
            one.hear()
        if self not in speaking and self._waited > worker.limit:
            url = redact(self._asked[2].url)
            raise ReadError(url, "read_too_slow", f"reading it takes longer than {worker.limit:g} s")

    def hear(self) -> None:
        """Take in one message of its process, and give the process back after the last one."""
        worker = self._worker
        if worker is None:
            return
        try:
            said = worker.receive(redact(self._asked[2].url))
        except ReadError as error:  # told in its turn
            self._unread.append(error)
            self._over = True
        else:
            if said is not None and said.is_step:
                self._keep(said)
            self._over = worker.at_rest
        if self._over:
            self._let_go()
            self.freed()

    def _keep(self, said: Said) -> None:
        if self._again:
            self._again -= 1
            return
        self._heard += 1
        self._unread.append(said)

    def onward(self, seconds: float) -> tuple[Request, ...]:
        """Where to go on, if that is what it says first, and within so many seconds; it is still to be told."""
        until = time.monotonic() + seconds
        while not self._unread and _speaking([self], max(until - time.monotonic(), 0)):
            self.hear()
        first = self._unread[0] if self._unread else None
        return first.step().next if first is not None and not isinstance(first, ReadError) and first.is_early else ()

    def _make_way(self, worker: Worker) -> None:
        for other in self.beside():
            if other is not self:
                other.postpone()
        if not worker.aside and not self._pool.makes_way(worker):
            self.postpone()

    def postpone(self) -> None:
        """Give the process back, and begin anew aside when the turn has come."""
        if self._worker is not None and not self._worker.aside:
            self._let_go()

    def close(self) -> None:
        """Give the process back; nothing is told any more."""
        self._over = True
        self._unread.clear()
        self._let_go()

    def _let_go(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            self._pool.give_back(worker)


def _speaking(tellings: Sequence[Telling], seconds: float) -> list[Telling]:
    """Those whose process has something to say within so many seconds; at once when there is one."""
    found = {one._worker.fileno(): one for one in tellings if one._worker is not None}  # noqa: SLF001
    poll = select.poll()
    for descriptor in found:
        poll.register(descriptor, select.POLLIN)
    return [found[descriptor] for descriptor, _ in poll.poll(seconds * 1000)] if found else []


def size_of(answer: Response) -> int:
    """Bytes of the body, without a copy of it."""
    size = answer.stream.seek(0, io.SEEK_END)
    answer.stream.seek(0)
    return size
