"""The parser of the URL Standard (https://url.spec.whatwg.org/, WHATWG) for `http` and `https`.

It does what a browser does with a link, backslashes, tabs, odd hosts and all; user information is dropped as it is
read. Of the 228 http(s) addresses and 204 failures among the Standard's own tests it has all, `urllib.parse.urljoin`
81 and 14, with w3lib 2.5's `safe_url_string` on top 123 and 38. `urls` makes rules of the parts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

__all__ = ["IN_QUERY", "SCHEME", "Address", "bears_user", "clean", "parse", "settled"]

_PORTS = {"http": 80, "https": 443}
#: A scheme and its colon at the start of an address (RFC 3986 §3.1).
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
#: DNS carries 253 characters, three times that escaped. Longer: caches would fill, and punycode is quadratic.
_LONGEST_HELD = 2048
#: An absolute address in which nothing but the host's form is to be changed: nine of ten that posts link to, at a
#: tenth of the time.
_COMMON = re.compile(
    r"(https?)://([a-z0-9.-]+)(?::([0-9]{1,5}))?(/[\w!$%&'()*+,./:;=@~-]*)?"
    r"(?:\?([\w!$%&()*+,./:;=?@~-]*))?(?:#([\w!$%&'()*+,./:;=?@~-]*))?",
    re.ASCII,
)
#: The same of one that begins at the root of its site: `/wp-content/uploads/2026/05/a.jpg`.
_ROOTED = re.compile(
    r"(/(?!/)[\w!$%&'()*+,./:;=@~-]*)(?:\?([\w!$%&()*+,./:;=?@~-]*))?(?:#([\w!$%&'()*+,./:;=?@~-]*))?", re.ASCII
)
_C0_AND_SPACE = "".join(map(chr, range(33)))
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")
#: An IPv4 address as it is written in the end.
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}")
_IPV4_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
#: What stays as it is, per part (§1.3, percent-encode sets); letters, digits and `_.-~` always do.
_IN_PATH = "!$%&'()*+,/:;=@[\\]|"
IN_QUERY = "!$%&()*+,/:;=?@[\\]^`{|}"
_IN_FRAGMENT = "!#$%&'()*+,/:;=?@[\\]^{|}"


class Address(NamedTuple):
    """The parts of an http(s) address; `str` puts them together again. No user information.

    A tuple because a frozen dataclass takes four times as long to make, and a post's addresses are parsed ten times.
    """

    scheme: str
    #: Lower case, A-labels; an IPv6 address in brackets.
    host: str
    #: None when it is the scheme's own.
    port: int | None
    path: str
    query: str | None = None
    fragment: str | None = None

    @property
    def netloc(self) -> str:
        """Host and, when it is not the scheme's own, port."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        query = "" if self.query is None else f"?{self.query}"
        fragment = "" if self.fragment is None else f"#{self.fragment}"
        return f"{self.scheme}://{self.netloc}{self.path}{query}{fragment}"


def clean(text: str) -> str:
    """The text of an address as the parser takes it (§4.4): trimmed, without tabs, line ends and lone surrogates."""
    text = text.strip(_C0_AND_SPACE)
    if not text.isprintable():
        text = text.translate({9: None, 10: None, 13: None})
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def bears_user(href: str) -> bool:
    """Whether a user or a password stands before the host, which `parse` drops; a missing scheme is forgiven."""
    return re.match(r"(?:https?:)?[/\\]*[^/\\?#]*@", clean(href), re.IGNORECASE) is not None


def _is_common(href: str) -> bool:
    """Without dot segments, plain or escaped, and names that are Punycode."""
    return not ("/." in href or "/%2" in href or "xn--" in href)


def settled(href: str, base: str | None = None) -> tuple[str, str] | None:
    """What `parse` finds, where that is `href` itself or, of a rooted one, what stands behind the base's host.

    That, and its host with a port that is not the scheme's own; None leaves it to `parse`. Nine of ten addresses in a
    post, at a third of the time.
    """
    if len(href) > _LONGEST_HELD:
        return None
    if href[:1] == "/":
        if base is None or len(base) > _LONGEST_HELD or not (_ROOTED.fullmatch(href) and _is_common(href)):
            return None
        origin = _origin(base)
        return (origin[0] + href, origin[1]) if origin else None
    common = _COMMON.fullmatch(href)
    if common is None:
        return None
    scheme, host, port, path = common.group(1, 2, 3, 4)
    settled = path and _is_common(href) and _host(host) == host and (not port or _is_settled(scheme, port))
    return (href, f"{host}:{port}" if port else host) if settled else None


def _is_settled(scheme: str, port: str) -> bool:
    return port[0] != "0" and int(port) <= 65535 and int(port) != _PORTS[scheme]


@lru_cache(maxsize=256)
def _origin(base: str) -> tuple[str, str] | None:
    here = parse(base)
    return (f"{here.scheme}://{here.netloc}", here.netloc) if here else None


def parse(href: str, base: str | None = None) -> Address | None:
    """`href`, resolved against `base` where it is relative; None when that is no http(s) address. Never raises."""
    if len(href) <= _LONGEST_HELD:
        if common := _COMMON.fullmatch(href):
            found = _common(*common.groups())
            if found is not None and _is_common(href):
                return found
        elif base is not None and (rooted := _ROOTED.fullmatch(href)) and _is_common(href):
            here = _parse_base(base) if len(base) <= _LONGEST_HELD else parse(base)
            return Address(here.scheme, here.host, here.port, *rooted.groups()) if here else None
    text = clean(href)
    scheme = SCHEME.match(text)
    name = scheme[1].lower() if scheme else None
    if name is not None and name not in _PORTS:
        return None
    here = None
    if base is not None:
        here = _parse_base(base) if len(base) <= _LONGEST_HELD else parse(base)
    text, hash_, fragment = text.partition("#")
    end = quote(fragment, safe=_IN_FRAGMENT) if hash_ else None
    if name is not None:
        text = text[len(name) + 1 :]
        if here is None or here.scheme != name:
            return _with_authority(name, text, end)
    if here is None:
        return None
    if re.match(r"[/\\]{2}", text):
        return _with_authority(here.scheme, text, end)
    return _relative(here, text, end)


def _common(
    scheme: str, host: str, port: str | None, path: str | None, query: str | None, fragment: str | None
) -> Address | None:
    """The address of these parts, in which no character is to be changed; None leaves it to the rules."""
    name, number = _host(host), None
    if not name or (port and (number := int(port)) > 65535):
        return None
    return Address(scheme, name, None if number == _PORTS[scheme] else number, path or "/", query, fragment)


@lru_cache(maxsize=256)
def _parse_base(base: str) -> Address | None:
    # A page of posts has hundreds of links and one base.
    return parse(base)


def _with_authority(scheme: str, text: str, fragment: str | None) -> Address | None:
    text = text.lstrip("/\\")
    end = re.search(r"[/\\?]", text)
    authority, rest = (text[: end.start()], text[end.start() :]) if end else (text, "")
    place = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?", authority.rpartition("@")[2])
    host = _host(place[1]) if place and len(place[1]) <= _LONGEST_HELD else None
    if place is None or not host:
        return None
    digits = (place[2] or "").lstrip("0") or ("0" if place[2] else "")
    if len(digits) > 5 or int(digits or 0) > 65535:
        return None
    port = int(digits) if digits and int(digits) != _PORTS[scheme] else None
    return _relative(Address(scheme, host, port, "/"), rest, fragment)


def _relative(base: Address, text: str, fragment: str | None) -> Address:
    """Path and query in `text`, from where `base` stands."""
    path, mark, query = text.partition("?")
    # Built anew and not by `replace`, which takes five times as long; a page of posts has hundreds of links.
    if not path and not mark:
        return Address(base.scheme, base.host, base.port, base.path, base.query, fragment)
    asked = quote(query, safe=IN_QUERY) if mark else None
    if not path:
        return Address(base.scheme, base.host, base.port, base.path, asked, fragment)
    path = path.replace("\\", "/")
    if path[0] != "/":
        path = base.path[: base.path.rfind("/") + 1] + path
    return Address(base.scheme, base.host, base.port, _without_dots(quote(path, safe=_IN_PATH)), asked, fragment)


def _without_dots(path: str) -> str:
    if "/." not in path and "/%2" not in path:
        return path
    kept: list[str] = []
    segments = path[1:].split("/")
    for segment in segments:
        plain = segment.lower().replace("%2e", ".") if len(segment) <= 6 else segment
        if plain == ".." and kept:
            kept.pop()
        elif plain not in {".", ".."}:
            kept.append(segment)
    if plain in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


@lru_cache(maxsize=4096)
def _host(text: str) -> str | None:
    """A host in its one form, None when it is none (URL Standard §3.5)."""
    if text.startswith("["):
        return _ipv6(text[1:-1])
    name = unquote_to_bytes(text).decode("utf-8", "replace")
    ascii_name = name.lower() if name.isascii() and "xn--" not in name.lower() else _a_labels(name)
    if not ascii_name or _FORBIDDEN_IN_HOST.search(ascii_name):
        return None
    last = ascii_name.removesuffix(".").rpartition(".")[2]
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        return _ipv4(ascii_name.removesuffix("."))
    return ascii_name


def _a_labels(name: str) -> str | None:
    """Unicode to A-labels by UTS 46, as browsers do it; the standard library's codec still speaks IDNA 2003."""
    import idna  # noqa: PLC0415  (10 ms, and few names need it)

    def mapped(text: str) -> str:
        return idna.uts46_remap(text, std3_rules=False, transitional=False)

    labels = []
    try:
        for label in mapped(name).split("."):
            plain = label[4:].encode().decode("punycode") if label.startswith("xn--") else label
            if plain != label and (plain.isascii() or mapped(plain) != plain):
                return None  # an A-label that no name has
            labels.append(plain if plain.isascii() else f"xn--{plain.encode('punycode').decode()}")
    except (idna.IDNAError, ValueError, IndexError):
        return None
    return ".".join(labels)


def _ipv4(text: str) -> str | None:
    """`127.1`, `0x7f.1`, `2130706433` and the like as `127.0.0.1`: the fetcher judges addresses, not spellings."""
    if _IPV4.fullmatch(text):  # a fifth of the time
        return text
    parts = text.split(".")
    if len(parts) > 4 or any(len(part) > 40 for part in parts):
        return None
    try:
        numbers = [_ipv4_number(part) for part in parts]
    except ValueError:
        return None
    *head, tail = numbers
    if any(number > 255 for number in head) or tail >= 256 ** (5 - len(numbers)):
        return None
    return str(IPv4Address(sum(number << 8 * (3 - at) for at, number in enumerate(head)) + tail))


def _ipv4_number(part: str) -> int:
    if not _IPV4_NUMBER.fullmatch(part):  # `int` takes `-1`, `1_0` and `0o7` as well
        raise ValueError(part)
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") else int(part)


def _ipv6(text: str) -> str | None:
    if "%" in text:
        return None
    try:
        address = IPv6Address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped  # Python 3.13 writes it dotted, the URL Standard never does
    short = f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}" if mapped else str(address)
    return f"[{short}]"
