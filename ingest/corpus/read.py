"""Reading single posts: by row number, `doc_id`, address or any other name they go by."""

import json
from typing import Any

from ingest import urls
from ingest.corpus import payloads
from ingest.corpus.store import Corpus
from ingest.errors import ConfigError, CorpusError, ParseError
from ingest.normalise import identity

__all__ = ["find_post", "payload", "post"]


def find_post(corpus: Corpus, word: str) -> int:
    """Row number of the post that a word means. Raises ConfigError when none, or more than one, goes by it."""
    if word.isdecimal() and len(word) < 19:
        rows = corpus.rows("SELECT id FROM posts WHERE id = ?", [int(word)])
        if rows:
            return int(rows[0]["id"])
    canonical = urls.canonical(word) if "://" in word else word
    rows = corpus.rows(
        "SELECT id FROM posts WHERE doc_id = ?1 UNION SELECT a.post_id FROM sites s JOIN aliases a ON a.site_id = s.id"
        " AND a.kind IN ('guid', 'url', 'doc_id') AND a.value IN (?1, ?2, ?3, ?4)"
        " UNION SELECT id FROM posts WHERE url IN (?1, ?2) LIMIT 3",
        [word, canonical, identity.sealed(word), identity.sealed(canonical)],
    )
    if not rows and len(word) >= 6 and all(c in "0123456789abcdef" for c in word):
        rows = corpus.rows("SELECT id FROM posts WHERE doc_id >= ?1 AND doc_id < ?1 || 'g' LIMIT 2", [word])
    if len(rows) == 1:
        return int(rows[0]["id"])
    if rows:
        raise ConfigError(f"{word}: several posts go by that name; give the doc_id (`blogcorpus search` shows it)")
    raise ConfigError(f"no post {word!r}; give an id, a doc_id or an address (`blogcorpus search` shows them)")


def post(corpus: Corpus, number: int) -> dict[str, Any]:
    """One post: its row of the view `corpus` with lists decoded, and what is kept beside the text."""
    row = corpus.rows("SELECT * FROM corpus WHERE doc_id = (SELECT doc_id FROM posts WHERE id = ?)", [number])[0]
    more = corpus.rows(
        "SELECT id, remote_id, status, excerpt, published_raw, modified_raw, date_precision, cleaned, flags, outline,"
        " rules_version, last_seen_at, gone_evidence FROM posts WHERE id = ?",
        [number],
    )[0]
    row |= more
    for name in ("authors", "categories", "tags", "cleaned", "flags", "outline"):
        row[name] = json.loads(row[name])
    row["author_ids"] = [
        r["remote_id"]
        for r in corpus.rows(
            "SELECT a.remote_id FROM post_authors p JOIN authors a ON a.id = p.author_id WHERE p.post_id = ?"
            " AND a.remote_id IS NOT NULL ORDER BY p.position",
            [number],
        )
    ]
    row["links"] = corpus.rows("SELECT url, anchor, internal FROM links WHERE post_id = ? ORDER BY n", [number])
    row["media"] = corpus.rows("SELECT url, kind, alt, caption FROM media WHERE post_id = ? ORDER BY n", [number])
    row["aliases"] = corpus.rows("SELECT DISTINCT kind, value FROM aliases WHERE post_id = ? ORDER BY 1, 2", [number])
    row["sources"] = corpus.rows(
        "SELECT o.id AS source, o.kind, o.url FROM sightings g JOIN sources o ON o.id = g.source_id"
        " WHERE g.post_id = ? ORDER BY o.id",
        [number],
    )
    return row


def payload(corpus: Corpus, number: int) -> tuple[str, bytes]:
    """Media type and exact bytes of what the post was made from. Raises CorpusError where they are damaged."""
    found = corpus.rows("SELECT payload_id FROM posts WHERE id = ?", [number])[0]["payload_id"]
    if found is None:
        raise ConfigError(f"post {number} has no payload")
    try:
        return payloads.unpacked(corpus.conn, found)
    except ParseError as error:
        raise CorpusError(f"{corpus.path}: post {number}: {error}") from error
