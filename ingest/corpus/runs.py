"""A run of one or many sources, as the corpus records it: batches in, one transaction each; a verdict at the end."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count, islice
from typing import Any

from ingest import __version__
from ingest.corpus import hosts, names, sites, sources
from ingest.corpus.beside import keep_beside
from ingest.corpus.store import Corpus
from ingest.corpus.write import PageWriter, Rerender, Tally
from ingest.records import Batch, Fetched, Post, Source, Verdict

__all__ = ["Begun", "Outcome", "RunWriter", "Tally"]

#: `missing_ids` is for people; the verdict's reason gives the whole number.
_MOST_MISSING = 1000
#: What is known of a run when it begins, and when it ends.
_BEGINNING = "source_id, command, version, robots, started_at"
_END = "ended_at, new, changed, same, gone, rejected, verdict, reason, missing_ids, error"
_WRITE_END = (
    f"INSERT INTO runs (id, {_BEGINNING}, {_END}) VALUES ({', '.join('?' * 16)})"
    f" ON CONFLICT (id) DO UPDATE SET ({_END}) = ({', '.join(f'excluded.{name}' for name in _END.split(', '))})"
)


@dataclass(slots=True)
class Begun:
    """A run of one source. Its row is written with the first thing that it brings, or when it ends."""

    at: str
    robots: str | None = None
    row: int | None = None
    tally: Tally = field(default_factory=Tally)
    #: Requests that brought nothing, until they are stored with what comes next.
    log: list[Fetched] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the run of a source came out."""

    source_id: int
    verdict: Verdict
    at: str
    error: str | None = None
    #: What the site says it has.
    announced: Mapping[str, int] | None = None
    #: Columns of `sources` that say when it is due again.
    schedule: Mapping[str, Any] = field(default_factory=dict)
    #: Failed runs in a row with this one, 0 when it is none; by default a failing one is one more.
    failures: int | None = None
    #: What is to be said of the run as a whole.
    note: str = ""

    @property
    def failed(self) -> bool:
        """Whether it counts as a failure."""
        return self.verdict.word == "failing" if self.failures is None else self.failures > 0

    def row(self, tally: Tally) -> tuple[Any, ...]:
        """What `runs` says of it: the columns of `_END`."""
        word = self.verdict
        return (
            self.at, tally.new, tally.changed, tally.same, tally.gone, tally.rejected, word.word, word.reason or None,
            self._missing, self.error,
        )  # fmt: skip

    @property
    def _missing(self) -> str:
        return json.dumps(self.verdict.missing[:_MOST_MISSING]) if self.verdict.missing else "[]"

    def state(self) -> dict[str, Any]:
        """What `sources` says of it, beside its failures."""
        told = {"announced": json.dumps(dict(self.announced), sort_keys=True)} if self.announced else {}
        return {
            "verdict": self.verdict.word, "reason": self.verdict.reason or None, "missing_ids": self._missing,
            "error": self.error, "last_run_at": self.at, **({} if self.failed else {"last_ok_at": self.at}), **told,
            **self.schedule,
        }  # fmt: skip


class RunWriter:
    """Writes what one command brings in. A batch is stored whole or not at all."""

    def __init__(self, corpus: Corpus, command: str, *, rerender: Rerender | None = None) -> None:
        self.corpus, self.command, self._rerender = corpus, command, rerender
        #: Source number -> its run.
        self.runs: dict[int, Begun] = {}

    def begin(self, source_id: int, at: str, *, robots: str | None = None) -> Begun:
        """The run of a source, open from now on. `robots`: as this source's run is told."""
        return self.runs.setdefault(source_id, Begun(at, robots))

    def drop(self, source_id: int) -> None:
        """The run of a source that was opened and did not come about."""
        begun = self.runs.pop(source_id)
        if begun.row is not None:
            with self.corpus.transaction() as conn:
                conn.execute("DELETE FROM runs WHERE id = ?", [begun.row])

    def apply(self, source: Source, batch: Batch, at: str) -> Tally:
        """Store a batch in one transaction; what it came to.

        One that tells nothing but requests, as after a 304, waits for the next one, or for the end of the run.
        """
        if source.id is not None and _is_log(batch):
            self.begin(source.id, at).log.extend(batch.fetches)
            return Tally()
        known, before, total = len(self.runs), dict[int, Begun](), Tally()
        try:
            with self.corpus.transaction() as conn:
                parts = [self._apply(conn, source, site, part, at, before) for site, part in _by_site(batch, source)]
        except BaseException:  # what was written was rolled back with the page
            self.runs = dict(islice(self.runs.items(), known)) | before
            raise
        for begun, tally in parts:
            begun.tally.add(tally)
            total.add(tally)
        return total

    def finish(self, *ends: Outcome) -> None:
        """Close the runs of these sources: many at once, in one transaction, take half the time."""
        with self.corpus.transaction() as conn:
            rows = self._end(conn, ends)
            hosts.keep_logs(conn, [(row, number, self.runs[number].log) for number, row in rows.items()])
            for end in ends:
                _note(conn, rows[end.source_id], [end.note] if end.note else [])
            _settle(conn, ends)
        for number, row in rows.items():
            begun = self.runs[number]
            begun.row, begun.log = row, []

    def _end(self, conn: sqlite3.Connection, ends: Sequence[Outcome]) -> dict[int, int]:
        """Write the rows of these runs, made where there are none: source -> row."""
        made = [end.source_id for end in ends if self.runs[end.source_id].row is None]
        if made:
            _killed(conn, made)
        free = count(conn.execute("SELECT coalesce(max(id), 0) + 1 FROM runs").fetchone()[0])
        rows: dict[int, int] = {}
        values: list[tuple[Any, ...]] = []
        for end in ends:
            begun = self.runs[end.source_id]
            row = rows[end.source_id] = next(free) if begun.row is None else begun.row
            values.append((row, *self._beginning(end.source_id, begun), *end.row(begun.tally)))
        conn.executemany(_WRITE_END, values)
        return rows

    def _beginning(self, source_id: int, begun: Begun) -> tuple[Any, ...]:
        """What `runs` says of a run when it begins."""
        return source_id, self.command, __version__, begun.robots, begun.at

    def _row(self, conn: sqlite3.Connection, source_id: int, begun: Begun) -> int:
        """The row of a run, made where there is none."""
        if begun.row is not None:
            return begun.row
        _killed(conn, [source_id])
        values = self._beginning(source_id, begun)
        made = conn.execute(f"INSERT INTO runs ({_BEGINNING}) VALUES ({_marks(values)})", values)
        return int(made.lastrowid or 0)

    def _apply(
        self, conn: sqlite3.Connection, source: Source, site: tuple[str, str | None], batch: Batch, at: str,
        before: dict[int, Begun],
    ) -> tuple[Begun, Tally]:  # fmt: skip
        """Store what a batch says of one site: its run, and what it came to. `before`: how its run was, if it was."""
        key, home = site
        site_id = sites.site_row(conn, key, home, at)
        source_id = source.id if source.id is not None else sources.loaded(conn, source.kind, site_id, key, at)
        if source_id in self.runs:
            before.setdefault(source_id, replace(self.runs[source_id]))
        begun = self.begin(source_id, at)
        begun.row = run_id = self._row(conn, source_id, begun)
        for said in batch.sites:
            sites.keep_site(conn, said, at, home=source.home)
        for term in batch.terms:
            names.keep_term(conn, site_id, term)
        for person in batch.people:
            names.keep_person(conn, site_id, person)
        tally = Tally()
        if batch.posts or batch.gone:
            page = PageWriter(
                conn, at=at, site_id=site_id, site=key, source_id=source_id, run_id=run_id, words=self.corpus.words,
                rerender=self._rerender,
            )  # fmt: skip
            tally = page.write(batch.posts, loading=source.id is None)
            page.bury(batch.gone)
        tally.rejected += keep_beside(conn, site_id, source_id, batch, at)
        hosts.keep_fetches(conn, begun.log, run_id=run_id, source_id=source_id)
        _progress(conn, source_id, run_id, batch, at)
        begun.log = []
        return begun, tally


def _by_site(batch: Batch, source: Source) -> Iterable[tuple[tuple[str, str | None], Batch]]:
    """A batch of saved documents may speak of several sites; one of a polled source speaks of one."""
    if source.home is not None:
        return [((sites.key_of(source.home), source.home), batch)]
    parts: dict[str, dict[str, list[Any]]] = {}
    homes: dict[str, str | None] = {}
    for what in ("posts", "sites", "terms", "people", "media", "comments", "rejects"):
        for item in getattr(batch, what):
            key = item.site if isinstance(item, Post) else sites.key_of(item.home)
            homes[key] = homes.get(key) or item.home
            parts.setdefault(key, {}).setdefault(what, []).append(item)
    empty = replace(batch, posts=(), sites=(), terms=(), people=(), media=(), comments=(), rejects=())
    found = [((key, homes[key]), _with(empty, part)) for key, part in parts.items()]
    return found or ([(("", None), batch)] if source.id is not None else [])


def _with(batch: Batch, part: Mapping[str, list[Any]]) -> Batch:
    filled: dict[str, Any] = {name: tuple(items) for name, items in part.items()}
    return replace(batch, **filled)


def _is_log(batch: Batch) -> bool:
    """Whether nothing of a batch is to be stored but its requests; why it failed is for the verdict."""
    return not (
        batch.posts or batch.gone or batch.cursor is not None or batch.validators or batch.sites or batch.terms
        or batch.people or batch.media or batch.comments or batch.rejects or batch.moved_to is not None or _told(batch)
    )  # fmt: skip


def _told(batch: Batch) -> list[str]:
    """The notes of a batch but those for the rhythm."""
    return [note for note in batch.notes if not note.startswith(("interval:", "cache:"))]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _killed(conn: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Close the runs of these sources that nobody came to close.

    Only the last run of a source may lie open: a look at all of them would take ever longer.
    """
    conn.execute(
        "UPDATE runs SET ended_at = started_at, verdict = 'unknown', reason = 'killed' WHERE ended_at IS NULL"
        " AND id IN (SELECT (SELECT id FROM runs WHERE source_id = value ORDER BY started_at DESC, id DESC LIMIT 1)"
        " FROM json_each(?))",
        [json.dumps(list(numbers))],
    )


def _settle(conn: sqlite3.Connection, ends: Sequence[Outcome]) -> None:
    """Write down how these sources stand now."""
    statements: dict[str, list[list[Any]]] = {}
    for end in ends:
        state, failed = end.state(), end.failed
        values = [*state.values(), failed, end.at, failed, end.failures, end.source_id]
        statements.setdefault(_set(tuple(state)), []).append(values)
    for statement, rows in statements.items():
        conn.executemany(statement, rows)


@cache
def _set(columns: tuple[str, ...]) -> str:
    """The statement that writes these columns of a source at the end of a run."""
    return (
        f"UPDATE sources SET {', '.join(f'{name} = ?' for name in columns)},"
        " failing_since = CASE WHEN ? THEN coalesce(failing_since, ?) END,"
        " failures = CASE WHEN ? THEN coalesce(?, failures + 1) ELSE 0 END WHERE id = ?"
    )


def _progress(conn: sqlite3.Connection, source_id: int, run_id: int, batch: Batch, at: str) -> None:
    """Cursor, validators and fetch log: stored with the page they belong to."""
    if batch.cursor is not None:
        cursor = json.dumps(dict(batch.cursor), sort_keys=True)
        conn.execute("UPDATE sources SET cursor = ?1 WHERE id = ?2 AND cursor <> ?1", [cursor, source_id])
    conn.executemany(
        "INSERT INTO validators (source_id, url, etag, last_modified, body_sha256, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT (source_id, url) DO UPDATE SET etag = ?3, last_modified = ?4, body_sha256 = ?5, at = ?6",
        [(source_id, url, *said, at) for url, said in batch.validators.items()],
    )
    hosts.keep_fetches(conn, batch.fetches, run_id=run_id, source_id=source_id)
    if batch.moved_to is not None:
        conn.execute("UPDATE sources SET endpoint = ? WHERE id = ?", [batch.moved_to, source_id])
    _note(conn, run_id, _told(batch))


def _note(conn: sqlite3.Connection, run_id: int, told: list[str]) -> None:
    """Add to the notes of a run what is not among them."""
    if told:
        held = json.loads(conn.execute("SELECT notes FROM runs WHERE id = ?", [run_id]).fetchone()[0])
        notes = list(dict.fromkeys([*held, *told]))[:100]
        conn.execute("UPDATE runs SET notes = ? WHERE id = ?", [json.dumps(notes, ensure_ascii=False), run_id])
