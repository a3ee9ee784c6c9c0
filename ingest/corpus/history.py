"""What was there before: the versions of a post, the words that differ between two, the corpus as of a date."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ingest.corpus.days import end_of
from ingest.corpus.store import Corpus

__all__ = ["AS_OF", "Piece", "Version", "as_of", "changes", "versions"]


@dataclass(frozen=True, slots=True)
class Version:
    """A title and text of a post, as the publisher had it for a while."""

    #: 1 is the oldest; the highest number is what the post says now.
    n: int
    title: str
    text: str
    #: What the source said of its last change, UTC.
    modified_at: str | None
    #: When this corpus first held it.
    seen_at: str


def versions(corpus: Corpus, post_id: int) -> list[Version]:
    """Every version of a post, the oldest first; the last one is the post itself."""
    rows = corpus.rows(
        "SELECT n, title, text, modified_at, seen_at FROM revisions WHERE post_id = ?1 UNION ALL"
        " SELECT (SELECT coalesce(max(n), 0) + 1 FROM revisions WHERE post_id = ?1), title, text, modified_at,"
        " words_since FROM posts WHERE id = ?1 ORDER BY 1",
        [post_id],
    )
    return [Version(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words, and whether it is in both versions, in the old one alone, or in the new one alone."""

    what: Literal["same", "old", "new"]
    words: str


def changes(old: str, new: str) -> Iterator[Piece]:
    """The way from one text to another, in words: `same` and `old` joined are the old text, `same` and `new` the new.

    Lines are compared first, and words only where lines differ, so that a long post takes no longer than a short edit.
    """
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for word, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if word == "equal":
            yield Piece("same", "".join(before[a:b]))
        else:
            yield from _within("".join(before[a:b]), "".join(after[c:d]))


def _within(old: str, new: str) -> Iterator[Piece]:
    before, after = _words(old), _words(new)
    for _, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if before[a:b] == after[c:d]:
            yield Piece("same", "".join(before[a:b]))
            continue
        if a < b:
            yield Piece("old", "".join(before[a:b]))
        if c < d:
            yield Piece("new", "".join(after[c:d]))


def _words(text: str) -> Sequence[str]:
    """Words and what is between them; in scripts without blanks, characters."""
    return re.findall(
        r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[^\W\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+|\s+|.", text
    )


#: The corpus as it was at the end of `:at`, one row a post that was held then. In any SQLite shell: `.param set :at …`.
#: Title, text and their date are those of that time; site, address, authors and terms are those of today.
AS_OF = """
SELECT c.doc_id, c.url, c.site, c.type,
  iif(p.words_since <= :at OR r.n IS NULL, p.title, r.title) AS title,
  iif(p.words_since <= :at OR r.n IS NULL, p.text, r.text) AS text,
  c.authors, c.categories, c.tags, c.published_at,
  iif(p.words_since <= :at OR r.n IS NULL, p.modified_at, r.modified_at) AS modified_at,
  c.language, p.first_seen_at,
  iif(p.gone_at <= :at, p.gone_at, NULL) AS gone_at,
  iif(p.gone_at <= :at, p.gone_kind, NULL) AS gone_kind
FROM posts p JOIN corpus c ON c.doc_id = p.doc_id
LEFT JOIN revisions r ON r.post_id = p.id AND r.n = coalesce(
  (SELECT max(n) FROM revisions WHERE post_id = p.id AND seen_at <= :at),
  (SELECT min(n) FROM revisions WHERE post_id = p.id))
WHERE p.first_seen_at <= :at AND p.gone_kind IS NOT 'forgotten'
ORDER BY c.doc_id
"""


def as_of(corpus: Corpus, date: str) -> list[dict[str, Any]]:
    """The corpus as this file held it at the end of a date: rows in the columns of `AS_OF`, by `doc_id`.

    A post that was found gone and came back is there without interruption: of that only `runs` tells.
    Raises ConfigError for what is no date.
    """
    return corpus.rows(AS_OF, {"at": end_of(date)})
