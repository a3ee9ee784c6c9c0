"""What the operator does with sources by hand: take up many at once, change, pause, resume, remove."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import unquote

from ingest.corpus import sites, sources
from ingest.records import SiteItem

__all__ = ["change", "set_state", "take_up", "take_up_folder", "wishes_of"]


def take_up(
    conn: sqlite3.Connection, kind: str, url: str, at: str, *, name: str | None, groups: Sequence[str],
    tags: Sequence[str], options: Mapping[str, Any],
) -> tuple[int, bool]:  # fmt: skip
    """Number of the source, due at once when it is new, and whether it is. A known one gets what is said here."""
    if kind == "auto":
        row = conn.execute(
            "SELECT id FROM sources WHERE state NOT IN ('removed', 'loaded') AND (url = ?1 OR config_url = ?1)"
            " ORDER BY id",
            [url],
        ).fetchone()
        number, new = (int(row[0]), False) if row else sources.add(conn, kind, url, at)
    elif url.startswith("file:"):
        number, new = take_up_folder(conn, url, unquote(url.rstrip("/").rpartition("/")[2]), at)
    else:
        number, new = sources.add(conn, kind, url, at)
    change(conn, number, name=name, groups=groups or None, tags=tags or None, options=options)
    return number, new


def take_up_folder(conn: sqlite3.Connection, url: str, name: str, at: str) -> tuple[int, bool]:
    """Number of the source that polls a folder (`file:///…/`), and whether it is new.

    Its site is `inbox:` and the folder's name, counted on where another folder has that name already: a document is
    known by its path within the folder, and so by the same name wherever the folder moves.
    """
    row = conn.execute("SELECT id FROM sources WHERE kind = 'text' AND url = ?", [url]).fetchone()
    site_id = None
    for n in count(1) if row is None else ():
        home = f"inbox:{name}" + (f"-{n}" if n > 1 else "")
        if conn.execute("SELECT 1 FROM sites WHERE site = ?", [home]).fetchone() is None:
            site_id = sites.keep_site(conn, SiteItem(home, name), at)
            break
    return sources.add(conn, "text", url, at, site_id=site_id)


def change(
    conn: sqlite3.Connection, number: int, *, name: str | None = None, groups: Sequence[str] | None = None,
    tags: Sequence[str] | None = None, options: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Set what is given and leave the rest; an option that is None, and an empty name, is taken away."""
    said: dict[str, Any] = {} if name is None else {"name": name or None}
    for column, words in (("groups", groups), ("tags", tags)):
        if words is not None:
            said[column] = json.dumps(list(dict.fromkeys(words)), ensure_ascii=False)
    if options:
        held = json.loads(conn.execute("SELECT options FROM sources WHERE id = ?", [number]).fetchone()[0])
        wanted = {key: value for key, value in {**held, **options}.items() if value is not None}
        said["options"] = json.dumps(wanted, sort_keys=True, ensure_ascii=False)
    if said:
        conn.execute(
            f"UPDATE sources SET {', '.join(f'{column} = ?' for column in said)} WHERE id = ?",
            [*said.values(), number],
        )


def set_state(conn: sqlite3.Connection, number: int, state: str) -> None:
    """Poll a source again, at once (`active`); not for now (`paused`); not any more (`removed`). Posts stay."""
    conn.execute(
        "UPDATE sources SET state = ?1, next_due = CASE ?1 WHEN 'active' THEN NULL ELSE next_due END"
        " WHERE id = ?2 AND state <> ?1",
        [state, number],
    )


def wishes_of(conn: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The options that hold for a source: its own, and over them those of sources.toml."""
    row = conn.execute("SELECT options, wishes FROM sources WHERE id = ?", [number]).fetchone()
    return {**json.loads(row[0]), **json.loads(row[1])}
