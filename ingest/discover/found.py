"""What a discovery comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.errors import ParseError

__all__ = ["Candidate", "Discovery", "NoBlog", "Tried"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source that could be added."""

    kind: str
    #: The address a person would name.
    url: str
    title: str
    #: Why it was found, for `doctor`.
    why: str
    #: A REST root template, or the feed's address.
    endpoint: str | None = None
    home: str | None = None
    #: What the source has to be told: `sitemap`.
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tried:
    """One address that was looked at, for what, and what came of it."""

    url: str
    what: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What lies behind an address, the best source first."""

    candidates: tuple[Candidate, ...]
    tried: tuple[Tried, ...]
    #: Home address of the site, as far as it is known.
    home: str | None


class NoBlog(ParseError):  # noqa: N818  (the state is the message)
    """There is nothing to follow behind an address."""

    def __init__(
        self, url: str, cause: str, tried: tuple[Tried, ...] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(url, cause)
        self.args = (url, cause, tried, headers)
        #: What was looked at.
        self.tried = tried
        #: The headers of the answer that ended the search, where one did: they may say when to come again.
        self.headers = headers
