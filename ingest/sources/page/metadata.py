"""What a web page says of itself: JSON-LD (schema.org) before OpenGraph before plain `<meta>`.

The order is that of care: JSON-LD is written for machines and names types; OpenGraph's title often has the site's
name in it; `<title>` nearly always. Dates are kept as written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest import urls
from ingest.records import PersonRef

__all__ = ["Metadata", "metadata"]

#: Nodes of JSON-LD looked at in one page.
MOST_NODES = 10_000

_ARTICLE = re.compile(r"(?:\w*Article|\w*BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|Recipe|Review)")
_PAGE = re.compile(r"\w*(?:Page|WebSite)")
#: What follows a home address in that of its REST API (rest_url() of wp-includes/rest-api.php) and of its feed.
_DOOR = re.compile(r"(?:(?:index\.php/)?wp-json/?|(?:index\.php)?\?rest_route=/?|feed/?)$")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Plain text each, empty or None where the page does not say."""

    title: str = ""
    description: str = ""
    authors: tuple[PersonRef, ...] = ()
    published: str | None = None
    modified: str | None = None
    #: Canonical address, absolute.
    url: str | None = None
    language: str | None = None
    #: Name of the site, and its home address: where its API, its feed or it itself says that it begins.
    site: str | None = None
    home: str | None = None
    #: (taxonomy, name)
    terms: tuple[tuple[str, str], ...] = ()


def metadata(text: str, url: str | None) -> Metadata:
    """What the page `text` says of itself; `url` is where it came from. Never raises."""
    from lxml.etree import ParserError  # noqa: PLC0415  (40 ms, and `claims` needs none of it)
    from lxml.html import HTMLParser, document_fromstring  # noqa: PLC0415

    try:
        parser = HTMLParser(encoding="utf-8")  # type: ignore[no-untyped-call]
        root = document_fromstring(text.encode(), parser=parser)  # type: ignore[no-untyped-call]
    except (ParserError, ValueError):
        return Metadata(url=url)
    meta = _meta(root)
    node, page, site = _nodes(root)
    canonical = next((link.get("href") for link in root.iter("link") if _rel(link) == "canonical"), None)
    address = canonical or meta.get("og:url") or _text(node.get("url"))
    language = root.get("lang") or _text(node.get("inLanguage")) or meta.get("og:locale") or ""
    return Metadata(
        title=_text(node.get("headline")) or _text(node.get("name")) or meta.get("og:title") or _title(root),
        description=_text(node.get("description")) or meta.get("og:description") or meta.get("description", ""),
        authors=_authors(node, page) or _meta_authors(meta),
        published=_text(node.get("datePublished"))
        or _first(meta, _PUBLISHED)
        or _text(page.get("datePublished"))
        or None,
        modified=_text(node.get("dateModified")) or _first(meta, _MODIFIED) or _text(page.get("dateModified")) or None,
        url=urls.absolute(address, url) if address else None,
        home=_home(root, _text(site.get("url")), urls.absolute(address, url) if address else url),
        language=language.strip() if _LANGUAGE.fullmatch(language.strip()) else None,
        site=meta.get("og:site_name") or _text(site.get("name")) or None,
        terms=tuple(_terms(node, root)),
    )


_PUBLISHED = ("article:published_time", "og:published_time", "datepublished", "dc.date", "dcterms.created", "date")
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")


def _meta(root: Any) -> dict[str, str]:
    """The first content of each `<meta>` by its property, name or itemprop, in lower case."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        value = (element.get("content") or "").strip()
        if key and value:
            found.setdefault(key.strip().lower(), value)
    return found


def _nodes(root: Any) -> tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
    """The JSON-LD nodes of the article, of the page, and of the site; empty where there is none."""
    article: Mapping[str, Any] = {}
    page: Mapping[str, Any] = {}
    site: Mapping[str, Any] = {}
    people: dict[str, Mapping[str, Any]] = {}
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        for node in _walk(_json(script.text or "")):
            types = node.get("@type")
            names = [str(name) for name in (types if isinstance(types, list) else [types])]
            if not article and any(_ARTICLE.fullmatch(name) for name in names):
                article = node
            elif not site and "WebSite" in names:
                site = node
            elif not page and any(_PAGE.fullmatch(name) for name in names):
                page = node
            if isinstance(node.get("@id"), str) and node.get("name"):
                people.setdefault(node["@id"], node)
    return _resolved(article, people), _resolved(page, people), site


def _json(text: str) -> Any:
    try:
        return json.loads(text.strip().removeprefix("<!--").removesuffix("-->"), strict=False)
    except (ValueError, RecursionError):
        return None


def _walk(value: Any) -> Iterator[Mapping[str, Any]]:
    """The nodes of a JSON-LD document: itself, those of a list, those of a `@graph`; not what is inside of them."""
    waiting, seen = [value], 0
    while waiting and seen < MOST_NODES:
        seen += 1
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting = node[:MOST_NODES] + waiting
        elif isinstance(node, dict):
            yield node
            if isinstance(node.get("@graph"), list):
                waiting = node["@graph"][:MOST_NODES] + waiting


def _resolved(node: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The node with authors that are named by `@id` only in full (Yoast SEO writes them so)."""
    authors = node.get("author")
    listed = authors if isinstance(authors, list) else [authors]
    whole = [people.get(str(a.get("@id")), a) if isinstance(a, dict) and not a.get("name") else a for a in listed]
    return {**node, "author": whole}


def _authors(*nodes: Mapping[str, Any]) -> tuple[PersonRef, ...]:
    for node in nodes:
        found = dict.fromkeys(
            PersonRef(name=name, url=urls.absolute(_text(who.get("url"))) if isinstance(who, dict) else None)
            for who in node.get("author", ())
            if (name := _text(who.get("name") if isinstance(who, dict) else who))
        )
        if found:
            return tuple(found)
    return ()


def _meta_authors(meta: Mapping[str, str]) -> tuple[PersonRef, ...]:
    """`article:author` is often an address of a profile, which is nobody's name."""
    name = _first(meta, ("author", "article:author", "dc.creator", "byl", "parsely-author"))
    return (PersonRef(name=name),) if name and "://" not in name and "@" not in name else ()


def _terms(node: Mapping[str, Any], root: Any) -> Iterator[tuple[str, str]]:
    said = [("category", node.get("articleSection")), ("post_tag", node.get("keywords"))]
    for element in root.iter("meta"):
        key = (element.get("property") or "").lower()
        if key in {"article:section", "article:tag"}:
            said.append(("category" if key.endswith("section") else "post_tag", element.get("content")))
    seen = set()
    for taxonomy, value in said:
        for part in value if isinstance(value, list) else str(value or "").split(","):
            name = _text(part)
            if name and (taxonomy, name) not in seen:
                seen.add((taxonomy, name))
                yield taxonomy, name


def _title(root: Any) -> str:
    found = next(root.iter("title"), None)
    return " ".join(found.text_content().split()) if found is not None else ""


def _rel(link: Any) -> str:
    return (link.get("rel") or "").strip().lower() if link.get("href") else ""


def _first(meta: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((meta[key] for key in keys if key in meta), "")


def _text(value: Any) -> str:
    """A string, or the first of a list of them, or what a node of JSON-LD is called by."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@id") or value.get("@value") or ""
    return value.strip() if isinstance(value, str) else ""


def _home(root: Any, said: str, address: str | None) -> str | None:
    """Where the site of the page begins, by its API's address, its feed's or its own word; the page lies below it."""
    doors = [link.get("href") or "" for link in root.iter("link") if _rel(link) == "https://api.w.org/"]
    doors += [link.get("href") or "" for link in root.iter("link") if "rss+xml" in (link.get("type") or "")]
    homes = [_DOOR.sub("", door.strip()) for door in doors if _DOOR.search(door.strip())]
    for one in (*homes, said):
        home = urls.absolute(one, address) if one and address else None
        if home and address and urls.host_of(home) == urls.host_of(address):
            below = urls.site_of(home).rstrip("/")
            if f"{urls.site_of(address)}/".startswith(f"{below}/") and urls.site_of(address).rstrip("/") != below:
                return home
    return None
