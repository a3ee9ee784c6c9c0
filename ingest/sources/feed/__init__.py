"""Feeds: RSS 0.9x to 2.0, RDF and Atom through feedparser, JSON Feed 1.x by a mapping of our own.

A poll is one conditional GET; that validators are not believed for longer than a day holds for every kind, and is not
decided here. `history` says how older entries are reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from ingest.errors import FetchError
from ingest.records import Item, Page, PostItem, Reject, Request, Response, Source
from ingest.sources.content import SAVED, content
from ingest.sources.feed import history
from ingest.sources.feed.channel import Channel, channel_of
from ingest.sources.feed.comments import is_comment, is_comment_feed, is_reply
from ingest.sources.feed.document import AT_ONCE, Document, Entry, open_document
from ingest.sources.feed.entries import post_item
from ingest.sources.markup import beginning, is_feed, is_wxr
from ingest.sources.since import is_before

__all__ = ["NEEDS_HELD", "claims", "read", "start"]

NEEDS_HELD = False

_JSON = re.compile(
    r"\{.*?\"(?:version\"\s*:\s*\"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/|(?:feed_url|home_page_url)\"\s*:)",
    re.DOTALL,
)


def claims(head: bytes) -> bool:
    """Whether these first bytes begin a feed, in XML or in JSON; a WordPress export is RSS, and not ours."""
    text = beginning(head)
    if text.startswith("{"):
        return _JSON.match(text) is not None
    return is_feed(head) and not is_wxr(head)


def start(source: Source) -> list[Request]:
    """The feed, conditionally when it is known; and the page of its history at which the last run stopped."""
    url = source.endpoint or source.url
    etag, modified, _ = source.validators.get(url, (None, None, None))
    if source.full or source.cursor.get("cut") or not source.cursor:
        etag = modified = None
    # WordPress compares the validator as a string: with the `W/` that nginx puts before it, nothing ever matches.
    etag = etag.removeprefix("W/") if etag else None
    first = Request(url, "feed", {"remember": True}, {"Accept": history.ACCEPT}, etag, modified)
    waiting = history.pending(source)
    return [first, waiting] if waiting else [first]


def read(source: Source, answer: Response | FetchError) -> Iterator[Page]:
    """The posts of a feed, at most a hundred items a Page; the last Page has the cursor and the next request.

    A 304 is one Page with nothing in it; so is the 404 at the end of a WordPress feed's pages. Raises ParseError for
    what is no feed, and the FetchError itself.
    """
    if isinstance(answer, Response) and answer.request.what == "history" and answer.status in {404, 410}:
        yield Page(cursor=history.cursor(source, answer.request, None))
        return
    if isinstance(answer, Response) and answer.request.what == "edited" and answer.status != 200:
        yield Page()  # a courtesy of WordPress that something between us does not extend
        return
    document = content(answer)
    if document is None:
        yield Page()
        return
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
