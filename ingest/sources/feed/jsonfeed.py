"""JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1): its members to PostItems.

`content_html` is the post, else `content_text`; a feed with neither has only summaries. Wrong types are passed over,
an item that is no object is a Reject. `raw` is the item's own slice of the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest import urls
from ingest.charset import decode
from ingest.errors import ParseError
from ingest.records import Medium, PersonRef, PostItem, RawDate, Reject, Response, SiteItem, TermRef
from ingest.sources.content import SAVED
from ingest.sources.feed.channel import Channel
from ingest.sources.feed.entries import is_protected, kind_of_medium
from ingest.sources.feed.values import escaped

__all__ = ["JsonDocument", "open_json"]

#: Opening brackets in one document; more are no feed (20 MiB of `{},` take 565 MB of memory).
TOO_MANY_BRACKETS = 1_000_000

#: What tells an item that is kept by itself from JSON that is no feed.
_ITEM = frozenset({"content_html", "content_text", "date_published", "summary", "title", "url"})
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(?:\.\d+)?/?")
_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?[0-9]{1,100}(?:\.[0-9]{1,100})?")


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A JSON Feed that is ready to be read."""

    data: Mapping[str, Any]
    channel: Channel
    #: (item, its bytes)
    found: tuple[tuple[Any, bytes], ...]
    #: Whether it ends in the middle of something.
    truncated: bool = False
    flags: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[PostItem | Reject]:
        """The items in the order of the document."""
        for item, raw in self.found:
            yield self._post(item, raw) if isinstance(item, dict) else Reject("an item that is no object", raw, "post")

    def _post(self, item: Mapping[str, Any], raw: bytes) -> PostItem:
        body, excerpt, rank = _body(item)
        hidden = is_protected(body)
        url, other = _text(item, "url"), _text(item, "external_url")
        return PostItem(
            type="post",
            raw=raw,
            format="application/feed+json",
            rank=rank,
            home=self.channel.home,
            status="protected" if hidden else "publish",
            url=url or other or None,
            guid=_text(item, "id") or None,
            title=escaped(_text(item, "title")),
            body="" if hidden else body,
            excerpt="" if hidden else excerpt,
            published=RawDate(local=_text(item, "date_published") or None),
            modified=RawDate(local=_text(item, "date_modified") or None),
            authors=_authors(item) or self.channel.authors,
            terms=_terms(item),
            language=_text(item, "language") or self.channel.language,
            base=None if url or other else self.channel.home,
            flags=self.flags,
            media=tuple(_media(item, url or self.channel.home)),
        )


def open_json(answer: Response) -> JsonDocument:
    """The JSON Feed in an answer, or an item kept by itself. Raises ParseError when there is none in it."""
    url = answer.url
    found = decode(answer.body, header=answer.charset, kind="json")
    if found.text.count("{") + found.text.count("[") > TOO_MANY_BRACKETS:
        raise ParseError(url, "not a feed that can be read: over a million brackets")
    data, items, whole = _scan(found.text)
    if whole and items is None and answer.request.what == SAVED and "id" in data and _ITEM & data.keys():
        return JsonDocument({}, Channel(), ((data, answer.body),))
    version = data.get("version")
    if whole and not (isinstance(version, str) and _VERSION.match(version)):
        raise ParseError(url, "JSON, but not JSON Feed 1.x: its `version` names another format, or none")
    if items is None:
        raise ParseError(url, "a JSON Feed without the list `items`" if whole else "a JSON Feed that is cut or damaged")
    flags = (f"replaced:{found.replaced}",) if found.replaced else ()
    return JsonDocument(data, _channel(data, url), tuple(items), truncated=not whole, flags=flags)


def _scan(text: str) -> tuple[dict[str, Any], list[tuple[Any, bytes]] | None, bool]:
    """The members of the top level without `items`, the items with their bytes, and whether it is whole."""
    decoder, data = json.JSONDecoder(), dict[str, Any]()
    items: list[tuple[Any, bytes]] | None = None
    at = _past(text, _past(text, 0) + 1)
    try:
        while text[at : at + 1] != "}":
            key, at = decoder.raw_decode(text, at)
            at = _past(text, _expect(text, _past(text, at), ":"))
            if key == "items" and text[at : at + 1] == "[":
                items = []
                at = _elements(text, at + 1, decoder, items)
            else:
                data[str(key)], at = decoder.raw_decode(text, at)
            at = _next(text, at, "}")
    except (ValueError, RecursionError):
        return data, items, False
    return data, items, True


def _elements(text: str, at: int, decoder: json.JSONDecoder, items: list[tuple[Any, bytes]]) -> int:
    """Fill `items` as far as they stand whole; where the list ends. Raises ValueError where it does not."""
    at = _past(text, at)
    while text[at : at + 1] != "]":
        value, end = decoder.raw_decode(text, at)
        items.append((value, text[at:end].encode("utf-8", "surrogatepass")))
        at = _next(text, end, "]")
    return at + 1


def _next(text: str, at: int, closing: str) -> int:
    """Where the next value begins, or the closing bracket."""
    at = _past(text, at)
    return at if text[at : at + 1] == closing else _past(text, _expect(text, at, ","))


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise ValueError(sign)
    return at + 1


def _past(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _channel(data: Mapping[str, Any], url: str) -> Channel:
    home = urls.absolute(_text(data, "home_page_url"), url) if _text(data, "home_page_url") else None
    language = _text(data, "language") or None
    name, about = escaped(_text(data, "title")), escaped(_text(data, "description"))
    return Channel(
        home=home,
        language=language,
        authors=_authors(data),
        site=SiteItem(home, name or None, about or None, language) if home else None,
        own=_text(data, "feed_url"),
        older=_text(data, "next_url"),
    )


def _body(item: Mapping[str, Any]) -> tuple[str, str, str]:
    body = _text(item, "content_html") or escaped(_text(item, "content_text"))
    summary = escaped(_text(item, "summary"))
    return (body, summary, "feed") if body else (summary, "", "summary")


def _authors(data: Mapping[str, Any]) -> tuple[PersonRef, ...]:
    """`authors` of 1.1, `author` of 1.0."""
    named = data.get("authors") if isinstance(data.get("authors"), list) else [data.get("author")]
    people = (
        PersonRef(name=_text(who, "name"), url=_text(who, "url") or None)
        for who in named or ()
        if isinstance(who, dict) and _text(who, "name")
    )
    return tuple(dict.fromkeys(people))


def _terms(item: Mapping[str, Any]) -> tuple[TermRef, ...] | None:
    tags = item.get("tags")
    if not isinstance(tags, list):
        return None
    return tuple(TermRef("post_tag", name=tag) for tag in dict.fromkeys(t.strip() for t in tags if isinstance(t, str)))


def _media(item: Mapping[str, Any], base: str | None) -> Iterator[Medium]:
    for key in ("image", "banner_image"):
        url = urls.absolute(_text(item, key), base) if _text(item, key) else None
        if url:
            yield Medium(url, "image")
    attachments = item.get("attachments")
    for part in attachments if isinstance(attachments, list) else ():
        url = urls.absolute(_text(part, "url"), base) if isinstance(part, dict) and _text(part, "url") else None
        if url:
            yield Medium(url, kind_of_medium(_text(part, "mime_type"), url))


def _text(data: Mapping[str, Any], key: str) -> str:
    """A string; a number as it is written, because identifiers are numbers somewhere (JSON Feed 1.1, `id`)."""
    value = data.get(key)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and key == "id":
        value = str(value) if _NUMBER.fullmatch(str(value)) else ""
    return value.strip() if isinstance(value, str) else ""
