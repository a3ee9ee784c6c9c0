"""What passes between the steps, in the order it passes.

    Source ─start→ Request ─fetch→ Response ─read→ Page of items ─normalise→ Post ─save→ corpus

Plain frozen data, no behaviour beyond reading itself; everything here can be pickled, because fetching,
reading and writing may happen in different processes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, TypeAlias

__all__ = [
    "NOTHING_HELD",
    "RANK",
    "Announced",
    "Batch",
    "CommentItem",
    "Fetched",
    "Gone",
    "GoneKind",
    "Held",
    "Item",
    "Medium",
    "MediumItem",
    "Page",
    "PersonItem",
    "PersonRef",
    "Post",
    "PostItem",
    "PostLink",
    "RawDate",
    "Reject",
    "Request",
    "Response",
    "SiteItem",
    "Source",
    "TermItem",
    "TermRef",
    "Verdict",
]

GoneKind: TypeAlias = Literal["erased", "unpublished", "protected", "source_gone", "forgotten"]

#: The best body wins, whatever the order of arrival (`sightings.body_rank`).
RANK = {"rest": 50, "wxr": 40, "feed": 30, "text": 25, "page": 20, "summary": 10}


# ---- what a run starts from -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """What the corpus already holds of a source, handed to the kinds that ask for it (`NEEDS_HELD`)."""

    #: type -> remote id -> `modified_at` of the held version (UTC `…Z`, or None when unknown); not the gone ones.
    posts: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    #: taxonomy -> remote ids of the terms whose names are known.
    terms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Remote ids of the people whose names are known.
    people: frozenset[str] = frozenset()
    #: Open rejects: (type, remote id) of posts that could not be stored and are worth another try.
    rejects: frozenset[tuple[str, str]] = frozenset()
    #: type -> remote ids that were absent from the last complete manifest: absent twice is gone (design §4).
    absent: Mapping[str, frozenset[str]] = field(default_factory=dict)


NOTHING_HELD = Held()


@dataclass(frozen=True, slots=True)
class Source:
    """One address that is polled, or one kind of saved document, as its kind sees it."""

    kind: str
    #: What was added: the address a person would name.
    url: str
    #: Row in `sources`; None for saved documents, whose source is found by kind and site.
    id: int | None = None
    #: Home address of the site, with scheme; None when only the documents can tell.
    home: str | None = None
    #: Where the machine-readable door is: a REST root template, a feed's address.
    endpoint: str | None = None
    #: What the last stored page said to go on from. JSON, owned by the kind.
    cursor: Mapping[str, Any] = field(default_factory=dict)
    #: `url -> (etag, last_modified, body sha256)` of earlier answers.
    validators: Mapping[str, tuple[str | None, str | None, str | None]] = field(default_factory=dict)
    #: The operator's wishes for this source (`types`, `comments`, `since`, …).
    options: Mapping[str, Any] = field(default_factory=dict)
    held: Held = NOTHING_HELD
    #: The time of this run, UTC `…Z`: a kind has no clock of its own.
    now: str = ""
    #: Whether the operator asked for everything anew (`fetch --full`).
    full: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to ask for."""

    url: str
    #: What the answer is for, a word of the kind's own (`index`, `walk`, `terms`, …).
    what: str = ""
    #: What the kind needs to remember until the answer comes. JSON.
    context: Mapping[str, Any] = field(default_factory=dict)
    #: Extra request headers; credentials are added by the fetcher, for their own origin only.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Validators of an earlier answer; given, the request is conditional (RFC 9110 §13).
    etag: str | None = None
    last_modified: str | None = None
    #: Upper bound of the decoded body in bytes; None = the fetcher's own.
    max_bytes: int | None = None
    #: Total time in seconds; None = the fetcher's own.
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, whatever its status: WordPress speaks through its 400s and 404s."""

    request: Request
    #: Where the answer came from in the end, after redirects.
    url: str
    status: int
    #: Names in lower case; several fields of one name are joined by `, ` (RFC 9110 §5.3).
    headers: Mapping[str, str]
    #: The decoded body (Content-Encoding undone). Seekable.
    stream: BinaryIO
    #: Wall-clock milliseconds from the request to the last byte.
    ms: int = 0
    #: Bytes on the wire.
    size: int = 0
    #: The address a chain of only permanent redirects (301, 308) led to.
    moved_to: str | None = None

    @property
    def body(self) -> bytes:
        """The whole body in memory; documents that may be large are read from `stream` instead."""
        self.stream.seek(0)
        return self.stream.read()

    @property
    def content_type(self) -> str:
        """The media type without parameters, lower case; empty when the server named none."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """What the Content-Type header declares."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'") or None
        return None

    def __reduce__(self) -> tuple[Any, ...]:
        return _response, (
            self.request, self.url, self.status, dict(self.headers), self.body, self.ms, self.size, self.moved_to,
        )  # fmt: skip


def _response(
    request: Request,
    url: str,
    status: int,
    headers: dict[str, str],
    body: bytes,
    ms: int,
    size: int,
    moved: str | None,
) -> Response:
    return Response(request, url, status, headers, io.BytesIO(body), ms, size, moved)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One request as it went over the wire: a row of `fetches`."""

    #: When it was sent, UTC `…Z`.
    at: str
    #: Redacted: no user info, no secret query values.
    url: str
    #: HTTP status, None when there was no answer.
    status: int | None
    #: Bytes on the wire.
    bytes: int
    ms: int
    #: `ok`, `unchanged` (304), `same` (200 with the body already seen), `redirect`, a class of answer, a kind of error.
    outcome: str
    etag: str | None = None
    last_modified: str | None = None


# ---- what a kind reads out of an answer -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RawDate:
    """A date as the source gives it; what it means is decided in `normalise`."""

    #: A value that is UTC by the field's definition (WordPress `date_gmt`).
    utc: object = None
    #: A value in the publisher's time, which may carry an offset of its own.
    local: object = None


@dataclass(frozen=True, slots=True)
class TermRef:
    """A category, tag or other term as a post names it: by id, slug or name, whatever is known."""

    taxonomy: str
    remote_id: str | None = None
    name: str | None = None
    slug: str | None = None


@dataclass(frozen=True, slots=True)
class PersonRef:
    """An author as a post names them."""

    remote_id: str | None = None
    name: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PostItem:
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
    published: RawDate = RawDate()
    modified: RawDate = RawDate()
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


@dataclass(frozen=True, slots=True)
class PersonItem:
    """An author with their name."""

    remote_id: str
    name: str
    slug: str | None = None
    url: str | None = None
    description: str | None = None
    home: str | None = None


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
    published: RawDate = RawDate()
    home: str | None = None


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
    published: RawDate = RawDate()
    home: str | None = None


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


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that vanished, and how we know."""

    type: str
    remote_id: str
    kind: GoneKind
    #: `404 rest_post_invalid_id`, `absent from two manifests`, …
    evidence: str


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
    announced: Announced | None = None
    #: The cursor to go on from once this page is stored; None leaves it as it is.
    cursor: Mapping[str, Any] | None = None
    next: tuple[Request, ...] = ()
    #: What a person should know although the page was read: `salvaged`, `comment_feed`, …
    notes: tuple[str, ...] = ()
    #: Why the source cannot be complete after this answer, one word; empty when nothing is wrong.
    trouble: str = ""


# ---- what is stored -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PostLink:
    """A link in a post's body."""

    url: str
    anchor: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Medium:
    """An image, a file or an embedded thing in or beside a post's body."""

    url: str
    kind: str
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Post:
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
    rules_version: int
    cleaned: tuple[str, ...]
    flags: tuple[str, ...]
    #: True for scripts written without spaces: the post goes into the trigram index as well.
    unspaced: bool
    authors: tuple[PersonRef, ...]
    terms: tuple[TermRef, ...] | None
    links: tuple[PostLink, ...]
    media: tuple[Medium, ...]
    rank: str
    raw: bytes
    format: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run of a source ended, from what the site announces against what is held."""

    word: Literal["complete", "partial", "failing", "unknown"]
    reason: str = ""
    #: `type/id` of what is announced and not held.
    missing: tuple[str, ...] = ()


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
