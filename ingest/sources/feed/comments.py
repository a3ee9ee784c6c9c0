"""Comment feeds make no posts, in whatever language their titles are.

By structure: WordPress ends the address of a comment in `#comment-N` (`get_comment_link`), and its guid too
(`comment_guid`); Blogger asks for `?showComment=N` or gives `post-N.comment-M` for an id; Atom says what an entry
answers to (`thr:in-reply-to`, RFC 4685). A feed without entries is known by the address that it has for itself.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.sources.feed.values import text_of

__all__ = ["is_comment", "is_comment_feed", "is_reply"]

_ADDRESS = re.compile(
    r"#comment-?\d+\Z|[?&;]showComment=\d|#c\d{6,}\Z|\.post-?\d+\.comment-?\d+\Z|/comments/default/\d+", re.IGNORECASE
)
#: WordPress: /comments/feed/, ?feed=comments-rss2, ?withcomments=1; /<post>/feed/ only tells by its entries.
_FEED = re.compile(
    r"/comments/(?:feed|default)(?:/|\Z)|[?&;]feed=comments-|[?&;]withcomments=1|/\d+/comments/default", re.IGNORECASE
)


def is_comment(entry: dict[str, Any]) -> bool:
    """Whether this entry of feedparser's has the identity of a comment."""
    return any(_ADDRESS.search(text_of(entry, key)) for key in ("id", "link"))


def is_reply(entry: dict[str, Any]) -> bool:
    """Whether it answers to something. A post may, too: it takes a feed of nothing else to be one of comments."""
    return "thr_in-reply-to" in entry


def is_comment_feed(*addresses: str) -> bool:
    """Whether one of the addresses by which a feed is known is that of a comment feed."""
    return any(_FEED.search(address) for address in addresses)
