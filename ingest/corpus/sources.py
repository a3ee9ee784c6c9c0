"""Rows of `sources`: what is polled, what was loaded, and where each goes on."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from ingest.errors import ConfigError
from ingest.normalise import identity
from ingest.records import Held, Source

__all__ = [
    "Standing",
    "active",
    "add",
    "due",
    "find",
    "held_of",
    "listed",
    "loaded",
    "name",
    "named_by",
    "named_so",
    "rejected",
    "remote_ids",
    "standing",
    "unname",
]

DAY = timedelta(days=1)

_HEALTH = (
    "SELECT h.*, o.name, o.endpoint, o.groups, o.tags, o.from_config, o.config_url, o.wishes, o.added_at,"
    " o.retry_after, o.interval_s, o.asked_s, o.due_why, s.site,"
    " coalesce(r.new, 0) AS new, coalesce(r.changed, 0) AS changed, coalesce(r.same, 0) AS same,"
    " coalesce(r.gone, 0) AS gone, coalesce(r.rejected, 0) AS rejected"
    " FROM source_health h JOIN sources o ON o.id = h.source LEFT JOIN sites s ON s.id = o.site_id"
    " LEFT JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE source_id = h.source)"
)


#: The first columns of `_STANDING`: the row of `Standing`.
_ROW = (
    "source", "kind", "url", "verdict", "failures", "failing_since", "next_due", "retry_after", "interval_s", "asked_s",
)  # fmt: skip
_STANDING = (
    f"SELECT o.id, {', '.join(f'o.{name}' for name in _ROW[1:])},"
    " o.endpoint, o.cursor, o.options, o.wishes, s.home, s.gmt_offset,"
    " (SELECT json_group_array(json_array(url, etag, last_modified, body_sha256, at)) FROM validators"
    "  WHERE source_id = o.id)"
    " FROM sources o LEFT JOIN sites s ON s.id = o.site_id WHERE o.id = ?"
)
NO_OPTIONS: Mapping[str, Any] = {}


def add(
    conn: sqlite3.Connection, kind: str, url: str, at: str, *, site_id: int | None = None, endpoint: str | None = None,
    name: str | None = None, state: str = "active", options: Mapping[str, Any] | None = None,
) -> tuple[int, bool]:  # fmt: skip
    """Row of a source, and whether it is new. A removed one that is added again goes on where it stood."""
    row = conn.execute("SELECT id, state FROM sources WHERE kind = ? AND url = ?", [kind, url]).fetchone()
    if row is not None:
        if row[1] == "removed":
            conn.execute("UPDATE sources SET state = ?, next_due = NULL WHERE id = ?", [state, row[0]])
        return int(row[0]), row[1] == "removed"
    row = conn.execute(
        "INSERT INTO sources (site_id, kind, url, endpoint, name, state, options, added_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        [site_id, kind, url, endpoint, name, state, json.dumps(dict(options or {}), sort_keys=True), at],
    ).fetchone()
    return int(row[0]), True


def loaded(conn: sqlite3.Connection, kind: str, site_id: int, site: str, at: str) -> int:
    """The source of saved documents of a kind and site: wherever the files lay, they are one source."""
    return add(conn, kind, f"load:{site}", at, site_id=site_id, state="loaded")[0]


def listed(conn: sqlite3.Connection, where: str = "1", values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Sources with their health, one mapping each, by number."""
    asked = _HEALTH
    if conn.execute("PRAGMA user_version").fetchone()[0] < 2:  # opened to be read, and so not brought up to date
        asked = asked.replace("o.asked_s, o.due_why", "NULL AS asked_s, NULL AS due_why")
    cursor = conn.execute(f"{asked} WHERE {where} ORDER BY h.source", list(values))
    return [dict(zip((c[0] for c in cursor.description), row, strict=True)) for row in cursor]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands before a run of it. `listed` counts its posts besides: 2.5 ms at 10,000 of them."""

    #: `source` (its number), `kind`, `url`, `verdict`, `failures`, `next_due`, `retry_after`, `interval_s`, `asked_s`.
    row: Mapping[str, Any]
    #: As its kind sees it, without what is held (`held_of`).
    source: Source
    #: The addresses that were not read whole for a day: they are asked unconditionally. Some feeds answer 304 for ever,
    #: and WordPress derives a feed's validators from the newest modification of anything, so that a deletion does not
    #: move them.
    unbelieved: frozenset[str]


def standing(
    conn: sqlite3.Connection, source_id: int, now: str, *, full: bool = False,
    under: Mapping[str, Any] = NO_OPTIONS, over: Mapping[str, Any] = NO_OPTIONS,
) -> Standing:  # fmt: skip
    """How a source stands at `now`, by one statement. Raises ConfigError for an unknown number.

    `under`, `over`: options that the source's own overrule, and those that overrule them.
    """
    found = conn.execute(_STANDING, [source_id]).fetchone()
    if found is None:
        raise ConfigError(f"no source {source_id}; `blogcorpus sources list` shows them")
    endpoint, cursor, options, wishes, home, offset, told = found[len(_ROW) :]
    own = {**_object(options), **_object(wishes)}
    if offset is not None:
        own.setdefault("gmt_offset", offset)
    validators = json.loads(told)
    source = Source(
        found[1], found[2], source_id, home, endpoint, _object(cursor),
        {url: (etag, modified, sha) for url, etag, modified, sha, _ in validators}, {**under, **own, **over}, now=now,
        full=full,
    )  # fmt: skip
    yesterday = _later(now, -DAY)
    unbelieved = frozenset(url for url, *_, at in validators if not yesterday < at <= now)
    return Standing(dict(zip(_ROW, found, strict=False)), source, unbelieved)


def _object(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {} if text == "{}" else json.loads(text)
    return found


def find(conn: sqlite3.Connection, word: str) -> list[int]:
    """The sources that a word names: a number, a name, an address, a host or a site. Empty when there is none."""
    if word.isdecimal():
        rows = conn.execute("SELECT id FROM sources WHERE id = ?", [int(word)]).fetchall()
    else:
        bare = word.split("://", 1)[-1].rstrip("/")
        rows = conn.execute(
            "SELECT o.id FROM sources o LEFT JOIN sites s ON s.id = o.site_id WHERE o.state <> 'removed' AND"
            " (o.name = ?1 OR o.url = ?1 OR o.endpoint = ?1 OR rtrim(substr(o.url, instr(o.url, '://') + 3), '/') = ?2"
            " OR s.site = ?2) ORDER BY o.id",
            [word, bare],
        ).fetchall()
    return [row[0] for row in rows]


def named_so(conn: sqlite3.Connection) -> dict[str, int]:
    """The addresses by which sources.toml names, or named, sources: of 10,000 it asks for each by a scan otherwise."""
    return dict(conn.execute("SELECT config_url, min(id) FROM sources WHERE config_url IS NOT NULL GROUP BY 1"))


def named_by(conn: sqlite3.Connection, url: str, kind: str | None) -> int | None:
    """The source that sources.toml means by `url`: named so before, else known by that address; or None.

    One that was forgotten is known by the hash of its address, and stays away.
    """
    for known in (url, identity.sealed(url)):
        row = conn.execute("SELECT id FROM sources WHERE config_url = ?1 ORDER BY id LIMIT 1", [known]).fetchone()
        if row is not None:
            return int(row[0])
    for number in find(conn, url) if not url.isdecimal() else ():
        row = conn.execute("SELECT kind, state, from_config FROM sources WHERE id = ?", [number]).fetchone()
        if row[1] != "loaded" and not row[2] and kind in {None, row[0]}:
            return number
    return None


def name(
    conn: sqlite3.Connection, number: int, url: str, *, title: str | None, groups: Sequence[str] | None,
    tags: Sequence[str] | None, wishes: Mapping[str, Any],
) -> None:  # fmt: skip
    """Let sources.toml have its way with a source. One that the file takes up again is polled again.

    Not with one that was forgotten: its address would be back.
    """
    said: dict[str, Any] = {"config_url": url, "wishes": json.dumps(dict(wishes), sort_keys=True)}
    if title is not None:
        said["name"] = title
    for column, words in (("groups", groups), ("tags", tags)):
        if words is not None:
            said[column] = json.dumps(list(words), ensure_ascii=False)
    conn.execute(
        f"UPDATE sources SET {', '.join(f'{column} = ?' for column in said)},"
        " state = CASE WHEN from_config = 0 AND state = 'paused' THEN 'active' ELSE state END, from_config = 1"
        f" WHERE id = ? AND config_url IS NOT ?"
        f" AND (from_config = 0 OR ({', '.join(said)}) IS NOT ({', '.join('?' * len(said))}))",
        [*said.values(), number, identity.sealed(url), *said.values()],
    )


def unname(conn: sqlite3.Connection, urls: Sequence[str]) -> None:
    """Pause what sources.toml named and names no more; `urls` are all that it names."""
    conn.execute(
        "UPDATE sources SET from_config = 0, wishes = '{}',"
        " state = CASE state WHEN 'active' THEN 'paused' ELSE state END"
        " WHERE from_config = 1 AND config_url NOT IN (SELECT value FROM json_each(?))",
        [json.dumps(list(urls))],
    )


def active(conn: sqlite3.Connection) -> list[int]:
    """The sources that are polled, by number. `listed` counts their posts besides: 12 ms for 1,000 of ten each."""
    return [row[0] for row in conn.execute("SELECT id FROM sources WHERE state = 'active' ORDER BY id")]


def due(conn: sqlite3.Connection, now: str) -> list[int]:
    """The active sources whose time has come, the longest waiting first.

    A time over 30 days ahead, a wish to be left alone for more than a day, or a last run that is still to come was
    written by a clock that was wrong.
    """
    rows = conn.execute(
        "SELECT id FROM sources WHERE state = 'active'"
        " AND (next_due IS NULL OR next_due <= ?1 OR next_due > ?2 OR last_run_at > ?4)"
        " AND (retry_after IS NULL OR retry_after <= ?1 OR retry_after > ?3)"
        " ORDER BY next_due IS NOT NULL, next_due, id",
        [now, _later(now, timedelta(days=30)), _later(now, DAY), _later(now, timedelta(minutes=1))],
    )
    return [row[0] for row in rows]


@lru_cache(16)
def _later(now: str, by: timedelta) -> str:
    return f"{(datetime.fromisoformat(now) + by).isoformat()[:19]}Z"  # strftime takes four times as long


def held_of(conn: sqlite3.Connection, source_id: int) -> Held:
    """What the corpus holds of a source: for the kinds that compare before they fetch."""
    posts: dict[str, dict[str, str | None]] = {}
    for kind, remote_id, modified in _seen(conn, source_id):
        posts.setdefault(kind, {})[remote_id] = modified
    terms: dict[str, set[str]] = {}
    for taxonomy, remote_id in conn.execute(
        "SELECT t.taxonomy, t.remote_id FROM terms t JOIN sources o ON o.site_id = t.site_id"
        " WHERE o.id = ? AND t.remote_id IS NOT NULL AND t.name IS NOT NULL",
        [source_id],
    ):
        terms.setdefault(taxonomy, set()).add(remote_id)
    people = conn.execute(
        "SELECT a.remote_id FROM authors a JOIN sources o ON o.site_id = a.site_id"
        " WHERE o.id = ? AND a.remote_id IS NOT NULL AND a.name IS NOT NULL",
        [source_id],
    )
    return Held(
        posts=posts,
        terms={taxonomy: frozenset(ids) for taxonomy, ids in terms.items()},
        people=frozenset(row[0] for row in people),
        rejects=rejected(conn, source_id),
    )


def _seen(conn: sqlite3.Connection, source_id: int) -> Iterable[tuple[str, str, str | None]]:
    return conn.execute(
        "SELECT p.type, p.remote_id, g.modified_at FROM sightings g JOIN posts p ON p.id = g.post_id"
        " WHERE g.source_id = ? AND p.remote_id IS NOT NULL"
        " AND (p.gone_at IS NULL OR p.gone_kind IN ('protected', 'forgotten'))",
        [source_id],
    )


def remote_ids(conn: sqlite3.Connection, source_id: int) -> dict[str, frozenset[str]]:
    """Type -> the ids of the posts of a source that are held and not gone."""
    found: dict[str, set[str]] = {}
    for kind, remote_id, _ in _seen(conn, source_id):
        found.setdefault(kind, set()).add(remote_id)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def rejected(conn: sqlite3.Connection, source_id: int) -> frozenset[tuple[str, str]]:
    """Type and id of what a source showed and could not be stored."""
    rows = conn.execute(
        "SELECT type, remote_id FROM rejects WHERE source_id = ? AND resolved_at IS NULL AND remote_id IS NOT NULL"
        " AND type IS NOT NULL",
        [source_id],
    )
    return frozenset((row[0], row[1]) for row in rows)
