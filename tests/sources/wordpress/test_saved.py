"""Saved REST documents: what is read out of them, and what is said of those that hold nothing."""

import io
import json
from typing import Any

import pytest

from ingest.errors import ParseError
from ingest.records import (
    CommentItem,
    Item,
    MediumItem,
    Page,
    PersonItem,
    PostItem,
    RawDate,
    Reject,
    Request,
    Response,
    SiteItem,
    Source,
    TermItem,
    TermRef,
)
from ingest.sources import wordpress

POST = {"id": 7, "date": "2026-05-08T15:45:10", "date_gmt": "2026-05-08T13:45:10", "modified": "2026-06-04T15:45:44",
        "modified_gmt": "2026-06-04T13:45:44", "slug": "a", "status": "publish", "type": "post", "author": 3,
        "link": "https://blog.example/sub/?p=7", "guid": {"rendered": "https://old.example/?p=7"},
        "title": {"rendered": "A &#038; B"}, "content": {"rendered": "<p>x</p>", "protected": False},
        "excerpt": {"rendered": "<p>e</p>"}, "categories": [4], "tags": [], "class_list": ["post-7", "category-health"],
        "_links": {"self": [{"href": "https://blog.example/sub/index.php?rest_route=/wp/v2/posts/7"}]}}  # fmt: skip


def _saved(body: bytes | str | Any, home: str | None = None) -> list[Page]:
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    raw = body.encode() if isinstance(body, str) else body
    response = Response(Request("saved.json", what="saved"), "saved.json", 200, {}, io.BytesIO(raw))
    return list(wordpress.read(Source("wordpress", "saved.json", home=home), response))


def _items(body: Any) -> list[Item]:
    return [item for page in _saved(body) for item in page.items]


def _post(**changed: Any) -> PostItem:
    (item,) = _items({**POST, **changed})
    assert isinstance(item, PostItem), item
    return item


def test_every_field_of_a_post_is_mapped() -> None:
    """One object of a plain-permalink site in a sub-directory: fields as they are, nothing decided."""
    raw = json.dumps(POST, indent=1)
    (item,) = _items(f"\n{raw}\n")
    assert isinstance(item, PostItem)
    assert item.raw == raw.encode()
    assert (item.type, item.remote_id, item.status, item.rank, item.format) == (
        "post",
        "7",
        "publish",
        "rest",
        "application/json",
    )
    assert (item.home, item.url, item.guid) == (
        "https://blog.example/sub",
        "https://blog.example/sub/?p=7",
        "https://old.example/?p=7",
    )
    assert (item.title, item.body, item.excerpt) == ("A &#038; B", "<p>x</p>", "<p>e</p>")
    assert item.published == RawDate(utc="2026-05-08T13:45:10", local="2026-05-08T15:45:10")
    assert item.modified == RawDate(utc="2026-06-04T13:45:44", local="2026-06-04T15:45:44")
    assert [(who.remote_id, who.name) for who in item.authors] == [("3", None)]
    assert item.terms == (TermRef("category", "4", slug="health"),)


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"id": "7"}, "remote_id", "7"),
        ({"status": None}, "status", "publish"),
        ({"content": {"rendered": "", "protected": True}}, "status", "protected"),
        ({"content": {"rendered": "", "protected": True}, "status": "private"}, "status", "private"),
        ({"title": None}, "title", ""),
        ({"title": 7}, "title", "7"),
        ({"title": ["a"]}, "title", ""),
        ({"title": "bare"}, "title", "bare"),
        ({"title": {"rendered": False}}, "title", ""),
        ({"content": None}, "body", ""),
        ({"content": {"rendered": None, "raw": "r"}}, "body", "r"),
        ({"excerpt": None}, "excerpt", ""),
        ({"type": None, "class_list": ["type-book"]}, "type", "book"),
        ({"type": None, "class_list": {"3": "type-book"}}, "type", "book"),
        ({"type": None, "class_list": None, "_links": {"about": [{"href": "https://b.example/wp-json/wp/v2/types/film"}]}}, "type", "film"),
        ({"type": None, "class_list": None, "_links": {"collection": [{"href": "https://b.example/wp-json/wp/v2/pages"}]}}, "type", "page"),
        ({"type": None, "class_list": None, "_links": None}, "type", "post"),
        ({"author": 0}, "authors", ()),
        ({"author": None}, "authors", ()),
        ({"categories": None, "tags": None}, "terms", None),
        ({"categories": [], "tags": []}, "terms", ()),
        ({"categories": [4, 5]}, "terms", (TermRef("category", "4"), TermRef("category", "5"))),
        ({"categories": [4, 5], "class_list": ["category-a", "category-b"]}, "terms",
         (TermRef("category", "4", slug="a"), TermRef("category", "5", slug="b"))),
        ({"class_list": ["category-4"]}, "terms", (TermRef("category", "4"),)),
        ({"class_list": ["category-a", "category-b"]}, "terms", (TermRef("category", "4"),)),
        ({"date_gmt": None}, "published", RawDate(utc=None, local="2026-05-08T15:45:10")),
        ({"date_gmt": "0000-00-00T00:00:00"}, "published", RawDate(utc="0000-00-00T00:00:00", local="2026-05-08T15:45:10")),
        ({"link": None}, "url", None),
        ({"guid": None}, "guid", None),
    ],
)  # fmt: skip
def test_what_plugins_do_to_a_post_is_borne(changed: dict[str, Any], field: str, expected: object) -> None:
    """Fields missing, null, of another type: the post is kept with what is left."""
    assert getattr(_post(**changed), field) == expected


@pytest.mark.parametrize("number", [2**63, 2**64, -1, 0, 23.0, True, None, "x", "99999999999999999999", [1]])
def test_an_id_that_is_no_positive_64_bit_integer_is_a_reject(number: object) -> None:
    """The reason names the id; the others of its page are stored."""
    first, second = _items([{**POST, "id": number}, POST])
    assert isinstance(first, Reject)
    assert "positive 64-bit integer" in first.why
    assert isinstance(second, PostItem)


def test_names_that_a_post_brings_along_are_taken() -> None:
    """`_embedded` terms and author by name; an error object in the author's place is no name."""
    embedded = {"author": [{"id": 3, "name": "Ana", "url": "https://ana.example"}],
                "wp:term": [[{"id": 4, "taxonomy": "category", "name": "R &amp; B", "slug": "r-b"}]]}  # fmt: skip
    item = _post(_embedded=embedded)
    assert (item.authors[0].name, item.authors[0].url) == ("Ana", "https://ana.example")
    assert item.terms == (TermRef("category", "4", name="R &amp; B", slug="r-b"),)
    closed = {"author": [{"code": "rest_no_route", "message": "No route", "data": {"status": 404}}]}
    assert _post(_embedded=closed).authors[0].name is None


def test_custom_taxonomies_are_found_by_the_links() -> None:
    """A custom taxonomy stands under its `rest_base`, which only the links join with its name."""
    links = {"wp:term": [{"taxonomy": "genre", "href": "https://b.example/wp-json/wp/v2/genres?post=7"}]}
    item = _post(genres=[9], _links=links, class_list=["genre-noir"], categories=None, tags=None)
    assert item.terms == (TermRef("genre", "9", slug="noir"),)


@pytest.mark.parametrize(
    ("links", "link", "home"),
    [
        ("https://b.example/wp-json/wp/v2/posts/7", "https://b.example/x/", "https://b.example"),
        ("https://b.example/blog/wp-json/wp/v2/posts/7", "https://b.example/blog/x/", "https://b.example/blog"),
        ("https://b.example/blog/api/acme/v1/things/7", "https://b.example/blog/x/", "https://b.example/blog"),
        ("https://b.example/index.php/wp-json/wp/v2/posts/7", "https://b.example/x/", "https://b.example"),
        ("https://b.example/?rest_route=%2Fwp%2Fv2%2Fposts%2F7", "https://b.example/?p=7", "https://b.example"),
        ("https://b.example:8080/sub/index.php?rest_route=/wp/v2/posts/7", "", "https://b.example:8080/sub"),
        (
            "https://public-api.wordpress.com/wp/v2/sites/5/posts/7",
            "https://x.wordpress.com/2026/a/",
            "https://x.wordpress.com",
        ),
        (None, "https://b.example/blog/?p=7", "https://b.example/blog"),
        (None, "https://b.example/2026/05/x/", "https://b.example"),
        (None, "/2026/05/x/", None),
        ("../../posts/7.json", "x.html", None),
        ("https://[bad/wp-json/wp/v2", "https://[bad/", None),
    ],
)
def test_whose_a_post_is(links: str | None, link: str, home: str | None) -> None:
    """The site's home address out of the object's own links, else out of its permalink."""
    assert _post(_links={"self": [{"href": links}]} if links else None, link=link).home == home


OTHERS: list[tuple[dict[str, Any], type]] = [
    ({"id": 4, "name": "R &amp; B", "slug": "r-b", "taxonomy": "category", "parent": 0}, TermItem),
    ({"id": 3, "name": "Ana", "slug": "ana", "avatar_urls": {}, "url": "", "description": "", "link": "https://b.example/author/ana/"}, PersonItem),
    ({"id": 9, "type": "attachment", "source_url": "https://b.example/a.png", "mime_type": "image/png", "post": 7,
      "title": {"rendered": "a"}, "media_details": {"width": 3, "height": "4"}}, MediumItem),
    ({"id": 2, "post": 7, "author": 0, "author_name": "V", "content": {"rendered": "c"}, "status": "approved"}, CommentItem),
    ({"name": "B", "home": "https://b.example", "url": "https://b.example/wp", "namespaces": ["wp/v2"], "routes": {},
      "gmt_offset": "5.5", "timezone_string": ""}, SiteItem),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), OTHERS)
def test_what_stands_around_posts_is_told_by_its_shape(data: dict[str, Any], expected: type) -> None:
    """Terms, people, media, comments, the index: each is read as what it is."""
    (item,) = _items(data)
    assert type(item) is expected
    if isinstance(item, SiteItem):
        assert (item.home, item.gmt_offset, item.timezone) == ("https://b.example", 5.5, None)
    if isinstance(item, MediumItem):
        assert (item.width, item.height, item.post_id) == (3, 4, "7")


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ({"namespace": "wp/v2", "routes": {}}, "namespace_index"),
        ({"version": "1.0", "provider_name": "B", "html": "<x>", "title": "t"}, "oembed"),
        ({"post": {"name": "Posts", "slug": "post", "rest_base": "posts"}}, "types_or_taxonomies"),
        ({"publish": {"name": "Published", "slug": "publish", "public": True}}, "types_or_taxonomies"),
        ({**POST, "slug": "7-revision-v1"}, "revision"),
        ({**POST, "status": "trash"}, "status_trash"),
    ],
)
def test_sound_documents_that_hold_no_post_are_a_note(data: dict[str, Any], note: str) -> None:
    """They are no damage, and nothing is stored of them."""
    (page,) = _saved(data)
    assert page.items == ()
    assert page.notes == (note,)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            {"code": "rest_no_route", "message": "No route was found", "data": {"status": 404}},
            "rest_no_route: No route was found",
        ),
        ({"error": "unauthorized", "message": "Not yours"}, "unauthorized: Not yours"),
        ({"found": 1, "posts": []}, "an object with the keys found, posts"),
        ({}, "an empty object"),
        ([5], "a number"),
        ([None], "null"),
        ([[]], "a list"),
        ({"ID": 7, "title": "t", "content": "c", "date": "2026", "slug": "s"}, "no id"),
    ],
)
def test_json_that_is_no_post_says_what_it_is(data: object, said: str) -> None:
    """One clear line that names what was found."""
    (item,) = _items(data)
    assert isinstance(item, Reject)
    assert said in item.why


def test_lists_lines_and_envelopes_are_read_alike() -> None:
    """A list, JSON lines (one of them broken) and `_envelope` give the same posts with the same bytes."""
    posts = [{**POST, "id": number} for number in (1, 2, 3)]
    raws = [json.dumps(post).encode() for post in posts]
    envelope = b'{"status":200, "body" : [' + b" , ".join(raws) + b'], "headers":{"X-WP-Total":3}}'
    for body in (b"[" + b",\n".join(raws) + b"]", b"\n".join(raws) + b"\n", envelope):
        items = _items(body)
        assert [item.raw for item in items if isinstance(item, PostItem)] == raws
    assert len(_items(b"[" + raws[0] + b"]\n[" + raws[1] + b"," + raws[2] + b"]\n")) == 3
    items = _items(raws[0] + b'\n{"id": 5, "title\n' + raws[2])
    assert [type(item) for item in items] == [PostItem, PostItem, Reject]


def test_a_long_list_comes_in_pages_of_a_hundred() -> None:
    """No page holds more than 100 items."""
    pages = _saved([{**POST, "id": number} for number in range(1, 251)])
    assert [len(page.items) for page in pages] == [100, 100, 50]


@pytest.mark.parametrize("cut", [10, 60, 800, 1500])
def test_what_stands_before_a_cut_is_kept(cut: int) -> None:
    """A truncated file: its whole posts, then a Reject that says so."""
    whole = json.dumps([{**POST, "id": number} for number in (1, 2, 3)])
    items = _items(whole[:-cut])
    kept = [item for item in items if isinstance(item, PostItem)]
    assert len(kept) == sum(
        1
        for number in (1, 2, 3)
        if len(json.dumps([{**POST, "id": n} for n in range(1, number + 1)])) - 1 <= len(whole) - cut
    )
    assert isinstance(items[-1], Reject)
    assert "cut off" in items[-1].why


NOISE = [
    (b"\xef\xbb\xbf", b"", True),
    (b"\n\r\n\n", b"\n", True),
    (b"<br />\n<b>Warning</b>:  Undefined array key [0] in <b>/srv/a.php</b> on line <b>30</b><br />\n", b"", True),
    (b"", b"\n<!-- Cached by a plugin, 0.1 s -->\n<!-- twice -->", True),
    (b"/**/cb(", b")", True),
    (b"cb(", b");", True),
    (b"", b"\n", False),
    (b"  ", b"  ", False),
]


@pytest.mark.parametrize(("before", "after", "noisy"), NOISE)
@pytest.mark.parametrize("is_list", [True, False])
def test_noise_is_forgiven_and_counted(before: bytes, after: bytes, noisy: bool, is_list: bool) -> None:
    """The post is the same as without noise; flag and note say that something was forgiven."""
    raw = json.dumps(POST).encode()
    body = before + (b"[" + raw + b"]" if is_list else raw) + after
    (page,) = _saved(body)
    (item,) = page.items
    assert isinstance(item, PostItem)
    assert item.raw == raw
    assert ("salvaged" in item.flags, "salvaged" in page.notes) == (noisy, noisy)
    assert wordpress.claims(body[:4096])


@pytest.mark.parametrize("before", [b"", NOISE[2][0]])
def test_a_damaged_document_is_not_mistaken_for_what_stands_inside_of_it(before: bytes) -> None:
    """Cut right behind a nested object: that object is no document."""
    (reject,) = _items(before + b'[{"id": 1, "title": {"rendered": "x"}')
    assert isinstance(reject, Reject)
    assert "cut off" in reject.why
    items = _items(before + b"[" + json.dumps(POST).encode() + b"] <p>and more")
    assert [type(item) for item in items] == [PostItem, Reject]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252"])
def test_other_encodings_are_read(encoding: str) -> None:
    """RFC 8259 and its predecessors: UTF-16 and UTF-32 with or without a mark; cp1252 that is no JSON any more."""
    body = json.dumps({**POST, "title": {"rendered": "café"}}, ensure_ascii=False).encode(encoding)
    (item,) = _items(body)
    assert isinstance(item, PostItem)
    assert item.title == "café"
    assert wordpress.claims(body)


def test_odd_values_do_not_break_a_page() -> None:
    """Lone surrogates survive, NaN is nothing, doubled keys are flagged and the last one wins."""
    raw = (
        b'{"id":1,"id":2,"type":"post","title":{"rendered":"\\ud800x"},"content":{"rendered":"c"},"date":NaN,"x":1e999}'
    )
    (item,) = _items(raw)
    assert isinstance(item, PostItem)
    assert (item.remote_id, item.title, item.raw) == ("2", "\ud800x", raw)
    assert item.published.local is None
    assert item.flags == ("duplicate_keys",)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{}," * 1_000_001, "too complex"),
        (b"", "empty"),
        (b"\x00\x01\x02", "not JSON"),
        (b"<html><body>login", "not JSON"),
        (b"null", "not JSON"),
        (b"5", "not JSON"),
    ],
)
def test_what_is_no_json_is_said_in_one_line(body: bytes, said: str) -> None:
    """ParseError, naming the file."""
    with pytest.raises(ParseError, match=said) as caught:
        _saved(body)
    assert str(caught.value).startswith("saved.json: ")


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"[" * 100_000, "deep"), (b'[{"id":' + b"9" * 5000 + b"}]", "not JSON"), (b'{"a":' * 90_000 + b"1", "deep")],
)
def test_hostile_json_costs_one_reject(body: bytes, said: str) -> None:
    """100,000 levels, 5,000 digits: noted, not raised, in no time."""
    items = _items(body)
    assert len(items) == 1
    assert isinstance(items[0], Reject)
    assert said in items[0].why


def test_a_row_of_comments_is_no_trap() -> None:
    """Forgiving comments is linear, however many there are and whatever ends them."""
    body = json.dumps(POST).encode() + b"<!-- -->" * 20_000 + b"x"
    assert [type(item) for item in _items(b"noise " + body)] == [PostItem, Reject]
    assert [type(item) for item in _items(body[:-1])] == [PostItem]


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (b'{"id":1', True), (b'[{"id":1', True), (b"[]", True), (b"  \n [ { ", True), (b"{}", True),
        (b'\xff\xfe{\x00"\x00', True), (b"[1, 2]", True),
        (b"[Verse 1]\nA song", False), (b"{{template}}", False), (b"A text", False), (b"<html>{", False), (b"", False),
        (b'A post about JSON: {"id": 1}', False), (b'<!DOCTYPE html><script>{"id":1}</script>', False), (b"\x89PNG", False),
    ],
)  # fmt: skip
def test_which_documents_are_claimed(head: bytes, claimed: bool) -> None:
    """By content: JSON as WordPress answers it, and no text that merely has brackets in it."""
    assert wordpress.claims(head) is claimed


def test_a_declared_site_is_whose_all_are() -> None:
    """`--site` wins over what the documents say."""
    (page,) = _saved(POST, home="https://mirror.example")
    assert [item.home for item in page.items if isinstance(item, PostItem)] == ["https://mirror.example"]
