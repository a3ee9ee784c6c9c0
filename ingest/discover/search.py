"""The search behind one address: what to look at next, and what was found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ingest.charset import decode
from ingest.discover.advertised import Advertised, FeedLink, advertised
from ingest.discover.found import Candidate, Discovery, NoBlog, Tried
from ingest.errors import FetchError
from ingest.records import Request, Response
from ingest.sources import HEAD, sniff
from ingest.sources.answers import classify
from ingest.urls import rest_root_url

__all__ = ["Get", "discover"]

#: One request in, an answer out; raises FetchError.
Get = Callable[[Request], Response]

#: Why a REST root is believed in: its site says so itself, in the Link header or in `<link>`.
ADVERTISED = "the page advertises it"
INDEX_FIELDS = "name,description,url,home,gmt_offset,timezone_string,namespaces"
WORDPRESS_COM = "https://public-api.wordpress.com/wp/v2/sites/"

_ADMIN = re.compile(r"/(?:wp-admin(?:/.*)?|wp-login\.php|wp-signup\.php|xmlrpc\.php)$")
_FEED_TAIL = re.compile(r"(?:/comments)?/feed(?:/(?:rss2?|rdf|atom))?/*$")
_REST_ROUTE = re.compile(r"/(?:wp/v2|[\w-]+/v\d+)(?:/.*)?$")
#: A feed of a part of a site: whoever names it wants the part.
_PART = re.compile(r"(?i)/(?:category|tag|author)/|[?&](?:cat|tag|author|category_name)=")


def discover(address: str, get: Get) -> Discovery:
    """Find what can be followed at `address`: any page, feed, REST address or admin path of a site.

    `get` answers a Request with a Response or raises FetchError. Raises NoBlog (a ParseError) when there is nothing
    to follow, and the FetchError when the address itself does not answer.
    """
    return _Search(address, get).run()


class _Search:
    """One discovery under way: what was tried, so that nothing is asked twice."""

    def __init__(self, address: str, get: Get) -> None:
        self.address = address.strip()
        self._get = get
        self.tried: list[Tried] = []
        self._roots: set[str] = set()
        self._shut: Candidate | None = None
        self._dead: set[str] = set()

    def run(self) -> Discovery:
        page = self._first()
        root = self._root_in(page)
        if root and (answered := self._wordpress(root, "the address is of its REST API")):
            return self._found([answered], answered.home)
        if self._is_feed(page):
            return self._behind_feed(page)
        said = self._read(page)
        wordpress = self._find_wordpress(page.url, said)
        feeds = [] if wordpress else self._feeds(page.url, said)
        if feeds and self._shut:
            feeds.insert(0, self._shut)
        listed = [self._as_candidate(feed, "the page advertises it") for feed in _posts_of(said)]
        found = [wordpress] if wordpress else feeds
        return self._found([*found, *listed], wordpress.home if wordpress else None)

    # ---- steps --------------------------------------------------------------------------------------------

    def _first(self) -> Response:
        """The address itself; a name without scheme is tried by https, then by http."""
        if "://" in self.address:
            return self._ask(_without_admin(self.address), "the address")
        bare = _without_admin(f"https://{self.address}")
        try:
            return self._ask(bare, "the address")
        except FetchError as error:
            if error.kind not in {"refused", "tls", "too_slow"}:
                raise
            return self._ask("http" + bare.removeprefix("https"), "the address, without TLS")

    def _ask(self, url: str, what: str) -> Response:
        try:
            answer = self._get(Request(url, what="discover"))
        except FetchError as error:
            self.tried.append(Tried(url, what, f"{error.kind}: {error.cause}"))
            raise
        said = classify(answer)
        shown = said.html_title or answer.content_type or "no type"
        self.tried.append(Tried(url, what, f"{said.status} {said.word}: {said.code or shown}"))
        if said.word == "rate_limited":
            cause = f"rate_limited: the host asks to be left alone (HTTP {said.status}); try again later"
            raise NoBlog(self.address, cause, tuple(self.tried))
        return answer

    def _read(self, page: Response) -> Advertised:
        text = decode(page.body, header=page.headers.get("content-type"), kind="html").text
        return advertised(text, page.headers, page.url)

    def _root_in(self, page: Response) -> str | None:
        """The REST root that an address below it belongs to; None when the answer is no REST answer."""
        if page.body[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["}:
            return None
        parts = urlsplit(page.url)
        query = dict(parse_qsl(parts.query))
        if "rest_route" in query:
            return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", "rest_route=/", ""))
        if page.url.startswith(WORDPRESS_COM):
            return WORDPRESS_COM + page.url.removeprefix(WORDPRESS_COM).split("/")[0] + "/"
        path = _REST_ROUTE.sub("/", parts.path) if not parts.path.endswith("/wp-json") else parts.path + "/"
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    def _is_feed(self, page: Response) -> bool:
        return page.status == 200 and sniff(page.body[:HEAD]) == "feed"

    def _behind_feed(self, page: Response) -> Discovery:
        """A feed, and perhaps the WordPress that writes it, which knows more than its last ten posts."""
        home = _without_query(_FEED_TAIL.sub("/", urlsplit(page.url).path), page.url)
        feed = Candidate("feed", page.url, _title_of(page), "the address is a feed", page.url)
        head = page.body[: 4 * HEAD]
        wordpress = None
        if b"wordpress.org/?v=" in head or b"wordpress.com" in head or _FEED_TAIL.search(urlsplit(page.url).path):
            try:
                said = self._read(self._ask(home, "the page that the feed belongs to"))
            except FetchError:
                said = Advertised()
            wordpress = self._find_wordpress(home, said)
        ordered = [feed, wordpress] if _PART.search(page.url) else [wordpress, feed]
        return self._found([one for one in ordered if one], wordpress.home if wordpress else None)

    def _find_wordpress(self, url: str, said: Advertised) -> Candidate | None:
        """The first address at which a REST API really answers."""
        for root, why in _roots(url, said):
            found = self._wordpress(root, why)
            if found:
                return found
        return None

    def _wordpress(self, root: str, why: str) -> Candidate | None:
        if root in self._roots:
            return None
        self._roots.add(root)
        is_com = root.startswith(WORDPRESS_COM)
        url = rest_root_url(root, "/wp/v2/posts", {"per_page": 1}) if is_com else (
            rest_root_url(root, "/", {"_fields": INDEX_FIELDS})
        )  # fmt: skip
        try:
            answer = self._ask(url, "the REST API")
        except FetchError:
            return None
        data = _json(answer)
        if is_com:
            posts = isinstance(data, list) and all(isinstance(one, dict) and "id" in one for one in data)
            host = root.removeprefix(WORDPRESS_COM).rstrip("/")
            home = f"https://{host}" if "." in host else None
            return Candidate("wordpress", home or root, host, why, root, home) if posts and data else None
        if answer.status != 200 or not isinstance(data, dict) or not _speaks_wordpress(data):
            if self._shut is None and why == ADVERTISED:
                self._shut = Candidate(
                    "wordpress", _home_of(root, self.address), "", f"{why}, shut: {classify(answer)}", root
                )
            return None
        home = next((str(data[k]) for k in ("home", "url") if str(data.get(k, "")).startswith("http")), None)
        root = _as_answered(root, url, answer.url)
        return Candidate("wordpress", home or self.address, str(data.get("name") or ""), why, root, home)

    def _feeds(self, url: str, said: Advertised) -> list[Candidate]:
        """The first advertised feed that is one; where a WordPress hides its API, the feed it always has."""
        posts = _posts_of(said)
        if not posts and (said.wordpress_at or said.rest_root or any("WordPress" in one for one in said.generator)):
            home = (said.wordpress_at or _origin(url)).rstrip("/")
            posts = [FeedLink(f"{home}/feed/", "", said.title, comments=False),
                     FeedLink(f"{home}/?feed=rss2", "", said.title, comments=False)]  # fmt: skip
        for feed in posts:
            try:
                if self._is_feed(self._ask(feed.url, "a feed")):
                    return [self._as_candidate(feed, "a feed of the site; its REST API does not answer")]
            except FetchError:
                pass
            self._dead.add(feed.url)
        return []

    def _as_candidate(self, feed: FeedLink, why: str) -> Candidate:
        return Candidate("feed", feed.url, feed.title, why, feed.url)

    def _found(self, candidates: list[Candidate], home: str | None) -> Discovery:
        unique: dict[tuple[str, str], Candidate] = {}
        for one in candidates:
            if one.url not in self._dead:
                unique.setdefault((one.kind, one.url), one)
        first = tuple(unique.values())
        if not first:
            cause = f"no blog found: neither a WordPress REST API nor a feed ({len(self.tried)} addresses tried)"
            raise NoBlog(self.address, cause, tuple(self.tried))
        return Discovery(first, tuple(self.tried), home or first[0].home)


# ---- rules ----------------------------------------------------------------------------------------------


def _posts_of(said: Advertised) -> list[FeedLink]:
    """The advertised feeds that bring posts, those of the whole site first."""
    posts = [feed for feed in said.feeds if not feed.comments]
    return sorted(posts, key=lambda feed: (bool(_PART.search(feed.url)), urlsplit(feed.url).path.count("/")))


def _roots(url: str, said: Advertised) -> Iterator[tuple[str, str]]:
    """Where a REST API may be, the surest first."""
    if said.rest_root:
        root = said.rest_root
        if root.startswith("http://") and url.startswith("https://") and urlsplit(root).netloc == urlsplit(url).netloc:
            root = "https" + root.removeprefix("http")  # links behind a TLS proxy
        yield root, ADVERTISED
    host = urlsplit(url).hostname or ""
    if host.endswith(".wordpress.com"):
        yield f"{WORDPRESS_COM}{host}/", "WordPress.com answers for its sites"
    homes = [said.wordpress_at, _folder(url) if urlsplit(url).path.count("/") <= 2 else None, _origin(url)]
    for home in dict.fromkeys(one.rstrip("/") for one in homes if one):
        yield f"{home}/wp-json/", "WordPress answers there, though the page does not say so"
        yield f"{home}/?rest_route=/", "WordPress answers there, though the page does not say so"


def _as_answered(root: str, asked: str, answered: str) -> str:
    """The root template after redirects: of the address that answered, less what was asked of it."""
    if asked == answered:
        return root
    parts = urlsplit(answered)
    pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "_fields"]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(pairs, safe="/"), ""))


def _speaks_wordpress(data: dict[str, object]) -> bool:
    spaces = data.get("namespaces")
    return isinstance(spaces, list) and any(str(space).startswith("wp/v") for space in spaces)


def _home_of(root: str, address: str) -> str:
    """The home address that a REST root template stands for."""
    parts = urlsplit(root)
    path = re.sub(r"/(?:index\.php(?:/wp-json/?)?|wp-json/?)$", "/", parts.path)
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")) if parts.netloc else address


def _json(answer: Response) -> object:
    """The JSON in an answer, PHP's noise before it forgiven; None when there is none."""
    text = decode(answer.body, header=answer.headers.get("content-type"), kind="json").text
    start = re.search(r'\{\s*"|\[\s*\{|\[\s*\]', text)
    try:
        return json.JSONDecoder().raw_decode(text, start.start())[0] if start else None
    except (ValueError, RecursionError):
        return None


def _title_of(page: Response) -> str:
    found = re.search(r"<title[^>]*>\s*(?:<!\[CDATA\[)?([^<\]]{0,300})", page.body[:HEAD].decode("utf-8", "replace"))
    return " ".join(found[1].split()) if found else ""


def _without_admin(url: str) -> str:
    parts = urlsplit(url)
    path = _ADMIN.sub("/", parts.path)
    return url if path == parts.path else urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _without_query(path: str, url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, path or "/", "", ""))


def _folder(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
