"""Making the file small and quick again, without losing anything that a post was ever made from.

A payload that lost against another is kept on purpose: it is the site's own word, and it is what makes loading old
files again a no-op. Only what no post has is dropped: leftovers of a forgotten neighbour, and rotten bytes whose sound
copy has come again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.corpus.forget import scrub
from ingest.corpus.store import Corpus

__all__ = ["Compacted", "compact"]

#: Single requests are kept so long, then a day's are summed up.
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was done."""

    #: Payloads that nothing referred to.
    payloads: int
    #: Single requests that were summed up.
    fetches: int
    bytes_before: int
    bytes_after: int


_LOST = (
    "DELETE FROM post_payloads WHERE payload_id IN (SELECT id FROM payloads WHERE encoding = 'damaged'"
    " AND id NOT IN (SELECT payload_id FROM posts WHERE payload_id IS NOT NULL)"
    " AND id NOT IN (SELECT payload_id FROM sightings WHERE payload_id IS NOT NULL)"
    " AND id NOT IN (SELECT payload_id FROM revisions WHERE payload_id IS NOT NULL))"
)
_UNUSED = (
    "DELETE FROM payloads AS y WHERE NOT EXISTS (SELECT 1 FROM post_payloads WHERE payload_id = y.id)"
    " AND id NOT IN (SELECT payload_id FROM posts WHERE payload_id IS NOT NULL)"
    " AND id NOT IN (SELECT payload_id FROM sightings WHERE payload_id IS NOT NULL)"
    " AND id NOT IN (SELECT payload_id FROM revisions WHERE payload_id IS NOT NULL)"
)
#: Requests of no source are those of a search for one: 0.
_FOLD = (
    "INSERT INTO fetch_days (source_id, day, outcome, requests, bytes, ms)"
    " SELECT coalesce(source_id, 0), substr(at, 1, 10), outcome, count(*), sum(bytes), sum(ms) FROM fetches"
    " WHERE at < ? GROUP BY 1, 2, 3 ON CONFLICT (source_id, day, outcome) DO UPDATE SET"
    " requests = requests + excluded.requests, bytes = bytes + excluded.bytes, ms = ms + excluded.ms"
)


def compact(corpus: Corpus, at: str) -> Compacted:
    """Drop, fold, merge the indexes, write the file anew. Raises Locked while a reader holds old pages, DiskFull."""
    before = corpus.path.stat().st_size + corpus.log_bytes
    # Whole days only: a day that is folded twice would be two halves.
    oldest = (datetime.fromisoformat(at) - _KEPT).strftime("%Y-%m-%d")
    with corpus.transaction() as conn:
        conn.execute(_LOST)
        payloads = conn.execute(_UNUSED).rowcount
        conn.execute(_FOLD, [oldest])
        fetches = conn.execute("DELETE FROM fetches WHERE at < ?", [oldest]).rowcount
    scrub(corpus)
    return Compacted(payloads, fetches, before, corpus.path.stat().st_size)
