"""Entities that a feed declares itself, in the internal subset of its document type (XML 1.0 §4.2.1).

feedparser knows them only where each stands on a line of its own, in double quotes, and its loose parser makes
`&&#160;;` of `&nbsp;` there. So they are put in their places before it reads: text alone, never markup and never
another entity, so many and so much at most. There is nothing in that which could grow by itself (an `a` of ten `b` of
ten `c`), and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.entities import html5
from typing import Any
from xml.parsers import expat

__all__ = ["declared", "in_place", "strange"]

#: Where a document type has to end, in bytes.
HEAD = 64 * 1024
#: Entities of a document, characters of one, and bytes by which they may make a document longer.
MOST, LONGEST, GROWTH = 256, 1000, 2**20

_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
#: A reference, or what holds none: CDATA, comments and instructions, which end with the document at the latest.
_REFERENCE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|&([A-Za-z_:\x80-\xff][\w.:\x80-\xff-]{0,99});",
    re.DOTALL,
)


class _RootError(Exception):
    """The root begins: what is declared is known."""


def declared(document: bytes) -> dict[bytes, bytes]:
    """What each entity of a document in UTF-8 stands for, as it is written in XML.

    Those that are not text are left as they stand. Empty where what is used would make the document longer than anybody
    needs.
    """
    begun = document.find(b"<")
    if begun < 0 or document.find(b"<!ENTITY", begun, HEAD) < 0:
        return {}
    found = _listened(document[begun:HEAD])
    grown = sum(len(found.get(one[1], b"")) for one in _REFERENCE.finditer(document)) if found else 0
    return found if grown <= GROWTH else {}


def strange(entities: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Those of these that are not what HTML means by the name: nobody can read them without the document."""
    return {name: text for name, text in entities.items() if html5.get(f"{name.decode()};", "").encode() != text}


def in_place(part: bytes, entities: Mapping[bytes, bytes]) -> bytes:
    """A part of the document with these in their places; the part itself where there are none in it."""
    if not entities:
        return part
    found = _REFERENCE.sub(lambda one: entities.get(one[1], one[0]), part)
    return part if found == part else found


def _listened(head: bytes) -> dict[bytes, bytes]:
    """What expat tells of the declarations, up to the root; nothing where they are damaged or too many."""
    found: dict[bytes, bytes] = {}
    seen = set(_PREDEFINED)
    parser = expat.ParserCreate("utf-8")

    def entity(name: str, is_parameter: bool, value: str | None, *_: Any) -> None:
        if is_parameter or name in seen:  # the first declaration counts (XML 1.0 §4.2)
            return
        seen.add(name)
        if len(seen) > len(_PREDEFINED) + MOST:
            raise ValueError(name)
        if value is not None and len(value) <= LONGEST and not ("&" in value or "<" in value):
            found[name.encode()] = value.replace('"', "&quot;").replace("'", "&#39;").encode()

    def root(*_: object) -> None:
        raise _RootError

    parser.EntityDeclHandler, parser.StartElementHandler = entity, root
    try:
        parser.Parse(head, False)
    except _RootError:
        return found
    except (ValueError, expat.ExpatError):
        pass
    finally:  # the parser and its handlers hold each other
        parser.EntityDeclHandler = parser.StartElementHandler = None
    return {}
