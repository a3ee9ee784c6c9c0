"""Bytes to JSON values, each with the very bytes that were sent for it.

A list is read element by element, so that a post's payload is its own slice of the document. One that is sound is
decoded once (`values`); one that is cut in the middle still gives what stands whole before the cut. What a stranger
can break is looked at before anything is parsed: 20 MiB of `{},` take 565 MB of memory, real pages of that size hold
11,521 brackets.

JSON: RFC 8259. The noise that is forgiven (BOM, blank lines, PHP warnings, a cache plugin's comment, JSONP) was seen
on live sites.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.charset import decode
from ingest.errors import ParseError
from ingest.sources.wordpress.values import Decoder, Span, Value

__all__ = ["Broken", "Document", "open_document"]

#: Opening brackets in one document; more are no page of posts.
TOO_MANY_BRACKETS = 1_000_000
#: How many places in a noisy document are tried as the start of its JSON.
TRIES = 50
#: JSON may begin behind so much noise, not later.
NOISE = 256 * 1024

_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
# Atomic and possessive: a row of comments can be grouped in 2^n ways, and all of them would be tried.
_BETWEEN = re.compile(r"(?:\s|\ufeff|(?><!--.*?-->))*+", re.DOTALL)
_COMMENTS = re.compile(_BETWEEN.pattern + r"\Z", re.DOTALL)
_JSONP = re.compile(r"(?:\A|[\s/;])[\w$.]+\s*\(\s*\Z")
_JSONP_END = re.compile(r"\s*\)\s*;?" + _COMMENTS.pattern, re.DOTALL)
_START = re.compile(r"[\[{]")
#: How the documents of a REST API begin, and hardly anything that is said in a warning.
_LIKELY = re.compile(r'\[\s*\{\s*"|\{\s*"')


class Broken(ValueError):  # noqa: N818  (the state is the message)
    """The document stops being JSON: what stood before was whole."""

    def __init__(self, why: str, rest: bytes) -> None:
        super().__init__(why)
        #: What is wrong, for people.
        self.why = why
        #: The first bytes of what could not be read.
        self.rest = rest


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document before its elements are read."""

    text: str
    decoder: Decoder
    #: Where its JSON begins.
    start: int
    #: Whether noise around it had to be forgiven.
    salvaged: bool
    #: What every value of it carries: `salvaged`, `replaced:3`.
    flags: tuple[str, ...]
    #: Whether it is one list or one object, and nothing else; else JSON lines, or cut.
    whole: bool
    is_list: bool
    #: The values of a whole document.
    found: Sequence[Span] = ()
    envelope: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[Value]:
        """The elements of a list, the one object, or the lines, in order. Raises Broken where the JSON ends early.

        `_envelope=1` answers (`{"body": …, "status": …, "headers": …}`) give the elements of their body.
        """
        if self.whole:
            return (self.decoder.value(span, self.flags) for span in self.found)
        return self._elements(self.start) if self.is_list else self._objects()

    def _elements(self, at: int) -> Iterator[Value]:
        """The elements of the list at `at`, and of those behind it (pages saved line by line)."""
        while self.text[at : at + 1] == "[":
            at = _skip(self.text, at + 1)
            while self.text[at : at + 1] != "]":
                value, at = self._value(at)
                yield value
                at = _skip(self.text, at)
                if self.text[at : at + 1] == ",":
                    at = _skip(self.text, at + 1)
                elif self.text[at : at + 1] != "]":
                    raise self._broken("it is cut off (truncated)", at)
            at = _past(_BETWEEN, self.text, at + 1)
        if at < len(self.text):
            raise self._broken("something that is no JSON follows the list", at)

    def _objects(self) -> Iterator[Value]:
        """JSON lines: values after one another; a line that is none does not cost the others."""
        at, broken = self.start, None
        while at < len(self.text):
            try:
                value, at = self._value(at)
            except Broken as error:
                broken = broken or error
                end = self.text.find("\n", at)
                at = len(self.text) if end < 0 else end
            else:
                yield value
            at = _past(_BETWEEN, self.text, at)
        if broken is not None:
            raise broken

    def _value(self, at: int) -> tuple[Value, int]:
        try:
            span = self.decoder.span(at)
        except RecursionError:
            raise self._broken("it is nested too deep", at) from None
        except ValueError as error:
            cut = getattr(error, "pos", 0) >= len(self.text.rstrip()) or "Unterminated" in str(error)
            raise self._broken("it is cut off (truncated)" if cut else f"it is not JSON: {error}", at) from None
        return self.decoder.value(span, self.flags), span[2]

    def _broken(self, why: str, at: int) -> Broken:
        return Broken(why, self.text[at : at + 100_000].encode("utf-8", "replace"))


def open_document(body: bytes, url: str, charset: str | None = None) -> Document:
    """The JSON document in `body`; `charset` is what the answer's header says, which counts only after UTF-8.

    Raises ParseError (naming `url`) when there is no JSON in it, or more brackets than any page of posts has.
    """
    if len(body) > TOO_MANY_BRACKETS and body.count(b"{") + body.count(b"[") > TOO_MANY_BRACKETS:
        raise ParseError(url, f"too complex: over {TOO_MANY_BRACKETS:,} brackets, which no page of posts has")
    decoded = decode(body, header=charset, kind="json")
    text = decoded.text
    flags = (f"replaced:{decoded.replaced}",) if decoded.replaced else ()
    at = _skip(text, 0)
    # More than a final newline before it is noise: some plugin or theme file ends with blank lines.
    noisy = text[:at].strip(" \t") != "" or body.startswith(b"\xef\xbb\xbf")
    decoder = Decoder(text)
    if text[at : at + 1] in {"[", "{"} and (document := _direct(text, decoder, at, flags, noisy=noisy)):
        return document
    if document := _salvage(text, decoder, flags):
        return document
    if _LIKELY.match(text, at) or text[at : at + 2] == "[[":
        return Document(text, decoder, at, noisy, flags, whole=False, is_list=text[at] == "[")
    shown = " ".join(text[:60].split())
    raise ParseError(url, f"not JSON: it begins with {shown!r}" if shown else "not JSON: it is empty")


def _direct(text: str, decoder: Decoder, at: int, flags: tuple[str, ...], *, noisy: bool) -> Document | None:
    """The document when it is sound from `at` on, forgiving only a comment behind it; JSON lines count as sound."""
    try:
        found, end = decoder.sound(at)
    except (ValueError, RecursionError):
        return None
    if _COMMENTS.match(text, end) is None:
        if text[end:].lstrip()[:1] == text[at]:  # JSON lines, of objects or of whole pages
            return Document(text, decoder, at, noisy, flags, whole=False, is_list=text[at] == "[")
        return None
    salvaged = noisy or text.find("<!--", end) >= 0
    return _whole(text, decoder, at, found, ("salvaged", *flags) if salvaged else flags, salvaged=salvaged)


def _whole(
    text: str, decoder: Decoder, at: int, found: Sequence[Span], flags: tuple[str, ...], *, salvaged: bool
) -> Document:
    """The document in which these values were found at `at`."""
    is_list = text[at] == "["
    envelope = None if is_list else _envelope(found[0][0])
    if envelope is not None:
        found, _ = decoder.sound(_member(text, at, "body"))
    return Document(
        text, decoder, at, salvaged, flags, whole=True, is_list=is_list, found=found, envelope=envelope
    )  # fmt: skip


def _salvage(text: str, decoder: Decoder, flags: tuple[str, ...]) -> Document | None:
    """The JSON in a noisy document: the first place that parses wholly, holds objects, and has nothing behind it.

    What stands inside of a value is no place. Where there is none, the first that looks like one, as damaged.
    """
    behind, likely = 0, None
    for tries, start in enumerate(_START.finditer(text, 0, NOISE)):
        at = start.start()
        if tries >= TRIES:
            break
        if at < behind:
            continue
        if likely is None and _LIKELY.match(text, at):
            likely = at
        try:
            found, end = decoder.sound(at)
        except (ValueError, RecursionError):
            if likely == at:  # this is it, and it is cut
                break
            continue
        if _fits(text, at, end, found):
            return _whole(text, decoder, at, found, ("salvaged", *flags), salvaged=True)
        behind = end
    return None if likely is None else _damaged(text, decoder, likely, flags)


def _fits(text: str, at: int, end: int, found: Sequence[Span]) -> bool:
    """Whether a value that stands from `at` to `end` is the document: objects, with nothing but comments behind it."""
    wrapped = _JSONP.search(text[max(0, at - 100) : at]) and _JSONP_END.match(text, end)
    if not wrapped and _COMMENTS.match(text, end) is None:
        return False
    rows = bool(found) and all(isinstance(data, dict) for data, *_ in found)
    return rows or not text[:at].strip()


def _damaged(text: str, decoder: Decoder, at: int, flags: tuple[str, ...]) -> Document:
    """The document that begins at `at` and does not end as one."""
    salvaged = bool(text[:at].strip())
    flags = ("salvaged", *flags) if salvaged else flags
    return Document(text, decoder, at, salvaged, flags, whole=False, is_list=text[at] == "[")


def _envelope(data: object) -> dict[str, Any] | None:
    """Status and headers of an answer to `_envelope=1` (WP_REST_Server::envelope_response)."""
    if (
        isinstance(data, dict)
        and data.keys() == {"body", "status", "headers"}
        and isinstance(data["body"], dict | list)
    ):
        return {"status": data["status"], "headers": data["headers"]}
    return None


def _member(text: str, at: int, key: str) -> int:
    """Where the value of the member `key` of the object at `at` begins; the object is known to have it."""
    decoder, at = json.JSONDecoder(), _skip(text, at + 1)
    while True:
        name, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if name == key:
            return at
        _, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)


def _skip(text: str, at: int) -> int:
    return _past(_SPACE, text, at)


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
