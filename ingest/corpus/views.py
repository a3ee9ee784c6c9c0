"""The views that several sources have of one post, and the row that they make together, whatever order they came in.

A post that one source alone has shown is that source's view (`sightings.facts` is NULL). From the second one on every
sighting keeps its own facts: so a gap of the best view is filled from the best one that has it, and not from the one
that came first; and a view is as old as its source says, not as old as a gap that another one filled.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from ingest.corpus import names
from ingest.corpus.decide import Decision
from ingest.records import RANK, PersonRef, Post, TermRef

__all__ = [
    "Facts",
    "authors_of",
    "best",
    "facts_of",
    "kept",
    "modified_of",
    "ranked",
    "renewed",
    "row_of",
    "store",
    "terms_of",
    "together",
]

#: What one source says of a post: the columns that another one may fill, `rank`, `authors`, and `terms` (None: it does
#: not say; []: there are none). Empty ones are left out.
Facts = Mapping[str, Any]

_SINGLE = ("url", "excerpt", "language")
#: A date, with what belongs to it.
_DATES = (("published_at", "published_raw", "date_precision"), ("modified_at", "modified_raw"))
_COLUMNS = ("type", "remote_id", *_SINGLE, *_DATES[0], *_DATES[1])


def facts_of(row: Mapping[str, Any], post: Post) -> Facts:
    """The facts of an incoming view; `row` are its columns."""
    found: dict[str, Any] = {name: row[name] for name in _COLUMNS if row[name]}
    found["rank"] = RANK[post.rank]
    if post.authors:
        found["authors"] = [one._asdict() for one in post.authors]
    if post.terms is not None:
        found["terms"] = [one._asdict() for one in post.terms]
    return found


def kept(conn: sqlite3.Connection, held: Mapping[str, Any]) -> dict[int, Facts]:
    """Number of a source -> its facts of a held post."""
    rows = conn.execute("SELECT source_id, facts FROM sightings WHERE post_id = ?", [held["id"]]).fetchall()
    return {source: _own(conn, held, facts) for source, facts in rows}


def _own(conn: sqlite3.Connection, held: Mapping[str, Any], stored: str | None) -> dict[str, Any]:
    """Facts as stored; those of the only view so far are the row itself."""
    told: dict[str, Any] = json.loads(stored) if stored else {}
    if "rank" in told:
        return told
    found: dict[str, Any] = {name: held[name] for name in _COLUMNS if held[name]}
    found["rank"] = held["body_rank"]
    authors, terms = names.authors_of(conn, held["id"]), names.terms_of(conn, held["id"])
    return found | ({"authors": authors} if authors else {}) | ({"terms": terms} if terms else {}) | told


def modified_of(conn: sqlite3.Connection, held: Mapping[str, Any]) -> str | None:
    """When the held words were last changed, by the word of the source that brought them."""
    row = conn.execute(
        "SELECT facts FROM sightings WHERE post_id = ? AND payload_id = ? AND body_rank = ? AND facts IS NOT NULL",
        [held["id"], held["payload_id"], held["body_rank"]],
    ).fetchone()
    told = json.loads(row[0]) if row else {}
    found: str | None = told.get("modified_at") if "rank" in told else held["modified_at"]
    return found


def best(conn: sqlite3.Connection, held: Mapping[str, Any], views: Mapping[int, Facts]) -> int:
    """The source of the held words."""
    rows = conn.execute(
        "SELECT source_id FROM sightings WHERE post_id = ? AND payload_id = ? AND body_rank = ? ORDER BY source_id",
        [held["id"], held["payload_id"], held["body_rank"]],
    )
    owner = next((row[0] for row in rows), None)
    return owner if owner is not None else max(views, key=lambda source: (views[source]["rank"], -source))


def renewed(decision: Decision, before: Facts | None, said: Facts) -> Facts:
    """A source's facts after another word of it: what it said before fills the gaps of the better of the two."""
    if before is None:
        return said
    if decision in {Decision.TAKE, Decision.FACTS, Decision.REVISE}:
        return _combined(said, before)
    if decision is not Decision.FILL:
        return before
    newer = (said["rank"], said.get("modified_at", "")) >= (before["rank"], before.get("modified_at", ""))
    return _combined(said, before) if newer else _combined(before, said)


def together(kept: Mapping[int, Facts], other: Mapping[int, Facts]) -> dict[int, Facts]:
    """The views of two rows that are one post; of a source that saw both, the better one with its gaps filled."""
    found = {**other, **kept}
    for source in kept.keys() & other.keys():
        poorer, better = sorted(
            (other[source], kept[source]), key=lambda view: (view["rank"], view.get("modified_at", ""))
        )
        found[source] = _combined(better, poorer)
    return found


def _combined(better: Facts, poorer: Facts) -> dict[str, Any]:
    """Two views of one source as one: the better one, its gaps filled."""
    filled: dict[str, Any] = {**poorer, **better}
    for at, *beside in _DATES:
        said = better if better.get(at) or not poorer.get(at) else poorer
        filled = {key: value for key, value in filled.items() if key not in {at, *beside}}
        filled |= {key: said[key] for key in (at, *beside) if key in said}
    whose = better if better.get("remote_id") or not poorer.get("remote_id") else poorer
    return filled | {"type": whose["type"]}


def ranked(views: Mapping[int, Facts], best: int) -> list[Facts]:
    """The views, the one of source `best` first, then by rank and date; by what they say where that is equal."""
    rest = [view for source, view in views.items() if source != best]
    rest.sort(key=lambda view: (view["rank"], view.get("modified_at", ""), json.dumps(view, sort_keys=True)))
    return [views[best], *reversed(rest)]


def row_of(views: Sequence[Facts]) -> dict[str, Any]:
    """The columns that views make together, the best one first."""
    first = views[0]
    row: dict[str, Any] = {name: next((v[name] for v in views if v.get(name)), None) for name in _SINGLE}
    row["excerpt"] = row["excerpt"] or ""
    for at, *beside in _DATES:
        said = next((view for view in views if view.get(at)), first)
        row |= {name: said.get(name) for name in (at, *beside)}
    whose = next((view for view in views if view.get("remote_id")), first)
    return row | {"remote_id": whose.get("remote_id"), "type": whose["type"]}


def authors_of(views: Sequence[Facts]) -> list[PersonRef]:
    """The authors, as the best view that names some has them.

    Where that is one by number alone, the one name that the next view gives the post stands in behind it: for this
    post only, since a site's feed names the guest where its API gives the number of who put the post up.
    """
    said = [[PersonRef(**one) for one in view["authors"]] for view in views if view.get("authors")]
    first = said[0] if said else []
    if len(first) != 1 or first[0].name:
        return first
    named = (one for one, *more in said[1:] if one.name and not more and one.remote_id in {None, first[0].remote_id})
    return [*first, *islice(named, 1)]


def terms_of(views: Sequence[Facts]) -> list[TermRef] | None:
    """The terms, as the best view that speaks of them has them; None when none does."""
    said = next((view["terms"] for view in views if "terms" in view), None)
    return None if said is None else [TermRef(**one) for one in said]


def store(conn: sqlite3.Connection, post_id: int, views: Mapping[int, Facts]) -> None:
    """Keep the facts of each source; of the only one just what its row cannot tell: that it names no terms at all."""
    for source, view in views.items():
        only = len(views) == 1
        told = {"terms": []} if only and view.get("terms") == [] else None if only else view
        text = None if told is None else json.dumps(told, ensure_ascii=False, sort_keys=True)
        conn.execute(
            "UPDATE sightings SET facts = ?1 WHERE source_id = ?2 AND post_id = ?3 AND facts IS NOT ?1",
            [text, source, post_id],
        )
