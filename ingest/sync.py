"""The loop for one source: fetch, read, normalise. Plain data in, plain data out, no database."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial

from ingest.errors import FetchError, ReadError
from ingest.fetch import redact
from ingest.reading.document import Step, failed, is_same, shown, steps
from ingest.records import Batch, Fetched, Request, Response, Source
from ingest.sources import kind

__all__ = ["Get", "Onward", "Reading", "harvest"]

#: One request in, an answer out; raises FetchError.
Get = Callable[[Request], Response]
#: How an answer is read: `reading.document.steps` here, or by a process of its own; may raise ReadError.
Reading = Callable[[Source, Response | FetchError], Iterator[Step]]
#: Seconds in, requests out.
Onward = Callable[[float], tuple[Request, ...]]

#: Outcomes that say no more than the status, so that the body may say better.
_BARE = frozenset({"ok", "auth", "server_error", "status"})
#: Where an answer took longer, its turn at the host included, in seconds, the next one is not asked for while its posts
#: are being made: that takes 0.06 s for 100, little beside such an answer, and a run that is killed loses both.
_QUICK = 0.05
#: So many seconds the page that was asked for ahead has to say where to go on: then the one after it is there by the
#: time a process is free for it. 100 posts are decoded in 0.01 s; over 5,000 a run takes a thirtieth less time.
_SOON = 0.05


def harvest(
    source: Source, get: Get, log: list[Fetched], *, more: Callable[[], bool] = lambda: True,
    unbelieved: Collection[str] = (), reading: Reading = steps, ahead: Callable[[], bool] = lambda: False,
    onward: Onward = lambda _: (),
) -> Iterator[Batch]:  # fmt: skip
    """Everything one source has to say now, a batch a page, in the order in which it must be stored.

    `log` is where `get` notes each request; it is emptied into the batches. `more` says whether to go on: it is
    asked between requests while there is one to send, so that a signal or a deadline ends the source in good order.
    `unbelieved` are addresses to ask unconditionally, whatever the kind knows of them. `ahead` says whether a page may
    be asked for while the posts of the one before it are still being made; `onward`, where the answer that `reading`
    was given last says to go on, if it does within so many seconds: the page after that may be on its way, too.
    A source that fails ends with a batch whose `error` says why; what came before it stands.
    """
    line = _Line(kind(source.kind).start(source), partial(_Answer, source, get, unbelieved, log, reading))
    while line and (line.is_sent or more()):
        answer: _Answer | None = line.take()
        while answer is not None:
            following: _Answer | None = None
            for step in answer.steps():
                line.extend(step.next)
                if step.batch is not None:
                    yield step.batch
                    if step.batch.error is not None:
                        return
                elif following is None and line and answer.quick and ahead() and (line.is_sent or more()):
                    following = line.take()
                    if following.quick and (after := onward(_SOON)) and ahead() and more():
                        line.ask_early(after[0])
            answer = following
    if log:
        yield Batch(fetches=_drained(log))


class _Line:
    """Requests in the order in which their answers are told; one of them may be sent before its turn."""

    def __init__(self, requests: Iterable[Request], asked: "Callable[[Request], _Answer]") -> None:
        self._waiting, self._asked = deque(requests), asked
        self._early: _Answer | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_sent(self) -> bool:
        """Whether the first one has been sent."""
        return self._early is not None and self._early.request is self._waiting[0]

    def extend(self, requests: Iterable[Request]) -> None:
        """These come last."""
        self._waiting.extend(requests)

    def ask_early(self, request: Request) -> None:
        """Send one that will be in the line."""
        if self._early is None:
            self._early = self._asked(request)

    def take(self) -> "_Answer":
        """The first one, sent."""
        if self._early is None or not self.is_sent:
            return self._asked(self._waiting.popleft())
        self._waiting.popleft()
        found, self._early = self._early, None
        return found


class _Answer:
    """A request from the moment it is sent; what goes wrong with it is told when its turn has come."""

    def __init__(
        self, source: Source, get: Get, unbelieved: Collection[str], log: list[Fetched], reading: Reading,
        request: Request,
    ) -> None:  # fmt: skip
        self.request = request
        #: Whether it was here before anybody could wait for it.
        self.quick = False
        self._source, self._log = source, log
        self._steps: Iterator[Step] = iter(())
        self._raised: Exception | None = None
        before, began = len(log), time.monotonic()
        try:
            self._answer = _believed(source, _ask(get, request, unbelieved))
            self.quick = time.monotonic() - began < _QUICK
            self._same = isinstance(self._answer, Response) and is_same(source, self._answer)
            self._steps = reading(source, shown(source, self._answer, same=self._same))
        except Exception as error:  # noqa: BLE001  (raised by `steps`)
            self._raised = error
        #: Its rows of the log, the last of them its own answer's.
        self._rows = log[before:]

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
        """A step with the rows of the log that are this answer's, as long as they are there."""
        own, others = list[Fetched](), list[Fetched]()
        for row in self._log:
            (own if any(row is one for one in self._rows) else others).append(row)
        self._log[:] = others
        return replace(step, batch=replace(batch, fetches=tuple(own)))

    def _note(self, word: str) -> None:
        """Say in the log what an answer with status 200 really is: one already seen, a bot wall, a login page."""
        row = self._rows[-1] if self._rows else None
        if isinstance(self._answer, Response) and row is not None and row.outcome in _BARE and word != "content":
            self._rows[-1] = replace(row, outcome=word)
            self._log[:] = [self._rows[-1] if one is row else one for one in self._log]


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


def _drained(log: list[Fetched]) -> tuple[Fetched, ...]:
    """All rows; they are in the log no longer."""
    rows = tuple(log)
    log.clear()
    return rows
