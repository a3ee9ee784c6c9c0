"""What the papers beside an export say, of its rows and of the corpus they come from. No row numbers, no paths."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from ingest.corpus import Corpus
from ingest.research.cite import Whole
from ingest.research.cite import whole as cited_whole
from ingest.research.export.tally import Tally

__all__ = ["Facts", "Licence", "SourceFacts", "gathered"]

_SOURCES = """
SELECT nullif(s.site, '') AS site, o.kind, o.url, o.state, o.verdict, o.reason, o.failing_since, o.last_ok_at,
  json_array_length(o.missing_ids) AS missing,
  (SELECT count(*) FROM rejects r WHERE r.source_id = o.id AND r.resolved_at IS NULL) AS rejects
FROM sources o LEFT JOIN sites s ON s.id = o.site_id ORDER BY o.url, o.kind
"""
#: A page of a licence, or of the public domain. A link to it is a hint, and no more.
_LICENCES = """
SELECT nullif(s.site, '') AS site, l.url, count(DISTINCT l.post_id) AS posts
FROM links l JOIN posts p ON p.id = l.post_id JOIN sites s ON s.id = p.site_id
WHERE l.url GLOB 'http*://creativecommons.org/licenses/*' OR l.url GLOB 'http*://creativecommons.org/publicdomain/*'
GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""
_RUNS = """
SELECT min(started_at) AS first, max(ended_at) AS last, group_concat(DISTINCT version) AS versions,
  group_concat(DISTINCT robots) AS robots FROM runs
"""
_COPIES = """
SELECT (SELECT count(DISTINCT cluster) FROM duplicates) AS clusters,
  (SELECT count(*) FROM posts) - (SELECT count(*) FROM signatures WHERE settled) AS not_compared,
  (SELECT count(*) FROM signatures) AS compared
"""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source, and how it fares."""

    site: str | None
    kind: str
    #: Its address; of a folder of texts the folder's name alone.
    url: str
    state: str
    verdict: str
    reason: str | None
    failing_since: str | None
    last_ok_at: str | None
    #: Posts that it announced and the corpus does not hold; items that could not be stored.
    missing: int
    rejects: int


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence that posts of a site link to."""

    site: str | None
    url: str
    posts: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the papers say."""

    form: str
    whole: Whole
    tally: Tally
    #: What was asked for: option -> value; empty for the whole corpus.
    asked: Mapping[str, str]
    sources: tuple[SourceFacts, ...]
    #: Sources of which nothing was asked for, and nothing is here.
    others: int
    licences: tuple[Licence, ...]
    #: Of all runs: first and last time, program versions, what was done about robots.txt.
    runs: Mapping[str, str | None]
    #: Of near-duplicates in the corpus: clusters, posts compared and not; None where they are not looked for.
    copies: Mapping[str, int] | None


def gathered(
    corpus: Corpus, form: str, tally: Tally, asked: Mapping[str, str], *, by: tuple[str, ...], digest: str
) -> Facts:
    """The facts, once all rows have passed. `asked`: as in `Facts`; `by`: who compiled it; `digest`: of the data."""
    sources = [SourceFacts(**_named(row)) for row in corpus.rows(_SOURCES)]
    meant = [one for one in sources if not asked or one.site in tally.sites]
    licences = [Licence(**row) for row in corpus.rows(_LICENCES)]
    told = (
        corpus.rows(_COPIES)[0] if corpus.rows("SELECT 1 FROM main.sqlite_master WHERE name = 'duplicates'") else None
    )
    whole = cited_whole(corpus)
    return Facts(
        form=form,
        whole=replace(
            whole, posts=tally.all.posts, sites=tuple(sorted(filter(None, tally.sites))), first=tally.all.first,
            last=tally.all.last, state_at=asked.get("as-of", whole.state_at), by=by, digest=digest,
        ),
        tally=tally,
        asked=asked,
        sources=tuple(meant),
        others=len(sources) - len(meant),
        licences=tuple(one for one in licences if one.site in tally.sites),
        runs={name: _in_order(value) for name, value in corpus.rows(_RUNS)[0].items()},
        copies=told if told and told["compared"] else None,
    )  # fmt: skip


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """Where a folder of texts lies is nobody's business."""
    url = row["url"]
    return row if url.startswith(("http://", "https://", "load:")) else row | {"url": f"folder {PurePath(url).name}"}


def _in_order(value: str | None) -> str | None:
    """SQLite lists different values in the order it meets them."""
    return ", ".join(sorted(value.split(","))) if value else value
