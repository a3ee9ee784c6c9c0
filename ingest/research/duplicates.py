"""Near-duplicates across the corpus: syndicated posts, scraped ones, reprints; as clusters with a representative.

MinHash signatures find the pairs that may be alike (locality-sensitive hashing: two posts that share a band), the exact
Jaccard similarity of their word pairs decides, and what hangs together is a cluster. Whether two posts are alike
depends on their words alone, and so the clusters do not depend on the order in which posts came.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.corpus import Corpus, clusters, languages
from ingest.corpus.clusters import Member, Signed
from ingest.research import shingles

__all__ = ["Compared", "annotate"]

_BATCH = 200
#: Texts whose word pairs are held in memory at once: 60 kB each for a post of 600 words.
_AT_HAND = 256
#: Signatures err: two texts are compared word by word from three standard errors below the least similarity on.
_SLACK = 0.13


@dataclass(frozen=True, slots=True)
class Compared:
    """What was done, in posts."""

    #: Whether near-duplicates can be looked for here at all (the extra `dedup`).
    possible: bool
    signed: int = 0
    clusters: int = 0
    #: Posts that are in a cluster.
    members: int = 0


def annotate(corpus: Corpus, stopped: Callable[[], bool] = lambda: False) -> Compared:
    """Bring signatures and clusters up to date; only new and changed posts are signed and compared.

    Where it is stopped or killed the next call goes on. Raises Locked, DiskFull.
    """
    maker = shingles.made_by()
    if maker is None:
        return Compared(possible=False)
    signed = _sign(corpus, maker, stopped)
    if not stopped():
        _compare(corpus, maker)
    held = clusters.members(corpus.conn)
    return Compared(True, signed, len(held), sum(map(len, held.values())))


def _sign(corpus: Corpus, maker: str, stopped: Callable[[], bool]) -> int:
    count, after = 0, 0
    while not stopped():
        batch = clusters.stale(corpus.conn, maker, after=after, limit=_BATCH)
        if not batch:
            break
        after = batch[-1][0]
        signed = [_signed(corpus, number, words) for number, words in batch]
        with corpus.transaction() as conn:
            clusters.sign(conn, signed, maker)
        count += len(signed)
    return count


def _signed(corpus: Corpus, number: int, words: str) -> Signed:
    pairs = shingles.shingles(languages.text(corpus.conn, number))
    return Signed(number, words, len(pairs), shingles.signature(pairs))


def _compare(corpus: Corpus, maker: str) -> None:
    """Find the clusters that posts not compared yet belong to, and store them in one transaction."""

    @lru_cache(_AT_HAND)
    def pairs(number: int) -> frozenset[str]:
        return shingles.shingles(languages.text(corpus.conn, number))

    broken = clusters.broken(corpus.conn)
    if broken:
        with corpus.transaction() as conn:
            clusters.dissolve(conn, broken)
    fresh = clusters.unsettled(corpus.conn, maker)
    changed = _Search(corpus, maker, fresh, pairs).clusters() if fresh else []
    ordered = [clusters.in_time(corpus.conn, posts) for posts in changed]
    found = [_measured(posts, pairs) for posts in ordered]
    with corpus.transaction() as conn:
        for cluster in found:
            clusters.keep(conn, cluster)
        clusters.settle(conn, fresh)
    moved = [_measured(posts, pairs) for posts in clusters.disordered(corpus.conn)]
    if moved:
        with corpus.transaction() as conn:
            for cluster in moved:
                clusters.keep(conn, cluster)


def _measured(posts: Sequence[int], pairs: Callable[[int], frozenset[str]]) -> list[Member]:
    first = pairs(posts[0])
    return [Member(one, round(shingles.jaccard(first, pairs(one)), 4)) for one in posts]


class _Search:
    """The comparison of some posts with all others: 1 kB a post in memory, and of texts only those compared."""

    def __init__(
        self, corpus: Corpus, maker: str, fresh: Sequence[int], pairs: Callable[[int], frozenset[str]]
    ) -> None:
        self._pairs = pairs
        self._fresh = set(fresh)
        self._signatures: dict[int, bytes] = {}
        self._sizes: dict[int, int] = {}
        for number, size, signature in clusters.signed(corpus.conn, maker):
            self._signatures[number], self._sizes[number] = signature, size
        self._above: dict[int, int] = {}
        self._unlike: set[tuple[int, int]] = set()
        for held in clusters.members(corpus.conn).values():
            for one in held[1:]:
                self._join(held[0], one)

    def clusters(self) -> list[list[int]]:
        """Every cluster that one of the fresh posts is in."""
        apart = self._twins()
        for band in range(shingles.BANDS):
            for bucket in self._buckets(band, apart):
                self._sift(bucket)
        found = defaultdict(list)
        for number in self._above:
            found[self._top(number)].append(number)
        return [posts for posts in found.values() if not self._fresh.isdisjoint(posts)]

    def _twins(self) -> list[int]:
        """Put together posts that have the very same pairs; one of each is enough to compare with the rest.

        A post that a thousand sites carry word for word would be half a million pairs.
        """
        first: dict[bytes, int] = {}
        apart = []
        for number, signature in self._signatures.items():
            other = first.setdefault(signature, number)
            if other == number or not self._same(other, number):
                apart.append(number)
            elif number in self._fresh:
                self._fresh.add(other)  # it speaks for both
        return apart

    def _same(self, one: int, other: int) -> bool:
        if self._top(one) != self._top(other):
            if self._sizes[one] != self._sizes[other] or self._pairs(one) != self._pairs(other):
                return False
            self._join(one, other)
        return True

    def _buckets(self, band: int, posts: Iterable[int]) -> Iterator[list[int]]:
        """The posts that share a band, where one of them is fresh and they are not in one cluster already."""
        part = shingles.bands(band)
        wanted = {self._signatures[number][part] for number in self._fresh}
        found = defaultdict(list)
        for number in posts:
            key = self._signatures[number][part]
            if key in wanted:
                found[key].append(number)
        return (bucket for bucket in found.values() if len(bucket) > 1)

    def _sift(self, bucket: Sequence[int]) -> None:
        """Compare every fresh post of a bucket with those that are not in its cluster yet."""
        if len({self._top(number) for number in bucket}) == 1:
            return
        for one in (number for number in bucket if number in self._fresh):
            for other in bucket:
                if self._top(one) != self._top(other) and self._alike(min(one, other), max(one, other)):
                    self._join(one, other)

    def _alike(self, one: int, other: int) -> bool:
        fewer, more = sorted((self._sizes[one], self._sizes[other]))
        least = shingles.alike(fewer)
        if fewer < least * more or (one, other) in self._unlike:
            return False
        if shingles.estimate(self._signatures[one], self._signatures[other]) < least - _SLACK:
            return False
        if shingles.jaccard(self._pairs(one), self._pairs(other)) >= least:
            return True
        self._unlike.add((one, other))
        return False

    def _top(self, number: int) -> int:
        while (above := self._above.get(number, number)) != number:
            self._above[number] = self._above.get(above, above)
            number = above
        return number

    def _join(self, one: int, other: int) -> None:
        a, b = sorted((self._top(one), self._top(other)))
        self._above[a] = self._above[b] = a
