"""Figures: how many posts and words, by month, site, language, author, …; of a search, how many and what share.

A count alone shows how much was collected; the share of all posts of the same month (site, …) shows how much of it is
about something. So both are given, and months without a post are rows too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.corpus import Corpus, Query, asof
from ingest.corpus.search import plan
from ingest.errors import ConfigError

__all__ = ["BY", "Coverage", "Figure", "coverage", "stats"]

_NAMED = (
    "LEFT JOIN (SELECT x.post_id, coalesce(t.name, t.slug) AS name FROM post_terms x JOIN terms t ON t.id = x.term_id"
    " WHERE t.taxonomy = '{}') n ON n.post_id = p.id"
)

#: What can be counted by -> the key of a post, and the join that gives it. A post with two authors counts for both.
BY = {
    "site": ("nullif(s.site, '')", "JOIN sites s ON s.id = p.site_id"),
    "month": ("substr(p.published_at, 1, 7)", ""),
    "year": ("substr(p.published_at, 1, 4)", ""),
    "language": ("p.language", ""),
    "type": ("p.type", ""),
    "author": (
        "n.name",
        "LEFT JOIN (post_authors x JOIN authors n ON n.id = x.author_id) ON x.post_id = p.id",
    ),
    "category": ("n.name", _NAMED.format("category")),
    "tag": ("n.name", _NAMED.format("post_tag")),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What there is under one key."""

    #: `2025-03`, a site, a name, …; None for posts of which it is not known.
    key: str | None
    posts: int
    words: int
    #: Of each search, in its order: how many of these posts it finds.
    counts: tuple[int, ...] = ()

    @property
    def shares(self) -> tuple[float | None, ...]:
        """Of each search: its count by all these posts, 0 to 1; None where there is no post."""
        return tuple(count / self.posts if self.posts else None for count in self.counts)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the corpus has of a site in time, and how its sources fared."""

    site: str | None
    #: The first and the last post, UTC; None when none is dated.
    first: str | None
    last: str | None
    undated: int
    #: The longest time without a post, in days, and the posts before and after it.
    gap_days: float | None
    gap_from: str | None
    gap_to: str | None
    #: The worst verdict of what is polled of it: `complete`, `unknown`, `partial`, `failing`.
    verdict: str


def stats(corpus: Corpus, by: str = "site", *, search: Sequence[str] = (), within: Query | None = None) -> list[Figure]:
    """Posts and words under each key of `by` (a key of `BY`), and what each search finds of them.

    `within`: only of the posts that pass its filters. Months and years come in time with none left out, other keys by
    their number of posts; None last. Raises ConfigError.
    """
    if by not in BY:
        raise ConfigError(f"stats by {by!r}: it is one of {', '.join(BY)}")
    within = within or Query()
    with asof.prepared(corpus, within.as_of):
        every = _grouped(corpus, by, within)
        found = [_grouped(corpus, by, replace(within, words=words), search=True) for words in search]
    none = (0, 0)
    return [
        Figure(key, *every.get(key, none), tuple(one.get(key, none)[0] for one in found))
        for key in _ordered(by, {key: posts for key, (posts, _) in every.items()})
    ]


def _where(query: Query, *, search: bool = False) -> tuple[str, Mapping[str, Any]]:
    """A condition on `posts p`, and its values. A search without a word finds nothing; no search is everything."""
    if search and query.reading.tree is None:
        return "0", {}
    if not search and not query.narrowed:
        return "1", {}
    asked = plan(query if search else replace(query, words=""))
    return f"p.id IN (SELECT {asked.id} {asked.source})", asked.values


def _grouped(corpus: Corpus, by: str, query: Query, *, search: bool = False) -> dict[str | None, tuple[int, int]]:
    key, join = BY[by]
    where, values = _where(query, search=search)
    rows = corpus.rows(
        "SELECT key, count(*) AS posts, sum(word_count) AS words FROM"
        f" (SELECT DISTINCT p.id, {key} AS key, p.word_count FROM {asof.posts(query.as_of)} p {join} WHERE {where})"
        " GROUP BY key",
        values,
    )
    return {row["key"]: (row["posts"], row["words"]) for row in rows}


def _ordered(by: str, posts: dict[str | None, int]) -> list[str | None]:
    known = [key for key in posts if key is not None]
    unknown: list[str | None] = [None] if None in posts else []
    if by in {"month", "year"}:
        return [*_every(by, known), *unknown]
    return [*sorted(known, key=lambda key: (-posts[key], key)), *unknown]


def _every(by: str, known: list[str]) -> Iterator[str]:
    """From the first to the last, those without a post as well."""
    if not known:
        return
    first, last = min(known), max(known)
    if by == "year":
        yield from (f"{year:04}" for year in range(int(first), int(last) + 1))
        return
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    yield from (f"{month // 12:04}-{month % 12 + 1:02}" for month in range(start, end + 1))


def coverage(corpus: Corpus, within: Query | None = None) -> dict[str | None, Coverage]:
    """Site -> what there is of it in time, of the posts that pass a question's filters."""
    within = within or Query()
    where, values = _where(within)
    with asof.prepared(corpus, within.as_of):
        rows = corpus.rows(_COVERAGE.format(posts=asof.posts(within.as_of), where=where), values)
    return {row["site"]: Coverage(**_rounded(row)) for row in rows}


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"gap_days": None if row["gap_days"] is None else round(row["gap_days"], 1)}


# max() beside bare columns takes them from the row that has the maximum (SQLite's documented extension).
_COVERAGE = """
WITH held AS (SELECT p.site_id, p.published_at AS at,
    lag(p.published_at) OVER (PARTITION BY p.site_id ORDER BY p.published_at) AS before FROM {posts} p WHERE {where}),
  spans AS (SELECT site_id, min(at) AS first, max(at) AS last, count(*) - count(at) AS undated FROM held GROUP BY 1),
  gaps AS (SELECT site_id, max(julianday(at) - julianday(before)) AS gap_days, before AS gap_from, at AS gap_to
    FROM held WHERE before IS NOT NULL GROUP BY 1)
SELECT nullif(s.site, '') AS site, first, last, undated, gap_days, gap_from, gap_to,
  coalesce((SELECT o.verdict FROM sources o WHERE o.site_id = s.id AND o.state IN ('active', 'paused')
    ORDER BY instr('failing partial unknown complete', o.verdict) LIMIT 1), 'unknown') AS verdict
FROM spans JOIN sites s ON s.id = spans.site_id LEFT JOIN gaps ON gaps.site_id = s.id ORDER BY s.site
"""
