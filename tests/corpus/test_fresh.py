"""New posts are stored a page at a time, and come to what they would one by one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from ingest.corpus import Corpus, RunWriter, match, seal
from ingest.corpus.rows import insert
from ingest.normalise import identity
from ingest.records import Batch, PersonRef, Post, Source, TermRef
from tests.corpus.making import AT, HOME, post

#: Table -> what orders its rows. All but the names that a post had for the length of a page.
TABLES = {
    "posts": "id", "sightings": "post_id, source_id", "terms": "id", "authors": "id", "post_terms": "1, 2",
    "post_authors": "1, 2", "links": "1, 2", "media": "id", "payloads": "id", "post_payloads": "1, 2",
}  # fmt: skip

people = st.sampled_from([
    (), (PersonRef("7"),), (PersonRef("7", "Ann"),), (PersonRef(None, "Ann"),), (PersonRef(None, "Bob"),),
    (PersonRef("8"), PersonRef(None, "Bob")), (PersonRef("8", "Bob"),),
])  # fmt: skip
words = st.sampled_from([
    None, (), (TermRef("category", "3"),), (TermRef("category", None, "Hives"),),
    (TermRef("category", "3", "Hives", "hives"), TermRef("post_tag", None, None, "hives")),
    (TermRef("category", None, "Hives", "bees"), TermRef("category", "4", "Bees")),
])  # fmt: skip
views = st.lists(
    st.tuples(
        st.sampled_from([None, "1", "2", "3"]), st.sampled_from([None, "g", "h"]), st.sampled_from([None, "a", "b"]),
        people, words, st.sampled_from(["", "<p>see <a href='/x'>x</a> <img src='/y.png' alt='y'></p>"]),
    ),
    min_size=1, max_size=7,
)  # fmt: skip
View = tuple[str | None, str | None, str | None, tuple[PersonRef, ...], tuple[TermRef, ...] | None, str]


def made(told: list[View]) -> list[Post]:
    """The posts of a page, in their order."""
    return [
        post(
            number, body or f"<p>{n} words</p>", guid=guid, url=path and f"{HOME}/{path}/", authors=authors,
            terms=terms, rank="rest" if number else "feed",
        )
        for n, (number, guid, path, authors, terms, body) in enumerate(told)
    ]  # fmt: skip


def stored(corpus: Corpus) -> dict[str, list[dict[str, Any]]]:
    """Everything that is held of the posts."""
    found = {table: corpus.rows(f"SELECT * FROM {table} ORDER BY {order}") for table, order in TABLES.items()}
    found["aliases"] = corpus.rows("SELECT * FROM aliases WHERE kind <> 'doc_id' ORDER BY 1, 2, 3, 4, 5")
    return found


def written(path: Any, pages: list[list[Post]]) -> dict[str, list[dict[str, Any]]]:
    """What a corpus holds after these pages of one source; its seals are whole."""
    with Corpus(path, write=True, create=True) as corpus:
        number = corpus.add_source("wordpress", f"{HOME}/", AT, home=HOME)[0]
        writer = RunWriter(corpus, "fetch")
        with corpus.together():
            for page in pages:
                writer.apply(Source("wordpress", f"{HOME}/", number, home=HOME, now=AT), Batch(posts=tuple(page)), AT)
        assert list(seal.broken(corpus.conn)) == []
        return stored(corpus)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(told=[("1", None, None, (PersonRef(None, "Ann"),), None, ""), ("2", None, None, (PersonRef("7"),), None, ""),
               ("3", None, None, (PersonRef("7", "Ann"),), None, "")])  # fmt: skip
@example(told=[("1", "g", None, (), None, ""), ("2", "g", None, (), None, ""), ("3", "h", None, (), None, "")])
@given(told=views)
def test_a_page_is_its_posts_one_by_one(tmp_path_factory: pytest.TempPathFactory, told: list[View]) -> None:
    """Whether posts come on one page or each on its own: the same rows, whoever shares a name with whom.

    But for several posts at one address whose guids others bear: nothing but their order tells those apart.
    """
    at = [{(number, guid) for number, guid, path, *_ in told if path == one} for one in ("a", "b")]
    assume(all(len(named) < 2 for named in at))
    folder = tmp_path_factory.mktemp("pages")
    together, alone = written(folder / "a.db", [made(told)]), written(folder / "b.db", [[one] for one in made(told)])
    for table, rows in alone.items():
        assert together[table] == rows, table


def test_many_rows_of_one_statement(tmp_path: Any) -> None:
    """As many rows as come, in their order; those that are there are passed over, and counted as such."""
    with Corpus(tmp_path / "c.db", write=True, create=True) as corpus, corpus.transaction() as conn:
        conn.execute("INSERT INTO sites (id, site, first_seen_at) VALUES (1, 'x', 'y')")
        conn.execute("PRAGMA defer_foreign_keys = ON")
        rows = [(1, "guid", f"{n:03}", 5, 1) for n in range(150)]
        assert insert(conn, "aliases", rows[:3]) == 3
        assert insert(conn, "aliases", rows, how="OR IGNORE") == 147
        assert [row[0] for row in conn.execute("SELECT value FROM aliases ORDER BY value")] == [r[2] for r in rows]
        conn.execute("DELETE FROM aliases")


def test_posts_that_nothing_tells_apart_have_names_of_their_own(tmp_path: Path) -> None:
    """Posts at one address whose guids others bear, too: each is there, under a doc_id that no other has."""
    told: list[View] = [
        (None, "g", "a", (), None, ""), ("1", "h", None, (), None, ""), ("2", "h", None, (), None, ""),
        (None, "h", "a", (), None, ""), ("1", "g", None, (), None, ""),
    ]  # fmt: skip
    for name, pages in (("a.db", [made(told)]), ("b.db", [[one] for one in made(told)])):
        rows = written(tmp_path / name, pages)["posts"]
        assert len({row["doc_id"] for row in rows}) == len(rows) >= 3
        assert not any(row["doc_id"].startswith("new ") for row in rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=views, told=views)
def test_strange_views_are_those_that_no_candidate_is_found_for(
    tmp_path_factory: pytest.TempPathFactory, held: list[View], told: list[View]
) -> None:
    """What is looked up for a page at once says no more than what is looked up for each of its posts."""
    with Corpus(tmp_path_factory.mktemp("names") / "c.db", write=True, create=True) as corpus:
        number = corpus.add_source("wordpress", f"{HOME}/", AT, home=HOME)[0]
        known = Source("wordpress", f"{HOME}/", number, home=HOME, now=AT)
        RunWriter(corpus, "fetch").apply(known, Batch(posts=tuple(made(held))), AT)
        posts = [*made(told), made(told)[0]._replace(guid="odd\0", path=None, remote_id=None)]
        strange = match.strange(corpus.conn, 1, posts)
        for place, one in enumerate(posts):
            found = match.candidates(corpus.conn, 1, number, one)
            if place in strange:
                assert found == ([], True), one
            elif not found.rows and one.guid != "odd\0":  # borne by several, or by what it cannot be
                names = [("guid", one.guid), ("path", one.path)]
                assert any(value and match.bearers(corpus.conn, 1, kind, value) for kind, value in names)


def test_a_name_that_is_known_by_its_hash_alone_is_no_strange_one(tmp_path: Path) -> None:
    """What a page's posts are looked up by includes the hashes of names; a hash that is told as a name is one too."""
    with Corpus(tmp_path / "c.db", write=True, create=True) as corpus:
        number = corpus.add_source("wordpress", f"{HOME}/", AT, home=HOME)[0]
        known = Source("wordpress", f"{HOME}/", number, home=HOME, now=AT)
        held = made([("1", "g", "a", (), None, ""), ("2", "h", "b", (), None, "")])
        RunWriter(corpus, "fetch").apply(known, Batch(posts=tuple(held)), AT)
        with corpus.transaction() as conn:
            conn.execute("UPDATE aliases SET value = ? WHERE value = 'g'", [identity.sealed("g")])
        posts = made([
            (None, "g", None, (), None, ""), (None, identity.sealed("g"), None, (), None, ""),
            (None, "h", None, (), None, ""), (None, identity.sealed("h"), None, (), None, ""),
            (None, "i", "b", (), None, ""), (None, "i", "c", (), None, ""),
        ])  # fmt: skip
        assert match.strange(corpus.conn, 1, posts) == {3, 5}
        assert match.strange(corpus.conn, 2, posts) == set(range(6))
