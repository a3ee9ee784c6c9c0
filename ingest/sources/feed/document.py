"""A body to feedparser's entries, each with the bytes that were sent for it.

A feed of the common kind is read in one pass, without feedparser (`onepass`). Any other that is well-formed is cut into
its entries first (`slices`), and feedparser is given a hundred at a time within the elements that stood around them:
the same answers as for the whole document, in less memory, and an entry on which feedparser fails costs only itself.
A feed that is damaged in the middle goes through feedparser's loose parser as a whole. feedparser is only ever given a
BytesIO: given bytes or text, it opens the files and addresses named in them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.charset import decode
from ingest.errors import ParseError
from ingest.records import Reject, Response
from ingest.sources.ampersands import with_ampersands
from ingest.sources.answers import html_title
from ingest.sources.feed import onepass
from ingest.sources.feed.own_entities import declared, in_place, strange
from ingest.sources.markup import beginning, is_feed, is_html, root_tag
from ingest.sources.slices import Slice, Slicer, TooManyAttributesError, is_sound, mended

__all__ = ["AT_ONCE", "Document", "Entry", "open_document"]

#: Entries given to feedparser at a time.
AT_ONCE = 100
#: How far into a document its root is looked for.
HEAD = 64 * 1024

_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{4000,}")
_DOCTYPE = re.compile(rb"<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_ROOT_END = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)\s*>", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ENTRY_ALONE = re.compile(rb"\s*<(?:([\w.-]+):)?(item|entry)\b")
#: What the entries of a feed are found in when one is read again by itself.
_AROUND = {
    b"item": (b"rss", b"channel"),
    b"entry": (b"feed",),
}
_ATOM_SPACE = "http://www.w3.org/2005/Atom"
_RSS_SPACE = "http://purl.org/rss/1.0/"
_NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "georss": "http://www.georss.org/georss",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "thr": "http://purl.org/syndication/thread/1.0",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as feedparser sees it, and what was sent for it."""

    data: dict[str, Any]
    raw: bytes
    #: `replaced:3`: so many bytes of it could not be read.
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A feed that is ready to be read."""

    url: str
    #: As it was sent.
    body: bytes
    #: UTF-8.
    data: bytes
    #: The bytes of the entries that are still to be read.
    slices: tuple[Slice, ...]
    #: Start tags, and end tags, of what stood around each entry.
    around: tuple[bytes, bytes]
    #: The feed as feedparser sees it: `link`, `title`, …
    channel: dict[str, Any]
    version: str
    #: Whether it ends in the middle of something.
    truncated: bool
    flags: tuple[str, ...] = ()
    #: The entries that were read with the whole: of the common kind, or damaged in the middle, which cannot be cut.
    ready: tuple[Entry, ...] = ()
    #: What the entities that it declares itself stand for.
    entities: Mapping[bytes, bytes] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Entry | Reject]:
        """The entries in the order of the document, those that cannot be read as Rejects."""
        yield from self.ready
        for start in range(0, len(self.slices), AT_ONCE):
            yield from self._some(self.slices[start : start + AT_ONCE])

    def _some(self, slices: tuple[Slice, ...]) -> Iterator[Entry | Reject]:
        found = [mended(in_place(part.raw, self.entities)) for part in slices]
        whole = self._whole(with_ampersands("".join(text for text, _ in found)))
        try:
            quick = onepass.read(whole, root_tag(whole[:HEAD].decode("utf-8", "replace")))
            entries = quick.entries if quick and quick.entries else _parsed(self.url, whole)["entries"]
        except ParseError as error:
            if len(slices) == 1:
                yield Reject(f"an entry that cannot be read: {error.cause}", slices[0].raw, "post")
                return
            entries = []
        hidden = strange(self.entities)
        if len(entries) == len(slices) or len(slices) == 1:
            for number, data in enumerate(entries):
                at = number if len(slices) > 1 else 0
                part, lost = slices[at], found[at][1]
                flags = self.flags or ((f"replaced:{lost}",) if lost else ())
                alone = self.data is self.body and in_place(part.raw, hidden) is part.raw
                yield Entry(data, part.raw if alone else self.body, flags)
            return
        for part in slices:
            yield from self._some((part,))

    def _whole(self, entries: str) -> bytes:
        doctype = _DOCTYPE.search(self.data[:HEAD])
        opening, closing = self.around
        return (doctype[0] if doctype else b"") + opening + entries.encode() + closing


def open_document(answer: Response) -> Document:
    """The feed in an answer. Raises ParseError, in words for people, when there is none in it."""
    url, body = answer.url, answer.body
    if not body.strip():
        raise ParseError(url, f"not a feed: the answer is empty ({len(body)} bytes)")
    found = decode(body, header=answer.charset, kind="xml")
    data = body if found.used == "utf-8" else found.text.encode()
    data = _alone(data)
    if not is_feed(data[:HEAD]):
        raise ParseError(url, f"not a feed: {_what(data[:HEAD])}")
    if data is body and (quick := _quick(url, data)) is not None:
        return quick
    entities = declared(data)
    slicer = Slicer(io.BytesIO(data), _is_entry)
    try:
        slices = tuple(slicer)
    except TooManyAttributesError as error:
        raise ParseError(url, f"not a feed that can be read: {error}") from error
    flags = (f"replaced:{found.replaced}",) if found.replaced and data is not body else ()
    if slicer.irregular or (slicer.broken and not slicer.truncated):
        return _damaged(url, body, in_place(data, entities), found.replaced)
    outside = _parsed(url, with_ampersands(mended(in_place(slicer.outside, entities))[0]).encode())
    around = slicer.opening, slicer.closing
    version = outside.get("version", "")
    return Document(
        url, body, data, slices, around, outside["feed"], version, slicer.truncated, flags, entities=entities
    )


def _quick(url: str, data: bytes) -> Document | None:
    """A feed of the common kind; a reference to no character in its CDATA would have to be mended there."""
    found = onepass.read(data, root_tag(beginning(data[:HEAD])))
    if found is None or not is_sound(data):
        return None
    ready = tuple(Entry(entry, data[begin:end]) for entry, (begin, end) in zip(found.entries, found.spans, strict=True))
    return Document(url, data, data, (), (b"", b""), found.channel, found.version, truncated=False, ready=ready)


def _damaged(url: str, body: bytes, data: bytes, replaced: int) -> Document:
    """A feed that is no XML: as a whole through feedparser's loose parser, up to its last whole entry if it is cut."""
    if any(tag[0].count(b"=") > 1000 for tag in _LONG_TAG.finditer(data)):
        raise ParseError(url, "not a feed that can be read: a tag with more than 1,000 attributes")
    truncated = _ROOT_END.search(data[-1000:]) is None
    if truncated:
        last = max((end.end() for end in _ENTRY_END.finditer(data)), default=None)
        data = data[: last or max(0, data.rfind(b"<"))]
    text, _ = mended(data)
    whole = _parsed(url, with_ampersands(text).encode())
    flags = ("damaged", *((f"replaced:{replaced}",) if replaced else ()))
    version = whole.get("version", "")
    ready = tuple(Entry(entry, body, flags) for entry in whole["entries"])
    return Document(url, body, data, (), (b"", b""), whole["feed"], version, truncated, flags, ready)


def _alone(data: bytes) -> bytes:
    """An entry by itself, as it is kept in the corpus, within what a feed has around it; anything else as it is."""
    entry = _ENTRY_ALONE.match(data)
    if entry is None:
        return data
    names = _AROUND[entry[2]]
    home = _RSS_SPACE if entry[2] == b"item" else _ATOM_SPACE
    spaces = {**_NAMESPACES, **({entry[1].decode(): home} if entry[1] else {})}
    declared = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in spaces.items())
    own = ' version="2.0"' if entry[2] == b"item" else f' xmlns="{_ATOM_SPACE}"'
    opening = b"<" + names[0] + (own + declared).encode() + b">" + b"".join(b"<" + name + b">" for name in names[1:])
    return opening + data + b"".join(b"</" + name + b">" for name in reversed(names))


def _parsed(url: str, data: bytes) -> dict[str, Any]:
    """What feedparser makes of UTF-8 bytes: neither sanitised nor resolved, which `normalise` does for every kind."""
    import feedparser  # noqa: PLC0415  (100 ms, and `claims` needs none of it)

    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        found: dict[str, Any] = feedparser.parse(  # type: ignore[attr-defined, no-untyped-call]
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # its parsers raise whatever a stranger's bytes lead to
        raise ParseError(url, f"not a feed that can be read: {type(error).__name__}: {str(error)[:200]}") from error
    return found


def _is_entry(name: str) -> bool:
    return name.rpartition(":")[2] in {"item", "entry"}


def _what(head: bytes) -> str:
    """What a document is that is no feed, for people."""
    if is_html(head):
        title = html_title(head)
        return f"a web page titled {title!r}" if title else "a web page"
    start = " ".join(head[:200].decode("utf-8", "replace").split())[:60]
    return f"it begins with {start!r}"
