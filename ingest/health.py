"""How the sources of a corpus fare: which of them need a look and why, and figures for the rest.

A source needs a look when it is `failing` or `partial`, when items of it could not be stored, or when it answers well
and has fallen silent: no post for over ten times its usual gap (view `source_rhythm`). Paused ones are left in peace.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingest import schema
from ingest.corpus import Corpus, since, sources
from ingest.run.result import advice

__all__ = ["Look", "Survey", "Totals", "look_at", "one", "survey"]

#: Rhythms are worked out for those only that may be silent: no gap is shorter than a day.
_RHYTHM = (
    "SELECT source, last_post_at, silent_days, iif(silent_days > 10, usual_gap_days, NULL) AS usual_gap_days,"
    " iif(silent_days > 10, silent, 0) AS silent FROM source_rhythm"
)
_NO_RHYTHM = {"last_post_at": None, "silent_days": None, "usual_gap_days": None, "silent": 0}
#: Due for longer than this: nobody runs `fetch`, or its deadline is too short.
_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Look:
    """A source, and why it needs a look."""

    #: Its row: `corpus.sources()`, with `last_post_at`, `silent_days`, `usual_gap_days` (days), `silent`, `missing`.
    row: Mapping[str, Any]
    #: Of `failing`, `partial`, `rejects`, `silent` those that hold; empty when all is well.
    signs: tuple[str, ...]
    #: What is wrong, and what a person can do about it; either may be empty.
    why: str
    todo: str

    def since(self) -> str | None:
        """When it began, as far as that is known: the first failure, the last post of a silent source."""
        if self.signs[:1] == ("silent",):
            return str(self.row["last_post_at"])
        return self.row["failing_since"] if "failing" in self.signs else None


@dataclass(frozen=True, slots=True)
class Totals:
    """Figures over all sources but removed ones."""

    sources: int
    posts: int
    gone: int
    #: State -> number of sources.
    states: Mapping[str, int]
    #: Verdict -> number of the sources that are polled.
    verdicts: Mapping[str, int]
    #: Polled sources that are due; and those that have been for over a day, with the time of the longest waiting.
    due: int
    late: int
    late_since: str | None
    last_run_at: str | None


@dataclass(frozen=True, slots=True)
class Survey:
    """Every source with its look, by number, and the totals."""

    sources: tuple[Look, ...]
    totals: Totals


def survey(corpus: Corpus, now: str) -> Survey:
    """Look at all sources but removed ones. `now`: UTC, `…Z`; only what is due is measured against it."""
    rhythms = {row["source"]: row for row in corpus.rows(_with_rhythm(corpus) + _RHYTHM)}
    with corpus.explained():
        rows = sources.listed(corpus.conn, "h.state <> 'removed'")
    looks = tuple(look_at(row | rhythms.get(row["source"], _NO_RHYTHM)) for row in rows)
    return Survey(looks, _totals(corpus, rows, now))


def _with_rhythm(corpus: Corpus) -> str:
    """The view itself for a corpus of an older program, which is only read and never brought up to date."""
    if corpus.rows("SELECT 1 FROM sqlite_master WHERE name = 'source_rhythm'"):
        return ""
    made = next(s for s in schema.statements(schema.read("views.sql")) if "CREATE VIEW source_rhythm " in s)
    return f"WITH source_rhythm AS ({made.partition(' AS')[2].strip().rstrip(';')}) "


def look_at(row: Mapping[str, Any]) -> Look:
    """Why a source needs a look. `row` as in `Look`, but for `missing`, which is counted here."""
    row = {**row, "missing": len(json.loads(row["missing_ids"]))}
    signs = [row["verdict"]] if row["verdict"] in {"failing", "partial"} else []
    signs += ["rejects"] if row["rejects"] else []
    signs += ["silent"] if row["silent"] and row["state"] == "active" and row["verdict"] != "failing" else []
    if row["state"] in {"paused", "removed"}:
        signs = []
    why = "; ".join(_why(row, sign) for sign in signs)
    todo = advice(row["reason"] or "") if signs and signs[0] in {"failing", "partial"} else ""
    return Look(row, tuple(signs), why, todo)


def _why(row: Mapping[str, Any], sign: str) -> str:
    """What is wrong, a clause; the address of the source is not repeated."""
    if sign == "failing":
        return re.sub(r"^\S+://\S+: ", "", row["error"] or row["reason"] or "no reason given")
    if sign == "partial":
        missing, told = row["missing"], row["reason"] or "not whole"
        return told if not missing or "not held" in told else f"{told}, {missing:,} missing"
    if sign == "rejects":
        return f"{row['rejects']:,} item{'s'[: row['rejects'] != 1]} could not be stored"
    return f"usual gap {row['usual_gap_days']:g} d, last post {row['silent_days']:,} d ago"


def _totals(corpus: Corpus, rows: list[dict[str, Any]], now: str) -> Totals:
    posts = corpus.rows("SELECT count(*) AS n FROM posts")[0]["n"]
    gone = corpus.rows("SELECT count(*) AS n FROM posts WHERE gone_at IS NOT NULL")[0]["n"]
    polled = [row for row in rows if row["state"] == "active"]
    due = set(corpus.due(now))
    limit = (datetime.fromisoformat(now) - _LATE).strftime("%Y-%m-%dT%H:%M:%SZ")
    waiting = (row["next_due"] or row["added_at"] for row in polled if row["source"] in due)
    late = sorted(since for since in waiting if since < limit)
    return Totals(
        sources=len(rows), posts=posts, gone=gone,
        states=Counter(row["state"] for row in rows), verdicts=Counter(row["verdict"] for row in polled),
        due=len(due), late=len(late), late_since=late[0] if late else None,
        last_run_at=max((row["last_run_at"] for row in rows if row["last_run_at"]), default=None),
    )  # fmt: skip


def one(corpus: Corpus, number: int, *, most: int) -> tuple[Look, dict[str, Any]]:
    """The look of one source, and what lies behind it: its last runs and rejects (`most` each), options."""
    rhythm = corpus.rows(f"{_with_rhythm(corpus)}SELECT * FROM source_rhythm WHERE source = ?", [number])[0]
    row = corpus.sources("h.source = ?", (number,))[0] | rhythm
    told = corpus.rows("SELECT * FROM sources WHERE id = ?", [number])[0]
    more: dict[str, Any] = {
        "announced_by_type": json.loads(told["announced"]), "due_why": told.get("due_why"),
        "options": {**json.loads(told["options"]), **json.loads(told["wishes"])},
    }  # fmt: skip
    more["since"] = _since(corpus, number, json.loads(told["cursor"]).get("since"))
    more["last_rejects"] = corpus.rows(
        "SELECT coalesce(type || '/' || remote_id, url, key) AS item, reason, tries, first_seen_at FROM rejects"
        " WHERE source_id = ? AND resolved_at IS NULL ORDER BY last_seen_at DESC LIMIT ?",
        [number, most],
    )
    more["last_runs"] = corpus.rows(
        "SELECT started_at, new, changed, same, gone, rejected, verdict, coalesce(error, reason) AS why, notes"
        " FROM runs WHERE source_id = ? ORDER BY id DESC LIMIT ?",
        [number, most],
    )
    for said in more["last_runs"]:
        said["notes"] = "; ".join(json.loads(said["notes"])) or None
    return look_at(row), more


def _since(corpus: Corpus, number: int, day: str | None) -> dict[str, Any] | None:
    """The day from which on a source was collected in its last run, and what there is from before it."""
    if day is None:
        return None
    told = corpus.rows(
        "SELECT value AS said FROM runs, json_each(runs.notes) WHERE source_id = ? AND value LIKE ?"
        " ORDER BY runs.id DESC LIMIT 1",
        [number, f"since {day}: %"],
    )
    held = since.count(corpus.conn, number, day)
    return {"day": day, "held_from_before": held, "left_out": told[0]["said"].partition(": ")[2] if told else None}
