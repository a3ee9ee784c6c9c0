"""The one way by which something leaves a corpus: for legal reasons, and so that nothing of it stays in the file.

What stays is a tombstone: `doc_id`, the site's own id, when it was held, and the reason. Its other names stay as
hashes, so that the post is known, and passed over, whenever a source shows it again. A source that follows that one
page alone bears its address as its name, and goes with it.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from ingest import urls
from ingest.corpus import clusters, fulltext
from ingest.corpus.store import Corpus
from ingest.errors import Locked
from ingest.normalise import identity

__all__ = ["MARK", "forget", "posts_of", "scrub"]

#: What stands in `posts.flags` of a post whose payload went with a forgotten one, because it held both.
MARK = "payload-forgotten"

#: How long to wait for readers to let go of the old pages.
_PATIENCE_MS = 3000


def forget(corpus: Corpus, posts: Iterable[int], reason: str, at: str, *, source: int | None = None) -> int:
    """Erase these posts, and with `source` what the corpus knows of that source; how many were not forgotten already.

    All of them in one transaction, then the file is written anew (`scrub`). Raises Locked, DiskFull.
    """
    count, numbers = 0, list(posts)
    with corpus.transaction() as conn:
        pending = fulltext.Pending()
        for number in numbers:
            count += _one(conn, number, reason, at, pending)
        pending.write(conn)
        if source is not None:
            _source(conn, source, reason, at)
        for page in _followed_alone(conn, numbers):
            _source(conn, page, reason, at)
            _seal(conn, page)
    scrub(corpus)
    return count


def posts_of(corpus: Corpus, source: int) -> list[int]:
    """Every post that a source ever showed."""
    return [r["post_id"] for r in corpus.rows("SELECT post_id FROM sightings WHERE source_id = ? ORDER BY 1", [source])]


def scrub(corpus: Corpus) -> None:
    """Write the file anew without what was deleted from it: indexes merged, free pages gone, the log emptied.

    Raises Locked while a reader still holds the old pages.
    """
    with corpus.transaction() as conn:
        fulltext.optimise(conn)
    with corpus.explained():
        corpus.conn.execute("PRAGMA secure_delete = ON")
        corpus.conn.execute("VACUUM")
        corpus.conn.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        busy = corpus.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise Locked(
            f"{corpus.path}: another program still reads the old pages; run `blogcorpus compact` when it is done"
        )


def _one(conn: sqlite3.Connection, number: int, reason: str, at: str, pending: fulltext.Pending) -> bool:
    row = conn.execute(
        "SELECT title, text, unspaced, gone_kind, type, remote_id, site_id, url FROM posts WHERE id = ?", [number]
    ).fetchone()
    if row is None or row[3] == "forgotten":
        return False
    pending.changing(number, row[0], row[1], row[2])
    conn.execute(
        "UPDATE posts SET url = NULL, title = '', text = '', excerpt = '', published_at = NULL, modified_at = NULL,"
        " published_raw = NULL, modified_raw = NULL, date_precision = NULL, language = NULL, word_count = 0,"
        " text_hash = ?, cleaned = '[]', outline = '[]', flags = '[]', unspaced = 0, payload_id = NULL,"
        " gone_at = ?, gone_kind = 'forgotten', gone_evidence = ? WHERE id = ?",
        [identity.text_hash("", ""), at, reason, number],
    )
    _payloads(conn, number)
    _beside(conn, number)
    conn.execute(
        "DELETE FROM rejects WHERE key = ? AND source_id IN (SELECT id FROM sources WHERE site_id = ?)",
        [f"{row[4]}/{row[5]}", row[6]],
    )
    _names(conn, number, row[6], row[7])
    return True


def _payloads(conn: sqlite3.Connection, number: int) -> None:
    """Every payload that ever came for it. One that held other posts too is lost to them; their words stay."""
    held = conn.execute("SELECT payload_id FROM post_payloads WHERE post_id = ?", [number]).fetchall()
    conn.execute("DELETE FROM revisions WHERE post_id = ?", [number])
    conn.execute("UPDATE sightings SET payload_id = NULL, facts = NULL WHERE post_id = ?", [number])
    for (payload,) in held:
        for other, flags in conn.execute("SELECT id, flags FROM posts WHERE payload_id = ?", [payload]).fetchall():
            marked = json.dumps(list(dict.fromkeys([*json.loads(flags), MARK])))
            conn.execute("UPDATE posts SET payload_id = NULL, flags = ? WHERE id = ?", [marked, other])
        for table in ("sightings", "revisions"):
            conn.execute(f"UPDATE {table} SET payload_id = NULL WHERE payload_id = ?", [payload])
        conn.execute("DELETE FROM post_payloads WHERE payload_id = ?", [payload])
        conn.execute("DELETE FROM payloads WHERE id = ?", [payload])


def _beside(conn: sqlite3.Connection, number: int) -> None:
    """What was stored beside the words; people and terms that no other post names go with it."""
    people = conn.execute("SELECT author_id FROM post_authors WHERE post_id = ?", [number]).fetchall()
    terms = conn.execute("SELECT term_id FROM post_terms WHERE post_id = ?", [number]).fetchall()
    clusters.leave(conn, number)
    for table in ("post_authors", "post_terms", "links", "media", "comments", "post_languages"):
        conn.execute(f"DELETE FROM {table} WHERE post_id = ?", [number])
    conn.executemany(
        "DELETE FROM authors WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM post_authors WHERE author_id = ?1)", people
    )
    conn.executemany(
        "DELETE FROM terms WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM post_terms WHERE term_id = ?1)", terms
    )


def _names(conn: sqlite3.Connection, number: int, site_id: int, url: str | None) -> None:
    """Its names as hashes; what was asked for under them goes from the log of requests."""
    if url is not None:
        conn.execute("INSERT OR IGNORE INTO aliases VALUES (?, 'url', ?, ?, 0)", [site_id, url, number])
    rows = conn.execute(
        "SELECT kind, value, source_id FROM aliases WHERE post_id = ? AND kind IN ('guid', 'path', 'url')", [number]
    ).fetchall()
    for kind, value, source_id in rows:
        for table in ("fetches", "validators"):
            conn.execute(f"DELETE FROM {table} WHERE url = ?", [value])
        conn.execute(
            "UPDATE OR REPLACE aliases SET value = ? WHERE site_id = ? AND kind = ? AND value = ? AND post_id = ?"
            " AND source_id = ?",
            [identity.sealed(value), site_id, kind, value, number, source_id],
        )


def _source(conn: sqlite3.Connection, number: int, reason: str, at: str) -> None:
    """A source that is forgotten is polled no more; its row says why."""
    for table in ("validators", "fetches", "rejects"):
        conn.execute(f"DELETE FROM {table} WHERE source_id = ?", [number])
    conn.execute(
        "UPDATE sources SET state = 'removed', cursor = '{}', announced = '{}', missing_ids = '[]', error = NULL,"
        " reason = ? WHERE id = ?",
        [f"forgotten on {at[:10]}: {reason}", number],
    )
    conn.execute("UPDATE runs SET missing_ids = '[]', notes = '[]', error = NULL WHERE source_id = ?", [number])
    conn.execute(
        "UPDATE sites SET name = NULL, description = NULL WHERE id = (SELECT site_id FROM sources WHERE id = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.site_id = sites.id AND p.gone_kind IS NOT 'forgotten')",
        [number],
    )


def _followed_alone(conn: sqlite3.Connection, posts: Sequence[int]) -> list[int]:
    """Sources of these posts that are one page on the network, no sitemap and no folder, where all is forgotten."""
    rows = conn.execute(
        "SELECT o.id, o.options, o.wishes FROM sources o WHERE o.kind IN ('page', 'text') AND o.url LIKE 'http%'"
        " AND o.id IN (SELECT source_id FROM sightings WHERE post_id IN (SELECT value FROM json_each(?)))"
        " AND NOT EXISTS (SELECT 1 FROM sightings s JOIN posts p ON p.id = s.post_id"
        " WHERE s.source_id = o.id AND p.gone_kind IS NOT 'forgotten')",
        [json.dumps(posts)],
    ).fetchall()
    return [number for number, *said in rows if not any(json.loads(one).get("sitemap") for one in said)]


def _seal(conn: sqlite3.Connection, number: int) -> None:
    """Let the address of a source be a hash, and what was asked for under it before it was one go from the log."""
    kind, *named = conn.execute("SELECT kind, url, endpoint, config_url FROM sources WHERE id = ?", [number]).fetchone()
    addresses = {urls.redact(one) for one in named if one} | {one for one in named if one}
    conn.executemany("DELETE FROM fetches WHERE url = ?", [(one,) for one in addresses])
    conn.executemany("DELETE FROM told WHERE what = ?", [(one,) for one in addresses])
    url, _, config = named
    name = identity.sealed(url)
    if conn.execute("SELECT 1 FROM sources WHERE kind = ? AND url = ?", [kind, name]).fetchone():
        name = f"{name}-{number}"
    conn.execute(
        "UPDATE sources SET url = ?, endpoint = NULL, config_url = ?, from_config = 0, name = NULL, options = '{}',"
        " wishes = '{}' WHERE id = ?",
        [name, identity.sealed(config or url), number],
    )
