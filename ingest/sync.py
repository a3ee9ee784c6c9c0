"""The loop for one source: fetch, read, normalise. Plain data in, plain data out, no database."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from ingest.errors import FetchError, ReadError
from ingest.fetch import redact
from ingest.reading.document import Step, failed, is_same, shown, steps
from ingest.records import Batch, Fetched, Request, Response, Source
from ingest.sources import kind

__all__ = ["Get", "Reading", "harvest"]

#: One request in, an answer out; raises FetchError.
Get = Callable[[Request], Response]
#: How an answer is read: `reading.document.steps` here, or by a process of its own; may raise ReadError.
Reading = Callable[[Source, Response | FetchError], Iterator[Step]]

#: Outcomes that say no more than the status, so that the body may say better.
_BARE = frozenset({"ok", "auth", "server_error", "status"})
#: Where an answer took longer, its turn at the host included, in seconds, the next one is not asked for while its posts
#: are being made: that takes 0.06 s for 100, little beside such an answer, and a run that is killed loses both.
_QUICK = 0.05


def harvest(
    source: Source, get: Get, log: list[Fetched], *, more: Callable[[], bool] = lambda: True,
    unbelieved: Collection[str] = (), reading: Reading = steps, ahead: Callable[[], bool] = lambda: False,
) -> Iterator[Batch]:  # fmt: skip
    """Everything one source has to say now, a batch a page, in the order in which it must be stored.

    `log` is where `get` notes each request; it is emptied into the batches. `more` says whether to go on: it is
    asked between requests while there is one to send, so that a signal or a deadline ends the source in good order.
    `unbelieved` are addresses to ask unconditionally, whatever the kind knows of them. `ahead` says whether a page may
    be asked for while the posts of the one before it are still being made.
    A source that fails ends with a batch whose `error` says why; what came before it stands.
    """
    waiting = deque(kind(source.kind).start(source))
    while waiting and more():
        answer: _Answer | None = _Answer(source, get, waiting.popleft(), unbelieved, log, reading)
        while answer is not None:
            following: _Answer | None = None
            for step in answer.steps():
                waiting.extend(step.next)
                if step.batch is not None:
                    yield step.batch
                    if step.batch.error is not None:
                        return
                elif following is None and waiting and answer.quick and ahead() and more():
                    following = _Answer(source, get, waiting.popleft(), unbelieved, log, reading)
            answer = following
    if log:
        yield Batch(fetches=_drained(log))


class _Answer:
    """A request from the moment it is sent; what goes wrong with it is told when its turn has come."""

    def __init__(
        self, source: Source, get: Get, request: Request, unbelieved: Collection[str], log: list[Fetched],
        reading: Reading,
    ) -> None:  # fmt: skip
        self._source, self._log = source, log
        self._steps: Iterator[Step] = iter(())
        self._raised: Exception | None = None
        before, began = len(log), time.monotonic()
        try:
            self._answer = _believed(source, _ask(get, request, unbelieved))
            #: Whether it was here before anybody could wait for it.
            self.quick = time.monotonic() - began < _QUICK
            self._same = isinstance(self._answer, Response) and is_same(source, self._answer)
            self._steps = reading(source, shown(source, self._answer, same=self._same))
        except Exception as error:  # noqa: BLE001  (raised by `steps`)
            self._raised = error
        #: The last row that it has in the log.
        self._row = log[-1] if len(log) > before else None

    def steps(self) -> Iterator[Step]:
        """What it says, with its rows of the log. Raises what its request raised."""
        try:
            if self._raised is not None:
                raise self._raised
            for step in self._steps:
                self._note("same" if self._same else step.outcome)
                yield step if step.batch is None else self._logged(step, step.batch)
        except ReadError as error:
            yield self._logged(Step(None), failed(self._source, self._answer, error))

    def _logged(self, step: Step, batch: Batch) -> Step:
        """A step with all rows of the log up to the last of this answer."""
        count = next((n for n, row in enumerate(self._log, 1) if row is self._row), 0)
        return Step(replace(batch, fetches=_drained(self._log, count)), step.next, step.outcome)

    def _note(self, word: str) -> None:
        """Say in the log what an answer with status 200 really is: one already seen, a bot wall, a login page."""
        row = self._row
        if isinstance(self._answer, Response) and row is not None and row.outcome in _BARE and word != "content":
            self._row = replace(row, outcome=word)
            self._log[:] = [self._row if one is row else one for one in self._log]


def _ask(get: Get, request: Request, unbelieved: Collection[str]) -> Response | FetchError:
    if request.url in unbelieved:
        request = replace(request, etag=None, last_modified=None)
    try:
        return get(request)
    except FetchError as error:
        error.request = request
        return error


def _believed(source: Source, answer: Response | FetchError) -> Response | FetchError:
    """The answer; but "not modified" to a question without a condition says nothing of a body that was never had."""
    if not isinstance(answer, Response) or answer.status != 304:
        return answer
    asked = answer.request
    if asked.etag or asked.last_modified or asked.url in source.validators:
        return answer
    error = FetchError(redact(asked.url), "bad_http", "304 (not modified) to a request that named no earlier answer")
    error.request = asked
    return error


def _drained(log: list[Fetched], count: int | None = None) -> tuple[Fetched, ...]:
    """The first so many rows, or all; they are in the log no longer."""
    rows = tuple(log[:count])
    del log[:count]
    return rows
