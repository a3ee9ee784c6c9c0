"""What is known of hosts across runs and sources: robots.txt, a wish to be left alone, every request that was sent."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from ingest import urls
from ingest.records import Fetched

__all__ = ["keep_fetches", "keep_logs", "keep_robots", "leave_alone", "left_alone", "looked_at", "robots"]

#: RFC 9309 §2.4: a cached copy is used for at most a day.
DAY = 86_400


def robots(conn: sqlite3.Connection, now: str) -> dict[str, tuple[str | None, float]]:
    """By origin: the text, and when it was fetched in seconds since 1970; those of the last 24 hours.

    A text of None stands for a server error.
    """
    moment = datetime.fromisoformat(now)
    oldest = _stamp(moment.timestamp() - DAY)
    rows = conn.execute("SELECT origin, text, fetched_at FROM robots WHERE fetched_at BETWEEN ? AND ?", [oldest, now])
    return {origin: (text, datetime.fromisoformat(at).timestamp()) for origin, text, at in rows}


def keep_robots(conn: sqlite3.Connection, texts: Mapping[str, tuple[str | None, float]]) -> None:
    """Remember these, in the form that `robots` gives."""
    conn.executemany(
        "INSERT INTO robots (origin, text, fetched_at) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (origin) DO UPDATE SET text = ?2, fetched_at = ?3",
        [(origin, text, _stamp(at)) for origin, (text, at) in texts.items()],
    )


def leave_alone(conn: sqlite3.Connection, host: str, until: str) -> list[int]:
    """Ask no source on `host` (as `urls.host_of` gives it) before `until`; the sources that this is news for."""
    name = host.rpartition(":")[0] or host
    rows = conn.execute(
        "SELECT id, url, endpoint FROM sources WHERE (instr(url, ?1) OR instr(endpoint, ?1))"
        " AND (retry_after IS NULL OR retry_after < ?2)",
        [name, until],
    ).fetchall()
    found = [number for number, *addresses in rows if host in {urls.host_of(one) for one in addresses if one}]
    conn.executemany("UPDATE sources SET retry_after = ? WHERE id = ?", [(until, number) for number in found])
    return found


def keep_fetches(
    conn: sqlite3.Connection, fetches: Iterable[Fetched], *, run_id: int | None = None, source_id: int | None = None
) -> None:
    """Log requests; without a run and a source they are those of a search for one."""
    keep_logs(conn, [(run_id, source_id, fetches)])


def keep_logs(conn: sqlite3.Connection, logs: Iterable[tuple[int | None, int | None, Iterable[Fetched]]]) -> None:
    """Log the requests of several runs: of each the run, the source, and what it asked."""
    conn.executemany(
        "INSERT INTO fetches (run_id, source_id, at, url, status, bytes, ms, etag, last_modified, outcome)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(run_id, source_id, f.at, f.url, f.status, f.bytes, f.ms, f.etag, f.last_modified, f.outcome)
         for run_id, source_id, fetches in logs for f in fetches],
    )  # fmt: skip


def left_alone(conn: sqlite3.Connection, now: str) -> dict[str, str]:
    """Host -> until when it asked to be left alone, by the word of any of its sources; those that wish it now."""
    found: dict[str, str] = {}
    for *places, until in conn.execute("SELECT url, endpoint, retry_after FROM sources WHERE retry_after > ?", [now]):
        for host in {urls.host_of(one) for one in places if one}:
            found[host] = max(found.get(host, ""), until)
    return found


def looked_at(conn: sqlite3.Connection, url: str, since: str, now: str) -> str | None:
    """When `add` last looked at `url` (redacted) to the end, if after `since`; trouble of the day is no look."""
    row = conn.execute(
        "SELECT max(at) FROM fetches WHERE source_id IS NULL AND url = ? AND at > ? AND at <= ? AND status < 500"
        " AND status <> 429 AND outcome <> 'stopped'",
        [url, since, now],
    ).fetchone()
    return None if row is None else row[0]


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
