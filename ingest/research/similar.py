"""More like this: the posts that have most of the words that make a post special.

The words are weighed by tf-idf. How many posts have a word is asked of the index, and counted up to a cap: a word of
more posts is no help, and counting on would cost more than all the rest. That needs no table of terms (`fts5vocab`),
so it also works where nothing may be created, as on the page.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from ingest.corpus import Corpus
from ingest.normalise import characters

__all__ = ["Similar", "SimilarHit", "similar"]

#: Words that are weighed, and those that are then looked for.
_WEIGHED = 300
_ASKED = 30
#: A word in a tenth of the posts says little; in a small corpus it may still be in a few.
_COMMON = 0.1
_FEW = 10


class SimilarHit(TypedDict):
    """A post like another one."""

    id: int
    doc_id: str
    title: str
    url: str | None
    site: str | None
    published_at: str | None
    gone_at: str | None
    #: How much of the weight of the words looked for it has, 0 to 1.
    shared: float


@dataclass(frozen=True, slots=True)
class Similar:
    """The posts like another one, the likest first, and the words they were looked for by."""

    hits: tuple[SimilarHit, ...]
    words: tuple[str, ...]


def similar(corpus: Corpus, number: int, *, limit: int = 10) -> Similar:
    """The posts most like the post of this row number, itself not among them."""
    rows = corpus.rows("SELECT title, text, unspaced FROM posts WHERE id = ?", [number])
    title, text, unspaced = rows[0].values()
    by_parts = bool(unspaced) and _mostly_unspaced(text or title)
    index, terms = ("posts_trigram", _parts(title, text)) if by_parts else ("posts_fts", _words(title, text))
    weights = _weights(corpus, index, terms)
    if not weights:
        return Similar((), ())
    found: defaultdict[int, float] = defaultdict(float)
    for term, weight in weights.items():
        # No rank is asked for, so the index reads one list of numbers a word and nothing else.
        for row in corpus.rows(f"SELECT rowid FROM {index} WHERE {index} MATCH ?", [_quoted(term)]):
            found[row["rowid"]] += weight
    found.pop(number, None)
    best = sorted(found.items(), key=lambda pair: (-round(pair[1], 9), pair[0]))[:limit]
    return Similar(tuple(_hits(corpus, best, sum(weights.values()))), tuple(weights))


def _weights(corpus: Corpus, index: str, terms: Counter[str]) -> dict[str, float]:
    """tf-idf of the terms that another post has as well, and not too many; the heaviest first."""
    posts = corpus.rows("SELECT count(*) AS n FROM posts")[0]["n"]
    cap = max(_FEW, int(posts * _COMMON))
    weights = {}
    for term, often in sorted(terms.items(), key=lambda pair: (-pair[1] * len(pair[0]), pair[0]))[:_WEIGHED]:
        has = f"SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT {cap + 1}"
        held = corpus.rows(f"SELECT count(*) AS n FROM ({has})", [_quoted(term)])[0]["n"]
        if 1 < held <= cap:
            weights[term] = (1 + math.log(often)) * math.log(1 + posts / held)
    return dict(sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_ASKED])


def _hits(corpus: Corpus, best: Sequence[tuple[int, float]], whole: float) -> Iterable[SimilarHit]:
    for number, weight in best:
        (row,) = corpus.rows(
            "SELECT p.id, p.doc_id, p.title, p.url, nullif(s.site, '') AS site, p.published_at, p.gone_at"
            " FROM posts p JOIN sites s ON s.id = p.site_id WHERE p.id = ?",
            [number],
        )
        hit: SimilarHit = {**row, "shared": round(weight / whole, 4)}  # type: ignore[typeddict-item]
        yield hit


_WORD = re.compile(r"[^\W_]{2,}")
_RUN = re.compile(r"[^\W\d_]{3,}")


def _words(title: str, text: str) -> Counter[str]:
    """Words as the index has them, about: it folds what it is asked itself. A title's words count twice."""
    found: Counter[str] = Counter()
    for words, weight in ((title, 2), (text, 1)):
        plain = "".join(c for c in unicodedata.normalize("NFD", words.lower()) if not unicodedata.combining(c))
        for word in _WORD.findall(plain):
            if not word.isdecimal():
                found[word] += weight
    return found


def _parts(title: str, text: str) -> Counter[str]:
    """Every three characters in a row, for scripts without blanks."""
    found: Counter[str] = Counter()
    for words, weight in ((title, 2), (text, 1)):
        for run in _RUN.findall(words):
            for n in range(len(run) - 2):
                found[run[n : n + 3]] += weight
    return found


def _mostly_unspaced(text: str) -> bool:
    letters = [c for c in text[:2000] if c.isalpha()]
    return sum(characters.is_unspaced(c) for c in letters) * 2 > len(letters)


def _quoted(term: str) -> str:
    return f'"{term}"'
