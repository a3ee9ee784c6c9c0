"""What can be put right in a damaged corpus without asking anybody: indexes, and bytes that their hash still proves."""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Callable

__all__ = ["FACTS", "MARK", "ask_again", "mark", "restore", "restore_words", "set_aside"]

#: What stands in `posts.flags` of a post whose payload is lost.
MARK = "payload-damaged"
#: What stands there where facts were changed past us and cannot be proven to be what they were.
FACTS = "facts-damaged"

#: Every single bit is tried, so the time grows with the square of the size: 5 s at 9.5 kB (measured).
_MOST_TRIED = 10 * 1024


def restore(conn: sqlite3.Connection, payload_id: int) -> str | None:
    """Put a payload right where its own checksums say how; what was done, None where that is not possible.

    One flipped bit is found by trying them all: the SHA-256 proves the right one.
    """
    sha, encoding, size, data = conn.execute(
        "SELECT sha256, encoding, size, data FROM payloads WHERE id = ?", [payload_id]
    ).fetchone()
    for name in ("zlib", "identity"):
        raw = _plain(data, name)
        if raw is None:
            continue
        digest = hashlib.sha256(raw).digest()
        if digest == sha:
            _store(conn, payload_id, (sha, name, len(raw), data))
            return "its description was put right"
        if name == encoding == "zlib" and len(raw) == size:  # the Adler-32 inside and the size agree with the bytes
            _store(conn, payload_id, (digest, name, size, data))
            return "its hash was put right"
    mended = _unflipped(data, lambda tried: hashlib.sha256(_plain(tried, encoding) or b"").digest() == sha)
    if mended is not None:
        _store(conn, payload_id, (sha, encoding, size, mended))
        return "one flipped bit was put right"
    return None


def _store(conn: sqlite3.Connection, payload_id: int, values: tuple[bytes, str, int, bytes]) -> None:
    conn.execute("UPDATE payloads SET sha256 = ?, encoding = ?, size = ?, data = ? WHERE id = ?", [*values, payload_id])


def _plain(data: bytes, encoding: str) -> bytes | None:
    try:
        return zlib.decompress(data) if encoding == "zlib" else data
    except zlib.error:
        return None


def _unflipped(data: bytes, proves: Callable[[bytes], bool]) -> bytes | None:
    if len(data) > _MOST_TRIED:
        return None
    tried = bytearray(data)
    for at in range(len(tried)):
        for bit in range(8):
            tried[at] ^= 1 << bit
            if proves(bytes(tried)):
                return bytes(tried)
            tried[at] ^= 1 << bit
    return None


def restore_words(conn: sqlite3.Connection, post_id: int, n: int | None) -> str | None:
    """Put title and text of a post (None) or of one of its revisions right by their hash; what was done, or None."""
    table, where, key = (
        ("posts", "id = ?", [post_id]) if n is None else ("revisions", "post_id = ? AND n = ?", [post_id, n])
    )
    title, text, told = conn.execute(f"SELECT title, text, text_hash FROM {table} WHERE {where}", key).fetchone()
    stored = f"{title}\x00{text}".encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(stored).hexdigest()
    if sum(a != b for a, b in zip(digest, told, strict=False)) <= 1:
        conn.execute(f"UPDATE {table} SET text_hash = ? WHERE {where}", [digest, *key])
        return "its hash was put right"
    mended = _unflipped(stored, lambda tried: hashlib.sha256(tried).hexdigest() == told)
    if mended is None:
        return None
    title, _, text = mended.decode().partition("\x00")
    conn.execute(f"UPDATE {table} SET title = ?, text = ? WHERE {where}", [title, text, *key])
    return "one flipped bit was put right"


def set_aside(conn: sqlite3.Connection, payload_id: int) -> None:
    """Mark a payload as lost: the rotten bytes stay, under their own hash, so that the right ones can come again."""
    data = conn.execute("SELECT data FROM payloads WHERE id = ?", [payload_id]).fetchone()[0]
    # The row's number makes the hash its own: two rows of a site may have rotted to the same bytes.
    _store(conn, payload_id, (hashlib.sha256(b"%d\0" % payload_id + data).digest(), "damaged", len(data), data))
    for (post_id,) in conn.execute("SELECT id FROM posts WHERE payload_id = ?", [payload_id]).fetchall():
        mark(conn, post_id, MARK)


def mark(conn: sqlite3.Connection, post_id: int, word: str) -> None:
    """Note an oddity on a post."""
    # Flags that are damaged themselves are no list any more.
    flags = conn.execute("SELECT iif(json_valid(flags), flags, '[]') FROM posts WHERE id = ?", [post_id]).fetchone()[0]
    marked = json.dumps(list(dict.fromkeys([*json.loads(flags), word])))
    conn.execute("UPDATE posts SET flags = ? WHERE id = ?", [marked, post_id])


def ask_again(conn: sqlite3.Connection, post_id: int, at: str) -> list[int]:
    """Have the sources that are polled and showed a post bring it anew at their next fetch; their numbers.

    WordPress asks for it by its id, as it asks for what could not be stored; other kinds are read whole once, which
    brings what they still show.
    """
    rows = conn.execute(
        "SELECT DISTINCT o.id, o.kind, p.type, coalesce(g.remote_id, p.remote_id) FROM sightings g"
        " JOIN sources o ON o.id = g.source_id JOIN posts p ON p.id = g.post_id"
        " WHERE g.post_id = ? AND o.state IN ('active', 'paused') ORDER BY o.id",
        [post_id],
    ).fetchall()
    for source, kind, type_, remote_id in rows:
        if kind == "wordpress" and remote_id:
            conn.execute(
                "INSERT INTO rejects (source_id, key, type, remote_id, reason, raw, first_seen_at, last_seen_at)"
                " VALUES (?1, ?2 || '/' || ?3, ?2, ?3, 'what came for it was damaged in the corpus', x'', ?4, ?4)"
                " ON CONFLICT (source_id, key) DO UPDATE SET resolved_at = NULL",
                [source, type_, remote_id, at],
            )
            conn.execute("UPDATE sources SET cursor = json_remove(cursor, '$.times.rejects') WHERE id = ?", [source])
        conn.execute("DELETE FROM validators WHERE source_id = ?", [source])
        conn.execute("UPDATE sources SET next_due = NULL WHERE id = ?", [source])
    return [row[0] for row in rows]
