"""What narrows a search, as conditions on `posts p`: site, author, term, type, dates, language, source, gone."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ingest import urls
from ingest.corpus import days

if TYPE_CHECKING:
    from ingest.corpus.search.query import Query

__all__ = ["NAMES", "conditions", "known"]

#: The filters by name; `gone` is the one more.
NAMES = ("site", "author", "category", "tag", "type", "since", "until", "language", "source")

_TERM = (
    "p.id IN (SELECT x.post_id FROM json_each(:{0}) w JOIN terms t ON t.taxonomy = '{1}'"
    " AND (t.name LIKE w.value ESCAPE '\\' OR t.slug LIKE w.value ESCAPE '\\') JOIN post_terms x ON x.term_id = t.id)"
)

_SITES = (
    "SELECT s.id FROM sites s WHERE s.site IN (SELECT value FROM json_each(:site))"
    " UNION SELECT h.site_id FROM site_hosts h WHERE h.host IN (SELECT value FROM json_each(:site))"
)
_SOURCES = (
    "SELECT o.id FROM json_each(:source) w JOIN sources o ON o.id = w.value OR o.name = w.value"
    " OR o.url = w.value OR rtrim(substr(o.url, instr(o.url, '://') + 3), '/') = w.value"
)

#: filter -> its condition; the value is a JSON list but for the dates.
_CONDITIONS = {
    "site": f"p.site_id IN ({_SITES})",
    "author": "p.id IN (SELECT x.post_id FROM json_each(:author) w JOIN authors a"
    " ON a.name LIKE w.value ESCAPE '\\' OR a.slug LIKE w.value ESCAPE '\\' JOIN post_authors x ON x.author_id = a.id)",
    "category": _TERM.format("category", "category"),
    "tag": _TERM.format("tag", "post_tag"),
    "type": "p.type IN (SELECT value FROM json_each(:type))",
    "since": "p.published_at >= :since",
    "until": "substr(p.published_at, 1, length(:until)) <= :until",
    "language": "EXISTS (SELECT 1 FROM json_each(:language) w WHERE lower(coalesce(p.language, 'und')) = w.value"
    " OR lower(p.language) LIKE w.value || '-%')",
    "source": f"p.id IN (SELECT g.post_id FROM sightings g WHERE g.source_id IN ({_SOURCES}))",
}


def conditions(query: "Query") -> tuple[list[str], dict[str, Any]]:
    """The conditions of a question's filters, all of which must hold, and their values. Raises ConfigError."""
    found: list[str] = []
    values: dict[str, Any] = {}
    for name in NAMES:
        told = getattr(query, name)
        if told:
            found.append(_CONDITIONS[name])
            values[name] = _VALUES.get(name, _listed)(told)
    if query.gone is not None:
        found.append(f"p.gone_at IS {'NOT ' if query.gone else ''}NULL")
    return found, values


def known(query: "Query") -> tuple[str, dict[str, Any]]:
    """The query, and its values, that finds the rows of a question's sites, or else of its sources."""
    return (_SITES if query.site else _SOURCES), conditions(query)[1]


def _listed(told: tuple[str, ...]) -> str:
    return json.dumps(told)


def _patterns(told: tuple[str, ...]) -> str:
    """Names as LIKE patterns: `*` is anything, everything else is itself."""
    return json.dumps([re.sub(r"([%_\\])", r"\\\1", word).replace("*", "%") for word in told])


def _sites(told: tuple[str, ...]) -> str:
    return json.dumps([urls.site_of(word) or word for word in told])


def _languages(told: tuple[str, ...]) -> str:
    return json.dumps([word.lower() for word in told])


def _sources(told: tuple[str, ...]) -> str:
    """Numbers as numbers; addresses as they are, and without scheme."""
    names = [*told, *(word.split("://", 1)[-1].rstrip("/") for word in told)]
    return json.dumps([int(word) if word.isdecimal() and len(word) < 19 else word for word in names])


_VALUES: dict[str, Callable[[Any], str]] = {
    "site": _sites, "author": _patterns, "category": _patterns, "tag": _patterns,
    "since": days.checked, "until": days.checked, "language": _languages, "source": _sources,
}  # fmt: skip
