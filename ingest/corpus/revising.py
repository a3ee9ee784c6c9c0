"""The history of a post: earlier words, in the order in which the publisher wrote them."""

import sqlite3
from collections.abc import Mapping
from typing import Any

__all__ = ["add", "remember"]


def add(conn: sqlite3.Connection, post_id: int, row: Mapping[str, Any], seen_at: str, place: int | None = None) -> None:
    """Add a revision: the newest one, or at a place that was made free."""
    said = (row[name] for name in ("title", "text", "text_hash", "modified_at"))
    conn.execute(
        "INSERT INTO revisions (post_id, n, title, text, text_hash, modified_at, seen_at, payload_id)"
        " SELECT ?1, coalesce(?8, max(n) + 1, 1), ?2, ?3, ?4, ?5, ?6, ?7 FROM revisions WHERE post_id = ?1",
        [post_id, *said, seen_at, row["payload_id"], place],
    )


def remember(conn: sqlite3.Connection, held: Mapping[str, Any], row: Mapping[str, Any], seen_at: str) -> None:
    """Put words of an earlier day where they belong in the history, unless they stand there."""
    post_id = held["id"]
    history = conn.execute("SELECT n, text_hash, modified_at FROM revisions WHERE post_id = ? ORDER BY n", [post_id])
    known = history.fetchall()
    older = [one for one in known if (one[2] or "") <= row["modified_at"]]
    newer = known[len(older) :]
    if row["text_hash"] in {newer[0][1] if newer else held["text_hash"], older[-1][1] if older else None}:
        return
    place = len(older) + 1
    # In two steps: a row moved up by one would meet the next.
    conn.execute("UPDATE revisions SET n = -n - 1 WHERE post_id = ? AND n >= ?", [post_id, place])
    conn.execute("UPDATE revisions SET n = -n WHERE post_id = ? AND n < 0", [post_id])
    add(conn, post_id, row, seen_at, place)
