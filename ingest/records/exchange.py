"""What a run starts from, and what goes over the wire."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ingest.records.pickling import by_position

__all__ = ["NOTHING_HELD", "Fetched", "Held", "Request", "Response", "Source"]


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
    #: type -> remote ids of those of `posts` that were published before the day `since`: left out of every comparison.
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)


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


@by_position
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


@by_position
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
