"""Two versions of a post, side by side in words; and when that would take too long to be worth it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.corpus import Corpus, history
from ingest.corpus.history import Piece, Version

__all__ = ["Compared", "compare"]

#: Pairs of equal words that a comparison may look at: about a second. A text of 20,000 words has 5 million.
_PAIRS = 20_000_000


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs between two versions."""

    old: Version
    new: Version
    #: None when the two have too much in common to be compared word by word.
    title: list[Piece] | None
    text: list[Piece] | None


def compare(corpus: Corpus, number: int, old: int | None, new: int | None) -> Compared | None:
    """Compare two versions of a post, by default the last two; None where there are not these two."""
    found = {one.n: one for one in history.versions(corpus, number)}
    new = max(found) if new is None else new
    old = new - 1 if old is None else old
    if old not in found or new not in found:
        return None
    a, b = found[old], found[new]
    if _effort(a.title, b.title) + _effort(a.text, b.text) > _PAIRS:
        return Compared(a, b, None, None)
    return Compared(a, b, list(history.changes(a.title, b.title)), list(history.changes(a.text, b.text)))


def _effort(old: str, new: str) -> int:
    """Pairs of equal lines, and of equal words in lines that only one of the two has: what `difflib` looks at."""
    before, after = Counter(old.splitlines()), Counter(new.splitlines())
    lines = sum(count * after[line] for line, count in before.items())
    words = [_words(a, b) for a, b in ((before, after), (after, before))]
    return lines + sum(count * words[1][word] for word, count in words[0].items())


def _words(ours: Counter[str], theirs: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line, count in (ours - theirs).items():
        for word in _split(line):
            found[word] += count
    return found


def _split(line: str) -> Sequence[str]:
    words = line.split()
    # What is between the words is compared as well; letters of a script without blanks are words of their own.
    return [*words, *" " * len(words)] if len(line) < 40 * (len(words) + 1) else list(line)
