"""Two rows that turn out to be one post: what goes over, and what never becomes one."""

import json
from typing import Any

import pytest

from ingest.corpus import Corpus, forget, history
from ingest.corpus.verify import verify
from ingest.records import PersonRef, TermRef
from tests.corpus.making import HOME, load, modified, post

LATER = "2026-02-01T00:00:00Z"


def by_feed(body: str = "<p>By the feed</p>", **wishes: Any) -> Any:
    """A post under its guid and its old address."""
    told = {"guid": f"{HOME}/?p=7", "url": f"{HOME}/old/", "rank": "feed", **wishes}
    return post(None, body, **told)


def by_page(body: str = "<p>By the page</p>", **wishes: Any) -> Any:
    """A post under its new address alone."""
    return post(None, body, **{"url": f"{HOME}/new/", "rank": "page", **wishes})


def by_rest(body: str = "<p>By REST</p>", remote_id: str | None = "7", **wishes: Any) -> Any:
    """The post under both names."""
    return post(remote_id, body, **{"url": f"{HOME}/new/", "guid": f"{HOME}/?p=7", **wishes})


def rows(corpus: Corpus, sql: str) -> list[tuple[Any, ...]]:
    """Plain rows."""
    return corpus.conn.execute(sql).fetchall()


@pytest.fixture
def two(corpus: Corpus) -> Corpus:
    """A feed's row and a page's row of one post."""
    load(corpus, by_feed(authors=(PersonRef(name="Ann"),)), kind="feed")
    load(corpus, by_page(terms=(TermRef("category", name="Hives"),), language="de"), kind="page", at=LATER)
    assert rows(corpus, "SELECT count(*) FROM posts") == [(2,)]
    return corpus


def test_what_beside_the_words_goes_over(two: Corpus) -> None:
    """Comments, links to the post, gaps that the other view fills, both dates, and the citable name."""
    goes, name = rows(two, "SELECT id, doc_id FROM posts WHERE body_rank = 20")[0]
    load(two, post("8", "<p>Another</p>", url=f"{HOME}/another/"))
    with two.transaction() as conn:
        conn.execute(
            "INSERT INTO comments (site_id, remote_id, post_id, status, text, first_seen_at, last_seen_at)"
            " VALUES (1, '5', ?, 'approved', 'Hm.', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')",
            [goes],
        )
        conn.execute(
            "INSERT INTO links (post_id, n, url, anchor, internal, target_post_id)"
            " SELECT id, 0, url, '', 1, ? FROM posts WHERE remote_id = '8'",
            [goes],
        )
    told = load(two, by_rest())
    assert (told.new, told.changed) == (0, 1)
    ((stays,),) = rows(two, "SELECT id FROM posts WHERE remote_id = '7'")
    assert rows(two, "SELECT post_id FROM comments") == [(stays,)]
    assert rows(two, "SELECT target_post_id FROM links") == [(stays,)]
    assert rows(two, f"SELECT post_id FROM aliases WHERE kind = 'doc_id' AND value = '{name}'") == [(stays,)]
    (held,) = two.rows("SELECT * FROM corpus WHERE doc_id = (SELECT doc_id FROM posts WHERE remote_id = '7')")
    assert (held["text"], json.loads(held["authors"]), json.loads(held["categories"]), held["language"]) == (
        "By REST",
        ["Ann"],
        ["Hives"],
        "de",
    )
    assert held["first_seen_at"] == "2026-01-01T00:00:00Z"
    assert rows(two, "SELECT count(*) FROM posts_fts WHERE posts_fts MATCH 'page OR feed'") == [(0,)]
    assert list(verify(two.conn, writable=True)) == []


def test_two_ids_are_two_posts(corpus: Corpus) -> None:
    """A guid that leads to one post and an address that leads to another join nothing."""
    load(corpus, by_rest(url=f"{HOME}/old/"))
    load(corpus, post("9", "<p>Its neighbour</p>", url=f"{HOME}/new/", guid=f"{HOME}/?p=9"))
    load(corpus, by_feed(url=f"{HOME}/new/"), kind="feed")
    assert rows(corpus, "SELECT remote_id FROM posts ORDER BY 1") == [("7",), ("9",)]


def test_two_guids_of_one_source_are_two_posts(corpus: Corpus) -> None:
    """Even where a third view bears the one's guid at the other's address."""
    load(corpus, by_feed(), by_feed("<p>Another</p>", guid=f"{HOME}/?p=8", url=f"{HOME}/new/"), kind="feed")
    load(corpus, by_rest())
    assert rows(corpus, "SELECT count(*) FROM posts") == [(2,)]


def test_a_forgotten_post_joins_nothing(two: Corpus) -> None:
    """It stays forgotten, and what was not forgotten stays."""
    ((number,),) = rows(two, "SELECT id FROM posts WHERE body_rank = 30")
    forget.forget(two, [number], "by law", LATER)
    load(two, by_rest())
    assert rows(two, "SELECT text, gone_kind FROM posts ORDER BY id") == [("", "forgotten"), ("By the page", None)]


def test_two_histories_become_one(corpus: Corpus) -> None:
    """In the order in which the publisher wrote; every word of it stays findable by its number."""
    for day in (1, 5):
        load(
            corpus,
            by_feed(f"<p>Feed of day {day}</p>", modified=modified(day)),
            kind="feed",
            at=f"2026-01-0{day}T00:00:00Z",
        )
    for day in (3, 4):
        load(
            corpus,
            by_page(f"<p>Page of day {day}</p>", modified=modified(day)),
            kind="page",
            at=f"2026-01-0{day}T00:00:00Z",
        )
    load(corpus, by_rest(modified=modified(9)), at=LATER)
    ((number,),) = rows(corpus, "SELECT id FROM posts")
    told = [one.text for one in history.versions(corpus, number)]
    assert told == ["Feed of day 1", "Page of day 3", "By REST"]
    assert list(verify(corpus.conn, writable=True)) == []


def test_words_of_equal_worth_are_history(corpus: Corpus) -> None:
    """Where no better view joins them: the later one's stay, the earlier one's are a revision."""
    load(corpus, by_feed("<p>Earlier</p>", modified=modified(1)), kind="feed")
    load(corpus, by_page("<p>Later</p>", modified=modified(3), rank="feed"), kind="page")
    load(corpus, by_rest("<p>A summary</p>", rank="summary", remote_id=None), kind="text")
    ((number,),) = rows(corpus, "SELECT id FROM posts")
    assert [one.text for one in history.versions(corpus, number)] == ["Earlier", "Later"]


def test_a_source_that_saw_both_has_seen_one(corpus: Corpus) -> None:
    """A feed that once left the guid out."""
    load(corpus, by_feed(), kind="feed")
    load(corpus, by_feed("<p>Without a guid</p>", guid=None, url=f"{HOME}/new/"), kind="feed", at=LATER)
    load(corpus, by_rest())
    assert rows(corpus, "SELECT count(*) FROM posts") == [(1,)]
    assert rows(corpus, "SELECT first_seen_at, last_seen_at FROM sightings WHERE body_rank = 30") == [
        ("2026-01-01T00:00:00Z", LATER)
    ]
    assert rows(corpus, "SELECT count(*) FROM post_payloads") == [(3,)]
    assert list(verify(corpus.conn, writable=True)) == []


def test_within_one_page(corpus: Corpus) -> None:
    """Rows that are new in the same transaction, and a number that is used again in it."""
    load(
        corpus, by_feed(), by_page(), by_rest(), post("8", "<p>One more</p>"),
        by_feed("<p>同じ記事</p>", guid="g", url=f"{HOME}/a/"), by_page("<p>同じ頁</p>", url=f"{HOME}/b/"),
        by_rest("<p>同じ</p>", remote_id="12", guid="g", url=f"{HOME}/b/"),
    )  # fmt: skip
    assert rows(corpus, "SELECT remote_id, text FROM posts ORDER BY 1") == [
        ("12", "同じ"), ("7", "By REST"), ("8", "One more")]  # fmt: skip
    assert list(verify(corpus.conn, writable=True)) == []


def test_gone_by_the_row_that_was_looked_at_last(two: Corpus) -> None:
    """A page that is gone since before the feed last showed the post is no reason to call the post gone."""
    with two.transaction() as conn:
        conn.execute(
            "UPDATE posts SET gone_at = ?, gone_kind = 'erased', gone_evidence = '404' WHERE body_rank = 20", [LATER]
        )
        conn.execute("UPDATE posts SET last_seen_at = '2026-03-01T00:00:00Z' WHERE body_rank = 30")
    load(two, by_rest("<p>A summary</p>", rank="summary", remote_id=None), kind="text")
    assert rows(two, "SELECT gone_at, last_seen_at FROM posts") == [(None, "2026-03-01T00:00:00Z")]
