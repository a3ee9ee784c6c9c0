"""A larger WordPress than PHP can play in a test, over connections that stay open, with compressed answers."""

import gzip
import http.server
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ingest.records import Request
from tests.live.looking import Desk
from tests.sources.wordpress import fake

SOAK = pytest.mark.skipif(not os.environ.get("BLOGCORPUS_SOAK"), reason="make soak")


class Still(fake.Site):
    """A site whose rows are made once."""

    def _rows(self, name: str, *, any_status: bool) -> dict[int, Any] | None:
        known: dict[str, Any] = self.__dict__.setdefault("made", {})
        if name not in known:
            known[name] = super()._rows(name, any_status=any_status)
        return known[name]  # type: ignore[no-any-return]


class Served(http.server.ThreadingHTTPServer):
    """The site on 127.0.0.1, and how it was asked."""

    daemon_threads = True

    def __init__(self, site: fake.Site) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.site, self.connections, self.requests = site, 0, 0
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    """Keep-alive and gzip, as nginx has them before almost every site."""

    protocol_version = "HTTP/1.1"
    server: Served

    def setup(self) -> None:
        """One more connection."""
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        """The answer of the site in memory, under our address, compressed."""
        self.server.requests += 1
        asked = Request(fake.HOME + self.path, etag=self.headers.get("If-None-Match"))
        answer = self.server.site.get(asked)
        assert "gzip" in self.headers["Accept-Encoding"]
        body = (
            gzip.compress(answer.body.replace(fake.HOME.encode(), self.server.url.encode()), 1) if answer.body else b""
        )
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Silent."""


@pytest.fixture(params=[2_000, pytest.param(20_000, marks=[pytest.mark.soak, SOAK])])
def large(request: pytest.FixtureRequest) -> Iterator[Served]:
    """So many posts, and 18 pages."""
    site = Still()
    for number in range(1, request.param + 1):
        site.add(3 * number, at=f"2025-{1 + number % 12:02}-{1 + number % 28:02}T10:00:00")
    for number in range(18):
        site.add(100_001 + number, "page")
    with Served(site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_many_posts_over_one_connection(desk: Desk, large: Served) -> None:
    """Every post is held, a window of 100 at a time, and the connection is kept; an unchanged poll is two requests."""
    posts = len(large.site.public())
    code, rows, err = desk.run("fetch", large.url)
    assert (code, rows[-2]["verdict"], rows[-2]["new"]) == (0, "complete", posts + 18), (rows, err)
    assert large.requests <= posts // 99 + 25
    assert large.connections <= 3
    ((size, wire),) = desk.ask("SELECT (SELECT sum(size) FROM payloads), (SELECT sum(bytes) FROM fetches)")
    assert wire < size / 3
    large.requests = 0
    code, rows, _ = desk.run("fetch", large.url)
    assert (code, rows[0]["verdict"], large.requests) == (0, "complete", 2)
