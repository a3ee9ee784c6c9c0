"""Comments of an export: collected only where the operator asked for them, without mail and network addresses."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.records import CommentItem, RawDate
from ingest.sources.wxr.fields import Fields
from ingest.sources.wxr.names import number

__all__ = ["comment_items"]

#: `comment_approved` -> what REST calls it. Spam and trash are never anybody's words.
_STATUS = {"1": "approved", "0": "hold"}


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
