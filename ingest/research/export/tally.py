"""What passes on its way into an export, counted: for the papers beside it, which must be true of these very rows."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ingest.corpus import Corpus
from ingest.research.export.columns import Row

__all__ = ["Span", "Tally"]

#: Posts that are looked up together; their texts are not kept.
_TOGETHER = 500

_BESIDE = """
SELECT p.status, p.cleaned, p.rules_version, {language_from} AS language_from, {copied} AS copied
FROM main.posts p WHERE p.doc_id IN (SELECT value FROM json_each(?))
"""
_NEW = {"language_from": "p.language_from", "copied": "EXISTS (SELECT 1 FROM duplicates d WHERE d.post_id = p.id)"}


@dataclass(slots=True)
class Span:
    """Posts of one kind: how many, how many words, from when to when."""

    posts: int = 0
    words: int = 0
    #: Times of the first and of the last dated post, UTC.
    first: str | None = None
    last: str | None = None

    def add(self, row: Row) -> None:
        """Count a post."""
        self.posts, self.words = self.posts + 1, self.words + row["word_count"]
        at = row["published_at"]
        if at:
            self.first, self.last = min(self.first or at, at), max(self.last or at, at)


class Tally:
    """Counts the rows that are read through `watch`."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        #: A corpus that this program's next run will bring up to date lacks two things.
        new = bool(corpus.rows("SELECT 1 FROM main.sqlite_master WHERE name = 'duplicates'"))
        self._beside = _BESIDE.format(**(_NEW if new else dict.fromkeys(_NEW, "NULL")))
        self.all = Span()
        self.sites: dict[str | None, Span] = {}
        self.types: Counter[str] = Counter()
        self.languages: Counter[str | None] = Counter()
        self.gone: Counter[str] = Counter()
        #: Posts without a date, posts without a text, earlier versions.
        self.undated = self.empty = self.revisions = 0
        #: When the first of them was first held, and the last.
        self.seen: tuple[str, str] | None = None
        self.statuses: Counter[str] = Counter()
        self.language_from: Counter[str | None] = Counter()
        #: Cleaning rule -> posts whose text it changed.
        self.rules: Counter[str] = Counter()
        self.rules_versions: set[int] = set()
        #: Posts that have a near-duplicate somewhere in the corpus.
        self.copied = 0

    def watch(self, rows: Iterable[Row], tell: Callable[[int], None] | None = None) -> Iterator[Row]:
        """The same rows, counted. `tell`: is told now and then how many have passed."""
        waiting: list[str] = []
        for row in rows:
            self._add(row)
            waiting.append(row["doc_id"])
            if len(waiting) == _TOGETHER:
                self._look_up(waiting)
                waiting = []
                if tell:
                    tell(self.all.posts)
            yield row
        self._look_up(waiting)

    def _add(self, row: Row) -> None:
        self.all.add(row)
        self.sites.setdefault(row["site"], Span()).add(row)
        self.types[row["type"]] += 1
        self.languages[row["language"]] += 1
        if row["gone_at"]:
            self.gone[row["gone_kind"]] += 1
        self.undated += not row["published_at"]
        self.empty += not row["text"]
        self.revisions += row["revisions"]
        at = row["first_seen_at"]
        self.seen = (min(self.seen[0], at), max(self.seen[1], at)) if self.seen else (at, at)

    def _look_up(self, doc_ids: list[str]) -> None:
        for row in self._corpus.rows(self._beside, [json.dumps(doc_ids)]):
            self.statuses[row["status"]] += 1
            self.language_from[row["language_from"]] += 1
            self.rules.update(json.loads(row["cleaned"]))
            self.rules_versions.add(row["rules_version"])
            self.copied += bool(row["copied"])
