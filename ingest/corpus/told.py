"""What the operator was told is wrong with a source, and was not told is over: kept from run to run."""

import sqlite3
from collections.abc import Mapping

__all__ = ["keep", "read"]


def read(conn: sqlite3.Connection) -> dict[str, str]:
    """What is known by its number, or its address, -> what it was told to be: `partial`, `failing`."""
    return dict(conn.execute("SELECT what, word FROM told").fetchall())


def keep(conn: sqlite3.Connection, said: Mapping[str, str], at: str) -> None:
    """Note what was told; an empty word is that all is well. Call it in a transaction, after the words are out.

    A source that is not polled any more is forgotten: should it ever come back and fail, that is news.
    """
    conn.executemany("DELETE FROM told WHERE what = ?", [(what,) for what, word in said.items() if not word])
    conn.executemany(
        "INSERT INTO told (what, word, at) VALUES (?1, ?2, ?3) ON CONFLICT (what) DO UPDATE SET word = ?2, at = ?3"
        " WHERE word <> ?2",
        [(what, word, at) for what, word in said.items() if word],
    )
    conn.execute(
        "DELETE FROM told WHERE what IN (SELECT cast(id AS TEXT) FROM sources WHERE state IN ('paused', 'removed'))"
    )
