"""The loop for one source: fetch, read, normalise. Plain data in, plain data out, no database."""

import io
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from ingest import normalise
from ingest.errors import FetchError, ParseError, SourceError
from ingest.fetch import redact, retry_after
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
from ingest.sources import HEAD, kind
from ingest.sources.answers import body_hash, classify
from ingest.sources.markup import is_html

__all__ = ["harvest", "read"]

T = TypeVar("T")

#: One request in, an answer out; raises FetchError.
Get = Callable[[Request], Response]


def harvest(
    source: Source, get: Get, log: list[Fetched], *, more: Callable[[], bool] = lambda: True,
    unbelieved: Collection[str] = (),
) -> Iterator[Batch]:  # fmt: skip
    """Everything one source has to say now, a batch a page, in the order in which it must be stored.

    `log` is where `get` notes each request; it is emptied into the batches. `more` says whether to go on: it is
    asked between requests, so that a signal or a deadline ends the source in good order, at a page's end.
    `unbelieved` are addresses to ask unconditionally, whatever the kind knows of them.
    A source that fails ends with a batch whose `error` says why; what came before it stands.
    """
    waiting = deque(kind(source.kind).start(source))
    while waiting and more():
        answer = _ask(get, waiting.popleft(), unbelieved)
        _note(source, answer, log)
        answer = _shown(source, answer)
        try:
            for page, last in _marked(kind(source.kind).read(source, answer)):
                waiting.extend(page.next)
                yield _batch(page, source, _drained(log), answer, last=last)
        except (FetchError, ParseError) as error:
            yield _failed(source, answer, error, _drained(log))
            return
    if log:
        yield Batch(fetches=_drained(log))


def read(source: Source, document: Response) -> Iterator[Batch]:
    """A saved document, a batch a page. Raises ParseError when it is not what the kind reads."""
    for page in kind(source.kind).read(source, document):
        yield _batch(page, source, (), None, last=False)


def _ask(get: Get, request: Request, unbelieved: Collection[str]) -> Response | FetchError:
    if request.url in unbelieved:
        request = replace(request, etag=None, last_modified=None)
    try:
        return get(request)
    except FetchError as error:
        error.request = request
        return error


def _drained(log: list[Fetched]) -> tuple[Fetched, ...]:
    rows = tuple(log)
    log.clear()
    return rows


def _marked(pages: Iterator[Page]) -> Iterator[tuple[Page, bool]]:
    """Each page, and whether the answer ends with it: one that breaks off has no such page."""
    held: Page | None = None
    try:
        for page in pages:
            if held is not None:
                yield held, False
            held = page
    except (FetchError, ParseError):
        if held is not None:
            yield held, False
        raise
    if held is not None:
        yield held, True


def _failed(source: Source, answer: Response | FetchError, error: SourceError, log: tuple[Fetched, ...]) -> Batch:
    """The batch that ends a source: what happened, in a word and in a sentence."""
    word = error.kind if isinstance(error, FetchError) else "unreadable"
    if isinstance(answer, Response) and isinstance(error, ParseError):
        said = classify(answer).word
        word = word if said == "content" else said
    there = _moved(source, answer)
    notes = (f"moved for good to {redact(there)}, which does not answer as a {source.kind}",) if there else ()
    return Batch(
        fetches=log, error=str(error), trouble=word, retry_after=_wait(answer, source.now), notes=notes
    )  # fmt: skip


# ---- 200, but the same ----------------------------------------------------------------------------------


def _note(source: Source, answer: Response | FetchError, log: list[Fetched]) -> None:
    """Say in the log what an answer with status 200 really is: one already seen, a bot wall, a login page."""
    if not isinstance(answer, Response) or not log or log[-1].outcome not in {"ok", "auth", "server_error", "status"}:
        return
    word = "same" if _is_same(source, answer) else classify(answer).word
    if word != "content":
        log[-1] = replace(log[-1], outcome=word)


def _shown(source: Source, answer: Response | FetchError) -> Response | FetchError:
    """What the kind is shown: a 304 in place of a body that it has read already.

    Where a server has validators and we sent none, as once a day, the body is read whole all the same: the kind takes
    note that it has looked.
    """
    if not isinstance(answer, Response) or source.full or not _is_same(source, answer):
        return answer
    asked = answer.request
    unasked = not (asked.etag or asked.last_modified)
    if unasked and ("etag" in answer.headers or "last-modified" in answer.headers):
        return answer
    return replace(answer, status=304, stream=io.BytesIO())


def _is_same(source: Source, answer: Response) -> bool:
    """Whether the body has been read already.

    With `validators_tell`, new validators over an old body are news by themselves: the Last-Modified of a WordPress
    feed moves with the edit of a page, or of a post too old to stand in it.
    """
    if answer.status != 200 or not answer.request.context.get("remember"):
        return False
    etag, modified, before = source.validators.get(answer.request.url, (None, None, None))
    told = (answer.headers.get("etag"), answer.headers.get("last-modified"))
    if answer.request.context.get("validators_tell") and told != (etag, modified):
        return False
    return before is not None and before == body_hash(answer)


def _is_document(answer: Response) -> bool:
    """Whether an answer is content: nobody's wall, and a web page only where one was asked for."""
    if classify(answer).word not in {"content", "unchanged"}:
        return False
    wants_html = "html" in answer.request.headers.get("Accept", "")
    return wants_html or answer.status == 304 or not is_html(answer.body[:HEAD])


def _validators(page: Page, answer: Response) -> dict[str, tuple[str | None, str | None, str | None]]:
    """What to remember of an answer that was read to its end; one with trouble in it is to be read again."""
    if answer.status != 200 or page.trouble or not (answer.request.context.get("remember") and _is_document(answer)):
        return {}
    etag, modified = answer.headers.get("etag"), answer.headers.get("last-modified")
    return {answer.request.url: (etag, modified, body_hash(answer))}


# ---- moved for good -------------------------------------------------------------------------------------


def _moved(source: Source, answer: Response | FetchError) -> str | None:
    """Where the source's own door went by permanent redirects alone: its endpoint there; None when it did not move."""
    if not isinstance(answer, Response) or answer.moved_to is None:
        return None
    door, asked = source.endpoint or source.url, answer.request.url
    rest = asked[len(door) :]
    if not asked.startswith(door) or not answer.moved_to.endswith(rest) or (rest and source.endpoint is None):
        return None
    there = answer.moved_to.removesuffix(rest)
    return there if there != door else None


# ---- pages to batches -----------------------------------------------------------------------------------


def _wait(answer: Response | FetchError, now: str) -> int | None:
    """Seconds the host asks us to stay away; only a refusing answer's word counts (RFC 9110 §10.2.3)."""
    if not isinstance(answer, Response) or answer.status not in {429, 503}:
        return None
    return retry_after(answer.headers, datetime.fromisoformat(now))


def _batch(
    page: Page, source: Source, fetches: tuple[Fetched, ...], answer: Response | FetchError | None, *, last: bool
) -> Batch:
    """A page with every rule applied; a post that no rule can save becomes a reject."""
    made = [normalise.post(item, source) for item in page.items if isinstance(item, PostItem)]
    whole = answer if last and isinstance(answer, Response) else None
    there = _moved(source, whole) if whole and not page.trouble and _is_document(whole) else None
    moved = (f"moved for good: {redact(source.endpoint or source.url)} -> {redact(there)}",) if there else ()
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
        validators=_validators(page, whole) if whole else {},
        notes=(*page.notes, *moved),
        trouble=page.trouble,
        retry_after=_wait(answer, source.now) if answer is not None else None,
        moved_to=there,
    )


def _of(items: Iterable[object], kind_of: type[T]) -> tuple[T, ...]:
    return tuple(item for item in items if isinstance(item, kind_of))
