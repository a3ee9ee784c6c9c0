"""What lies behind an address: pages, feeds, REST addresses and admin paths of sites in memory."""

import io
import json
import pickle
from collections.abc import Callable

import pytest

from ingest.discover import Discovery, NoBlog, advertised, discover
from ingest.errors import FetchError
from ingest.records import Request, Response

Answer = tuple[int, str, str]

FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>B</title><generator>https://wordpress.org/?v=6.8</generator><item><title>t</title></item></channel></rss>'
PLAIN_FEED = FEED.replace("https://wordpress.org/?v=6.8", "another program")
ROBOTS = "text/html; charset=UTF-8"


def _index(home: str) -> Answer:
    return (
        200,
        "application/json",
        json.dumps({"name": "A blog", "home": home, "url": home, "namespaces": ["oembed/1.0", "wp/v2"]}),
    )


def _page(*links: str, body: str = "<p>Hello</p>") -> Answer:
    return (
        200,
        ROBOTS,
        f"<!doctype html><html><head><title>A page</title>{''.join(links)}</head><body>{body}</body></html>",
    )


def _rest(url: str) -> str:
    return f"<link rel='https://api.w.org/' href='{url}' />"


def _feed(url: str, title: str = "B &raquo; Feed", type_: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{type_}" title="{title}" href="{url}">'


def _web(pages: dict[str, Answer], headers: dict[str, dict[str, str]] | None = None) -> Callable[[Request], Response]:
    """A web of these pages; everything else is a 404 page, other hosts do not exist."""

    def get(request: Request) -> Response:
        url = request.url
        if not any(url.startswith(page.split("/", 3)[0] + "//" + page.split("/")[2]) for page in pages):
            raise FetchError(url, "dns", "no such name")
        found = pages.get(url) or pages.get(url.partition("&_fields")[0].partition("?_fields")[0])
        status, type_, body = found or (404, ROBOTS, "<html><title>Not found</title>")
        said = {"content-type": type_, **(headers or {}).get(url, {})}
        return Response(request, url, status, said, io.BytesIO(body.encode()))

    return get


def _best(found: Discovery) -> tuple[str, str, str | None, str | None]:
    first = found.candidates[0]
    return first.kind, first.url, first.endpoint, first.home


B = "https://b.example"
ROOT = f"{B}/wp-json/"
SITES = {
    "advertised by a link": ({f"{B}/": _page(_rest(ROOT), _feed("/feed/")), ROOT: _index(B)}, {}, f"{B}/", ROOT, B),
    "advertised by a header": ({f"{B}/": _page(), ROOT: _index(B)},
                               {f"{B}/": {"link": f'<{ROOT}>; rel="https://api.w.org/", <{B}/x>; rel=shortlink'}}, f"{B}/", ROOT, B),
    "another prefix": ({f"{B}/": _page(_rest(f"{B}/api/")), f"{B}/api/": _index(B)}, {}, f"{B}/", f"{B}/api/", B),
    "plain permalinks": ({f"{B}/": _page(_rest(f"{B}/index.php?rest_route=/")), f"{B}/index.php?rest_route=/": _index(B)}, {},
                         f"{B}/", f"{B}/index.php?rest_route=/", B),
    "hidden, pretty": ({f"{B}/": _page(), ROOT: _index(B)}, {}, f"{B}/", ROOT, B),
    "hidden, plain: /wp-json/ is the home page": ({f"{B}/": _page(), ROOT: _page(), f"{B}/?rest_route=/": _index(B)}, {},
                                                  f"{B}/", f"{B}/?rest_route=/", B),
    "sub-directory, told by its scripts": (
        {f"{B}/blog/2026/a-post/": _page("<script src='https://b.example/blog/wp-includes/js/a.js'></script>"),
         f"{B}/blog/wp-json/": _index(f"{B}/blog")}, {}, f"{B}/blog/2026/a-post/", f"{B}/blog/wp-json/", f"{B}/blog"),
    "http links behind TLS": ({f"{B}/": _page(_rest("http://b.example/wp-json/")), ROOT: _index(B)}, {}, f"{B}/", ROOT, B),
    "from a post": ({f"{B}/a-post/": _page(_rest(ROOT)), ROOT: _index(B)}, {}, f"{B}/a-post/", ROOT, B),
    "from the REST root": ({ROOT: _index(B)}, {}, ROOT, ROOT, B),
    "from a REST route": ({f"{B}/wp-json/wp/v2/posts": (200, "application/json", '[{"id":1}]'), ROOT: _index(B)}, {},
                          f"{B}/wp-json/wp/v2/posts", ROOT, B),
    "from a plain REST route": ({f"{B}/?rest_route=/wp/v2/posts": (200, "application/json", "[]"), f"{B}/?rest_route=/": _index(B)}, {},
                                f"{B}/?rest_route=/wp/v2/posts", f"{B}/?rest_route=/", B),
    "from the main feed": ({f"{B}/feed/": (200, "application/rss+xml", FEED), f"{B}/": _page(_rest(ROOT)), ROOT: _index(B)}, {},
                           f"{B}/feed/", ROOT, B),
    "from an admin path": ({f"{B}/": _page(_rest(ROOT)), ROOT: _index(B)}, {}, f"{B}/wp-admin/edit.php", ROOT, B),
    "from the login page": ({f"{B}/": _page(_rest(ROOT)), ROOT: _index(B)}, {}, f"{B}/wp-login.php?redirect_to=x", ROOT, B),
    "a name without scheme": ({f"{B}": _page(_rest(ROOT)), ROOT: _index(B)}, {}, "b.example", ROOT, B),
    "PHP's noise before the index": ({f"{B}/": _page(_rest(ROOT)), ROOT: (200, "text/html", "<br />\n<b>Warning</b>: x<br />\n" + _index(B)[2])},
                                     {}, f"{B}/", ROOT, B),
    "WordPress.com": (
        {"https://x.wordpress.com/": _page(),
         "https://public-api.wordpress.com/wp/v2/sites/x.wordpress.com/posts?per_page=1": (200, "application/json", '[{"id":5}]')}, {},
        "https://x.wordpress.com/", "https://public-api.wordpress.com/wp/v2/sites/x.wordpress.com/", "https://x.wordpress.com"),
}  # fmt: skip


@pytest.mark.parametrize("name", SITES)
def test_a_wordpress_is_found_from_any_of_its_addresses(name: str) -> None:
    """The root as a template, the home address as the site says it."""
    pages, headers, address, root, home = SITES[name]
    found = discover(address, _web(pages, headers))
    assert _best(found) == ("wordpress", home, root, home)
    assert found.home == home
    assert found.candidates[0].why
    assert found.tried


def test_feeds_that_a_wordpress_advertises_are_listed_behind_it() -> None:
    """Posts' feeds, not comments' feeds."""
    pages = {
        f"{B}/": _page(_rest(ROOT), _feed("/feed/"), _feed("/comments/feed/", "B » Comments Feed")),
        ROOT: _index(B),
    }
    found = discover(f"{B}/", _web(pages))
    assert [(one.kind, one.url) for one in found.candidates] == [("wordpress", B), ("feed", f"{B}/feed/")]


def test_a_blog_without_wordpress_is_followed_by_its_feed() -> None:
    """The feed of the whole site, although a category's stands first, and only when it is one."""
    pages = {f"{B}/": _page(_feed("/category/a/feed/", "a"), _feed("/gone.xml", "g"), _feed("/deep/er/atom.xml", "all", "application/atom+xml")),
             f"{B}/deep/er/atom.xml": (200, "text/xml", PLAIN_FEED), f"{B}/category/a/feed/": (200, "text/xml", PLAIN_FEED)}  # fmt: skip
    found = discover(f"{B}/", _web(pages))
    assert _best(found)[:2] == ("feed", f"{B}/deep/er/atom.xml")


def test_a_feed_that_is_named_is_the_source() -> None:
    """One that no WordPress writes; and one of a category, whose part of the site is what was wanted."""
    found = discover(f"{B}/x.xml", _web({f"{B}/x.xml": (200, "text/plain", PLAIN_FEED)}))
    assert _best(found) == ("feed", f"{B}/x.xml", f"{B}/x.xml", None)
    assert found.candidates[0].title == "B"
    pages = {f"{B}/category/a/feed/": (200, "text/xml", FEED), f"{B}/category/a/": _page(_rest(ROOT)), ROOT: _index(B)}
    found = discover(f"{B}/category/a/feed/", _web(pages))
    assert [one.kind for one in found.candidates] == ["feed", "wordpress"]


def test_where_rest_is_closed_it_is_a_wordpress_all_the_same() -> None:
    """The API is advertised and refuses; the page advertises no feed: the one that WordPress always has."""
    closed = (401, "application/json", '{"code":"rest_not_logged_in","message":"No","data":{"status":401}}')
    pages = {
        f"{B}/": _page(_rest(ROOT)),
        ROOT: closed,
        f"{B}/?rest_route=/": closed,
        f"{B}/feed/": (200, "text/xml", FEED),
    }
    found = discover(f"{B}/", _web(pages))
    assert _best(found)[:2] == ("wordpress", f"{B}/")  # it is one all the same, and says so; `fallback` reads its feed
    assert [(c.kind, c.url) for c in found.candidates][1] == ("feed", f"{B}/feed/")
    assert any("rest_not_logged_in" in one.outcome for one in found.tried)


@pytest.mark.parametrize("page", [_page(), (200, "application/json", '{"a": 1}'), (200, "text/plain", "hello"), (404, ROBOTS, "<html>"),
                                  _page(_feed("/comments/feed/", "B » Comments Feed"))])  # fmt: skip
def test_where_nothing_is_nothing_is_found(page: Answer) -> None:
    """One clear line that names the address; what was tried goes with it, also across processes."""
    with pytest.raises(NoBlog, match=r"^https://b\.example/x: no blog found: neither") as caught:
        discover(f"{B}/x", _web({f"{B}/x": page}))
    assert caught.value.tried
    assert pickle.loads(pickle.dumps(caught.value)).tried == caught.value.tried  # noqa: S301


def test_an_address_that_does_not_answer_says_so() -> None:
    """The fetcher's own error; a name without scheme is tried without TLS where TLS is refused."""
    with pytest.raises(FetchError, match="no such name"):
        discover("https://nowhere.example/", _web({f"{B}/": _page()}))
    web = _web(
        {
            "http://b.example": _page(_rest("http://b.example/wp-json/")),
            "http://b.example/wp-json/": _index("http://b.example"),
        }
    )

    def get(request: Request) -> Response:
        if request.url.startswith("https:"):
            raise FetchError(request.url, "refused", "nobody listens")
        return web(request)

    assert _best(discover("b.example", get))[1] == "http://b.example"


def test_a_root_that_redirects_is_kept_as_it_answered() -> None:
    """Discovery keeps the address behind the redirect, less what was asked of it."""

    def get(request: Request) -> Response:
        url = request.url.replace("https://b.example", "https://www.b.example")
        status, type_, body = _index("https://www.b.example") if "wp-json" in url else _page(_rest(ROOT))
        return Response(request, url, status, {"content-type": type_}, io.BytesIO(body.encode()))

    assert _best(discover(f"{B}/", get))[2] == "https://www.b.example/wp-json/"


@pytest.mark.parametrize(
    ("link", "root"),
    [
        ('<https://b.example/wp-json/>; rel="https://api.w.org/"', ROOT),
        ('<https://b.example/x>; rel="alternate"; title="a, b"; type="application/json", </wp-json/>; rel="https://api.w.org/"', ROOT),
        ("<https://b.example/wp-json/>; rel=https://api.w.org/", ROOT),
        ('<https://b.example/x>; rel="shortlink"', None),
        ('<javascript:x>; rel="https://api.w.org/"', None),
        ("<" * 5000, None),
        ("", None),
    ],
)  # fmt: skip
def test_the_link_header_is_read(link: str, root: str | None) -> None:
    """RFC 8288: several links in one field, quoted and bare parameters."""
    assert advertised("", {"link": link}, f"{B}/a/").rest_root == root


def test_what_a_page_advertises_is_absolute_and_told_apart() -> None:
    """Relative addresses by <base>, feeds of comments by address, title, or the single post they hang below."""
    html = _page("<base href='/blog/'>", _rest("wp-json/"), _feed("feed/"), _feed("comments/feed/", "x"), _feed("a-post/feed/", "x"),
                 _feed("other/feed/", "B » コメントフィード"), "<link rel='canonical' href='a-post/'>",
                 "<link rel='alternate' type='application/json+oembed' href='o'>",
                 "<meta name='generator' content='WordPress 6.8'>", body="</p>").__getitem__(2).replace("<body>", "<body class='single postid-4'>")  # fmt: skip
    said = advertised(f'<?xml version="1.0"?>{html}', {}, f"{B}/blog/a-post/?x=1")
    assert said.rest_root == f"{B}/blog/wp-json/"
    assert [(feed.url.removeprefix(f"{B}/blog/"), feed.comments) for feed in said.feeds] == [
        ("feed/", False), ("comments/feed/", True), ("a-post/feed/", True), ("other/feed/", True)]  # fmt: skip
    assert (said.canonical, said.generator, said.title) == (f"{B}/blog/a-post/", ("WordPress 6.8",), "A page")


@pytest.mark.parametrize("html", ["", "text", "<", FEED, "<link rel=alternate type=application/rss+xml>", "<link href='http://[x' rel='https://api.w.org/'>",
                                  "<a " * 20_000, "<!--" * 20_000, "<link " * 20_000])  # fmt: skip
def test_a_page_that_advertises_nothing_yields_nothing(html: str) -> None:
    """And no input is slow or raises."""
    said = advertised(html, {}, f"{B}/")
    assert (said.rest_root, said.feeds) == (None, ())
