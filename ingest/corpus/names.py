"""Terms and people: joined by id, slug or name, whichever a source knows, and made one when it becomes known."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from ingest import normalise
from ingest.corpus import rows
from ingest.records import PersonItem, PersonRef, TermItem, TermRef

__all__ = ["Known", "authors_of", "file_under", "keep_person", "keep_term", "learn", "sign", "terms_of"]


def keep_term(conn: sqlite3.Connection, site_id: int, item: TermItem) -> None:
    """Store a term with its name; a row that so far had only its slug or name becomes this one."""
    name, description = normalise.plain_line(item.name), normalise.plain_text(item.description or "")
    row = conn.execute(
        "SELECT id FROM terms WHERE site_id = ? AND taxonomy = ? AND remote_id = ?",
        [site_id, item.taxonomy, item.remote_id],
    ).fetchone()
    values = [name or None, item.slug, item.parent, description or None]
    if row is None:
        row = conn.execute(
            "INSERT INTO terms (site_id, taxonomy, remote_id, name, slug, parent, description)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            [site_id, item.taxonomy, item.remote_id, *values],
        ).fetchone()
    else:
        conn.execute(
            "UPDATE terms SET name = ?1, slug = ?2, parent = ?3, description = ?4 WHERE id = ?5"
            " AND (name, slug, parent, description) IS NOT (?1, ?2, ?3, ?4)",
            [*values, row[0]],
        )
    for (other,) in conn.execute(
        "SELECT id FROM terms WHERE site_id = ? AND taxonomy = ? AND remote_id IS NULL AND (slug = ? OR name = ?)",
        [site_id, item.taxonomy, item.slug, name],
    ).fetchall():
        conn.execute("UPDATE OR IGNORE post_terms SET term_id = ? WHERE term_id = ?", [row[0], other])
        conn.execute("DELETE FROM post_terms WHERE term_id = ?", [other])
        conn.execute("DELETE FROM terms WHERE id = ?", [other])


def keep_person(conn: sqlite3.Connection, site_id: int, item: PersonItem) -> None:
    """Store a person with their name; a row that so far had only the name becomes this one."""
    name = normalise.plain_line(item.name)
    row_id = Known(conn, site_id).person(PersonRef(item.remote_id, name or None, item.url))
    values = [name or None, item.slug, item.url, normalise.plain_text(item.description or "") or None]
    conn.execute(
        "UPDATE authors SET name = ?1, slug = ?2, url = ?3, description = ?4 WHERE id = ?5"
        " AND (name, slug, url, description) IS NOT (?1, ?2, ?3, ?4)",
        [*values, row_id],
    )


def file_under(conn: sqlite3.Connection, site_id: int, post_id: int, refs: Iterable[TermRef]) -> bool:
    """Set the terms of a post. Whether they changed."""
    known = Known(conn, site_id)
    wanted = known.terms(refs)
    known.write()
    held = [
        row[0] for row in conn.execute("SELECT term_id FROM post_terms WHERE post_id = ? ORDER BY position", [post_id])
    ]
    if wanted == held:
        return False
    conn.execute("DELETE FROM post_terms WHERE post_id = ?", [post_id])
    conn.executemany(
        "INSERT INTO post_terms (post_id, term_id, position) VALUES (?, ?, ?)",
        [(post_id, term_id, n) for n, term_id in enumerate(wanted)],
    )
    return True


def sign(conn: sqlite3.Connection, site_id: int, post_id: int, refs: Iterable[PersonRef]) -> bool:
    """Set the authors of a post. Whether they changed. Behind a number without a name, a name may stand in."""
    wanted = Known(conn, site_id).people(refs)
    held = [
        row[0]
        for row in conn.execute("SELECT author_id FROM post_authors WHERE post_id = ? ORDER BY position", [post_id])
    ]
    if wanted == held:
        return False
    conn.execute("DELETE FROM post_authors WHERE post_id = ?", [post_id])
    conn.executemany(
        "INSERT INTO post_authors (post_id, position, author_id) VALUES (?, ?, ?)",
        [(post_id, n, author_id) for n, author_id in enumerate(wanted)],
    )
    return True


def authors_of(conn: sqlite3.Connection, post_id: int) -> list[dict[str, Any]]:
    """The authors of a post: the fields of a `PersonRef` each, in their order."""
    rows = conn.execute(
        "SELECT a.remote_id, a.name, a.url FROM post_authors p JOIN authors a ON a.id = p.author_id"
        " WHERE p.post_id = ? ORDER BY p.position",
        [post_id],
    )
    return [dict(zip(("remote_id", "name", "url"), row, strict=True)) for row in rows]


def terms_of(conn: sqlite3.Connection, post_id: int) -> list[dict[str, Any]]:
    """The terms of a post: the fields of a `TermRef` each, in their order."""
    rows = conn.execute(
        "SELECT t.taxonomy, t.remote_id, t.name, t.slug FROM post_terms p JOIN terms t ON t.id = p.term_id"
        " WHERE p.post_id = ? ORDER BY p.position",
        [post_id],
    )
    return [dict(zip(("taxonomy", "remote_id", "name", "slug"), row, strict=True)) for row in rows]


def learn(conn: sqlite3.Connection, site_id: int, refs: Iterable[TermRef]) -> bool:
    """Names for terms known by slug alone, from a view that files nothing. Whether there was something to learn."""
    learnt = 0
    for ref in refs:
        if ref.name and ref.slug:
            learnt += conn.execute(
                "UPDATE terms SET name = ? WHERE site_id = ? AND taxonomy = ? AND slug = ? AND name IS NULL",
                [ref.name, site_id, ref.taxonomy, ref.slug],
            ).rowcount
    return learnt > 0


#: Conditions by which a term is looked for: by its id, by its slug while it has none, by slug, by name.
_ID, _SLUG_ALONE, _SLUG, _NAME = "remote_id = ?", "remote_id IS NULL AND slug = ?", "slug = ?", "name = ?"
_TERMS = "SELECT id, remote_id, slug, name FROM terms WHERE site_id = ? AND taxonomy = ? AND"
#: Condition -> place of what it looks at in a row: id, remote_id, slug, name.
_PLACE = {_ID: 1, _SLUG: 2, _NAME: 3}
_Row = tuple[int, str | None, str | None, str | None]
#: `json.dumps` makes an encoder at each call that is told anything.
_JSON = json.JSONEncoder(ensure_ascii=False).encode


class Known:
    """Finds and makes the rows of terms and people of a site; each is looked up once while none is written to.

    New terms wait for `write`, so that those of a page are one statement: 6 us each instead of 14.
    """

    def __init__(self, conn: sqlite3.Connection, site_id: int, before: Callable[[], None] = lambda: None) -> None:
        """`before` is called before the people of posts that are held are changed."""
        self._conn, self._site_id, self._before = conn, site_id, before
        self._terms: dict[TermRef, int] = {}
        self._people: dict[PersonRef, int] = {}
        #: Taxonomy, condition, value -> the term for which it holds.
        self._ahead: dict[tuple[str, str, str], _Row | None] = {}
        #: Rows of `terms` that wait, and the number of the next one.
        self._new: list[tuple[Any, ...]] = []
        self._next = 0

    def write(self) -> None:
        """Store the new terms."""
        rows.insert(self._conn, "terms", self._new)
        self._new, self._next = [], 0

    def forget(self) -> None:
        """From now on look again: the rows were, or will be, written to."""
        self._terms.clear()
        self._people.clear()
        self._ahead.clear()

    def expect(self, refs: Iterable[TermRef]) -> None:
        """Look up the terms that are going to be asked for, with a statement for each way in which they are named."""
        asked: dict[tuple[str, str], set[str]] = {}
        for ref in set(refs):
            for condition, value in _ways(ref)[: 1 if ref.remote_id else 2]:
                asked.setdefault((ref.taxonomy, condition), set()).add(value)
        for (taxonomy, condition), values in asked.items():
            sound = [value for value in values if "\0" not in value]  # JSON cannot carry that one
            told = _JSON(sound)
            among = condition.replace("= ?", "IN (SELECT value FROM json_each(?)) ORDER BY id DESC")
            held = self._conn.execute(f"{_TERMS} {among}", [self._site_id, taxonomy, told])
            found: dict[str | None, _Row] = {row[_PLACE[condition]]: row for row in held}
            self._ahead |= {(taxonomy, condition, value): found.get(value) for value in sound}

    def terms(self, refs: Iterable[TermRef]) -> list[int]:
        """Rows of the terms of a post."""
        return list(dict.fromkeys(self._terms.get(ref) or self._term(ref) for ref in refs))

    def people(self, refs: Iterable[PersonRef]) -> list[int]:
        """Rows of the authors of a post. Behind a number without a name, a name may stand in."""
        told = [ref for ref in refs if ref.remote_id or ref.name]
        found = list(dict.fromkeys(self._people.get(ref) or self.person(ref) for ref in told))
        return found[:1] if len(found) > 1 and not told[0].name and _is_named(self._conn, found[0]) else found

    def _term(self, ref: TermRef) -> int:
        """Row of a term as a post names it: by id, else by slug, else by name; a new one where there is none.

        `class_list` tells only slugs, a feed only names: such rows wait for their id.
        """
        row = next(filter(None, (self._found(ref.taxonomy, *way) for way in _ways(ref))), None)
        if row is None:
            row = self._made(ref)
        learnt = (row[1] or ref.remote_id, row[2] or ref.slug, row[3] or ref.name)
        if learnt != row[1:]:
            self.forget()
            self.write()
            self._conn.execute("UPDATE terms SET remote_id = ?, slug = ?, name = ? WHERE id = ?", [*learnt, row[0]])
        self._terms[ref] = row[0]
        return row[0]

    def _found(self, taxonomy: str, condition: str, value: str) -> _Row | None:
        """The first term for which a condition holds."""
        key = taxonomy, condition, value
        if key in self._ahead:
            return self._ahead[key]
        self.write()
        row: _Row | None = self._conn.execute(
            f"{_TERMS} {condition} ORDER BY id", [self._site_id, taxonomy, value]
        ).fetchone()
        return row

    def _made(self, ref: TermRef) -> _Row:
        """A new term. Whoever was found before by a name that it bears as well is looked for again."""
        row: _Row = (self._number(), ref.remote_id, ref.slug, ref.name)
        self._new.append((row[0], self._site_id, ref.taxonomy, *row[1:]))
        if ref.slug:
            alike = [one for one in self._terms if one.slug == ref.slug and one.taxonomy == ref.taxonomy]
            for one in alike:
                del self._terms[one]
        for condition, value in ((_ID, ref.remote_id), (_SLUG, ref.slug), (_NAME, ref.name)):
            if value and self._ahead.get((ref.taxonomy, condition, value), row) is None:
                self._ahead[ref.taxonomy, condition, value] = row
        return row

    def _number(self) -> int:
        if not self._next:
            self._next = (self._conn.execute("SELECT max(id) FROM terms").fetchone()[0] or 0) + 1
        self._next += 1
        return self._next - 1

    def _write(self, sql: str, values: Iterable[Any]) -> sqlite3.Cursor:
        self._people.clear()
        return self._conn.execute(sql, list(values))

    def person(self, ref: PersonRef) -> int:
        """Row of a person: by id, else by name among those without one (or the only one so named)."""
        if ref.remote_id:
            row = self._conn.execute(
                "SELECT id, name FROM authors WHERE site_id = ? AND remote_id = ?", [self._site_id, ref.remote_id]
            ).fetchone()
            nameless = self._conn.execute(
                "SELECT id, name FROM authors WHERE site_id = ? AND name = ? AND remote_id IS NULL",
                [self._site_id, ref.name],
            ).fetchone()
            if row and nameless:
                self._before()
                self._write("UPDATE post_authors SET author_id = ? WHERE author_id = ?", [row[0], nameless[0]])
                self._write("DELETE FROM authors WHERE id = ?", [nameless[0]])
            elif nameless:
                self._write("UPDATE authors SET remote_id = ? WHERE id = ?", [ref.remote_id, nameless[0]])
                row = nameless
            if row and ref.name and not row[1]:
                self._before()
                self._write("UPDATE authors SET name = ? WHERE id = ?", [ref.name, row[0]])
                _without_stand_ins(self._conn, row[0])
        else:
            row = self._conn.execute(
                "SELECT id, name FROM authors WHERE site_id = ? AND name = ? ORDER BY remote_id IS NULL, id",
                [self._site_id, ref.name],
            ).fetchone()
        if not row:
            row = self._write(
                "INSERT INTO authors (site_id, remote_id, name, url) VALUES (?, ?, ?, ?) RETURNING id",
                [self._site_id, ref.remote_id, ref.name, ref.url],
            ).fetchone()
        self._people[ref] = int(row[0])
        return self._people[ref]


def _ways(ref: TermRef) -> list[tuple[str, str]]:
    """The conditions and values by which a term is looked for, the surest first."""
    by_id, by_words = ((_ID, ref.remote_id), (_SLUG_ALONE, ref.slug)), ((_SLUG, ref.slug), (_NAME, ref.name))
    return [(condition, value) for condition, value in (by_id if ref.remote_id else by_words) if value is not None]


def _is_named(conn: sqlite3.Connection, row_id: int) -> bool:
    return conn.execute("SELECT 1 FROM authors WHERE id = ? AND name IS NOT NULL", [row_id]).fetchone() is not None


def _without_stand_ins(conn: sqlite3.Connection, row_id: int) -> None:
    """Somebody known by number has a name now: nobody stands behind them any more. No source gives two by number."""
    conn.execute(
        "DELETE FROM post_authors WHERE position > 0 AND post_id IN ("
        " SELECT post_id FROM post_authors WHERE author_id = ? AND position = 0)",
        [row_id],
    )
