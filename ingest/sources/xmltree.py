"""A part of an XML document as a tree, with what publishers get wrong forgiven.

Entities that nobody declared (`&nbsp;`) are those of HTML; an `&` that begins none is an `&`. Nothing is fetched.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET  # expat 2.5 stops entity bombs; the differential with defusedxml found no other
from functools import cache
from html.entities import name2codepoint

from ingest.sources.ampersands import with_ampersands

__all__ = ["local", "tree", "with_ampersands"]


def tree(part: str, opening: str = "", closing: str = "") -> ET.Element:
    """The tree of `part`, read within the start tags `opening` and their end tags. Raises ET.ParseError."""
    document = f"{opening}{part}{closing}"
    try:
        root = ET.fromstring(document)  # noqa: S314
    except ET.ParseError:
        root = ET.fromstring(_entities() + with_ampersands(document))  # noqa: S314
    for _ in range(opening.count("<")):
        root = root[0]
    return root


def local(tag: str) -> tuple[str, str]:
    """The namespace and the name of a tag."""
    space, _, name = tag.rpartition("}")
    return space.removeprefix("{"), name


@cache
def _entities() -> str:
    """A document type that declares the entities of HTML 4."""
    declared = "".join(
        f'<!ENTITY {name} "&#{number};">'
        for name, number in name2codepoint.items()
        if name not in {"lt", "gt", "amp", "quot"}
    )
    return f"<!DOCTYPE x [{declared}]>"
