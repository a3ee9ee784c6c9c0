"""The WordPress in memory, which the fast tests run against, answers in the shapes of the real one."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ingest.records import Request
from tests.sources.wordpress.fake import HOME, Site
from tests.wordpress.ask import ask
from tests.wordpress.server import WordPress

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]

POST = "/wp-json/wp/v2/posts"
#: What both are asked; `{id}` is a post of each. The real answer's status and shapes are the measure.
ASKED = [
    "/wp-json/?_fields=name,description,url,home,gmt_offset,timezone_string,namespaces",
    "/wp-json/wp/v2/types",
    "/wp-json/wp/v2/taxonomies",
    f"{POST}?per_page=1",
    f"{POST}?per_page=1&_fields=id",
    f"{POST}?per_page=1&_envelope=1&_fields=id",
    f"{POST}?orderby=id&order=asc&per_page=100&offset=3&_fields=id,modified_gmt",
    f"{POST}?orderby=id&order=asc&per_page=100&offset=3000",
    f"{POST}?include={{id}}&per_page=1&orderby=include&_fields=id,title",
    f"{POST}?exclude={{id}}&orderby=id&order=asc&_fields=id",
    f"{POST}?modified_after=2000-01-01T00:00:00Z&orderby=id&order=asc&_fields=id,modified_gmt",
    f"{POST}/{{id}}?_fields=id,status,type,slug,link,guid,author,categories,tags,content",
    f"{POST}/99999999",
    f"{POST}?per_page=101",
    f"{POST}?per_page=10&page=99",
    "/wp-json/wp/v2/categories?per_page=100&page=1",
    "/wp-json/wp/v2/users?per_page=100&_fields=id,name,slug",
    "/wp-json/wp/v2/comments?per_page=1&_fields=id,post,author_name,content",
    "/wp-json/wp/v2/nope",
]


def fits(fake: Any, real: Any, where: str = "") -> list[str]:
    """Where a fake value has a key or a type that the real one has not. What the real one has beyond it may lack."""
    if isinstance(fake, Mapping) and isinstance(real, Mapping):
        shared = fake.keys() & real.keys()
        unknown = [
            f"{where}.{key} is no key of the real one"
            for key in fake.keys() - real.keys() - {"yoast_head", "acf", "book"}
        ]
        return unknown + [line for key in shared for line in fits(fake[key], real[key], f"{where}.{key}")]
    if isinstance(fake, list) and isinstance(real, list):
        return fits(fake[0], real[0], f"{where}[0]") if fake and real else []
    number = {int, float}
    same = type(fake) is type(real) or {type(fake), type(real)} <= number
    return [] if same else [f"{where}: {type(fake).__name__}, not {type(real).__name__}"]


@pytest.fixture(scope="module", params=["wordpress_forty", "wordpress_far"])
def real(request: pytest.FixtureRequest) -> WordPress:
    """WordPress 6.1 and 6.8, as first filled."""
    site: WordPress = request.getfixturevalue(request.param)
    site.reset()
    return site


@pytest.mark.parametrize("path", ASKED)
def test_the_fake_answers_like_the_real_one(real: WordPress, path: str) -> None:
    """Status, content type, X-WP-Total or its absence, keys and types."""
    number = json.loads(ask(real, f"{POST}?per_page=1&_fields=id")[2])[0]["id"]
    site = Site()
    for n in range(1, 61):
        site.add(n)
    site.comments[1] = 1
    said = site.get(Request(HOME + path.replace("{id}", "7")))
    status, headers, body = ask(real, path.replace("{id}", str(number)))
    assert said.status == status
    assert said.headers["content-type"].split(";")[0] == headers["content-type"].split(";")[0]
    assert ("x-wp-total" in said.headers) == ("x-wp-total" in headers)
    assert fits(json.loads(said.body), json.loads(body)) == []


def test_a_difference_of_shape_is_seen() -> None:
    """The comparison itself: a key that does not exist, and a list for an object."""
    assert fits({"id": 1, "x": 2}, {"id": 1}) == [".x is no key of the real one"]
    assert fits([{"meta": []}], [{"meta": {}}]) == ["[0].meta: list, not dict"]
