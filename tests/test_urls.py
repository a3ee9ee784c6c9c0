r"""What `ingest.urls` makes of addresses, good and bad."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import url_standard
from ingest.urls import (
    absolute,
    bears_user,
    canonical,
    host_of,
    is_home,
    is_internal,
    link,
    link_target,
    origin_of,
    permalink_path,
    redact,
    rest_root_url,
    same_page,
    site_of,
)

#: The machine may be busy: an example is right or wrong, never slow.
ANY_PACE = settings(deadline=None)

BASE = "https://example.org/2026/05/a-post/?p=3#top"

JOINED = [
    ("https://example.net/x", "https://example.net/x"),
    ("/x", "https://example.org/x"),
    ("x", "https://example.org/2026/05/a-post/x"),
    ("../x", "https://example.org/2026/05/x"),
    ("../../../../x", "https://example.org/x"),
    ("./", "https://example.org/2026/05/a-post/"),
    ("%2e%2E/x", "https://example.org/2026/05/x"),
    ("/a/b/..", "https://example.org/a/"),
    ("?page=2", "https://example.org/2026/05/a-post/?page=2"),
    ("#note", "https://example.org/2026/05/a-post/?p=3#note"),
    ("", "https://example.org/2026/05/a-post/?p=3"),
    ("//example.net", "https://example.net/"),
    ("https:x", "https://example.org/2026/05/a-post/x"),
    ("http:x", "http://x/"),
    ("http:///x.org//y", "http://x.org//y"),
    (r"\\example.net\a\b", "https://example.net/a/b"),
    (r"http://a.com\@127.0.0.1/", "http://a.com/@127.0.0.1/"),
    ("  htt\tps://exa\nmple.net/\r\n", "https://example.net/"),
    ("HTTPS://EXAMPLE.NET:443/A", "https://example.net/A"),
    ("http://example.net:080/", "http://example.net/"),
    ("http://example.net:8080/", "http://example.net:8080/"),
    ("http://example.net:/", "http://example.net/"),
    ("https://user:pass@example.net/", "https://example.net/"),
    ("https://a@b@example.net/", "https://example.net/"),
    ("https://example.net/a b?c d#e f", "https://example.net/a%20b?c%20d#e%20f"),
    ("https://example.net/é?é#é", "https://example.net/%C3%A9?%C3%A9#%C3%A9"),
    ("https://example.net/%e9%zz%", "https://example.net/%e9%zz%"),
    ("https://example.net/?q='<\"", "https://example.net/?q=%27%3C%22"),
    ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
    ("https://XN--MNCHEN-3YA.example/", "https://xn--mnchen-3ya.example/"),
    ("https://faß.example/", "https://xn--fa-hia.example/"),
    ("https://I❤.example/", "https://xn--i-7iq.example/"),
    ("https://ｅｘａｍｐｌｅ。org/", "https://example.org/"),  # noqa: RUF001
    ("https://ex%61mple.org/", "https://example.org/"),
    ("http://2130706433/", "http://127.0.0.1/"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://0177.0.0.1/", "http://127.0.0.1/"),
    ("http://0/", "http://0.0.0.0/"),
    ("http://[0:0::1]/", "http://[::1]/"),
    ("http://[::ffff:127.0.0.1]:80/", "http://[::ffff:7f00:1]/"),
    ("\ud800", "https://example.org/2026/05/a-post/%EF%BF%BD"),
]

NO_ADDRESS = [
    "javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x", "mailto:a@example.org", "tel:1", "ftp://h/",
    "file:///etc/passwd", "about:blank", "http://", "http:///", "http://[::1", "http://::1]/", "http://[::1%25eth0]/",
    "http://[g::1]/", "http://a:99999/", "http://a:000000000099999/", "http://a:b/", "http://a b/", "http://%00/",
    "http://a<b/", "http://a%2fb/", "http://256.256.256.256/", "http://1.2.3.4.5/", "http://0xg.1/x", "http://09.1/", "http://-1.1/",
    "http://1_0.1/", "http://0o7.1/",
    "http://4294967296/", "http://1.16777216/", "http://xn--/", "http://xn--a.example/", "http://\xad/", "http://@/",
    "http://" + "a" * 3000 + "/", "https://example.org/" + "a" * 2048,
]  # fmt: skip


@pytest.mark.parametrize(("href", "expected"), JOINED)
def test_joined_like_a_browser(href, expected):
    """A link leads where a browser would go, user information aside."""
    assert absolute(href, BASE) == expected
    assert link_target(href, BASE) == expected


@pytest.mark.parametrize("href", NO_ADDRESS, ids=lambda href: href[:30])
def test_no_address(href):
    """What is no http(s) address that can be asked for is None."""
    assert absolute(href, BASE) is None


@pytest.mark.parametrize("href", ["/x", "x", "?p=1", "#x", "", "//example.org/"])
def test_relative_without_a_base(href):
    """Without a base, or with one that is no address, a relative link leads nowhere."""
    assert absolute(href, None) is None
    assert absolute(href, "mailto:a@example.org") is None


def test_length_and_fragment():
    """The limit is on the result; the fragment goes when asked."""
    assert absolute("https://h/" + "é" * 10, limit=70) == "https://h/" + "%C3%A9" * 10
    assert absolute("https://h/" + "é" * 10, limit=69) is None
    assert absolute("https://h/a/../" * 1 + "b#c", limit=11, fragment=False) == "https://h/b"
    assert absolute("a", "https://h/" + "b" * 3000 + "/c", limit=4000) == "https://h/" + "b" * 3000 + "/a"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("mailto:a@example.org", "mailto:a@example.org"),
        (" MAILTO: a@example.org?subject=A b&body='c' ", "mailto:a@example.org?subject=A%20b&body='c'"),
        ("mailto:?subject=Look&body=a@b", None),
        ("mailto:" + "a" * 3000 + "@example.org", None),
        ("javascript:alert('mailto:a@b')", None),
        ("tel:+49", None),
    ],
)
def test_link_target(href, expected):
    """A body links to http(s) and to people with an address, to nothing else."""
    assert link_target(href, BASE) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://WWW.Example.org:80/A/../b//c/#x", "http://www.example.org/b//c/"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org./", "https://example.org/"),
        (
            "https://example.org/?utm_source=a&p=2&fbclid=x&UTM_Medium=b&page_id=3&gclid=1&mc_cid=4",
            "https://example.org/?p=2&page_id=3",
        ),
        ("https://example.org/?utm_source=a", "https://example.org/"),
        ("https://example.org/?", "https://example.org/"),
        ("https://example.org/?b=2&&a=1&paged=2", "https://example.org/?b=2&a=1&paged=2"),
        ("https://example.org/index.php?rest_route=%2fwp%2fv2", "https://example.org/index.php?rest_route=%2Fwp%2Fv2"),
        ("https://example.org/%e7%ac%ac1%7e%41/", "https://example.org/%E7%AC%AC1~A/"),
        ("https://example.org/第1/", "https://example.org/%E7%AC%AC1/"),
        ("https://example.org/?autumn_sale=1&clid=2", "https://example.org/?autumn_sale=1&clid=2"),
        (" no address ", "no address"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_canonical(url, expected):
    """One permalink has one form, and no key that may name a page is lost."""
    assert canonical(url) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.example.org/2026/05/A-Title/?utm_source=x#c", "/2026/05/A-Title"),
        ("http://example.org:8080/2026/05/A-Title", "/2026/05/A-Title"),
        ("https://example.org/?p=23", "/?p=23"),
        ("https://example.org/index.php?p=23", "/?p=23"),
        ("https://example.org/blog/?p=23", "/blog?p=23"),
        ("https://example.org/index.php/2026/a/", "/2026/a"),
        ("https://example.org/index.php5/a", "/index.php5/a"),
        ("https://example.org/%e7%ac%ac/", "/%E7%AC%AC"),
        ("https://example.org", "/"),
        ("https://example.org/index.php", "/"),
        ("garbage", ""),
    ],
)
def test_permalink_path(url, expected):
    """What tells a post from its neighbours, and nothing of where the site lives."""
    assert permalink_path(url) == expected


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("https://www.Example.org/blog/", "example.org/blog"),
        ("http://example.org/blog", "example.org/blog"),
        ("https://healthextra.mybookmarks.xyz", "healthextra.mybookmarks.xyz"),
        ("https://example.org:443", "example.org"),
        ("http://example.org:8080/", "example.org:8080"),
        ("http://www.example.org.:8080/", "example.org:8080"),
        ("example.org:8080/Blog", "example.org:8080/Blog"),
        ("//example.org", "example.org"),
        ("https://example.org/index.php", "example.org"),
        ("https://example.org/?p=1#x", "example.org"),
        ("https://www.com/", "www.com"),
        ("https://münchen.example/", "xn--mnchen-3ya.example"),
        ("mailto:a@example.org", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_site_of(home, expected):
    """A site is its home address without scheme, `www.`, default port and trailing slash."""
    assert site_of(home) == expected


@pytest.mark.parametrize(
    ("url", "site", "expected"),
    [
        ("https://www.example.org/", "example.org", True),
        ("http://example.org/index.php", "example.org", True),
        ("https://example.org/?utm_source=rss", "example.org", True),
        ("https://example.org/blog/", "example.org/blog", True),
        ("https://example.org/", "example.org/blog", True),
        ("https://example.org/blog/", "example.org", False),
        ("https://example.org/?p=1", "example.org", False),
        ("https://example.net/", "example.org", False),
        ("https://example.or/", "example.org", False),
        ("urn:uuid:1", "example.org", False),
        ("", "", False),
    ],
)
def test_is_home(url, site, expected):
    """The home address alone identifies no post; an address with anything more does."""
    assert is_home(url, site) is expected


def test_host_and_origin():
    """Host and origin carry the port only when it is not the scheme's own."""
    assert (host_of("https://EXAMPLE.org:443/x"), origin_of("https://EXAMPLE.org:443/x")) == (
        "example.org",
        "https://example.org",
    )
    assert (host_of("http://h:8080"), origin_of("http://h:8080")) == ("h:8080", "http://h:8080")
    assert (host_of("http://u:p@h/"), origin_of("http://u:p@h/")) == ("h", "http://h")
    assert (host_of("garbage"), origin_of("ftp://h/")) == ("", "")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/x", True),
        ("https://www.example.org/x", True),
        ("https://example.org./x", True),
        ("https://old.example.net/x", True),
        ("https://EXAMPLE.org:443/x", True),
        ("https://example.org:8443/x", False),
        ("https://blog.example.org/x", False),
        ("https://example.org.evil.net/", False),
        (r"https://evil.net\@example.org/", False),
        ("mailto:a@example.org", False),
        ("/x", False),
    ],
)
def test_is_internal(url, expected):
    """A link is internal when it leads to a host of the site, with or without `www.`."""
    assert is_internal(url, ["www.example.org", "Old.example.net"]) is expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/x", ("https://example.org/x", True)),
        (" https://www.example.org/x\n", ("https://www.example.org/x", True)),
        ("https://example.net:8443/", ("https://example.net:8443/", False)),
        ("mailto:a@example.org", ("mailto:a@example.org", False)),
        (" MAILTO:a@example.org ", ("mailto:a@example.org", False)),
        ("mailto:", None),
        ("javascript:x", None),
        ("/" + "x" * 3000, None),
    ],
)
def test_link(href, expected):
    """Where a link leads and whether that is the site itself, in one answer."""
    assert link(href, BASE, {"example.org"}) == expected


def test_same_page():
    """Scheme, `www.`, slash, tracking and fragment do not make another page; the query does."""
    assert same_page("http://www.example.org/a/?utm_source=x#c", "https://example.org/a")
    assert not same_page("https://example.org/?p=1", "https://example.org/?p=2")
    assert not same_page("https://example.org/a", "https://example.net/a")
    assert same_page("urn:x ", "urn:x")
    assert not same_page("urn:x", "https://example.org/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://me:hunter2@h/a?b=c", "https://h/a?b=c"),
        ("https:me:hunter2@h/", "https:h/"),
        ("//me:hunter2@h/", "//h/"),
        ("http://[::1@hunter2@/", "http://" + "/"),
        ("https://h/?token=hunter2&author=3&page=2", "https://h/?token=***&author=3&page=2"),
        ("https://h/?a=1&amp;API_KEY=hunter2;x=1", "https://h/?a=1&amp;API_KEY=***;x=1"),
        ("https://h/?access%5Ftoken=hunter2#id_token=hunter2", "https://h/?access%5Ftoken=***#id_token=***"),
        (
            "https://h/?_wpnonce=hunter2&post_password=hunter2&X-Amz-Signature=hunter2",
            "https://h/?_wpnonce=***&post_password=***&X-Amz-Signature=***",
        ),
        (
            "https://h/?pass=hunter2&key=hunter2&sig=hunter2&auth=hunter2&client_secret=hunter2",
            "https://h/?pass=***&key=***&sig=***&auth=***&client_secret=***",
        ),
        ("/relative?pwd=hunter2", "/relative?pwd=***"),
        ("https://h/\r\nSet-Cookie: x", "https://h/Set-Cookie: x"),
        ("https://h/?compass=n&authors=1&design=2&codec=3", "https://h/?compass=n&authors=1&design=2&codec=3"),
    ],
)
def test_redact(url, expected):
    """No secret reaches a log; what is none stays readable."""
    assert redact(url) == expected
    assert "hunter2" not in redact(url)


@pytest.mark.parametrize(
    ("url", "bears"),
    [
        ("https://me:pw@h/", True), ("me:pw@h/x", True), ("me@h", True), ("HTTP:\\\\me@h", True), ("//me@h", True),
        ("https://h/@me", False), ("https://h?mail=me@h", False), ("h/#me@h", False), ("h", False), ("", False),
        ("https://a.example\\@h/", False),
    ],
)  # fmt: skip
def test_what_bears_a_user(url: str, bears: bool) -> None:
    """Where the parser drops one: between the scheme and the host, and nowhere behind it."""
    assert bears_user(url) == bears


POSTS = {"per_page": 100, "offset": 0}


@pytest.mark.parametrize(
    ("template", "route", "params", "expected"),
    [
        ("https://h/wp-json/", "/wp/v2/posts", POSTS, "https://h/wp-json/wp/v2/posts?per_page=100&offset=0"),
        ("https://h/wp-json", "wp/v2/posts", None, "https://h/wp-json/wp/v2/posts"),
        ("https://h/api/", "/wp/v2/posts/3", {}, "https://h/api/wp/v2/posts/3"),
        ("https://h/wp-json/", "/", None, "https://h/wp-json/"),
        ("https://h/wp-json/?lang=en#x", "/wp/v2/posts", {"page": 2}, "https://h/wp-json/wp/v2/posts?lang=en&page=2"),
        ("https://h/index.php/wp-json/", "/wp/v2/posts", None, "https://h/index.php/wp-json/wp/v2/posts"),
        ("https://h/index.php?rest_route=/", "/wp/v2/posts", POSTS, "https://h/index.php?rest_route=/wp/v2/posts&per_page=100&offset=0"),
        ("https://h/?rest_route=%2F", "/wp/v2/posts", None, "https://h/?rest_route=/wp/v2/posts"),
        ("https://h/?lang=en&rest_route=/", "/", {"page": 2}, "https://h/?lang=en&rest_route=/&page=2"),
        ("https://public-api.wordpress.com/wp/v2/sites/h.example/", "/wp/v2/posts", {"page": 2}, "https://public-api.wordpress.com/wp/v2/sites/h.example/posts?page=2"),
        ("https://public-api.wordpress.com/wp/v2/sites/5", "/wpcom/v3/x", None, "https://public-api.wordpress.com/wpcom/v3/sites/5/x"),
        ("https://public-api.wordpress.com/wp/v2/sites/5/", "/", None, "https://public-api.wordpress.com/wp/v2/sites/5/"),
        ("https://h/wp/v2/sites/blog/wp-json/", "/wp/v2/posts", None, "https://h/wp/v2/sites/blog/wp-json/wp/v2/posts"),
        ("https://h/wp-json/", "/a/v1/b c?d#e", None, "https://h/wp-json/a/v1/b%20c%3Fd%23e"),
        (
            "https://h/wp-json/",
            "/wp/v2/posts",
            {"after": "2026-05-08T00:00:00+02:00", "include": [1, 2], "_fields": ("id", "date"), "search": "a&b=c", "sticky": False, "x": None, "filter[y]": 1},
            "https://h/wp-json/wp/v2/posts?after=2026-05-08T00:00:00%2B02:00&include=1,2&_fields=id,date&search=a%26b%3Dc&sticky=false&filter%5By%5D=1",
        ),
    ],
)  # fmt: skip
def test_rest_root_is_a_template(template, route, params, expected):
    """Every shape of a WordPress REST root gives the address WordPress answers at."""
    assert rest_root_url(template, route, params) == expected


@ANY_PACE
@given(
    st.dictionaries(st.text(min_size=1), st.text(), max_size=4),
    st.sampled_from(["https://h/wp-json/", "https://h/?rest_route=/"]),
)
def test_parameters_arrive(params, template):
    """Whatever a parameter holds, the server decodes exactly that."""
    params = {
        k: v.encode("utf-8", "replace").decode() for k, v in params.items() if k != "rest_route" and k.isprintable()
    }
    got = parse_qs(urlsplit(rest_root_url(template, "/wp/v2/posts", params)).query, keep_blank_values=True)
    got.pop("rest_route", None)
    assert got == {key: [value] for key, value in params.items()}


ADDRESSES = st.one_of(
    st.text(),
    st.text(alphabet="htps:/\\@.?#[]%2e0x19a&=ü\ud800\t ", max_size=40),
    st.builds("{}{}".format, st.sampled_from(["http://", "https://", "//", "http:", "mailto:"]), st.text(max_size=30)),
)


@ANY_PACE
@given(ADDRESSES, st.one_of(st.none(), ADDRESSES))
def test_total(text, other):
    """Nothing that is written where an address should be raises, and nothing unstorable comes out."""
    for result in (absolute(text, other), link_target(text, other)):
        assert result is None or (result.isascii() and " " not in result and len(result) <= 2048)
    for rule in (canonical, permalink_path, site_of, host_of, origin_of, redact):
        assert isinstance(rule(text).encode(), bytes)
    assert isinstance(is_home(text, site_of(other or "")), bool)
    assert isinstance(is_internal(text, [host_of(other or "")]), bool)
    assert same_page(text, text)


@ANY_PACE
@given(ADDRESSES, st.sampled_from([None, BASE]))
def test_settled(text, base):
    """An address that was made absolute or canonical is its own absolute and canonical form."""
    url = absolute(text, base)
    if url is not None:
        assert absolute(url) == url
        assert canonical(canonical(url)) == canonical(url)
        assert same_page(url, canonical(url))
        assert site_of(site_of(url)) == site_of(url)


@pytest.mark.parametrize(
    "text", ["http://h/" + "../" * 200_000, "https://" + "a@" * 200_000, "http://" + "ü" * 200_000, "?&=" * 200_000]
)
def test_long_input(text):
    """A megabyte of anything is no address, and is refused without delay (the suite's timeout is the judge)."""
    assert len(redact(text)) <= len(text)
    assert absolute(text) in {None, "http://h/"}


@settings(max_examples=300, deadline=None)
@given(
    host=st.sampled_from(["a.example", "www.a-b.example", "xn--a.example", "A.example", "a.example:80", "127.0.0.1"]),
    rest=st.text(alphabet="/.?#%2eEaZ0 \\:@&=~é\t", max_size=12),
    base=st.sampled_from([None, "https://b.example/x/y?z", "http://b.example/"]),
)
def test_the_short_way_for_common_addresses_gives_what_the_long_one_gives(
    host: str, rest: str, base: str | None
) -> None:
    """An address in which nothing is to be changed is what the whole parser would make of it."""
    href = f"https://{host}{rest}"
    quick = url_standard.parse(href, base)
    with pytest.MonkeyPatch.context() as without:
        without.setattr(url_standard, "_COMMON", re.compile(r"(?!)"))
        assert url_standard.parse(href, base) == quick


@settings(max_examples=300, deadline=None)
@given(
    host=st.sampled_from(
        ["a.example", "1.2.3.4", "1.2.3", "a.example:80", "a:8080", "a:08080", "a:99999", "xn--a.b", ""]
    ),
    rest=st.text(alphabet="/.?#%2eEaZ0 \\:@&=~é\t", max_size=12),
    base=st.sampled_from([None, "https://b.example/x/y?z", "http://1.2.3.4:8080/", "https://b.example:443", "b"]),
)
def test_a_settled_address_is_what_is_parsed(host: str, rest: str, base: str | None) -> None:
    """An address that is taken as it is written is, to the letter, what the whole parser would make of it."""
    for href in (f"https://{host}{rest}", f"/{rest}", rest):
        common = url_standard.settled(href, base)
        found = url_standard.parse(href, base)
        assert common is None or (found is not None and common == (str(found), found.netloc))
