"""What a kind reads out of an answer: fields mapped, nothing decided.

A post, and what it has several of, are named tuples: a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from ingest.records.exchange import Request
from ingest.records.pickling import by_position

__all__ = [
    "RANK",
    "Announced",
    "CommentItem",
    "Gone",
    "GoneKind",
    "Item",
    "LeftOut",
    "Medium",
    "MediumItem",
    "Page",
    "PersonItem",
    "PersonRef",
    "PostItem",
    "RawDate",
    "Reject",
    "SiteItem",
    "TermItem",
    "TermRef",
]

GoneKind: TypeAlias = Literal["erased", "unpublished", "protected", "source_gone", "forgotten"]

#: The best body wins, whatever the order of arrival (`sightings.body_rank`).
RANK = {"rest": 50, "wxr": 40, "feed": 30, "text": 25, "page": 20, "summary": 10}


class Medium(NamedTuple):
    """An image, a file or an embedded thing in or beside a post's body."""

    url: str
    kind: str
    alt: str = ""
    caption: str = ""


class RawDate(NamedTuple):
    """A date as the source gives it; what it means is decided in `normalise`."""

    #: A value that is UTC by the field's definition (WordPress `date_gmt`).
    utc: object = None
    #: A value in the publisher's time, which may carry an offset of its own.
    local: object = None


_UNDATED = RawDate()


class TermRef(NamedTuple):
    """A category, tag or other term as a post names it: by id, slug or name, whatever is known."""

    taxonomy: str
    remote_id: str | None = None
    name: str | None = None
    slug: str | None = None


class PersonRef(NamedTuple):
    """An author as a post names them."""

    remote_id: str | None = None
    name: str | None = None
    url: str | None = None


class PostItem(NamedTuple):
    """A post as its source says it: fields mapped, nothing decided."""

    #: Publisher's slug of the type: `post`, `page`, `book`, `text`, …
    type: str
    #: Exactly what was sent for this post.
    raw: bytes
    #: Media type of `raw`.
    format: str
    #: A key of `RANK`: how good the body is.
    rank: str
    #: The site's own id; only sources that speak for the site's database have one.
    remote_id: str | None = None
    #: Home address of the site when the document tells (REST `_links`, a feed's channel link).
    home: str | None = None
    status: str = "publish"
    url: str | None = None
    guid: str | None = None
    #: Other addresses of the same post (shortlinks, `id` links).
    also_at: tuple[str, ...] = ()
    #: HTML, or plain text when `is_text`.
    title: str = ""
    body: str = ""
    excerpt: str = ""
    is_text: bool = False
    published: RawDate = _UNDATED
    modified: RawDate = _UNDATED
    authors: tuple[PersonRef, ...] = ()
    #: None: the source does not say; (): it says there are none.
    terms: tuple[TermRef, ...] | None = None
    language: str | None = None
    #: What relative addresses in the body resolve against; the post's own url otherwise.
    base: str | None = None
    #: Oddities worth keeping: `salvaged`, `duplicate_keys`, `replaced:3`, …
    flags: tuple[str, ...] = ()
    #: Images and files that the source names beside the body (enclosures, featured image ids).
    media: tuple[Medium, ...] = ()


@by_position
@dataclass(frozen=True, slots=True)
class SiteItem:
    """What a site says of itself."""

    home: str
    name: str | None = None
    description: str | None = None
    language: str | None = None
    #: IANA name, and hours east of UTC, as WordPress gives them.
    timezone: str | None = None
    gmt_offset: float | None = None
    generator: str | None = None


@by_position
@dataclass(frozen=True, slots=True)
class TermItem:
    """A term with its name."""

    taxonomy: str
    remote_id: str
    name: str
    slug: str | None = None
    parent: str | None = None
    description: str | None = None
    home: str | None = None


@by_position
@dataclass(frozen=True, slots=True)
class PersonItem:
    """An author with their name."""

    remote_id: str
    name: str
    slug: str | None = None
    url: str | None = None
    description: str | None = None
    home: str | None = None


@by_position
@dataclass(frozen=True, slots=True)
class MediumItem:
    """An attachment of the site's library: its description, never its bytes."""

    remote_id: str
    url: str | None
    mime: str | None = None
    title: str = ""
    alt: str = ""
    caption: str = ""
    width: int | None = None
    height: int | None = None
    #: The post it is attached to.
    post_id: str | None = None
    published: RawDate = _UNDATED
    home: str | None = None


@by_position
@dataclass(frozen=True, slots=True)
class CommentItem:
    """A reader's comment; collected only where the operator asked for it."""

    remote_id: str
    post_id: str
    body: str
    author: str | None = None
    author_id: str | None = None
    parent: str | None = None
    url: str | None = None
    status: str = "approved"
    published: RawDate = _UNDATED
    home: str | None = None


@by_position
@dataclass(frozen=True, slots=True)
class Reject:
    """Something that looked like an item and cannot be stored: one bad post never sinks its page."""

    #: What is wrong, a sentence for people.
    why: str
    raw: bytes = b""
    type: str | None = None
    remote_id: str | None = None
    url: str | None = None
    home: str | None = None


@by_position
@dataclass(frozen=True, slots=True)
class Gone:
    """Something that vanished, and how we know."""

    type: str
    remote_id: str
    kind: GoneKind
    #: `404 rest_post_invalid_id`, `absent from two manifests`, …
    evidence: str


@by_position
@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was published before the day from which on its source is collected (`since`), and so is not stored."""

    type: str
    #: None where only their number is known.
    remote_id: str | None = None
    count: int = 1
    url: str | None = None


@by_position
@dataclass(frozen=True, slots=True)
class Announced:
    """What a site says it has."""

    #: type -> number of public items (X-WP-Total).
    totals: Mapping[str, int] = field(default_factory=dict)
    #: type -> every public id, when a complete look listed them.
    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)


Item: TypeAlias = PostItem | SiteItem | TermItem | PersonItem | MediumItem | CommentItem | Reject


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer, or one slice of a large one, comes to."""

    items: tuple[Item, ...] = ()
    gone: tuple[Gone, ...] = ()
    #: What nobody asked for because of `since`, as far as its number is known.
    left_out: tuple[LeftOut, ...] = ()
    announced: Announced | None = None
    #: The cursor to go on from once this page is stored; None leaves it as it is.
    cursor: Mapping[str, Any] | None = None
    next: tuple[Request, ...] = ()
    #: What a person should know although the page was read: `salvaged`, `comment_feed`, …
    notes: tuple[str, ...] = ()
    #: Why the source cannot be complete after this answer, one word; empty when nothing is wrong.
    trouble: str = ""
