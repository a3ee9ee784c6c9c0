"""Whose word the language of a post is: rows of `post_languages`, and what comes of them in `posts.language`.

The publisher's own word is kept beside what its text is found to be in, so that the one never passes for the other.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Known", "keep", "outdated", "text"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a post's language."""

    post_id: int
    #: The first 16 digits of `posts.text_hash`.
    words: str
    #: BCP 47, by the source that brought the post; by its site.
    declared: str | None
    site_declared: str | None
    #: BCP 47, from the text; its probability; who says so. All None where nobody looked.
    detected: str | None = None
    confidence: float | None = None
    made_by: str | None = None
    #: 1 when that was found in the words that the post has now.
    fresh: int = 0


#: A language in the row that is not what `annotate` wrote there is what a source has declared since.
_DECLARED = "CASE WHEN l.post_id IS NOT NULL AND l.language IS p.language THEN l.declared ELSE p.language END"
_OUTDATED = (
    f"SELECT p.id, substr(p.text_hash, 1, 16), {_DECLARED}, s.language, l.detected, l.confidence, l.made_by,"
    " coalesce(l.words = substr(p.text_hash, 1, 16) AND (?2 IS NULL OR l.made_by IS ?2), 0) AS fresh"
    " FROM posts p JOIN sites s ON s.id = p.site_id LEFT JOIN post_languages l ON l.post_id = p.id"
    " WHERE p.id > ?1 AND NOT (fresh AND l.language IS p.language AND l.site_declared IS s.language)"
    " ORDER BY p.id LIMIT ?3"
)


def outdated(conn: sqlite3.Connection, made_by: str | None, *, after: int, limit: int) -> list[Known]:
    """Posts whose words, or whose declared language, are not those that were looked at; by row number.

    `made_by`: who would look now; with None what was found in the same words before stays good. Read from an index
    alone: over 100,000 posts of which none has changed this takes 0.1 s.
    """
    return [Known(*row) for row in conn.execute(_OUTDATED, [after, made_by, limit])]


def text(conn: sqlite3.Connection, post_id: int) -> str:
    """The text of a post."""
    return str(conn.execute("SELECT text FROM posts WHERE id = ?", [post_id]).fetchone()[0])


def keep(conn: sqlite3.Connection, found: Iterable[tuple[Known, str | None, str | None]]) -> int:
    """Store what is known, with the language that comes of it and whose word that is; how many posts it changed."""
    changed = 0
    for known, language, whose in found:
        conn.execute(
            "INSERT OR REPLACE INTO post_languages (post_id, words, declared, detected, confidence, site_declared,"
            " language, made_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [known.post_id, known.words, known.declared, known.detected, known.confidence, known.site_declared,
             language, known.made_by],
        )  # fmt: skip
        changed += conn.execute(
            "UPDATE posts SET language = ?1, language_from = ?2 WHERE id = ?3"
            " AND (language, language_from) IS NOT (?1, ?2)",
            [language, whose, known.post_id],
        ).rowcount
    return changed
