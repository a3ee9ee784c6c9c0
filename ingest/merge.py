"""Another corpus taken in, post by post: its payloads are read again and go through the writer like any page.

So a merge knows no rules of its own for what wins: it is as if this corpus had seen what the other one saw. Merging
twice changes nothing, and both directions come to the same content.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from ingest import retext
from ingest.corpus import Corpus, forget, match, rewrite, union
from ingest.corpus.write import PageWriter, Tally
from ingest.errors import ConfigError, SourceError
from ingest.records import Post

__all__ = ["Merged", "merge"]

_BATCH = 100


@dataclass(slots=True)
class Merged:
    """What a merge came to."""

    tally: Tally = field(default_factory=Tally)
    #: Posts that were erased here because they are forgotten there.
    forgotten: int = 0
    #: Posts whose words could not be taken over: (doc_id, why).
    left: list[tuple[str, str]] = field(default_factory=list)


def merge(corpus: Corpus, path: Path, off: tuple[str, ...], at: str) -> Merged:
    """Take in the corpus at `path`, which is only read. `off`: the cleaning rules that are switched off.

    Raises CorpusError for what is no corpus, ConfigError for the corpus itself.
    """
    if path.exists() and path.samefile(corpus.path):
        raise ConfigError(f"{path}: that is the corpus itself")
    told = Merged()
    with _opened(path) as other:
        ours = _Ours(corpus, other)
        ours.places()
        ours.words(off, told)
        ours.beside()
        erased = ours.tombstones()
    if erased:
        why = f"forgotten in {path.name}"
        told.forgotten = sum(forget.forget(corpus, [number], reason or why, at) for number, reason in erased.items())
    return told


@contextmanager
def _opened(path: Path) -> Iterator[Corpus]:
    """The other corpus as one of today's schema: an older one is brought up to date in a copy."""
    with Corpus(path) as other, tempfile.TemporaryDirectory() as folder:
        if other.up_to_date:
            yield other
            return
        copy = Path(folder) / "other.db"
        other.copy_into(copy)
        with Corpus(copy, write=True, backup=False) as today:
            yield today


class _Ours:
    """The way from the other corpus's row numbers to ours."""

    def __init__(self, corpus: Corpus, other: Corpus) -> None:
        self.corpus, self.other = corpus, other
        self.sites: dict[int, tuple[int, str]] = {}
        self.sources: dict[int, int] = {}
        self.posts: dict[int, int] = {}
        self._before: dict[int, dict[str, Any]] = {}
        self._newer: dict[int, bool] = {}

    def places(self) -> None:
        """Sites, sources and names."""
        with self.corpus.transaction() as conn:
            for row in self.other.rows("SELECT * FROM sites ORDER BY site"):
                newer = self._looked(self.other, row["site"]) > self._looked(self.corpus, row["site"])
                hosts = [
                    h["host"] for h in self.other.rows("SELECT host FROM site_hosts WHERE site_id = ?", [row["id"]])
                ]
                number = union.bring_site(conn, row, hosts, newer=newer)
                self.sites[row["id"]], self._newer[row["id"]] = (number, row["site"]), newer
            for row in self.other.rows("SELECT * FROM sources ORDER BY kind, url"):
                site = self.sites.get(row["site_id"], (None, ""))[0]
                self.sources[row["id"]] = union.bring_source(conn, row, site)

    @staticmethod
    def _looked(corpus: Corpus, site: str) -> tuple[str, str]:
        """When a corpus last looked at a site, and what it says of it for where that is equal."""
        row = corpus.rows(
            "SELECT coalesce(max(coalesce(o.last_ok_at, o.added_at)), '') AS at,"
            " coalesce((SELECT group_concat(name, char(10)) FROM (SELECT t.name FROM terms t WHERE t.site_id = s.id"
            "  ORDER BY t.taxonomy, t.remote_id)), '') AS words"
            " FROM sites s LEFT JOIN sources o ON o.site_id = s.id WHERE s.site = ?",
            [site],
        )[0]
        return row["at"], row["words"]

    def words(self, off: tuple[str, ...], told: Merged) -> None:
        """Every payload of every post, in the order in which the other corpus saw them, a transaction a hundred."""
        rows = self.other.rows(
            "SELECT y.first_seen_at AS at, y.id AS payload, p.id AS post, p.site_id AS site, p.doc_id"
            " FROM post_payloads x JOIN payloads y ON y.id = x.payload_id JOIN posts p ON p.id = x.post_id"
            " WHERE p.gone_kind IS NOT 'forgotten'"
        )
        for row in rows:
            row["source"] = self._brought_by(row["post"], row["payload"])
        rows.sort(key=lambda r: (r["at"], r["site"], r["source"], r["post"], r["payload"]))
        for (at, site, source), group in groupby(rows, key=lambda r: (r["at"], r["site"], r["source"])):
            page = list(group)
            for start in range(0, len(page), _BATCH):
                self._page(page[start : start + _BATCH], (at, site, source), off, told)
        bare = self.other.rows("SELECT id, doc_id FROM posts WHERE gone_kind IS NOT 'forgotten' AND payload_id IS NULL")
        told.left += [(row["doc_id"], "no payload holds its words") for row in bare if row["id"] not in self.posts]

    def _brought_by(self, post: int, payload: int) -> int:
        """The other corpus's source of a payload; that of the best body where it is not the latest of any."""
        found = self.other.rows(
            "SELECT source_id, payload_id = ? AS own, body_rank FROM sightings WHERE post_id = ?", [payload, post]
        )
        return int(max(found, key=lambda g: (g["own"] or 0, g["body_rank"], -g["source_id"]))["source_id"])

    def _page(
        self, rows: list[dict[str, Any]], where: tuple[str, int, int], off: tuple[str, ...], told: Merged
    ) -> None:
        at, site, source = where
        site_id, key = self.sites[site]
        made = [(row, post) for row in rows if (post := self._made(row, off, told)) is not None]
        with self.corpus.transaction() as conn:
            for row, post in made:
                self._remember(match.find(conn, site_id, self.sources[source], post), row["post"])
            writer = PageWriter(
                conn, at=at, site_id=site_id, site=key, source_id=self.sources[source], run_id=0,
                words=self.corpus.words, rerender=retext.one,
            )  # fmt: skip
            told.tally.add(writer.write([post for _, post in made], loading=True, merging=True))
            for goes, stays in writer.joined:  # rows of ours that the other corpus shows to be one
                self.posts = {theirs: stays if ours == goes else ours for theirs, ours in self.posts.items()}
            for row, post in made:
                number = match.find(conn, site_id, self.sources[source], post)
                if number is not None:
                    self.posts[row["post"]] = number

    def _made(self, row: dict[str, Any], off: tuple[str, ...], told: Merged) -> Post | None:
        try:
            held = rewrite.payload(self.other.conn, row["post"], row["payload"])
            made = retext.render(held, off)
        except SourceError as error:
            told.left.append((row["doc_id"], error.cause))
            return None
        if made is None:
            told.left.append((row["doc_id"], "not found in its own payload"))
        return made

    def _remember(self, number: int | None, theirs: int) -> None:
        """Our row of a post as it was before the merge: whether it was gone is decided from that."""
        if number is not None and theirs not in self._before and theirs not in self.posts:
            self._before[theirs] = self.corpus.rows("SELECT * FROM posts WHERE id = ?", [number])[0]

    def beside(self) -> None:
        """Dates, names, comments, the library and rejects."""
        with self.corpus.transaction() as conn:
            for theirs, (site_id, _) in self.sites.items():
                terms, people = (
                    self.other.rows(
                        f"SELECT * FROM {t} WHERE site_id = ? AND remote_id IS NOT NULL AND name IS NOT NULL", [theirs]
                    )
                    for t in ("terms", "authors")
                )
                union.bring_names(conn, site_id, terms, people, newer=self._newer[theirs])
            for theirs, number in self.posts.items():
                row = self.other.rows("SELECT * FROM posts WHERE id = ?", [theirs])[0]
                aliases = self.other.rows("SELECT value FROM aliases WHERE post_id = ? AND kind = 'doc_id'", [theirs])
                old = self.other.rows("SELECT * FROM revisions WHERE post_id = ?", [theirs])
                old.append(row | {"seen_at": row["words_since"]})  # here it may be a revision by now
                union.bury(conn, number, row, self._before.get(theirs))
                union.join(conn, number, row, [a["value"] for a in aliases], old)
            union.bring_rows(conn, "comments", ("site_id", "remote_id"), self._mapped("comments"), "last_seen_at")
            union.bring_rows(conn, "media", ("site_id", "remote_id"), self._mapped("media"), None)
            union.bring_rows(conn, "rejects", ("source_id", "key"), self._mapped("rejects"), "last_seen_at")

    def _mapped(self, table: str) -> Iterator[dict[str, Any]]:
        where = "n IS NULL AND remote_id IS NOT NULL" if table == "media" else "1"
        for row in self.other.rows(f"SELECT * FROM {table} WHERE {where} ORDER BY id"):
            ours: dict[str, Any] = {}
            if "site_id" in row:
                ours["site_id"] = self.sites[row["site_id"]][0]
            if "source_id" in row:
                ours["source_id"] = self.sources[row["source_id"]]
            if "post_id" in row:
                ours["post_id"] = self.posts.get(row["post_id"])
            yield row | ours

    def tombstones(self) -> dict[int, str]:
        """Store the tombstones that we lack; the posts of ours that are to be erased, with the reason."""
        erased = {}
        with self.corpus.transaction() as conn:
            for row in self.other.rows("SELECT * FROM posts WHERE gone_kind = 'forgotten'"):
                aliases = self.other.rows("SELECT DISTINCT kind, value FROM aliases WHERE post_id = ?", [row["id"]])
                seen = self.other.rows("SELECT * FROM sightings WHERE post_id = ?", [row["id"]])
                seen = [one | {"source_id": self.sources[one["source_id"]]} for one in seen]
                number = union.tombstone(conn, self.sites[row["site_id"]][0], row, aliases, seen)
                if number is not None:
                    erased[number] = row["gone_evidence"]
        return erased
