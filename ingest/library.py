"""The corpus from Python.

    import ingest

    with ingest.open("corpus.db") as corpus:
        for hit in corpus.search("ketamine -apnea", since="2024", language="en"):
            print(hit["title"])
        print(corpus.post("https://blog.example/p1/")["text"])
        frame = corpus.to_pandas(site="blog.example")

Nothing here writes. Everything the command line shows goes through the same functions.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, Unpack

from ingest.corpus import Corpus, Query, history, read
from ingest.corpus.search import Hit, find, total
from ingest.errors import ConfigError
from ingest.research import similar as likeness
from ingest.research import stats as figures
from ingest.research.choice import Choice, columns, held
from ingest.research.stats import Coverage, Figure

__all__ = ["Filters", "Library", "open_corpus"]

#: Columns of the view `corpus` that are JSON lists.
_LISTS = ("authors", "categories", "tags")
_DATES = ("published_at", "modified_at", "first_seen_at", "gone_at")

#: What `sql` may do, and the PRAGMAs that describe the file: those that take a name, and those that take nothing.
_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_DESCRIBING = {"table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list"}
_TELLING = {
    "application_id", "collation_list", "compile_options", "data_version", "database_list", "encoding",
    "function_list", "journal_mode", "page_count", "page_size", "user_version",
}  # fmt: skip


class Filters(TypedDict, total=False):
    """What narrows a search: one value, or several of which one must hold. As in `Query`."""

    site: str | Sequence[str]
    author: str | Sequence[str]
    category: str | Sequence[str]
    tag: str | Sequence[str]
    type: str | Sequence[str]
    since: str | None
    until: str | None
    language: str | Sequence[str]
    source: str | int | Sequence[str]
    gone: bool | None
    as_of: str | None
    sort: Literal["rank", "date"]


class Library:
    """An open corpus to read in. Iterating gives every post, gone ones included, by `doc_id`.

    Raises CorpusError for a file that is missing, foreign, newer or damaged, ConfigError for a filter or a name that
    means nothing. Words to search for are never an error.
    """

    def __init__(self, path: Path | str) -> None:
        self._corpus = Corpus(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._corpus.close()

    def __len__(self) -> int:
        return int(self._corpus.rows("SELECT count(*) AS n FROM posts")[0]["n"])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.posts()

    def posts(self, words: str = "", **filters: Unpack[Filters]) -> Iterator[dict[str, Any]]:
        """The posts that a search finds, or all: rows of the view `corpus` with lists as lists, by `doc_id`.

        They are read one by one, so a corpus may be larger than memory.
        """
        asked = Choice(search=words or None, filters=_query("", filters))
        for row in held(self._corpus, asked):
            yield row | {name: json.loads(row[name]) for name in _LISTS}

    def search(self, words: str = "", *, limit: int = 20, offset: int = 0, **filters: Unpack[Filters]) -> list[Hit]:
        """A page of hits, best first (`sort="date"`: newest first), each with a snippet."""
        return find(self._corpus, _query(words, filters), limit=limit, offset=offset)

    def count(self, words: str = "", **filters: Unpack[Filters]) -> int:
        """How many posts a search finds."""
        return total(self._corpus, _query(words, filters))

    def post(self, name: int | str) -> dict[str, Any]:
        """One post with everything kept beside it, by its number, `doc_id` or address. Raises ConfigError for none."""
        return read.post(self._corpus, read.find_post(self._corpus, str(name)))

    def versions(self, name: int | str) -> list[history.Version]:
        """Every version of a post, the oldest first."""
        return history.versions(self._corpus, read.find_post(self._corpus, str(name)))

    def as_of(self, date: str) -> Iterator[dict[str, Any]]:
        """The corpus as it was held at the end of a day (`2026-05-01`): `posts(as_of=date)`."""
        return self.posts(as_of=date)

    def similar(self, name: int | str, *, limit: int = 10) -> tuple[likeness.SimilarHit, ...]:
        """Posts with most of the words that make a post special, the likest first."""
        return likeness.similar(self._corpus, read.find_post(self._corpus, str(name)), limit=limit).hits

    def stats(self, by: str = "site", *, search: str | Sequence[str] = (), **filters: Unpack[Filters]) -> list[Figure]:
        """Posts and words by site, month, year, language, type, author, category or tag; searches' count and share."""
        return figures.stats(self._corpus, by, search=_several(search), within=_query("", filters))

    def coverage(self, **filters: Unpack[Filters]) -> dict[str | None, Coverage]:
        """Site -> first and last post, the longest gap, the verdict."""
        return figures.coverage(self._corpus, _query("", filters))

    def sql(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query in plain SQL that reads: SELECT, WITH, VALUES, EXPLAIN, and PRAGMAs that describe tables.

        Raises ConfigError for anything that writes, here or to another file, and for what is no SQL.
        """
        conn = self._corpus.conn
        conn.set_authorizer(_reading)
        try:
            with self._corpus.explained():
                cursor = conn.execute(query, values)
                names = [column[0] for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor]
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            denied = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_AUTH
            raise ConfigError(f"{query!r}: {'a corpus is only read here' if denied else error}") from error
        finally:
            conn.set_authorizer(None)

    def to_pandas(self, words: str = "", **filters: Unpack[Filters]) -> Any:
        """The posts that a search finds, or all, as a `pandas.DataFrame` with true dates.

        Raises ConfigError without pandas.
        """
        try:
            import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
        except ImportError as error:
            raise ConfigError("a data frame needs pandas: pip install pandas") from error
        frame = pd.DataFrame.from_records(list(self.posts(words, **filters)), columns=columns(self._corpus))
        for name in _DATES:
            frame[name] = pd.to_datetime(frame[name], utc=True)
        return frame


def open_corpus(path: Path | str = "corpus.db") -> Library:
    """Open a corpus to read in; `ingest.open` is this. Raises CorpusError."""
    return Library(path)


def _reading(action: int, name: str | None, value: str | None, *_: str | None) -> int:
    """SQLite's question whether a statement may do something: reading may, and so may what FTS5 asks for itself."""
    if action == sqlite3.SQLITE_PRAGMA:
        allowed = name in _DESCRIBING or (name in _TELLING and value is None)
    elif action == sqlite3.SQLITE_UPDATE:
        # Asked when a virtual table is first opened (sqlite3_declare_vtab); by hand SQLite refuses it itself.
        allowed = name == "sqlite_master"
    else:
        allowed = action in _READS
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _query(words: str, filters: Filters) -> Query:
    single = {"since", "until", "gone", "sort", "as_of"}
    told: dict[str, Any] = {name: value if name in single else _several(value) for name, value in filters.items()}
    return Query(words=words, **told)


def _several(value: Any) -> tuple[str, ...]:
    """One value or several, as several."""
    return (str(value),) if isinstance(value, str | int) else tuple(map(str, value))
