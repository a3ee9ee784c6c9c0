"""Sitemaps (https://www.sitemaps.org/protocol.html): which pages there are, and which of them changed.

An index leads to its sitemaps one after the other, a sitemap to its pages; what has to be remembered on the way goes
along in the requests' contexts, because pages are read long after the sitemap that names them. A page is asked for
when it is not known yet, and conditionally when its `lastmod` is later than the last one of a walk that ended; never
where that lies before the day `since`:

    cursor = {"lastmod": {"https://…/sitemap-1.xml": "2026-…Z"}}
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest import dates, urls
from ingest.errors import ParseError
from ingest.records import LeftOut, Page, Request, Response, Source
from ingest.sources.since import is_older, known
from ingest.sources.slices import Slicer, TooManyAttributesError, mended
from ingest.sources.xmltree import local, tree

__all__ = ["after", "first", "page_request", "read"]

#: Of one sitemap, by the protocol: 50,000 addresses, 50 MiB.
LONGEST = 50 * 2**20
MOST = 50_000
#: Sitemaps of one index that are read.
MOST_SITEMAPS = 1000

#: Sitemaps that list no writing: archives of terms and authors (WordPress core, Yoast, Rank Math, All in One SEO).
_ARCHIVES = re.compile(
    r"/(?:wp-sitemap-(?:taxonomies|users)-|(?:category|post_tag|tag|author|product_cat|product_tag|local|image|video)"
    r"[\w-]*-?sitemap)[^/]*\.xml",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry of a sitemap or of an index."""

    url: str
    #: UTC, None when there is none that can be read.
    lastmod: str | None
    is_sitemap: bool
    #: As much of that day as it says.
    day: str | None = None


def first(source: Source) -> Request:
    """The request for the source's sitemap."""
    wish = source.options["sitemap"]
    url = wish if isinstance(wish, str) else urls.absolute("/sitemap.xml", source.url) or source.url
    return _sitemap_request(url, {})


def page_request(source: Source, url: str, context: Mapping[str, Any]) -> Request:
    """The request for a page, conditional when it was read before."""
    etag, modified, _ = (None, None, None) if source.full else source.validators.get(url, (None, None, None))
    return Request(url, "page", {**context, "remember": True}, {"Accept": "text/html"}, etag, modified)


def read(source: Source, document: Response) -> Page:
    """The requests that a sitemap leads to. Raises ParseError when it is none."""
    places, trouble = _places(document)
    context = document.request.context
    waiting = list(context.get("waiting", ()))
    if any(place.is_sitemap for place in places):
        named = [p.url for p in places if p.is_sitemap and not _ARCHIVES.search(p.url)][:MOST_SITEMAPS]
        return _following([*named, *waiting], dict(context.get("done", {})), source, trouble)
    return _pages(source, document.request, places, waiting, trouble)


def after(request: Request) -> dict[str, Any]:
    """What a Page has besides its items once the last page of a sitemap was read: `cursor` and `next`."""
    if "done" not in request.context:
        return {}
    following = _following(list(request.context.get("waiting", ())), dict(request.context["done"]), None, "")
    return {"cursor": following.cursor, "next": following.next}


def _pages(source: Source, asked: Request, places: list[_Place], waiting: list[str], trouble: str) -> Page:
    """The pages of one sitemap that are new or changed; the last of them carries on."""
    before = dict(source.cursor.get("lastmod", {})).get(asked.url)
    young = [place for place in places if not is_older(source, place.day)]  # published before it was last changed
    left_out = (LeftOut("page", count=len(places) - len(young)),) if len(young) < len(places) else ()
    wanted = [place.url for place in young if _is_wanted(source, place, before)]
    newest = max((place.lastmod for place in places if place.lastmod), default=before)
    done = {**asked.context.get("done", {}), **({asked.url: newest} if newest else {})}
    if not wanted:
        return replace(_following(waiting, done, source, trouble), left_out=left_out)
    requests = [page_request(source, url, {"listed": True}) for url in wanted[:-1]]
    last = page_request(source, wanted[-1], {"listed": True, "done": done, "waiting": waiting})
    return Page(next=(*requests, last), left_out=left_out, trouble=trouble)


def _following(waiting: list[str], done: dict[str, str], source: Source | None, trouble: str) -> Page:
    """On to the next sitemap; at the end, the cursor."""
    if waiting:
        return Page(next=(_sitemap_request(waiting[0], {"waiting": waiting[1:], "done": done}),), trouble=trouble)
    known = dict(source.cursor.get("lastmod", {})) if source is not None else {}
    return Page(cursor={"lastmod": {**known, **done}}, trouble=trouble)


def _is_wanted(source: Source, place: _Place, before: str | None) -> bool:
    """New to us, or changed since the last walk that ended; a page without `lastmod` is read once.

    An address that is known and never was read is another source's business.
    """
    if source.full or place.url not in source.validators:
        return True
    read = any(source.validators[place.url])
    return bool(read and place.lastmod and (before is None or place.lastmod > before))


def _sitemap_request(url: str, context: Mapping[str, Any]) -> Request:
    return Request(url, "sitemap", context, {"Accept": "application/xml, text/xml, text/plain;q=0.9"})


def _places(document: Response) -> tuple[list[_Place], str]:
    """The entries on the sitemap's own host (the protocol allows no others), and `truncated` when it is cut."""
    body = _unpacked(document)
    host = {urls.host_of(document.url)}
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        found, trouble = [_Place(url, None, is_sitemap=False) for url in _lines(body)], ""
    else:
        slicer = Slicer(io.BytesIO(body), lambda name: name.rpartition(":")[2] in {"url", "sitemap"}, deepest=1)
        try:
            found = [place for part in slicer if (place := _place(part.raw, slicer)) is not None]
        except TooManyAttributesError as error:
            raise ParseError(document.url, f"not a sitemap that can be read: {error}") from error
        trouble = "truncated" if slicer.broken else ""
        if b"urlset" not in slicer.outside and b"sitemapindex" not in slicer.outside:
            raise ParseError(document.url, "not a sitemap")
    kept = {place.url: place for place in found[:MOST] if urls.is_internal(place.url, host)}
    if not kept and not found and trouble:
        raise ParseError(document.url, "a sitemap that is damaged before its first entry")
    return list(kept.values()), trouble


def _place(raw: bytes, slicer: Slicer) -> _Place | None:
    from xml.etree.ElementTree import ParseError as XmlError  # noqa: PLC0415

    try:
        element = tree(mended(raw)[0], slicer.opening.decode(), slicer.closing.decode())
    except XmlError:
        return None
    said = {local(str(child.tag))[1]: (child.text or "").strip() for child in element}
    url = urls.absolute(said.get("loc", ""))
    at = dates.parse(said.get("lastmod"))
    return _Place(url, at.utc, local(element.tag)[1] == "sitemap", known(at)) if url else None


def _lines(body: bytes) -> Iterator[str]:
    """A sitemap in plain text: an address a line, in UTF-8."""
    for line in body.decode("utf-8", "replace").lstrip("\ufeff").splitlines()[:MOST]:
        url = urls.absolute(line.strip()) if line.strip().startswith(("http://", "https://")) else None
        if url:
            yield url


def _unpacked(document: Response) -> bytes:
    """The sitemap; `sitemap.xml.gz` is a compressed file, which HTTP does not undo."""
    body = document.body
    if not body.startswith(b"\x1f\x8b"):
        return body
    stream = zlib.decompressobj(31)
    try:
        found = stream.decompress(body, LONGEST + 1)
    except zlib.error as error:
        raise ParseError(document.url, f"not a sitemap: {error}") from error
    if len(found) > LONGEST or not stream.eof:
        raise ParseError(document.url, "a compressed sitemap that is cut, or over 50 MiB")
    return found
