"""The children of an element of an export, by names that are the same for every version of WXR."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

from ingest.sources.xmltree import local

__all__ = ["Fields"]

_EXPORT = re.compile(r"https?://wordpress\.org/export/[^/]*/(?P<excerpt>excerpt/)?")
_SPACES = {
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
}


class Fields:
    """An element, and its children by name: `title`, `wp:post_id`, `content:encoded` and so on."""

    __slots__ = ("_children", "element")

    def __init__(self, element: Element) -> None:
        self.element = element
        self._children: dict[str, list[Element]] = {}
        for child in element:
            self._children.setdefault(_name(child.tag), []).append(child)

    def text(self, name: str) -> str:
        """The text of the first child with that name, as it is written; empty when there is none."""
        found = self._children.get(name)
        return "".join(found[0].itertext()) if found else ""

    def line(self, name: str) -> str:
        """The same without blanks around it."""
        return self.text(name).strip()

    def each(self, name: str) -> Iterator[Fields]:
        """The children with that name."""
        return map(Fields, self._children.get(name, ()))

    def attribute(self, name: str) -> str:
        """An attribute of the element itself."""
        return self.element.get(name, "").strip()

    @property
    def own(self) -> str:
        """The element's own text."""
        return (self.element.text or "").strip()

    @property
    def name(self) -> str:
        """The element's own name."""
        return _name(self.element.tag)


@lru_cache(maxsize=1024)
def _name(tag: object) -> str:
    """The name of a tag, with a prefix that is the same for every version; comments have no name."""
    space, name = local(tag) if isinstance(tag, str) else ("", "")
    if not space:
        return name
    export = _EXPORT.match(space)
    if export:
        return f"{'excerpt:' if export['excerpt'] else 'wp:'}{name}"
    return f"{_SPACES.get(space, space + ' ')}{name}"
