"""Title and text of a held post made anew from its payload: our rules changed, not the publisher's words."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.corpus import fulltext, payloads
from ingest.corpus.write import columns, write_links
from ingest.records import Post

__all__ = ["Held", "apply", "held", "off_as_stored", "outdated", "payload", "version"]

#: What our rules make of a text; everything else on a row is the publisher's or the corpus's own.
_OURS = (
    "title", "text", "excerpt", "language", "word_count", "text_hash", "rules_version", "rules_off", "cleaned",
    "unspaced", "outline",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A payload with what is needed to read it again."""

    post_id: int
    #: None for the post itself, else the revision's number.
    revision: int | None
    kind: str
    site: str
    home: str | None
    gmt_offset: float | None
    type: str
    remote_id: str | None
    guids: tuple[str, ...]
    url: str | None
    format: str
    raw: bytes


def outdated(conn: sqlite3.Connection, version: int, off: str, *, after: int, limit: int) -> list[int]:
    """Posts whose text was made by other rules, by row number."""
    rows = conn.execute(
        "SELECT id FROM posts WHERE id > ? AND (rules_version <> ? OR rules_off <> ?) AND payload_id IS NOT NULL"
        " ORDER BY id LIMIT ?",
        [after, version, off, limit],
    )
    return [row[0] for row in rows]


def held(conn: sqlite3.Connection, post_id: int) -> Iterator[Held]:
    """The payload of a post and those of its revisions. Raises ParseError where one is damaged."""
    old = conn.execute("SELECT n FROM revisions WHERE post_id = ? ORDER BY n", [post_id])
    for n in (None, *(row[0] for row in old.fetchall())):
        found = version(conn, post_id, n)
        if found is not None:
            yield found


def version(conn: sqlite3.Connection, post_id: int, n: int | None) -> Held | None:
    """The payload of a post (None) or of one of its revisions, if it has one. Raises ParseError where it is damaged."""
    payload_id = conn.execute(
        "SELECT CASE WHEN ?2 IS NULL THEN payload_id ELSE"
        " (SELECT payload_id FROM revisions WHERE post_id = ?1 AND n = ?2) END FROM posts WHERE id = ?1",
        [post_id, n],
    ).fetchone()[0]
    return None if payload_id is None else payload(conn, post_id, payload_id, n)


def payload(conn: sqlite3.Connection, post_id: int, payload_id: int, n: int | None = None) -> Held:
    """A payload that came for a post, with what is needed to read it again. Raises ParseError where it is damaged."""
    site, home, offset, type_, remote_id, url = conn.execute(
        "SELECT s.site, s.home, s.gmt_offset, p.type, p.remote_id, p.url"
        " FROM posts p JOIN sites s ON s.id = p.site_id WHERE p.id = ?",
        [post_id],
    ).fetchone()
    guids = conn.execute("SELECT value FROM aliases WHERE post_id = ? AND kind = 'guid'", [post_id])
    known = tuple(row[0] for row in guids)
    format_, raw = payloads.unpacked(conn, payload_id)
    kind = _kind(conn, post_id, payload_id)
    return Held(post_id, n, kind, site, home, offset, type_, remote_id, known, url, format_, raw)


def _kind(conn: sqlite3.Connection, post_id: int, payload_id: int) -> str:
    """The kind of the source that brought a payload; that of the best body where it is not the latest of any."""
    row = conn.execute(
        "SELECT o.kind FROM sightings g JOIN sources o ON o.id = g.source_id WHERE g.post_id = ?"
        " ORDER BY g.payload_id = ? DESC, g.body_rank DESC LIMIT 1",
        [post_id, payload_id],
    ).fetchone()
    return str(row[0])


def apply(conn: sqlite3.Connection, from_: Held, post: Post, pending: fulltext.Pending) -> bool:
    """Write what the rules make of a payload today. Whether title or text came out differently. Never a revision."""
    if from_.revision is not None:
        return _revision(conn, from_, post)
    row = columns(post)
    names = [name for name in _OURS if name != "language" or row["language"]]
    old = conn.execute("SELECT title, text, unspaced, text_hash FROM posts WHERE id = ?", [from_.post_id]).fetchone()
    pending.changing(from_.post_id, *old[:3])
    conn.execute(
        f"UPDATE posts SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
        [*(row[name] for name in names), from_.post_id],
    )
    site_id = conn.execute("SELECT site_id FROM posts WHERE id = ?", [from_.post_id]).fetchone()[0]
    write_links(conn, site_id, from_.post_id, post)
    return bool(old[3] != post.text_hash)


def _revision(conn: sqlite3.Connection, from_: Held, post: Post) -> bool:
    changed = conn.execute(
        "UPDATE revisions SET title = ?1, text = ?2, text_hash = ?3 WHERE post_id = ?4 AND n = ?5"
        " AND (title, text, text_hash) IS NOT (?1, ?2, ?3)",
        [post.title, post.text, post.text_hash, from_.post_id, from_.revision],
    ).rowcount
    return changed > 0


def off_as_stored(off: tuple[str, ...]) -> str:
    """The names of switched-off rules as `posts.rules_off` holds them."""
    return json.dumps(sorted(off))
