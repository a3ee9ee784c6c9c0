"""Sockets, connections and the `requests` session that the client is made of.

What `requests` cannot be told, its parts are: a connection resolves its name once, connects to an address that
was checked, and every byte it reads or writes, the TLS handshake included, happens under one deadline for the
whole request. `timeout=` bounds the pause between two bytes and nothing else: with `timeout=3` all six kinds of
dripping server were still being read after 10 s.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, BinaryIO, cast

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ingest.errors import ConfigError, FetchError
from ingest.fetch.addresses import Guard

__all__ = ["Budget", "Wire"]


class Budget:
    """What the request under way may still spend; one for all the sockets of a client."""

    def __init__(self) -> None:
        #: For error messages: the redacted address of the request under way.
        self.url = ""
        #: Bytes received since the last `attempt`.
        self.received = 0
        self._seconds = 0.0
        self._until = 0.0

    def start(self, url: str, seconds: float) -> None:
        """Begin a request that may take `seconds` in all."""
        self.url = url
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def attempt(self, url: str) -> None:
        """Begin one exchange of the request."""
        self.url = url
        self.received = 0

    def pause(self, seconds: float) -> None:
        """Do not count `seconds` that were spent waiting for the host's turn."""
        self._until += seconds

    def left(self) -> float:
        """Seconds left; FetchError `too_slow` when there are none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise self.too_slow()
        return left

    def too_slow(self) -> FetchError:
        """The error to raise when the time is up."""
        return FetchError(self.url, "too_slow", f"not finished within {self._seconds:g} seconds")

    @contextmanager
    def bounding(self, sock: socket.socket) -> Iterator[None]:
        """Let one operation of `sock` take the time left; FetchError `too_slow` when that is not enough."""
        sock.settimeout(self.left())
        try:
            yield
        except TimeoutError as error:
            raise self.too_slow() from error


class _PlainSocket(socket.socket):
    """A TCP socket that reads and writes under the budget."""

    budget: Budget

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        with self.budget.bounding(self):
            count = super().recv_into(*args, **kwargs)
        self.budget.received += count
        return count

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        with self.budget.bounding(self):
            super().sendall(*args, **kwargs)


class _TlsSocket(ssl.SSLSocket):
    """A TLS socket that reads and writes under the budget; its `sendall` is a loop of `send`."""

    budget: Budget

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        with self.budget.bounding(self):
            count = super().recv_into(*args, **kwargs)
        self.budget.received += count
        return count

    def send(self, *args: Any, **kwargs: Any) -> int:
        with self.budget.bounding(self):
            return super().send(*args, **kwargs)


def _connect(guard: Guard, budget: Budget, host: str, port: int) -> socket.socket:
    """A connection to the first address of `host` that answers, each given its share of the time left."""
    addresses = guard.addresses(budget.url, host, port, budget.left())
    failure = OSError("")
    for number, address in enumerate(addresses):
        try:
            return _dial(budget, address, port, budget.left() / (len(addresses) - number))
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise FetchError(budget.url, "too_slow", f"{host} does not take connections") from failure
    raise FetchError(budget.url, "refused", f"{host} cannot be reached ({failure.strerror})") from failure


def _dial(budget: Budget, address: str, port: int, seconds: float) -> socket.socket:
    sock = _PlainSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.budget = budget
        sock.settimeout(seconds)
        sock.connect((address, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(budget.left())
    except BaseException:
        sock.close()
        raise
    return sock


class _Lines:
    """A stream that remembers the last line that was read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.last = b""

    def readline(self, limit: int) -> bytes:
        self.last = self.stream.readline(limit)
        return self.last

    def close(self) -> None:
        self.stream.close()


class _Answer(http.client.HTTPResponse):
    """A response without three traps of http.client.

    It takes a header that was cut off for a whole one, and its answer for an empty body. It would hand a `103 Early
    Hints` on as the answer, and the real answer to the next request: all interim answers (RFC 9110 §15.2) are passed
    over. And for a chunk of size -1 it would read all there is into memory.
    """

    fp: Any

    def begin(self) -> None:
        lines = _Lines(self.fp)
        self.fp = lines
        try:
            super().begin()
        finally:
            if self.fp is lines:  # not closed meanwhile
                self.fp = lines.stream
        if not lines.last:
            raise http.client.IncompleteRead(b"")
        if self.status == 101:  # nobody asked to switch: what follows is no HTTP
            self.will_close = True
        lengths = {part.strip() for part in ",".join(self.headers.get_all("content-length", [])).split(",")}
        if len(lengths) > 1:  # urllib3 finds it as well, and then forgets to close the response
            raise urllib3.exceptions.InvalidHeader("two lengths: " + " and ".join(sorted(lengths)))

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)

    def _read_next_chunk_size(self) -> int:
        size = int(super()._read_next_chunk_size())  # type: ignore[misc]
        if size < 0:
            raise http.client.IncompleteRead(b"")
        return size


class _Checked(HTTPConnection):
    """A connection to where its guard lets it, within its budget."""

    guard: Guard
    budget: Budget
    response_class = _Answer

    def _new_conn(self) -> socket.socket:
        return _connect(self.guard, self.budget, self._dns_host, self.port)


class _CheckedTls(_Checked, HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError as error:  # the handshake runs in C, under the timeout set by _connect
            raise self.budget.too_slow() from error
        cast(_TlsSocket, self.sock).budget = self.budget


class _Pool(HTTPConnectionPool):
    """Connections of one client. It hands its guard and budget on: classes made for each client cost twice as much."""

    ConnectionCls = _Checked

    def __init__(self, *where: Any, guard: Guard, budget: Budget, **options: Any) -> None:
        super().__init__(*where, **options)
        self._guard, self._budget = guard, budget

    def _new_conn(self) -> Any:
        made = cast(_Checked, super()._new_conn())
        made.guard, made.budget = self._guard, self._budget
        return made


class _TlsPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _CheckedTls


@cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """The certificate authorities of certifi, and those of `ca_file`. Cached: reading them takes 20 ms."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.sslsocket_class = _TlsSocket
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise ConfigError(f"the certificates in {ca_file} cannot be read: {error}") from error
    return context


class _Adapter(HTTPAdapter):
    """The transport of the session: guarded pools, by the operator's proxy if any; verification is never off."""

    def __init__(self, guard: Guard, budget: Budget, ca_file: str | None, proxy: str | None) -> None:
        kinds = {"http": _Pool, "https": _TlsPool}
        self._pools = {name: partial(pool, guard=guard, budget=budget) for name, pool in kinds.items()}
        self._context = _trust(ca_file)
        self._proxy = proxy
        super().__init__(pool_connections=32, pool_maxsize=1, max_retries=urllib3.Retry(0, read=False))

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        if self._proxy is None:
            super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **options)
        else:
            self.poolmanager = urllib3.ProxyManager(
                self._proxy, num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context
            )
        self.poolmanager.pool_classes_by_scheme = cast(Any, self._pools)

    def request_url(self, request: requests.PreparedRequest, proxies: object) -> str:  # noqa: ARG002
        """What stands in the request line: the whole address for a proxy (RFC 9112 §3.2.2), else its path."""
        whole = self._proxy is not None and str(request.url).startswith("http://")
        return str(request.url if whole else request.path_url)

    def cert_verify(self, conn: Any, url: str, verify: object, cert: object) -> None:
        """Nothing to set: the context verifies, whatever the session's `verify` says."""

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> HTTPConnectionPool:
        """The pool of the request's origin, found by the parser that `Target` is made with."""
        return cast(HTTPConnectionPool, self.poolmanager.connection_from_url(str(request.url)))


class Wire(requests.Session):
    """A `requests` session that goes nowhere it may not, and stays no longer than it may.

    It takes nothing from the environment (proxies, netrc), keeps no cookies, and leaves redirects alone: a stock
    session reads the whole body of every redirect, even when told not to follow it (2 GB for a 1 MB gzip bomb).
    """

    def __init__(self, guard: Guard, budget: Budget, ca_file: str | None = None, proxy: str | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        adapter = _Adapter(guard, budget, ca_file, proxy)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Never any: whoever asked decides where to go on."""
