"""One answer, read and normalised: pages to batches. Pure; the step of a run that a worker process does."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from ingest import normalise, urls
from ingest.errors import FetchError, ParseError, ReadError, SourceError
from ingest.records import (
    Batch,
    CommentItem,
    LeftOut,
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
    flat,
    unflat,
)
from ingest.sources import HEAD, kind
from ingest.sources.answers import body_hash, classify
from ingest.sources.freshness import fresh_for
from ingest.sources.markup import is_html
from ingest.sources.since import is_before

__all__ = ["Step", "failed", "is_same", "read", "shown", "steps"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """What one page of an answer came to, or where to go on from it, as soon as that is known."""

    #: What is to be stored; None where it is still to come, and where the answer has no page at all.
    batch: Batch | None
    #: Where to go on.
    next: tuple[Request, ...] = ()
    #: What an answer with status 200 really is, in the words of `sources.answers`; `content` when it is what we want.
    outcome: str = "content"
    #: Whether it is known to be the last one.
    last: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        if self.batch is None or not self.batch.posts:
            return Step, (self.batch, self.next, self.outcome, self.last)
        rest = Step(replace(self.batch, posts=()), self.next, self.outcome, self.last)
        return _step, (rest, tuple(map(flat, self.batch.posts)))


def _step(rest: Step, posts: tuple[tuple[Any, ...], ...]) -> Step:
    """A step that comes from another process, with its posts' payloads packed."""
    assert rest.batch is not None  # noqa: S101  (for the type: it has posts)
    return replace(rest, batch=replace(rest.batch, posts=tuple(map(unflat, posts))))


def steps(source: Source, answer: Response | FetchError) -> Iterator[Step]:
    """An answer, page by page; at least one step. One that cannot be read ends with a batch whose `error` says why.

    Where a page says where to go on, that is a step of its own before its posts are made, which takes six times as
    long as decoding them: the next page may be on its way meanwhile.
    """
    outcome, found = classify(answer).word if isinstance(answer, Response) else "content", False
    try:
        for page, last in _marked(kind(source.kind).read(source, answer)):
            found, following = True, tuple(page.next)
            if following and page.items:
                yield Step(None, following, outcome)
                following = ()
            yield Step(_batch(page, source, answer, last=last), following, outcome, last)
    except (FetchError, ParseError) as error:
        yield Step(failed(source, answer, error), outcome=outcome)
    else:
        if not found:
            yield Step(None, outcome=outcome)


def read(source: Source, document: Response) -> Iterator[Batch]:
    """A saved document, a batch a page. Raises ParseError when it is not what the kind reads."""
    for page in kind(source.kind).read(source, document):
        yield _batch(page, source, None, last=False)


def _made(page: Page, source: Source) -> Sequence[Post | Reject | LeftOut]:
    """The posts of a page with every rule applied; one that no rule can save becomes a reject.

    One from before the day `since` is left out, unless it is known to be held: such a post is kept true.
    """
    items = [item for item in page.items if isinstance(item, PostItem)]
    if not source.options.get("since"):
        return [normalise.post(item, source) for item in items]
    held = source.held.posts
    return [
        LeftOut(item.type, item.remote_id, url=urls.absolute(item.url, source.home or item.home) if item.url else None)
        if is_before(source, item) and item.remote_id not in held.get(item.type, ())
        else normalise.post(item, source)
        for item in items
    ]


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


def failed(source: Source, answer: Response | FetchError, error: SourceError) -> Batch:
    """The batch that ends a source: what happened, in a word and in a sentence."""
    word = error.kind if isinstance(error, FetchError | ReadError) else "unreadable"
    if isinstance(answer, Response) and word == "unreadable":
        said = classify(answer).word
        word = word if said == "content" else said
    there = _moved(source, answer)
    notes = (f"moved for good to {_redacted(there)}, which does not answer as a {source.kind}",) if there else ()
    return Batch(error=str(error), trouble=word, retry_after=_wait(answer, source.now), notes=notes)


# ---- 200, but the same ----------------------------------------------------------------------------------


def shown(source: Source, answer: Response | FetchError, *, same: bool) -> Response | FetchError:
    """What the kind is shown: a 304 in place of a body that it has read already (`same`).

    Where a server has validators and we sent none, as once a day, the body is read whole all the same: the kind takes
    note that it has looked.
    """
    if not isinstance(answer, Response) or source.full or not same:
        return answer
    asked = answer.request
    unasked = not (asked.etag or asked.last_modified)
    if unasked and ("etag" in answer.headers or "last-modified" in answer.headers):
        return answer
    return replace(answer, status=304, stream=io.BytesIO())


def is_same(source: Source, answer: Response) -> bool:
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


def _redacted(url: str) -> str:
    from ingest.fetch import redact  # noqa: PLC0415  (70 ms of a reading process's start, for the few that move)

    return redact(url)


# ---- pages to batches -----------------------------------------------------------------------------------


def _wait(answer: Response | FetchError, now: str) -> int | None:
    """Seconds the host asks us to stay away; only a refusing answer's word counts (RFC 9110 §10.2.3)."""
    if not isinstance(answer, Response) or answer.status not in {429, 503}:
        return None
    from ingest.fetch import retry_after  # noqa: PLC0415  (70 ms of a reading process's start, for the few that refuse)

    return retry_after(answer.headers, datetime.fromisoformat(now))


def _batch(page: Page, source: Source, answer: Response | FetchError | None, *, last: bool) -> Batch:
    """All that a page says."""
    made = _made(page, source)
    whole = answer if last and isinstance(answer, Response) else None
    there = _moved(source, whole) if whole and not page.trouble else None
    there = there if whole and there and _is_document(whole) else None
    moved = (f"moved for good: {_redacted(source.endpoint or source.url)} -> {_redacted(there)}",) if there else ()
    stays = fresh_for(whole.headers) if whole and whole.request.context.get("remember") else None
    notes = (*page.notes, *moved, *((f"cache:{stays}",) if stays else ()))
    return Batch(
        posts=_of(made, Post),
        sites=_of(page.items, SiteItem),
        terms=_of(page.items, TermItem),
        people=_of(page.items, PersonItem),
        media=_of(page.items, MediumItem),
        comments=_of(page.items, CommentItem),
        rejects=(*_of(page.items, Reject), *_of(made, Reject)),
        gone=page.gone,
        left_out=(*page.left_out, *_of(made, LeftOut)),
        announced=page.announced,
        cursor=_cursor(page, source),
        validators=_validators(page, whole) if whole else {},
        notes=notes,
        trouble=page.trouble,
        retry_after=_wait(answer, source.now) if answer is not None else None,
        moved_to=there,
    )


def _cursor(page: Page, source: Source) -> Mapping[str, Any] | None:
    """What to go on from, and the day from which on the source is collected, which no kind has a say in."""
    day = source.options.get("since")
    return page.cursor if page.cursor is None or not day else {**page.cursor, "since": day}


def _of(items: Iterable[object], kind_of: type[T]) -> tuple[T, ...]:
    return tuple(item for item in items if isinstance(item, kind_of))
