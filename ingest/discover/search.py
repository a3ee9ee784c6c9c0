"""The search behind one address: what to look at next, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ingest.charset import decode
from ingest.discover.advertised import Advertised, FeedLink, advertised
from ingest.discover.beyond import gives, is_sitemap, sitemap
from ingest.discover.found import Candidate, Discovery, NoBlog, Tried
from ingest.discover.places import (
    ADVERTISED,
    FEED_TAIL,
    PART,
    REST_ROUTE,
    WORDPRESS_COM,
    as_answered,
    home_of,
    json_in,
    origin,
    posts_of,
    roots,
    speaks_wordpress,
    title_in,
    without_admin,
    without_query,
)
from ingest.errors import FetchError
from ingest.records import Request, Response
from ingest.sources import HEAD, sniff
from ingest.sources.answers import classify
from ingest.urls import redact, rest_root_url

__all__ = ["Get", "discover"]

#: One request in, an answer out; raises FetchError.
Get = Callable[[Request], Response]

INDEX_FIELDS = "name,description,url,home,gmt_offset,timezone_string,namespaces"


def discover(address: str, get: Get, kind: str | None = None) -> Discovery:
    """Find what can be followed at `address`: any page, feed, REST address or admin path of a site.

    The best comes first: REST, a feed of whole posts, a sitemap, a feed of summaries. `kind`: what is wanted; a page
    that advertises nothing, a text and an export are found only so.

    `get` answers a Request with a Response or raises FetchError. Raises NoBlog (a ParseError) when there is nothing
    to follow, and the FetchError when the address itself does not answer.
    """
    try:
        urlsplit(address.strip())
    except ValueError as error:
        raise FetchError(redact(address), "blocked", "this is not a web address") from error
    return _Search(address, get, kind).run()


class _Search:
    """One discovery under way: what was tried, so that nothing is asked twice."""

    def __init__(self, address: str, get: Get, kind: str | None) -> None:
        self._kind = kind
        self.address = address.strip()
        self._get = get
        self.tried: list[Tried] = []
        self._roots: set[str] = set()
        self._shut: Candidate | None = None
        #: What the first answer that was none said, in words.
        self._said = ""
        self._dead: set[str] = set()
        #: Address of a feed -> whether it gives whole posts.
        self._full: dict[str, bool] = {}

    def run(self) -> Discovery:
        page = self._first()
        root = self._root_in(page)
        if root and (answered := self._wordpress(root, "the address is of its REST API")):
            return self._found([answered], answered.home)
        if named := self._as_wanted(page):
            return self._found(named, named[0].home)
        if self._is_feed(page):
            return self._behind_feed(page)
        said = self._read(page)
        wordpress = self._find_wordpress(page.url, said)
        feeds = [] if wordpress and self._kind != "feed" else self._feeds(page.url, said)
        if feeds and self._shut:
            feeds.insert(0, self._shut)
        listed = [self._as_candidate(feed, "the page advertises it") for feed in posts_of(said)]
        found = [wordpress, *feeds] if wordpress else self._with_sitemap(page, said, feeds)
        return self._found([*found, *listed], wordpress.home if wordpress else None)

    def _as_wanted(self, page: Response) -> list[Candidate]:
        """The answer itself as the kind that is asked for, where only the operator can want it so."""
        named = sniff(page.body[:HEAD]) if page.status == 200 else None
        if self._kind in {"text", "wxr"} and named == self._kind:
            return [Candidate(self._kind, page.url, "", "the address is one", page.url)]
        if self._kind != "page" or page.status != 200:
            return []
        if is_sitemap(page):
            return [self._by_sitemap(page.url, "")]
        if named != "page":
            return []
        title = self._read(page).title
        alone = Candidate("page", page.url, title, "this page alone", home=origin(page.url))
        place = sitemap(page.url, self._ask) if urlsplit(page.url).path in {"", "/"} else None
        return [self._by_sitemap(place, title), alone] if place else [alone]

    def _with_sitemap(self, page: Response, said: Advertised, feeds: list[Candidate]) -> list[Candidate]:
        """A feed of whole posts, else all pages that a sitemap names, else a feed of summaries."""
        known = self._shut or any(self._full.get(feed.url) for feed in feeds)
        if known or page.status != 200 or urlsplit(page.url).path.count("/") > 1:
            return feeds
        place = sitemap(page.url, self._ask)
        return [self._by_sitemap(place, said.title), *feeds] if place else feeds

    def _by_sitemap(self, place: str, title: str) -> Candidate:
        home = origin(place) + "/"
        return Candidate("page", home, title, f"the pages of {place}", home=home, options={"sitemap": place})

    # ---- steps --------------------------------------------------------------------------------------------

    def _first(self) -> Response:
        """The address itself; a name without scheme is tried by https, then by http."""
        if "://" in self.address:
            return self._ask(without_admin(self.address), "the address")
        bare = without_admin(f"https://{self.address}")
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
            raise NoBlog(redact(self.address), cause, tuple(self.tried), dict(answer.headers))
        if not self._said and said.word not in {"content", "unchanged"}:
            self._said = f"{said.word}: {said}"
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
        path = REST_ROUTE.sub("/", parts.path) if not parts.path.endswith("/wp-json") else parts.path + "/"
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    def _is_feed(self, page: Response) -> bool:
        return page.status == 200 and sniff(page.body[:HEAD]) == "feed"

    def _behind_feed(self, page: Response) -> Discovery:
        """A feed, and perhaps the WordPress that writes it, which knows more than its last ten posts."""
        home = without_query(FEED_TAIL.sub("/", urlsplit(page.url).path), page.url)
        feed = Candidate("feed", page.url, title_in(page), "the address is a feed", page.url)
        head = page.body[: 4 * HEAD]
        wordpress = None
        if b"wordpress.org/?v=" in head or b"wordpress.com" in head or FEED_TAIL.search(urlsplit(page.url).path):
            try:
                said = self._read(self._ask(home, "the page that the feed belongs to"))
            except FetchError:
                said = Advertised()
            wordpress = self._find_wordpress(home, said)
        ordered = [feed, wordpress] if PART.search(page.url) else [wordpress, feed]
        return self._found([one for one in ordered if one], wordpress.home if wordpress else None)

    def _find_wordpress(self, url: str, said: Advertised) -> Candidate | None:
        """The first address at which a REST API really answers."""
        for root, why in roots(url, said):
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
        data = json_in(answer)
        if is_com:
            posts = isinstance(data, list) and all(isinstance(one, dict) and "id" in one for one in data)
            host = root.removeprefix(WORDPRESS_COM).rstrip("/")
            home = f"https://{host}" if "." in host else None
            return Candidate("wordpress", home or root, host, why, root, home) if posts and data else None
        if answer.status != 200 or not isinstance(data, dict) or not speaks_wordpress(data):
            if self._shut is None and why == ADVERTISED:
                self._shut = Candidate(
                    "wordpress", home_of(root, self.address), "", f"{why}, shut: {classify(answer)}", root
                )
            return None
        home = next((str(data[k]) for k in ("home", "url") if str(data.get(k, "")).startswith("http")), None)
        root = as_answered(root, url, answer.url)
        return Candidate("wordpress", home or self.address, str(data.get("name") or ""), why, root, home)

    def _feeds(self, url: str, said: Advertised) -> list[Candidate]:
        """The first advertised feed that is one; where a WordPress hides its API, the feed it always has."""
        posts = posts_of(said)
        if not posts and (said.wordpress_at or said.rest_root or any("WordPress" in one for one in said.generator)):
            home = (said.wordpress_at or origin(url)).rstrip("/")
            posts = [FeedLink(f"{home}/feed/", "", said.title, comments=False),
                     FeedLink(f"{home}/?feed=rss2", "", said.title, comments=False)]  # fmt: skip
        for feed in posts:
            try:
                answer = self._ask(feed.url, "a feed")
                if self._is_feed(answer):
                    found = gives(answer)
                    self._full[feed.url] = found is not None and found.full
                    return [self._as_candidate(feed, str(found) if found else "a feed of the site")]
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
            cause += f"; {self._said}" if self._said else ""
            raise NoBlog(redact(self.address), cause, tuple(self.tried))
        return Discovery(first, tuple(self.tried), home or first[0].home)
