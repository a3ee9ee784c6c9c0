"""The common case without feedparser: Atom 1.0 (RFC 4287) as Blogger, Jekyll, WordPress and their like write it.

As `fast` does for RSS: expat alone tells the same of a feed whose entries have only the elements below, their text as
text or escaped HTML, without children but an author's: the dictionaries made here are those that feedparser would
make, in the keys that are read (a test holds the two against each other). Anything else, XHTML among it, is left to
feedparser.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

from ingest.sources.feed.fast import UnusualError, address, value
from ingest.sources.slices import MOST_ATTRIBUTES, end_of

__all__ = ["Reader"]

_SPACE = "http://www.w3.org/2005/Atom"
_SPACES = {
    "xmlns:thr": "http://purl.org/syndication/thread/1.0",
    "xmlns:media": "http://search.yahoo.com/mrss/",
    "xmlns:sy": "http://purl.org/rss/1.0/modules/syndication/",
}
_TEXTS = frozenset({"title", "summary", "content", "subtitle"})
_ONCE = frozenset({*_TEXTS, "id", "published", "updated", "generator", "sy:updatePeriod", "sy:updateFrequency"})
_MEDIUM = {"url", "type", "medium", "width", "height", "fileSize", "isDefault", "xmlns:media"}
#: Elements of an entry, and the attributes that they may have.
_ATTRIBUTES: dict[str, set[str]] = {
    "title": {"type"},
    "summary": {"type"},
    "content": {"type", "xml:base"},
    "id": set(),
    "published": set(),
    "updated": set(),
    "author": set(),
    "thr:total": set(),
    "link": {"rel", "href", "type", "title", "hreflang", "length", "thr:count", "thr:updated"},
    "category": {"term", "scheme", "label"},
    "media:content": _MEDIUM,
    "media:thumbnail": _MEDIUM,
}
#: Elements of the feed itself.
_ABOUT: dict[str, set[str]] = {
    **{name: _ATTRIBUTES[name] for name in ("title", "id", "updated", "author", "link", "category")},
    "subtitle": {"type"},
    "generator": {"uri", "version"},
    "icon": set(),
    "logo": set(),
    "sy:updatePeriod": set(),
    "sy:updateFrequency": set(),
    "openSearch:totalResults": set(),
    "openSearch:startIndex": set(),
    "openSearch:itemsPerPage": set(),
}
_PLAIN = {"sy:updatePeriod": "sy_updateperiod", "sy:updateFrequency": "sy_updatefrequency", "generator": "generator"}
#: Elements of which feedparser makes nothing that is read here.
_PASSED = frozenset({"thr:total", *(name for name in _ABOUT if name.startswith("openSearch:")), "icon", "logo"})
#: Elements of an author, and the keys of feedparser's; what stands under None is not read.
_AUTHOR = {"name": "name", "uri": "href", "email": None, "gd:image": None}
#: What is the same beside these is the same beside every base.
_ANY_BASE = ("http://a.example/b/c", "https://a.example/b/c")
_TYPES = {"text": "text/plain", "text/plain": "text/plain", "html": "text/html", "text/html": "text/html"}


class Reader:
    """Handlers for expat that make feedparser's dictionaries, or give up."""

    version = "atom10"

    def __init__(self, parser: expat.XMLParserType, document: bytes) -> None:
        self.found: list[dict[str, Any]] = []
        #: Where each entry begins and ends.
        self.spans: list[tuple[int, int]] = []
        #: What the feed says of itself.
        self.channel: dict[str, Any] = {}
        self._parser, self._document = parser, document
        self._declared: dict[str, str] = {}
        self._language: str | None = None
        self._depth = 0
        #: What is being told of: the feed or an entry, at which depth its elements are, and which it may have.
        self._of, self._level, self._allowed = self.channel, 2, _ABOUT
        self._begun = 0
        self._name = ""
        self._attributes: dict[str, str] = {}
        self._pieces: list[str] = []
        #: Elements of the entry that is open, and of the feed.
        self._seen: set[str] = set()
        self._seen_about: set[str] = set()
        self._author: dict[str, str] = {}
        #: An `xml:base` was met. feedparser does not forget it at its element's end, where nothing around has one.
        self._based = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A start tag."""
        self._depth += 1
        if self._depth == 2 and name == "entry" and not attributes:
            self._begun = self._parser.CurrentByteIndex
            self._of, self._level, self._allowed = {}, 3, _ATTRIBUTES
            self.found.append(self._of)
            self._seen_about, self._seen = self._seen, set()
        elif self._depth == self._level:
            self._field(name, attributes)
        elif self._depth == self._level + 1 and self._name == "author" and name in _AUTHOR and name not in self._author:
            if attributes and (name != "gd:image" or len(attributes) > MOST_ATTRIBUTES):
                raise UnusualError
            self._author[name] = ""
        elif self._depth == 1 and name == "feed":
            self._root(attributes)
        else:
            raise UnusualError
        self._pieces.clear()

    def _root(self, attributes: dict[str, str]) -> None:
        names = (name for name in attributes if not name.startswith("xmlns"))
        if attributes.get("xmlns") != _SPACE or any(name != "xml:lang" for name in names):
            raise UnusualError
        if (
            any(attributes.get(space, uri) != uri for space, uri in _SPACES.items())
            or len(attributes) > MOST_ATTRIBUTES
        ):
            raise UnusualError
        self._declared = attributes
        self._language = attributes.get("xml:lang", "").replace("_", "-") or None
        if self._language:
            self.channel["language"] = self._language

    def _field(self, name: str, attributes: dict[str, str]) -> None:
        allowed = self._allowed.get(name)
        if allowed is None or not attributes.keys() <= allowed or name in self._seen:
            raise UnusualError
        if attributes.get("xmlns:media", _SPACES["xmlns:media"]) != _SPACES["xmlns:media"]:
            raise UnusualError
        if name in _TEXTS and attributes.get("type", "text") not in _TYPES:
            raise UnusualError
        if name.startswith("sy:") and "xmlns:sy" not in self._declared:
            raise UnusualError
        if name in _ONCE:
            self._seen.add(name)
        self._name, self._attributes = name, attributes
        self._author = {}

    def data(self, text: str) -> None:
        """Character data."""
        if self._depth >= self._level:
            self._pieces.append(text)
        elif not text.isspace():
            raise UnusualError

    def end(self, name: str) -> None:
        """An end tag."""
        beyond = self._depth - self._level
        self._depth -= 1
        if beyond > 0:
            self._author[name] = "".join(self._pieces).strip()
        elif beyond == 0:
            self._told("".join(self._pieces))
        elif self._depth == 1:
            self._closed(name)
        self._pieces.clear()

    def _closed(self, name: str) -> None:
        """An entry is over."""
        if self._based and "content" not in self._of:
            raise UnusualError  # its summary would be taken for relative to another entry's base
        self.spans.append((self._begun, end_of(self._document, name, self._parser.CurrentByteIndex)))
        self._of, self._level, self._allowed = self.channel, 2, _ABOUT
        self._seen = self._seen_about

    def _told(self, text: str) -> None:
        """A field is over."""
        name = self._name
        if name in _TEXTS:
            self._text(name, value(text))
        elif name in _ONCE:
            self._plain(name, value(text))
        elif name not in _PASSED:
            if not (text.isspace() or not text):
                raise UnusualError
            self._empty(name, self._attributes)

    def _text(self, name: str, said: str) -> None:
        entry, base = self._of, self._attributes.get("xml:base", "")
        self._based = self._based or bool(base)
        detail = {
            "type": _TYPES[self._attributes.get("type", "text")], "language": self._language,
            "base": self._address(base) if base else "", "value": said,
        }  # fmt: skip
        if name == "content":
            entry["content"] = [detail]
            entry.setdefault("summary", said)
        else:
            entry[name] = said
            entry[f"{name}_detail"] = detail

    def _plain(self, name: str, said: str) -> None:
        entry = self._of
        entry[_PLAIN.get(name, name)] = said
        if name == "generator" and self._attributes.get("uri"):
            entry["generator_detail"] = {"href": self._address(self._attributes["uri"])}
        elif name == "id":
            entry["id"] = self._address(said)
            entry.setdefault("link", said)

    def _address(self, said: str) -> str:
        if self._based and not all(urljoin(base, said) == said for base in _ANY_BASE):
            raise UnusualError
        return address(said)

    def _empty(self, name: str, attributes: dict[str, str]) -> None:
        """An element that says all in its attributes; and an author, who has children."""
        entry = self._of
        if name == "link":
            self._link(entry, attributes)
        elif name == "category":
            label = attributes.get("label")
            if any(attributes.values()):
                entry.setdefault("tags", []).append({"term": attributes.get("term"), "label": label})
        elif name == "author":
            if not self._author.get("name"):
                raise UnusualError
            said = {_AUTHOR[key]: text for key, text in self._author.items() if _AUTHOR[key] is not None}
            if "href" in said:
                said["href"] = self._address(value(said["href"]))
            entry.setdefault("authors", []).append(said)
        else:
            entry.setdefault(name.replace(":", "_"), []).append(attributes)

    def _link(self, entry: dict[str, Any], attributes: dict[str, str]) -> None:
        if not attributes.get("href"):
            raise UnusualError
        link = {"rel": "alternate", **attributes, "href": self._address(attributes["href"])}
        link.setdefault("type", "application/atom+xml" if link["rel"] == "self" else "text/html")
        entry.setdefault("links", []).append(link)
        if link["rel"] == "alternate" and link["type"].lower() in {
            "html",
            "text/html",
            "xhtml",
            "application/xhtml+xml",
        }:
            entry["link"] = link["href"]
