"""Facts of a post made again from what the site sent: columns, names, terms, authors, links, revisions.

Whether the result is what was there, only the seal can tell. So each part is tried alone, then all of them, and what
does not fit the seal is undone.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest import retext
from ingest.corpus import names, revising, rewrite, seal
from ingest.corpus.write import columns, write_links
from ingest.errors import SourceError
from ingest.records import Post

__all__ = ["likely", "proven", "rules_off", "words"]

#: What a payload says of a post beside its words, as far as it holds where nothing proves it.
_SAID = ("url", "excerpt", "published_at", "modified_at", "published_raw", "modified_raw", "date_precision")


@dataclass(frozen=True, slots=True)
class _Material:
    """A post with what its payloads come to."""

    conn: sqlite3.Connection
    row: Mapping[str, Any]
    #: Of the payload that its words are from.
    post: Post
    #: Every payload that came, the oldest first: its number, when it came, what it comes to.
    all: tuple[tuple[int, str, Post], ...]
    #: The number of the payload that its words are from.
    payload_id: int


def rules_off(conn: sqlite3.Connection, post_id: int) -> tuple[str, ...]:
    """The cleaning rules that a post was made without."""
    rows = conn.execute(
        "SELECT r.value FROM posts p, json_each(iif(json_valid(p.rules_off), p.rules_off, '[]')) r WHERE p.id = ?",
        [post_id],
    )
    return tuple(str(name) for (name,) in rows)


def proven(conn: sqlite3.Connection, post_id: int) -> str | None:
    """Make again what makes the seal hold; what it was, or None: then nothing is changed."""
    material = _material(conn, post_id)
    if material is None:
        return None
    steps = dict(_steps(material))
    for name, step in steps.items():
        if _tried(conn, post_id, [step]):
            return name
    return ", ".join(steps) if _tried(conn, post_id, list(steps.values())) else None


def likely(conn: sqlite3.Connection, post_id: int) -> list[str]:
    """Make again what payloads say though no seal proves it; the parts that were changed by it."""
    material = _material(conn, post_id)
    if material is None:
        return []
    said = columns(material.post)
    new = {name: said[name] for name in _SAID if said[name] not in {None, "", material.row[name]}}
    if new:
        _set(material, new)
    before = conn.total_changes
    _aliases(material)
    named = ["names"] if conn.total_changes > before else []
    lost = conn.execute("SELECT 1 FROM revisions WHERE post_id = ?", [post_id]).fetchone() is None
    again = ["revisions"] if lost and _revisions(material) else []
    return [*new, *named, *again]


def words(conn: sqlite3.Connection, post_id: int, text_hash: str) -> tuple[rewrite.Held, Post] | None:
    """The payload, of all that came for a post, that gives the words of this hash."""
    for number, _ in _came(conn, post_id):
        post = _made(conn, post_id, number)
        if post is not None and post.text_hash == text_hash:
            return rewrite.payload(conn, post_id, number), post
    return None


def _came(conn: sqlite3.Connection, post_id: int) -> list[tuple[int, str]]:
    """Every payload that came for a post, the oldest first: its number, and when it came."""
    return conn.execute(
        "SELECT y.id, y.first_seen_at FROM post_payloads x JOIN payloads y ON y.id = x.payload_id WHERE x.post_id = ?1"
        " UNION SELECT y.id, y.first_seen_at FROM payloads y JOIN posts p ON p.payload_id = y.id WHERE p.id = ?1"
        " ORDER BY 2, 1",
        [post_id],
    ).fetchall()


def _material(conn: sqlite3.Connection, post_id: int) -> _Material | None:
    cursor = conn.execute("SELECT * FROM posts WHERE id = ?", [post_id])
    row = dict(zip((c[0] for c in cursor.description), cursor.fetchone(), strict=True))
    came = _came(conn, post_id)
    made = [(number, at, post) for number, at in came if (post := _made(conn, post_id, number)) is not None]
    ours = [one for one in made if one[0] == row["payload_id"]] or [
        one for one in made if one[2].text_hash == row["text_hash"]
    ]
    return _Material(conn, row, ours[-1][2], tuple(made), ours[-1][0]) if ours else None


def _made(conn: sqlite3.Connection, post_id: int, payload_id: int) -> Post | None:
    try:
        return retext.render(rewrite.payload(conn, post_id, payload_id), rules_off(conn, post_id))
    except (SourceError, TypeError):  # a lost payload; a lost sighting, without which nobody knows its kind
        return None


def _tried(conn: sqlite3.Connection, post_id: int, steps: list[Callable[[], object]]) -> bool:
    conn.execute("SAVEPOINT remaking")
    try:
        for step in steps:
            step()
        held = seal.holds(conn, "posts", post_id)
    except sqlite3.IntegrityError:  # another post has that number or name
        held = False
    if not held:
        conn.execute("ROLLBACK TO remaking")
    conn.execute("RELEASE remaking")
    return held


def _steps(made: _Material) -> Iterator[tuple[str, Callable[[], object]]]:
    said = columns(made.post) | {"payload_id": made.payload_id}
    for name, value in said.items():
        if name not in {"title", "text"} and value != made.row[name]:
            yield name, lambda name=name, value=value: _set(made, {name: value})  # type: ignore[misc]
    if made.row["rules_off"] != "[]":
        yield "rules_off", lambda: _set(made, {"rules_off": "[]"})
    guess = made.conn.execute("SELECT language FROM post_languages WHERE post_id = ?", [made.row["id"]]).fetchone()
    if guess and guess[0] != made.row["language"]:
        yield "language", lambda: _set(made, {"language": guess[0]})
    yield "links", lambda: write_links(made.conn, made.row["site_id"], made.row["id"], made.post)
    yield "terms", lambda: names.file_under(made.conn, made.row["site_id"], made.row["id"], made.post.terms or ())
    yield "authors", lambda: names.sign(made.conn, made.row["site_id"], made.row["id"], made.post.authors)
    yield "names", lambda: _aliases(made)
    yield "revisions", lambda: _revisions(made)


def _set(made: _Material, new: Mapping[str, Any]) -> None:
    made.conn.execute(
        f"UPDATE posts SET {', '.join(f'{name} = ?' for name in new)} WHERE id = ?", [*new.values(), made.row["id"]]
    )


def _aliases(made: _Material) -> None:
    """The names that each source gives the post."""
    brought = dict(
        made.conn.execute("SELECT source_id, payload_id FROM sightings WHERE post_id = ?", [made.row["id"]]).fetchall()
    )
    for source, payload in brought.items():
        for post in (post for number, _, post in made.all if number == payload or len(brought) == 1):
            named = [("guid", post.guid), ("path", post.path), *post.aliases]
            if not (post.remote_id or post.guid or post.path):
                named.append(("text", post.source_hash))
            made.conn.executemany(
                "INSERT OR IGNORE INTO aliases (site_id, kind, value, post_id, source_id) VALUES (?, ?, ?, ?, ?)",
                [(made.row["site_id"], kind, value, made.row["id"], source) for kind, value in named if value],
            )


def _revisions(made: _Material) -> bool:
    """The history, from the order in which payloads came; whether there is any."""
    made.conn.execute("DELETE FROM revisions WHERE post_id = ?", [made.row["id"]])
    versions: dict[str, tuple[Post, int, str]] = {}
    for number, at, post in made.all:
        first = versions[post.text_hash][2] if post.text_hash in versions else at
        versions[post.text_hash] = (post, number, first)
    versions.pop(made.row["text_hash"], None)
    for post, number, at in versions.values():
        revising.add(made.conn, made.row["id"], {**columns(post), "payload_id": number}, at)
    return bool(versions)
