"""Whose a REST object is: the site's home address, and the routes, out of the links that WordPress puts into it.

`_links` hold full addresses below the REST root (`WP_REST_Server::get_response_links`), in whatever form the site's
permalinks allow: `/wp-json/wp/v2/posts/23`, another prefix, `/index.php?rest_route=/wp/v2/posts/23`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

__all__ = ["WORDPRESS_COM", "first_href", "home_of", "home_of_root", "last_segment", "route_of"]

#: Where WordPress.com answers for its sites: the host says nothing about the site.
WORDPRESS_COM = "public-api.wordpress.com"

_NAMESPACE = re.compile(r"/(?P<route>[A-Za-z][\w.-]*/v\d[\w.]*/.*)\Z", re.DOTALL)


def home_of(data: Mapping[str, Any]) -> str | None:
    """The home address of the site that an object came from; None when it does not tell.

    By its own REST address; else by its permalink, whose origin is right for every site at the top of its host.
    """
    for relation in ("self", "collection", "about", "author"):
        home = home_of_root(first_href(data, relation))
        if home:
            return home
    link = data.get("link")
    return _home_of_permalink(link) if isinstance(link, str) else None


def home_of_root(href: str) -> str | None:
    """The home address of the site whose REST address `href` is (a root, or any route below it)."""
    parts = _split(href)
    if parts is None or parts.hostname == WORDPRESS_COM:
        return None
    path = parts.path
    if not _has_route(parts.query):
        if "/wp-json" in path:
            path = path[: path.rindex("/wp-json")]
        elif found := _NAMESPACE.search(path):
            path = path[: found.start()].rpartition("/")[0]
        else:
            return None
    return f"{parts.scheme}://{parts.netloc}{re.sub(r'(?:/index[.]php)?/*$', '', path)}"


def route_of(href: str) -> str:
    """The REST route of an address, without slash at its ends: `wp/v2/posts/23`; empty when it has none."""
    parts = _split(href)
    if parts is None:
        return ""
    carried = next((value for key, value in parse_qsl(parts.query) if key == "rest_route"), None)
    if carried is not None:
        return carried.strip("/")
    path = parts.path
    if "/wp-json/" in path:
        return path[path.rindex("/wp-json/") + len("/wp-json/") :].strip("/")
    found = _NAMESPACE.search(path)
    return found["route"].strip("/") if found else ""


def last_segment(href: str) -> str:
    """The last part of an address's route: `categories` of `…/wp/v2/categories?post=23`."""
    return route_of(href).rpartition("/")[2]


def first_href(data: Mapping[str, Any], relation: str) -> str:
    """The first address that `_links` names for a relation; empty when there is none."""
    links = data.get("_links")
    named = links.get(relation) if isinstance(links, dict) else None
    first = named[0] if isinstance(named, list) and named else named
    href = first.get("href") if isinstance(first, dict) else first
    return href if isinstance(href, str) else ""


def _home_of_permalink(link: str) -> str | None:
    parts = _split(link)
    if parts is None:
        return None
    origin = f"{parts.scheme}://{parts.netloc}"
    if re.match(r"(?:p|page_id|attachment_id|cat|tag|author)=", parts.query):  # plain permalinks: `/blog/?p=23`
        return origin + re.sub(r"(?:/index[.]php)?/*$", "", parts.path)
    return origin


def _has_route(query: str) -> bool:
    return any(key == "rest_route" for key, _ in parse_qsl(query, keep_blank_values=True))


def _split(href: str) -> SplitResult | None:
    try:
        parts = urlsplit(href)
        named = parts.scheme in {"http", "https"} and parts.hostname
    except ValueError:
        return None
    return parts if named else None
