"""Values out of feedparser's dictionaries.

They are read with `dict.get`: the dictionaries' own `get` answers for other keys as well (`updated` with `published`).
"""

from __future__ import annotations

import html
import re
from typing import Any

from ingest.records import PersonRef

__all__ = ["as_html", "escaped", "part_of", "people", "text_of", "values"]

_MAIL = re.compile(r"(?:mailto:)?[^\s@<>()]+@[^\s@<>()]+")
_PARAGRAPH = re.compile(r"(?:[ \t]*\r?\n){2,}")


def text_of(data: dict[str, Any], key: str) -> str:
    """The value under `key` when it is text, without blanks around it; else an empty string."""
    value = dict.get(data, key)
    return value.strip() if isinstance(value, str) else ""


def part_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    """The dictionary under `key`; an empty one when there is none."""
    value = dict.get(data, key)
    return value if isinstance(value, dict) else {}


def values(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The dictionaries in the list under `key`."""
    found = dict.get(data, key)
    return [value for value in found if isinstance(value, dict)] if isinstance(found, list) else []


def as_html(data: dict[str, Any], key: str, *, atom: bool) -> str:
    """A text construct as HTML. What Atom says is plain text is escaped; RSS has no types, and means HTML."""
    value = text_of(data, key)
    plain = atom and text_of(part_of(data, f"{key}_detail"), "type") == "text/plain"
    return escaped(value) if plain else value


def escaped(text: str) -> str:
    """Plain text as HTML that shows the same: its paragraphs and lines are kept."""
    parts = [html.escape(part, quote=False) for part in _PARAGRAPH.split(text)]
    lines = [re.sub(r"\r\n|\r|\n", "<br>\n", part) for part in parts]
    return lines[0] if len(lines) == 1 else "\n".join(f"<p>{line}</p>" for line in lines)


def people(data: dict[str, Any]) -> tuple[PersonRef, ...]:
    """The authors: their names, and their pages. Mail addresses are nobody's name, and are not kept."""
    found = [
        PersonRef(None, name, text_of(author, "href") or None)
        for author in values(data, "authors")
        if (name := text_of(author, "name")) and not _MAIL.fullmatch(name)
    ]
    return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))
