"""One request to a test site, by nothing but the standard library."""

import json
import urllib.error
import urllib.request

from .server import WordPress

__all__ = ["POSTS", "Answer", "ask", "ids"]

POSTS = "/wp-json/wp/v2/posts?orderby=id&order=asc"

Answer = tuple[int, dict[str, str], bytes]


def ask(site: WordPress, path: str, **headers: str) -> Answer:
    """What the site answers to GET: status, headers by lower-case name, body. `X_Play="bom"` sends X-Play: bom."""
    request = urllib.request.Request(site.url + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def ids(site: WordPress, query: str = "") -> list[int]:
    """The ids of a page of posts, ordered by id; `query` is added, as in `&per_page=100`."""
    return [post["id"] for post in json.loads(ask(site, f"{POSTS}&_fields=id{query}")[2])]
