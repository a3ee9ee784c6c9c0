"""A whole feed in one pass of expat, where it is sound and all in it is usual: its channel, its entries, their bytes.

Whatever else it may be (damaged, cut, with a document type, with one element that the readers do not know) is said by
None, and goes the long way: cut by `slices`, and read by feedparser. What comes of it is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from ingest.sources.feed import fast, fast_atom

__all__ = ["Feed", "read"]

_READERS: dict[str, type[fast.Reader | fast_atom.Reader]] = {"rss": fast.Reader, "feed": fast_atom.Reader}


@dataclass(frozen=True, slots=True)
class Feed:
    """What feedparser would make of a feed, in the keys that are read."""

    version: str
    channel: dict[str, Any]
    entries: list[dict[str, Any]]
    #: Where each entry begins and ends in the document.
    spans: list[tuple[int, int]]


def read(document: bytes, root: str) -> Feed | None:
    """The feed in UTF-8 bytes whose root element has this name; None when it is not the common case."""
    if root not in _READERS:
        return None
    parser = expat.ParserCreate("utf-8")
    reader = _READERS[root](parser, document)
    parser.buffer_text = True
    parser.buffer_size = 2**18
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = _unusual
    try:
        parser.Parse(document, True)
    except (fast.UnusualError, ValueError, expat.ExpatError):
        return None
    finally:  # parser and reader hold each other and the document: half a megabyte a feed, until somebody collects it
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
    return Feed(reader.version, reader.channel, reader.found, reader.spans)


def _unusual(*_: object) -> None:
    """A document type may declare entities, and feedparser knows which are harmless."""
    raise fast.UnusualError
