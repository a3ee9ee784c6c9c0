"""The loop for one source: fetch, read, normalise. Plain data in, plain data out, no database."""

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


def harvest(
    source: Source, get: Get, log: list[Fetched], *, more: Callable[[], bool] = lambda: True,
    unbelieved: Collection[str] = (), reading: Reading = steps,
) -> Iterator[Batch]:  # fmt: skip
    """Everything one source has to say now, a batch a page, in the order in which it must be stored.

    `log` is where `get` notes each request; it is emptied into the batches. `more` says whether to go on: it is
    asked between requests while there is one to send, so that a signal or a deadline ends the source in good order.
    `unbelieved` are addresses to ask unconditionally, whatever the kind knows of them.
    A source that fails ends with a batch whose `error` says why; what came before it stands.
    """
    waiting = deque(kind(source.kind).start(source))
    while waiting and more():
        answer = _believed(source, _ask(get, waiting.popleft(), unbelieved))
        same = isinstance(answer, Response) and is_same(source, answer)
        try:
            for step in reading(source, shown(source, answer, same=same)):
                _note(log, answer, "same" if same else step.outcome)
                waiting.extend(step.next)
                if step.batch is not None:
                    yield replace(step.batch, fetches=_drained(log))
                    if step.batch.error is not None:
                        return
        except ReadError as error:
            yield replace(failed(source, answer, error), fetches=_drained(log))
            return
    if log:
        yield Batch(fetches=_drained(log))


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
    rows = tuple(log)
    log.clear()
    return rows


def _note(log: list[Fetched], answer: Response | FetchError, word: str) -> None:
    """Say in the log what an answer with status 200 really is: one already seen, a bot wall, a login page."""
    if isinstance(answer, Response) and log and log[-1].outcome in _BARE and word != "content":
        log[-1] = replace(log[-1], outcome=word)
