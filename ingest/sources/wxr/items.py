"""Items of an export: posts of any type, and attachments."""

from __future__ import annotations

import re

from ingest import urls
from ingest.records import MediumItem, PostItem, RawDate
from ingest.sources.wxr.fields import Fields
from ingest.sources.wxr.names import Names, number
from ingest.sources.wxr.paragraphs import paragraphs

__all__ = ["PRIVATE", "medium_item", "post_item"]

#: Statuses that are taken only with `include_private`.
PRIVATE = frozenset({"draft", "private", "pending", "future"})

#: What a protected post does not leave the file with: the password, and the text behind it.
_SECRET = re.compile(rb"(<(content:encoded|excerpt:encoded|wp:post_password)\b[^>]*>).*?(</\2\s*>)", re.DOTALL)
_SIZE = re.compile(r'^a:\d+:\{s:5:"width";(?:i:|s:\d+:")(\d{1,6})"?;s:6:"height";(?:i:|s:\d+:")(\d{1,6})"?;')


def post_item(
    item: Fields, raw: bytes, names: Names, home: str | None, *, flags: tuple[str, ...], private: bool
) -> PostItem:
    """A post of any type. One with a password gives its text only with `private`."""
    status = item.line("wp:status") or "publish"
    secret = bool(item.text("wp:post_password")) and status == "publish"
    hidden = secret and not private
    id_ = number(item.line("wp:post_id"))
    creator = item.line("dc:creator")
    return PostItem(
        type=item.line("wp:post_type") or "post",
        raw=_SECRET.sub(rb"\1\3", raw) if hidden else raw,
        format="application/x-wxr+xml",
        rank="wxr",
        remote_id=id_,
        home=home,
        status="protected" if secret else status,
        url=item.line("link") or None,
        guid=item.line("guid") or None,
        title=item.line("title"),
        body="" if hidden else paragraphs(item.text("content:encoded")),
        excerpt="" if hidden else item.text("excerpt:encoded"),
        published=_date(item, "post_date"),
        modified=_date(item, "post_modified"),
        authors=(names.author(creator),) if creator else (),
        terms=tuple(dict.fromkeys(names.term(category) for category in item.each("category"))),
        flags=(*flags, *(("withheld",) if hidden else ())),
    )


def medium_item(item: Fields, home: str | None) -> MediumItem | None:
    """An attachment: its description, never its bytes; None without a number."""
    id_ = number(item.line("wp:post_id"))
    if id_ is None:
        return None
    meta = {entry.line("wp:meta_key"): entry.text("wp:meta_value") for entry in item.each("wp:postmeta")}
    size = _SIZE.match(meta.get("_wp_attachment_metadata", ""))
    return MediumItem(
        remote_id=id_,
        url=urls.absolute(item.line("wp:attachment_url") or item.line("guid"), home),
        title=item.line("title"),
        alt=meta.get("_wp_attachment_image_alt", "").strip(),
        caption=item.line("excerpt:encoded"),
        width=int(size[1]) if size else None,
        height=int(size[2]) if size else None,
        post_id=number(item.line("wp:post_parent")),
        published=_date(item, "post_date"),
        home=home,
    )


def _date(item: Fields, name: str) -> RawDate:
    """A date of the database; `pubDate` stands for the first one where an old or foreign export has no other."""
    utc, local = item.line(f"wp:{name}_gmt") or None, item.line(f"wp:{name}") or None
    if name == "post_date" and utc is None and local is None:
        local = item.line("pubDate") or None
    return RawDate(utc=utc, local=local)
