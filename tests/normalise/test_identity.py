"""What a post is known and cited by."""

import pytest

from ingest.normalise import post
from ingest.normalise.identity import doc_id, guid, source_hash
from ingest.records import Post, PostItem, Reject, Source


@pytest.mark.parametrize(
    ("published", "alias"),
    [
        ("https://blog.example/?p=1&#038;x=2", "https://blog.example/?p=1&x=2"),
        ("https://blog.example/?p=1&amp;x=2", "https://blog.example/?p=1&x=2"),
        ("&amp;amp;", "&amp;"),
        (" tag:x,2020:1 ", "tag:x,2020:1"),
        ("/?p=1", "/?p=1"),
        ("", None),
        (None, None),
        ("https://blog.example/", None),
        ("http://www.blog.example", None),
    ],
)
def test_a_guid_is_decoded_once_and_the_home_address_is_none(published: str | None, alias: str | None) -> None:
    """As published, entities decoded once."""
    assert guid(published, "blog.example") == alias


def test_a_guid_of_a_megabyte_is_kept_by_its_hash() -> None:
    """It is still one guid."""
    long = guid("x" * 2**20, "blog.example")
    assert long
    assert len(long) < 100
    assert long != guid("x" * 2**20 + "y", "blog.example")


def test_the_best_identity_decides() -> None:
    """A specific guid, else type and id, else the path, else the document itself."""
    best = doc_id("s", guid="g", type="post", remote_id="1", path="/a")
    assert best == doc_id("s", guid="g", type="page", remote_id="2", path="/b")
    assert doc_id("s", type="post", remote_id="1", path="/a") == doc_id("s", type="post", remote_id="1", path="/b")
    assert doc_id("s", type="post", remote_id="1") != doc_id("s", type="page", remote_id="1")
    assert doc_id("s", path="/a", source_hash="x") == doc_id("s", path="/a", source_hash="y")
    assert doc_id("s", source_hash="x") != doc_id("t", source_hash="x")
    assert len(best) == 32
    assert best[:8] == doc_id("s", source_hash="x")[:8]


def test_white_space_makes_no_other_document() -> None:
    """CRLF, a final newline: the same document."""
    assert source_hash("A  title", "one\r\ntwo\n") == source_hash("A title", "one\ntwo")


def test_an_item_with_nothing_in_it_is_no_post() -> None:
    """An empty `<item>` of a feed is kept as a reject: nothing is invented."""
    empty = PostItem(
        type="post", raw=b"<item></item>", format="application/rss+xml", rank="feed", home="https://b.example"
    )
    made = post(empty, Source(kind="feed", url="https://b.example/feed/"))
    assert isinstance(made, Reject)
    assert made.raw == b"<item></item>"


def test_words_are_hashed_where_nothing_else_names_a_post() -> None:
    """A post with an id, a guid or an address of its own has no hash of its words; one without any has."""
    source = Source("text", "https://a.example/", home="https://a.example")
    bare = PostItem("post", b"-", "text/html", "rest", title="A", body="<p>b")
    nameless = [bare, bare._replace(url="https://a.example/"), bare._replace(guid="https://a.example/")]
    named = [bare._replace(url="https://a.example/x"), bare._replace(guid="tag:a,1"), bare._replace(remote_id="7")]
    found = [made.source_hash for item in nameless + named if isinstance(made := post(item, source), Post)]
    assert found == [source_hash("A", "<p>b")] * 3 + [""] * 3
