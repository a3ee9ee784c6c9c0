"""What a merge brings in beside the posts' own words: sources, names, dates, comments, and tombstones.

Every rule here gives the same whichever corpus is merged into the other: the earlier of two first sights, the later of
two last ones; a fact that one of them lacks; else the word of the corpus that looked at the site later.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ingest.corpus import names, sites
from ingest.normalise import identity
from ingest.records import PersonItem, TermItem

__all__ = ["bring_names", "bring_rows", "bring_site", "bring_source", "bury", "join", "tombstone"]

Row = Mapping[str, Any]

_SOURCE = ("kind", "url", "endpoint", "name", "state", "groups", "tags", "options", "cursor", "announced", "added_at")
_SITE = ("home", "name", "description", "language", "timezone", "gmt_offset", "generator")


def bring_site(conn: sqlite3.Connection, row: Row, hosts: Iterable[str], *, newer: bool) -> int:
    """Our row of a site of the other corpus. `newer`: the other one looked at it later."""
    site_id = sites.site_row(conn, row["site"], row["home"], row["first_seen_at"])
    pick = "coalesce(?, {0})" if newer else "coalesce({0}, ?)"
    conn.execute(
        f"UPDATE sites SET {', '.join(f'{name} = {pick.format(name)}' for name in _SITE)},"
        " first_seen_at = min(first_seen_at, ?) WHERE id = ?",
        [*(row[name] for name in _SITE), row["first_seen_at"], site_id],
    )
    conn.executemany(
        "INSERT OR IGNORE INTO site_hosts (site_id, host, first_seen_at) VALUES (?, ?, ?)",
        [(site_id, host, row["first_seen_at"]) for host in hosts],
    )
    return site_id


def bring_source(conn: sqlite3.Connection, row: Row, site_id: int | None) -> int:
    """Our row of a source of the other corpus; a new one goes on from where it stood there."""
    held = conn.execute("SELECT id FROM sources WHERE kind = ? AND url = ?", [row["kind"], row["url"]]).fetchone()
    if held is None:
        held = conn.execute(
            f"INSERT INTO sources (site_id, {', '.join(_SOURCE)}) VALUES (?{', ?' * len(_SOURCE)}) RETURNING id",
            [site_id, *(row[name] for name in _SOURCE)],
        ).fetchone()
    return int(held[0])


def bring_names(
    conn: sqlite3.Connection, site_id: int, terms: Iterable[Row], people: Iterable[Row], *, newer: bool
) -> None:
    """Names of terms and people that the site told the other corpus, and their particulars."""
    for row in terms:
        held = conn.execute(
            "SELECT name FROM terms WHERE site_id = ? AND taxonomy = ? AND remote_id = ?",
            [site_id, row["taxonomy"], row["remote_id"]],
        ).fetchone()
        if newer or held is None or held[0] is None:
            words = (row["taxonomy"], row["remote_id"], row["name"], row["slug"], row["parent"], row["description"])
            names.keep_term(conn, site_id, TermItem(*words))
    for row in people:
        held = conn.execute(
            "SELECT name FROM authors WHERE site_id = ? AND remote_id = ?", [site_id, row["remote_id"]]
        ).fetchone()
        if newer or held is None or held[0] is None:
            particulars = (row["remote_id"], row["name"], row["slug"], row["url"], row["description"])
            names.keep_person(conn, site_id, PersonItem(*particulars))


def join(conn: sqlite3.Connection, number: int, row: Row, aliases: Iterable[str], revisions: Iterable[Row]) -> None:
    """Bring what the other corpus knows of a post to our row of it, whose words are settled already."""
    conn.execute(
        "UPDATE posts SET first_seen_at = min(first_seen_at, ?1), last_seen_at = max(last_seen_at, ?2),"
        " words_since = CASE WHEN text_hash = ?3 THEN min(words_since, ?4) ELSE words_since END,"
        " language = coalesce(language, ?5), url = coalesce(url, ?6) WHERE id = ?7",
        [row["first_seen_at"], row["last_seen_at"], row["text_hash"], row["words_since"],
         None if row["language_from"] == "detected" else row["language"], row["url"],
         number],
    )  # fmt: skip
    conn.executemany(
        "UPDATE revisions SET seen_at = min(seen_at, ?) WHERE post_id = ? AND text_hash = ? AND modified_at IS ?",
        [(one["seen_at"], number, one["text_hash"], one["modified_at"]) for one in revisions],
    )
    site_id, doc_id = conn.execute("SELECT site_id, doc_id FROM posts WHERE id = ?", [number]).fetchone()
    conn.executemany(
        "INSERT OR IGNORE INTO aliases (site_id, kind, value, post_id, source_id) VALUES (?, 'doc_id', ?, ?, 0)",
        [(site_id, value, number) for value in {row["doc_id"], *aliases} - {doc_id}],
    )


def bury(conn: sqlite3.Connection, number: int, row: Row, held_before: Row | None) -> None:
    """Gone or there, by whoever looked last: a post that one saw after the other had missed it is there."""
    ours = held_before or {"gone_at": None, "gone_kind": None, "gone_evidence": None, "last_seen_at": ""}
    if "forgotten" in {ours["gone_kind"], row["gone_kind"]}:
        return
    marks = [one for one in (ours, row) if one["gone_at"]]
    seen = max(ours["last_seen_at"], row["last_seen_at"])
    marks = [one for one in marks if one["gone_at"] >= seen or (ours["gone_at"] and row["gone_at"])]
    if held_before is None:
        marks = [row] if row["gone_at"] else []
    last = min(marks, key=lambda one: (one["gone_at"], one["gone_kind"])) if marks else None
    values = [last[name] if last else None for name in ("gone_at", "gone_kind", "gone_evidence")]
    conn.execute("UPDATE posts SET gone_at = ?, gone_kind = ?, gone_evidence = ? WHERE id = ?", [*values, number])


def tombstone(
    conn: sqlite3.Connection, site_id: int, row: Row, aliases: Sequence[Row], sightings: Iterable[Row]
) -> int | None:
    """A forgotten post of the other corpus: our number of it where we hold it; else only its tombstone is stored."""
    values = [row["doc_id"], site_id, row["type"], row["remote_id"]]
    held = conn.execute(
        "SELECT id FROM posts WHERE doc_id = ?1 OR (site_id = ?2 AND type = ?3 AND remote_id = ?4)", values
    ).fetchone()
    if held is not None:
        return int(held[0])
    sealed = {(one["kind"], one["value"]) for one in aliases if one["kind"] in {"guid", "path"}}
    for post_id, kind, value in conn.execute("SELECT post_id, kind, value FROM aliases WHERE site_id = ?", [site_id]):
        if (kind, identity.sealed(value)) in sealed:
            return int(post_id)
    number = conn.execute("SELECT coalesce(max(id), 0) + 1 FROM posts").fetchone()[0]
    kept = {**row, "id": number, "site_id": site_id, "payload_id": None}
    conn.execute(f"INSERT INTO posts ({', '.join(kept)}) VALUES ({', '.join('?' * len(kept))})", list(kept.values()))
    conn.execute("INSERT INTO posts_fts (rowid, title, text) VALUES (?, '', '')", [number])
    conn.executemany(
        "INSERT OR IGNORE INTO aliases VALUES (?, ?, ?, ?, 0)",
        [(site_id, a["kind"], a["value"], number) for a in aliases],
    )
    conn.executemany(
        "INSERT INTO sightings (source_id, post_id, remote_id, body_rank, modified_at, first_seen_at, last_seen_at)"
        " VALUES (?, ?, ?, 0, ?, ?, ?)",
        [
            (g["source_id"], number, g["remote_id"], g["modified_at"], g["first_seen_at"], g["last_seen_at"])
            for g in sightings
        ],
    )
    return None


def bring_rows(
    conn: sqlite3.Connection, table: str, key: tuple[str, ...], rows: Iterable[Row], newest: str | None
) -> None:
    """Rows of a table that has a key of its own; of two with one key the later by `newest` stays, or ours."""
    for row in rows:
        later = f"WHERE excluded.{newest} > {table}.{newest}" if newest else ""
        values = {name: value for name, value in row.items() if name != "id"}
        told = ", ".join(f"{name} = excluded.{name}" for name in values if name not in key)
        where = " WHERE remote_id IS NOT NULL" if table == "media" else ""
        conn.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
            f" ON CONFLICT ({', '.join(key)}){where} DO {f'UPDATE SET {told} {later}' if newest else 'NOTHING'}",
            list(values.values()),
        )
