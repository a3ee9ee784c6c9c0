"""JSON Lines (https://jsonlines.org): one row a line, valid by `schemas/post.schema.json`."""

import json
from collections.abc import Iterable, Iterator

from ingest.research.export.columns import Row, as_values
from ingest.research.files import Tree

__all__ = ["FILE", "pieces", "write"]

#: The file's name.
FILE = "posts.jsonl"

#: JSON takes them as they are, but to much else they end a line (`str.splitlines`, JavaScript before 2019).
_LINE_ENDS = "\x85\u2028\u2029"
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in _LINE_ENDS}


def pieces(rows: Iterable[Row]) -> Iterator[bytes]:
    """A line for each row, UTF-8."""
    for row in rows:
        line = json.dumps(as_values(row), ensure_ascii=False)
        if any(sign in line for sign in _LINE_ENDS):  # 14 times as fast as to replace what is not there
            line = line.translate(_ESCAPES)
        yield line.encode("utf-8", "replace") + b"\n"


def write(tree: Tree, rows: Iterable[Row]) -> None:
    """All rows into one file."""
    tree.write(FILE, pieces(rows))
