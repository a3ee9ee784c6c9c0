"""The corpus as it was held at a date, for whoever reads posts: the words of that day in the place of today's.

Few posts ever change their words, and an index knows which (`posts_changed`). The words that those had at the date go
into a table and a full-text index of the connection's own, in SQLite's temporary space; all others are read, and found,
where they are. So asking for a date costs the making of that small index, once a connection.

Of a post, title, text, modification date, word count and whether it was there are those of the date. Address, authors,
terms and language are today's. What is forgotten is in no day's corpus.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ingest.corpus.days import end_of
from ingest.corpus.store import Corpus
from ingest.normalise import characters

__all__ = ["end_of", "index", "matching", "posts", "prepared", "ranked", "words"]

_SAME = (
    "id", "doc_id", "site_id", "type", "remote_id", "status", "url", "excerpt", "published_at", "date_precision",
    "published_raw", "language", "first_seen_at",
)  # fmt: skip
_THEN = ("title", "text", "modified_at", "word_count", "unspaced")


def _key(date: str) -> str:
    """A date as part of a name. It is checked on the way, so it may stand in SQL."""
    return "".join(sign for sign in end_of(date) if sign.isdecimal())


def words(date: str) -> str:
    """The temporary table of the words that have changed since."""
    return f"temp.words_{_key(date)}"


def index(date: str) -> str:
    """The name of the temporary full-text index over them."""
    return f"then_{_key(date)}"


def posts(date: str | None) -> str:
    """What stands in a FROM for the posts as of a date; `posts` itself for None."""
    if date is None:
        return "posts"
    at = end_of(date)
    then = ", ".join(
        f"iif(h.id IN (SELECT id FROM {words(date)}),"
        f" (SELECT w.{name} FROM {words(date)} w WHERE w.id = h.id), h.{name}) AS {name}"
        for name in _THEN
    )
    gone = ", ".join(f"iif(h.gone_at <= '{at}', h.{name}, NULL) AS {name}" for name in ("gone_at", "gone_kind"))
    same = ", ".join(f"h.{name}" for name in _SAME)
    return (
        f"(SELECT {same}, {then}, {gone} FROM main.posts h"
        f" WHERE h.first_seen_at <= '{at}' AND h.gone_kind IS NOT 'forgotten')"
    )


def matching(date: str | None, match: str) -> str:
    """The query for the row numbers that the full-text index finds; `match`: the name of the value, `:match`."""
    today = f"SELECT rowid FROM posts_fts WHERE posts_fts MATCH {match}"
    if date is None:
        return today
    unchanged = f"{today} AND rowid NOT IN (SELECT id FROM {words(date)})"
    return f"{unchanged} UNION ALL SELECT rowid FROM temp.{index(date)} WHERE {index(date)} MATCH {match}"


def ranked(date: str) -> str:
    """The same for `:match` with `score`, less is better: each index ranks by the words that it has."""
    return (
        "SELECT rowid AS id, rank AS score FROM posts_fts WHERE posts_fts MATCH :match"
        f" AND rowid NOT IN (SELECT id FROM {words(date)}) UNION ALL"
        f" SELECT rowid, rank FROM temp.{index(date)} WHERE {index(date)} MATCH :match"
    )


@contextmanager
def prepared(corpus: Corpus, date: str | None) -> Iterator[None]:
    """Inside it, SQL that is made for a date may be asked, and sees one moment of the file. Raises ConfigError."""
    if date is None or corpus.conn.in_transaction:
        if date is not None:
            _make(corpus, date)
        yield
        return
    asleep = corpus.conn.execute("PRAGMA query_only").fetchone()[0]
    with corpus.explained():
        # It would forbid temporary tables too. What is open for reading alone cannot be written anyway (`mode=ro`).
        corpus.conn.execute("PRAGMA query_only = OFF")
        corpus.conn.execute("BEGIN")
    try:
        _make(corpus, date)
        yield
    finally:
        if corpus.conn.in_transaction:
            corpus.conn.execute("COMMIT")
        corpus.conn.execute(f"PRAGMA query_only = {asleep}")


def _make(corpus: Corpus, date: str) -> None:
    """The words of the date and their index, unless this connection has them, and nobody has written since."""
    conn, made = corpus.conn, f"made_{_key(date)}"
    with corpus.explained():
        conn.execute("SELECT 1 FROM main.sites").fetchone()  # from here on the file is seen as it is now
        if conn.execute("SELECT 1 FROM sqlite_temp_master WHERE name = ?", [made]).fetchone():
            if conn.execute(f"SELECT stamp FROM temp.{made}").fetchone()[0] == _stamp(conn):
                return
            conn.execute(f"DROP TABLE temp.{made}")
        conn.execute(f"CREATE TABLE temp.{made} (stamp TEXT)")
        _fill(conn, date)
        conn.execute(f"INSERT INTO temp.{made} VALUES (?)", [_stamp(conn)])


def _stamp(conn: sqlite3.Connection) -> str:
    """Another one whenever somebody else wrote to the file, or this connection wrote a post."""
    version = conn.execute("PRAGMA data_version").fetchone()[0]
    changed = "SELECT count(*) || ' ' || max(words_since) FROM main.posts WHERE words_since <> first_seen_at"
    return f"{version} {conn.execute(changed).fetchone()[0]}"


def _fill(conn: sqlite3.Connection, date: str) -> None:
    at, table, name = end_of(date), words(date), index(date)
    conn.create_function("words_in", 1, lambda text: len(text.split()), deterministic=True)
    conn.create_function("unspaced_in", 2, lambda *texts: int(characters.is_unspaced(*texts)), deterministic=True)
    conn.execute(f"DROP TABLE IF EXISTS temp.{name}")
    conn.execute(f"DROP TABLE IF EXISTS {table}")
    conn.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, title, text, modified_at, word_count, unspaced)")
    conn.execute(f"INSERT INTO {table} {_WORDS}", [at])
    conn.execute(
        f"CREATE VIRTUAL TABLE temp.{name} USING fts5 (title, text, content = '{table.removeprefix('temp.')}',"
        " content_rowid = 'id', tokenize = 'unicode61')"
    )
    conn.execute(f"INSERT INTO temp.{name} ({name}, rank) VALUES ('rank', 'bm25(8.0, 1.0)')")
    conn.execute(f"INSERT INTO temp.{name} ({name}) VALUES ('rebuild')")


#: The first condition is that of the index `posts_changed`, word by word.
_WORDS = """
SELECT p.id, r.title, r.text, r.modified_at, words_in(r.text), unspaced_in(r.title, r.text)
FROM main.posts p JOIN main.revisions r ON r.post_id = p.id AND r.n = coalesce(
  (SELECT max(n) FROM main.revisions WHERE post_id = p.id AND seen_at <= ?1),
  (SELECT min(n) FROM main.revisions WHERE post_id = p.id))
WHERE p.words_since <> p.first_seen_at AND p.words_since > ?1 AND p.first_seen_at <= ?1
  AND p.gone_kind IS NOT 'forgotten'
"""
