"""A run of one or many sources, as the corpus records it: batches in, one transaction each; a verdict at the end."""

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ingest import __version__
from ingest.corpus import hosts, names, sites, sources
from ingest.corpus.store import Corpus
from ingest.corpus.write import PageWriter, Rerender, Tally
from ingest.dates import from_pair
from ingest.normalise import plain_line, plain_text, site_key
from ingest.records import Batch, CommentItem, Gone, MediumItem, Post, Reject, Source, Verdict

__all__ = ["RunWriter", "Tally"]

#: `missing_ids` is for people; the verdict's reason gives the whole number.
_MOST_MISSING = 1000
_MOST_RAW = 2**20


class RunWriter:
    """Writes what one command brings in. A batch is stored whole or not at all."""

    def __init__(self, corpus: Corpus, command: str, *, rerender: Rerender | None = None) -> None:
        self.corpus, self.command, self._rerender = corpus, command, rerender
        #: source number -> (run number, what it came to).
        self.runs: dict[int, tuple[int, Tally]] = {}

    def begin(self, source_id: int, at: str, *, robots: str | None = None) -> int:
        """Open the run of a source; its number. `robots`: as this source's run is told."""
        if source_id not in self.runs:
            with self.corpus.transaction() as conn:
                self._begin(conn, source_id, at, robots)
        return self.runs[source_id][0]

    def drop(self, source_id: int) -> None:
        """The run of a source that was opened and did not come about."""
        run_id, _ = self.runs.pop(source_id)
        with self.corpus.transaction() as conn:
            conn.execute("DELETE FROM runs WHERE id = ?", [run_id])

    def apply(self, source: Source, batch: Batch, at: str) -> Tally:
        """Store a batch in one transaction; what it came to."""
        before, known = Tally(), len(self.runs)
        try:
            with self.corpus.transaction() as conn:
                for site, part in _by_site(batch, source):
                    before.add(self._apply(conn, source, site, part, at))
        except BaseException:
            for begun in list(self.runs)[known:]:  # their rows were rolled back with the page
                del self.runs[begun]
            raise
        return before

    def finish(
        self, source_id: int, verdict: Verdict, at: str, *, error: str | None = None,
        announced: Mapping[str, int] | None = None, schedule: Mapping[str, Any] | None = None,
        failures: int | None = None,
    ) -> None:  # fmt: skip
        """Close the run of a source with its verdict.

        `failures`: failed runs in a row with this one, 0 when it is none; by default a failing one is one more.
        """
        run_id, tally = self.runs[source_id]
        missing = json.dumps(verdict.missing[:_MOST_MISSING])
        failed = verdict.word == "failing" if failures is None else failures > 0
        with self.corpus.transaction() as conn:
            conn.execute(
                "UPDATE runs SET ended_at = ?, new = ?, changed = ?, same = ?, gone = ?, rejected = ?, verdict = ?,"
                " reason = ?, missing_ids = ?, error = ? WHERE id = ?",
                [at, tally.new, tally.changed, tally.same, tally.gone, tally.rejected, verdict.word,
                 verdict.reason or None, missing, error, run_id],
            )  # fmt: skip
            state = {
                "verdict": verdict.word, "reason": verdict.reason or None, "missing_ids": missing, "error": error,
                "last_run_at": at, **({} if failed else {"last_ok_at": at}),
                **({"announced": json.dumps(dict(announced), sort_keys=True)} if announced else {}),
                **(schedule or {}),
            }  # fmt: skip
            conn.execute(
                f"UPDATE sources SET {', '.join(f'{name} = ?' for name in state)},"
                " failing_since = CASE WHEN ? THEN coalesce(failing_since, ?) END,"
                " failures = CASE WHEN ? THEN coalesce(?, failures + 1) ELSE 0 END WHERE id = ?",
                [*state.values(), failed, at, failed, failures, source_id],
            )

    def _begin(self, conn: sqlite3.Connection, source_id: int, at: str, robots: str | None = None) -> None:
        if source_id in self.runs:
            return
        conn.execute(
            "UPDATE runs SET ended_at = started_at, verdict = 'unknown', reason = 'killed'"
            " WHERE source_id = ? AND ended_at IS NULL",
            [source_id],
        )
        run_id = conn.execute(
            "INSERT INTO runs (source_id, command, version, robots, started_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
            [source_id, self.command, __version__, robots, at],
        ).fetchone()[0]
        self.runs[source_id] = (run_id, Tally())

    def _apply(
        self, conn: sqlite3.Connection, source: Source, site: tuple[str, str | None], batch: Batch, at: str
    ) -> Tally:
        key, home = site
        site_id = sites.site_row(conn, key, home, at)
        source_id = source.id if source.id is not None else sources.loaded(conn, source.kind, site_id, key, at)
        self._begin(conn, source_id, at)
        run_id, total = self.runs[source_id]
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
        _library(conn, site_id, batch.media)
        comments, rejects = _without_forgotten(conn, site_id, batch)
        _comments(conn, site_id, comments, at)
        tally.rejected += _rejects(conn, source_id, rejects, at)
        if batch.posts or batch.gone:
            _resolve(conn, source_id, (*batch.posts, *batch.gone), at)
        _progress(conn, source_id, run_id, batch, at)
        total.add(tally)
        return tally


def _without_forgotten(
    conn: sqlite3.Connection, site_id: int, batch: Batch
) -> tuple[Collection[CommentItem], Collection[Reject]]:
    """The comments and rejects of a page but for those of forgotten posts: nothing of them comes back."""
    if not (batch.comments or batch.rejects):
        return (), ()
    rows = conn.execute(
        "SELECT type, remote_id FROM posts WHERE site_id = ? AND gone_kind = 'forgotten' AND remote_id IS NOT NULL",
        [site_id],
    )
    gone = {(kind, number) for kind, number in rows}
    ids = {number for _, number in gone}
    rejects = [one for one in batch.rejects if (one.type, one.remote_id) not in gone]
    return [one for one in batch.comments if one.post_id not in ids], rejects


def _by_site(batch: Batch, source: Source) -> Iterable[tuple[tuple[str, str | None], Batch]]:
    """A batch of saved documents may speak of several sites; one of a polled source speaks of one."""
    if source.home is not None:
        return [((site_key(source.home), source.home), batch)]
    parts: dict[str, dict[str, list[Any]]] = {}
    homes: dict[str, str | None] = {}
    for field in ("posts", "sites", "terms", "people", "media", "comments", "rejects"):
        for item in getattr(batch, field):
            key = item.site if isinstance(item, Post) else site_key(item.home)
            homes[key] = homes.get(key) or item.home
            parts.setdefault(key, {}).setdefault(field, []).append(item)
    empty = replace(batch, posts=(), sites=(), terms=(), people=(), media=(), comments=(), rejects=())
    found = [((key, homes[key]), _with(empty, part)) for key, part in parts.items()]
    return found or ([(("", None), batch)] if source.id is not None else [])


def _with(batch: Batch, part: Mapping[str, list[Any]]) -> Batch:
    filled: dict[str, Any] = {name: tuple(items) for name, items in part.items()}
    return replace(batch, **filled)


def _library(conn: sqlite3.Connection, site_id: int, media: Iterable[MediumItem]) -> None:
    for m in media:
        conn.execute(
            "INSERT INTO media (site_id, remote_id, url, kind, mime, title, alt, caption, width, height, published_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (site_id, remote_id)"
            " WHERE remote_id IS NOT NULL DO UPDATE SET url = ?3, kind = ?4, mime = ?5, title = ?6, alt = ?7,"
            " caption = ?8, width = ?9, height = ?10, published_at = ?11"
            " WHERE (url, kind, mime, title, alt, caption, width, height, published_at)"
            " IS NOT (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            [site_id, m.remote_id, m.url, _media_kind(m.mime), m.mime, plain_line(m.title), plain_line(m.alt),
             plain_text(m.caption), m.width, m.height, from_pair(m.published.utc, m.published.local).utc],
        )  # fmt: skip


def _media_kind(mime: str | None) -> str:
    main = (mime or "").split("/")[0]
    return main if main in {"image", "video", "audio"} else "file"


def _comments(conn: sqlite3.Connection, site_id: int, comments: Collection[CommentItem], at: str) -> None:
    if not comments:
        return
    types = [row[0] for row in conn.execute("SELECT DISTINCT type FROM posts WHERE site_id = ?", [site_id])]
    for c in comments:
        # By type as well: the index over (site, type, id) serves nothing less.
        found = (
            conn.execute(
                "SELECT id FROM posts WHERE site_id = ? AND type = ? AND remote_id = ?", [site_id, t, c.post_id]
            ).fetchone()
            for t in types
        )
        post = next((row for row in found if row), (None,))
        when = from_pair(c.published.utc, c.published.local)
        conn.execute(
            "INSERT INTO comments (site_id, remote_id, post_id, post_remote_id, parent, author, author_remote_id, url,"
            " status, text, published_at, published_raw, first_seen_at, last_seen_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13) ON CONFLICT (site_id, remote_id)"
            " DO UPDATE SET post_id = ?3, author = ?6, url = ?8, status = ?9, text = ?10, last_seen_at = ?13,"
            " gone_at = NULL WHERE (post_id, author, url, status, text, gone_at) IS NOT (?3, ?6, ?8, ?9, ?10, NULL)",
            [site_id, c.remote_id, post[0], c.post_id, c.parent, plain_line(c.author or "") or None, c.author_id,
             c.url, c.status, plain_text(c.body), when.utc, when.raw, at],
        )  # fmt: skip


def _rejects(conn: sqlite3.Connection, source_id: int, rejects: Iterable[Reject], at: str) -> int:
    count = 0
    for r in rejects:
        digest = hashlib.sha256(r.raw or f"{r.url}\x00{r.why}".encode()).hexdigest()
        key = f"{r.type}/{r.remote_id}" if r.remote_id else digest
        conn.execute(
            "INSERT INTO rejects (source_id, key, type, remote_id, url, reason, raw, first_seen_at, last_seen_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (source_id, key) DO UPDATE"
            " SET reason = ?6, raw = ?7, last_seen_at = ?8, tries = tries + 1, resolved_at = NULL",
            [source_id, key, r.type, r.remote_id, r.url, r.why, r.raw[:_MOST_RAW], at],
        )
        count += 1
    return count


def _resolve(conn: sqlite3.Connection, source_id: int, posts: Iterable[Post | Gone], at: str) -> None:
    """What could be stored after all is no reject any more, nor is what the site has no longer."""
    if conn.execute(
        "SELECT 1 FROM rejects WHERE source_id = ? AND resolved_at IS NULL LIMIT 1", [source_id]
    ).fetchone():
        conn.executemany(
            "UPDATE rejects SET resolved_at = ? WHERE source_id = ? AND key = ? AND resolved_at IS NULL",
            [(at, source_id, f"{p.type}/{p.remote_id}") for p in posts if p.remote_id],
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
    told = [note for note in batch.notes if not note.startswith(("interval:", "cache:"))]  # those are for the rhythm
    if told:
        held = json.loads(conn.execute("SELECT notes FROM runs WHERE id = ?", [run_id]).fetchone()[0])
        notes = list(dict.fromkeys([*held, *told]))[:100]
        conn.execute("UPDATE runs SET notes = ? WHERE id = ?", [json.dumps(notes, ensure_ascii=False), run_id])
