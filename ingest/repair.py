"""Putting a damaged corpus right: what can be made again is made again, what cannot is marked and named."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest import retext
from ingest.corpus import Corpus, fulltext, mend, rewrite
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


def repair(corpus: Corpus, findings: Iterable[Finding]) -> Iterator[Mended]:
    """Mend what can be mended, payloads first: words are made anew from them."""
    corpus.conn.text_factory = lambda data: data.decode("utf-8", "surrogateescape")  # damaged text must be readable
    found = [one for one in findings if not one.known]
    yield from _payloads(corpus, [one for one in found if one.check == "payload"])
    words = [one for one in found if one.check == "words"]
    with corpus.transaction() as conn:
        conn.execute("REINDEX")
        done = [_words(conn, one) for one in words]
        fulltext.rebuild(conn)
    yield from done
    for one in found:
        if one.check in {"index", "fulltext"}:
            yield Mended(one, whole=True, how="the indexes were built anew")
        elif one.check not in {"payload", "words"}:
            yield Mended(one, whole=False, how="cannot be made again: restore a snapshot, then `blogcorpus merge`")


def _payloads(corpus: Corpus, found: list[Finding]) -> Iterator[Mended]:
    ways: dict[int, str | None] = {}
    for one in found:
        if one.row is None:
            continue
        if one.row not in ways:
            with corpus.transaction() as conn:
                ways[one.row] = mend.restore(conn, one.row)
                if ways[one.row] is None:
                    mend.set_aside(conn, one.row)
        way = ways[one.row]
        yield Mended(one, whole=way is not None, how=way or _again(corpus.conn, one))


def _again(conn: sqlite3.Connection, one: Finding) -> str:
    """How lost bytes may come again."""
    rows = conn.execute(
        "SELECT DISTINCT o.id, o.state, o.url FROM sightings g JOIN sources o ON o.id = g.source_id"
        " WHERE g.post_id = ? ORDER BY o.id",
        [one.post_id],
    ).fetchall()
    polled = [str(number) for number, state, _ in rows if state in {"active", "paused"}]
    ways = [f"run `blogcorpus fetch --full {' '.join(polled)}`"] if polled else []
    ways += [f"load the files of {url.removeprefix('load:')} again" for _, state, url in rows if state == "loaded"]
    return "marked as lost; the words stay" + (f"; {' or '.join(ways)}" if ways else "")


def _words(conn: sqlite3.Connection, one: Finding) -> Mended:
    """Words made anew from their payload. The index is built anew afterwards, so nothing is given back to it here."""
    if one.post_id is None:
        return Mended(one, whole=False, how="cannot be told whose they are")
    way = mend.restore_words(conn, one.post_id, one.row)
    if way:
        return Mended(one, whole=True, how=way)
    try:
        held = rewrite.version(conn, one.post_id, one.row)
        made = retext.render(held, _rules_off(conn, one.post_id)) if held else None
    except SourceError as error:
        return Mended(one, whole=False, how=f"not made again: {error.cause}")
    if held is None or made is None:
        return Mended(one, whole=False, how="not made again: no payload holds them")
    rewrite.apply(conn, held, made, fulltext.Pending())
    return Mended(one, whole=True, how="made again from what the site sent")


def _rules_off(conn: sqlite3.Connection, post_id: int) -> tuple[str, ...]:
    row = conn.execute("SELECT r.value FROM posts p, json_each(p.rules_off) r WHERE p.id = ?", [post_id])
    return tuple(name for (name,) in row)
