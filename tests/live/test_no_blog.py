"""Addresses behind which there is no blog, or one that does not answer: named, with what to do, and the others go on."""

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.live.looking import Desk
from tests.wordpress.server import WordPress


class Page(http.server.BaseHTTPRequestHandler):
    """A web server that answers everything with one page and status 200, as parked domains do."""

    def do_GET(self) -> None:
        """Any path."""
        body = b"<!DOCTYPE html><title>Our bakery</title><p>Bread, every day from six."
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Silent."""


@pytest.fixture
def bakery() -> Iterator[str]:
    """An address that is no blog."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("command", ["add", "fetch"])
def test_an_address_that_is_no_blog(desk: Desk, bakery: str, command: str) -> None:
    """Status 200 everywhere fools nobody: exit status 4, nothing is added."""
    code, rows, _err = desk.run(command, bakery)
    assert code == 4
    assert bakery.removeprefix("http://") in rows[0]["error"]
    assert rows[0]["verdict"] == "failing"
    assert desk.ask("SELECT count(*) FROM sources") == [(0,)]
    assert rows[-1]["exit_code"] == 4


@pytest.mark.parametrize("command", ["add", "fetch"])
def test_an_address_that_does_not_answer(desk: Desk, command: str) -> None:
    """The error says what happened, in the field's words."""
    code, rows, _ = desk.run(command, f"http://127.0.0.1:{closed_port()}")
    assert code == 4
    assert "refused" in rows[0]["error"]


def test_private_addresses_are_not_connected_to(desk: Desk, bakery: str) -> None:
    """Unless --allow-private names them."""
    import subprocess

    words = [w for w in desk.words("fetch", bakery) if w not in {"--allow-private", "127.0.0.1"}]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "blocked" in done.stderr


@pytest.mark.wordpress
@pytest.mark.xdist_group("wordpress")
def test_the_others_go_on(desk: Desk, bakery: str, wordpress_small: WordPress) -> None:
    """One address of three is a blog: it is pulled, exit status 3."""
    code, rows, _ = desk.run("fetch", bakery, wordpress_small.url, f"http://127.0.0.1:{closed_port()}")
    assert code == 3
    assert sorted(row["verdict"] for row in rows[:-1]) == ["complete", "failing", "failing"]
    assert desk.ask("SELECT count(*) > 40 FROM posts") == [(1,)]


@pytest.mark.wordpress
@pytest.mark.xdist_group("wordpress")
def test_html_at_the_rest_address(desk: Desk, wordpress_small: WordPress) -> None:
    """A login wall with status 200 is no answer: nothing stored is touched, the verdict says so."""
    desk.run("fetch", wordpress_small.url)
    before = desk.content()
    wordpress_small.play("login_wall")
    code, rows, _ = desk.run("fetch", wordpress_small.url, "--full")
    assert code in {3, 4}
    assert rows[0]["verdict"] in {"partial", "failing"}
    assert desk.content() == before
    wordpress_small.play(None)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"]) == (0, "complete")
