"""The day from which on a source is collected (option `since`), against what is held from before it.

The day in force stands in the source's cursor. Where it moves back or goes, what was passed over has to be asked for
again: an address whose answer is remembered, and whose post is not held, is as good as never read.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from ingest import dates
from ingest.corpus import payloads
from ingest.corpus.store import Corpus
from ingest.errors import ParseError
from ingest.records import Source

__all__ = ["awake", "before", "count", "heeded"]

#: Hours from UTC to a site's own time at most (Kiribati, Baker Island): so near to the day's beginning what came tells.
_EAST, _WEST = 14, 12
_NAMES_A_DAY = "instr(cursor, '\"since\"') OR instr(wishes, '\"since\"') OR instr(options, '\"since\"')"


def heeded(corpus: Corpus, source: Source) -> Source:
    """`source` about to be polled, with the day that its options name in force, and what is older set apart."""
    day, number = source.options.get("since"), source.id
    if number is None or not (day or "since" in source.cursor):
        return source
    if day != source.cursor.get("since"):
        with corpus.transaction() as conn:
            source = _moved(conn, source, number, day, corpus.addresses(number))
    if not (day and source.held.posts):
        return source
    return replace(source, held=replace(source.held, before=before(corpus.conn, number, day)))


def _moved(conn: sqlite3.Connection, source: Source, number: int, day: str | None, held: Collection[str]) -> Source:
    """The day is another one: note it, and forget what was read and passed over where it lies further back.

    `held`: the addresses of the posts that the source has shown.
    """
    cursor = {key: value for key, value in source.cursor.items() if key != "since"}
    validators = source.validators
    earlier = "since" in source.cursor and (day is None or day < source.cursor["since"])
    if earlier:
        validators = {url: said for url, said in validators.items() if url in held}
        conn.executemany(
            "DELETE FROM validators WHERE source_id = ? AND url = ?",
            [(number, url) for url in source.validators.keys() - validators.keys()],
        )
        cursor = _unwalked(cursor)
    if source.kind == "wordpress":  # whether a post that was never delivered is older nobody knows: it is found again
        conn.execute(
            "UPDATE rejects SET resolved_at = ? WHERE source_id = ? AND resolved_at IS NULL AND remote_id IS NOT NULL",
            [source.now, number],
        )
        source = replace(source, held=replace(source.held, rejects=frozenset()))
    cursor |= {"since": day} if day else {}
    conn.execute("UPDATE sources SET cursor = ? WHERE id = ?", [json.dumps(cursor, sort_keys=True), number])
    return replace(source, cursor=cursor, validators=validators)


def _unwalked(cursor: dict[str, Any]) -> dict[str, Any]:
    """A cursor without `history`, by which a feed notes how far back it was walked; also that of a stand-in."""
    kept = {key: value for key, value in cursor.items() if key != "history"}
    if "instead" in kept:
        kept["instead"] = {kind: _unwalked(dict(own)) for kind, own in kept["instead"].items()}
    return kept


def awake(corpus: Corpus, default: str | None) -> None:
    """Let the sources be due that are polled by another day now than they were before. `default`: that of `[defaults]`.

    Only those that it may concern are looked at closely: a cursor is some kilobytes of JSON.
    """
    other = (
        f"state = 'active' AND kind <> 'auto' AND next_due IS NOT NULL AND (?1 IS NOT NULL OR {_NAMES_A_DAY})"
        " AND coalesce(json_extract(wishes, '$.since'), json_extract(options, '$.since'), ?1)"
        " IS NOT json_extract(cursor, '$.since')"
    )
    if corpus.rows(f"SELECT 1 FROM sources WHERE {other} LIMIT 1", [default]):
        with corpus.transaction() as conn:
            conn.execute(f"UPDATE sources SET next_due = NULL WHERE {other}", [default])


def before(conn: sqlite3.Connection, source_id: int, day: str) -> dict[str, frozenset[str]]:
    """Type -> remote ids of the posts of a source that were published before a day, `YYYY-MM-DD`, and are not gone."""
    found: dict[str, set[str]] = {}
    for kind, remote_id in _older(conn, source_id, day):
        if remote_id is not None:
            found.setdefault(kind, set()).add(remote_id)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def count(conn: sqlite3.Connection, source_id: int, day: str) -> int:
    """How many posts of a source are held that were published before a day; also those without an id of their site."""
    return sum(1 for _ in _older(conn, source_id, day))


def _older(conn: sqlite3.Connection, source_id: int, day: str) -> Iterator[tuple[str, str | None]]:
    first, last = dates.overlap(f"{day}T00:00:00Z", _EAST), dates.overlap(f"{day}T00:00:00Z", -_WEST)
    rows = conn.execute(
        "SELECT p.type, p.remote_id, p.published_at, g.payload_id FROM sightings g JOIN posts p ON p.id = g.post_id"
        " WHERE g.source_id = ? AND p.published_at < ?"
        " AND (p.gone_at IS NULL OR p.gone_kind IN ('protected', 'forgotten'))",
        [source_id, last],
    ).fetchall()
    for kind, remote_id, at, payload_id in rows:
        if at < first or (_own_day(conn, payload_id) or at[:10]) < day:
            yield kind, remote_id


def _own_day(conn: sqlite3.Connection, payload_id: int | None) -> str | None:
    """The day of a post in its site's own time, where what came says it (WordPress over REST)."""
    try:
        form, raw = payloads.unpacked(conn, payload_id) if payload_id is not None else ("", b"")
        said = json.loads(raw) if form == "application/json" else None
    except (ParseError, ValueError):
        return None
    at = said.get("date") if isinstance(said, dict) else None
    return at[:10] if isinstance(at, str) else None
