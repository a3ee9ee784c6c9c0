"""A plain SQLite file with one table, `posts`: nothing in it but the rows, lists as JSON.

Made in one go, in one order, with fixed settings and without a journal, so the same rows are the same bytes (of one
version of SQLite, which notes its number in the file: https://www.sqlite.org/fileformat.html §1.3.17).
"""

import contextlib
import errno
import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from ingest.research.export.columns import Column, Row, columns
from ingest.research.files import Tree

__all__ = ["FILE", "write"]

#: The file's name.
FILE = "posts.sqlite"

_SETTINGS = ("encoding = 'UTF-8'", "page_size = 16384", "journal_mode = OFF", "synchronous = OFF", "auto_vacuum = NONE")


def write(tree: Tree, rows: Iterable[Row]) -> None:
    """All rows into one table. Raises OSError where the file cannot be written."""
    names = [column.name for column in columns()]
    path = tree.path(FILE)
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as conn:
            for setting in _SETTINGS:
                conn.execute(f"PRAGMA {setting}")
            conn.execute("BEGIN")
            conn.execute(_table())
            places = ", ".join("?" * len(names))
            conn.executemany(f"INSERT INTO posts VALUES ({places})", ([_cell(row[n]) for n in names] for row in rows))
            conn.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise OSError(errno.EIO, str(error), str(path)) from error
    tree.take(FILE)


def _table() -> str:
    lines = [_line(column) for column in columns()]
    lines[-1] = lines[-1].replace(", --", " --", 1)
    return "CREATE TABLE posts (\n" + "\n".join(lines) + "\n)"


def _line(column: Column) -> str:
    kind = "INTEGER" if column.kind == "integer" else "TEXT"
    bounds = " PRIMARY KEY" if column.name == "doc_id" else ""
    bounds += "" if column.optional else " NOT NULL"
    return f"  {column.name} {kind}{bounds}, -- {column.meaning}" + (" JSON." if column.kind == "names" else "")


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, list) else value
