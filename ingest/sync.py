"""The loop for one source: fetch, read, normalise. Plain data in, plain data out, no database."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from ingest import normalise
from ingest.errors import FetchError, ParseError
from ingest.fetch import retry_after
from ingest.records import (
    Batch,
    CommentItem,
    Fetched,
    MediumItem,
    Page,
    PersonItem,
    Post,
    PostItem,
    Reject,
    Request,
    Response,
    SiteItem,
    Source,
    TermItem,
)
from ingest.sources import kind
from ingest.sources.answers import body_hash

__all__ = ["harvest", "read"]

T = TypeVar("T")

#: One request in, an answer out; raises FetchError.
Get = Callable[[Request], Response]


def harvest(
    source: Source, get: Get, log: list[Fetched], *, more: Callable[[], bool] = lambda: True
) -> Iterator[Batch]:
    """Everything one source has to say now, a batch a page, in the order in which it must be stored.

    `log` is where `get` notes each request; it is emptied into the batches. `more` says whether to go on: it is
    asked between requests, so that a signal or a deadline ends the source in good order, at a page's end.
    A source that fails ends with a batch whose `error` says why; what came before it stands.
    """
    waiting = deque(kind(source.kind).start(source))
    while waiting and more():
        request = waiting.popleft()
        answer = _ask(get, request)
        try:
            for page in kind(source.kind).read(source, answer):
                waiting.extend(page.next)
                yield _batch(page, source, _drained(log), answer)
        except (FetchError, ParseError) as error:
            yield Batch(
                fetches=_drained(log), error=str(error), trouble=_word(error), retry_after=_wait(answer, source.now)
            )
            return
    if log:
        yield Batch(fetches=_drained(log))


def read(source: Source, document: Response) -> Iterator[Batch]:
    """A saved document, a batch a page. Raises ParseError when it is not what the kind reads."""
    for page in kind(source.kind).read(source, document):
        yield _batch(page, source, (), None)


def _ask(get: Get, request: Request) -> Response | FetchError:
    try:
        return get(request)
    except FetchError as error:
        error.request = request
        return error


def _drained(log: list[Fetched]) -> tuple[Fetched, ...]:
    rows = tuple(log)
    log.clear()
    return rows


def _word(error: Exception) -> str:
    return error.kind if isinstance(error, FetchError) else "unreadable"


def _wait(answer: Response | FetchError, now: str) -> int | None:
    """Seconds the host asks us to stay away; only a refusing answer's word counts (RFC 9110 §10.2.3)."""
    if not isinstance(answer, Response) or answer.status not in {429, 503}:
        return None
    return retry_after(answer.headers, datetime.fromisoformat(now))


def _batch(page: Page, source: Source, fetches: tuple[Fetched, ...], answer: Response | FetchError | None) -> Batch:
    """A page with every rule applied; a post that no rule can save becomes a reject."""
    made = [normalise.post(item, source) for item in page.items if isinstance(item, PostItem)]
    return Batch(
        posts=_of(made, Post),
        sites=_of(page.items, SiteItem),
        terms=_of(page.items, TermItem),
        people=_of(page.items, PersonItem),
        media=_of(page.items, MediumItem),
        comments=_of(page.items, CommentItem),
        rejects=(*_of(page.items, Reject), *_of(made, Reject)),
        gone=page.gone,
        announced=page.announced,
        cursor=page.cursor,
        fetches=fetches,
        validators=_validators(answer),
        notes=page.notes,
        trouble=page.trouble,
        retry_after=_wait(answer, source.now) if answer is not None else None,
        moved_to=answer.moved_to if isinstance(answer, Response) else None,
    )


def _of(items: Iterable[object], kind_of: type[T]) -> tuple[T, ...]:
    return tuple(item for item in items if isinstance(item, kind_of))


def _validators(answer: Response | FetchError | None) -> dict[str, tuple[str | None, str | None, str | None]]:
    """What to remember of an answer that the kind wants to ask conditionally next time."""
    if not isinstance(answer, Response) or answer.status != 200 or not answer.request.context.get("remember"):
        return {}
    etag, modified = answer.headers.get("etag"), answer.headers.get("last-modified")
    return {answer.request.url: (etag, modified, body_hash(answer))}
