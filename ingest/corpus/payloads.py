"""Rows of `payloads`: what a site sent for a post, byte for byte, under its SHA-256."""

import hashlib
import sqlite3
import zlib
from collections.abc import Sequence
from typing import Any

from ingest.corpus import rows
from ingest.errors import ParseError
from ingest.records import Post, packed

__all__ = ["came_before", "held", "keep", "next_number", "row_of", "unpacked"]

_AT_ONCE = 32
_HELD = f"SELECT sha256, id FROM payloads WHERE site_id = ? AND sha256 IN ({', '.join('?' * _AT_ONCE)})"


def keep(conn: sqlite3.Connection, site_id: int, post: Post, sha: bytes, at: str) -> int:
    """Row of the bytes of a view, stored when they are new to the site; `sha` is their SHA-256."""
    row = conn.execute("SELECT id FROM payloads WHERE site_id = ? AND sha256 = ?", [site_id, sha]).fetchone()
    if row is None:
        number = next_number(conn)
        rows.insert(conn, "payloads", [row_of(number, site_id, post, sha, at)])
        return number
    return int(row[0])


def row_of(number: int, site_id: int, post: Post, sha: bytes, at: str) -> tuple[Any, ...]:
    """The row of a view's bytes."""
    kept = packed(post.raw)
    return (number, site_id, sha, post.format, kept.encoding, kept.size, kept.data, at)


def next_number(conn: sqlite3.Connection) -> int:
    """The number of the next row."""
    return int(conn.execute("SELECT coalesce(max(id), 0) + 1 FROM payloads").fetchone()[0])


def held(conn: sqlite3.Connection, site_id: int, shas: Sequence[bytes]) -> dict[bytes, int]:
    """SHA-256 -> row, of those that the site has sent before."""
    found: dict[bytes, int] = {}
    for start in range(0, len(shas), _AT_ONCE):
        some = list(shas[start : start + _AT_ONCE])
        some += some[-1:] * (_AT_ONCE - len(some))  # one statement, however many
        found.update(conn.execute(_HELD, [site_id, *some]).fetchall())
    return found


def came_before(conn: sqlite3.Connection, post_id: int, payload_id: int) -> bool:
    """Note that a payload came for a post; whether it had come for it before.

    A whole document may hold several posts, so its bytes being held says nothing of this one.
    """
    return (
        conn.execute(
            "INSERT OR IGNORE INTO post_payloads (post_id, payload_id) VALUES (?, ?)", [post_id, payload_id]
        ).rowcount
        == 0
    )


def unpacked(conn: sqlite3.Connection, payload_id: int) -> tuple[str, bytes]:
    """Media type and the exact bytes that came. Raises ParseError where they are not those any more."""
    media_type, encoding, sha, data = conn.execute(
        "SELECT format, encoding, sha256, data FROM payloads WHERE id = ?", [payload_id]
    ).fetchone()
    try:
        raw = zlib.decompress(data) if encoding == "zlib" else data
    except zlib.error as error:
        raise ParseError(f"payload {payload_id}", f"damaged ({error}); `blogcorpus verify` tells more") from error
    if encoding == "damaged" or hashlib.sha256(raw).digest() != sha:
        raise ParseError(f"payload {payload_id}", "damaged (other bytes than came); `blogcorpus verify` tells more")
    return media_type, raw
