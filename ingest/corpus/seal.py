"""Seals: a hash over every fact of a post, so that a changed or missing one is seen, and the post named.

Payloads have their SHA-256 and words their hash; an address, a date, an anchor or a deleted revision has none of its
own. A seal is the first 16 bytes of the SHA-256 of a row's columns and of its rows in the tables beside it, as SQLite's
`%Q` writes them. Numbers of terms, authors and sources are sealed, not their names: renaming a term of ten thousand
posts seals one row. What a look at the site changes without any news (`last_seen_at`, `run_id`) stays out, and so does
what is made from the rest (`links.target_post_id`).

Nobody has to think of it: temporary triggers note which rows a transaction of ours touches, and they are sealed before
it commits. A program that writes past us leaves the old seal behind, and `verify` sees that. A corpus of an older
schema is sealed as it is when it is brought up to date.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["SEALED", "Broken", "broken", "complete", "holds", "nearly", "settle", "touch", "watch", "whole"]

#: What `about` says under `seals` once every row has one: from the beginning, or since the upgrade. Another number says
#: that other columns were sealed: whoever changes `SEALED` counts it up, in schemas/ for new corpora too.
_VERSION = "1"


@dataclass(frozen=True, slots=True)
class _Beside:
    """Rows of another table that belong to a post."""

    table: str
    columns: tuple[str, ...]
    #: What orders them, and so the hash.
    order: str
    where: str = "1"
    #: What a row of a third table adds to it. A payload's bytes prove themselves; the rest of its row is sealed here.
    also: str = ""


#: Table -> its columns that are sealed.
SEALED = {
    "posts": (
        "doc_id", "site_id", "type", "remote_id", "status", "url", "excerpt", "published_at", "modified_at",
        "published_raw", "modified_raw", "date_precision", "language", "language_from", "word_count", "text_hash",
        "words_since", "rules_version", "rules_off", "cleaned", "outline", "flags", "unspaced", "body_rank",
        "payload_id", "first_seen_at", "gone_at", "gone_kind", "gone_evidence",
    ),
    "sites": (
        "site", "home", "name", "description", "language", "timezone", "gmt_offset", "generator", "first_seen_at",
    ),
    "authors": ("site_id", "remote_id", "name", "slug", "url", "description"),
    "terms": ("site_id", "taxonomy", "remote_id", "name", "slug", "parent", "description"),
    "comments": (
        "site_id", "remote_id", "post_remote_id", "parent", "author", "author_remote_id", "url", "status", "text",
        "published_at", "published_raw", "first_seen_at", "gone_at",
    ),
}  # fmt: skip

#: Sealed with the post. Titles and texts of revisions are sealed by their hash.
_BESIDE = (
    _Beside("sightings", ("source_id", "remote_id", "payload_id", "body_rank", "modified_at", "facts",
                          "first_seen_at"), "source_id"),
    _Beside("aliases", ("site_id", "kind", "value", "source_id"), "site_id, kind, value, source_id"),
    _Beside("revisions", ("n", "text_hash", "modified_at", "seen_at", "payload_id"), "n"),
    _Beside("post_payloads", ("payload_id",), "payload_id", also=" || (SELECT printf(',%Q,%Q,%Q',"
            " y.site_id, y.format, y.first_seen_at) FROM payloads y WHERE y.id = b.payload_id)"),
    _Beside("post_authors", ("position", "author_id"), "position"),
    _Beside("post_terms", ("term_id", "position"), "term_id"),
    _Beside("links", ("n", "url", "anchor", "internal"), "n"),
    _Beside("media", ("n", "url", "kind", "alt", "caption"), "n", "n IS NOT NULL"),
)  # fmt: skip


def watch(conn: sqlite3.Connection) -> None:
    """From now on note which rows this connection touches. Nothing of it is in the file."""
    for table, columns in SEALED.items():
        conn.execute(f"CREATE TEMP TABLE touched_{table} (id INTEGER)")
        for event in ("INSERT", "DELETE", f"UPDATE OF {', '.join(columns)}"):
            _trigger(conn, table, event, f"touched_{table}", "id")
    for one in _BESIDE:
        for event in ("INSERT", "DELETE", f"UPDATE OF post_id, {', '.join(one.columns)}"):
            _trigger(conn, one.table, event, "touched_posts", "post_id")


def _trigger(conn: sqlite3.Connection, table: str, event: str, into: str, key: str) -> None:
    word = event.split(maxsplit=1)[0]
    rows = {"INSERT": ("new",), "DELETE": ("old",), "UPDATE": ("new", "old")}[word]
    # The links of a body are always written all together, so the first tells. Elsewhere a number noted twice costs less
    # than looking whether it is there (2 against 5 us a row).
    first = " WHEN new.n = 0" if word == "INSERT" and table in {"links", "media"} else ""
    noted = " ".join(f"INSERT INTO {into} VALUES ({row}.{key});" for row in rows)
    conn.execute(f"CREATE TEMP TRIGGER touched_{table}_{word} AFTER {event} ON main.{table}{first} BEGIN {noted} END")


def settle(conn: sqlite3.Connection) -> None:
    """Seal the rows that were touched since the last time. Inside the transaction that touched them."""
    for table in SEALED:
        if conn.execute(f"SELECT 1 FROM temp.touched_{table} LIMIT 1").fetchone() is None:
            continue
        _write(
            conn, table, f"(SELECT DISTINCT id FROM temp.touched_{table}) w CROSS JOIN main.{table} p ON p.id = w.id"
        )
        # Asked row by row: an EXCEPT would read the whole table for every page (20 ms of 70 at 330,000 posts).
        conn.execute(
            f"DELETE FROM seals WHERE kind = '{table}' AND id IN (SELECT w.id FROM temp.touched_{table} w"
            f" WHERE NOT EXISTS (SELECT 1 FROM main.{table} p WHERE p.id = w.id))"
        )
        conn.execute(f"DELETE FROM temp.touched_{table}")


def touch(conn: sqlite3.Connection, table: str, number: int) -> None:
    """Let a row be sealed as it is now, when the transaction ends."""
    conn.execute(f"INSERT INTO temp.touched_{table} VALUES (?)", [number])


def _write(conn: sqlite3.Connection, table: str, rows: str) -> None:
    made = ((table, number, _digest(facts)) for number, facts in conn.execute(_facts(table, rows)))
    conn.executemany("INSERT OR REPLACE INTO seals (kind, id, seal) VALUES (?, ?, ?)", made)


def _facts(table: str, rows: str) -> str:
    """The query for row number and facts, as bytes, of these rows of a table (`p`)."""
    beside = (
        f"coalesce((SELECT group_concat(x, ';') FROM (SELECT {_quoted('b', one.columns)}{one.also} AS x"
        f" FROM {one.table} b WHERE b.post_id = p.id AND {one.where} ORDER BY {one.order})), '')"
        for one in (_BESIDE if table == "posts" else ())
    )
    parts = [_quoted("p", SEALED[table]), *beside]
    return f"SELECT p.id, CAST({' || char(10) || '.join(parts)} AS BLOB) FROM {rows}"


def _quoted(alias: str, columns: tuple[str, ...]) -> str:
    """One call for all columns: a third less time than a `quote` for each."""
    return f"printf('{','.join(['%Q'] * len(columns))}', {', '.join(f'{alias}.{name}' for name in columns)})"


def _digest(facts: bytes) -> bytes:
    return hashlib.sha256(facts).digest()[:16]


@dataclass(frozen=True, slots=True)
class Broken:
    """A row whose facts are not those that were sealed."""

    table: str
    #: Its number.
    id: int
    #: `changed`, `unsealed`, or `missing` where there is a seal and no row.
    what: str


def broken(conn: sqlite3.Connection) -> Iterator[Broken]:
    """Every row that is not as it was sealed."""
    for table in SEALED:
        for number, facts in conn.execute(_facts(table, f"main.{table} p")):
            seal = _seal(conn, table, number)
            if seal != _digest(facts):
                yield Broken(table, number, "unsealed" if seal is None else "changed")
        for (number,) in conn.execute(
            f"SELECT id FROM seals WHERE kind = ? AND id NOT IN (SELECT id FROM main.{table})", [table]
        ):
            yield Broken(table, number, "missing")


def _seal(conn: sqlite3.Connection, table: str, number: int) -> bytes | None:
    row = conn.execute("SELECT seal FROM seals WHERE kind = ? AND id = ?", [table, number]).fetchone()
    return bytes(row[0]) if row else None


def holds(conn: sqlite3.Connection, table: str, number: int) -> bool:
    """Whether a row is as it was sealed."""
    return nearly(conn, table, number, bits=0)


def nearly(conn: sqlite3.Connection, table: str, number: int, *, bits: int = 1) -> bool:
    """Whether seal and row differ by so few bits that the seal itself was hit."""
    seal = _seal(conn, table, number)
    row = conn.execute(_facts(table, f"main.{table} p WHERE p.id = ?"), [number]).fetchone()
    if seal is None or row is None or len(seal) != 16:
        return False
    return (int.from_bytes(seal, "big") ^ int.from_bytes(_digest(row[1]), "big")).bit_count() <= bits


def whole(conn: sqlite3.Connection) -> bool:
    """Whether every row has been sealed once: not so for a corpus that an older program made."""
    return conn.execute("SELECT 1 FROM about WHERE key = 'seals' AND value = ?", [_VERSION]).fetchone() is not None


def complete(conn: sqlite3.Connection) -> None:
    """Seal every row as it is now, reading each once. Inside a transaction."""
    conn.execute("DELETE FROM seals")
    for table in SEALED:
        _write(conn, table, f"main.{table} p")
    conn.execute("INSERT OR REPLACE INTO about VALUES ('seals', ?)", [_VERSION])
