"""A reverse proxy that speaks TLS before a test site, as almost every live site has one."""

import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fetch.certificates import Authority
from tests.wordpress.server import WordPress

__all__ = ["Before", "before"]


class Before:
    """The site's address behind TLS, and the certificate authority that a client has to trust."""

    def __init__(self, url: str, authority: Path) -> None:
        self.url, self.authority = url, authority
        #: The Authorization header of each request, None where there was none.
        self.secrets: list[str | None] = []


@contextmanager
def before(site: WordPress, folder: Path) -> Iterator[Before]:
    """Serve `site` by https on another port of 127.0.0.1; the addresses in its answers are those of the proxy."""
    authority = Authority(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Hand on what was asked, and the answer with the addresses that a visitor sees."""
            shown.secrets.append(self.headers.get("Authorization"))
            passed = {
                k: v for k, v in self.headers.items() if k.lower() in {"authorization", "if-none-match", "accept"}
            }
            request = urllib.request.Request(site.url + self.path, headers=passed)
            try:
                answer = urllib.request.urlopen(request, timeout=60)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                body = answer.read()
                for inner, outer in (
                    (site.url, shown.url),
                    (site.url.replace("/", "\\/"), shown.url.replace("/", "\\/")),
                ):
                    body = body.replace(inner.encode(), outer.encode())
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in {"content-length", "transfer-encoding", "connection", "date", "server"}:
                        self.send_header(name, value.replace(site.url, shown.url))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.socket = authority.context("127.0.0.1").wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        shown = Before(f"https://127.0.0.1:{server.server_port}", authority.file)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield shown
        finally:
            server.shutdown()
