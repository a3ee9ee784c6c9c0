"""The search page, the first page, and the searches that have a name."""

from dataclasses import replace
from typing import Any

from ingest.corpus import Corpus
from ingest.corpus.search import unknown
from ingest.web.asked import FILTERS, Asked, ask
from ingest.web.charts import timeline
from ingest.web.found import PER_PAGE, Facet, all_months, newest
from ingest.web.found import search as find
from ingest.web.shown import Here, Shown

__all__ = ["saved", "search"]

_TITLES = {
    "site": "Site", "author": "Author", "category": "Category", "tag": "Tag", "type": "Type", "lang": "Language",
    "source": "Source", "from": "From", "to": "To", "as-of": "As of", "gone": "Gone",
}  # fmt: skip


def search(corpus: Corpus, here: Here) -> Shown:
    """What is asked for; where nothing is, what the corpus holds."""
    asked = ask(here.query)
    context: dict[str, Any] = {
        "asked": asked,
        "chips": [(_TITLES[name], value, asked.without(name, value)) for name, value in asked.chosen()],
        "fields": [(name, _TITLES[name], ", ".join(_told(asked, name))) for name in FILTERS],
        "several": any(len(_told(asked, name)) > 1 for name in FILTERS),
        "saved": _saved(corpus),
    }
    if asked.empty:
        return Shown("front.html", context | _overview(corpus))
    found = find(corpus, asked)
    beyond = [f"there is no page {asked.page}: this is the last one"] if asked.page > found.page else []
    asked = replace(asked, page=found.page)
    context |= {
        "asked": asked,
        "found": found,
        "notes": [*asked.notes, *beyond, *unknown(corpus, asked.query)],
        "timeline": timeline(found.months, found.of),
        "facets": [(facet, _values(asked, facet)) for facet in found.facets],
        "pages": found.pages,
        "first": (asked.page - 1) * PER_PAGE + 1,
        "downloads": asked.address(sort=None),
    }
    return Shown("search.html", context)


def _told(asked: Asked, name: str) -> list[str]:
    return [value for one, value in asked.said if one == name]


def _values(asked: Asked, facet: Facet) -> list[tuple[str, int, str, bool]]:
    """Value, hits, the query string that narrows to it or, where it is chosen, widens again; whether it is chosen."""
    rows = []
    for value, count in facet.values:
        if facet.name == "year":
            chosen = ("from", value) in asked.said and ("to", value) in asked.said
            address = asked.address(since=None if chosen else value, to=None if chosen else value)
        else:
            chosen = (facet.name, value) in asked.said
            address = (asked.without if chosen else asked.also)(facet.name, value)
        rows.append((value, count, address, chosen))
    return rows


def _overview(corpus: Corpus) -> dict[str, Any]:
    """The corpus at a glance."""
    months = all_months(corpus)
    sites = corpus.rows(
        "SELECT nullif(s.site, '') AS site, s.name, n AS posts FROM"
        " (SELECT site_id, count(*) AS n FROM posts GROUP BY site_id ORDER BY n DESC LIMIT 50) c"
        " JOIN sites s ON s.id = c.site_id ORDER BY n DESC, site"
    )
    return {
        "posts": sum(months.values()),
        "gone": corpus.rows("SELECT count(*) AS n FROM posts WHERE gone_at IS NOT NULL")[0]["n"],
        "all_sites": corpus.rows("SELECT count(*) AS n FROM sites WHERE site <> ''")[0]["n"],
        "sites": sites,
        "newest": newest(corpus),
        "timeline": timeline(months, months),
    }


def saved(corpus: Corpus, here: Here) -> Shown:  # noqa: ARG001  (every page is asked alike)
    """The searches that have a name."""
    return Shown("saved.html", {"saved": _saved(corpus)})


def _saved(corpus: Corpus) -> list[dict[str, Any]]:
    rows = corpus.rows("SELECT name, asked, saved_at FROM saved_searches ORDER BY name")
    return [row | {"address": ask(row["asked"]).address()} for row in rows]
