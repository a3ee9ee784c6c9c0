"""A text as the set of its word pairs, and that set as a MinHash signature: what near-duplicates are found by.

Pairs and not triples, because a copy in which every fifth word was changed still has half of its pairs (Jaccard .47)
and only a third of its triples (.34). Measured on 392 real posts and nine kinds of copies of each (word for word, with
a feed's furniture, cut to 70 %, in a frame of other sentences, with 5 to 20 % of the words changed): 96 % found, all of
them but for those with 20 % changed (73 %); no two posts were put together whose own similarity is under .38.
"""

import re
import struct
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import metadata, util
from itertools import pairwise
from typing import Any

from ingest.normalise import characters

__all__ = ["BANDS", "FEWEST", "alike", "bands", "estimate", "jaccard", "made_by", "shingles", "signature"]

#: Numbers in a signature, and how many of them make a band. Two texts are compared when they share a band: at Jaccard
#: .46 that happens with a chance of .986, at .6 of .99995, at .05 of .005.
_NUMBERS, _ROWS = 126, 3
BANDS = _NUMBERS // _ROWS
_SEED = 1
#: Changes whenever the same text may come to another signature.
_VERSION = 1
#: A text of fewer word pairs is never called a copy: "Happy new year!" is nobody's.
FEWEST = 5
#: A text of fewer pairs than this is a copy only where it has the very same ones.
_TINY = 20
#: How like two texts must be, by the word pairs of the shorter one: the first where it has `_SHORT` or fewer, the
#: second where it has `_LONG` or more, a straight line between. Short posts made from one template (a weather report,
#: opening hours) share most of their words and are different posts; long ones seldom come about that way.
_STRICT, _LOOSE = 0.6, 0.46
_SHORT, _LONG = 30, 80

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_FORMAT = struct.Struct(f"<{_NUMBERS}H")


def shingles(text: str) -> frozenset[str]:
    """The different pairs of words that follow one another, whatever their case and what stands between them."""
    return frozenset(map(" ".join, pairwise(_words(text.lower()))))


def _words(text: str) -> Iterator[str]:
    if not characters.is_unspaced(text):
        yield from _WORD.findall(text)
        return
    for word in _WORD.findall(text):
        if characters.is_unspaced(word):
            yield from (word[n : n + 2] for n in range(max(1, len(word) - 1)))
        else:
            yield word


@cache
def made_by() -> str | None:
    """What signatures are made by: two of one maker can be compared. None where the extra `dedup` is not there."""
    if util.find_spec("rensa") is None:
        return None
    # Rensa promises the same numbers for one ALGORITHM_VERSION; older ones have none and go by their own version.
    algorithm = getattr(_minhash(), "ALGORITHM_VERSION", f"={metadata.version('rensa')}")
    return f"rensa.{algorithm}/{_VERSION}"


@cache
def _minhash() -> Any:
    import rensa  # noqa: PLC0415  (an extra)

    found: Any = rensa  # a compiled module without types
    return found.RMinHash


def signature(pairs: AbstractSet[str]) -> bytes | None:
    """The MinHash signature of a text's pairs, two bytes a number; None where they are too few to be compared."""
    if len(pairs) < FEWEST:
        return None
    hashed = _minhash()(num_perm=_NUMBERS, seed=_SEED)
    hashed.update(list(pairs))
    # Sixteen bits tell two numbers apart but once in 65,536, and halve what is stored.
    return _FORMAT.pack(*(number & 0xFFFF for number in hashed.digest()))


def bands(number: int) -> slice:
    """Where a band stands in a signature."""
    return slice(number * _ROWS * 2, (number + 1) * _ROWS * 2)


def estimate(one: bytes, other: bytes) -> float:
    """About how like two texts are, by their signatures alone; the standard error is .04."""
    same = sum(map(int.__eq__, _FORMAT.unpack(one), _FORMAT.unpack(other)))
    return same / _NUMBERS


def jaccard(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """How many of all pairs both texts have, 0 to 1."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def alike(fewer: int) -> float:
    """The least Jaccard similarity of near-duplicates, the shorter of which has so many pairs."""
    if fewer < _TINY:
        return 1.0
    share = min(max((fewer - _SHORT) / (_LONG - _SHORT), 0.0), 1.0)
    return _STRICT - (_STRICT - _LOOSE) * share
