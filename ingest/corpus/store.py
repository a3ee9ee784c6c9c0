"""The corpus as the rest of the program sees it: one file, many readers, one writer."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest import schema
from ingest.corpus import connection, fulltext, seal, sites, sources
from ingest.errors import ConfigError
from ingest.records import SiteItem, Source

__all__ = ["Corpus"]


class Corpus:
    """An open corpus. Raises CorpusError (missing, foreign, newer, damaged), Locked, DiskFull."""

    def __init__(self, path: Path | str, *, write: bool = False, create: bool = False, backup: bool = True) -> None:
        self.path = Path(path)
        #: Whether this call made the file.
        self.created = create and not self.path.exists()
        #: The plain connection, for SQL.
        self.conn = connection.connect(self.path, write=write, create=create, backup=backup)
        self._shared = connection.Shared(self.conn, self.path)
        #: What the transaction that is open changes in the full-text indexes.
        self.words = fulltext.Pending()
        if write:
            seal.watch(self.conn)
            if not seal.whole(self.conn):
                with connection.transaction(self.conn, self.path):
                    seal.complete(self.conn)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; SQLite folds the write-ahead log in when this was the last connection."""
        self.conn.close()

    @property
    def up_to_date(self) -> bool:
        """Whether the file's schema and views are this program's."""
        return schema.up_to_date(self.conn)

    @property
    def log_bytes(self) -> int:
        """Size of the write-ahead log; it grows for as long as any reader keeps looking at one moment."""
        log = self.path.with_name(self.path.name + "-wal")
        return log.stat().st_size if log.exists() else 0

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One `BEGIN IMMEDIATE` transaction, or a part of the one that is shared (`together`): whole or not at all.

        What it touches is sealed, and its words are indexed, before it is committed.
        """
        mark = self.words.mark()
        try:
            if self._shared.on:
                with self._shared.part():
                    yield self.conn
                return
            with connection.transaction(self.conn, self.path):
                yield self.conn
                self._complete()
        except BaseException:
            self.words.undo(mark)
            raise

    def _complete(self) -> None:
        seal.settle(self.conn)
        self.words.write(self.conn)  # last: any other statement would have FTS5 write out what it gathers

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let the transactions inside share one, until `settle` or the end. Each is still whole or not at all."""
        self._shared.on = True
        try:
            yield
        except GeneratorExit:
            self.settle()
            raise
        except BaseException:
            self._shared.drop()
            raise
        else:
            self.settle()
        finally:
            self._shared.on = False

    def settle(self) -> None:
        """Seal and commit what is shared so far."""
        if self.conn.in_transaction:
            with self.explained():
                self._complete()
            self._shared.settle()

    @property
    def shared_for(self) -> float:
        """Seconds since the shared transaction began; 0 when none is open."""
        return self._shared.seconds

    @contextmanager
    def explained(self) -> Iterator[None]:
        """SQLite's errors in our words."""
        with connection.explained(self.path):
            yield

    def copy_into(self, path: Path) -> None:
        """Write a whole copy, as it is at this moment, to a file that is not there yet (`VACUUM INTO`)."""
        asleep = self.conn.execute("PRAGMA query_only").fetchone()[0]
        with self.explained():
            self.conn.execute("PRAGMA query_only = OFF")  # SQLite takes writing the copy for writing
            try:
                self.conn.execute("VACUUM INTO ?", [str(path)])
            finally:
                self.conn.execute(f"PRAGMA query_only = {asleep}")

    def rows(self, sql: str, values: Any = ()) -> list[dict[str, Any]]:
        """The rows of a query, a mapping each."""
        with connection.explained(self.path):
            cursor = self.conn.execute(sql, values)
            return [dict(zip((c[0] for c in cursor.description), row, strict=True)) for row in cursor]

    # ---- sources -------------------------------------------------------------------------------

    def add_source(
        self, kind: str, url: str, at: str, *, home: str | None, endpoint: str | None = None,
        name: str | None = None, title: str = "", options: Mapping[str, Any] | None = None,
    ) -> tuple[int, bool]:  # fmt: skip
        """Number of a source that is polled from now on, and whether it is new. `title`: what its site calls itself."""
        with self.transaction() as conn:
            site_id = sites.keep_site(conn, SiteItem(home, title or None), at) if home else None
            return sources.add(conn, kind, url, at, site_id=site_id, endpoint=endpoint, name=name, options=options)

    def source(self, number: int, *, now: str, held: bool, full: bool = False) -> Source:
        """A source as its kind sees it; `held`: with what the corpus holds of it."""
        source = sources.standing(self.conn, number, now, full=full).source
        if not held:
            return source
        return replace(source, held=sources.held_of(self.conn, number))

    def addresses(self, number: int) -> set[str]:
        """The addresses of the posts that a source has shown."""
        rows = self.conn.execute(
            "SELECT p.url FROM sightings g JOIN posts p ON p.id = g.post_id"
            " WHERE g.source_id = ? AND p.url IS NOT NULL",
            [number],
        )
        return {row[0] for row in rows}

    def named(self, word: str) -> list[int]:
        """The sources that a number, name or address means. Raises ConfigError when there is none."""
        found = sources.find(self.conn, word)
        if not found:
            raise ConfigError(f"no source {word!r}; `blogcorpus sources list` shows them")
        return found

    def find(self, word: str) -> list[int]:
        """The sources that a word means; empty when there is none."""
        return sources.find(self.conn, word)

    def due(self, now: str) -> list[int]:
        """Numbers of the sources whose time has come."""
        return sources.due(self.conn, now)

    def places(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What these sources are, where they are asked, and how their last run ended: in the order given."""
        rows = self.rows(
            "SELECT id AS source, kind, url, endpoint, last_ok_at, reason FROM sources"
            " WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(numbers))],
        )
        known = {row["source"]: row for row in rows}
        return [known[number] for number in dict.fromkeys(numbers) if number in known]

    def sources(self, where: str = "1", values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        """Every source with its health."""
        return sources.listed(self.conn, where, values)
