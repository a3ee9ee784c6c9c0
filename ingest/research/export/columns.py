"""The columns of an export, as `schemas/post.schema.json` describes them: the one place where they stand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

from ingest import schema

__all__ = ["Column", "Row", "as_values", "columns"]

#: A row of the view `corpus`: lists as the view's JSON, or as lists.
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the view `corpus`."""

    name: str
    #: `names` is a list of texts, `time` a text `YYYY-MM-DDTHH:MM:SSZ`.
    kind: Literal["text", "integer", "names", "time"]
    #: Whether it may be NULL.
    optional: bool
    #: What it holds, in a sentence.
    meaning: str


@cache
def columns() -> tuple[Column, ...]:
    """Every column, in the order of the view."""
    told = json.loads(schema.read("post.schema.json"))
    return tuple(_column(name, field, told["$defs"]) for name, field in told["properties"].items())


def _column(name: str, field: Mapping[str, Any], defined: Mapping[str, Any]) -> Column:
    shape = defined[field["$ref"].rpartition("/")[2]] if "$ref" in field else field
    types = shape.get("type", ["string", "null"])  # an enumeration says its values, and no type
    types = [types] if isinstance(types, str) else types
    kind: Literal["text", "integer", "names", "time"] = "text"
    if "array" in types:
        kind = "names"
    elif "integer" in types:
        kind = "integer"
    elif shape.get("format") == "date-time":
        kind = "time"
    return Column(name, kind, "null" in types, field["description"])


@cache
def _lists() -> frozenset[str]:
    return frozenset(column.name for column in columns() if column.kind == "names")


def as_values(row: Row) -> dict[str, Any]:
    """A row with its lists as lists."""
    lists = _lists()
    return {
        name: json.loads(value) if name in lists and isinstance(value, str) else value for name, value in row.items()
    }
