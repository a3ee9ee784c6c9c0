"""What the tests of the client share."""

import ssl
from collections.abc import Iterator

import pytest

from .certificates import Authority
from .hostile import Script, Server
from .prober import Prober


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certificate authority of this run."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def tls(authority: Authority) -> ssl.SSLContext:
    """A valid certificate for 127.0.0.1, localhost and the names the tests use."""
    return authority.context("127.0.0.1", "localhost", "one.example", "two.example")


@pytest.fixture(scope="session")
def prober() -> Iterator[Prober]:
    """The child that fetches and measures itself."""
    with Prober() as child:
        yield child


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of a few ordinary answers."""
    with Server(dict(ORDINARY)) as it:
        yield it


def location(where: str, status: str = "302 Found") -> Script:
    """A redirect."""
    return lambda c: c.answer(status=status, location=where)


ORDINARY: dict[str, Script] = {
    "/plain": lambda c: c.answer(
        b"plain", content_type="text/plain; charset=utf-8", etag='W/"v1"', last_modified="then"
    ),
    "/to-inside": lambda c: c.answer(
        status="302 Found", location=f"http://inside.example:{c.asked.host.split(':')[1]}/plain"
    ),
    "/301": location("/plain", "301 Moved Permanently"),
    "/308": location("/301", "308 Permanent Redirect"),
    "/302": location("/plain"),
    "/303": location("/plain", "303 See Other"),
    "/307": location("/plain", "307 Temporary Redirect"),
    "/301-then-302": location("/302", "301 Moved Permanently"),
}
