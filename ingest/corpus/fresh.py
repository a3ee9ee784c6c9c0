"""The new posts of a page, gathered in memory and stored table by table."""

from collections.abc import Sequence
from typing import Any

from ingest.corpus import fulltext, names, payloads, rows
from ingest.corpus.sightings import Sightings
from ingest.records import Post

__all__ = ["Fresh"]


class Fresh:
    """New posts of one source and page, until `write` stores them. Whoever reads what they are stored in writes first.

    While only new posts come, the rows of their terms and people are looked up once.
    """

    def __init__(self, sightings: Sightings, words: fulltext.Pending) -> None:
        self._sightings, self._words = sightings, words
        self._known = names.Known(sightings.conn, sightings.site_id, self._store)
        #: Table -> its rows, in the order in which they are stored: what a row refers to stands before it.
        self._rows: dict[str, list[Sequence[Any]]] = {}
        #: The names of those that wait, as (kind, value).
        self._names: set[tuple[str, str]] = set()
        self._next_id: int | None = None

    def concerns(self, post: Post) -> bool:
        """Whether a post goes by a name of one that waits here."""
        return bool(self._names) and not self._names.isdisjoint(_names_of(post))

    def add(self, post: Post, *, doc_id: str | None) -> int:
        """Row number of a new post. `doc_id`: where it can be told before the page is whole."""
        seen = self._sightings
        terms, people = self._known.terms(post.terms or ()), self._known.people(post.authors)
        payload_id = payloads.keep(seen.conn, seen.site_id, post.raw, post.format, seen.at, packed=post.packed)
        post_id = self._number()
        row = rows.columns(post) | {
            "id": post_id, "doc_id": doc_id or f"new {post_id}", "site_id": seen.site_id, "payload_id": payload_id,
            "words_since": seen.at, "first_seen_at": seen.at, "last_seen_at": seen.at,
        }  # fmt: skip
        self._names.update(_names_of(post))
        self._words.added(post_id)
        self._put("posts", [tuple(row.values())])
        self._put("post_payloads", [(post_id, payload_id)])
        self._put("sightings", [seen.row(post_id, post, payload_id)])
        self._put("aliases", seen.names(post_id, post))
        self._put("post_terms", [(post_id, term_id, n) for n, term_id in enumerate(terms)])
        self._put("post_authors", [(post_id, n, author_id) for n, author_id in enumerate(people)])
        self._put("links", rows.links_of(post_id, post))
        self._put("media", rows.media_of(seen.site_id, post_id, post))
        return post_id

    def _put(self, table: str, some: Sequence[Sequence[Any]]) -> None:
        self._rows.setdefault(table, []).extend(some)

    def _number(self) -> int:
        if self._next_id is None:
            self._next_id = (self._sightings.conn.execute("SELECT max(id) FROM posts").fetchone()[0] or 0) + 1
        self._next_id += 1
        return self._next_id - 1

    def write(self) -> None:
        """Store what waits, and forget what was looked up: others may change it from here on."""
        self._store()
        self._known.forget()

    def _store(self) -> None:
        for table, some in self._rows.items():
            rows.insert(self._sightings.conn, table, some, ignore=table == "aliases")
        self._rows, self._next_id = {}, None
        self._names.clear()


def _names_of(post: Post) -> list[tuple[str, str]]:
    """Whatever `match.candidates` knows a post by."""
    number = None if post.remote_id is None else f"{post.type}/{post.remote_id}"
    found = [(kind, value) for kind, value in (("id", number), ("guid", post.guid), ("path", post.path)) if value]
    return found or [("text", post.source_hash)]
