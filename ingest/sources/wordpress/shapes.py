"""What a JSON object from a WordPress is, told by its keys alone: a saved file has no address that says it.

The keys are those of the core controllers (`wp-includes/rest-api/endpoints/class-wp-rest-*-controller.php`), seen on
27,200 real objects of 42 sites.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

__all__ = ["Shape", "no_post", "remote_id", "shape_of"]

Shape: TypeAlias = Literal[
    "post", "medium", "term", "person", "comment", "index", "error", "other", "revision", "namespace", "oembed", "map"
]

_POST_KEYS = frozenset({
    "date", "date_gmt", "guid", "modified", "modified_gmt", "slug", "status", "type", "link", "title", "content",
    "excerpt", "author", "featured_media", "comment_status", "ping_status", "template", "format", "categories", "tags",
    "class_list",
})  # fmt: skip
_REVISION = re.compile(r"\d+-(?:revision|autosave)-v\d+")
_LONGEST_ID = 2**63


def shape_of(data: Mapping[str, Any]) -> Shape:
    """What `data` is; `other` when it is no WordPress object that is known here."""
    special = _special(data)
    if special:
        return special
    if data.get("type") == "attachment" or {"media_type", "source_url"} <= data.keys():
        return "medium"
    if isinstance(data.get("taxonomy"), str) and {"id", "name"} <= data.keys():
        return "term"
    if {"id", "post", "author_name", "content"} <= data.keys():
        return "comment"
    if _REVISION.fullmatch(str(data.get("slug", ""))):
        return "revision"
    if _is_post(data):
        return "post"
    if {"id", "name", "slug"} <= data.keys() and (
        "avatar_urls" in data or {"url", "description", "link"} <= data.keys()
    ):
        return "person"
    return "other"


def remote_id(value: object) -> str | None:
    """The id of a row as text: a positive 64-bit integer, or the digits of one; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LONGEST_ID:
        return str(value)
    return None


def no_post(data: object) -> str:
    """Why a JSON value is nothing to store, naming what it is; a sentence for people."""
    if isinstance(data, dict):
        keys = [str(key)[:30] for key in list(data)[:8]]
        named = ", ".join(keys) + (", …" if len(data) > 8 else "")
        return f"JSON, but no WordPress post: an object with the keys {named}" if keys else (
            "JSON, but no WordPress post: an empty object"
        )  # fmt: skip
    named = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(data), "a number")
    return f"JSON, but no WordPress post: {named}"


def _special(data: Mapping[str, Any]) -> Shape | None:
    """Documents that are about a site or a request, never about one row."""
    code = data.get("code", data.get("error"))
    if isinstance(data.get("message"), str) and isinstance(code, str | int) and "id" not in data:
        return "error"
    if "namespaces" in data and ("routes" in data or "url" in data or "home" in data):
        return "index"
    if "namespace" in data and "routes" in data:
        return "namespace"
    if "provider_name" in data and ("html" in data or "version" in data):
        return "oembed"
    if "rest_base" in data and "slug" in data:
        return "map"
    rows = list(data.values())
    if rows and all(isinstance(row, dict) and {"name", "slug"} <= row.keys() for row in rows):
        return "map"  # /types, /taxonomies, /statuses: an object keyed by slug
    return None


def _is_post(data: Mapping[str, Any]) -> bool:
    """Any type of post: an id, and either a rendered field or three keys that only posts have together."""
    if not ({"title", "content"} & data.keys()):
        return False
    rendered = any(isinstance(data.get(key), dict) and "rendered" in data[key] for key in ("title", "content", "guid"))
    known = len(_POST_KEYS & data.keys())
    return known >= 3 or (rendered and "id" in data)
