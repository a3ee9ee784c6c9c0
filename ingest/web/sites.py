"""A site's page, and the page of how every source fares."""

import json
from collections import Counter
from typing import Any

from ingest.corpus import Corpus
from ingest.web.asked import pairs
from ingest.web.charts import spark, timeline
from ingest.web.found import months_of, newest
from ingest.web.shown import Here, Shown

__all__ = ["VERDICTS", "health", "site"]

#: The contract's words, the most pressing first.
VERDICTS = ("failing", "partial", "unknown", "complete")

#: Sources on one page, and runs in a sparkline.
_PER_PAGE = 100
_RUNS = 30

_AUTHORS = """
SELECT a.name, count(*) AS posts FROM authors a JOIN post_authors x ON x.author_id = a.id
WHERE a.site_id = ? AND a.name IS NOT NULL GROUP BY a.name ORDER BY posts DESC, a.name LIMIT 40"""

_LINKED = """
SELECT t.doc_id, t.title, count(*) AS links, count(DISTINCT l.post_id) AS posts
FROM posts t JOIN links l ON l.target_post_id = t.id AND l.post_id <> t.id
WHERE t.site_id = ? GROUP BY t.id ORDER BY links DESC, t.doc_id LIMIT 10"""

_RUN = """
SELECT started_at, coalesce(verdict, 'unknown') AS verdict, new + changed AS news FROM runs
WHERE source_id = ? ORDER BY started_at DESC LIMIT ?"""


def site(corpus: Corpus, here: Here) -> Shown:
    """One blog: what there is of it in time, who writes, what is read and linked, and whether it is whole."""
    name = dict(pairs(here.query)).get("site", "")
    rows = corpus.rows("SELECT * FROM sites WHERE site = ?", [name])
    if not rows:
        return Shown("missing.html", {"what": f"This corpus knows no site {name!r}."}, status=404)
    number = rows[0]["id"]
    only = {"site": number}
    months = months_of(corpus, "p.site_id = :site", only)
    counted = corpus.rows(
        "SELECT type, coalesce(language, 'und') AS language, gone_at IS NOT NULL AS gone, count(*) AS posts"
        " FROM posts WHERE site_id = ? GROUP BY 1, 2, 3", [number],
    )  # fmt: skip
    numbers = [row["id"] for row in corpus.rows("SELECT id FROM sources WHERE site_id = ?", [number])]
    return Shown(
        "site.html",
        {
            "site": rows[0],
            "hosts": [row["host"] for row in corpus.rows("SELECT host FROM site_hosts WHERE site_id = ?", [number])],
            "posts": sum(row["posts"] for row in counted),
            "gone": sum(row["posts"] for row in counted if row["gone"]),
            "types": _summed(counted, "type"),
            "languages": _summed(counted, "language"),
            "timeline": timeline(months, months),
            "authors": corpus.rows(_AUTHORS, [number]),
            "newest": newest(corpus, "p.site_id = :site", only),
            "linked": corpus.rows(_LINKED, [number]),
            "sources": _sources(corpus, numbers[:_PER_PAGE]),
        },
    )


def _summed(counted: list[dict[str, Any]], name: str) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for row in counted:
        found[row[name]] += row["posts"]
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def health(corpus: Corpus, here: Here) -> Shown:
    """Every source: its verdict, why, what is missing, its last runs, when it is due; the most pressing first."""
    asked = dict(pairs(here.query))
    every = corpus.rows("SELECT id, verdict FROM sources WHERE state <> 'removed'")
    counts = Counter(row["verdict"] for row in every)
    only = asked.get("verdict", "")
    wanted = [row for row in every if only not in VERDICTS or row["verdict"] == only]
    wanted.sort(key=lambda row: (VERDICTS.index(row["verdict"]), row["id"]))
    pages = max(1, -(-len(wanted) // _PER_PAGE))
    word = asked.get("page", "1")
    page = min(max(int(word), 1), pages) if word.isascii() and word.isdecimal() and len(word) < 10 else 1
    shown = [row["id"] for row in wanted[(page - 1) * _PER_PAGE : page * _PER_PAGE]]
    return Shown(
        "health.html",
        {
            "counts": [(word, counts[word]) for word in VERDICTS],
            "only": only if only in VERDICTS else "",
            "sources": _sources(corpus, shown),
            "page": page,
            "pages": pages,
        },
    )


def _sources(corpus: Corpus, numbers: list[int]) -> list[dict[str, Any]]:
    """Sources with their health and last runs, in the order of their numbers as given."""
    if not numbers:
        return []
    rows = {row["source"]: row for row in corpus.sources(f"h.source IN ({','.join(map(str, numbers))})")}
    found = []
    for number in numbers:
        runs = corpus.rows(_RUN, [number, _RUNS])[::-1]
        heights = spark([run["news"] for run in runs])
        bars = [run | {"height": height} for run, height in zip(runs, heights, strict=True)]
        missing = json.loads(rows[number]["missing_ids"])
        found.append(rows[number] | {"runs": bars, "missing_ids": missing})
    return found
