"""Certificates are verified against the name, always; a handshake has no more time than the rest."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import Any

import pytest

from ingest.errors import ConfigError, FetchError
from ingest.fetch import Fetcher, Policy
from ingest.records import Request

from .certificates import Authority
from .conftest import ORDINARY
from .hostile import Server

GRACE = 0.5


def client(**policy: Any) -> Fetcher:
    """A client for whom every name is this machine."""
    settings = {"robots": "ignore", "delay": 0, "allow_private": ("127.0.0.0/8",)} | policy
    return Fetcher(Policy(**settings), resolver=lambda *_: ["127.0.0.1"])


def refused(url: str, **policy: Any) -> FetchError:
    """The error that fetching `url` ends with."""
    with client(**policy) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(Request(url))
    return caught.value


def test_a_valid_certificate(authority: Authority, tls: ssl.SSLContext) -> None:
    """The name is asked for (SNI) and verified although the connection goes to a number."""
    names: list[str | None] = []
    tls.sni_callback = lambda _sock, name, _context: names.append(name)
    with Server(dict(ORDINARY), tls) as server, client(ca_file=str(authority.file)) as fetcher:
        assert fetcher.get(Request(server.url("/plain", "one.example"))).body == b"plain"
        assert fetcher.get(Request(server.url("/plain"))).body == b"plain"
    tls.sni_callback = None
    assert names == ["one.example", None]


@pytest.mark.parametrize(
    ("host", "options", "said"),
    [
        ("one.example", {"self_signed": True}, "self-signed"),
        ("one.example", {"expired": True}, "expired"),
        ("wrong.example", {}, "one.example"),
    ],
)
def test_a_bad_certificate_is_refused(authority: Authority, host: str, options: dict[str, bool], said: str) -> None:
    """Self-signed, expired, for another host: `tls`, not worth a retry, and the sentence says which."""
    with Server(dict(ORDINARY), authority.context(host, **options)) as server:
        error = refused(server.url("/plain", "one.example"), ca_file=str(authority.file))
        assert server.asked == []
    assert (error.kind, error.transient) == ("tls", False)
    assert said in error.cause


def test_an_unknown_authority_is_refused(tls: ssl.SSLContext) -> None:
    """Without the operator's word, only the usual authorities are trusted."""
    with Server(dict(ORDINARY), tls) as server:
        assert refused(server.url("/plain")).kind == "tls"


def test_the_environment_cannot_weaken_it(
    tls: ssl.SSLContext, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables that requests heeds add no trust."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.file))
    with Server(dict(ORDINARY), tls) as server:
        assert refused(server.url("/plain")).kind == "tls"


def test_a_missing_file_of_authorities_is_a_config_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A wrong path, or a file that holds no certificates, is said at once."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "empty.pem").write_text("nothing", encoding="ascii")
    for name in ("missing.pem", "empty.pem"):
        with pytest.raises(ConfigError, match=name):
            client(ca_file=str(folder / name))


@contextmanager
def raw(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A port where every connection is handed to `talk`."""
    stopping = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                with sock, suppress(OSError):
                    talk(sock, stopping)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


def stall(_sock: socket.socket, stopping: threading.Event) -> None:
    """Say nothing."""
    stopping.wait()


def drip_handshake(sock: socket.socket, stopping: threading.Event) -> None:
    """Begin a handshake record of 16 kB, and send it byte by byte."""
    sock.sendall(b"\x16\x03\x03\x40\x00")
    for byte in repeat(b"\x02"):
        sock.sendall(byte)
        if stopping.wait(0.05):
            return


def drip_records(context: ssl.SSLContext) -> Callable[[socket.socket, threading.Event], None]:
    """A proper handshake, then an answer whose TLS records come byte by byte."""

    def talk(sock: socket.socket, stopping: threading.Event) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
                tls.read(4096)
                break
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                incoming.write(sock.recv(4096))
        tls.write(b"HTTP/1.1 200 OK\r\nContent-Length: 16000\r\n\r\n" + bytes(16000))
        for byte in outgoing.read():
            sock.sendall(bytes([byte]))
            if stopping.wait(0.05):
                return

    return talk


def test_a_server_without_tls_is_refused() -> None:
    """Plain HTTP on the port of an https address is `tls`."""
    with raw(lambda sock, _: sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert refused(f"https://127.0.0.1:{port}/", deadline=5).kind == "tls"


@pytest.mark.parametrize("name", ["stall", "drip-handshake", "drip-records"])
def test_tls_that_drags_on_ends_at_the_deadline(name: str, tls: ssl.SSLContext, authority: Authority) -> None:
    """A handshake that stalls or drips, and records that drip, are `too_slow` at the deadline."""
    talk = {"stall": stall, "drip-handshake": drip_handshake, "drip-records": drip_records(tls)}[name]
    with raw(talk) as port:
        began = time.monotonic()
        error = refused(f"https://127.0.0.1:{port}/", deadline=1.0, ca_file=str(authority.file))
        assert 1.0 <= time.monotonic() - began < 1.0 + GRACE
    assert (error.kind, error.transient) == ("too_slow", True)


def test_a_handshake_that_breaks_off_is_no_certificate_problem(authority: Authority) -> None:
    """A connection closed in the handshake is worth another try."""
    with raw(lambda sock, _: sock.close()) as port:
        error = refused(f"https://127.0.0.1:{port}/", ca_file=str(authority.file))
    assert (error.kind, error.transient) == ("truncated", True)
