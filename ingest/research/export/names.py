"""A file's name for a post: safe on every file system, and the same whatever else is exported.

`DATE_WORDS_DOCID`: the day of publication (or `undated`), the title's first words in ASCII, and the `doc_id`, which
makes the name its own also where case does not count. It begins with a date, so it is no reserved name (`CON`); it
has letters of a-z and digits alone, so it is no path, and no system rewrites it; and it has at most 100 bytes.
"""

import hashlib
import re
import unicodedata

from ingest.research.export.columns import Row

__all__ = ["stem"]

#: Bytes of the words in a name.
_WORDS = 48


def stem(row: Row) -> str:
    """The name of a post's file, without its ending. The three parts are parted by `_`, as readtext likes them."""
    day = (row["published_at"] or "")[:10]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII):
        day = "undated"
    return "_".join((day, _words(row["title"]) or "untitled", _own(row["doc_id"])))


def _words(title: str) -> str:
    """As many whole words as fit, the first one cut if need be."""
    # 4 characters of a title in another script may be one letter here: 1,000 are always enough, and 10 MB are not read.
    bare = unicodedata.normalize("NFKD", title[:1_000]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    if len(words) <= _WORDS:
        return words
    cut = words[: _WORDS + 1].rpartition("-")[0]
    return (cut or words[:_WORDS]).strip("-")


def _own(doc_id: str) -> str:
    """Ours are 32 hex digits; whatever a corpus from a stranger has instead becomes some."""
    if re.fullmatch("[0-9a-f]{32}", doc_id):
        return doc_id
    return hashlib.sha256(doc_id.encode("utf-8", "replace")).hexdigest()[:32]
