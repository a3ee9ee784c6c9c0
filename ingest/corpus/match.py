"""Which row a post belongs to: identity is within a site (design §5)."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from ingest.normalise import identity
from ingest.records import Post

__all__ = ["Candidates", "bearers", "candidates", "early_doc_id", "find", "may_be_one", "settle_doc_ids", "strange"]


def find(conn: sqlite3.Connection, site_id: int, source_id: int, post: Post) -> int | None:
    """Row of the post that this view shows, or None when it is a new one."""
    return next(iter(candidates(conn, site_id, source_id, post).rows), None)


#: `json.dumps` makes an encoder at each call that is told anything.
_JSON = json.JSONEncoder(ensure_ascii=False).encode


class Candidates(NamedTuple):
    """What is held that a view may show."""

    rows: list[int]
    #: Nobody bears its guid.
    free: bool


def candidates(conn: sqlite3.Connection, site_id: int, source_id: int, post: Post) -> Candidates:
    """Every row that goes by a name of this view, the surest first; it is the first one's, and may join the others.

    (type, id) first; then the guid, then the permalink's path, each only where one post of the site bears it and
    no id contradicts; last, for what has none of these, title and text.
    """
    found: list[int] = []
    if post.remote_id is not None:
        row = conn.execute(
            "SELECT id FROM posts WHERE site_id = ? AND type = ? AND remote_id = ?",
            [site_id, post.type, post.remote_id],
        ).fetchone()
        found += row or ()
    free = True
    for kind, value in (("guid", post.guid), ("path", post.path)):
        named = bearers(conn, site_id, kind, value) if value else ()
        free &= kind == "path" or not named
        if len(named) == 1 and named[0] not in found and _compatible(conn, named[0], source_id, post, kind):
            found += named
    if not (post.remote_id or post.guid or post.path):
        row = conn.execute(
            "SELECT post_id FROM aliases WHERE site_id = ? AND kind = 'text' AND value = ?", [site_id, post.source_hash]
        ).fetchone()
        found += row or ()
    return Candidates(found, free)


def strange(conn: sqlite3.Connection, site_id: int, posts: Sequence[Post]) -> set[int]:
    """Which of these views, by their place, go by no name that a post of the site bears: `candidates` finds none.

    A statement for each kind of name, and not three for each view.
    """
    if conn.execute("SELECT 1 FROM posts WHERE site_id = ? LIMIT 1", [site_id]).fetchone() is None:
        return set(range(len(posts)))
    asked: dict[tuple[str, str], set[str]] = {}
    named = [_names(post) for post in posts]
    for kind, type_, value in chain.from_iterable(named):
        asked.setdefault((kind, type_), set()).add(value)
    borne = {
        (kind, type_, value)
        for (kind, type_), values in asked.items()
        for value in _borne(conn, site_id, kind, type_, values)
    }
    if not borne:
        return set(range(len(posts)))
    return {place for place, names in enumerate(named) if borne.isdisjoint(names)}


def _names(post: Post) -> list[tuple[str, str, str]]:
    """What `candidates` looks for: kind, type (of an id), value."""
    told = [] if post.remote_id is None else [("id", post.type, post.remote_id)]
    told += [(kind, "", value) for kind, value in (("guid", post.guid), ("path", post.path)) if value]
    return told if post.remote_id or post.guid or post.path else [*told, ("text", "", post.source_hash)]


def _borne(conn: sqlite3.Connection, site_id: int, kind: str, type_: str, values: Collection[str]) -> Iterable[str]:
    """Those of these names of a kind that a post of the site bears, and those that JSON cannot carry."""
    hashes = {one: identity.sealed(one) for one in values} if kind != "id" and _hides(conn, site_id, kind) else {}
    told = _JSON([one for one in {*values, *hashes.values()} if "\0" not in one])
    table = ("posts", "type", "remote_id", type_) if kind == "id" else ("aliases", "kind", "value", kind)
    rows = conn.execute(
        f"SELECT w.value FROM json_each(?) w WHERE EXISTS (SELECT 1 FROM {table[0]}"
        f" WHERE site_id = ? AND {table[1]} = ? AND {table[2]} = w.value)",
        [told, site_id, table[3]],
    )
    found = {row[0] for row in rows}
    return (one for one in values if "\0" in one or one in found or hashes.get(one) in found)


def _hides(conn: sqlite3.Connection, site_id: int, kind: str) -> bool:
    """Whether a name of this kind is known by its hash alone: two hashes a post are a fortieth of the time it takes."""
    row = conn.execute(
        "SELECT 1 FROM aliases WHERE site_id = ? AND kind = ? AND value >= 'sha256:' AND value < 'sha256;' LIMIT 1",
        [site_id, kind],
    )
    return row.fetchone() is not None


def may_be_one(conn: sqlite3.Connection, one: int, other: int) -> bool:
    """Whether two rows that a view joins may be one post.

    Two ids are two posts; so are two guids of one source, even at the same address. What was forgotten stays so.
    """
    held = conn.execute(
        "SELECT remote_id IS NOT NULL, gone_kind FROM posts WHERE id IN (?, ?)", [one, other]
    ).fetchall()
    if all(row[0] for row in held) or "forgotten" in {row[1] for row in held}:
        return False
    twice = conn.execute(
        "SELECT 1 FROM aliases a JOIN aliases b ON b.post_id = ?2 AND b.kind = 'guid' AND b.source_id = a.source_id"
        " WHERE a.post_id = ?1 AND a.kind = 'guid'",
        [one, other],
    ).fetchone()
    return twice is None


def bearers(conn: sqlite3.Connection, site_id: int, kind: str, value: str) -> tuple[int, ...]:
    """The posts of a site that bear a name; two are enough to know that it identifies nothing.

    The name of a forgotten post is known by its hash alone.
    """
    rows = conn.execute(
        "SELECT DISTINCT post_id FROM aliases WHERE site_id = ? AND kind = ? AND value IN (?, ?) LIMIT 2",
        [site_id, kind, value, identity.sealed(value)],
    )
    return tuple(row[0] for row in rows)


def _compatible(conn: sqlite3.Connection, post_id: int, source_id: int, post: Post, kind: str) -> bool:
    """Whether a post of that name may be this one.

    Another id is another post. Within one source another guid is another post, even at the same address; a view
    without a guid (a page that stands in for a closed API) is not.
    """
    held_id, held_type = conn.execute("SELECT remote_id, type FROM posts WHERE id = ?", [post_id]).fetchone()
    if post.remote_id is not None and held_id is not None and (held_type, held_id) != (post.type, post.remote_id):
        return False
    seen = conn.execute("SELECT 1 FROM sightings WHERE source_id = ? AND post_id = ?", [source_id, post_id]).fetchone()
    if not seen or kind == "guid":
        return True
    other = conn.execute(
        "SELECT value FROM aliases WHERE post_id = ? AND kind = 'guid' AND source_id = ?", [post_id, source_id]
    ).fetchone()
    return post.guid is None or other is None


def early_doc_id(site: str, post: Post) -> str | None:
    """The `doc_id` of a new post whose guid nobody else bears; None where that takes more than the view itself."""
    if not (post.guid or post.remote_id) or any(kind == "guid" for kind, _ in post.aliases):
        return None
    return identity.doc_id(site, guid=post.guid, type=post.type, remote_id=post.remote_id)


def settle_doc_ids(conn: sqlite3.Connection, site_id: int, site: str, post_ids: set[int]) -> None:
    """Give each of these posts, and those they share a guid with, the `doc_id` of its best identity.

    A guid that a second post turns out to bear is nobody's name any more, so its first bearer is looked at again.
    A `doc_id` that changes stays as an alias.
    """
    moves: list[tuple[int, str, str]] = []
    for post_id in sorted(post_ids | _sharers(conn, site_id, post_ids)):
        row = conn.execute(
            "SELECT doc_id, type, remote_id, text_hash, gone_kind FROM posts WHERE id = ?", [post_id]
        ).fetchone()
        if row[4] == "forgotten":  # its names are hashes now, and its doc_id is all that is left to cite
            continue
        best = identity.doc_id(
            site,
            guid=_specific_guid(conn, site_id, post_id),
            type=row[1],
            remote_id=row[2],
            path=_first_path(conn, site_id, post_id),
            source_hash=_first_source_hash(conn, post_id) or row[3],
        )
        if best != row[0]:
            moves.append((post_id, row[0], best))
    # All let go of their names before one takes a new one: it may be what another is about to lose.
    held = [(f"new {post_id}", post_id) for post_id, old, _ in moves if not old.startswith("new ")]
    conn.executemany("UPDATE posts SET doc_id = ? WHERE id = ?", held)
    for post_id, old, best in moves:
        _rename(conn, site_id, post_id, old, _unborne(conn, site, post_id, best))


def _unborne(conn: sqlite3.Connection, site: str, post_id: int, best: str) -> str:
    """`best`; where another post bears it, the name that the words make, and their number where that is borne, too.

    Two posts at one address whose guids are borne by others have nothing else that tells them apart.
    """
    (words,) = conn.execute("SELECT text_hash FROM posts WHERE id = ?", [post_id]).fetchone()
    for name in (best, identity.doc_id(site, source_hash=words)):
        if conn.execute("SELECT 1 FROM posts WHERE doc_id = ? AND id <> ?", [name, post_id]).fetchone() is None:
            return name
    return identity.doc_id(site, source_hash=f"{words} {post_id}")


def _rename(conn: sqlite3.Connection, site_id: int, post_id: int, old: str, best: str) -> None:
    conn.execute("UPDATE posts SET doc_id = ? WHERE id = ?", [best, post_id])
    conn.execute(
        "DELETE FROM aliases WHERE site_id = ? AND kind = 'doc_id' AND value = ? AND post_id = ?",
        [site_id, best, post_id],
    )
    if not old.startswith("new "):  # what a row is called until its page is whole
        conn.execute(
            "INSERT OR IGNORE INTO aliases (site_id, kind, value, post_id, source_id) VALUES (?, 'doc_id', ?, ?, 0)",
            [site_id, old, post_id],
        )


def _sharers(conn: sqlite3.Connection, site_id: int, post_ids: set[int]) -> set[int]:
    shared: set[int] = set()
    for post_id in post_ids:
        shared.update(
            row[0]
            for row in conn.execute(
                "SELECT DISTINCT b.post_id FROM aliases a JOIN aliases b ON b.site_id = a.site_id AND b.kind = 'guid'"
                " AND b.value = a.value WHERE a.post_id = ? AND a.kind = 'guid' AND a.site_id = ?"
                " AND b.post_id <> a.post_id",
                [post_id, site_id],
            )
        )
    return shared


def _specific_guid(conn: sqlite3.Connection, site_id: int, post_id: int) -> str | None:
    """The guid of the best source that this post alone bears; by value where several would do."""
    rows = conn.execute(
        "SELECT a.value FROM aliases a LEFT JOIN sightings g ON g.source_id = a.source_id AND g.post_id = a.post_id"
        " WHERE a.post_id = ? AND a.kind = 'guid' ORDER BY g.body_rank DESC, a.value",
        [post_id],
    )
    return next((value for (value,) in rows.fetchall() if len(bearers(conn, site_id, "guid", value)) == 1), None)


def _first_path(conn: sqlite3.Connection, site_id: int, post_id: int) -> str | None:
    row = conn.execute(
        "SELECT min(value) FROM aliases WHERE post_id = ? AND site_id = ? AND kind = 'path'", [post_id, site_id]
    ).fetchone()
    return row[0] if row else None


def _first_source_hash(conn: sqlite3.Connection, post_id: int) -> str | None:
    row = conn.execute("SELECT min(value) FROM aliases WHERE post_id = ? AND kind = 'text'", [post_id]).fetchone()
    return row[0] if row else None
