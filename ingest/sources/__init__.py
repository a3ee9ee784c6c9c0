"""The kinds of source. A kind is one module (or folder) of pure functions: no network, no files, no database, no clock.

To add one: write `sources/NAME.py` with the functions of `Kind`, and name it in `KINDS`. Sources only map
fields; every rule about text, dates, addresses and identity lives in `normalise` and what it calls.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from ingest.errors import FetchError
from ingest.records import Page, Request, Response, Source

__all__ = ["HEAD", "KINDS", "Kind", "kind", "sniff"]

#: How many of a document's first bytes `claims` is shown.
HEAD = 4096

#: In the order in which they are asked whether a document is theirs: the most particular first, plain text last.
KINDS = ("wxr", "feed", "wordpress", "page", "text")


class Kind(Protocol):
    """What a module in this folder offers."""

    #: Whether `start` wants `Source.held` filled in.
    NEEDS_HELD: bool

    def start(self, source: Source) -> list[Request]:
        """Where to begin, from the source's cursor."""

    def read(self, source: Source, answer: Response | FetchError) -> Iterator[Page]:
        """What an answer says, and where to go on.

        A large document yields many pages of at most 100 items. A saved document comes as a Response whose
        `request.what` is `saved`. Raises ParseError when the answer is not what this kind reads; raises the
        FetchError itself when there is no smaller question to ask.
        """

    def claims(self, head: bytes) -> bool:
        """Whether these first bytes (`HEAD` of them) look like a document of this kind."""


@cache
def kind(name: str) -> Kind:
    """The kind of that name. Imported when asked for: feedparser alone costs 100 ms."""
    return cast("Kind", import_module(f"ingest.sources.{name}"))


def sniff(head: bytes) -> str | None:
    """The kind that a document with these first bytes is; None when it is no kind's (binary, empty)."""
    return next((name for name in KINDS if kind(name).claims(head)), None)
