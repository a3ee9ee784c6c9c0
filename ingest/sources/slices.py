"""A document in XML, cut into the exact bytes of its parts: the items of a feed or of a WordPress export.

One pass of expat over the stream tells where each part begins and ends; nothing is built, so a file of 1 GB takes the
memory of its largest part. Whoever reads a part parses its bytes by itself, within the elements that stood around it
(`opening`), and so sees what it would see in the whole document.

Expat is shown a copy of the same length in which what XML forbids and publishers send all the same is blotted out:
control characters, bytes that are not UTF-8, references to no character, a bare `&`. Entities that nobody declared
(`&nbsp;`) are passed over. So those do not count as damage; a missing end tag does. No entity is ever fetched.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

__all__ = ["MOST_ATTRIBUTES", "Slice", "Slicer", "TooManyAttributesError", "end_of", "is_sound", "mended"]

#: Bytes read at a time. Expat 2.5 looks at an unfinished tag anew with each of them: 15 MB take 0.2 s, not 3.4.
CHUNK = 2**20
#: Where a document begins, within so many bytes.
HEAD = 64 * 1024
#: A tag with more is an attack: feedparser takes 4 s for 20,000 and over 60 s for 200,000.
MOST_ATTRIBUTES = 1000
#: A part longer than this, or so much between two parts, is not waited for.
LONGEST = 128 * 2**20

_BLOT = "slices.blot"
_FORBIDDEN = bytes(n for n in range(32) if n not in {9, 10, 13})
_BLOTTED = bytes.maketrans(_FORBIDDEN, b" " * len(_FORBIDDEN))
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
#: References that may name no character; most are passed over by the pattern alone.
_REFERENCE = re.compile(
    rb"&#(?:[xX](0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[dD][0-9a-fA-F]{3}|[fF]{3}[eEfF])|[0-9a-fA-F]{6,30})"
    rb"|(0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|5[5-7][0-9]{3}|6553[45])|[0-9]{6,30}));"
)
_BARE = re.compile(rb"&(?!#?\w{1,32};)")
_DECLARATION = re.compile(rb"<\?xml\s[^>]*\?>\s*")
_TRUNCATED = frozenset({3, 5, 6, 20})  # no element, unclosed token, partial character, unclosed CDATA section
_DOCTYPE = b'<!DOCTYPE x SYSTEM "x">'

codecs.register_error(_BLOT, lambda error: ("?" * (error.end - error.start), error.end))  # type: ignore[attr-defined]


class TooManyAttributesError(ValueError):
    """A tag has more attributes than any honest document."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One part."""

    #: Its name with the prefix it has in the document.
    name: str
    #: Its bytes, from `<` to `>`, as they were sent.
    raw: bytes


@dataclass(slots=True)
class _State:
    """Where expat is, and what it has found since the last chunk."""

    stack: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    #: Levels below the part that is open; 0 when none is.
    depth: int = 0
    begun: int = 0
    #: (name, where it begins, where its end tag begins)
    found: list[tuple[str, int, int]] = field(default_factory=list)
    opening: bytes | None = None
    #: Whether a part stood within other elements than the first.
    irregular: bool = False


class Slicer:
    """An iterator over the parts of `stream` for which `wanted(name)` is true; what it found besides in attributes."""

    def __init__(self, stream: BinaryIO, wanted: Callable[[str], bool], *, deepest: int = 2) -> None:
        """`stream` is UTF-8, a byte order mark and noise before the first tag are skipped.

        deepest: a part has at most so many elements around it; what lies deeper is content.
        """
        self._stream = stream
        self._wanted = wanted
        self._deepest = deepest
        self._state = _State()
        self._outside: list[bytes] = []
        self._spent = 0
        #: What ended the document before its end, a sentence; empty when it is whole.
        self.broken = ""
        #: Whether it ends in the middle of something.
        self.truncated = False
        #: The elements around the first part: their start tags.
        self.opening = b""

    @property
    def outside(self) -> bytes:
        """The document without its parts, what was open at the damage closed; complete once all parts are read."""
        closing = "".join(f"</{name}>" for name, _ in reversed(self._state.stack))
        return b"".join(self._outside) + closing.encode()

    @property
    def irregular(self) -> bool:
        """Whether a part stood within other elements than the first one."""
        return self._state.irregular

    @property
    def closing(self) -> bytes:
        """The end tags for `opening`."""
        names = re.findall(rb"<([^\s/>!?]+)[^<]*", self.opening)
        return b"".join(b"</" + name + b">" for name in reversed(names))

    def __iter__(self) -> Iterator[Slice]:
        """Raises TooManyAttributesError."""
        parser = self._parser()
        text, shift = self._begin(parser)
        buffer, at = bytearray(), 0  # what is not spent yet, and where it begins
        rest = b""
        decoder = codecs.getincrementaldecoder("utf-8")(_BLOT)
        while True:
            more = self._stream.read(CHUNK)
            text = rest + text + more
            held = text.rfind(b"&", max(0, len(text) - 40)) if more else -1
            text, rest = (text[:held], text[held:]) if held >= 0 else (text, b"")
            buffer += text
            shown = decoder.decode(_blotted(text), not more).encode()
            alive = self._feed(parser, shown, final=not more)
            end = at + len(buffer)
            for name, begun, ended in self._state.found:
                begun, ended = begun - shift, ended - shift  # noqa: PLW2901
                stop = end_of(buffer, name, ended - at)
                yield Slice(name, bytes(buffer[begun - at : stop]))
                self._outside.append(bytes(buffer[: begun - at]))
                del buffer[:stop]
                at += stop
            self._state.found.clear()
            seen = parser.CurrentByteIndex if alive else parser.ErrorByteIndex
            at = self._spend(buffer, at, at + len(buffer) if alive and not more else seen - shift, shift)
            if not alive or not more:
                return
            if end - at > LONGEST or self._spent > LONGEST:
                self.broken = "an element longer than 128 MiB"
                return
            text = b""

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)
        parser.ExternalEntityRefHandler = lambda *_: 1
        parser.StartElementHandler = lambda name, attributes: self._started(parser, name, attributes)
        parser.EndElementHandler = lambda name: self._ended(parser, name)
        return parser

    def _begin(self, parser: expat.XMLParserType) -> tuple[bytes, int]:
        """The first bytes from the first tag on, and how many bytes of ours expat has seen before them."""
        head = self._stream.read(HEAD).removeprefix(codecs.BOM_UTF8)
        head = head[max(0, head.find(b"<")) :]
        declaration = _DECLARATION.search(head[:10_000])
        if declaration:
            head = head[declaration.end() :]
        if b"<!DOCTYPE" in head[:10_000]:
            return head, 0
        parser.Parse(_DOCTYPE, False)
        return head, len(_DOCTYPE)

    def _feed(self, parser: expat.XMLParserType, shown: bytes, *, final: bool) -> bool:
        try:
            parser.Parse(shown, final)
        except expat.ExpatError as error:
            # What is left after the end of the root is no damage.
            self.truncated = error.code in _TRUNCATED
            if error.code != expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]:
                self.broken = str(error)
            return False
        return True

    def _spend(self, buffer: bytearray, at: int, seen: int, shift: int) -> int:
        """Move what expat has seen, and no open part needs, to what lies outside; where the buffer begins then."""
        state = self._state
        count = max(0, min(state.begun - shift, seen) - at if state.depth else seen - at)
        self._outside.append(bytes(buffer[:count]))
        self._spent += count
        del buffer[:count]
        return at + count

    def _started(self, parser: expat.XMLParserType, name: str, attributes: dict[str, str]) -> None:
        state = self._state
        if len(attributes) > MOST_ATTRIBUTES:
            raise TooManyAttributesError(f"a tag with {len(attributes):,} attributes")
        if state.depth:
            state.depth += 1
        elif len(state.stack) <= self._deepest and state.stack and self._wanted(name):
            state.depth, state.begun = 1, parser.CurrentByteIndex
            self._found_within(state)
        else:
            state.stack.append((name, attributes))

    def _found_within(self, state: _State) -> None:
        opening = "".join(
            f"<{name}{''.join(f' {key}={_quoted(value)}' for key, value in attributes.items())}>"
            for name, attributes in state.stack
        ).encode()
        if state.opening is None:
            self.opening = state.opening = opening
        elif state.opening != opening:
            state.irregular = True

    def _ended(self, parser: expat.XMLParserType, name: str) -> None:
        state = self._state
        if state.depth == 0:
            state.stack.pop()
            return
        state.depth -= 1
        if state.depth == 0:
            state.found.append((name, state.begun, parser.CurrentByteIndex))


def _quoted(value: str) -> str:
    """An attribute's value as it is written (not by `xml.sax.saxutils`, which imports a client of HTTP: 10 ms)."""
    value = value.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;").replace('"', "&quot;")
    return '"' + value.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;") + '"'


def mended(raw: bytes) -> tuple[str, int]:
    """A part as text that an XML parser takes; and how many bytes could not be read as UTF-8."""
    kept = raw.translate(None, _FORBIDDEN)
    try:
        text, lost = kept.decode(), 0
    except UnicodeDecodeError:
        text = kept.decode("utf-8", "replace")
        lost = text.count("\ufffd") - kept.count(b"\xef\xbf\xbd")
    if "&#" in text:
        text = _REFERENCE.sub(
            lambda found: found[0] if _is_character(found) else "\ufffd".encode(), text.encode()
        ).decode()
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd"), lost


def is_sound(document: bytes) -> bool:
    """Whether `mended` leaves a document that expat has read as it is: what names no character stands in CDATA only."""
    return all(map(_is_character, _REFERENCE.finditer(document)))


def _blotted(text: bytes) -> bytes:
    text = text.translate(_BLOTTED)
    if b"&" in text:
        text = _REFERENCE.sub(lambda found: found[0] if _is_character(found) else b" " * len(found[0]), text)
        text = _BARE.sub(b" ", text)
    return _NONCHARACTER.sub(b"???", text) if b"\xef\xbf" in text else text


def _is_character(reference: re.Match[bytes]) -> bool:
    """Whether a reference names a character of XML 1.0 §2.2."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return number in {9, 10, 13} or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000


def end_of(document: bytes | bytearray, name: str, at: int) -> int:
    """Where a part ends: expat tells where its end tag begins, or, for `<item/>`, where it ends."""
    if document.startswith(b"</" + name.encode(), at):
        return document.index(b">", at) + 1
    return at
