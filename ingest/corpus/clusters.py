"""Rows of `signatures` and `duplicates`: what the posts are compared by, and which of them are near-duplicates."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = [
    "Member",
    "Signed",
    "broken",
    "disordered",
    "dissolve",
    "in_time",
    "keep",
    "leave",
    "members",
    "settle",
    "sign",
    "signed",
    "stale",
    "unsettled",
]


@dataclass(frozen=True, slots=True)
class Signed:
    """A post with what it is compared by."""

    post_id: int
    #: The first 16 digits of `posts.text_hash`.
    words: str
    #: Number of different word pairs, and the signature made of them; None where they are too few.
    shingles: int
    signature: bytes | None


@dataclass(frozen=True, slots=True)
class Member:
    """A post in a cluster."""

    post_id: int
    #: Jaccard similarity with the representative, 0 to 1.
    similarity: float


def stale(conn: sqlite3.Connection, made_by: str, *, after: int, limit: int) -> list[tuple[int, str]]:
    """Posts whose words have no signature yet, or one by another maker: row number and words, in this order."""
    return conn.execute(
        "SELECT p.id, substr(p.text_hash, 1, 16) FROM posts p LEFT JOIN signatures g ON g.post_id = p.id"
        " WHERE p.id > ?1 AND (g.words, g.made_by) IS NOT (substr(p.text_hash, 1, 16), ?2) ORDER BY p.id LIMIT ?3",
        [after, made_by, limit],
    ).fetchall()


def sign(conn: sqlite3.Connection, posts: Iterable[Signed], made_by: str) -> None:
    """Store signatures. A post that had another one leaves its cluster, and the others there are compared anew."""
    for one in posts:
        leave(conn, one.post_id)
        conn.execute(
            "INSERT INTO signatures (post_id, words, made_by, shingles, signature, settled) VALUES (?, ?, ?, ?, ?, ?)",
            [one.post_id, one.words, made_by, one.shingles, one.signature, int(one.signature is None)],
        )


def leave(conn: sqlite3.Connection, post_id: int) -> None:
    """Take a post out of its cluster and drop its signature; the others there are compared anew by `annotate`."""
    for (cluster,) in conn.execute("SELECT cluster FROM duplicates WHERE post_id = ?", [post_id]).fetchall():
        _dissolve(conn, cluster)
    conn.execute("DELETE FROM signatures WHERE post_id = ?", [post_id])


def broken(conn: sqlite3.Connection) -> list[int]:
    """The clusters that posts have vanished from (forgotten, joined): these may have held them together."""
    rows = conn.execute("SELECT cluster FROM duplicates GROUP BY cluster HAVING count(*) <> max(members)")
    return [row[0] for row in rows]


def dissolve(conn: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Have the posts of these clusters compared anew."""
    for cluster in numbers:
        _dissolve(conn, cluster)


def _dissolve(conn: sqlite3.Connection, cluster: int) -> None:
    conn.execute(
        "UPDATE signatures SET settled = 0 WHERE post_id IN (SELECT post_id FROM duplicates WHERE cluster = ?)",
        [cluster],
    )
    conn.execute("DELETE FROM duplicates WHERE cluster = ?", [cluster])


def unsettled(conn: sqlite3.Connection, made_by: str) -> list[int]:
    """Posts that are still to be compared with the others."""
    rows = conn.execute(
        "SELECT post_id FROM signatures WHERE settled = 0 AND made_by = ? AND signature IS NOT NULL ORDER BY post_id",
        [made_by],
    )
    return [row[0] for row in rows]


def signed(conn: sqlite3.Connection, made_by: str) -> Iterator[tuple[int, int, bytes]]:
    """Number, word pairs and signature of every post that can be compared."""
    yield from conn.execute(
        "SELECT post_id, shingles, signature FROM signatures WHERE made_by = ? AND signature IS NOT NULL"
        " ORDER BY post_id",
        [made_by],
    )


def members(conn: sqlite3.Connection) -> dict[int, list[int]]:
    """Number of a cluster -> its posts, as stored."""
    found: dict[int, list[int]] = {}
    for cluster, post_id in conn.execute("SELECT cluster, post_id FROM duplicates ORDER BY cluster, position"):
        found.setdefault(cluster, []).append(post_id)
    return found


def in_time(conn: sqlite3.Connection, posts: Sequence[int]) -> list[int]:
    """Posts from the earliest published on, undated ones last, then by `doc_id`: the first is the representative."""
    rows = [conn.execute("SELECT published_at, doc_id, id FROM posts WHERE id = ?", [one]).fetchone() for one in posts]
    return [row[2] for row in sorted(rows, key=lambda row: (row[0] is None, row[0], row[1]))]


def disordered(conn: sqlite3.Connection) -> list[list[int]]:
    """The clusters, in their true order, that are stored in another one: a date has changed."""
    found = []
    for cluster, held in members(conn).items():
        order = in_time(conn, held)
        if order != held or cluster != order[0] or len(order) == 1:
            found.append(order)
    return found


def keep(conn: sqlite3.Connection, cluster: Sequence[Member]) -> None:
    """Store a cluster, the representative first, in place of those its posts were in. One post alone is none."""
    for one in cluster:
        conn.execute(
            "DELETE FROM duplicates WHERE cluster = (SELECT cluster FROM duplicates WHERE post_id = ?)", [one.post_id]
        )
    if len(cluster) > 1:
        conn.executemany(
            "INSERT INTO duplicates (post_id, cluster, position, similarity, members) VALUES (?, ?, ?, ?, ?)",
            [(one.post_id, cluster[0].post_id, n, one.similarity, len(cluster)) for n, one in enumerate(cluster)],
        )


def settle(conn: sqlite3.Connection, posts: Iterable[int]) -> None:
    """These posts were compared with all others."""
    conn.executemany("UPDATE signatures SET settled = 1 WHERE post_id = ?", ((one,) for one in posts))
