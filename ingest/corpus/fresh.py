"""The new posts of a page, gathered in memory and stored table by table."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from ingest.corpus import fulltext, names, payloads, rows
from ingest.corpus.sightings import Sightings
from ingest.records import Post

__all__ = ["Fresh"]

#: What a row refers to stands before it; terms are stored before all of them.
_ORDER = ("payloads", "posts", "post_payloads", "sightings", "aliases", "post_terms", "post_authors", "links", "media")


class Fresh:
    """New posts of one source and page, until `write` stores them. Whoever reads what they are stored in writes first.

    While only new posts come, the rows of their terms and people, and of bytes that came before, are looked up once.
    """

    def __init__(self, sightings: Sightings, words: fulltext.Pending) -> None:
        self._sightings, self._words = sightings, words
        self._known = names.Known(sightings.conn, sightings.site_id, self._store)
        #: Table -> its rows.
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _ORDER}
        #: The names of those that wait, as (kind, value).
        self._names: set[tuple[str, str]] = set()
        #: SHA-256 -> row of the bytes that are held or wait here; and the hashes that were looked up.
        self._payloads: dict[bytes, int] = {}
        self._looked_up: set[bytes] = set()
        self._next_id = self._next_payload = 0
        #: Whether nothing was stored since `expect`.
        self.alone = False

    def expect(self, views: Sequence[tuple[Post, bytes]]) -> None:
        """These are new, with the SHA-256 of their bytes, as long as nothing is stored: look up what they refer to."""
        self.alone, self._looked_up = True, {sha for _, sha in views}
        self._payloads = payloads.held(self._sightings.conn, self._sightings.site_id, list(self._looked_up))
        self._known.expect(chain.from_iterable(post.terms or () for post, _ in views))

    def concerns(self, post: Post) -> bool:
        """Whether a post goes by a name of one that waits here."""
        return bool(self._names) and not self._names.isdisjoint(_names_of(post))

    def add(self, post: Post, sha: bytes, *, doc_id: str | None) -> int:
        """Row number of a new post. `sha`: of its bytes; `doc_id`: where it can be told before the page is whole."""
        seen = self._sightings
        terms, people = self._known.terms(post.terms or ()), self._known.people(post.authors)
        payload_id, post_id = self._payload(post, sha), self._number()
        said = rows.decided(post)
        self._names.update(_names_of(post))
        self._words.added(post_id, post.title, post.text, int(post.unspaced))
        when = (seen.at, seen.at, seen.at)
        put = self._rows
        put["posts"].append((*said, post_id, doc_id or f"new {post_id}", seen.site_id, payload_id, *when))
        put["post_payloads"].append((post_id, payload_id))
        put["sightings"].append(seen.row(post_id, post, payload_id))
        put["aliases"] += seen.names(post_id, post)
        put["post_terms"] += [(post_id, term_id, n) for n, term_id in enumerate(terms)]
        put["post_authors"] += [(post_id, n, author_id) for n, author_id in enumerate(people)]
        put["links"] += rows.links_of(post_id, post)
        put["media"] += rows.media_of(seen.site_id, post_id, post)
        return post_id

    def _number(self) -> int:
        if not self._next_id:
            self._next_id = (self._sightings.conn.execute("SELECT max(id) FROM posts").fetchone()[0] or 0) + 1
        self._next_id += 1
        return self._next_id - 1

    def _payload(self, post: Post, sha: bytes) -> int:
        """Row of a view's bytes; where they are new it waits with the others."""
        seen = self._sightings
        if sha not in self._looked_up:
            self._payloads |= payloads.held(seen.conn, seen.site_id, [sha])
            self._looked_up.add(sha)
        if sha not in self._payloads:
            self._next_payload = self._next_payload or payloads.next_number(seen.conn)
            self._payloads[sha] = self._next_payload
            self._rows["payloads"].append(payloads.row_of(self._next_payload, seen.site_id, post, sha, seen.at))
            self._next_payload += 1
        return self._payloads[sha]

    def write(self) -> None:
        """Store what waits, and forget what was looked up: others may change it from here on."""
        self._store()
        self._known.forget()
        self._payloads, self._looked_up = {}, set()

    def _store(self) -> None:
        self.alone = False
        self._known.write()
        for table, some in self._rows.items():
            rows.insert(self._sightings.conn, table, some, how="OR IGNORE" if table == "aliases" else "")
            some.clear()
        self._next_id = self._next_payload = 0
        self._names.clear()


def _names_of(post: Post) -> list[tuple[str, str]]:
    """Whatever `match.candidates` knows a post by."""
    number = None if post.remote_id is None else f"{post.type}/{post.remote_id}"
    found = [(kind, value) for kind, value in (("id", number), ("guid", post.guid), ("path", post.path)) if value]
    return found or [("text", post.source_hash)]
