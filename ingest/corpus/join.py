"""Two rows that turn out to be one post become one row.

A feed shows a post under its old address and its guid, a page under the new address alone: two rows, until a view
comes that knows both names. The row with the better words stays, as if its view had come last: the other one's
sightings, names, payloads, comments and history go over to it, its facts fill the gaps, its `doc_id` is an alias.
"""

import heapq
import sqlite3
from collections.abc import Mapping
from typing import Any

from ingest.corpus import fulltext, names, views

__all__ = ["join"]

Row = Mapping[str, Any]

#: What comes of the body alone: it stays with the row whose words stay.
_BODY = ("links", "media")
_GONE = ("gone_at", "gone_kind", "gone_evidence")


def join(conn: sqlite3.Connection, one: Row, other: Row, rank: int, pending: fulltext.Pending) -> tuple[int, int]:
    """Make one row of two of a site, inside the page's transaction: the number that stays, and the one that goes.

    `one`, `other`: rows of `posts` with `payload_size` and `payload_sha`. `rank`: of the body that joins them; words
    that lose to it are no history, as little as those of any poorer view. `pending` is told of the row that goes.
    """
    loser, keeper = sorted((one, other), key=lambda row: _worth(conn, row))
    number, gone = keeper["id"], loser["id"]
    seen = views.together(views.kept(conn, keeper), views.kept(conn, loser))
    order = views.ranked(seen, views.best(conn, keeper, seen))
    words = keeper["body_rank"] == loser["body_rank"] >= rank and keeper["text_hash"] != loser["text_hash"]
    _history(conn, keeper, loser, words=words)
    _sightings(conn, number, gone)
    for table in _BODY:
        conn.execute(f"DELETE FROM {table} WHERE post_id = ? AND n IS NOT NULL", [gone])
    for table in ("post_authors", "post_terms"):
        conn.execute(f"DELETE FROM {table} WHERE post_id = ?", [gone])
    _references(conn, number, gone)
    pending.changing(gone, loser["title"], loser["text"], loser["unspaced"])
    conn.execute("DELETE FROM posts WHERE id = ?", [gone])
    row = views.row_of(order) | _presence(keeper, loser)
    if conn.execute("SELECT 1 FROM revisions WHERE post_id = ?", [number]).fetchone() is None:
        row["words_since"] = min(keeper["words_since"], loser["words_since"])  # as where a better body comes later
    row = {name: value for name, value in row.items() if value != keeper[name]}
    if row:
        conn.execute(
            f"UPDATE posts SET {', '.join(f'{name} = ?' for name in row)} WHERE id = ?", [*row.values(), number]
        )
    site_id, terms = keeper["site_id"], views.terms_of(order)
    names.sign(conn, site_id, number, views.authors_of(order))
    if terms is not None:
        names.file_under(conn, site_id, number, terms)
    if not loser["doc_id"].startswith("new "):  # what a row is called until its page is whole
        conn.execute(
            "INSERT OR IGNORE INTO aliases (site_id, kind, value, post_id, source_id) VALUES (?, 'doc_id', ?, ?, 0)",
            [site_id, loser["doc_id"], number],
        )
    views.store(conn, number, seen)
    return number, gone


def _worth(conn: sqlite3.Connection, row: Row) -> tuple[Any, ...]:
    """How good a row's words are: by what came, and not by the order in which it came."""
    modified = views.modified_of(conn, row) or ""
    return row["body_rank"], modified, row["payload_size"] or 0, row["payload_sha"] or b"", row["doc_id"]


def _presence(keeper: Row, loser: Row) -> dict[str, Any]:
    """When it was held, and whether it is gone: by the row that was looked at last."""
    first, last = (pick(keeper[at], loser[at]) for pick, at in ((min, "first_seen_at"), (max, "last_seen_at")))
    marks = [one for one in (keeper, loser) if one["gone_at"] and (one["gone_at"] >= last or _both(keeper, loser))]
    mark = max(marks, key=lambda one: one["gone_at"], default=None)
    gone = {name: mark[name] if mark else None for name in _GONE}
    return {"first_seen_at": first, "last_seen_at": last, **gone}


def _both(keeper: Row, loser: Row) -> bool:
    return bool(keeper["gone_at"] and loser["gone_at"])


def _history(conn: sqlite3.Connection, keeper: Row, loser: Row, *, words: bool) -> None:
    """One history of two, each in its own order; with `words` the loser's present ones are the end of its own."""
    if words and loser["text"]:
        conn.execute(
            "INSERT INTO revisions (post_id, n, title, text, text_hash, modified_at, seen_at, payload_id)"
            " SELECT ?1, coalesce(max(n), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM revisions WHERE post_id = ?1",
            [loser["id"], loser["title"], loser["text"], loser["text_hash"], views.modified_of(conn, loser),
             loser["words_since"], loser["payload_id"]],
        )  # fmt: skip
    ours, theirs = (
        conn.execute(
            "SELECT post_id, n, text_hash, coalesce(modified_at, seen_at) FROM revisions WHERE post_id = ? ORDER BY n",
            [row["id"]],
        ).fetchall()
        for row in (keeper, loser)
    )
    if not theirs:
        return
    merged = list(heapq.merge(ours, theirs, key=lambda row: row[3]))
    after = [row[2] for row in merged[1:]] + [keeper["text_hash"]]
    left = []
    for (number, n, text_hash, _), following in zip(merged, after, strict=True):
        if number == loser["id"] and text_hash == following:  # the same words follow: that was no change
            conn.execute("DELETE FROM revisions WHERE post_id = ? AND n = ?", [number, n])
        else:
            left.append((number, n))
    # In two steps: a row that moves would meet the next.
    for place, (number, n) in enumerate(left, 1):
        conn.execute(
            "UPDATE revisions SET post_id = ?, n = ? WHERE post_id = ? AND n = ?", [keeper["id"], -place, number, n]
        )
    conn.execute("UPDATE revisions SET n = -n WHERE post_id = ?", [keeper["id"]])


def _sightings(conn: sqlite3.Connection, number: int, gone: int) -> None:
    """A source that saw both has seen one: with the bytes of the words that stay, and both its dates."""
    for source, remote_id, first, last in conn.execute(
        "SELECT source_id, remote_id, first_seen_at, last_seen_at FROM sightings WHERE post_id = ?", [gone]
    ).fetchall():
        conn.execute(
            "UPDATE sightings SET remote_id = coalesce(remote_id, ?), first_seen_at = min(first_seen_at, ?),"
            " last_seen_at = max(last_seen_at, ?) WHERE source_id = ? AND post_id = ?",
            [remote_id, first, last, source, number],
        )


def _references(conn: sqlite3.Connection, number: int, gone: int) -> None:
    """Whatever else names the row that goes names the one that stays; what that one has already is not kept twice."""
    for table, column in conn.execute(
        'SELECT t.name, f."from" FROM sqlite_master t, pragma_foreign_key_list(t.name) f'
        " WHERE t.type = 'table' AND f.\"table\" = 'posts'"
    ).fetchall():
        conn.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {column} = ?", [number, gone])
        conn.execute(f"DELETE FROM {table} WHERE {column} = ?", [gone])
