"""What the operator was told is wrong, and not yet told is over: table `told`."""

import sqlite3

__all__ = ["keep", "since", "told"]


def told(conn: sqlite3.Connection) -> dict[str, str]:
    """Number of a source, or address of what could not be made one -> `partial` or `failing`.

    A source that is polled no more has no story to end.
    """
    rows = conn.execute(
        "SELECT what, word FROM told WHERE what NOT IN (SELECT CAST(id AS TEXT) FROM sources WHERE state <> 'active')"
    )
    return dict(rows.fetchall())


def since(conn: sqlite3.Connection) -> dict[str, str]:
    """By the same names, when it was told; nothing for a corpus of an older program, which is only read."""
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'told'").fetchone() is None:
        return {}
    return dict(conn.execute("SELECT what, at FROM told").fetchall())


def keep(conn: sqlite3.Connection, what: str, word: str, at: str) -> None:
    """Note what was told of a source; an empty word says that all is well."""
    if word:
        conn.execute(
            "INSERT INTO told (what, word, at) VALUES (?1, ?2, ?3) ON CONFLICT (what) DO UPDATE SET word = ?2, at = ?3",
            [what, word, at],
        )
    else:
        conn.execute("DELETE FROM told WHERE what = ?", [what])
