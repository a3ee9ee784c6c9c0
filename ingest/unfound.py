"""Addresses of sources.toml that could not be made a source: nothing to follow was found there.

They have no row in `sources`, and need a look all the same. What is known of them is what was told (table `told`, until
something is found there) and the requests of the last search (`fetches`, for 90 days).
"""

from collections.abc import Sequence

from ingest.add import Wish
from ingest.corpus import Corpus, hosts, sources, told
from ingest.fetch import redact
from ingest.health import Look
from ingest.run import advice
from ingest.run.schedule import DAY, later
from ingest.urls import canonical, origin_of

__all__ = ["unfound"]

#: The last request for an address, and when it was first looked for.
_LOOKED = (
    "SELECT max(at), min(at), outcome FROM fetches WHERE source_id IS NULL AND url = ? AND at <= ?"
    " AND outcome <> 'stopped'"
)


def unfound(corpus: Corpus, wishes: Sequence[Wish], now: str) -> tuple[Look, ...]:
    """A look of each address that was looked at in vain, in the order of the file; one that waits for its turn is none.

    `now`: UTC, `…Z`. The row of a look has `source` None and the names of `corpus.sources()` that hold for it.
    """
    with corpus.explained():
        known = sources.named_so(corpus.conn)
        strangers = [
            wish for wish in wishes
            if wish.named not in known and sources.named_by(corpus.conn, wish.named, wish.kind) is None
        ]  # fmt: skip
        began = told.since(corpus.conn) if strangers else {}
        found = (_look(corpus, wish, began.get(redact(wish.address)), now) for wish in strangers)
        return tuple(look for look in found if look is not None)


def _look(corpus: Corpus, wish: Wish, began: str | None, now: str) -> Look | None:
    url = redact(canonical(wish.address))
    last, first, outcome = corpus.conn.execute(_LOOKED, [url, now]).fetchone()
    if last is None and began is None:
        return None
    if last is None and (origin := origin_of(url)):  # it came no further than the question whether it may
        last, first, outcome = corpus.conn.execute(_LOOKED, [f"{origin}/robots.txt", now]).fetchone()
    looked = hosts.looked_at(corpus.conn, url, later(now, -DAY.total_seconds()), now)
    why = "nothing to follow was found there" + (f": {outcome}" if outcome not in {None, "ok", "redirect"} else "")
    row = {
        "source": None, "kind": wish.kind or "", "url": redact(wish.address), "name": wish.name, "state": "active",
        "verdict": "failing", "reason": "no source", "error": why, "have": 0, "announced": None, "missing_ids": "[]",
        "missing": 0, "failures": None, "failing_since": began or first, "last_ok_at": None, "last_run_at": last,
        "next_due": later(looked, DAY.total_seconds()) if looked else None, "retry_after": None,
    }  # fmt: skip
    return Look(row, ("failing",), why, advice(outcome or "") or "look at it: blogcorpus doctor URL")
