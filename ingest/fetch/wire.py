"""Sockets and connections: to checked addresses only, over TLS that is always verified, under one deadline.

The product is built on `requests`, and this is what became of its session: two thirds of a request's time went into
sessions, adapters, pools and copies of headers, and what they are for is done by hand here anyway (redirects, retries,
decoding; cookies never). So http.client frames the messages, as it does for `requests`, over sockets of ours: a name is
resolved once, the address that was checked is the one connected to, and every byte that is read or written, the TLS
handshake included, has to come within the deadline of the whole request. `timeout=` bounds the pause between two bytes
and nothing else: with `timeout=3` all six kinds of dripping server were still being read after 10 s. Whom TLS trusts is
whom `requests` trusts.

Nothing is taken from the environment: no proxy, no netrc, no certificates.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, cast

from ingest.errors import ConfigError, FetchError
from ingest.fetch.addresses import Guard, Target
from ingest.fetch.answer import Answer

__all__ = ["Budget", "Wire"]

#: Connections of one client that are kept for another request, each to a place of its own.
KEPT = 32
#: Seconds that an operation may end after the deadline: as near to it a socket's timeout is left as it is.
LATE = 0.01
#: A request as it is sent: whatever a header holds, it is one line, and this is one request (RFC 9112 §2.2).
REQUEST = re.compile(r"(?:GET|CONNECT) [!-~]+ HTTP/1\.1\r\n(?:[!-9;-~]+: [^\r\n\0]*\r\n)+\r\n")


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


class _Bounded(socket.socket):
    """A socket that reads and writes under the budget."""

    budget: Budget

    def bound(self) -> None:
        """Let the next operation take the time left; FetchError `too_slow` when there is none."""
        left = self.budget.left()
        # Each setting is a system call that lets go of the interpreter, and takes part in its contention.
        if not 0 <= (self.gettimeout() or 0) - left <= LATE:
            self.settimeout(left)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.bound()
        try:
            count = super().recv_into(*args, **kwargs)
        except TimeoutError as error:
            raise self.budget.too_slow() from error
        self.budget.received += count
        return count

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.bound()
        try:
            super().sendall(*args, **kwargs)
        except TimeoutError as error:
            raise self.budget.too_slow() from error


class _TlsSocket(_Bounded, ssl.SSLSocket):
    """The same over TLS, whose `sendall` is a loop of `send`."""

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.bound()
        return super().send(*args, **kwargs)


def _connect(guard: Guard, budget: Budget, host: str, port: int) -> _Bounded:
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


def _dial(budget: Budget, address: str, port: int, seconds: float) -> _Bounded:
    sock = _Bounded(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.budget = budget
        sock.settimeout(seconds)
        sock.connect((address, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


@cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """The certificate authorities that `requests` trusts, and those of `ca_file`. Cached: reading them takes 20 ms."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH  # noqa: PLC0415  (26 ms that a run without TLS need not take)

    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = _TlsSocket
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise ConfigError(f"the certificates in {ca_file} cannot be read: {error}") from error
    return context


def _ready(sock: socket.socket) -> bool:
    """Whether there is something to read: on a connection that nobody uses, its end, or what nobody asked for."""
    poll = select.poll()  # `select` knows no file numbers beyond 1,023
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _request(method: str, what: str, headers: Mapping[str, str]) -> bytes:
    """A request without a body; ValueError for what would be more than one."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    text = f"{method} {what} HTTP/1.1\r\n{lines}\r\n"
    if not REQUEST.fullmatch(text) or text.count("\n") != len(headers) + 2:
        raise ValueError("what is to be sent does not fit a request")
    return text.encode("latin-1")


class Wire:
    """Sends requests and hands out their answers, one at a time, over connections that are kept.

    It goes nowhere it may not, stays no longer than it may, and leaves redirects alone: a session of `requests` reads
    the whole body of every redirect, even when told not to follow it (2 GB for a 1 MB gzip bomb).
    """

    def __init__(self, guard: Guard, budget: Budget, ca_file: str | None = None, proxy: str | None = None) -> None:
        """`proxy` is asked for everything. ConfigError when `ca_file` cannot be read."""
        #: Where to -> the connection, the one longest unused first.
        self._kept: dict[str, _Bounded] = {}
        #: What the answer under way comes from: where to, and the connection.
        self._used: tuple[str, _Bounded] | None = None
        self._guard, self._budget = guard, budget
        self._ca_file = ca_file
        self._proxy = None if proxy is None else Target.of(proxy)
        if ca_file is not None:
            _trust(ca_file)

    def get(self, target: Target, headers: Mapping[str, str]) -> Answer:
        """The answer of `target` with its body still unread; to be given to `done`, whatever becomes of it.

        FetchError, and what sockets, TLS and http.client raise.
        """
        if self._proxy is not None:  # it resolves the name anew: ours is the only check there is
            self._guard.addresses(self._budget.url, target.host, target.port, self._budget.left())
        forwarded = self._proxy is not None and target.scheme == "http"
        place = self._proxy.origin if self._proxy is not None and forwarded else target.origin
        # RFC 9112 §3.2.2: a proxy is told the whole address.
        data = _request("GET", target.url if forwarded else target.path, {"Host": target.authority, **headers})
        sock = self._taken(place) or self._opened(target)
        try:
            answer = self._asked(sock, data)
        except BaseException:
            sock.close()
            raise
        self._used = place, sock
        return answer

    def done(self, answer: Answer) -> None:
        """Keep the connection of `answer` when that was read to its end; else it takes its connection with it."""
        used, self._used = self._used, None
        if used is None:
            return
        place, sock = used
        over = answer.over
        answer.close()
        if not over:
            sock.close()
            return
        self._kept[place] = sock
        if len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept))).close()

    def close(self) -> None:
        """Close the connections that were kept."""
        while self._kept:
            self._kept.popitem()[1].close()

    def __del__(self) -> None:
        """A run that is broken off closes nothing by hand."""
        self.close()

    def _taken(self, place: str) -> _Bounded | None:
        """The connection kept for `place`, unless it ended meanwhile."""
        sock = self._kept.pop(place, None)
        if sock is not None and _ready(sock):
            sock.close()
            return None
        return sock

    def _asked(self, sock: _Bounded, data: bytes, method: str = "GET") -> Answer:
        with suppress(BrokenPipeError):  # the other side has hung up; what it said before can still be read
            sock.sendall(data)
        answer = Answer(sock, method)
        try:
            answer.begin()
        except BaseException:
            answer.close()
            raise
        return answer

    def _opened(self, target: Target) -> _Bounded:
        """A new connection to `target`, through the proxy if there is one."""
        door = self._proxy or target
        sock = _connect(self._guard, self._budget, door.host, door.port)
        if target.scheme == "http":
            return sock
        try:
            if self._proxy is not None:
                self._tunnel(sock, f"{target.name}:{target.port}")
            return self._secure(sock, target.name.strip("[]"))
        except BaseException:
            sock.close()
            raise

    def _tunnel(self, sock: _Bounded, where: str) -> None:
        """Have the proxy connect to `where` (RFC 9110 §9.3.6); FetchError `refused` when it will not."""
        answer = self._asked(sock, _request("CONNECT", where, {"Host": where}), "CONNECT")
        answer.close()
        if not 200 <= answer.status < 300:
            why = "".join(c if c.isprintable() else "?" for c in answer.reason)[:60]
            told = f"the proxy refuses to connect to {where}: {answer.status} {why}".rstrip()
            raise FetchError(self._budget.url, "refused", told)

    def _secure(self, sock: _Bounded, host: str) -> _Bounded:
        """`sock` after a handshake, which runs in C, under one timeout, and is verified for `host`."""
        sock.settimeout(self._budget.left())
        try:
            made = _trust(self._ca_file).wrap_socket(sock, server_hostname=host)
        except TimeoutError as error:
            raise self._budget.too_slow() from error
        secured = cast(_TlsSocket, made)
        secured.budget = self._budget
        return secured
