"""What a page is asked with, and what it comes to: plain data between the server and the pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Download", "Here", "Shown"]


@dataclass(frozen=True, slots=True)
class Here:
    """Where a page is asked for."""

    #: Name of the database, and the path of everything that is said of it, below whatever Datasette is mounted at.
    database: str
    root: str
    #: Path of the style sheet.
    style: str
    #: The query string, as it came.
    query: str = ""
    #: What the address names beside the page: a post.
    word: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: which template, and what it says."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    #: Whether the reader asked for the images of a post, wherever they lie.
    images: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """A file, piece by piece: a corpus may be larger than memory."""

    name: str
    media_type: str
    pieces: Iterator[bytes]
