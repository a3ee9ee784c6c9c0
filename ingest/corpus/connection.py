"""Opening a corpus file safely, and the one way to write to it: `BEGIN IMMEDIATE` … `COMMIT`.

A file that is not ours, damaged or newer is refused before SQLite may touch it: the header says enough
(https://www.sqlite.org/fileformat.html §1.3).
"""

import os
import re
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ingest import schema
from ingest.errors import CorpusError, DiskFull, Locked

__all__ = ["BUSY_TIMEOUT_MS", "Shared", "check_file", "connect", "connect_as_is", "explained", "transaction"]

#: How long another program may hold the file before we give up (facts: a page takes at most 0.25 s to commit).
BUSY_TIMEOUT_MS = 30_000

#: Damage that SQLite has no code of its own for: a schema, or a text, that cannot be read.
_DAMAGE = re.compile("no such table|Could not decode to UTF-8|unsupported file format")

_RESTORE = "It was left untouched; name another file with --db, or restore a snapshot"


def check_file(path: Path) -> int:
    """Refuse a file that is no corpus of ours, by its first 100 bytes alone; the version of its schema.

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
    # The page count is valid only when the file change counter equals the version-valid-for number; and a log beside
    # the file may hold the pages that are missing (a checkpoint that was killed, a disk that was full): SQLite knows.
    logged = any(_size(path, suffix) for suffix in ("-wal", "-journal"))
    if not logged and head[24:28] == head[92:96] and size < pages * (65_536 if page_size == 1 else page_size):
        raise CorpusError(f"{path}: damaged: shorter than its header says. {_RESTORE}")
    return int(user_version)


def _size(path: Path, suffix: str) -> int:
    beside = path.with_name(path.name + suffix)
    return beside.stat().st_size if beside.exists() else 0


def connect(
    path: Path, *, write: bool = False, create: bool = False, backup: bool = True
) -> sqlite3.Connection:  # fmt: skip
    """Open a corpus. `write` brings its schema up to date; `create` makes the file when it is missing.

    `backup`: before a migration, the file is copied to `NAME.schema-N`, N being the version it has.

    Raises CorpusError (missing, foreign, newer, damaged), Locked, DiskFull.
    """
    if create and not path.exists():
        _make(path)
    version = check_file(path)
    with explained(path):
        if not write:
            return _reader(path)
        conn = _open(path, "mode=rw")
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA wal_autocheckpoint = 4000")  # 16 MB: folding the log in every few pages costs a third
        conn.execute("PRAGMA cache_size = -16000")  # 16 MB, not 2: a run comes by the same pages of its indexes again
        if not schema.up_to_date(conn):
            if backup and version < schema.VERSION:
                _back_up(conn, path.with_name(f"{path.name}.schema-{version}"))
            with transaction(conn, path):
                schema.upgrade(conn)
    return conn


def _back_up(conn: sqlite3.Connection, target: Path) -> None:
    """A whole copy under its own name, or none."""
    made = target.with_name(f".{target.name}.new-{os.getpid()}")
    try:
        conn.execute("VACUUM INTO ?", [str(made)])
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)


def _open(path: Path, how: str) -> sqlite3.Connection:
    """A connection that never opens a transaction behind our back (`isolation_level` None)."""
    address = f"{path.absolute().as_uri()}?{how}"
    conn = sqlite3.connect(
        address, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000, cached_statements=1024
    )  # fmt: skip
    conn.execute("PRAGMA recursive_triggers = ON")  # so that a row that REPLACE takes away is noted (`seal.watch`)
    return conn


def _reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, also to a corpus in a folder that cannot be written.

    There SQLite cannot make the index of a write-ahead log; where no log is left over, none is needed (`immutable`).
    """
    for how in ("mode=ro", "mode=ro&immutable=1"):
        conn = _open(path, how)
        try:
            conn.execute("PRAGMA query_only = ON")
            conn.execute("SELECT count(*) FROM posts_fts_config").fetchone()
        except sqlite3.OperationalError as error:
            conn.close()
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if "immutable" in how or code not in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
                raise
            if _size(path, "-wal"):
                why = "not closed cleanly, in a folder that cannot be written: copy it and its -wal elsewhere"
                raise CorpusError(f"{path}: {why}") from error
        else:
            return conn
    raise CorpusError(f"{path}: cannot be read")  # pragma: no cover


def _make(path: Path) -> None:
    """A new corpus, made whole under another name and only then given its own.

    So a kill or a full disk in the middle leaves no half-made file that would be refused ever after.
    """
    if not path.absolute().parent.is_dir():
        raise CorpusError(f"{path}: there is no folder {path.absolute().parent}")
    made = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        with explained(path):
            made.unlink(missing_ok=True)
            conn = _open(made, "mode=rwc")
            try:
                _lay_out(conn)
            finally:
                conn.close()
            with suppress(FileExistsError):  # another run was quicker: then the corpus is that one's
                os.link(made, path)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            made.with_name(made.name + suffix).unlink(missing_ok=True)


def connect_as_is(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Open a corpus without bringing anything up to date, and whether it can be written: for `verify`.

    Raises CorpusError where the header alone tells that it is none, or one of an older schema.
    """
    version = check_file(path)
    if version < schema.VERSION:
        raise CorpusError(f"{path}: of an older schema ({version}); `blogcorpus retext` brings it up to date first")
    writable = os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)
    with explained(path):
        conn = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'rw' if writable else 'ro'}", uri=True, isolation_level=None,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )  # fmt: skip
    return conn, writable


def _lay_out(conn: sqlite3.Connection) -> None:
    """The whole schema in one transaction with the file's own identity, then WAL: never a half-made corpus."""
    conn.execute("PRAGMA page_size = 4096")
    conn.execute("BEGIN IMMEDIATE")
    schema.upgrade(conn)
    conn.execute("COMMIT")
    conn.execute("PRAGMA journal_mode = WAL")


@contextmanager
def transaction(conn: sqlite3.Connection, path: Path) -> Iterator[None]:
    """One write transaction. IMMEDIATE: a deferred one that reads first starves (600 of 900 lost, measured)."""
    with explained(path):
        conn.execute("BEGIN IMMEDIATE")
        try:
            yield
            conn.execute("COMMIT")
        except BaseException:
            # A full disk has rolled back already; an explicit ROLLBACK would then raise over the true cause.
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise


class Shared:
    """A transaction that several parts share; each part is whole or not at all."""

    def __init__(self, conn: sqlite3.Connection, path: Path) -> None:
        self._conn, self._path = conn, path
        #: Whether parts share a transaction now.
        self.on = False
        self._since = 0.0

    @property
    def seconds(self) -> float:
        """Since it began; 0 when none is open."""
        return time.monotonic() - self._since if self.on and self._conn.in_transaction else 0.0

    @contextmanager
    def part(self) -> Iterator[None]:
        """One part: kept when it ends well, undone when it raises, and the parts before it stay."""
        conn = self._conn
        with explained(self._path):
            if not conn.in_transaction:
                conn.execute("BEGIN IMMEDIATE")
                self._since = time.monotonic()
            conn.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                if conn.in_transaction:  # a full disk has rolled everything back already
                    conn.execute("ROLLBACK TO part")
                    conn.execute("RELEASE part")
                raise
            conn.execute("RELEASE part")

    def settle(self) -> None:
        """Commit what is there."""
        if self._conn.in_transaction:
            with explained(self._path):
                try:
                    self._conn.execute("COMMIT")
                except BaseException:
                    self.drop()
                    raise

    def drop(self) -> None:
        """Roll back what is there."""
        if self._conn.in_transaction:
            self._conn.execute("ROLLBACK")


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
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or _DAMAGE.search(str(error)):
            raise CorpusError(f"{path}: damaged ({error}). {_RESTORE}") from error
        raise
    except UnicodeDecodeError as error:  # SQLite's own message quotes a damaged text
        raise CorpusError(f"{path}: damaged ({error}). {_RESTORE}") from error
