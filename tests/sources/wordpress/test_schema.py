"""schemas/wordpress-post.schema.json: what we rely on in a REST post, held against the kind that reads them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ingest import schema
from ingest.records import PostItem, Reject
from ingest.sources.wordpress.items import post_item
from ingest.sources.wordpress.shapes import shape_of
from ingest.sources.wordpress.values import Value
from tests.sources.wordpress.fake import Site

TOLD = json.loads(schema.read("wordpress-post.schema.json"))
VALID = jsonschema.Draft202012Validator(TOLD)
SAMPLES = Path(__file__).parent.parent.parent.parent / "samples"

#: A post as the core makes it, every field that is read.
POST: dict[str, Any] = {
    "id": 7, "type": "post", "status": "publish", "link": "https://blog.example/p/", "guid": {"rendered": "https://blog.example/?p=7"},
    "title": {"rendered": "Title"}, "content": {"rendered": "<p>Text</p>", "protected": False}, "excerpt": {"rendered": "<p>T</p>"},
    "date_gmt": "2026-01-01T00:00:00", "date": "2026-01-01T01:00:00", "modified_gmt": "2026-01-02T00:00:00",
    "modified": "2026-01-02T01:00:00", "author": 3, "categories": [1], "tags": [], "class_list": ["post-7", "category-health"],
    "jetpack_shortlink": "https://wp.me/x", "jetpack_featured_media_url": "https://blog.example/i.png",
    "_links": {"collection": [{"href": "https://blog.example/wp-json/wp/v2/posts"}]}, "_embedded": {"author": [{"id": 3, "name": "Ana"}]},
}  # fmt: skip

#: Field -> the field of what is made of it, and what that is when nothing is said.
READ: dict[str, tuple[str, Any]] = {
    "type": ("type", "post"), "status": ("status", "publish"), "link": ("url", None), "guid": ("guid", None), "title": ("title", ""),
    "content": ("body", ""), "excerpt": ("excerpt", ""), "author": ("authors", ()), "jetpack_shortlink": ("also_at", ()),
    "jetpack_featured_media_url": ("media", ()),
}  # fmt: skip


def item(data: Any) -> PostItem | Reject:
    """What the kind makes of an object."""
    return post_item(Value(data, json.dumps(data).encode()), home="https://blog.example")


def test_it_is_a_schema_and_every_field_says_what_it_is() -> None:
    """Draft 2020-12; no field without a sentence, none that is not read."""
    jsonschema.Draft202012Validator.check_schema(TOLD)
    assert all(field["description"] for field in TOLD["properties"].values())
    assert TOLD["properties"].keys() == POST.keys()


def test_what_the_core_sends_is_valid() -> None:
    """As the fake WordPress of the suite has it, with all types, and as a plugin cuts it down."""
    site = Site()
    for number, kind in ((1, "post"), (2, "page"), (3, "book")):
        site.add(number, kind)
    for kind in ("post", "page", "book"):
        for number in site.public(kind):
            data = site._post(number)
            VALID.validate(data)
            assert isinstance(item(data), PostItem)
    for data in (
        POST,
        {"id": "7", "title": "Bare", "link": "/p/", "slug": "p"},
        {"id": 7, "content": {"rendered": "<p>x</p>"}},
    ):
        VALID.validate(data)
        assert shape_of(data) == "post"
        assert isinstance(item(data), PostItem)


def test_the_sample_posts_are_valid() -> None:
    """The one of the two samples that is JSON."""
    found = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.iterdir())]
    posts = [json.loads(text) for text in found if text.lstrip().startswith(("{", "["))]
    assert len(posts) == 1
    for data in posts:
        VALID.validate(data)
        assert isinstance(item(data), PostItem)


@pytest.mark.parametrize(
    "number", [None, 0, -1, 1.5, True, "", "x", "-7", "7.0", "0", "\u0667", [7], {"id": 7}, 2**63, "1" * 20, 10**30]
)
def test_a_post_without_a_number_is_rejected(number: Any) -> None:
    """By the schema and by the kind."""
    assert not VALID.is_valid(POST | {"id": number})
    assert isinstance(item(POST | {"id": number}), Reject)


@pytest.mark.parametrize("number", [1, 2**63 - 1, "7", "007", "1" * 18])
def test_a_number_may_be_digits(number: Any) -> None:
    """Some plugins write it so."""
    VALID.validate(POST | {"id": number})
    assert isinstance(item(POST | {"id": number}), PostItem)


@pytest.mark.parametrize(
    "data", [{}, {"id": 7}, {"id": 7, "slug": "x", "name": "A term"}, [], None, "post", {"title": {"rendered": "x"}}]
)
def test_what_is_no_post_is_none_for_both(data: Any) -> None:
    """An object without title and content, without id, or no object at all."""
    assert not VALID.is_valid(data)
    assert not isinstance(data, dict) or shape_of(data) != "post" or isinstance(item(data), Reject)


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("wrong", [[["x"]], {"x": 1}, [], 1.5, 5, True, None, "", "x"], ids=repr)
def test_a_field_of_another_type_counts_as_not_said(name: str, wrong: Any) -> None:
    """It never costs the post, and never gets into the corpus."""
    data = POST | {name: wrong, "_embedded": {}}
    made = item(data)
    assert isinstance(made, PostItem)
    if not VALID.is_valid(data):
        field, nothing = READ[name]
        assert getattr(made, field) == nothing


@pytest.mark.parametrize(
    "name", ["categories", "tags", "class_list", "_links", "_embedded", "date_gmt", "date", "modified_gmt", "modified"]
)
@pytest.mark.parametrize("wrong", [5, "x", True, [[]], {"x": [1]}, None], ids=repr)
def test_nor_does_any_other(name: str, wrong: Any) -> None:
    """Lists, links and dates of any shape: the post is there."""
    made = item(POST | {name: wrong})
    assert isinstance(made, PostItem)
    assert (made.remote_id, made.title, made.body) == ("7", "Title", "<p>Text</p>")
