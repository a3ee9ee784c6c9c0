r"""Where a request may go: one parser of addresses, the table of special ranges, and what the operator allows.

Everything else in this package takes a `Target`, so a URL is read by one parser only. Two parsers that disagree
about where the host ends are how `http://a.example\@127.0.0.1/` gets past a check.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from ingest.errors import ConfigError, FetchError
from ingest.fetch.names import Resolver, look_up, resolve

__all__ = ["Address", "Guard", "Target", "is_public", "redact"]

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = {"http": 80, "https": 443}

# The IANA special-purpose registries (RFC 6890 and its updates, read 2026-11). Our own table, because
# `ipaddress.is_global` of Python 3.11.7 calls 192.0.0.8 public, and changes from one patch release to the next.
SPECIAL_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host, on this network (RFC 791); Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local; 169.254.169.254 hands out cloud credentials
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # former 6to4 relays (RFC 7526)
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
#: The same as numbers; the ranges do not overlap, and the first begins at 0.
_STARTS_V4 = [int(network[0]) for network in SPECIAL_V4]
_ENDS_V4 = [int(network[-1]) for network in SPECIAL_V4]
#: Global unicast is 2000::/3 and nothing else; these parts of it are special all the same.
GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
SPECIAL_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: reaches any IPv4 address, private ones included
        "3fff::/20",  # documentation (RFC 9637)
    )
)
#: Prefixes whose last 32 bits are the IPv4 address really meant: IPv4-mapped, and NAT64 (RFC 6052), through
#: which hosts on IPv6-only networks reach every IPv4 site.
CARRIES_V4 = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))

_NAME = r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?"
_PATH = r"[A-Za-z0-9_.~!$&'()*+,;=:@/-]*"
_QUERY = _PATH.replace("/", "/?")
_ESCAPE = "%[0-9A-F]{2}"
HOST_NAME = re.compile(_NAME + r"\Z")
#: An address that the parser hands back as it is (RFC 3986 §6.2.2), unless `/.` stands in its path.
EVEN = re.compile(
    rf"(https?)://({_NAME})(?::([1-9][0-9]{{0,4}}))?"
    rf"(/{_PATH}(?:{_ESCAPE}{_PATH})*)(?:\?{_QUERY}(?:{_ESCAPE}{_QUERY})*)?\Z"
)
#: A percent sign that begins no escape, behind a host. For the parser one such makes a whole path, or query, raw text.
STRAY = re.compile("%(?![0-9A-Fa-f]{2})")
BEFORE_PATH = re.compile(r"(?:[^:/?#]*:)?//[^/?#]*")
SECRET_KEY = re.compile(
    r"(?i)pass|pwd|secret|token|auth(?!or)|nonce|signature|session|credential|^sig$|^sid$|^key$|[_-]?api[_-]?key"
)


@dataclass(frozen=True, slots=True)
class Target:
    """An absolute http(s) address, taken apart once."""

    scheme: str
    #: Lower case, ASCII (IDNA); an IPv6 address without its brackets.
    host: str
    port: int
    #: Percent-encoded; without user info and fragment.
    url: str

    @classmethod
    def of(cls, url: str) -> Target:
        """The target of `url`; FetchError `blocked` when it is not an address that this program opens."""
        even = EVEN.match(url)
        if even is not None and "/." not in even[4] and int(even[3] or 0) < 65536:
            # A third of the parser's time, and a run that needs it for no address need not load urllib3 (40 ms).
            return cls(even[1], even[2], int(even[3] or PORTS[even[1]]), url)
        return cls._parsed(url)

    @classmethod
    def _parsed(cls, url: str) -> Target:
        from urllib3.exceptions import LocationParseError  # noqa: PLC0415
        from urllib3.util import parse_url  # noqa: PLC0415

        text = url.strip()
        before = BEFORE_PATH.match(text)
        start = before.end() if before else 0
        try:
            parts = parse_url(text[:start] + STRAY.sub("%25", text[start:]))
        except LocationParseError as error:
            raise FetchError(redact(url), "blocked", "this is not a web address") from error
        if parts.scheme not in PORTS:
            raise FetchError(redact(url), "blocked", "only http and https addresses are opened")
        host = (parts.host or "").strip("[]")
        if not (HOST_NAME.match(host) or (":" in host and _literal(host))):
            raise FetchError(redact(url), "blocked", "this is not the name or address of a host")
        whole = parts._replace(auth=None, fragment=None, path=parts.path or "/").url
        return cls(parts.scheme, host, parts.port or PORTS[parts.scheme], whole)

    @property
    def origin(self) -> str:
        """Scheme, host and port (RFC 6454), always with the port."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def path(self) -> str:
        """Path and query: what is asked for in a request line (RFC 9112 §3.2.1)."""
        return self.url[self.url.index("/", len(self.scheme) + 3) :]

    @property
    def name(self) -> str:
        """The host as others are told it: without the root's dot and without a zone, which is ours, in brackets."""
        return f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host.rstrip(".")

    @property
    def authority(self) -> str:
        """Name and, unless it is the usual one, port: the Host header (RFC 9110 §7.2)."""
        return self.name if self.port == PORTS[self.scheme] else f"{self.name}:{self.port}"


def redact(url: str) -> str:
    """`url` fit for a log: without user info, and with the values of query keys that look secret starred out."""
    before, mark, query = url.partition("?")
    if "@" in before:
        before = re.sub(r"^([a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/\\?#]*@", r"\1//", before)
    if not mark:
        return before
    return before + "?" + "&".join(_redacted(pair) for pair in query.split("&"))


def _redacted(pair: str) -> str:
    key, equals, _ = pair.partition("=")
    return f"{key}=***" if equals and SECRET_KEY.search(key) else pair


@lru_cache(maxsize=256)  # a host is asked about for its address, its turn and its connection
def _literal(host: str) -> Address | None:
    """The address that `host` spells, in any way the C library takes (`0x7f.1`, `2130706433`); None for names."""
    host = host.rstrip(".")
    if ":" not in host and not host.rpartition(".")[2][:1].isdigit():
        return None  # without three failed attempts: the last number of any spelling begins with a digit
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_public(address: Address) -> bool:
    """Whether `address` is one of the open internet (IANA special-purpose address registries)."""
    if isinstance(address, ipaddress.IPv4Address):
        number = int(address)
        return number > _ENDS_V4[bisect_right(_STARTS_V4, number) - 1]
    return address in GLOBAL_V6 and not any(address in network for network in SPECIAL_V6)


def _meant(address: Address) -> Address:
    """The IPv4 address inside a mapped or NAT64 one; any other as it is."""
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in CARRIES_V4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class Guard:
    """Says which addresses a host may be reached at."""

    def __init__(self, allow_private: Sequence[str] = (), resolver: Resolver = resolve) -> None:
        """`allow_private` names hosts, addresses and networks; ConfigError for a network that is none."""
        self._resolver = resolver
        self._names, self._networks = _allowed(tuple(allow_private))

    def permits(self, host: str, address: Address) -> bool:
        """Whether `host` may be reached at `address`: it is public, or the operator allowed it."""
        meant = _meant(address)
        return (
            is_public(meant)
            or host.rstrip(".") in self._names
            or any(meant in network or address in network for network in self._networks)
        )

    def check(self, target: Target) -> None:
        """Raise FetchError `blocked` for a host that spells a forbidden address; names are checked on connecting."""
        address = _literal(target.host)
        if address is not None and not self.permits(target.host, address):
            raise FetchError(redact(target.url), "blocked", f"{address} is not a public address")

    def addresses(self, url: str, host: str, port: int, seconds: float = 60.0) -> list[str]:
        """The addresses to connect to for `host`, resolved now and only once, within `seconds`.

        FetchError `dns` when there are none, `blocked` when none of them is permitted.
        """
        spelled = _literal(host)
        try:
            found = (
                [spelled]
                if spelled
                else [ipaddress.ip_address(text) for text in look_up(self._resolver, host, port, seconds)]
            )
        except (OSError, UnicodeError) as error:
            raise FetchError(url, "dns", f"{host} has no address ({_reason(error)})") from error
        permitted = [str(address) for address in found if self.permits(host, address)]
        if found and not permitted:
            raise FetchError(url, "blocked", f"{host} is at {found[0]}, which is not a public address")
        if not permitted:
            raise FetchError(url, "dns", f"{host} has no address")
        return permitted


@lru_cache(maxsize=16)  # one policy makes the guards of a thousand clients
def _allowed(entries: tuple[str, ...]) -> tuple[frozenset[str], tuple[Network, ...]]:
    """The names and the networks among `entries`."""
    names: set[str] = set()
    networks: list[Network] = []
    for entry in filter(None, map(str.strip, entries)):
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError as error:
            if "/" in entry or ":" in entry:
                raise ConfigError(f"allow_private: {entry!r} is no name, address or network") from error
            names.add(entry.lower().rstrip("."))
    return frozenset(names), tuple(networks)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
