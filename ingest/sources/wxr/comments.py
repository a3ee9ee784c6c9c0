"""Comments of an export: collected only where the operator asked for them, without mail and network addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.records import CommentItem, RawDate
from ingest.sources.wxr.fields import Fields
from ingest.sources.wxr.names import number

__all__ = ["comment_items", "scrubbed"]

#: `comment_approved` -> what REST calls it. Spam and trash are never anybody's words. Where it is not said, the
#: comment waits for approval: so does WordPress's own importer leave it.
_STATUS = {"1": "approved", "0": "hold", "": "hold"}
#: What WordPress and its spam filters note of a reader beside their words: mail and network address, browser.
_PRIVATE = b"comment_author_email|comment_author_IP|commentmeta"
#: Tags of an element, and CDATA, inside which nothing is a tag.
_WHOLE, _TRACES = (
    re.compile(
        rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<(?P<end>/?)wp:(?:" + name + rb")(?=[\s/>])[^>]*?(?P<empty>/?)>", re.DOTALL
    )
    for name in (b"comment", _PRIVATE)
)


def scrubbed(raw: bytes, *, comments: bool) -> bytes:
    """An item of an export as it is kept: to the byte, but for its readers' comments.

    Without `comments` none of them stays; with them their words and names do, and never mail and network addresses.
    """
    tags, kept, depth, begun, at = _TRACES if comments else _WHOLE, list[bytes](), 0, 0, 0
    if b"<wp:comment" not in raw:
        return raw
    for tag in tags.finditer(raw):
        if tag["end"] is None:
            continue  # CDATA
        if tag["end"]:
            if depth == 1:
                kept.append(raw[at:begun])
                at = tag.end()
            depth = max(0, depth - 1)
        elif tag["empty"] and depth == 0:
            kept.append(raw[at : tag.start()])
            at = tag.end()
        elif not tag["empty"]:
            begun = tag.start() if depth == 0 else begun
            depth += 1
    return b"".join((*kept, raw[at:begun] if depth else raw[at:]))


def comment_items(item: Fields, home: str | None, *, private: bool) -> Iterator[CommentItem]:
    """The comments on a post: readers' only, no pingbacks; those that wait for approval only with `private`."""
    post = number(item.line("wp:post_id"))
    for comment in item.each("wp:comment"):
        id_ = number(comment.line("wp:comment_id"))
        status = _STATUS.get(comment.line("wp:comment_approved"))
        is_reader = comment.line("wp:comment_type") in {"", "comment"}
        if not (post and id_ and status and is_reader) or (status == "hold" and not private):
            continue
        yield CommentItem(
            remote_id=id_,
            post_id=post,
            body=comment.text("wp:comment_content"),
            author=comment.line("wp:comment_author") or None,
            author_id=number(comment.line("wp:comment_user_id")),
            parent=number(comment.line("wp:comment_parent")),
            status=status,
            published=RawDate(comment.line("wp:comment_date_gmt") or None, comment.line("wp:comment_date") or None),
            home=home,
        )
