"""The full-text indexes, always in step with `posts`.

External content: a changed row's *old* words must be given back to the index before its new ones go in; a plain
`insert … select` after an update leaves the old words matching, and only `integrity-check` with rank 1 sees it.
Fed once a page: per-row triggers cost 1.7 times as much.
"""

import sqlite3
from collections.abc import Iterable

__all__ = ["Pending", "in_step"]


class Pending:
    """What a page changes in the indexes, gathered until the page is written."""

    def __init__(self) -> None:
        #: post id -> title, text, unspaced as the indexes know them; None for a row that is new to them.
        self._old: dict[int, tuple[str, str, int] | None] = {}

    def added(self, post_id: int) -> None:
        """A new row."""
        self._old.setdefault(post_id, None)

    def changing(self, post_id: int, title: str, text: str, unspaced: int) -> None:
        """A row about to change; its first old words within the page are the ones the index holds."""
        self._old.setdefault(post_id, (title, text, unspaced))

    def write(self, conn: sqlite3.Connection) -> None:
        """Bring both indexes into step. Inside the page's transaction."""
        for table, unspaced_only in (("posts_fts", False), ("posts_trigram", True)):
            gone = [
                (post_id, old[0], old[1])
                for post_id, old in self._old.items()
                if old is not None and (old[2] or not unspaced_only)
            ]
            conn.executemany(f"INSERT INTO {table} ({table}, rowid, title, text) VALUES ('delete', ?, ?, ?)", gone)
            where = " AND unspaced = 1" if unspaced_only else ""
            conn.executemany(
                f"INSERT INTO {table} (rowid, title, text) SELECT id, title, text FROM posts WHERE id = ?{where}",
                [(post_id,) for post_id in sorted(self._old)],
            )
        self._old.clear()


def in_step(conn: sqlite3.Connection) -> Iterable[str]:
    """The names of the indexes that are not in step with `posts`. Writes nothing, but needs a writable connection."""
    try:
        conn.execute("INSERT INTO posts_fts (posts_fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        yield "posts_fts"
    held = conn.execute("SELECT count(*) FROM posts_trigram_docsize").fetchone()[0]
    wanted = conn.execute("SELECT count(*) FROM posts WHERE unspaced = 1").fetchone()[0]
    if held != wanted:
        yield "posts_trigram"
