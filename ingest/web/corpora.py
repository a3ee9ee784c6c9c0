"""Which of Datasette's databases are corpora, who may see them, and how a page opens one."""

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.corpus import Corpus
from ingest.corpus.connection import check_file
from ingest.errors import CorpusError, IngestError

__all__ = ["TooSlowError", "allowed", "alone", "end_within", "names", "opened", "path_of"]

#: Seconds that a page may ask the corpus. The slowest of an honest search is 0.3 at 100,000 posts.
PATIENCE = 15.0
#: Instructions of SQLite between two looks at the clock: about a millisecond.
_LOOK = 20_000
#: A corpus is read through the system's own cache: common words ask for pages all over the file.
_MAPPED = 2**30
#: When every page must be done, by the monotonic clock: once the server is told to end.
_END = [math.inf]


class TooSlowError(IngestError):
    """The question takes longer than a page may."""


def path_of(datasette: Any, name: str) -> Path | None:
    """The file of a database that is a corpus; None for any other database, and for none at all."""
    database = datasette.databases.get(name)
    path = getattr(database, "path", None)
    if not path:
        return None
    try:
        check_file(Path(path))  # a hundred bytes: cheap enough to ask each time, as a snapshot may be replaced
    except CorpusError:
        return None
    return Path(path)


def names(datasette: Any) -> list[str]:
    """The databases that are corpora."""
    return [name for name in datasette.databases if path_of(datasette, name) is not None]


def alone(datasette: Any) -> str | None:
    """The corpus, where it is the only database there is."""
    known = [name for name in datasette.databases if not name.startswith("_")]
    return known[0] if len(known) == 1 and names(datasette) == known else None


async def allowed(datasette: Any, actor: Any, name: str) -> bool:
    """Whether Datasette's own permissions let the reader see a database."""
    if hasattr(datasette, "allowed"):  # 1.0
        from datasette.resources import DatabaseResource  # noqa: PLC0415  (0.65 has no such module)

        return bool(await datasette.allowed(action="view-database", resource=DatabaseResource(name), actor=actor))
    visible, _ = await datasette.check_visibility(actor, permissions=[("view-database", name), "view-instance"])
    return bool(visible)


def end_within(seconds: float) -> None:
    """Break off whatever is asked longer than that from now on: the server ends. Safe in a signal handler."""
    _END[0] = time.monotonic() + seconds


@contextmanager
def opened(path: Path) -> Iterator[Corpus]:
    """A corpus to read in, for one page; opening takes 0.6 ms. Raises CorpusError, TooSlowError.

    Nothing can be written to the file: it is open read-only. Temporary tables may be, in memory.
    """
    end = time.monotonic() + PATIENCE
    with Corpus(path) as corpus:
        corpus.conn.execute("PRAGMA query_only = OFF")
        corpus.conn.execute("PRAGMA temp_store = MEMORY")
        corpus.conn.execute(f"PRAGMA mmap_size = {_MAPPED}")
        corpus.conn.execute("BEGIN")  # everything on a page is of one moment, also beside a run
        corpus.conn.set_progress_handler(lambda: time.monotonic() > min(end, _END[0]), _LOOK)
        try:
            with corpus.explained():
                yield corpus
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise TooSlowError(f"this takes longer than the {PATIENCE:.0f} s a page may") from error
            raise
