"""A proxy is used when the configuration names one, and never because the environment does."""

import http.server
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ingest.errors import ConfigError, FetchError
from ingest.fetch import Fetcher, Policy
from ingest.records import Request

from .certificates import Authority
from .conftest import ORDINARY
from .hostile import Conversation, Server


class Forward(http.server.BaseHTTPRequestHandler):
    """A forward proxy for whom every name is this machine; it notes what it is asked."""

    asked: list[str]

    def do_CONNECT(self) -> None:
        """A tunnel, byte for byte, until either side is done."""
        self.asked.append(f"CONNECT {self.path}")
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as behind:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: behind, behind: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)

    def do_GET(self) -> None:
        """An answer of the proxy's own."""
        self.asked.append(f"GET {self.path}")
        self.send_response(200)
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b"proxied")

    def log_message(self, *words: object) -> None:
        """Silent."""


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy's address, and what it was asked."""
    handler = type("Handler", (Forward,), {"asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler.asked
        server.shutdown()


def client(resolver: Any = lambda *_: ["127.0.0.1"], **policy: Any) -> Fetcher:
    """A client for whom every name is this machine."""
    settings: dict[str, Any] = {
        "robots": "ignore",
        "delay": 0,
        "deadline": 10,
        "allow_private": ("127.0.0.0/8",),
    } | policy
    return Fetcher(Policy(**settings), resolver=resolver)


def test_the_configured_proxy_is_asked(proxy: tuple[str, list[str]]) -> None:
    """Plain http goes to the proxy with the whole address in the request line."""
    url, asked = proxy
    with client(proxy=url) as fetcher:
        assert fetcher.get(Request("http://blog.example/feed/?a=1")).body == b"proxied"
        assert fetcher.get(Request("http://other.example/")).body == b"proxied"
    assert asked == ["GET http://blog.example/feed/?a=1", "GET http://other.example/"]


def test_https_goes_through_a_tunnel_and_is_verified(
    proxy: tuple[str, list[str]], tls: ssl.SSLContext, authority: Authority
) -> None:
    """The proxy sees a name and a port; the certificate is checked end to end."""
    url, asked = proxy
    with Server(dict(ORDINARY), tls) as server:
        with client(proxy=url, ca_file=str(authority.file)) as fetcher:
            assert fetcher.get(Request(server.url("/plain", "one.example"))).body == b"plain"
        with client(proxy=url) as fetcher, pytest.raises(FetchError) as caught:
            fetcher.get(Request(server.url("/plain", "one.example")))
    assert caught.value.kind == "tls"
    assert asked == [f"CONNECT one.example:{server.port}"] * 2


def test_names_are_resolved_and_checked_before_the_proxy_is_asked(proxy: tuple[str, list[str]]) -> None:
    """A name that leads inside is refused here: the proxy might well go there."""
    url, asked = proxy

    def inside(host: str, _port: int) -> list[str]:
        return ["10.0.0.7"] if host == "inside.example" else ["127.0.0.1"]

    with client(inside, proxy=url) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(Request("http://inside.example/"))
    assert caught.value.kind == "blocked"
    assert asked == []


def test_the_proxy_itself_must_be_allowed(proxy: tuple[str, list[str]]) -> None:
    """A proxy at a private address is reached only when `allow_private` names it."""
    url, asked = proxy
    with client(lambda *_: ["93.184.216.34"], proxy=url, allow_private=()) as fetcher:
        with pytest.raises(FetchError) as caught:
            fetcher.get(Request("http://blog.example/"))
        assert caught.value.kind == "blocked"
    assert asked == []


def test_the_environment_names_no_proxy(
    proxy: tuple[str, list[str]], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """http_proxy and its like change nothing."""
    url, asked = proxy
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, url)
    with client() as fetcher:
        assert fetcher.get(Request(server.url("/plain"))).body == b"plain"
    assert asked == []


def test_a_proxy_that_is_not_there_is_said(server: Server) -> None:
    """The error names what cannot be reached."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with client(proxy=f"http://127.0.0.1:{port}") as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(Request(server.url("/plain")))
    assert caught.value.kind == "refused"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (b"403 Forbidden", "403 Forbidden"), (b"407 Proxy Authentication Required", "407 Proxy Authentication Required"),
        (b"502 \x1b[31m" + b"x" * 200, "502 ?[31m" + "x" * 55), (b"302 ", "302"),
    ],
)  # fmt: skip
def test_a_proxy_that_refuses_a_tunnel_is_said(status: bytes, told: str) -> None:
    """It is the proxy that is named, with its status; the site was never asked, and nothing is tried again at once."""

    def refuse(c: Conversation) -> None:
        c.send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    with Server({"": refuse}) as server, client(proxy=server.url("")) as fetcher:
        with pytest.raises(FetchError) as caught:
            fetcher.get(Request("https://blog.example/feed/"))
        assert caught.value.kind == "refused"
        assert str(caught.value) == (
            f"https://blog.example/feed/: refused: the proxy refuses to connect to blog.example:443: {told}"
        )
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "wrong", ["https://proxy.example:1", "http://me:secret@proxy.example:1", "proxy:1", "", "socks5://a:1"]
)
def test_what_is_no_proxy_is_a_config_error(wrong: str) -> None:
    """Said at once, and without repeating a password."""
    with pytest.raises(ConfigError) as caught:
        Policy(proxy=wrong)
    assert "secret" not in str(caught.value)
