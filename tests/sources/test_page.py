"""`sources.page`: what a page says of itself, its text, and sitemaps."""

import gzip
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import FetchError, ParseError
from ingest.records import Page, PostItem, Reject, Source
from ingest.sources.page import claims, read, start
from ingest.sources.page.metadata import metadata
from tests.sources.documents import cases, check, posts, saved, served

WORDS = "The river rose in the night and nobody in the village had seen it so high before. " * 8
PAGE = (
    f"<!doctype html><html lang=en><head><title>A</title></head><body><article><p>{WORDS}</p></article></body></html>"
)
SITEMAP = "https://p.example/sitemap.xml"
SOURCE = Source("page", "https://p.example/", options={"sitemap": SITEMAP})


@pytest.mark.parametrize("case", cases("page"), ids=lambda case: case.name)
def test_case(case: Path) -> None:
    """The page gives what its folder says."""
    pytest.importorskip("trafilatura", reason='pip install "blogcorpus[pages]" to read web pages')
    check("page", case)


def test_without_trafilatura_a_page_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named in the error."""
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(ParseError, match=r'pip install "blogcorpus\[pages\]"'):
        saved("page", PAGE.encode())


def test_a_page_has_the_address_it_came_from() -> None:
    """A canonical address on the same host wins; one on another host, or the home address, does not."""
    pytest.importorskip("trafilatura")
    source = Source("page", "https://p.example/a?x=1")
    (request,) = start(source)
    for link, url in (
        ("https://p.example/a", "https://p.example/a"),
        ("https://evil.example/a", "https://p.example/a?x=1"),
        ("https://p.example/", "https://p.example/a?x=1"),
    ):
        body = PAGE.replace("<title>", f'<link rel="canonical" href="{link}"><title>').encode()
        (post,) = posts(list(read(source, served(request, body, content_type="text/html"))))
        assert post.url == url


def said(head: str) -> dict[str, Any]:
    """What a page with this head says of itself."""
    found = metadata(f"<html><head>{head}</head><body></body></html>", "https://p.example/a")
    return {
        "title": found.title,
        "authors": [(who.name, who.url) for who in found.authors],
        "dates": (found.published, found.modified),
        "site": found.site,
        "terms": list(found.terms),
    }


def linked_data(node: Mapping[str, Any]) -> str:
    """A JSON-LD script."""
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_linked_data_comes_before_opengraph() -> None:
    """An article in a graph, its author by reference, its site beside it."""
    graph = {
        "@graph": [
            {
                "@type": ["Article", "BlogPosting"],
                "headline": "H",
                "author": {"@id": "#ann"},
                "datePublished": "2026-05-08T15:45:10+02:00",
                "dateModified": "2026-05-09",
                "articleSection": ["News"],
                "keywords": "a, b",
            },
            {"@type": "WebSite", "name": "Site"},
            {"@type": "Person", "@id": "#ann", "name": "Ann", "url": "https://p.example/ann"},
        ]
    }
    head = '<meta property="og:title" content="H - Site"><meta property="article:published_time" content="1999">'
    assert said(head + linked_data(graph)) == {
        "title": "H",
        "authors": [("Ann", "https://p.example/ann")],
        "dates": ("2026-05-08T15:45:10+02:00", "2026-05-09"),
        "site": "Site",
        "terms": [("category", "News"), ("post_tag", "a"), ("post_tag", "b")],
    }


def test_opengraph_comes_before_plain_meta() -> None:
    """Properties of OpenGraph, and a profile's address is nobody's name."""
    head = (
        '<title>T | S</title><meta property="og:title" content="T"><meta property="og:site_name" content="S">'
        '<meta property="article:published_time" content="2026-05-08"><meta property="article:tag" content="x">'
        '<meta property="article:author" content="https://social.example/ann"><meta name="author" content="Ann">'
    )
    assert said(head) == {
        "title": "T", "authors": [("Ann", None)], "dates": ("2026-05-08", None), "site": "S", "terms": [("post_tag", "x")],
    }  # fmt: skip


@pytest.mark.parametrize("script", ["{", "[]", "null", '"x"', '{"@graph": 5}', "[" * 10_000, '{"@type": {"a": 1}}'])
def test_linked_data_that_is_none_is_passed_over(script: str) -> None:
    """Whatever stands in the script, the rest of the page counts."""
    assert said(f'<title>T</title><script type="application/ld+json">{script}</script>')["title"] == "T"


@pytest.mark.parametrize(
    ("head", "ours"),
    [
        (b"<!DOCTYPE html><html>", True),
        (b"\xef\xbb\xbf\n<!-- x --><HTML lang=en>", True),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html xmlns="z">', True),
        (b"<p>A fragment</p>", True),
        (b"<rss version='2.0'>", False),
        (b"A text about <html>", False),
        (b"", False),
    ],
)
def test_claims(head: bytes, ours: bool) -> None:
    """A web page, or a fragment of one, is known by its first bytes."""
    assert claims(head) is ours


def walk(source: Source, answers: Mapping[str, bytes | FetchError]) -> tuple[list[Page], list[str], Source]:
    """One run over a sitemap: the pages, what was asked for, and the source as it is next time."""
    waiting, asked, pages, cursor, known = list(start(source)), [], [], dict(source.cursor), dict(source.validators)
    while waiting:
        request = waiting.pop(0)
        asked.append(request.url)
        answer = answers[request.url]
        if isinstance(answer, FetchError):
            answer.request = request
        else:
            known |= {request.url: (None, None, "hash")} if request.context.get("remember") else {}
        for page in read(source, answer if isinstance(answer, FetchError) else served(request, answer)):
            pages.append(page)
            waiting += page.next
            cursor = cursor if page.cursor is None else dict(page.cursor)
    return pages, asked, replace(source, cursor=json.loads(json.dumps(cursor)), validators=known)


def urlset(**lastmods: str) -> bytes:
    """A sitemap of pages with these dates."""
    rows = "".join(f"<url><loc>https://p.example/{n}</loc><lastmod>{d}</lastmod></url>" for n, d in lastmods.items())
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


def index(*names: str) -> bytes:
    """An index of sitemaps."""
    rows = "".join(f"<sitemap><loc>https://p.example/{name}</loc></sitemap>" for name in names)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode()


@pytest.fixture
def _no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages come to one item without trafilatura: what is looked at is the walk."""
    monkeypatch.setattr(
        "ingest.sources.page.article",
        lambda document, _: (PostItem("page", b"", "text/html", "page", url=document.url),),
    )


@pytest.mark.usefixtures("_no_text")
def test_a_sitemap_leads_to_its_pages_once() -> None:
    """All pages the first time; later only new ones and those with a later `lastmod`."""
    answers = {SITEMAP: urlset(a="2026-01-01", b="2026-01-02"), **{f"https://p.example/{n}": b"x" for n in "abc"}}
    pages, asked, known = walk(SOURCE, answers)
    assert asked == [SITEMAP, "https://p.example/a", "https://p.example/b"]
    assert [post.url for post in posts(pages)] == asked[1:]
    assert known.cursor == {"lastmod": {SITEMAP: "2026-01-02T00:00:00Z"}}
    assert walk(known, answers)[1] == [SITEMAP]
    answers[SITEMAP] = urlset(a="2026-02-01", b="2026-01-02", c="2025-01-01")
    assert walk(known, answers)[1] == [SITEMAP, "https://p.example/a", "https://p.example/c"]


@pytest.mark.usefixtures("_no_text")
def test_an_index_leads_from_one_sitemap_to_the_next() -> None:
    """Compressed ones too; archives of terms and authors are left out, and so are other hosts."""
    answers = {
        SITEMAP: index("post-sitemap.xml", "category-sitemap.xml", "wp-sitemap-users-1.xml", "page-sitemap.xml.gz"),
        "https://p.example/post-sitemap.xml": urlset(a="2026-01-01").replace(
            b"</urlset>", b"<url><loc>https://o.example/z</loc></url></urlset>"
        ),
        "https://p.example/page-sitemap.xml.gz": gzip.compress(urlset(b="2026-01-02")),
        "https://p.example/a": b"x",
        "https://p.example/b": b"x",
    }
    _, asked, known = walk(SOURCE, answers)
    assert asked == [
        SITEMAP,
        *(f"https://p.example/{n}" for n in ("post-sitemap.xml", "a", "page-sitemap.xml.gz", "b")),
    ]
    assert set(known.cursor["lastmod"]) == {
        "https://p.example/post-sitemap.xml",
        "https://p.example/page-sitemap.xml.gz",
    }


@pytest.mark.usefixtures("_no_text")
def test_a_page_that_cannot_be_had_does_not_stop_the_others() -> None:
    """It is a Reject, and is asked for again in the next run."""
    answers: dict[str, bytes | FetchError] = {
        SITEMAP: urlset(a="2026-01-01", b="2026-01-02"),
        "https://p.example/a": FetchError("https://p.example/a", "too_big", "over 20 MiB"),
        "https://p.example/b": b"x",
    }
    pages, _, known = walk(SOURCE, answers)
    kinds = [type(item) for page in pages for item in page.items]
    assert kinds == [Reject, PostItem]
    assert "https://p.example/a" in walk(known, answers)[1]


@pytest.mark.usefixtures("_no_text")
def test_a_host_that_is_gone_stops_the_walk() -> None:
    """The next page would not come either."""
    gone = FetchError("https://p.example/a", "refused", "connection refused")
    with pytest.raises(FetchError):
        walk(SOURCE, {SITEMAP: urlset(a="2026-01-01", b="2026-01-01"), "https://p.example/a": gone})


@pytest.mark.usefixtures("_no_text")
def test_a_sitemap_in_plain_text() -> None:
    """An address a line; with a cut sitemap the source cannot be complete."""
    text = b"https://p.example/a\n\nnot an address\nhttps://p.example/b\n"
    answers = {SITEMAP: text, "https://p.example/a": b"x", "https://p.example/b": b"x"}
    assert walk(SOURCE, answers)[1] == list(answers)
    pages, _, _ = walk(SOURCE, {SITEMAP: urlset(a="2026-01-01")[:-9], "https://p.example/a": b"x"})
    assert "truncated" in [page.trouble for page in pages]


@pytest.mark.parametrize(
    "body", [b"<html><body>no</body></html>", b"\x1f\x8bnot gzip", gzip.compress(urlset(a="2026"))[:-9]]
)
def test_what_is_no_sitemap_is_refused(body: bytes) -> None:
    """An error names it."""
    with pytest.raises(ParseError):
        walk(SOURCE, {SITEMAP: body})


@pytest.mark.parametrize(("head", "home"), [
    ('<link rel="https://api.w.org/" href="https://host.example/blog/wp-json/">', "https://host.example/blog/"),
    ('<link rel="https://api.w.org/" href="https://host.example/blog/index.php?rest_route=/">', "https://host.example/blog/"),
    ('<link rel="alternate" type="application/rss+xml" href="/blog/feed/">', "https://host.example/blog/"),
    (('<link rel="alternate" type="application/rss+xml" href="/blog/2024/one/feed/">'
     '<link rel="alternate" type="application/rss+xml" href="/blog/feed/">'), "https://host.example/blog/"),
    ('<script type="application/ld+json">{"@type": "WebSite", "url": "https://host.example/blog"}</script>', "https://host.example/blog"),
    ('<link rel="https://api.w.org/" href="https://elsewhere.example/wp-json/">', None),
    ('<link rel="alternate" type="application/rss+xml" href="/rss.xml">', None),
    ("", None),
])  # fmt: skip
def test_where_the_site_of_a_page_begins(head: str, home: str | None) -> None:
    """A blog in a folder is a site of its own: its pages go where its feed and its API put its posts."""
    found = metadata(f"<html><head>{head}</head><body><p>x</p></body></html>", "https://host.example/blog/2024/one/")
    assert found.home == home
