"""Which posts are meant: all, those that a search finds, those of a group of sources; today, or as of a date."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.corpus import Corpus, Query, asof
from ingest.corpus.search import numbers

__all__ = ["Choice", "chosen", "columns", "held"]

_GROUPED = (
    "EXISTS (SELECT 1 FROM sightings g JOIN sources o ON o.id = g.source_id, json_each(o.groups) one"
    " WHERE g.post_id = p.id AND (one.value = :group OR substr(one.value, 1, length(:group) + 1) = :group || '/'))"
)

#: Columns of the view `corpus` that are of the date; the others are today's.
_THEN = {
    **{name: f"p.{name}" for name in ("title", "text", "modified_at", "word_count", "gone_at", "gone_kind")},
    # Every version but the first was a revision's end: so many had been seen by then.
    "revisions": "(SELECT max(count(*) - 1, 0) FROM (SELECT r.seen_at AS at FROM revisions r WHERE r.post_id = p.id"
    " UNION ALL SELECT h.words_since FROM main.posts h WHERE h.id = p.id) WHERE at <= :as_of)",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for; None is everything."""

    #: Words as `search` takes them.
    search: str | None = None
    #: A group of sources, with the groups below it (`a` is `a/b` too).
    group: str | None = None
    #: At most so many: the newest of `chosen`, the first of `held`.
    limit: int | None = None
    #: What narrows it, as it narrows a search, and as of when.
    filters: Query = field(default_factory=Query)


def columns(corpus: Corpus) -> list[str]:
    """The columns of the view `corpus`, in its order."""
    return [row["name"] for row in corpus.rows("SELECT name FROM pragma_table_info('corpus')")]


def held(corpus: Corpus, choice: Choice = Choice()) -> Iterator[dict[str, Any]]:
    """The posts that are meant, gone ones included, by `doc_id`: rows of the view `corpus`, and of exactly its columns.

    They are read one by one, so a corpus may be larger than memory. With `filters.as_of` the corpus as it was held at
    that date, in the same columns. Raises ConfigError for a filter that cannot be read.
    """
    yield from _rows(corpus, choice, _columns(corpus, choice), "1", "c.doc_id")


def chosen(corpus: Corpus, choice: Choice) -> Iterator[dict[str, Any]]:
    """The posts that are meant and not gone, newest first: rows of the view `corpus`, with `site_name` and `home`."""
    named = f"{_columns(corpus, choice)}, s.name AS site_name, s.home"
    order = "coalesce(p.published_at, p.modified_at) DESC NULLS LAST, c.doc_id"
    yield from _rows(corpus, choice, named, "p.gone_at IS NULL", order)


def _columns(corpus: Corpus, choice: Choice) -> str:
    if choice.filters.as_of is None:
        return "c.*"
    return ", ".join(f"{_THEN.get(name, f'c.{name}')} AS {name}" for name in columns(corpus))


def _rows(corpus: Corpus, choice: Choice, named: str, where: str, order: str) -> Iterator[dict[str, Any]]:
    at = choice.filters.as_of
    values: dict[str, Any] = {"limit": -1 if choice.limit is None else choice.limit}
    if at is not None:
        values["as_of"] = asof.end_of(at)
    with asof.prepared(corpus, at):
        if choice.search is not None or replace(choice.filters, as_of=None).narrowed or choice.filters.words:
            where += " AND p.id IN (SELECT value FROM json_each(:hits))"
            asked = replace(choice.filters, words=choice.search or choice.filters.words)
            # Words that say nothing find nothing, also where there are filters beside them.
            empty = choice.search is not None and asked.reading.tree is None
            values["hits"] = json.dumps([] if empty else sorted(numbers(corpus, asked)))
        if choice.group is not None:
            where, values["group"] = f"{where} AND {_GROUPED}", choice.group
        sql = (
            f"SELECT {named} FROM {asof.posts(at)} p JOIN corpus c ON c.doc_id = p.doc_id"
            f" JOIN sites s ON s.id = p.site_id WHERE {where} ORDER BY {order} LIMIT :limit"
        )
        with corpus.explained():
            cursor = corpus.conn.execute(sql, values)
            names = [column[0] for column in cursor.description]
            yield from (dict(zip(names, row, strict=True)) for row in cursor)
