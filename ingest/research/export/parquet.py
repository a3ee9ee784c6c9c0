"""Parquet (https://parquet.apache.org), a folder a year: `posts/year=2024/part-0.parquet`, or `year=unknown`.

So DuckDB, pandas, arrow, Spark and `datasets` read it. The columns are those of every export; times are texts, as
everywhere in a corpus, so that the same question gives the same answer in every program and time zone (Parquet's own
timestamps are shown by DuckDB and R in the zone of the reader). Settings are fixed, so the same rows are the same bytes
(of one version of pyarrow, which notes its number in the file).

Rows come by `doc_id`, so every year is open at once. What waits to be written is bounded: when it grows beyond
`_WAITING` the year with most of it is written; beyond `_OPEN` years the one not written to for longest is closed.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ingest.errors import ConfigError
from ingest.research.export.columns import Row, as_values, columns
from ingest.research.files import Tree

__all__ = ["FOLDER", "write"]

#: The folder of the partitions; nothing else is in it.
FOLDER = "posts"

#: Characters of text that may wait, over all years. One row group is never larger than that and one more post.
_WAITING = 32 * 2**20
#: Rows in a row group.
_ROWS = 10_000
#: Years that are open at once: a hostile site has posts of every year from 1 to 9999, a process 1,024 files.
_OPEN = 128
#: Few different values: worth a dictionary. Their smallest and largest are short: worth a statistic.
_REPEATED = ("site", "type", "authors", "categories", "tags", "language", "gone_kind")
_SHORT = (
    "doc_id", "site", "type", "published_at", "modified_at", "language", "word_count", "revisions", "first_seen_at",
    "gone_at", "gone_kind",
)  # fmt: skip


@dataclass(slots=True)
class _Year:
    """A partition: its rows that wait, and how many files it has."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    waiting: int = 0
    writer: Any = None
    files: int = 0


def write(tree: Tree, rows: Iterable[Row]) -> None:
    """All rows, in files by year. Raises ConfigError where pyarrow is not installed."""
    made = _Partitions(tree)
    try:
        for row in rows:
            made.add(row)
        made.finish()
    finally:
        made.close()
    made.note()


class _Partitions:
    """The files that are being written, by year."""

    def __init__(self, tree: Tree) -> None:
        self._tree, (self._arrow, self._parquet) = tree, _library()
        self._schema = self._arrow.schema([_field(self._arrow, column) for column in columns()])
        self._years: dict[str, _Year] = {}
        #: The years with an open file, the one written to last at the end.
        self._open: OrderedDict[str, _Year] = OrderedDict()
        self._waiting = 0

    def add(self, row: Row) -> None:
        told = as_values(row)
        name = _year(told["published_at"])
        year = self._years.setdefault(name, _Year())
        size = len(told["text"]) + 500
        year.rows.append(told)
        year.waiting += size
        self._waiting += size
        if len(year.rows) >= _ROWS:
            self._flush(name)
        while self._waiting > _WAITING:
            self._flush(max(self._years, key=lambda one: (self._years[one].waiting, one)))

    def _flush(self, name: str) -> None:
        """Write what waits of a year as a row group."""
        year = self._years[name]
        table = self._arrow.Table.from_pylist(year.rows, self._schema)
        self._writer(name).write_table(table, max(1, len(year.rows)))
        self._waiting -= year.waiting
        year.rows, year.waiting = [], 0

    def _writer(self, name: str) -> Any:
        year = self._years[name]
        if year.writer is None:
            if len(self._open) >= _OPEN:
                _, idle = self._open.popitem(last=False)
                idle.writer.close()
                idle.writer = None
            path = self._tree.path(_file(name, year.files))
            year.writer, year.files = self._opened(str(path)), year.files + 1
            self._open[name] = year
        self._open.move_to_end(name)
        return year.writer

    def _opened(self, path: str) -> Any:
        return self._parquet.ParquetWriter(
            path, self._schema, version="2.6", data_page_version="1.0", compression="zstd", compression_level=3,
            use_dictionary=list(_REPEATED), write_statistics=list(_SHORT), store_schema=False,
        )  # fmt: skip

    def finish(self) -> None:
        """Write what still waits. No post at all is one file without rows: it has the columns."""
        if not self._years:
            self._years["unknown"] = _Year()
        for name in sorted(self._years):
            if self._years[name].rows or not self._years[name].files:
                self._flush(name)

    def close(self) -> None:
        for year in self._open.values():
            year.writer.close()

    def note(self) -> None:
        for name in sorted(self._years):
            for number in range(self._years[name].files):
                self._tree.take(_file(name, number))


def _library() -> tuple[ModuleType, ModuleType]:
    try:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("Parquet needs pyarrow: pip install 'blogcorpus[parquet]'") from error
    return pa, pq


def _field(pa: ModuleType, column: Any) -> Any:
    kind = {"integer": pa.int64(), "names": pa.list_(pa.string())}.get(column.kind, pa.string())
    return pa.field(column.name, kind, nullable=column.optional)


def _year(published_at: str | None) -> str:
    found = re.match(r"\d{4}(?=-)", published_at or "", re.ASCII)
    return found.group() if found else "unknown"


def _file(year: str, number: int) -> str:
    return f"{FOLDER}/year={year}/part-{number}.parquet"
