"""The documents of one source's run, and the processes that read them, each in its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import FetchError, ReadError
from ingest.reading.document import Step, steps
from ingest.records import Request, Response, Source

if TYPE_CHECKING:
    from ingest.reading.pool import Pool
    from ingest.reading.telling import Telling

__all__ = ["Reader"]


@dataclass(eq=False, slots=True)
class _Document:
    """One that a process reads, or will read."""

    asked: tuple[int, Source, Response]
    telling: Telling | None = None
    #: Why it could not be begun ahead of its turn.
    trouble: ReadError | None = None


class Reader:
    """Reads the documents of one source's run: a `sync.Reading`.

    They are told in their order. One that was given before its turn is begun as soon as there is a process for it.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        #: Those that are not told to their end, in the order in which they were given.
        self._documents: list[_Document] = []
        #: Every form of the source that was met (a stand-in is another): it is told to a process once.
        self._known: list[tuple[int, Source]] = []

    @property
    def at_rest(self) -> bool:
        """Whether it holds no process: only then may its source be left waiting."""
        return not any(telling.holds for telling in self._tellings())

    def _tellings(self) -> list[Telling]:
        return [document.telling for document in self._documents if document.telling is not None]

    def __call__(self, source: Source, answer: Response | FetchError) -> Iterator[Step]:
        """As `document.steps`. What is no document, such as a 304, is answered here.

        A process has the answer at once, if there is one to be had. Whoever holds one already never waits for another:
        two that do, for each other's, would wait for ever. Raises ReadError.
        """
        if not isinstance(answer, Response) or answer.status == 304 or not answer.stream.read(1):
            return steps(source, answer)
        answer.stream.seek(0)
        document = _Document((self._number(source), source, answer))
        if self.at_rest:
            self._begin(document, self._pool.begin)
        self._documents.append(document)
        self._begin_next()
        return self._read(document)

    def onward(self, seconds: float) -> tuple[Request, ...]:
        """Where the document that was given last says to go on, if it does within so many seconds."""
        telling = self._documents[-1].telling if self._documents else None
        return telling.onward(seconds) if telling is not None else ()

    def _begin(self, document: _Document, begin: Callable[[int, Source, Response], Telling | None]) -> None:
        document.telling = telling = begin(*document.asked)
        if telling is not None:
            telling.beside, telling.freed = self._tellings, self._begin_next

    def _begin_next(self) -> None:
        """Let a process that is free have the first document that waits for one."""
        for document in self._documents:
            if document.telling is None and document.trouble is None:
                try:
                    self._begin(document, self._pool.try_to_begin)
                except ReadError as error:  # of that document, and not of the one whose turn it is
                    document.trouble = error
                return
            if document.telling is not None and document.telling.is_postponed:
                return

    def _read(self, document: _Document) -> Iterator[Step]:
        """One step ahead, so that the process is given back before the last step is out: whoever has it may be slow."""
        try:
            if document.trouble is not None:
                raise document.trouble
            if document.telling is None:
                self._begin(document, self._pool.begin)
            yield from self._told(document)
        finally:
            self._let_go(document)

    def _told(self, document: _Document) -> Iterator[Step]:
        found = document.telling
        assert found is not None  # noqa: S101  (for the type: it has begun)
        before = next(found, None)
        while before is not None:
            if before.is_early:  # where to go on, while the posts are being made
                yield before.step()
                before = next(found, None)
                continue
            after = None if before.is_last else next(found, None)
            yield before.step()
            before = after

    def _let_go(self, document: _Document) -> None:
        if document.telling is not None:
            document.telling.close()
        if document in self._documents:
            self._documents.remove(document)

    def _number(self, source: Source) -> int:
        for number, known in self._known:
            if known is source:
                return number
        self._known.append((next(self._pool.numbers), source))
        return self._known[-1][0]

    def close(self) -> None:
        """The run of the source is over."""
        for document in list(self._documents):
            self._let_go(document)
        self._pool.forget([number for number, _ in self._known])
        self._known.clear()
