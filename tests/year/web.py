"""What the blogs answer: a getter in place of the network, at the seam where `Fetcher` stands."""

import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from ingest.errors import FetchError
from ingest.records import Fetched, Request, Response
from tests.sources.wordpress.fake import BASES, HOME, Site
from tests.year.blogs import Blog, Fault, Post

__all__ = ["Web", "stamp"]

PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon.</body></html>"


def stamp(seconds: float) -> str:
    """UTC, `…Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Web:
    """All blogs at one moment, and what was asked of them."""

    blogs: list[Blog]
    now: int
    #: When nothing is reached at all: our own network is down.
    down: tuple[int, int] = (0, 0)
    #: Blog -> requests; and those that met a fault.
    asked: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    #: Answers with a body, answers without.
    bodies: int = 0
    unchanged: int = 0
    _sites: dict[int, tuple[Site, tuple[int, int]]] = field(default_factory=dict)
    _feeds: dict[tuple[int, str], tuple[tuple[int, int], bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Names to blogs."""
        self._hosts = {blog.host: blog for blog in self.blogs} | {blog.new_host: blog for blog in self.blogs}

    def fetcher(self, *_: Any, log: Callable[[Fetched], None] = lambda _: None, **__: Any) -> "_Getter":
        """In place of the class `Fetcher`."""
        return _Getter(self, log)

    def is_cut_off(self) -> bool:
        """Whether our own network is down."""
        return self.down[0] <= self.now < self.down[1]

    def fault(self, blog: Blog, host: str | None = None) -> Fault | None:
        """What stands between us and a blog."""
        if self.is_cut_off():
            return Fault(*self.down, "dns")
        if blog.moves is not None and host is not None and (self.now >= (blog.forgets or 0)) and host == blog.host:
            return Fault(blog.forgets or 0, 2**40, "dns")
        return blog.fault(self.now)

    def get(self, request: Request) -> Response:
        """Answer. Raises FetchError."""
        host = urlsplit(request.url).hostname or ""
        blog = self._hosts[host]
        self.asked[blog.number] += 1
        fault = self.fault(blog, host)
        if fault is not None:
            self.failed[blog.number] += 1
            return _faulty(request, fault)
        answer = self._wordpress(blog, request) if blog.kind == "wordpress" else self._feed(blog, request)
        self.unchanged += answer.status == 304
        self.bodies += answer.status == 200
        return self._moved(blog, host, answer)

    def _moved(self, blog: Blog, host: str, answer: Response) -> Response:
        if blog.moves is None or self.now < blog.moves or host == blog.new_host:
            return answer
        there = answer.request.url.replace(blog.host, blog.new_host)
        return _answer(answer.request, answer.status, answer.body, answer.headers, url=there, moved_to=there)

    def _feed(self, blog: Blog, request: Request) -> Response:
        query = dict(parse_qsl(urlsplit(request.url).query))
        page = int(query.get("paged", 1)) if blog.wordpress else 1
        shown, version = blog.shown(self.now, page), blog.version(self.now)
        if not shown and page > 1:
            return _answer(request, 404, PAGE, {"content-type": "text/html"})
        headers = {
            "content-type": "application/rss+xml",
            "date": format_datetime(datetime.fromtimestamp(self.now, UTC)),
        }
        if blog.cache is not None:
            headers["cache-control"] = f"public, max-age={blog.cache}"
        if blog.validators:
            headers["etag"] = f'"{blog.number}-{version[0]}-{version[1]}"'
            if request.etag == headers["etag"]:
                return _answer(request, 304, b"", headers)
        key = (blog.number, urlsplit(request.url).query)
        held = self._feeds.get(key)
        if held is None or held[0] != version:
            held = self._feeds[key] = (version, _rss(blog, shown, self.now))
        return _answer(request, 200, held[1], headers)

    def _wordpress(self, blog: Blog, request: Request) -> Response:
        """The WordPress in memory that the suite has, brought up to the moment, under this blog's name."""
        site, (posts, edits) = self._sites.get(blog.number) or (_Growing(), (0, 0))
        version = blog.version(self.now)
        for post in blog.posts[posts : version[0]]:
            site.add(post.number + 1, at=stamp(post.at)[:19])
        if edits != version[1]:
            for post in blog.posts[: version[0]]:
                if (
                    post.edited is not None
                    and post.edited <= self.now
                    and "edited" not in site.posts[post.number + 1]["title"]
                ):
                    site.edit(post.number + 1, stamp(post.edited)[:19])
        self._sites[blog.number] = (site, version)
        site.asked.clear()
        home = f"https://{blog.host}"
        there = Request(
            request.url.replace(home, HOME), request.what, request.context, request.headers, request.etag, request.last_modified
        )  # fmt: skip
        answer = site.get(there)
        body = answer.body.replace(HOME.encode(), home.encode())
        return _answer(request, answer.status, body, answer.headers)


class _Growing(Site):
    """A site of posts alone, of which nothing but what changes is made anew: ten thousand in a year, asked hourly."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[int, dict[str, Any]] = {}

    def add(self, number: int, type_: str = "post", *, at: str = "2026-01-01T00:00:00", **more: Any) -> None:
        """As `Site.add`."""
        super().add(number, type_, at=at, **more)
        self._shown[number] = self._post(number)

    def edit(self, number: int, at: str) -> None:
        """As `Site.edit`."""
        super().edit(number, at)
        self._shown[number] = self._post(number)

    def _rows(self, name: str, *, any_status: bool) -> dict[int, Any] | None:
        if name in BASES:
            return self._shown if name == "posts" else {}
        return super()._rows(name, any_status=any_status)


class _Getter:
    """One source's door to the web."""

    def __init__(self, web: Web, log: Callable[[Fetched], None]) -> None:
        self._web, self._log = web, log

    def get(self, request: Request) -> Response:
        """Answer and log, as `Fetcher.get`."""
        try:
            answer = self._web.get(request)
        except FetchError as error:
            self._log(Fetched(stamp(self._web.now), request.url, None, 0, 1, error.kind))
            raise
        outcome = {200: "ok", 304: "unchanged", 404: "not_found", 429: "rate_limited"}.get(
            answer.status, "server_error"
        )
        self._log(Fetched(stamp(self._web.now), request.url, answer.status, answer.size, 1, outcome))
        return answer

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _faulty(request: Request, fault: Fault) -> Response:
    after = {"retry-after": str(fault.wait)} if fault.wait is not None else {}
    if fault.how in {"rate_limited", "busy", "server_error"}:
        return _answer(
            request, 429 if fault.how == "rate_limited" else 503, b"busy", {"content-type": "text/plain", **after}
        )
    if fault.how == "broken":
        return _answer(request, 200, PAGE, {"content-type": "text/html"})
    raise FetchError(request.url, fault.how, "as it happens")


def _answer(
    request: Request, status: int, body: bytes, headers: Mapping[str, str], *, url: str | None = None,
    moved_to: str | None = None,
) -> Response:  # fmt: skip
    return Response(request, url or request.url, status, headers, io.BytesIO(body), 1, len(body), moved_to)


def _rss(blog: Blog, shown: list[Post], now: int) -> bytes:
    maker = "<generator>https://wordpress.org/?v=6.8</generator>" if blog.wordpress else ""
    ttl = f"<ttl>{blog.ttl // 60}</ttl>" if blog.ttl is not None else ""
    items = "".join(_entry(blog, post, now) for post in shown)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Blog {blog.number}</title>'
        f"<link>https://{blog.host}/</link>{maker}{ttl}{items}</channel></rss>"
    ).encode()


def _entry(blog: Blog, post: Post, now: int) -> str:
    at = {"true": post.at, "wrong": post.number, "none": None}[blog.dates]
    date = f"<pubDate>{format_datetime(datetime.fromtimestamp(at, UTC))}</pubDate>" if at is not None else ""
    words = "second" if post.edited is not None and post.edited <= now else "first"
    return (
        f"<item><title>Post {post.number}</title><link>https://{blog.host}/{post.number}/</link>"
        f"<guid>https://{blog.host}/?p={post.number}</guid>{date}<description>The {words} words of it.</description></item>"
    )
