"""The full-text indexes, always in step with `posts`.

External content: a changed row's *old* words must be given back to the index before its new ones go in; a plain
`insert … select` after an update leaves the old words matching, and only `integrity-check` with rank 1 sees it.
Fed once a transaction: per-row triggers cost 1.7 times as much.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import zip_longest

__all__ = ["Pending", "differing", "in_step", "optimise", "rebuild"]

#: index -> its tokenizer, and which posts it holds.
_INDEXES = {"posts_fts": ("unicode61", "1"), "posts_trigram": ("trigram", "unspaced = 1")}
#: Segments of a size that there are before FTS5 merges them (4 by its own choice). Each transaction makes one: with 8
#: they are rewritten less often, a tenth less time for each commit; a search takes 0.01 ms longer for each word.
_MERGED_AT = 8
#: Rows whose words are held in memory at a time.
_AT_ONCE = 500
#: Characters of a text that is kept in memory until the transaction ends.
_SHORT = 50_000


class Pending:
    """What a transaction changes in the indexes, gathered until just before it is committed.

    FTS5 gathers new words in memory, and writes them out as a segment at every savepoint, which statements open on
    their own: fed once, last and by VALUES, the index costs 170 us a post of 5,600 characters; fed post by post with
    `insert … select`, 430 us.
    """

    def __init__(self) -> None:
        #: post id -> title, text, unspaced as the indexes know them; None for a row that is new to them.
        self._old: dict[int, tuple[str, str, int] | None] = {}
        #: post id -> title, text, unspaced of a new row, for as long as nothing changed it; long ones are read again.
        self._new: dict[int, tuple[str, str, int]] = {}
        self._tuned = False

    def added(self, post_id: int, title: str, text: str, unspaced: int) -> None:
        """A new row."""
        self._old.setdefault(post_id, None)
        if len(text) < _SHORT:
            self._new[post_id] = (title, text, unspaced)

    def changing(self, post_id: int, title: str, text: str, unspaced: int) -> None:
        """A row about to change; its first old words within the transaction are the ones the index holds."""
        self._old.setdefault(post_id, (title, text, unspaced))
        self._new.pop(post_id, None)

    def mark(self) -> int:
        """How far it is, for `undo`."""
        return len(self._old)

    def undo(self, mark: int) -> None:
        """Forget what came since: it was rolled back."""
        for post_id in list(self._old)[mark:]:
            del self._old[post_id]
        self._new.clear()  # what is left is read again

    def write(self, conn: sqlite3.Connection) -> None:
        """Bring both indexes into step. The last thing inside a transaction."""
        if not self._old:
            return
        if not self._tuned:
            _tune(conn)
            self._tuned = True
        numbers = sorted(self._old)
        for start in range(0, len(numbers), _AT_ONCE):
            self._write(conn, numbers[start : start + _AT_ONCE])
        self._old.clear()
        self._new.clear()

    def _write(self, conn: sqlite3.Connection, numbers: Sequence[int]) -> None:
        read = [number for number in numbers if number not in self._new]
        new = [(number, *self._new[number]) for number in numbers if number in self._new]
        if read:
            new += conn.execute(
                "SELECT id, title, text, unspaced FROM posts WHERE id IN (SELECT value FROM json_each(?))",
                [json.dumps(read)],
            )
            new.sort()
        for table, unspaced_only in (("posts_fts", False), ("posts_trigram", True)):
            gone = [
                (post_id, old[0], old[1])
                for post_id in numbers
                if (old := self._old[post_id]) is not None and (old[2] or not unspaced_only)
            ]
            conn.executemany(f"INSERT INTO {table} ({table}, rowid, title, text) VALUES ('delete', ?, ?, ?)", gone)
            conn.executemany(
                f"INSERT INTO {table} (rowid, title, text) VALUES (?, ?, ?)",
                [row[:3] for row in new if row[3] or not unspaced_only],
            )


def _tune(conn: sqlite3.Connection) -> None:
    """Have both indexes merge as we wish: of any corpus, whenever it was made. Before words are fed."""
    for table in _INDEXES:
        held = conn.execute(f"SELECT v FROM {table}_config WHERE k = 'automerge'").fetchone()
        if held != (_MERGED_AT,):
            conn.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('automerge', ?)", [_MERGED_AT])


def in_step(conn: sqlite3.Connection) -> Iterable[str]:
    """The names of the indexes that are not in step with `posts`. Writes nothing, but needs a writable connection."""
    for table, rank in (("posts_fts", 1), ("posts_trigram", 0)):
        try:
            conn.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', ?)", [rank])
        except sqlite3.DatabaseError:
            yield table
            continue
        if table == "posts_trigram":  # it holds some of the posts only, which FTS5 would call an error
            yield from differing(conn, only=table)


def differing(conn: sqlite3.Connection, only: str | None = None) -> Iterable[str]:
    """The names of the indexes whose terms are not those of the posts' words: for a file that cannot be written.

    Each is built anew beside the file, so this costs what `rebuild` costs; order within a post is not compared.
    """
    for table, (tokenizer, where) in _INDEXES.items():
        if only in {None, table}:
            try:
                if _differs(conn, table, tokenizer, where):
                    yield table
            except sqlite3.DatabaseError:
                yield table


def _differs(conn: sqlite3.Connection, table: str, tokenizer: str, where: str) -> bool:
    conn.execute("SAVEPOINT comparing")
    try:
        conn.execute(
            f"CREATE VIRTUAL TABLE temp.again USING fts5 (title, text, content = '', tokenize = '{tokenizer}')"
        )
        conn.execute(
            f"INSERT INTO temp.again (rowid, title, text) SELECT id, title, text FROM main.posts WHERE {where}"
        )
        conn.execute("CREATE VIRTUAL TABLE temp.made USING fts5vocab (temp, again, col)")
        conn.execute(f"CREATE VIRTUAL TABLE temp.held USING fts5vocab (main, {table}, col)")
        wanted, held = (
            conn.execute(f"SELECT term, col, doc, cnt FROM temp.{one} ORDER BY 1, 2") for one in ("made", "held")
        )
        same = all(a == b for a, b in zip_longest(wanted, held))
        counts = [conn.execute(f"SELECT count(*) FROM {one}_docsize").fetchone() for one in ("temp.again", table)]
        return not same or counts[0] != counts[1]
    finally:
        conn.execute("ROLLBACK TO comparing")
        conn.execute("RELEASE comparing")


def rebuild(conn: sqlite3.Connection) -> None:
    """Both indexes made anew from the words. Inside a transaction."""
    conn.execute("INSERT INTO posts_fts (posts_fts) VALUES ('rebuild')")
    # 'rebuild' would take in every post; 'delete-all' forgets without looking at what a damaged index holds.
    conn.execute("INSERT INTO posts_trigram (posts_trigram) VALUES ('delete-all')")
    conn.execute("INSERT INTO posts_trigram (rowid, title, text) SELECT id, title, text FROM posts WHERE unspaced = 1")


def optimise(conn: sqlite3.Connection) -> None:
    """Merge each index into one segment; what was deleted from it is gone then."""
    for table in _INDEXES:
        conn.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
