"""A dated copy for those who read: one file that describes itself, opens everywhere, and proves itself by a checksum.

Made beside its place and moved there whole, so nobody ever sees half of one. Its journal is off (`DELETE`), so it
opens from a folder that cannot be written, which a WAL database does not. Requests and validators are not in it.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest import __version__, schema
from ingest.corpus import fulltext, seal
from ingest.corpus.store import Corpus
from ingest.errors import ConfigError, DiskFull

__all__ = ["Wish", "snapshot"]

#: Nobody's business but the run's; the first two may name addresses that were asked and are no post's.
_LEFT_OUT = ("fetches", "fetch_days", "validators", "robots")

_LICENCE = (
    "The texts belong to their authors. This copy grants no right to them; respect each site's terms, and honour wishes"
    " to be forgotten: rows of posts with gone_kind 'forgotten' are tombstones of such wishes."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A part of the corpus."""

    #: Numbers of sources; None: all.
    sources: tuple[int, ...] | None = None
    #: Posts published, or where that is not known first held, on this day or later: `YYYY-MM-DD`.
    since: str | None = None


def snapshot(corpus: Corpus, target: Path, at: str, wish: Wish = Wish()) -> dict[str, int]:
    """Write the copy and `TARGET.sha256` beside it; how many posts, revisions and bytes it has.

    An older file of that name is replaced. Raises ConfigError, DiskFull.
    """
    if target.exists() and target.samefile(corpus.path):
        raise ConfigError(f"{target}: that is the corpus itself")
    if not target.absolute().parent.is_dir():
        raise ConfigError(f"{target}: there is no folder {target.absolute().parent}")
    made = target.with_name(f".{target.name}.new-{os.getpid()}")
    beside = target.with_name(target.name + ".sha256")
    try:
        with corpus.explained():
            made.unlink(missing_ok=True)
            corpus.copy_into(made)
            counts = _finish(made, wish, at)
        digest = _written(made)
        summed = made.with_name(made.name + ".sha256")
        summed.write_text(f"{digest}  {target.name}\n", encoding="ascii")
        summed.replace(beside)
        made.replace(target)
        _sync(target.absolute().parent)
    except OSError as error:
        raise DiskFull(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        for suffix in ("", "-journal", ".sha256"):
            with contextlib.suppress(OSError):
                made.with_name(made.name + suffix).unlink(missing_ok=True)
    return counts | {"bytes": target.stat().st_size}


def _finish(path: Path, wish: Wish, at: str) -> dict[str, int]:
    conn = sqlite3.connect(path, isolation_level=None)
    try:
        conn.execute("PRAGMA journal_mode = DELETE")
        conn.execute("PRAGMA secure_delete = ON")
        conn.execute("BEGIN")
        for table in _LEFT_OUT:
            conn.execute(f"DELETE FROM {table}")
        if wish != Wish():
            seal.watch(conn)
            _cut(conn, wish)
            seal.settle(conn)
        counts = _describe(conn, wish, at)
        conn.execute("COMMIT")
        conn.execute("VACUUM")
        return counts
    finally:
        conn.close()


def _cut(conn: sqlite3.Connection, wish: Wish) -> None:
    """Leave the wanted posts and what belongs to them."""
    conn.execute("CREATE TEMP TABLE wanted (id INTEGER PRIMARY KEY)")
    conn.execute(
        "INSERT INTO wanted SELECT id FROM posts p WHERE"
        " (?1 IS NULL OR EXISTS (SELECT 1 FROM sightings g JOIN json_each(?1) w ON w.value = g.source_id"
        "  WHERE g.post_id = p.id))"
        " AND (?2 IS NULL OR coalesce(published_at, first_seen_at) >= ?2)",
        [None if wish.sources is None else json.dumps(wish.sources), wish.since],
    )
    conn.execute("UPDATE links SET target_post_id = NULL WHERE target_post_id NOT IN wanted")
    for (table,) in conn.execute(_OF_POSTS).fetchall():
        conn.execute(f"DELETE FROM {table} WHERE post_id NOT IN wanted")
    conn.execute("DELETE FROM posts WHERE id NOT IN wanted")
    for statement in _UNUSED:
        conn.execute(statement)
    if wish.sources is not None:
        kept = json.dumps(wish.sources)
        for table in ("sightings", "rejects", "runs"):
            conn.execute(f"DELETE FROM {table} WHERE source_id NOT IN (SELECT value FROM json_each(?))", [kept])
        conn.execute("DELETE FROM sources WHERE id NOT IN (SELECT value FROM json_each(?))", [kept])
        others = "(SELECT site_id FROM posts UNION SELECT site_id FROM sources WHERE site_id IS NOT NULL)"
        for table in ("media", "site_hosts", "linked_sites"):
            conn.execute(f"DELETE FROM {table} WHERE site_id NOT IN {others}")
        conn.execute(f"DELETE FROM sites WHERE id NOT IN {others}")
    fulltext.rebuild(conn)


#: Every table that holds something of a post.
_OF_POSTS = (
    "SELECT m.name FROM main.sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'post_id'"
)

#: What no remaining post needs.
_UNUSED = (
    "DELETE FROM media WHERE post_id IS NULL AND site_id NOT IN (SELECT site_id FROM posts)",
    "DELETE FROM comments WHERE post_id IS NULL",
    "DELETE FROM authors WHERE id NOT IN (SELECT author_id FROM post_authors)",
    "DELETE FROM terms WHERE id NOT IN (SELECT term_id FROM post_terms)",
    "DELETE FROM payloads WHERE id NOT IN (SELECT payload_id FROM post_payloads)",
)


def _describe(conn: sqlite3.Connection, wish: Wish, at: str) -> dict[str, int]:
    """The table `_about`: what this file is, for whoever finds it."""
    counts = {
        table: int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        for table in ("posts", "revisions", "payloads", "sources", "sites")
    }
    conn.execute("DROP TABLE IF EXISTS _about")
    conn.execute("CREATE TABLE _about (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID")
    conn.executemany("INSERT INTO _about VALUES (?, ?)", _facts(conn, wish, at, counts))
    return {name: counts[name] for name in ("posts", "revisions")}


def _facts(conn: sqlite3.Connection, wish: Wish, at: str, counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    yield from (
        ("what", "A snapshot of a blogcorpus corpus. The view `corpus` is what a researcher reads."),
        ("made_at", at), ("tool", f"blogcorpus {__version__}"), ("schema", str(schema.VERSION)),
        ("licence", _LICENCE), ("counts", json.dumps(dict(counts))),
        ("only", "all sources" if wish.sources is None else f"sources {', '.join(map(str, wish.sources))}"),
        ("since", wish.since or "the beginning"),
    )  # fmt: skip
    rows = conn.execute(
        "SELECT id, kind, url, state, verdict, reason, last_ok_at, missing_ids FROM sources ORDER BY id"
    ).fetchall()
    names = ("source", "kind", "url", "state", "verdict", "reason", "last_ok_at")
    sources = [dict(zip(names, row, strict=False)) | {"missing": len(json.loads(row[7]))} for row in rows]
    yield "sources", json.dumps(sources, ensure_ascii=False)


def _written(path: Path) -> str:
    """Make sure that the file is on the disk, and readable by others; its SHA-256."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o644 & ~mask)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    return digest


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
