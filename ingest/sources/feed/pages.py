"""A feed that is there: its entries as pages of items, the last with the cursor and the next request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from ingest.records import Item, Page, PostItem, Reject, Response, Source
from ingest.sources.content import SAVED
from ingest.sources.feed import history
from ingest.sources.feed.channel import Channel, channel_of
from ingest.sources.feed.comments import is_comment, is_comment_feed, is_reply
from ingest.sources.feed.document import AT_ONCE, Document, Entry, open_document
from ingest.sources.feed.entries import post_item
from ingest.sources.markup import beginning
from ingest.sources.since import is_before

__all__ = ["pages"]


def pages(source: Source, document: Response) -> Iterator[Page]:
    """The posts of a feed, at most a hundred items a Page. Raises ParseError for what is no feed."""
    if beginning(_head(document)).startswith("{"):
        from ingest.sources.feed.jsonfeed import open_json  # noqa: PLC0415  (1 ms of every start, and rare)

        feed = open_json(document)
        yield from _pages(source, document, feed.channel, feed, truncated=feed.truncated)
        return
    found = open_document(document)
    channel = channel_of(found)
    yield from _pages(source, document, channel, _posts(found, channel), truncated=found.truncated)


def _posts(document: Document, channel: Channel) -> Iterator[PostItem | Reject | None]:
    """The posts of a feed in XML; None in place of a comment."""
    entries = iter(document)
    first = list(islice(entries, AT_ONCE))
    replies = all(isinstance(entry, Entry) and is_reply(entry.data) for entry in first)
    for entry in chain(first, entries):
        if isinstance(entry, Reject):
            yield entry
        else:
            yield None if replies or is_comment(entry.data) else post_item(entry, channel)


def _pages(
    source: Source,
    answer: Response,
    channel: Channel,
    posts: Iterable[PostItem | Reject | None],
    *,
    truncated: bool,
) -> Iterator[Page]:
    seen: list[str] = []
    comments = young = 0
    items: list[Item] = [channel.site] if channel.site and answer.request.what in {"feed", SAVED} else []
    for post in posts:
        if post is None:
            comments += 1
            continue
        items.append(post)
        seen.append(history.identity(post))
        young += isinstance(post, Reject) or not is_before(source, post)
        if len(items) >= AT_ONCE:
            yield Page(items=tuple(items))
            items = []
    yield _last(
        source, answer, channel, items, seen, comments=comments, truncated=truncated, older=bool(seen) and not young
    )


def _last(
    source: Source,
    answer: Response,
    channel: Channel,
    items: list[Item],
    seen: list[str],
    *,
    comments: int,
    truncated: bool,
    older: bool,
) -> Page:
    """The Page that ends a document: with what it says as a whole, and where to go on.

    Beyond a page that is `older` than all that is collected there is nothing to look for.
    """
    notes = [f"interval:{channel.interval}"] if channel.interval else []
    if not seen and (comments or is_comment_feed(answer.url, channel.own)):
        return Page(notes=("comment_feed", *notes))
    if not seen and not truncated:
        notes.append("empty")
    trouble = "truncated" if truncated else ""
    if answer.request.what in {SAVED, "edited"}:
        return Page(items=tuple(items), notes=tuple(notes), trouble=trouble)
    following = None if older else history.following(source, channel, answer, seen)
    if following is None and not older and answer.request.what != "history" and history.has_gap(source, seen):
        notes.append("gap")
    return Page(
        items=tuple(items),
        cursor=history.cursor(source, answer.request, following, seen, truncated=truncated),
        next=tuple(filter(None, (following, history.edited(source, channel, answer.request)))),
        notes=tuple(notes),
        trouble=trouble,
    )


def _head(document: Response) -> bytes:
    document.stream.seek(0)
    head = document.stream.read(4096)
    document.stream.seek(0)
    return head
