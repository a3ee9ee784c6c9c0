"""What is stored, after every rule has been applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any, Literal, NamedTuple

from ingest.records.exchange import Fetched
from ingest.records.items import (
    Announced,
    CommentItem,
    Gone,
    LeftOut,
    Medium,
    MediumItem,
    PersonItem,
    PersonRef,
    Reject,
    SiteItem,
    TermItem,
    TermRef,
)
from ingest.records.packing import Packed, packed
from ingest.records.pickling import by_position

__all__ = ["Batch", "Post", "PostLink", "Verdict", "flat", "unflat"]


class PostLink(NamedTuple):
    """A link in a post's body."""

    url: str
    anchor: str
    internal: bool


class Post(NamedTuple):
    """A post after every rule has been applied: what the corpus holds."""

    #: Key of the site (home without scheme and `www.`), empty when no site is known; and its home address.
    site: str
    home: str | None
    type: str
    remote_id: str | None
    status: str
    url: str | None
    guid: str | None
    #: Path of the permalink within its site; None when it identifies nothing.
    path: str | None
    #: Further aliases: (kind, value).
    aliases: tuple[tuple[str, str], ...]
    title: str
    text: str
    excerpt: str
    published_at: str | None
    modified_at: str | None
    published_raw: str | None
    modified_raw: str | None
    date_precision: str | None
    language: str | None
    word_count: int
    #: sha256 of title and text, hex.
    text_hash: str
    #: Hash of title and body as the source gave them: what a document without any other name is known by (id, guid or
    #: path; of one that has them it is empty). Our rules have no part in it, or a new rule would make another document.
    source_hash: str
    rules_version: int
    #: Names of the cleaning rules that the operator had switched off.
    rules_off: tuple[str, ...]
    cleaned: tuple[str, ...]
    flags: tuple[str, ...]
    #: True for scripts written without spaces: the post goes into the trigram index as well.
    unspaced: bool
    authors: tuple[PersonRef, ...]
    terms: tuple[TermRef, ...] | None
    #: The headings of the body: (level 1 to 6, text).
    outline: tuple[tuple[int, str], ...]
    links: tuple[PostLink, ...]
    media: tuple[Medium, ...]
    rank: str
    #: Exactly what was sent for it; packed, where it was read in another process.
    raw: bytes | Packed
    format: str


_RAW = Post._fields.index("raw")
#: Fields that hold records, and of what kind these are.
_ROWS: tuple[tuple[int, Callable[..., Any]], ...] = tuple(
    (Post._fields.index(name), kind)
    for name, kind in (("authors", PersonRef), ("terms", TermRef), ("links", PostLink), ("media", Medium))
)


def flat(post: Post) -> tuple[Any, ...]:
    """A post as plain values, with its payload packed: so it goes from one process to another, at half the cost."""
    found: list[Any] = list(post)
    for place, _ in _ROWS:
        if found[place]:
            found[place] = tuple(map(tuple, found[place]))
    found[_RAW] = tuple(packed(post.raw))
    return tuple(found)


def unflat(values: tuple[Any, ...]) -> Post:
    """The post of which these are the values."""
    found = list(values)
    for place, kind in _ROWS:
        if found[place]:
            found[place] = tuple(starmap(kind, found[place]))
    found[_RAW] = Packed(*found[_RAW])
    return Post._make(found)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run of a source ended, from what the site announces against what is held."""

    word: Literal["complete", "partial", "failing", "unknown"]
    reason: str = ""
    #: `type/id` of what is announced and not held.
    missing: tuple[str, ...] = ()


@by_position
@dataclass(frozen=True, slots=True)
class Batch:
    """One page, normalised: what the writer applies in one transaction."""

    posts: tuple[Post, ...] = ()
    sites: tuple[SiteItem, ...] = ()
    terms: tuple[TermItem, ...] = ()
    people: tuple[PersonItem, ...] = ()
    media: tuple[MediumItem, ...] = ()
    comments: tuple[CommentItem, ...] = ()
    rejects: tuple[Reject, ...] = ()
    gone: tuple[Gone, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    announced: Announced | None = None
    cursor: Mapping[str, Any] | None = None
    fetches: tuple[Fetched, ...] = ()
    #: url -> (etag, last_modified, body sha256) to remember.
    validators: Mapping[str, tuple[str | None, str | None, str | None]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    trouble: str = ""
    #: Set when the source could not be read: the error's sentence.
    error: str | None = None
    #: Seconds the host asked us to stay away (Retry-After), clamped.
    retry_after: int | None = None
    #: Where the source moved for good (only permanent redirects).
    moved_to: str | None = None
