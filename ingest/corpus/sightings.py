"""Rows of `sightings` and `aliases`: which source saw which post, and by what names."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from ingest.corpus import rows
from ingest.records import RANK, Post

__all__ = ["Sightings"]


@dataclass(frozen=True, slots=True)
class Sightings:
    """What one source sees in one run, within a transaction that somebody else holds."""

    conn: sqlite3.Connection
    site_id: int
    source_id: int
    run_id: int
    at: str

    def known(self, post_id: int) -> bool:
        """Whether the source has seen this post."""
        found = self.conn.execute(
            "SELECT 1 FROM sightings WHERE source_id = ? AND post_id = ?", [self.source_id, post_id]
        ).fetchone()
        return found is not None

    def in_this_run(self, post_id: int) -> bool:
        """Whether this very run changed the source's sighting of the post."""
        row = self.conn.execute(
            "SELECT run_id FROM sightings WHERE source_id = ? AND post_id = ?", [self.source_id, post_id]
        ).fetchone()
        return row is not None and row[0] == self.run_id

    def note(self, post_id: int, post: Post, payload_id: int) -> bool:
        """Note that it was seen, and the names this source gives it. Whether a name was new."""
        self.conn.execute(
            "INSERT INTO sightings (source_id, post_id, remote_id, payload_id, body_rank, modified_at, run_id,"
            " first_seen_at, last_seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)"
            " ON CONFLICT (source_id, post_id) DO UPDATE SET payload_id = ?4, body_rank = ?5, modified_at = ?6,"
            " run_id = ?7, last_seen_at = ?8 WHERE payload_id IS NOT ?4 AND (modified_at IS NULL OR ?6 >= modified_at)",
            [self.source_id, post_id, post.remote_id, payload_id, RANK[post.rank], post.modified_at, self.run_id,
             self.at],
        )  # fmt: skip
        return rows.insert(self.conn, "aliases", self.names(post_id, post), how="OR IGNORE") > 0

    def row(self, post_id: int, post: Post, payload_id: int) -> tuple[Any, ...]:
        """The row of a post that nobody saw before. Its own columns are its facts, but for naming no terms at all."""
        facts = '{"terms": []}' if post.terms == () else None
        return (self.source_id, post_id, post.remote_id, payload_id, RANK[post.rank], post.modified_at, facts,
                self.run_id, self.at, self.at)  # fmt: skip

    def names(self, post_id: int, post: Post) -> list[tuple[Any, ...]]:
        """Rows of `aliases`: the names this source gives a post."""
        named = [("guid", post.guid), ("path", post.path), *post.aliases]
        if not (post.remote_id or post.guid or post.path):
            named.append(("text", post.source_hash))
        return [(self.site_id, kind, value, post_id, self.source_id) for kind, value in named if value]

    def pass_over(self, post_id: int, post: Post) -> None:
        """A forgotten post never comes back; only its date is noted, so that nobody asks for the same change again."""
        self.conn.execute(
            "INSERT INTO sightings (source_id, post_id, remote_id, body_rank, modified_at, first_seen_at, last_seen_at)"
            " VALUES (?1, ?2, ?3, 0, ?4, ?5, ?5) ON CONFLICT (source_id, post_id) DO UPDATE SET modified_at = ?4"
            " WHERE modified_at IS NOT ?4",
            [self.source_id, post_id, post.remote_id, post.modified_at, self.at],
        )
