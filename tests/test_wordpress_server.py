"""The WordPress server of the tests does what the tests rely on."""

import json
import urllib.request
from typing import Any

import pytest

from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = pytest.mark.wordpress


def ask(site: WordPress, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What the site answers: status, headers by lower-case name, body."""
    request = urllib.request.Request(site.url + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def test_rest_index_names_the_site(wordpress_site: WordPress) -> None:
    """The index of the REST API is JSON with the home address, and the home page links to it."""
    wordpress_site.reset()
    index: dict[str, Any] = json.loads(ask(wordpress_site, "/wp-json/")[2])
    assert index["home"] == wordpress_site.url
    assert ask(wordpress_site, "/")[1]["link"] == f'<{wordpress_site.url}/wp-json/>; rel="https://api.w.org/"'


def test_fill_counts(wordpress_site: WordPress) -> None:
    """The site announces as many posts and pages as its database holds in public, and fill.php promised."""
    wordpress_site.reset()
    public = truth(wordpress_site)
    for kind, count in {"post": 320, "page": 18}.items():
        headers = ask(wordpress_site, f"/wp-json/wp/v2/{kind}s?per_page=1&_fields=id")[1]
        assert int(headers["x-wp-total"]) == count == sum(post.type == kind for post in public)
