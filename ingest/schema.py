"""Finds the DDL under `schemas/` and brings a database up to date.

Each `NNNN_name.sql` is one migration: applied whole or not at all, in the order of its number, recorded by
`sqlite_utils.Migrations` and in `PRAGMA user_version`. `views.sql` holds no data, so views are dropped and made
anew whenever their text changes. The schema never changes because of remote data.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils

__all__ = ["APPLICATION_ID", "VERSION", "described", "missing_views", "read", "statements", "up_to_date", "upgrade"]

#: `PRAGMA application_id`: "blog" in ASCII. It tells our files from other people's.
APPLICATION_ID = int.from_bytes(b"blog", "big")


def _folder() -> Path:
    """`schemas/` inside the installed package, else in the checkout beside it."""
    inside = Path(__file__).parent / "schemas"
    return inside if inside.is_dir() else inside.parent.parent / "schemas"


@cache
def read(name: str) -> str:
    """The text of a file under `schemas/`."""
    return (_folder() / name).read_text(encoding="utf-8")


@cache
def _migrations() -> tuple[str, ...]:
    return tuple(sorted(p.name for p in _folder().glob("[0-9][0-9][0-9][0-9]_*.sql")))


#: What `PRAGMA user_version` says of a corpus of this program: the number of its last migration.
VERSION = int(_migrations()[-1][:4])


def statements(script: str) -> Iterator[str]:
    """Split a script into statements: `executescript` would commit the transaction it runs in."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
    if re.sub(r"--[^\n]*", "", pending).strip():
        raise ValueError(f"unfinished statement: {pending.strip()[:80]}")


def _views_hash() -> str:
    return hashlib.sha256(read("views.sql").encode()).hexdigest()


def up_to_date(conn: sqlite3.Connection) -> bool:
    """Whether nothing is left to migrate and the views are this program's."""
    if conn.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        return False
    row = conn.execute("SELECT value FROM about WHERE key = 'views'").fetchone()
    return row is not None and row[0] == _views_hash() and not missing_views(conn)


def missing_views(conn: sqlite3.Connection) -> list[str]:
    """The views of this program that a database does not have; the next command that writes makes them again."""
    held = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
    return [name for name in re.findall(r"CREATE VIEW (\w+)", read("views.sql")) if name not in held]


def upgrade(conn: sqlite3.Connection) -> None:
    """Apply what is missing. Call it inside a transaction: all of it, or none."""
    from sqlite_utils import Database, Migrations  # noqa: PLC0415  (127 ms; 380 where it finds pandas)

    db = Database(conn, execute_plugins=False)
    steps = Migrations("blogcorpus")
    for name in _migrations():
        steps(name=name)(_step(name))
    steps.apply(db)
    _remake_views(db)
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.conn.execute(f"PRAGMA user_version = {VERSION}")


def described() -> dict[str, str]:
    """Table or index -> the SQL that describes it in a corpus of this version."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    upgrade(conn)
    found = dict(conn.execute("SELECT name, sql FROM sqlite_master WHERE type <> 'view' AND sql IS NOT NULL"))
    conn.close()
    return found


def _step(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202  (sqlite-utils names the type privately)
    def step(db: "sqlite_utils.Database") -> None:
        for statement in statements(read(name)):
            db.conn.execute(statement)

    return step


def _remake_views(db: "sqlite_utils.Database") -> None:
    ours = re.findall(r"CREATE VIEW (\w+)", read("views.sql"))
    for name in reversed(ours):
        db.conn.execute(f"DROP VIEW IF EXISTS {name}")
    for statement in statements(read("views.sql")):
        db.conn.execute(statement)
    db.conn.execute("INSERT OR REPLACE INTO about VALUES ('views', ?)", [_views_hash()])
