"""The one writer: a page is stored whole or not at all.

Posts, revisions, names, links, full-text rows, payloads, rejects, cursor, validators and fetch log of a batch share
one `BEGIN IMMEDIATE` transaction. Nothing here deletes a post, a payload or a revision.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.corpus import fulltext, match, names, payloads, revising, views
from ingest.corpus.decide import Decision, View, decide
from ingest.corpus.fresh import Fresh
from ingest.corpus.join import join
from ingest.corpus.rows import columns, write_links
from ingest.corpus.sightings import Sightings
from ingest.errors import SourceError
from ingest.records import RANK, Gone, PersonRef, Post, TermRef, digest_of

__all__ = ["PageWriter", "Rerender", "Tally", "columns", "write_links"]


#: Columns whose change is no change of the post: our rules', or how a thing was written.
_OURS = frozenset({
    "payload_id", "body_rank", "rules_version", "rules_off", "cleaned", "outline", "flags", "unspaced",
    "modified_raw", "published_raw",
})  # fmt: skip

#: Makes a held post's text anew by the rules of today: (connection, post, rules switched off, index).
Rerender = Callable[[sqlite3.Connection, int, Collection[str], fulltext.Pending], bool]


@dataclass(slots=True)
class Tally:
    """What a run came to, in posts."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    rejected: int = 0

    def add(self, other: "Tally") -> None:
        """Sum up."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class PageWriter:
    """Writes the posts of one source into one site, within a transaction that somebody else holds."""

    def __init__(
        self, conn: sqlite3.Connection, *, at: str, site_id: int, site: str, source_id: int, run_id: int,
        words: fulltext.Pending, rerender: Rerender | None = None,
    ) -> None:  # fmt: skip
        self.conn, self.at, self._rerender = conn, at, rerender
        self.site_id, self.site, self.source_id, self.run_id = site_id, site, source_id, run_id
        self.tally = Tally()
        self._fulltext = words
        self._sightings = Sightings(conn, site_id, source_id, run_id, at)
        self._fresh = Fresh(self._sightings, words)
        #: Rows whose `doc_id` may be another when the page is whole.
        self._touched: set[int] = set()
        #: Rows that became one: (the number that is no more, the one that stayed), in the order in which it happened.
        self.joined: list[tuple[int, int]] = []

    def write(self, posts: Iterable[Post], *, loading: bool, merging: bool = False) -> Tally:
        """Store these views of posts. `loading`: they come from saved files, whose order means nothing.

        `merging`: nor does it mean anything against what is held, because they come from another corpus.
        """
        views = [(post, digest_of(post.raw)) for post in posts]
        strange = match.strange(self.conn, self.site_id, [post for post, _ in views]) if len(views) > 1 else set()
        self._fresh.expect([views[place] for place in sorted(strange)])
        for place, (post, sha) in enumerate(views):
            if self._fresh.concerns(post):
                self._fresh.write()
            if place in strange and self._fresh.alone:  # nothing was stored since that could bear its names
                self._insert(post, sha, free=True)
            else:
                self._one(post, sha, loading=loading, merging=merging)
        self._fresh.write()
        match.settle_doc_ids(self.conn, self.site_id, self.site, self._touched)
        nameless = self.conn.execute(
            "SELECT count(*) FROM posts WHERE doc_id >= 'new ' AND doc_id < 'new!'"
        ).fetchone()[0]
        if nameless:  # rolls the page back
            raise RuntimeError(f"{nameless} posts of {self.site} were left without a doc_id")
        return self.tally

    def _one(self, post: Post, sha: bytes, *, loading: bool, merging: bool) -> None:
        found, free = match.candidates(self.conn, self.site_id, self.source_id, post)
        if not found:
            self._insert(post, sha, free=free)
            return
        self._fresh.write()
        post_id, before = found[0], len(self.joined)
        for other in found[1:]:
            post_id = self._join(post_id, other, post)
        held = self._by_todays_rules(post_id, post)
        if held["gone_kind"] == "forgotten":
            self._sightings.pass_over(post_id, post)
            self.tally.same += 1
            return
        payload_id = payloads.keep(self.conn, self.site_id, post, sha, self.at)
        known = payloads.came_before(self.conn, post_id, payload_id)
        back = not merging and self._revive(held, post)
        view = View(
            known=known and not back,
            same_load=merging or (loading and self._sightings.in_this_run(post_id)),
            held_size=held["payload_size"] or 0, held_sha=held["payload_sha"] or b"",
            sha=sha, held_modified=views.modified_of(self.conn, held),
            seen=self.at if merging else "", held_seen=(held["payload_seen"] or "") if merging else "",
        )  # fmt: skip
        changed = self._apply(decide(held, post, view), held, post, payload_id) or back or len(self.joined) > before
        self.tally.changed += changed
        self.tally.same += not changed

    def _join(self, one: int, other: int, post: Post) -> int:
        """Two rows that this view shows to be one become one, unless they cannot be; the row to go on with."""
        if not match.may_be_one(self.conn, one, other):
            return one
        stays, goes = join(self.conn, self._row(one), self._row(other), RANK[post.rank], self._fulltext)
        self.joined.append((goes, stays))
        self._touched = self._touched - {goes} | {stays}
        return stays

    def _apply(self, decision: Decision, held: Mapping[str, Any], post: Post, payload_id: int) -> bool:
        post_id, incoming = held["id"], columns(post) | {"payload_id": payload_id}
        if decision is Decision.SAME and self._sightings.known(post_id):
            self._saw(post_id, post, payload_id)
            return False
        seen, said = views.kept(self.conn, held), views.facts_of(incoming, post)
        seen[self.source_id] = views.renewed(decision, seen.get(self.source_id), said)
        changed = False
        if decision is Decision.OLDER:
            revising.remember(self.conn, held, incoming, self.at)
        elif decision is Decision.LOSE:
            revising.add(self.conn, post_id, incoming, self.at)
        elif decision is Decision.PROTECT:
            row = {"status": "protected", "gone_at": self.at, "gone_kind": "protected",
                   "gone_evidence": "password-protected since"}  # fmt: skip
            changed = self._update(held, row)
        elif decision is not Decision.SAME:
            changed = self._become(decision, held, incoming, post, seen)
        self._saw(post_id, post, payload_id)
        views.store(self.conn, post_id, seen)
        return changed

    def _become(
        self, decision: Decision, held: Mapping[str, Any], incoming: Mapping[str, Any], post: Post,
        seen: Mapping[int, views.Facts],
    ) -> bool:  # fmt: skip
        """Make the row what the views come to, the best one first. Whether the publisher's part of it changed."""
        fill = decision is Decision.FILL
        order = views.ranked(seen, views.best(self.conn, held, seen) if fill else self.source_id)
        row = {**(held if fill else incoming), **views.row_of(order)}
        if decision is Decision.REVISE:
            revising.add(self.conn, held["id"], held, held["words_since"])
            row["words_since"] = self.at
        changed = self._update(held, row)
        changed |= self._beside(held["id"], views.authors_of(order), views.terms_of(order))
        changed |= names.learn(self.conn, self.site_id, post.terms or ())
        if not fill:
            write_links(self.conn, self.site_id, held["id"], post)
        return changed

    def _by_todays_rules(self, post_id: int, post: Post) -> Mapping[str, Any]:
        """The held row, made anew first where other rules made it: our change must not look like the publisher's."""
        held = self._row(post_id)
        made_by = (held["rules_version"], json.loads(held["rules_off"]))
        if self._rerender is None or made_by == (post.rules_version, list(post.rules_off)):
            return held
        try:
            self._rerender(self.conn, post_id, post.rules_off, self._fulltext)
        except SourceError:  # its payload is damaged, as `verify` says: then the held words are all there is to compare
            return held
        return self._row(post_id)

    def _row(self, post_id: int) -> Mapping[str, Any]:
        """A row as its sources made it: the language is the declared one, not what `annotate` came to."""
        cursor = self.conn.execute(
            "SELECT p.*, y.size AS payload_size, y.sha256 AS payload_sha, y.first_seen_at AS payload_seen,"
            " CASE WHEN l.post_id IS NOT NULL AND l.language IS p.language THEN l.declared ELSE p.language END"
            " AS language FROM posts p LEFT JOIN payloads y ON y.id = p.payload_id"
            " LEFT JOIN post_languages l ON l.post_id = p.id WHERE p.id = ?",
            [post_id],
        )
        return dict(zip((c[0] for c in cursor.description), cursor.fetchone(), strict=True))

    def _insert(self, post: Post, sha: bytes, *, free: bool) -> None:
        """A new post. While no row that is held lost its name on this page, its own can be told at once."""
        name = match.early_doc_id(self.site, post) if free and not self._touched else None
        post_id = self._fresh.add(post, sha, doc_id=name)
        if name is None:
            self._touched.add(post_id)
        self.tally.new += 1

    def _update(self, held: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        """Write the columns that differ. Whether one of them is the publisher's."""
        new = {name: value for name, value in row.items() if name in held and value != held[name]}
        if not new:
            return False
        if new.keys() & {"title", "text", "unspaced"}:
            self._fulltext.changing(held["id"], held["title"], held["text"], held["unspaced"])
        self.conn.execute(
            f"UPDATE posts SET {', '.join(f'{name} = ?' for name in new)} WHERE id = ?", [*new.values(), held["id"]]
        )
        self._touched.add(held["id"])
        return bool(new.keys() - _OURS)

    def _beside(self, post_id: int, authors: Sequence[PersonRef], terms: Sequence[TermRef] | None) -> bool:
        """Set terms and authors of a post; what no view speaks of stays. Whether something changed."""
        changed = False
        if terms is not None and [one._asdict() for one in terms] != names.terms_of(self.conn, post_id):
            changed |= names.file_under(self.conn, self.site_id, post_id, terms)
        if authors and [one._asdict() for one in authors] != names.authors_of(self.conn, post_id):
            changed |= names.sign(self.conn, self.site_id, post_id, authors)
        return changed

    def _saw(self, post_id: int, post: Post, payload_id: int) -> None:
        if self._sightings.note(post_id, post, payload_id):
            self._touched.add(post_id)

    def _revive(self, held: Mapping[str, Any], post: Post) -> bool:
        """A post that shows itself again is there again."""
        if held["gone_at"] is None or (held["gone_kind"] == "protected" and post.status == "protected"):
            return False
        self.conn.execute(
            "UPDATE posts SET gone_at = NULL, gone_kind = NULL, gone_evidence = NULL WHERE id = ?", [held["id"]]
        )
        return True

    def bury(self, gone: Iterable[Gone]) -> None:
        """Mark what vanished, with how we know; the words stay."""
        for one in gone:
            self.tally.gone += self.conn.execute(
                "UPDATE posts SET gone_at = ?, gone_kind = ?, gone_evidence = ?"
                " WHERE site_id = ? AND type = ? AND remote_id = ? AND gone_at IS NULL",
                [self.at, one.kind, one.evidence, self.site_id, one.type, one.remote_id],
            ).rowcount
