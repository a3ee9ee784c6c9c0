"""Front matter: what a text file says of itself before it begins.

Two forms: a YAML block between `---` lines (Jekyll, Hugo, Pandoc), of which the flat part is read: `key: value`, lists
as `[a, b]` or as `- a` lines, quotes, comments; and header lines `Key: value` up to the first empty line (Pelican,
MultiMarkdown, mail). The latter count only when each line has a key known here, and there is a title or two lines: a
post may well begin with "Date: an encounter".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Matter", "split"]

#: Front matter is a few lines; a block that does not end within so many characters is a post with a rule on top.
LONGEST = 64 * 1024

_KEYS = {
    "title": "title", "headline": "title",
    "author": "authors", "authors": "authors", "by": "authors",
    "date": "date", "published": "date", "publish_date": "date", "pubdate": "date", "created": "date",
    "modified": "modified", "updated": "modified", "lastmod": "modified", "last_modified_at": "modified",
    "url": "url", "link": "url", "permalink": "url", "canonical_url": "url", "source": "url",
    "tags": "tags", "tag": "tags", "keywords": "tags",
    "categories": "categories", "category": "categories",
    "language": "language", "lang": "language", "locale": "language",
}  # fmt: skip
_BLOCK = re.compile(
    r"\s*---[ \t]*(?:\r\n|\r|\n)(?P<inside>.*?)(?:\r\n|\r|\n)(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL
)
_LINE = re.compile(r"(?P<key>[A-Za-z][\w -]{0,30}?)[ \t]*:(?:[ \t]+(?P<value>.*)|[ \t]*)")
_ENTRY = re.compile(r"[ \t]*-[ \t]+(?P<value>.+)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Matter:
    """What the front matter says; `tags` and `categories` are None when it does not speak of them."""

    title: str = ""
    authors: tuple[str, ...] = ()
    date: str | None = None
    modified: str | None = None
    #: An absolute address; paths such as Jekyll's `permalink: /:year/` are no address.
    url: str | None = None
    tags: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    language: str | None = None


def split(text: str) -> tuple[Matter, str]:
    """The front matter of `text`, and the text after it; an empty Matter and `text` itself when there is none."""
    head = text[:LONGEST]
    block = _BLOCK.match(head)
    if block:
        found = _entries(_LINE_END.split(block["inside"]))
        return (_matter(found), text[block.end() :]) if found else (Matter(), text)
    lines, end = _header(head)
    found = _entries(lines)
    if len(found) == len(lines) and ("title" in found or len(lines) > 1):
        return _matter(found), text[end:]
    return Matter(), text


def _header(head: str) -> tuple[list[str], int]:
    """The lines before the first empty one, if each has the form and a known key; and where they end."""
    lines: list[str] = []
    at = 0
    while at < len(head):
        end = _LINE_END.search(head, at)
        line = head[at : end.start() if end else len(head)]
        if not line.strip():
            break
        form = _LINE.fullmatch(line)
        if form is None or _known(form["key"]) is None or not form["value"]:
            return [], 0
        lines.append(line)
        at = end.end() if end else len(head)
    return lines, at


def _entries(lines: list[str]) -> dict[str, list[str]]:
    """Known key -> its values. The first line of a key counts, and of two keys for the same thing the first."""
    found: dict[str, list[str]] = {}
    key: str | None = None
    for line in lines:
        entry = _ENTRY.fullmatch(line)
        if entry and key:
            found[key].append(_bare(entry["value"]))
            continue
        form = _LINE.fullmatch(line)
        if form is None:
            continue
        name = _known(form["key"])
        key = name if name and name not in found else None
        if key:
            found[key] = _values(key, (form["value"] or "").strip())
    return found


def _known(key: str) -> str | None:
    return _KEYS.get(key.strip().lower().replace("-", "_").replace(" ", "_"))


def _values(key: str, value: str) -> list[str]:
    if value.startswith("[") and value.endswith("]"):
        value = value[1:-1]
        several = True
    else:
        several = key in {"tags", "categories"} and value[:1] not in {'"', "'"}
    parts = re.split(r"\s*[,;]\s*", value) if several else [value]
    return [bare for part in parts if (bare := _bare(part))]


def _bare(value: str) -> str:
    """A YAML scalar without its quotes; an unquoted one without its comment."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        inside = value[1:-1]
        return inside.replace("''", "'") if value[0] == "'" else re.sub(r"\\([\"\\/])", r"\1", inside)
    return re.split(r"\s+#", value, maxsplit=1)[0].strip()


def _matter(found: dict[str, list[str]]) -> Matter:
    def one(key: str) -> str | None:
        return next(iter(found.get(key, ())), None)

    url = one("url")
    return Matter(
        title=one("title") or "",
        authors=tuple(found.get("authors", ())),
        date=one("date"),
        modified=one("modified"),
        url=url if url and _ADDRESS.fullmatch(url) else None,
        tags=tuple(found["tags"]) if "tags" in found else None,
        categories=tuple(found["categories"]) if "categories" in found else None,
        language=one("language"),
    )
