"""What stands around posts to items: terms, people, media, comments, and the site itself.

Shapes: the controllers `WP_REST_Terms`, `_Users`, `_Attachments` and `_Comments_Controller`, and the index
(`WP_REST_Server::get_index`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ingest.records import CommentItem, MediumItem, PersonItem, RawDate, Reject, SiteItem, TermItem
from ingest.sources.wordpress.items import rendered, text_of
from ingest.sources.wordpress.places import first_href, home_of, home_of_root, last_segment
from ingest.sources.wordpress.shapes import remote_id
from ingest.sources.wordpress.values import Value

__all__ = ["comment_item", "medium_item", "person_item", "site_item", "term_item"]


def term_item(value: Value, *, home: str | None = None, taxonomy: str = "") -> TermItem | Reject:
    """A category, tag or other term. `taxonomy`: the one that was asked, for terms that do not say it."""
    data = value.data
    number, taxonomy = remote_id(data.get("id")), text_of(data.get("taxonomy")) or taxonomy
    home = home or home_of(data)
    if number is None or not taxonomy:
        return _nameless("term", value, home)
    return TermItem(
        taxonomy,
        number,
        name=text_of(data.get("name")),
        slug=text_of(data.get("slug")) or None,
        parent=remote_id(data.get("parent")),
        description=text_of(data.get("description")) or None,
        home=home,
    )


def person_item(value: Value, *, home: str | None = None) -> PersonItem | Reject:
    """An author. E-mail and address are not in the public answer, and would not be taken."""
    data = value.data
    number, home = remote_id(data.get("id")), home or home_of(data)
    if number is None:
        return _nameless("user", value, home)
    return PersonItem(
        number,
        name=text_of(data.get("name")),
        slug=text_of(data.get("slug")) or None,
        url=text_of(data.get("url")) or text_of(data.get("link")) or None,
        description=text_of(data.get("description")) or None,
        home=home,
    )


def medium_item(value: Value, *, home: str | None = None) -> MediumItem | Reject:
    """An attachment: where it is and what it shows."""
    data = value.data
    number, home = remote_id(data.get("id")), home or home_of(data)
    if number is None:
        return _nameless("attachment", value, home)
    details = data.get("media_details")
    details = details if isinstance(details, dict) else {}
    return MediumItem(
        number,
        url=text_of(data.get("source_url")) or rendered(data.get("guid")) or None,
        mime=text_of(data.get("mime_type")) or None,
        title=rendered(data.get("title")),
        alt=text_of(data.get("alt_text")),
        caption=rendered(data.get("caption")),
        width=_pixels(details.get("width")),
        height=_pixels(details.get("height")),
        post_id=remote_id(data.get("post")),
        published=RawDate(utc=data.get("date_gmt"), local=data.get("date")),
        home=home,
    )


def comment_item(value: Value, *, home: str | None = None) -> CommentItem | Reject:
    """A reader's comment. A visitor has no author id (0)."""
    data = value.data
    number, post, home = remote_id(data.get("id")), remote_id(data.get("post")), home or home_of(data)
    if number is None or post is None:
        return _nameless("comment", value, home)
    return CommentItem(
        number,
        post,
        body=rendered(data.get("content")),
        author=text_of(data.get("author_name")) or None,
        author_id=remote_id(data.get("author")),
        parent=remote_id(data.get("parent")),
        url=text_of(data.get("link")) or None,
        status=text_of(data.get("status")) or "approved",
        published=RawDate(utc=data.get("date_gmt"), local=data.get("date")),
        home=home,
    )


def site_item(data: Mapping[str, Any], *, home: str | None = None) -> SiteItem | None:
    """What the index says of its site; None when it does not even tell whose it is.

    `home` is where visitors go, `url` where WordPress is installed: they differ where it has a folder of its own.
    """
    said = text_of(data.get("home")) or text_of(data.get("url")) or home or home_of_root(first_href(data, "self")) or ""
    if not said.startswith(("http://", "https://")):
        return None
    return SiteItem(
        said.rstrip("/"),
        name=text_of(data.get("name")) or None,
        description=text_of(data.get("description")) or None,
        timezone=text_of(data.get("timezone_string")) or None,
        gmt_offset=_hours(data.get("gmt_offset")),
    )


def _nameless(what: str, value: Value, home: str | None) -> Reject:
    said = str(value.data.get("id", "none"))[:40]
    where = last_segment(first_href(value.data, "collection"))
    return Reject(f"a {what} whose id is no positive 64-bit integer ({said})", value.raw, type=where or what, home=home)


def _pixels(value: object) -> int | None:
    number = remote_id(value)
    return int(number) if number else None


def _hours(value: object) -> float | None:
    """Hours east of UTC: a number, or its digits."""
    try:
        hours = float(text_of(value))
    except ValueError:
        return None
    return hours if math.isfinite(hours) else None
