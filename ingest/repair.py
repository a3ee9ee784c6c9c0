"""Putting a damaged corpus right: what can be made again is made again, what cannot is marked, named and asked for."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ingest import remake, retext
from ingest.corpus import Corpus, fulltext, mend, rewrite, seal
from ingest.corpus.verify import Finding
from ingest.errors import SourceError

__all__ = ["Mended", "repair"]


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of a finding."""

    finding: Finding
    #: Whether it is as it was before the damage.
    whole: bool
    #: What was done, or what is left to do.
    how: str


def repair(corpus: Corpus, findings: Iterable[Finding], at: str) -> Iterator[Mended]:
    """Mend what can be mended, in one transaction: payloads, then words from them, then facts; marks come last.

    In this order, because each proves the next: a seal tells whether facts are as they were, and a mark changes them.
    """
    corpus.conn.text_factory = lambda data: data.decode("utf-8", "surrogateescape")  # damaged text must be readable
    found = [one for one in findings if not one.known]
    with corpus.transaction() as conn:
        ways = {one.row: mend.restore(conn, one.row) for one in _of(found, "payload") if one.row is not None}
        conn.execute("REINDEX")
        done = [_words(conn, one, at) for one in _of(found, "words")]
        done += [_facts(conn, one) for one in _of(found, "seal")]
        for number in (number for number, way in ways.items() if way is None):
            mend.set_aside(conn, number)
        done = [_payload(conn, one, ways[one.row], at) for one in _of(found, "payload") if one.row is not None] + done
        fulltext.rebuild(conn)
    yield from done
    right = {one.finding.post_id for one in done if one.whole and one.finding.check == "seal"}
    for one in found:
        if one.check in {"row", "count"} and one.post_id in right:
            yield Mended(one, whole=True, how="came right with its other facts")
        elif one.check in {"index", "fulltext"}:
            yield Mended(one, whole=True, how="the indexes were built anew")
        elif one.check not in {"payload", "words", "seal"}:
            yield Mended(one, whole=False, how=_SNAPSHOT)


_SNAPSHOT = "cannot be made again: restore a snapshot, then `blogcorpus merge`"


def _of(found: Iterable[Finding], check: str) -> list[Finding]:
    return [one for one in found if one.check == check]


def _payload(conn: sqlite3.Connection, one: Finding, way: str | None, at: str) -> Mended:
    if way is not None:
        return Mended(one, whole=True, how=way)
    return Mended(one, whole=False, how=f"marked as lost; the words stay{_again(conn, one, at)}")


def _again(conn: sqlite3.Connection, one: Finding, at: str) -> str:
    """How lost bytes come again: what is polled is told to bring them; files must be loaded."""
    if one.post_id is None:
        return ""
    polled = mend.ask_again(conn, one.post_id, at)
    ways = [f"the next `blogcorpus fetch {' '.join(map(str, polled))}` asks for it again"] if polled else []
    rows = conn.execute(
        "SELECT DISTINCT o.url FROM sightings g JOIN sources o ON o.id = g.source_id"
        " WHERE g.post_id = ? AND o.state = 'loaded' ORDER BY o.id",
        [one.post_id],
    )
    ways += [f"load the files of {url.removeprefix('load:')} again" for (url,) in rows]
    return f"; {' or '.join(ways)}" if ways else ""


def _words(conn: sqlite3.Connection, one: Finding, at: str) -> Mended:
    """Words made anew from their payload. The index is built anew afterwards, so nothing is given back to it here."""
    if one.post_id is None:
        return Mended(one, whole=False, how="cannot be told whose they are")
    way = mend.restore_words(conn, one.post_id, one.row)
    if way:
        return Mended(one, whole=True, how=way)
    found = remake.words(conn, one.post_id, _told(conn, one.post_id, one.row))
    try:
        held = found[0] if found else rewrite.version(conn, one.post_id, one.row)
        made = found[1] if found else retext.render(held, remake.rules_off(conn, one.post_id)) if held else None
    except SourceError as error:
        return Mended(one, whole=False, how=f"not made again: {error.cause}{_again(conn, one, at)}")
    if held is None or made is None:
        return Mended(one, whole=False, how=f"not made again: no payload holds them{_again(conn, one, at)}")
    rewrite.apply(conn, replace(held, revision=one.row), made, fulltext.Pending())
    return Mended(one, whole=True, how="made again from what the site sent")


def _told(conn: sqlite3.Connection, post_id: int, n: int | None) -> str:
    """The hash of the words of a post (None) or of one of its revisions, as it is stored."""
    row = conn.execute(
        "SELECT text_hash FROM posts WHERE id = ?1 AND ?2 IS NULL UNION ALL"
        " SELECT text_hash FROM revisions WHERE post_id = ?1 AND n = ?2",
        [post_id, n],
    ).fetchone()
    return str(row[0])


def _facts(conn: sqlite3.Connection, one: Finding) -> Mended:
    """Facts put right, and proven by their seal; else marked, and sealed as they are now."""
    table, number = (one.table or "posts"), (one.row if one.table else one.post_id)
    if number is None:
        return Mended(one, whole=False, how=_SNAPSHOT)
    seal.touch(conn, table, number)
    if seal.holds(conn, table, number):
        return Mended(one, whole=True, how="came right with its words")
    if seal.nearly(conn, table, number):
        return Mended(one, whole=True, how="its seal was put right")
    if conn.execute(f"SELECT 1 FROM {table} WHERE id = ?", [number]).fetchone() is None:
        return Mended(one, whole=False, how=f"the row is lost; a post comes again with its source, else {_SNAPSHOT}")
    if table != "posts":
        return Mended(one, whole=False, how="sealed as it is now; `blogcorpus fetch --full` brings names anew")
    way = remake.proven(conn, number)
    if way is not None:
        return Mended(one, whole=True, how=f"{way} made again from what the site sent")
    again = remake.likely(conn, number)
    mend.mark(conn, number, mend.FACTS)
    told = f"{', '.join(again)} made again from what the site sent; " if again else ""
    return Mended(one, whole=False, how=f"{told}not proven to be as it was: marked, and sealed as it is now")
