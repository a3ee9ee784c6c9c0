"""What a page says beside its posts: the site's media library, readers' comments, what could not be stored."""

import hashlib
import sqlite3
from collections.abc import Collection, Iterable

from ingest import normalise
from ingest.dates import from_pair
from ingest.records import Batch, CommentItem, Gone, MediumItem, Post, Reject

__all__ = ["keep_beside"]

_MOST_RAW = 2**20


def keep_beside(conn: sqlite3.Connection, site_id: int, source_id: int, batch: Batch, at: str) -> int:
    """Store what a batch brings beside its posts, within a transaction that somebody else holds; its rejects."""
    _library(conn, site_id, batch.media)
    comments, rejects = _without_forgotten(conn, site_id, batch)
    _comments(conn, site_id, comments, at)
    rejected = _rejects(conn, source_id, rejects, at)
    if batch.posts or batch.gone:
        _resolve(conn, source_id, (*batch.posts, *batch.gone), at)
    return rejected


def _without_forgotten(
    conn: sqlite3.Connection, site_id: int, batch: Batch
) -> tuple[Collection[CommentItem], Collection[Reject]]:
    """The comments and rejects of a page but for those of forgotten posts: nothing of them comes back."""
    if not (batch.comments or batch.rejects):
        return (), ()
    rows = conn.execute(
        "SELECT type, remote_id FROM posts WHERE site_id = ? AND gone_kind = 'forgotten' AND remote_id IS NOT NULL",
        [site_id],
    )
    gone = {(kind, number) for kind, number in rows}
    ids = {number for _, number in gone}
    rejects = [one for one in batch.rejects if (one.type, one.remote_id) not in gone]
    return [one for one in batch.comments if one.post_id not in ids], rejects


def _library(conn: sqlite3.Connection, site_id: int, media: Iterable[MediumItem]) -> None:
    for m in media:
        conn.execute(
            "INSERT INTO media (site_id, remote_id, url, kind, mime, title, alt, caption, width, height, published_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (site_id, remote_id)"
            " WHERE remote_id IS NOT NULL DO UPDATE SET url = ?3, kind = ?4, mime = ?5, title = ?6, alt = ?7,"
            " caption = ?8, width = ?9, height = ?10, published_at = ?11"
            " WHERE (url, kind, mime, title, alt, caption, width, height, published_at)"
            " IS NOT (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            [site_id, m.remote_id, m.url, _media_kind(m.mime), m.mime, normalise.plain_line(m.title),
             normalise.plain_line(m.alt), normalise.plain_text(m.caption), m.width, m.height,
             from_pair(m.published.utc, m.published.local).utc],
        )  # fmt: skip


def _media_kind(mime: str | None) -> str:
    main = (mime or "").split("/")[0]
    return main if main in {"image", "video", "audio"} else "file"


def _comments(conn: sqlite3.Connection, site_id: int, comments: Collection[CommentItem], at: str) -> None:
    if not comments:
        return
    types = [row[0] for row in conn.execute("SELECT DISTINCT type FROM posts WHERE site_id = ?", [site_id])]
    for c in comments:
        # By type as well: the index over (site, type, id) serves nothing less.
        found = (
            conn.execute(
                "SELECT id FROM posts WHERE site_id = ? AND type = ? AND remote_id = ?", [site_id, t, c.post_id]
            ).fetchone()
            for t in types
        )
        post = next((row for row in found if row), (None,))
        when = from_pair(c.published.utc, c.published.local)
        conn.execute(
            "INSERT INTO comments (site_id, remote_id, post_id, post_remote_id, parent, author, author_remote_id, url,"
            " status, text, published_at, published_raw, first_seen_at, last_seen_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13) ON CONFLICT (site_id, remote_id)"
            " DO UPDATE SET post_id = ?3, author = ?6, url = ?8, status = ?9, text = ?10, last_seen_at = ?13,"
            " gone_at = NULL WHERE (post_id, author, url, status, text, gone_at) IS NOT (?3, ?6, ?8, ?9, ?10, NULL)",
            [site_id, c.remote_id, post[0], c.post_id, c.parent, normalise.plain_line(c.author or "") or None,
             c.author_id, c.url, c.status, normalise.plain_text(c.body), when.utc, when.raw, at],
        )  # fmt: skip


def _rejects(conn: sqlite3.Connection, source_id: int, rejects: Iterable[Reject], at: str) -> int:
    count = 0
    for r in rejects:
        digest = hashlib.sha256(r.raw or f"{r.url}\x00{r.why}".encode()).hexdigest()
        key = f"{r.type}/{r.remote_id}" if r.remote_id else digest
        conn.execute(
            "INSERT INTO rejects (source_id, key, type, remote_id, url, reason, raw, first_seen_at, last_seen_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (source_id, key) DO UPDATE"
            " SET reason = ?6, raw = ?7, last_seen_at = ?8, tries = tries + 1, resolved_at = NULL",
            [source_id, key, r.type, r.remote_id, r.url, r.why, r.raw[:_MOST_RAW], at],
        )
        count += 1
    return count


def _resolve(conn: sqlite3.Connection, source_id: int, posts: Iterable[Post | Gone], at: str) -> None:
    """What could be stored after all is no reject any more, nor is what the site has no longer."""
    if conn.execute(
        "SELECT 1 FROM rejects WHERE source_id = ? AND resolved_at IS NULL LIMIT 1", [source_id]
    ).fetchone():
        conn.executemany(
            "UPDATE rejects SET resolved_at = ? WHERE source_id = ? AND key = ? AND resolved_at IS NULL",
            [(at, source_id, f"{p.type}/{p.remote_id}") for p in posts if p.remote_id],
        )
