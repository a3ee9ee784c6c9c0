"""Every rule about addresses: what is made of the parts that the one parser (`url_standard`) finds.

Two parsers that disagree about an address are how a request ends where nobody meant it to, so there is no other
one. Everything is total: an address that cannot be read is None, False or empty, never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote

from ingest.url_standard import IN_QUERY, SCHEME, Address, bears_user, clean, parse, settled

__all__ = [
    "absolute",
    "bears_user",
    "canonical",
    "host_of",
    "is_home",
    "is_internal",
    "link",
    "link_target",
    "origin_of",
    "permalink_path",
    "redact",
    "rest_root_url",
    "same_page",
    "site_of",
]

_LONGEST_HELD = 1000  # longer addresses are read anew each time: what is held has to stay small
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

#: Query keys that name the way a reader came, never the page.
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|piwik|matomo)_\w+|_?(?:fb|g|dc|y|ms|tw|tt|rdt_|sc)clid|msclkid|gclsrc|wbraid|gbraid|srsltid|igshid"
    r"|igsh|_ga|_gl|mc_[ce]id|mkt_tok|_hsenc|_hsmi|__hs(?:sc|tc|fp)|fb_(?:action_ids|action_types|source|ref)"
    r"|li_fat_id|oly_(?:anon|enc)_id|vero_id|s_kwcid|epik",
    re.IGNORECASE | re.ASCII,
)
_SECRET = re.compile(
    r"token|secret|passw|passphrase|credential|signature|nonce|oauth|session|authorization|auth(?:key|code)?$"
    r"|key$|^pass$|^pwd?$|^sig$|^sid$|^jwt$|^code$"
)
_USER_INFO = re.compile(r"^(\s*(?:https?:[/\\]*|[/\\]{2,}))[^/\\?#]*@", re.IGNORECASE)
_PAIR = re.compile(r"(?<=[?&;#])([^=&;#?]+)=([^&;#]*)")
#: WordPress.com: the namespace comes before the site (https://developer.wordpress.com/docs/api/).
_WORDPRESS_COM = re.compile(r"(.*)/([a-z]+/v[\d.]+)(/sites/[^/]+)", re.DOTALL)


# ---- addresses as they stand in documents ---------------------------------------------------------------


def absolute(href: str, base: str | None = None, *, limit: int = 2048, fragment: bool = True) -> str | None:
    """`href` as a browser that stands at `base` would follow it; None if that is no http(s) address.

    None as well when the result is longer than `limit` characters. `fragment=False` drops `#…`.
    """
    if common := settled(href, base):
        result = common[0]
    elif (found := parse(href, base)) is not None:
        result = str(found)
    else:
        return None
    result = result if fragment else result.partition("#")[0]
    return result if len(result) <= limit else None


def link_target(href: str, base: str | None = None, *, limit: int = 2048) -> str | None:
    """Where a link in a body leads: http(s) made absolute, or `mailto:` with an addressee; else None."""
    found = link(href, base, limit=limit)
    return found[0] if found else None


def link(
    href: str, base: str | None = None, hosts: Collection[str] = (), *, limit: int = 2048
) -> tuple[str, bool] | None:
    """`link_target`, and whether that is `is_internal` to these hosts; None where it leads nowhere."""
    if common := settled(href, base):
        return (common[0], _is_of(common[1], hosts)) if len(common[0]) <= limit else None
    if href[:7].lower() != "mailto:" and (found := parse(href, base)):
        target = str(found)
        return (target, _is_of(found.netloc, hosts)) if len(target) <= limit else None
    text = clean(href)
    if text[:7].lower() != "mailto:":
        return None
    target = "mailto:" + quote(text[7:].strip(), safe=IN_QUERY + "'", errors="replace")
    return (target, False) if "@" in target.partition("?")[0] and len(target) <= limit else None


def canonical(url: str) -> str:
    """The form of a permalink that identities are compared in; an address that cannot be read comes back trimmed.

    Scheme and host in lower case, default port, fragment and tracking keys dropped, dot segments resolved,
    escapes in upper case and none where none is needed (RFC 3986 §6.2.2). Everything else is kept: `p`, `page_id`,
    `paged`, `rest_route`, the order of the keys, `//` in the path, the scheme.
    """
    found = _identified(url)
    return str(found) if found else clean(url)


def permalink_path(url: str) -> str:
    """What tells a post from the others of its site: the canonical path and query.

    Without scheme, host, trailing slash and `index.php`, so that http, https, `www.` and moved hosts meet:
    `/2026/05/a-title`, `/?p=23`, `/` for a home address. Case is kept. Empty when the address cannot be read.
    """
    found = _identified(url)
    if found is None:
        return ""
    path = found.path
    if "/index.php" in path:
        path = re.sub(r"/index\.php(?=/|$)", "", path, count=1)
    path = path.rstrip("/") or "/"
    return path if found.query is None else f"{path}?{found.query}"


def same_page(a: str, b: str) -> bool:
    """Whether two addresses lead to one page: scheme, `www.`, trailing slash, tracking and fragment aside."""
    here, there = host_of(a), host_of(b)
    if not here or not there:
        return clean(a) == clean(b)
    return _bare(here) == _bare(there) and permalink_path(a) == permalink_path(b)


# ---- sites, hosts ---------------------------------------------------------------------------------------


def site_of(home: str) -> str:
    """The key of a site: its home address without scheme, `www.`, default port and trailing slash, path kept.

    `https://www.Example.org/blog/` -> `example.org/blog`. A missing scheme is forgiven. Empty when unreadable.
    """
    return _site_held(home) if len(home) <= _LONGEST_HELD else _site(home)


def _site(home: str) -> str:
    if home.startswith(("https://", "http://")):
        return _key_of(_identified(home))
    text = clean(home)
    # `example.org:8080` is a name and a port, not a scheme.
    return _key_of(_identified(text if re.match(rf"{SCHEME.pattern}(?!\d)", text, re.ASCII) else f"https://{text}"))


_site_held = lru_cache(maxsize=256)(_site)


def is_home(url: str, site: str) -> bool:
    """Whether `url` is only the home address of `site` (a key by `site_of`), or of its host: it identifies nothing."""
    found = _identified(url)
    if found is None or found.query is not None:
        return False
    here = _key_of(found) if url.startswith(("https://", "http://")) else site_of(url)
    return here == site or ("/" not in here and site.startswith(f"{here}/"))


def host_of(url: str) -> str:
    """Name and, when it is not the default, port: what politeness and credentials go by. Empty when unreadable."""
    if common := settled(url):
        return common[1]
    found = parse(url)
    return found.netloc if found else ""


def origin_of(url: str) -> str:
    """Scheme, name and port (RFC 6454), `https://example.org`; empty when unreadable."""
    found = parse(url)
    return f"{found.scheme}://{found.netloc}" if found else ""


def is_internal(url: str, hosts: Collection[str]) -> bool:
    """Whether `url` leads to one of a site's `hosts` (names as `host_of` gives them), `www.` aside."""
    return _is_of(host_of(url), hosts)


def _is_of(host: str, hosts: Collection[str]) -> bool:
    return bool(host) and (host in hosts or _bare(host) in _bares(frozenset(hosts)))


@lru_cache(maxsize=256)
def _bares(hosts: frozenset[str]) -> frozenset[str]:
    # All links of a post are held against the same hosts.
    return frozenset(_bare(name.lower()) for name in hosts)


def redact(url: str) -> str:
    """`url` for logs and tables: user information gone, the values of secret-looking keys `***`, one line."""
    text = _USER_INFO.sub(r"\1", clean(url))
    return _PAIR.sub(lambda pair: f"{pair[1]}=***" if _is_secret(pair[1]) else pair[0], text)


def _is_secret(key: str) -> bool:
    return bool(_SECRET.search(re.sub(r"[\W_]", "", unquote(key)).lower()))


# ---- WordPress ------------------------------------------------------------------------------------------


def rest_root_url(template: str, route: str, params: Mapping[str, object] | None = None) -> str:
    """The address of a REST `route` (`/wp/v2/posts`) below a root as the site advertises it, which is a template.

    `https://h/wp-json/` and other prefixes get the route appended; `https://h/?rest_route=/` carries it in the
    query; WordPress.com (`…/wp/v2/sites/<site>/`) has the namespace before the site. Of `params` None is left out,
    booleans become `true`/`false`, lists are joined by commas; `+` is sent as %2B (WordPress answers 400 else).
    """
    root, _, query = template.partition("#")[0].partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    carried = next((pair for pair in pairs if unquote(pair.partition("=")[0]) == "rest_route"), None)
    if carried is None:
        root = _join_route(root, route)
    else:
        prefix = unquote(carried.partition("=")[2]).rstrip("/")
        pairs[pairs.index(carried)] = f"rest_route={_quoted(prefix + '/' + route.lstrip('/'))}"
    pairs += [f"{_quoted(key)}={_value(value)}" for key, value in (params or {}).items() if value is not None]
    return f"{root}?{'&'.join(pairs)}" if pairs else root


def _join_route(root: str, route: str) -> str:
    root, route = root.rstrip("/"), route.lstrip("/")
    found = _WORDPRESS_COM.fullmatch(root)
    named = re.match(r"([^/]+/v[\d.]+)(?:/|$)", route)
    if found and named:
        root, route = f"{found[1]}/{named[1]}{found[3]}", route[named.end() :]
    return f"{root}/{_quoted(route)}"


def _value(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(_value(one) for one in (value if isinstance(value, list | tuple) else sorted(value, key=str)))
    return _quoted(str(value).lower() if isinstance(value, bool) else str(value))


def _quoted(text: str) -> str:
    return quote(text, safe="/:,", errors="replace")


# ---- the form that identities are compared in -----------------------------------------------------------


def _identified(url: str) -> Address | None:
    # A post's address is asked for its path, and whether it is the site's, and that of its site: four times in all.
    return _identity_held(url) if len(url) <= _LONGEST_HELD else _identity(url)


def _identity(url: str) -> Address | None:
    found = parse(url)
    if found is None:
        return None
    query = found.query
    if query:
        pairs = [pair for pair in query.split("&") if pair]
        query = "&".join([_even(pair) for pair in pairs if not _is_tracking(pair.partition("=")[0])])
    host = _rooted(found.host)
    if found.fragment is None and query == found.query and query != "" and "%" not in found.path and host == found.host:
        return found
    return Address(found.scheme, host, found.port, _even(found.path), query or None)


_identity_held = lru_cache(maxsize=1024)(_identity)


@lru_cache(maxsize=256)
def _is_tracking(key: str) -> bool:
    return _TRACKING.fullmatch(unquote(key)) is not None


def _key_of(found: Address | None) -> str:
    """The key of the site whose home address this is; empty for none."""
    if found is None:
        return ""
    path = found.path.rstrip("/")
    return _bare(found.netloc) + (path.removesuffix("/index.php").rstrip("/") if path else "")


def _even(text: str) -> str:
    """Escapes in upper case, and none for characters that need none."""
    return _ESCAPE.sub(_even_escape, text) if "%" in text else text


def _even_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


@lru_cache(maxsize=4096)
def _bare(host: str) -> str:
    host = _rooted(host)
    rest = host.removeprefix("www.")
    return rest if "." in rest else host


def _rooted(host: str) -> str:
    """`example.org.` is `example.org` (RFC 1034 §3.1), with a port or without."""
    if host[-1:] != "." and ".:" not in host:
        return host
    return re.sub(r"(?<=[^.])\.+(?=:\d+$|$)", "", host)
