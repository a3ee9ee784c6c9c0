"""CSV as RFC 4180 has it, in UTF-8; no cell is a formula.

A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return
(https://owasp.org/www-community/attacks/CSV_Injection): it gets a `'` in front. CSV knows no NULL: the cell is empty.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ingest.research.export.columns import Row, columns
from ingest.research.files import Tree

__all__ = ["FILE", "defused", "pieces", "record", "write"]

#: The file's name.
FILE = "posts.csv"

_RUN = ("=", "+", "-", "@", "\t", "\r")


def defused(value: Any) -> Any:
    """A value as a cell that no spreadsheet runs; lists as JSON."""
    if isinstance(value, list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUN) else value


def pieces(rows: Iterable[Row], names: Sequence[str] | None = None) -> Iterator[bytes]:
    """A head and a record for each row, UTF-8 without a mark. `names`: the columns; None: all of an export."""
    names = names or [column.name for column in columns()]
    yield _line(names)
    for row in rows:
        yield record(row, names)


def record(row: Row, names: Sequence[str]) -> bytes:
    """One row as a record."""
    return _line([defused(row[name]) for name in names])


def _line(cells: Sequence[Any]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def write(tree: Tree, rows: Iterable[Row]) -> None:
    """All rows into one file."""
    tree.write(FILE, pieces(rows))
