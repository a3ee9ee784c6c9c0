"""Saved REST documents: an object, a list, JSON lines, an envelope; each object goes by its shape, not by its name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from ingest.charset import decode
from ingest.records import Item, Page, Reject, Response
from ingest.sources.wordpress.documents import Broken, Document, open_document
from ingest.sources.wordpress.items import post_item, text_of
from ingest.sources.wordpress.names import comment_item, medium_item, person_item, site_item, term_item
from ingest.sources.wordpress.shapes import no_post, shape_of
from ingest.sources.wordpress.values import Value

__all__ = ["PAGE", "looks_like_json", "read_saved"]

#: Items of a Page at most.
PAGE = 100
#: Shapes that are sound and hold nothing to store, and the note that says so.
_NOTHING = {"namespace": "namespace_index", "oembed": "oembed", "map": "types_or_taxonomies", "revision": "revision"}
#: Never public, never anybody's text: not even with `--include-private`.
_NEVER = frozenset({"trash", "auto-draft", "inherit"})

#: What stands before the JSON of a noisy answer: PHP's warnings, or the name of a JSONP callback.
_NOISE = re.compile(
    r"(?:/\*\*/)?[\w$.]{1,100}\(|(?:<br ?/?>|<b>|PHP |\s)*(?:Warning|Notice|Deprecated|Strict Standards)\b|<!--"
)
_REST = re.compile(r'[\[{]\s*(?:\{\s*)?"(?:id|code|name|namespaces?|body|date|version)"\s*:')
_HTML = re.compile(r"(?i)<!doctype|<html|<head")


def read_saved(response: Response, home: str | None) -> Iterator[Page]:
    """Pages of at most 100 items. `home`: whose the documents are declared to be (`--site`); else each tells itself.

    Raises ParseError when there is no JSON. What stands before a cut is kept; the cut itself is a Reject.
    """
    document = open_document(response.body, response.url, response.charset)
    items: list[Item] = []
    notes: list[str] = ["salvaged"] if document.salvaged else []
    for item in _items(document, home):
        if isinstance(item, str):
            if item not in notes:
                notes.append(item)
            continue
        items.append(item)
        if len(items) == PAGE:
            yield Page(items=tuple(items), notes=tuple(notes))
            items, notes = [], []
    if items or notes or not document.is_list:
        yield Page(items=tuple(items), notes=tuple(notes))


def _items(document: Document, home: str | None) -> Iterator[Item | str]:
    try:
        for value in document:
            yield from _read(value, home)
    except Broken as error:
        yield Reject(
            f"the document is damaged: {error.why}; what stood whole before it was kept", error.rest, home=home
        )


def _read(value: Value, home: str | None) -> Iterator[Item | str]:
    """The item a value is; a word for the notes when it holds nothing to store."""
    data = value.data
    if not isinstance(data, dict):
        yield Reject(no_post(data), value.raw, home=home)
        return
    shape = shape_of(data)
    if shape in _NOTHING:
        yield _NOTHING[shape]
    elif shape == "post":
        yield f"status_{data['status']}" if data.get("status") in _NEVER else post_item(value, home=home)
    elif shape == "index":
        yield site_item(data, home=home) or Reject("a REST index that names no site", value.raw)
    elif shape == "error":
        code, message = text_of(data.get("code", data.get("error"))), text_of(data.get("message"))
        yield Reject(f"an error message of the site, not a post: {code}: {message[:300]}", value.raw, home=home)
    elif shape in _MAKERS:
        yield _MAKERS[shape](value, home=home)
    else:
        yield Reject(no_post(data), value.raw, home=home)


_MAKERS: Mapping[str, Callable[..., Item]] = {
    "medium": medium_item,
    "term": term_item,
    "person": person_item,
    "comment": comment_item,
}


def looks_like_json(head: bytes) -> bool:
    """Whether a document that begins with `head` is JSON of the kind that WordPress answers, noise forgiven."""
    text = decode(head, kind="json").text.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return text[1:].lstrip()[:1] in {'"', "}"}
    if text.startswith("["):
        return text[1:].lstrip()[:1] == "{" or _is_list(text)
    return bool(_NOISE.match(text) and _REST.search(text)) and not _HTML.search(text)


def _is_list(text: str) -> bool:
    """Whether a text that begins with a bracket is a JSON list, and not `[Verse 1]`."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
