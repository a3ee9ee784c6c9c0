"""Which posts are meant: all that are there, those that a search finds, those of a group of sources."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.corpus import Corpus, search

__all__ = ["Choice", "chosen"]

#: More hits than any corpus has posts.
_ALL = 2**31

_GROUPED = (
    " AND EXISTS (SELECT 1 FROM sightings g JOIN sources o ON o.id = g.source_id, json_each(o.groups) one"
    " WHERE g.post_id = p.id AND (one.value = :group OR substr(one.value, 1, length(:group) + 1) = :group || '/'))"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for; None is everything."""

    #: Words as `search` takes them.
    search: str | None = None
    #: A group of sources, with the groups below it (`a` is `a/b` too).
    group: str | None = None
    #: At most so many, the newest.
    limit: int | None = None


def chosen(corpus: Corpus, choice: Choice) -> Iterator[dict[str, Any]]:
    """The posts that are meant and not gone, newest first: rows of the view `corpus`, with `site_name` and `home`."""
    sql = (
        "SELECT c.*, s.name AS site_name, s.home FROM corpus c JOIN posts p ON p.doc_id = c.doc_id"
        " JOIN sites s ON s.id = p.site_id WHERE p.gone_at IS NULL"
    )
    values: dict[str, Any] = {"limit": -1 if choice.limit is None else choice.limit}
    if choice.search is not None:
        sql += " AND c.doc_id IN (SELECT value FROM json_each(:hits))"
        values["hits"] = json.dumps([hit["doc_id"] for hit in search(corpus, choice.search, limit=_ALL)])
    if choice.group is not None:
        sql += _GROUPED
        values["group"] = choice.group
    order = " ORDER BY coalesce(p.published_at, p.modified_at) DESC NULLS LAST, c.doc_id LIMIT :limit"
    yield from corpus.rows(sql + order, values)
