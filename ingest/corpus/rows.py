"""Rows of `posts` and of what stands beside it, as a post gives them; many rows with one statement.

A statement that many rows share costs half of one for each, and a third where a trigger notes what is touched (1.8
against 3.8 us a link): SQLite copies every page that a statement with a trigger changes, so as to be able to undo it.
"""

import json
import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from ingest.records import RANK, Post

__all__ = ["columns", "insert", "links_of", "media_of", "write_links"]

#: Rows of one statement, the most first. Few lengths, so that each is compiled once and stays so.
_LENGTHS = (64, 8, 1)
#: Table -> its columns, where a page's rows are written together. Those of `posts` as `columns` gives them, and more.
_COLUMNS = {
    "posts": (
        "type", "remote_id", "status", "url", "title", "text", "excerpt", "published_at", "modified_at",
        "published_raw", "modified_raw", "date_precision", "language", "word_count", "text_hash", "rules_version",
        "rules_off", "cleaned", "outline", "flags", "unspaced", "body_rank", "id", "doc_id", "site_id", "payload_id",
        "words_since", "first_seen_at", "last_seen_at",
    ),
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
}  # fmt: skip


def insert(conn: sqlite3.Connection, table: str, rows: Sequence[Sequence[Any]], *, ignore: bool = False) -> int:
    """Insert rows, many with one statement; how many. `ignore`: those that are there already are passed over."""
    done = added = 0
    for length in _LENGTHS:
        while len(rows) - done >= length:
            values = list(chain.from_iterable(rows[done : done + length]))
            added += conn.execute(_statement(table, length, ignore=ignore), values).rowcount
            done += length
    return added


@cache
def _statement(table: str, length: int, *, ignore: bool) -> str:
    names = _COLUMNS[table]
    rows = ", ".join([f"({', '.join('?' * len(names))})"] * length)
    return f"INSERT {'OR IGNORE ' if ignore else ''}INTO {table} ({', '.join(names)}) VALUES {rows}"


def columns(post: Post) -> dict[str, Any]:
    """The columns of `posts` that a view decides, in the DDL's order."""
    return {
        "type": post.type, "remote_id": post.remote_id, "status": post.status, "url": post.url,
        "title": post.title, "text": post.text, "excerpt": post.excerpt,
        "published_at": post.published_at, "modified_at": post.modified_at,
        "published_raw": post.published_raw, "modified_raw": post.modified_raw,
        "date_precision": post.date_precision, "language": post.language, "word_count": post.word_count,
        "text_hash": post.text_hash, "rules_version": post.rules_version, "rules_off": _listed(post.rules_off),
        "cleaned": _listed(post.cleaned), "outline": _listed(post.outline, ascii_only=False),
        "flags": _listed(post.flags), "unspaced": int(post.unspaced), "body_rank": RANK[post.rank],
    }  # fmt: skip


def _listed(values: Sequence[Any], *, ascii_only: bool = True) -> str:
    return json.dumps(values, ensure_ascii=ascii_only) if values else "[]"


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
