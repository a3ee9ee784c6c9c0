"""What there is beyond a REST API: how much a feed gives, and where a sitemap is. Pure, like the rest of discovery."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ingest.discover.places import origin
from ingest.errors import FetchError, SourceError
from ingest.records import PostItem, Request, Response, Source
from ingest.sources import HEAD, kind
from ingest.sources.markup import beginning, root_tag

__all__ = ["Gives", "gives", "is_sitemap", "sitemap"]

#: Where sitemaps are by custom: the protocol's own place, Yoast's, the core's (WordPress 5.5).
_PLACES = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
_IN_ROBOTS = re.compile(r"(?im)^\s*sitemap\s*:\s*(https?://\S+)")


@dataclass(frozen=True, slots=True)
class Gives:
    """How much a feed gives."""

    posts: int
    #: Whole posts, and not only their beginnings.
    full: bool
    #: Older posts than it shows can be reached through it.
    history: bool

    def __str__(self) -> str:
        what = "whole posts" if self.full else "summaries"
        return f"{what}, {'with its history' if self.history else f'the latest {self.posts} alone'}"


def gives(feed: Response) -> Gives | None:
    """How much a feed gives, by reading it; None when it cannot be read."""
    source = Source("feed", feed.url, now="2000-01-01T00:00:00Z")
    try:
        pages = list(kind("feed").read(source, replace(feed, request=Request(feed.url, "feed"))))
    except SourceError:
        return None
    posts = [item for page in pages for item in page.items if isinstance(item, PostItem)]
    full = sum(post.rank == "feed" for post in posts)
    return Gives(len(posts), bool(posts) and 2 * full >= len(posts), any(page.next for page in pages))


def is_sitemap(page: Response) -> bool:
    """Whether an answer is a sitemap in XML, or one that is compressed."""
    head = page.body[:HEAD]
    if head.startswith(b"\x1f\x8b"):
        return page.url.endswith(".gz")
    return page.status == 200 and root_tag(beginning(head)) in {"urlset", "sitemapindex"}


def sitemap(url: str, ask: Callable[[str, str], Response]) -> str | None:
    """The address of the sitemap of the site at `url`; None when it has none."""
    for place in dict.fromkeys(_places(origin(url), ask)):
        try:
            if is_sitemap(ask(place, "a sitemap")):
                return place
        except FetchError:
            continue
    return None


def _places(site: str, ask: Callable[[str, str], Response]) -> Iterator[str]:
    try:
        robots = ask(f"{site}/robots.txt", "its sitemaps")
        if robots.status == 200:
            yield from _IN_ROBOTS.findall(robots.body[:500_000].decode("utf-8", "replace"))[:5]
    except FetchError:
        pass
    yield from (site + place for place in _PLACES)
