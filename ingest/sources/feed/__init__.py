"""Feeds: RSS 0.9x to 2.0, RDF and Atom through feedparser, JSON Feed 1.x by a mapping of our own.

A poll is one conditional GET; that validators are not believed for longer than a day holds for every kind, and is not
decided here. `history` says how older entries are reached, `pages` reads what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.errors import FetchError
from ingest.records import Page, Request, Response, Source
from ingest.sources.content import content
from ingest.sources.feed import history
from ingest.sources.markup import beginning, is_feed, is_wxr

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
    from ingest.sources.feed.pages import pages  # noqa: PLC0415  (10 ms of a start; most polls are answered with 304)

    yield from pages(source, document)
