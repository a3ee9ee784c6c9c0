"""Reads everything in a corpus and says what is wrong with it, and which post it hit.

SQLite's own `integrity_check` sees broken pages and indexes, never a flipped bit inside a value: so payloads are held
against their SHA-256, words against their hash, every other fact against its seal, the full-text indexes against the
words, and the columns against what they may hold.
"""

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest import schema
from ingest.corpus import connection, fulltext, mend, seal
from ingest.normalise import identity

__all__ = ["CHECKS", "Finding", "inspect", "sidecar", "verify"]

#: `integrity_check` stops after this many lines; the rest would say the same.
_MOST = 1000
#: Rows of one table that may be unreadable before the rest of the table is given up.
_MOST_UNREADABLE = 100
#: What Python's sqlite3 raises over damage; the second where SQLite's own message quotes damaged text.
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    #: `file`, `pages`, `schema`, `index`, `reference`, `fulltext`, `payload`, `words`, `seal`, `row`, `count`.
    check: str
    #: What is wrong, a sentence for people.
    what: str
    post_id: int | None = None
    doc_id: str | None = None
    #: Row that it is about, in the table of the check: a payload's id, a revision's number.
    row: int | None = None
    #: The table of the row, where the check does not tell.
    table: str | None = None
    #: True for damage that an earlier repair has marked: told, and no news.
    known: bool = False


def inspect(path: Path) -> list[Finding]:
    """Everything that is wrong with a corpus file, which is left as it is; the caller sees to it that nobody writes.

    Raises CorpusError for a file that is no corpus, or one of an older schema.
    """
    conn, writable = connection.connect_as_is(path)
    try:
        return [*sidecar(path), *verify(conn, writable=writable)]
    finally:
        conn.close()


def verify(conn: sqlite3.Connection, *, writable: bool) -> Iterator[Finding]:
    """Every finding, check after check. `writable`: SQLite's own check of the index may be used; it writes nothing.

    The connection's text factory is changed: damaged text must be readable to be named.
    """
    conn.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    for check in (*CHECKS, _in_step if writable else _same_terms):
        try:
            yield from check(conn)
        except _UNREADABLE as error:
            yield Finding("pages", f"{(check.__doc__ or '').splitlines()[0]} Reading broke off: {error}")


def sidecar(path: Path) -> Iterator[Finding]:
    """The file as a whole against the checksum beside it, where a snapshot has one."""
    beside = path.with_name(path.name + ".sha256")
    if not beside.is_file():
        return
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != beside.read_text(encoding="ascii", errors="replace").split(" ", 1)[0]:
        yield Finding("file", f"{path.name} has other bytes than {beside.name} says")


def _rows_of(
    conn: sqlite3.Connection, table: str, columns: str, where: str = "1"
) -> Iterator[Sequence[Any] | Exception]:
    """The rows of a table by `rowid`, which comes first; in place of a row that cannot be read, the error."""
    after, lost = -1, 0
    while lost < _MOST_UNREADABLE:
        try:
            for row in conn.execute(
                f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? AND {where} ORDER BY rowid", [after]
            ):
                after = row[0]
                yield row
        except _UNREADABLE as error:
            yield error
            after, lost = after + 1, lost + 1
        else:
            return


def _pages(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The pages and indexes of the file."""
    names = dict(conn.execute("SELECT rootpage, name FROM sqlite_master WHERE rootpage > 0"))
    for (line,) in conn.execute(f"PRAGMA integrity_check({_MOST})"):
        if line == "ok":
            continue
        tree = re.search(r"[Tt]ree (\d+)", line)
        where = f" (in {names.get(int(tree[1]), 'an unknown tree')})" if tree else ""
        number = re.match(r"row (\d+) missing from index (posts|sightings)_", line)
        check = "index" if re.search(r" index | entry in index", f" {line} ") and not tree else "pages"
        yield _named(conn, Finding(check, f"{line}{where}", post_id=int(number[1]) if number else None))


def _schema(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The descriptions of the tables and indexes."""
    held = dict(conn.execute("SELECT name, sql FROM sqlite_master"))
    for name, sql in schema.described().items():
        if held.get(name) != sql:
            yield Finding("schema", f"{name} is {'not described as it was made' if name in held else 'not there'}")
    for name in schema.missing_views(conn):
        yield Finding("schema", f"the view {name} is not there; the next command that writes makes it again")


def _references(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The references from row to row."""
    for table, row, parent, _ in conn.execute("PRAGMA foreign_key_check"):
        yield Finding("reference", f"{table}: row {row} names a row of {parent} that is not there", row=row)


def _payloads(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The bytes that the sites sent."""
    for row in _rows_of(conn, "payloads", "sha256, encoding, size, data"):
        if isinstance(row, Exception):
            yield Finding("pages", f"payloads: a row cannot be read ({row})")
            continue
        number, sha, encoding, size, data = row
        what = _damage(sha, encoding, size, data)
        if what:
            yield from _of_payload(conn, number, what, known=encoding == "damaged")


def _damage(sha: bytes, encoding: str, size: int, data: bytes) -> str:
    if encoding == "damaged":
        return "were found to be damaged earlier, and are marked"
    try:
        raw = zlib.decompress(data) if encoding == "zlib" else data
    except zlib.error as error:
        return f"cannot be unpacked ({error})"
    if hashlib.sha256(raw).digest() != sha:
        return "are not those of their SHA-256"
    return "" if len(raw) == size and encoding in {"zlib", "identity"} else "are not described rightly"


def _of_payload(conn: sqlite3.Connection, number: int, what: str, *, known: bool) -> Iterator[Finding]:
    """A finding for every post that a payload was sent for; of the marked ones only those still in use."""
    posts = conn.execute(
        "SELECT id, doc_id FROM posts WHERE id IN (SELECT post_id FROM post_payloads WHERE payload_id = ?1)"
        " AND (NOT ?2 OR payload_id = ?1 OR id IN (SELECT post_id FROM revisions WHERE payload_id = ?1))",
        [number, known],
    ).fetchall()
    for post_id, doc_id in posts:
        yield Finding("payload", f"the bytes that came for it {what}", post_id, doc_id, number, known=known)
    if not posts and not known:
        yield Finding("payload", f"payload {number}, of no post: its bytes {what}", row=number)


def _words(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The words of the posts and of their revisions."""
    for row in _rows_of(conn, "posts", "doc_id, title, text, text_hash"):
        if isinstance(row, Exception):
            yield Finding("pages", f"posts: a row cannot be read ({row})")
        elif identity.text_hash(row[2], row[3]) != row[4]:
            yield Finding("words", "its title or text is not what was stored", row[0], row[1])
    for row in _rows_of(conn, "revisions", "post_id, n, title, text, text_hash"):
        if isinstance(row, Exception):
            yield Finding("pages", f"revisions: a row cannot be read ({row})")
        elif identity.text_hash(row[3], row[4]) != row[5]:
            found = Finding("words", f"revision {row[2]} is not what was stored", row[1], row=row[2])
            yield _named(conn, found)


#: What became of a sealed row -> how to say it of a post.
_SEALS = {
    "changed": "its facts are not as they were sealed: columns, names, terms, authors, links, revisions, sightings",
    "unsealed": "its facts have no seal",
    "missing": "post {id} is not in its table any more",
}


def _seals(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The seals over the facts."""
    for number, doc_id in conn.execute("SELECT id, doc_id FROM posts WHERE instr(flags, ?)", [f'"{mend.FACTS}"']):
        yield Finding(
            "seal", "facts of it were found to be changed earlier, and are marked", number, doc_id, known=True
        )
    for one in seal.broken(conn):
        if one.table == "posts":
            yield _named(conn, Finding("seal", _SEALS[one.what].format(id=one.id), one.id))
        else:
            what = {"missing": "is not there any more", "unsealed": "has no seal"}.get(
                one.what, "is not as it was sealed"
            )
            yield Finding("seal", f"{one.table}: row {one.id} {what}", row=one.id, table=one.table)


_AT = "GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'"
_HEX = "NOT GLOB '*[^0-9a-f]*'"

#: What a row may hold, as SQL that is true of a sound one.
_SOUND = {
    "doc_id": f"length(doc_id) = 32 AND doc_id {_HEX}",
    "words_since": "words_since >= first_seen_at",
    "status": "status IN ('publish', 'protected', 'draft', 'private', 'pending', 'future')",
    **{name: f"json_valid({name})" for name in ("cleaned", "outline", "flags", "rules_off")},
    "url": "url IS NULL OR url GLOB 'http*://*'",
    "unspaced": "unspaced IN (0, 1)",
    "gone_kind": "(gone_at IS NULL) = (gone_kind IS NULL)",
}  # fmt: skip


def _rows(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The other columns of the posts."""
    for column, sound in _SOUND.items():
        for number, doc_id in conn.execute(f"SELECT id, doc_id FROM posts WHERE NOT ({sound})"):
            yield Finding("row", f"its {column} is nothing that is ever stored there", number, doc_id)
    for table, column, key in conn.execute(_DATED).fetchall():
        wrong = f"{column} IS NOT NULL AND NOT ({column} {_AT})"
        for (number,) in conn.execute(f"SELECT {key} FROM {table} WHERE {wrong}").fetchall():
            yield _named(conn, Finding("row", f"{table}.{column} is no time", number))


#: Every column of a time, and which column of its table is a post's number.
_DATED = """
SELECT t.name, c.name, CASE WHEN t.name = 'posts' THEN 'id' ELSE coalesce(
  (SELECT name FROM pragma_table_info(t.name) WHERE name = 'post_id'), 'NULL') END
FROM sqlite_master t, pragma_table_info(t.name) c
WHERE t.type = 'table' AND (c.name GLOB '*_at' OR c.name IN ('at', 'words_since', 'next_due'))
  AND t.name NOT GLOB '_sqlite*'
"""

_COUNTS = {
    "no source is noted that showed it": "SELECT id FROM posts WHERE id NOT IN (SELECT post_id FROM sightings)",
    "its payload is not noted among those that came for it": (
        "SELECT id FROM posts p WHERE payload_id IS NOT NULL AND NOT EXISTS ("
        " SELECT 1 FROM post_payloads y WHERE y.post_id = p.id AND y.payload_id = p.payload_id)"
    ),
    "its revisions are not numbered from 1 on": (
        "SELECT post_id FROM revisions GROUP BY post_id HAVING min(n) <> 1 OR max(n) <> count(*)"
    ),
    "it has no name but its number": (
        "SELECT id FROM posts p WHERE remote_id IS NULL AND NOT EXISTS (SELECT 1 FROM aliases a WHERE a.post_id = p.id)"
    ),
}


def _counts(conn: sqlite3.Connection) -> Iterator[Finding]:
    """What must be there as often as something else."""
    for what, sql in _COUNTS.items():
        for (number,) in conn.execute(sql):
            yield _named(conn, Finding("count", what, number))


def _in_step(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The full-text indexes."""
    for name in fulltext.in_step(conn):
        yield Finding("fulltext", f"{name}: the index is not in step with the words")


def _same_terms(conn: sqlite3.Connection) -> Iterator[Finding]:
    """The full-text indexes, of a file that cannot be written."""
    for name in fulltext.differing(conn):
        yield Finding("fulltext", f"{name}: the index does not hold the terms of the words")


def _named(conn: sqlite3.Connection, found: Finding) -> Finding:
    row = conn.execute("SELECT doc_id FROM posts WHERE id = ?", [found.post_id]).fetchone() if found.post_id else None
    return replace(found, doc_id=row[0]) if row else found


#: In the order they are made.
CHECKS: tuple[Callable[[sqlite3.Connection], Iterator[Finding]], ...] = (
    _pages, _schema, _references, _payloads, _words, _seals, _rows, _counts,
)  # fmt: skip
