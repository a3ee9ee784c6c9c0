"""Asking: the hits of a question, page by page, with a snippet each; how many there are; what was passed over."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

from ingest.corpus import asof
from ingest.corpus.search import filters
from ingest.corpus.search.query import Plan, Query, plan
from ingest.corpus.search.snippets import MARKS, WORDS, of_long, of_mixed
from ingest.corpus.search.words import said
from ingest.corpus.store import Corpus

__all__ = ["MARKS", "Hit", "explained", "find", "numbers", "search", "total", "unknown"]

#: The largest number that SQLite takes.
_MOST = 2**63 - 1


class Hit(TypedDict):
    """A post that was found."""

    id: int
    doc_id: str
    title: str
    url: str | None
    site: str | None
    published_at: str | None
    gone_at: str | None
    #: A piece of the text (of the title, when the words stand there alone), with MARKS round the words.
    snippet: str


def search(corpus: Corpus, words: str, *, limit: int = 20, offset: int = 0) -> Iterator[Hit]:
    """Posts that contain the words, best first. Any input is a search, never an error."""
    yield from find(corpus, Query(words=words), limit=limit, offset=offset)


def find(corpus: Corpus, query: Query, *, limit: int = 20, offset: int = 0) -> list[Hit]:
    """A page of the posts that a question asks for: best first (a title's words weigh eight times), or newest first.

    Raises ConfigError for a filter that cannot be read.
    """
    asked, limit, offset = plan(query), min(limit, _MOST), min(offset, _MOST)
    if asked.match is not None and query.sort == "rank" and asked.as_of is None:
        return _ranked(corpus, asked, limit, offset)
    with asof.prepared(corpus, asked.as_of):
        rows = corpus.rows(
            f"SELECT p.id {_ordered(asked, query)} LIMIT :limit OFFSET :offset",
            asked.values | {"limit": limit, "offset": offset},
        )
        ids = [row["id"] for row in rows]
        return _shown(corpus, asked, ids) if ids else []


def total(corpus: Corpus, query: Query) -> int:
    """How many posts a question asks for. Raises ConfigError for a filter that cannot be read."""
    asked = plan(query)
    with asof.prepared(corpus, asked.as_of):
        return int(corpus.rows(f"SELECT count(*) AS n {asked.source}", asked.values)[0]["n"])


def numbers(corpus: Corpus, query: Query) -> list[int]:
    """The row numbers of all posts that a question asks for, in no order: for counting, and for taking them away."""
    asked = plan(query)
    with asof.prepared(corpus, asked.as_of):
        return [row["id"] for row in corpus.rows(f"SELECT {asked.id} AS id {asked.source}", asked.values)]


def unknown(corpus: Corpus, query: Query) -> list[str]:
    """Sites and sources named in a question that this corpus does not know, a line each."""
    asked = [Query(site=(word,)) for word in query.site] + [Query(source=(word,)) for word in query.source]
    return [
        f"no {'site' if one.site else 'source'} {(one.site or one.source)[0]!r} in this corpus"
        for one in asked
        if not corpus.rows(*filters.known(one))
    ]


def explained(query: Query) -> list[str]:
    """How the words were read, and what was passed over, a line each."""
    reading = query.reading
    return [f"read as {said(reading.tree)}", *reading.notes]


def _ordered(asked: Plan, query: Query) -> str:
    by = f"{asked.score} DESC" if query.sort == "rank" and asked.score != "0" else ""
    source = asked.source
    if asked.match is not None and asked.as_of is not None and query.sort == "rank":
        source, by = f"FROM ({asof.ranked(asked.as_of)}) f CROSS JOIN {asked.posts} p ON p.id = f.id", "f.score"
        source += f" WHERE {asked.where}"
    elif asked.match is not None and asked.as_of is None:
        source = f"{_INDEXED} AND {asked.where}"
    return f"{source} ORDER BY {by}{', '[: 2 * bool(by)]}p.published_at DESC, p.doc_id"


_ROW = "p.id, p.doc_id, p.title, p.url, nullif(s.site, '') AS site, p.published_at, p.gone_at"
_INDEXED = "FROM posts_fts CROSS JOIN posts p ON p.id = posts_fts.rowid WHERE posts_fts MATCH :match"
#: Letters from which on a text's snippet is made here (`snippets.of_long`).
_LONG = 20_000
_SNIPPETS = (
    f"CASE WHEN length(p.text) < {_LONG} THEN snippet({{0}}, 1, char(1), char(2), '…', {WORDS}) END AS snippet,"
    f" CASE WHEN length(p.text) < {_LONG} THEN snippet({{0}}, 0, char(1), char(2), '…', {WORDS}) END AS titled,"
    f" CASE WHEN length(p.text) >= {_LONG} THEN p.text END AS text"
)


def _ranked(corpus: Corpus, asked: Plan, limit: int, offset: int) -> list[Hit]:
    """One query: with `rank` as the only key FTS5 sorts by itself, and SQLite makes snippets of the page alone."""
    rows = corpus.rows(
        f"SELECT {_ROW}, {_SNIPPETS.format('posts_fts')} FROM posts_fts CROSS JOIN posts p ON p.id = posts_fts.rowid"
        f" JOIN sites s ON s.id = p.site_id WHERE posts_fts MATCH :match AND {asked.where}"
        " ORDER BY posts_fts.rank LIMIT :limit OFFSET :offset",
        asked.values | {"limit": limit, "offset": offset},
    )
    return [_snippeted(row, asked) for row in rows]


def _shown(corpus: Corpus, asked: Plan, ids: Sequence[int]) -> list[Hit]:
    values: dict[str, Any] = {"ids": json.dumps(ids)}
    if asked.match is None:
        rows = corpus.rows(
            f"SELECT {_ROW}, p.text FROM json_each(:ids) o CROSS JOIN {asked.posts} p ON p.id = o.value"
            " JOIN sites s ON s.id = p.site_id ORDER BY o.key",
            values,
        )
        return [_hit(row, _quoted(row.pop("text"), row["title"], asked)) for row in rows]
    values["match"] = asked.match
    if asked.as_of is None:
        return _snipped(corpus, asked, "posts_fts", values)
    # The words of then that have changed since are in an index of their own.
    found = {hit["id"]: hit for hit in _snipped(corpus, asked, "posts_fts", values)}
    found |= {hit["id"]: hit for hit in _snipped(corpus, asked, asof.index(asked.as_of), values)}
    return [found[number] for number in ids]


def _snipped(corpus: Corpus, asked: Plan, index: str, values: dict[str, Any]) -> list[Hit]:
    """Snippets of this page alone: asked for in the first query, SQLite would make one for every hit that it sorts."""
    rows = corpus.rows(
        f"SELECT {_ROW}, {_SNIPPETS.format(index)}"
        f" FROM json_each(:ids) o CROSS JOIN {index} ON {index}.rowid = o.value CROSS JOIN {asked.posts} p"
        f" ON p.id = o.value JOIN sites s ON s.id = p.site_id WHERE {index} MATCH :match ORDER BY o.key",
        values,
    )
    return [_snippeted(row, asked) for row in rows]


def _snippeted(row: dict[str, Any], asked: Plan) -> Hit:
    snippet, titled, text = row.pop("snippet"), row.pop("titled"), row.pop("text")
    return _hit(row, _better(snippet, titled) if text is None else _quoted(text, row["title"], asked))


def _hit(row: dict[str, Any], snippet: str) -> Hit:
    found: Hit = {**row, "snippet": snippet}  # type: ignore[typeddict-item]
    return found


def _better(text: str, title: str) -> str:
    return title if MARKS[0] not in text and MARKS[0] in title else text


def _quoted(text: str, title: str, asked: Plan) -> str:
    if asked.loose is None:
        return of_mixed(text, title, asked.terms)
    return of_long(text, title, asked.match, asked.loose)
