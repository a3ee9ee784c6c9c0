"""Rows of `posts` and of what stands beside it, as a post gives them; many rows with one statement.

A statement that many rows share costs half of one for each, and a third where a trigger notes what is touched (1.8
against 3.8 us a link): SQLite copies every page that a statement with a trigger changes, so as to be able to undo it.
So the rows of a page are one statement wherever they can be: ten posts in two of 8 and 2 rows took a fifth more.
"""

import json
import sqlite3
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

from ingest.records import RANK, Post

__all__ = ["columns", "decided", "insert", "links_of", "media_of", "write_links"]

#: Rows of one statement at most, and up to how many there is one for each number: any number takes few statements, and
#: each is compiled once and stays so (`connection` keeps as many as there are for all tables).
_MOST, _ANY = 64, 32
#: Table -> its columns, where a page's rows are written together. Those of `posts` as `columns` gives them, and more.
_COLUMNS = {
    "posts": (
        "type", "remote_id", "status", "url", "title", "text", "excerpt", "published_at", "modified_at",
        "published_raw", "modified_raw", "date_precision", "language", "word_count", "text_hash", "rules_version",
        "rules_off", "cleaned", "outline", "flags", "unspaced", "body_rank", "id", "doc_id", "site_id", "payload_id",
        "words_since", "first_seen_at", "last_seen_at",
    ),
    "payloads": ("id", "site_id", "sha256", "format", "encoding", "size", "data", "first_seen_at"),
    "sightings": (
        "source_id", "post_id", "remote_id", "payload_id", "body_rank", "modified_at", "facts", "run_id",
        "first_seen_at", "last_seen_at",
    ),
    "post_payloads": ("post_id", "payload_id"),
    "aliases": ("site_id", "kind", "value", "post_id", "source_id"),
    "post_terms": ("post_id", "term_id", "position"),
    "post_authors": ("post_id", "position", "author_id"),
    "links": ("post_id", "n", "url", "anchor", "internal"),
    "media": ("site_id", "post_id", "n", "url", "kind", "alt", "caption"),
    "terms": ("id", "site_id", "taxonomy", "remote_id", "slug", "name"),
}  # fmt: skip


def insert(conn: sqlite3.Connection, table: str, rows: Sequence[Sequence[Any]], *, how: str = "") -> int:
    """Insert rows, many with one statement; how many. `how`: `OR IGNORE`, `OR REPLACE` what is there already."""
    done = added = 0
    while left := len(rows) - done:
        length = _MOST if left >= _MOST else min(left, _ANY)
        values = list(chain.from_iterable(rows[done : done + length]))
        added += conn.execute(_statement(table, length, how), values).rowcount
        done += length
    return added


@cache
def _statement(table: str, length: int, how: str) -> str:
    names = _COLUMNS[table]
    rows = ", ".join([f"({', '.join('?' * len(names))})"] * length)
    return f"INSERT {how} INTO {table} ({', '.join(names)}) VALUES {rows}"


#: The first columns of `posts` above: those that are fields of a view as they are, and those that a view decides.
_FIELDS = attrgetter(*_COLUMNS["posts"][:16])
_DECIDED = _COLUMNS["posts"][:22]


def columns(post: Post) -> dict[str, Any]:
    """The columns of `posts` that a view decides, in the DDL's order."""
    return dict(zip(_DECIDED, decided(post), strict=True))


def decided(post: Post) -> tuple[Any, ...]:
    """What `columns` gives, without the names."""
    return (
        *_FIELDS(post), _words(post.rules_off), _words(post.cleaned),
        json.dumps(post.outline, ensure_ascii=False) if post.outline else "[]",
        _words(post.flags), int(post.unspaced), RANK[post.rank],
    )  # fmt: skip


@lru_cache(1024)
def _words(values: tuple[str, ...]) -> str:
    return json.dumps(values)


def links_of(post_id: int, post: Post) -> list[tuple[Any, ...]]:
    """Rows of `links`."""
    return [(post_id, n, link.url, link.anchor, int(link.internal)) for n, link in enumerate(post.links)]


def media_of(site_id: int, post_id: int, post: Post) -> list[tuple[Any, ...]]:
    """Rows of `media`."""
    return [(site_id, post_id, n, m.url, m.kind, m.alt, m.caption) for n, m in enumerate(post.media)]


def write_links(conn: sqlite3.Connection, site_id: int, post_id: int, post: Post) -> None:
    """Set the links and media of a post's body."""
    for table in ("links", "media"):
        conn.execute(f"DELETE FROM {table} WHERE post_id = ? AND n IS NOT NULL", [post_id])
    insert(conn, "links", links_of(post_id, post))
    insert(conn, "media", media_of(site_id, post_id, post))
