"""WordPress exports (WXR 1.0 to 1.2): what the owner of a site gets from Tools > Export.

The file is read as a stream: 1 GB takes the memory of its largest post. Drafts, private, pending and scheduled posts
only with `include_private`, comments only with `comments`; trash, auto-drafts and revisions never, nor what WordPress
and its plugins store as posts and never show (menus, templates, orders, forms). A file that is damaged gives what
came before the damage, and a Reject that says so.

Source: `export_wp()` in wp-admin/includes/export.php.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import ParseError as XmlError

from ingest.charset import codec_of, decode
from ingest.errors import FetchError, ParseError
from ingest.records import Item, Page, Reject, Request, Response, Source
from ingest.sources.content import content
from ingest.sources.markup import is_wxr
from ingest.sources.slices import Slice, Slicer, TooManyAttributesError, mended
from ingest.sources.wxr.comments import scrubbed
from ingest.sources.wxr.export import PARTS, Export
from ingest.sources.wxr.fields import Fields
from ingest.sources.xmltree import tree

__all__ = ["NEEDS_HELD", "claims", "read", "start"]

NEEDS_HELD = False

#: Items of a Page at most.
PAGE = 100
#: How far the beginning is looked at to tell its charset.
HEAD = 64 * 1024
#: Exports in another charset than UTF-8 are older than WordPress 3.0 and small; they are decoded whole.
LONGEST_RECODED = 256 * 2**20

#: Bytes of a part in UTF-8 -> the bytes that were sent.
Back = Callable[[bytes], bytes]


def claims(head: bytes) -> bool:
    """Whether these first bytes begin a WordPress export."""
    return is_wxr(head)


def start(source: Source) -> list[Request]:
    """The export, asked for conditionally once it is known."""
    etag, modified, _ = (None, None, None) if source.full else source.validators.get(source.url, (None, None, None))
    return [Request(source.url, "export", {"remember": True}, etag=etag, last_modified=modified)]


def read(source: Source, answer: Response | FetchError) -> Iterator[Page]:
    """Posts, terms, people, media and comments of an export, at most a hundred a Page.

    The last Page says in its notes what was left out, and in `trouble` whether the file is cut (`truncated`) or
    `damaged`. Raises ParseError for what is no export, and for one that is damaged before its first post.
    """
    document = content(answer)
    if document is None:
        yield Page()
        return
    export = Export(source)
    stream, back = _utf8(document)
    slicer = Slicer(stream, PARTS.__contains__)
    items: list[Item] = []
    try:
        for part in slicer:
            items += _items(part, slicer, export, back)
            while len(items) >= PAGE:
                yield Page(items=tuple(items[:PAGE]))
                del items[:PAGE]
    except TooManyAttributesError as error:
        raise ParseError(document.url, f"not an export that can be read: {error}") from error
    if slicer.broken and not export.posts:
        raise ParseError(document.url, f"a WordPress export that is damaged before its first post: {slicer.broken}")
    yield _last([*items, *export.site()], slicer, export)


def _last(items: list[Item], slicer: Slicer, export: Export) -> Page:
    trouble = ""
    if slicer.broken:
        trouble = "truncated" if slicer.truncated else "damaged"
        items.append(Reject(f"the export is damaged: {slicer.broken}; what came before it was kept", home=export.home))
    return Page(items=tuple(items), notes=export.notes(), trouble=trouble)


def _items(part: Slice, slicer: Slicer, export: Export, back: Back) -> Iterator[Item]:
    text, lost = mended(part.raw)
    try:
        element = tree(text, slicer.opening.decode(), slicer.closing.decode())
    except XmlError as error:
        yield Reject(f"an item that cannot be read: {error}", back(_kept(part, export)), home=export.home)
        return
    yield from export.take(Fields(element), back(_kept(part, export)), (f"replaced:{lost}",) if lost else ())


def _kept(part: Slice, export: Export) -> bytes:
    return scrubbed(part.raw, comments=export.comments)


def _utf8(document: Response) -> tuple[BinaryIO, Back]:
    """The export as UTF-8, and the way back. Raises ParseError for what is no export."""
    document.stream.seek(0)
    head = document.stream.read(HEAD)
    document.stream.seek(0)
    part = _alone(head)
    if part is not None:
        return io.BytesIO(part + document.stream.read() + b"</channel></rss>"), _as_it_is
    if not is_wxr(head):
        raise ParseError(document.url, "not a WordPress export")
    found = decode(head[: head.rfind(b">") + 1], header=document.charset, kind="xml")
    if found.used == "utf-8" and codec_of(found.declared) in {None, "utf-8"}:
        return document.stream, _as_it_is
    body = document.stream.read(LONGEST_RECODED + 1)
    if len(body) > LONGEST_RECODED:
        raise ParseError(document.url, f"an export of over 256 MiB in {found.used}: convert it to UTF-8 first")
    whole = decode(body, header=document.charset, kind="xml")
    stream = io.BytesIO(whole.text.encode())
    return stream, _as_it_is if whole.used == "utf-8" else lambda raw: raw.decode().encode(whole.used, "replace")


def _as_it_is(raw: bytes) -> bytes:
    return raw


def _alone(head: bytes) -> bytes | None:
    """What has to stand before an item that is kept by itself in the corpus; None for a whole export."""
    if not head.lstrip().startswith(b"<item") or not (b"post_type>" in head or b"post_id>" in head):
        return None
    spaces = {
        "excerpt": "http://wordpress.org/export/1.2/excerpt/",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "wfw": "http://wellformedweb.org/CommentAPI/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "wp": "http://wordpress.org/export/1.2/",
    }
    return f"<rss{''.join(f' xmlns:{key}={value!r}' for key, value in spaces.items())}><channel>".encode()
