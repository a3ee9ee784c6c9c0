"""What a search finds, as a page shows it: hits, how many, facets, and when.

The numbers of all hits are put into a temporary table once, in memory; everything that is counted is counted over it.
Site, date, type and language of a post are all in one index, so that counting reads no text: at 100,000 posts of 3 kB
a word that is in 58,000 of them takes 50 ms that way, and the rows themselves would be 230 MB.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.corpus import Corpus, Query, asof, days
from ingest.corpus.search import Hit, find, plan
from ingest.web.asked import LAST_PAGE, Asked

__all__ = ["PER_PAGE", "Facet", "Found", "all_months", "months_of", "newest", "search"]

PER_PAGE = 20
#: Names of authors, categories and tags are counted exactly in so many hits; of more, in about as many as `_SAMPLE`.
_EXACT = 10_000
_SAMPLE = 5_000
#: Values of a facet that are shown.
_SHOWN = 40

Months = Mapping[str | None, int]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Facet:
    """What the hits have of one kind, the most frequent first."""

    #: Name of the filter in an address.
    name: str
    title: str
    #: Value for the filter, how many hits have it.
    values: tuple[tuple[str, int], ...]
    #: Whether the numbers are estimates, from a part of the hits.
    about: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question."""

    hits: list[Hit]
    total: int
    facets: tuple[Facet, ...]
    #: Month (`2025-03`; None: no date) -> hits.
    months: Months
    #: Month -> the posts that the hits are a share of: those that pass the filters, or all where no word is asked for.
    of: Months
    #: The page that is shown, and how many there are: beyond the last one there is the last one.
    page: int
    pages: int


def search(corpus: Corpus, asked: Asked) -> Found:
    """Ask, count, and show one page."""
    query = asked.query
    total = _keep(corpus, query)
    groups = _grouped(corpus, total) if total else []
    months = _summed(groups, 1)
    of = _others(corpus, query)
    pages = min(max(1, -(-total // PER_PAGE)), LAST_PAGE)
    page = min(asked.page, pages)
    offset = (page - 1) * PER_PAGE
    hits = find(corpus, _newer(corpus, query, offset), limit=PER_PAGE, offset=offset) if total else []
    return Found(hits, total, tuple(_facets(corpus, groups, total)), months, of, page, pages)


def months_of(
    corpus: Corpus, condition: str = "1", values: Mapping[str, Any] | None = None, posts: str = "posts"
) -> Months:
    """Month -> posts that meet a condition on `posts p`; None for those without a date."""
    rows = corpus.conn.execute(
        f"SELECT substr(p.published_at, 1, 7), count(*) FROM {posts} p WHERE {condition} GROUP BY 1", values or {}
    )
    return dict(rows.fetchall())


def newest(corpus: Corpus, condition: str = "1", values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The newest posts that meet a condition on `posts p`: doc_id, title, site, published_at, gone_at."""
    return corpus.rows(
        "SELECT p.doc_id, p.title, nullif(s.site, '') AS site, p.published_at, p.gone_at FROM"
        f" (SELECT p.id FROM posts p WHERE p.published_at IS NOT NULL AND {condition}"
        "  ORDER BY p.published_at DESC LIMIT 10) n"
        " JOIN posts p ON p.id = n.id JOIN sites s ON s.id = p.site_id ORDER BY p.published_at DESC, p.doc_id",
        values or {},
    )


def _keep(corpus: Corpus, query: Query) -> int:
    """Put the numbers of all hits into `temp.hits`; how many."""
    asked, conn = plan(query), corpus.conn
    conn.execute("CREATE TEMP TABLE hits (id INTEGER PRIMARY KEY)")
    with asof.prepared(corpus, asked.as_of), corpus.explained():
        return conn.execute(f"INSERT INTO hits SELECT {asked.id} {asked.source}", asked.values).rowcount


#: Site, month, type, language, and how many hits have these four.
Group = tuple[str, str | None, str, str | None, int]


def _newer(corpus: Corpus, query: Query, offset: int) -> Query:
    """The same question, where the newest come first, without what is older than this page: it need not be sorted."""
    if query.words.strip() or query.as_of is not None:
        return query
    row = corpus.conn.execute(
        "SELECT p.published_at FROM posts p WHERE +p.id IN (SELECT id FROM temp.hits) AND p.published_at IS NOT NULL"
        " ORDER BY p.published_at DESC LIMIT 1 OFFSET ?",
        [offset + PER_PAGE - 1],
    ).fetchone()
    if row is None or not _TIME.fullmatch(row[0]) or not days.is_date(row[0]):
        return query
    return replace(query, since=max(row[0], query.since or ""))


def _grouped(corpus: Corpus, total: int) -> list[Group]:
    # A few rows are looked up one by one. For many, `+` keeps SQLite from that: it reads the index from end to end.
    few = total * 10 < (corpus.conn.execute("SELECT max(id) FROM posts").fetchone()[0] or 0)
    return corpus.conn.execute(
        "SELECT s.site, month, type, g.language, n FROM"
        " (SELECT p.site_id, substr(p.published_at, 1, 7) AS month, p.type, p.language, count(*) AS n FROM posts p"
        f" WHERE {'' if few else '+'}p.id IN (SELECT id FROM temp.hits) GROUP BY 1, 2, 3, 4) g"
        " CROSS JOIN sites s ON s.id = g.site_id"
    ).fetchall()


def _summed(groups: list[Group], column: int) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for group in groups:
        found[group[column]] += group[4]
    return found


def _others(corpus: Corpus, query: Query) -> Months:
    within = replace(query, words="")
    if not (query.words.strip() and within.narrowed):
        return all_months(corpus)
    asked = plan(within)
    with asof.prepared(corpus, asked.as_of):
        return months_of(corpus, asked.where, asked.values, posts=asked.posts)


#: What a corpus file was when its months were counted, and the months: 35 ms at 100,000 posts for every page.
_COUNTED: dict[Path, tuple[tuple[int, ...], Months]] = {}


def all_months(corpus: Corpus) -> Months:
    """Month -> all posts; counted again when the file, or its write-ahead log, has changed."""
    state: tuple[int, ...] = ()
    for path in (corpus.path, corpus.path.with_name(f"{corpus.path.name}-wal")):
        if path.exists():
            told = path.stat()
            state += (told.st_ino, told.st_size, told.st_mtime_ns)
    known = _COUNTED.get(corpus.path)
    if known is None or known[0] != state:
        _COUNTED[corpus.path] = known = (state, months_of(corpus))
    return known[1]


def _facets(corpus: Corpus, groups: list[Group], total: int) -> list[Facet]:
    step = 1 if total <= _EXACT else -(-total // _SAMPLE)
    names = _names(corpus, step)
    years: Counter[str] = Counter()
    for month, count in _summed(groups, 1).items():
        if month:
            years[month[:4]] += count
    sites, languages = _summed(groups, 0), _summed(groups, 3)
    sites.pop("", None)
    languages["und"] += languages.pop(None, 0)
    facets = [
        _facet("site", "Site", sites),
        _facet("author", "Author", names["author"], about=step > 1),
        _facet("category", "Category", names["category"], about=step > 1),
        _facet("tag", "Tag", names["post_tag"], about=step > 1),
        _facet("type", "Type", _summed(groups, 2)),
        _facet("lang", "Language", +languages),
        _facet("year", "Year", years, lambda pair: pair[0]),
    ]
    return [facet for facet in facets if facet.values]


_AUTHORS = (
    "SELECT a.name, n FROM (SELECT x.author_id, count(*) AS n FROM temp.hits h"
    " CROSS JOIN post_authors x ON x.post_id = h.id WHERE h.id % :step = 0 GROUP BY 1) c"
    " JOIN authors a ON a.id = c.author_id WHERE a.name IS NOT NULL"
)
_TERMS = (
    "SELECT t.taxonomy, coalesce(t.name, t.slug), n FROM (SELECT x.term_id, count(*) AS n FROM temp.hits h"
    " CROSS JOIN post_terms x ON x.post_id = h.id WHERE h.id % :step = 0 GROUP BY 1) c"
    " JOIN terms t ON t.id = c.term_id AND t.taxonomy IN ('category', 'post_tag')"
    " WHERE coalesce(t.name, t.slug) IS NOT NULL"
)


def _names(corpus: Corpus, step: int) -> dict[str, Counter[str]]:
    """Authors, categories and tags: name -> hits; with a step from every second, third, … hit, and multiplied."""
    found: dict[str, Counter[str]] = {"author": Counter(), "category": Counter(), "post_tag": Counter()}
    for name, count in corpus.conn.execute(_AUTHORS, {"step": step}):
        found["author"][name] += count * step
    for taxonomy, name, count in corpus.conn.execute(_TERMS, {"step": step}):
        found[taxonomy][name] += count * step
    return found


def _facet(
    name: str,
    title: str,
    counted: Counter[str],
    key: Callable[[tuple[str, int]], Any] = lambda pair: (-pair[1], pair[0]),
    *,
    about: bool = False,
) -> Facet:
    return Facet(name, title, tuple(sorted(counted.items(), key=key)[: None if name == "year" else _SHOWN]), about)
