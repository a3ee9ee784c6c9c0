"""Opening a corpus file safely, and the one way to write to it: `BEGIN IMMEDIATE` … `COMMIT`.

A file that is not ours, damaged or newer is refused before SQLite may touch it: the header says enough
(https://www.sqlite.org/fileformat.html §1.3).
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlite_utils

from ingest import schema
from ingest.errors import CorpusError, DiskFull, Locked

__all__ = ["BUSY_TIMEOUT_MS", "check_file", "connect", "explained", "transaction"]

#: How long another program may hold the file before we give up (facts: a page takes at most 0.25 s to commit).
BUSY_TIMEOUT_MS = 30_000

_RESTORE = "It was left untouched; name another file with --db, or restore a snapshot"


def check_file(path: Path) -> None:
    """Refuse a file that is no corpus of ours, by its first 100 bytes alone.

    Raises CorpusError for a missing, empty, foreign, truncated or newer file.
    """
    try:
        size, head = path.stat().st_size, b""
        with path.open("rb") as stream:
            head = stream.read(100)
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such corpus; `blogcorpus load` or `fetch` makes one") from None
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}") from error
    if not head.startswith(b"SQLite format 3\0") or len(head) < 100:
        what = "an empty file" if not head else "not a SQLite file"
        raise CorpusError(f"{path}: {what}, so not a corpus. {_RESTORE}")
    page_size, pages = struct.unpack(">H10xI", head[16:32])
    user_version, application = struct.unpack(">I4xI", head[60:72])
    if application != schema.APPLICATION_ID:
        raise CorpusError(f"{path}: a SQLite database of another program. {_RESTORE}")
    if user_version > schema.VERSION:
        raise CorpusError(
            f"{path}: made by a newer blogcorpus (schema {user_version}, this one knows {schema.VERSION});"
            " upgrade blogcorpus"
        )
    # The page count is valid only when the file change counter equals the version-valid-for number.
    if head[24:28] == head[92:96] and size < pages * (65_536 if page_size == 1 else page_size):
        raise CorpusError(f"{path}: damaged: shorter than its header says. {_RESTORE}")


def connect(path: Path, *, write: bool = False, create: bool = False) -> sqlite_utils.Database:
    """Open a corpus. `write` brings its schema up to date; `create` makes the file when it is missing.

    Raises CorpusError (missing, foreign, newer, damaged), Locked, DiskFull.
    """
    fresh = create and not path.exists()
    if not fresh:
        check_file(path)
    with explained(path):
        mode = "rwc" if fresh else "rw" if write else "ro"
        # isolation_level None: Python never opens a transaction behind our back.
        conn = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000
        )
        db = sqlite_utils.Database(conn, execute_plugins=False)
        if fresh:
            _lay_out(db)
        conn.execute("PRAGMA foreign_keys = ON")
        if write:
            conn.execute("PRAGMA synchronous = FULL")
            if not schema.up_to_date(db):
                with transaction(db, path):
                    schema.upgrade(db)
        else:
            conn.execute("PRAGMA query_only = ON")
            conn.execute("SELECT count(*) FROM posts_fts_config").fetchone()
    return db


def _lay_out(db: sqlite_utils.Database) -> None:
    """The whole schema in one transaction with the file's own identity, then WAL: never a half-made corpus."""
    db.conn.execute("PRAGMA page_size = 4096")
    db.conn.execute("BEGIN IMMEDIATE")
    schema.upgrade(db)
    db.conn.execute("COMMIT")
    db.conn.execute("PRAGMA journal_mode = WAL")


@contextmanager
def transaction(db: sqlite_utils.Database, path: Path) -> Iterator[None]:
    """One write transaction. IMMEDIATE: a deferred one that reads first starves (600 of 900 lost, measured)."""
    with explained(path):
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.conn.execute("COMMIT")
        except BaseException:
            # A full disk has rolled back already; an explicit ROLLBACK would then raise over the true cause.
            if db.conn.in_transaction:
                db.conn.execute("ROLLBACK")
            raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """SQLite's errors in our words: whose fault, which file, what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise Locked(f"{path}: another program has held the corpus for over 30 s; try again later") from error
        if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            raise DiskFull(f"{path}: cannot be written ({error}); what was stored before stays") from error
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or "no such table" in str(error):
            raise CorpusError(f"{path}: damaged ({error}). {_RESTORE}") from error
        raise
