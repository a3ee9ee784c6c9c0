"""What a feed says of itself: its site, its authors, its rhythm, and where it goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingest import urls
from ingest.records import PersonRef, SiteItem
from ingest.sources.feed.document import Document
from ingest.sources.feed.values import as_html, part_of, people, text_of, values

__all__ = ["Channel", "channel_of"]

#: `sy:updatePeriod` in seconds (RSS 1.0 Syndication module).
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_GENERATOR_WORDPRESS = re.compile(r"wordpress", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Channel:
    """What holds for every entry of a feed."""

    #: Home address of the site; None when the feed names none.
    home: str | None = None
    language: str | None = None
    #: Whether it is Atom, where text constructs have types.
    atom: bool = False
    #: Authors of the feed, who are those of its entries that name none (RFC 4287 §4.2.1).
    authors: tuple[PersonRef, ...] = ()
    site: SiteItem | None = None
    wordpress: bool = False
    #: Seconds between two looks that the publisher suggests.
    interval: int | None = None
    #: The feed's own address, and the next older part of it (RFC 5005), as written.
    own: str = ""
    older: str = ""


def channel_of(document: Document) -> Channel:
    """What the feed says of itself, every part of it optional."""
    data = document.channel
    atom = document.version.startswith("atom")
    home = urls.absolute(_home(data), document.url) if _home(data) else None
    language = text_of(data, "language") or _language(data)
    generator = text_of(data, "generator")
    said = f"{generator} {text_of(part_of(data, 'generator_detail'), 'href')}"
    return Channel(
        home=home,
        language=language or None,
        atom=atom,
        authors=people(data) if atom else (),
        site=_site(data, home, language, generator, atom=atom) if home else None,
        wordpress=bool(_GENERATOR_WORDPRESS.search(said)),
        interval=_interval(data),
        own=_link(data, "self"),
        older=_link(data, "prev-archive") or _link(data, "next"),
    )


def _site(data: dict[str, Any], home: str, language: str, generator: str, *, atom: bool) -> SiteItem:
    return SiteItem(
        home=home,
        name=as_html(data, "title", atom=atom) or None,
        description=as_html(data, "subtitle", atom=atom) or None,
        language=language or None,
        generator=generator or None,
    )


def _home(data: dict[str, Any]) -> str:
    """The channel's link. A feed that links to itself only names no site."""
    link = text_of(data, "link")
    return "" if link and link == _link(data, "self") and not _link(data, "alternate") else link


def _link(data: dict[str, Any], rel: str) -> str:
    for link in values(data, "links"):
        if text_of(link, "rel").lower() == rel and text_of(link, "href"):
            return text_of(link, "href")
    return ""


def _language(data: dict[str, Any]) -> str:
    return text_of(part_of(data, "title_detail"), "language")


def _interval(data: dict[str, Any]) -> int | None:
    """`ttl` is in minutes (RSS 2.0); `sy:updateFrequency` times in one `sy:updatePeriod`. The longer wish counts."""
    ttl = _whole(text_of(data, "ttl"))
    period = _PERIODS.get(text_of(data, "sy_updateperiod").lower())
    times = _whole(text_of(data, "sy_updatefrequency")) or 1
    wishes = [ttl * 60 if ttl else 0, period // times if period else 0]
    return max(wishes) or None


def _whole(value: str) -> int | None:
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
