"""What a page says of the machine-readable doors of its site: the `Link` header, `<link>` elements, and traces.

Sources: rest_output_link_wp_head() and rest_output_link_header() of wp-includes/rest-api.php; feed_links() of
general-template.php; RFC 8288 (Web Linking); https://www.rssboard.org/rss-autodiscovery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

__all__ = ["Advertised", "FeedLink", "advertised"]

API = "https://api.w.org/"
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*!-]+\s*(?:=\s*(?:"[^"]*"|[^",;\s]*))?)*)')
_REL = re.compile(r'(?i);\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]*))')
#: A feed of comments by its address, and by its title in the languages that were seen.
_COMMENTS_URL = re.compile(r"(?i)/comments/feed\b|[?&;]feed=comments-|[?&;]withcomments=1|/comments/default\b")
_COMMENTS_TITLE = re.compile(
    r"(?i)comment|kommentar|coment[aá]ri|reacties|commenti\b|kommentti|komment|yorumlar|коммент|комент|komentar|σχόλια"
    r"|コメント|评论|評論|留言|迴響|댓글|تعليق|תגובות|ความเห็น"
)
_PROLOG = re.compile(r"\A\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*+", re.DOTALL)
_SINGLE = re.compile(r"\b(?:single|postid-\d+|page-id-\d+|attachment)\b")
_WP_PATH = re.compile(r"(https?:[\\/]+[^\s\"'<>()]{1,300}?)[\\/]+wp-(?:content|includes|json)[\\/]")
#: Letters of a page that are looked at: what it says of itself stands at its beginning. 20 million take bs4 40 s.
_BEGINNING = 2**21
_FEED_TAIL = re.compile(r"(?:/comments)?/feed(?:/(?:rss2?|rdf|atom))?/*$")


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page advertises."""

    url: str
    type: str
    title: str
    #: Whether it brings readers' comments instead of posts.
    comments: bool


@dataclass(frozen=True, slots=True)
class Advertised:
    """What a page says of itself; addresses absolute."""

    rest_root: str | None = None
    feeds: tuple[FeedLink, ...] = ()
    canonical: str | None = None
    title: str = ""
    generator: tuple[str, ...] = ()
    #: Where WordPress lies, by the addresses of its scripts and styles; None where none is named.
    wordpress_at: str | None = None


# ---- what a page says -----------------------------------------------------------------------------------


def advertised(html: str, headers: Mapping[str, str], base: str) -> Advertised:
    """What a page at `base` says of itself, in its `Link` header (names in lower case) and its `<link>` elements.

    The header wins. Never raises; linear in the size of the page.
    """
    from bs4 import BeautifulSoup  # noqa: PLC0415  (175 ms, and only needed here)

    # Without its XML declaration, about which bs4 warns; a page that has one is HTML all the same.
    soup = BeautifulSoup(_PROLOG.sub("", html[:_BEGINNING], count=1), "lxml")
    base_tag = soup.find("base", href=True)
    base = _join(base, str(base_tag["href"])) or base if base_tag else base
    roots: list[str] = []
    canonical: str | None = None
    links: list[tuple[str, str, str]] = []
    for tag in soup.find_all("link", href=True):
        rel = {word.lower() for word in tag.get_attribute_list("rel") if word}
        url = _join(base, str(tag["href"]))
        if url is None:
            continue
        if API in rel:
            roots.append(url)
        elif "canonical" in rel and canonical is None:
            canonical = url
        elif "alternate" in rel and (type_ := _type(tag.get("type"))) in FEED_TYPES:
            links.append((url, type_, " ".join(str(tag.get("title") or "").split())))
    body = soup.find("body")
    classes = " ".join(str(name) for name in body.get_attribute_list("class") if name) if body else ""
    single = canonical or base if _SINGLE.search(classes) else None
    return Advertised(
        rest_root=_header_root(headers, base) or next(iter(roots), None),
        feeds=tuple(
            # The first is the whole site's, also on a front page that is a single page with a feed below it.
            FeedLink(url, type_, title, _of_comments(url, title, single if at else None))
            for at, (url, type_, title) in enumerate(links)
        ),
        canonical=canonical,
        title=" ".join(soup.title.get_text().split())[:300] if soup.title else "",
        generator=tuple(str(tag.get("content") or "") for tag in soup.find_all("meta", attrs={"name": "generator"})),
        wordpress_at=_wordpress_at(html),
    )


def _header_root(headers: Mapping[str, str], base: str) -> str | None:
    for url, parameters in _LINK.findall(headers.get("link", "")[:20_000]):
        rel = _REL.search(parameters)
        if rel and API in (rel[1] or rel[2] or "").split():
            return _join(base, url)
    return None


def _of_comments(url: str, title: str, single: str | None) -> bool:
    """Whether a feed brings comments: by its address, its title, or because it hangs below a single post."""
    if _COMMENTS_URL.search(url) or _COMMENTS_TITLE.search(title.rpartition("»")[2] or title):
        return True
    return single is not None and _FEED_TAIL.sub("", url).rstrip("/") == single.rstrip("/") and "/feed" in url


def _wordpress_at(html: str) -> str | None:
    found = _WP_PATH.search(html)
    return found[1].replace("\\/", "/") if found else None


def _type(value: object) -> str:
    return str(value or "").partition(";")[0].strip().lower()


def _join(base: str, href: str) -> str | None:
    try:
        url = urljoin(base, href.strip())
        named = urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname
    except ValueError:
        return None
    return url if named else None
