"""Where on a site things are looked for, by its address and by what its page says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ingest.charset import decode
from ingest.discover.advertised import Advertised, FeedLink
from ingest.records import Response
from ingest.sources import HEAD

__all__ = [
    "ADVERTISED",
    "FEED_TAIL",
    "PART",
    "REST_ROUTE",
    "WORDPRESS_COM",
    "as_answered",
    "home_of",
    "json_in",
    "origin",
    "posts_of",
    "roots",
    "speaks_wordpress",
    "title_in",
    "without_admin",
    "without_query",
]

#: Why a REST root is believed in: its site says so itself, in the Link header or in `<link>`.
ADVERTISED = "the page advertises it"
WORDPRESS_COM = "https://public-api.wordpress.com/wp/v2/sites/"
FEED_TAIL = re.compile(r"(?:/comments)?/feed(?:/(?:rss2?|rdf|atom))?/*$")
REST_ROUTE = re.compile(r"/(?:wp/v2|[\w-]+/v\d+)(?:/.*)?$")
#: A feed of a part of a site: whoever names it wants the part.
PART = re.compile(r"(?i)/(?:category|tag|author)/|[?&](?:cat|tag|author|category_name)=")

_ADMIN = re.compile(r"/(?:wp-admin(?:/.*)?|wp-login\.php|wp-signup\.php|xmlrpc\.php)$")


def posts_of(said: Advertised) -> list[FeedLink]:
    """The advertised feeds that bring posts, those of the whole site first."""
    posts = [feed for feed in said.feeds if not feed.comments]
    return sorted(posts, key=lambda feed: (bool(PART.search(feed.url)), urlsplit(feed.url).path.count("/")))


def roots(url: str, said: Advertised) -> Iterator[tuple[str, str]]:
    """Where a REST API may be, the surest first."""
    if said.rest_root:
        root = said.rest_root
        if root.startswith("http://") and url.startswith("https://") and urlsplit(root).netloc == urlsplit(url).netloc:
            root = "https" + root.removeprefix("http")  # links behind a TLS proxy
        yield root, ADVERTISED
    host = urlsplit(url).hostname or ""
    if host.endswith(".wordpress.com"):
        yield f"{WORDPRESS_COM}{host}/", "WordPress.com answers for its sites"
    homes = [said.wordpress_at, _folder(url) if urlsplit(url).path.count("/") <= 2 else None, origin(url)]
    for home in dict.fromkeys(one.rstrip("/") for one in homes if one):
        yield f"{home}/wp-json/", "WordPress answers there, though the page does not say so"
        yield f"{home}/?rest_route=/", "WordPress answers there, though the page does not say so"


def as_answered(root: str, asked: str, answered: str) -> str:
    """The root template after redirects: of the address that answered, less what was asked of it."""
    if asked == answered:
        return root
    parts = urlsplit(answered)
    pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "_fields"]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(pairs, safe="/"), ""))


def speaks_wordpress(data: dict[str, object]) -> bool:
    """Whether an index is of WordPress's REST API: it names the `wp/v…` namespace."""
    spaces = data.get("namespaces")
    return isinstance(spaces, list) and any(str(space).startswith("wp/v") for space in spaces)


def home_of(root: str, address: str) -> str:
    """The home address that a REST root template stands for."""
    parts = urlsplit(root)
    path = re.sub(r"/(?:index\.php(?:/wp-json/?)?|wp-json/?)$", "/", parts.path)
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")) if parts.netloc else address


def json_in(answer: Response) -> object:
    """The JSON in an answer, PHP's noise before it forgiven; None when there is none."""
    text = decode(answer.body, header=answer.headers.get("content-type"), kind="json").text
    start = re.search(r'\{\s*"|\[\s*\{|\[\s*\]', text)
    try:
        return json.JSONDecoder().raw_decode(text, start.start())[0] if start else None
    except (ValueError, RecursionError):
        return None


def title_in(page: Response) -> str:
    """The first title in a feed."""
    found = re.search(r"<title[^>]*>\s*(?:<!\[CDATA\[)?([^<\]]{0,300})", page.body[:HEAD].decode("utf-8", "replace"))
    return " ".join(found[1].split()) if found else ""


def without_admin(url: str) -> str:
    """An address of the admin or login pages as that of the site."""
    parts = urlsplit(url)
    path = _ADMIN.sub("/", parts.path)
    return url if path == parts.path else urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def without_query(path: str, url: str) -> str:
    """The address with another path, and nothing behind it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, path or "/", "", ""))


def _folder(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}"


def origin(url: str) -> str:
    """Scheme and host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
