"""A post's own page: its text, where it is from, how it changed, what is like it, how to cite it."""

import json
from typing import Any

from ingest.corpus import Corpus, read
from ingest.errors import ConfigError
from ingest.research import cite, similar
from ingest.web.asked import pairs
from ingest.web.comparing import compare
from ingest.web.original import original
from ingest.web.shown import Here, Shown

__all__ = ["changes", "like", "post"]

#: Rows of a list that is long for some posts.
_MANY = 50

#: Posts up to which similar ones are shown at once: at 100,000 it takes 0.2 s, so there they are a page of their own.
_SMALL = 15_000
_LONG = 20_000

_COPIES = """
SELECT n.doc_id, n.position, n.similarity, n.site, n.url, n.title, n.published_at
FROM duplicates me JOIN duplicates d ON d.cluster = me.cluster AND d.post_id <> me.post_id
JOIN posts p ON p.id = d.post_id JOIN near_duplicates n ON n.doc_id = p.doc_id
WHERE me.post_id = ? ORDER BY d.position LIMIT 50"""

_LINKED_FROM = """
SELECT DISTINCT p.doc_id, p.title, nullif(s.site, '') AS site, p.published_at
FROM links l JOIN posts p ON p.id = l.post_id JOIN sites s ON s.id = p.site_id
WHERE l.target_post_id = ?1 AND l.post_id <> ?1 ORDER BY p.published_at LIMIT 50"""

_VERSIONS = """
SELECT n, title, modified_at, seen_at, length(text) AS letters FROM revisions WHERE post_id = ?1
UNION ALL SELECT (SELECT coalesce(max(n), 0) + 1 FROM revisions WHERE post_id = ?1), title, modified_at, words_since,
  length(text) FROM posts WHERE id = ?1 ORDER BY 1"""


def post(corpus: Corpus, here: Here) -> Shown:
    """The reading view."""
    number = _number(corpus, here)
    if number is None:
        return _missing(here)
    asked = dict(pairs(here.query))
    images = asked.get("images") == "1"
    row = read.post(corpus, number)
    citation = cite.cited(corpus, number)
    known = corpus.rows(
        "SELECT p.language_from, s.name AS site_name, s.home FROM posts p JOIN sites s ON s.id = p.site_id"
        " WHERE p.id = ?", [number],
    )[0]  # fmt: skip
    return Shown(
        "post.html",
        {
            "post": row | known,
            "versions": corpus.rows(_VERSIONS, [number]) if row["revisions"] else [],
            "copies": corpus.rows(_COPIES, [number]),
            "linked_from": corpus.rows(_LINKED_FROM, [number]),
            "similar": similar.similar(corpus, number, limit=5).hits if _is_quick(corpus, row) else (),
            "links": row["links"][:_MANY],
            "original": original(corpus, number, images=images, large=asked.get("original") == "1"),
            "bibtex": cite.bibtex(citation),
            "csl": json.dumps([cite.csl(citation)], ensure_ascii=False, indent=2),
            "images": images,
            "unfolded": images or asked.get("original") == "1",
        },
        images=images,
    )


def changes(corpus: Corpus, here: Here) -> Shown:
    """What differs between two versions of a post, in words."""
    number = _number(corpus, here)
    if number is None:
        return _missing(here)
    asked = dict(pairs(here.query))
    compared = compare(corpus, number, _whole(asked.get("old")), _whole(asked.get("new")))
    found = corpus.rows("SELECT doc_id, title FROM posts WHERE id = ?", [number])[0]
    versions = corpus.rows(_VERSIONS, [number])
    return Shown("changes.html", {"post": found, "versions": versions, "compared": compared})


def like(corpus: Corpus, here: Here) -> Shown:
    """Posts that have most of the words that make this one special: a page of its own, as they take longest."""
    number = _number(corpus, here)
    if number is None:
        return _missing(here)
    found = corpus.rows("SELECT doc_id, title FROM posts WHERE id = ?", [number])[0]
    return Shown("similar.html", {"post": found, "similar": similar.similar(corpus, number, limit=20)})


def _number(corpus: Corpus, here: Here) -> int | None:
    """The post an address names: doc_id (its first digits will do), number, or any name the post goes by."""
    try:
        return read.find_post(corpus, here.word)
    except ConfigError:
        return None


def _is_quick(corpus: Corpus, row: dict[str, Any]) -> bool:
    """Whether similar posts are found in no time: in a small corpus, by a text that is no book."""
    return row["word_count"] < _LONG and int(corpus.rows("SELECT count(*) AS n FROM posts")[0]["n"]) < _SMALL


def _missing(here: Here) -> Shown:
    return Shown("missing.html", {"what": f"No post of this corpus goes by {here.word!r}."}, status=404)


def _whole(word: Any) -> int | None:
    return int(word) if isinstance(word, str) and word.isascii() and word.isdecimal() and len(word) < 10 else None
