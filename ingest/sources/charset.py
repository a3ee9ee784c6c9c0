"""Bytes to text by fixed rules, the same for every kind of source, with every loss counted.

`requests` guesses: UTF-8 JSON labelled `iso-8859-1` comes out as `cafÃ©`, a page without a label as ISO-8859-1.
"""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass

from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

__all__ = ["Decoded", "decode"]

#: How much of a document is searched for what it says of itself (browsers look at 1024 bytes).
HEAD = 4096
#: Codecs of Python that decode text and are no charset a document may be in.
NO_CHARSETS = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "raw-unicode-escape", "unicode_escape", "unicode-escape", "utf-7"}
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as text, and how it became that: nothing is lost without being counted."""

    text: str
    #: What the answer said: the header's charset, else the document's own; None when neither says.
    declared: str | None
    #: Python's name of the charset that was used.
    used: str
    #: Characters that could not be decoded, and are U+FFFD in the text.
    replaced: int = 0


def decode(body: bytes, charset: str | None = None, *, is_json: bool = False) -> Decoded:
    """`body` as text by fixed rules: BOM; valid UTF-8; the header's `charset`; the document's own; windows-1252.

    `is_json`: what the document says of itself does not count, and UTF-16 and UTF-32 are recognised without a BOM.
    Never raises. Labels mean what they mean to browsers (WHATWG Encoding: `iso-8859-1` is windows-1252).
    """
    inside = None if is_json else html_body_declared_encoding(body[:HEAD])
    declared = charset or inside
    mark, bom = read_bom(body)
    if mark is not None and bom is not None:
        return _decoded(body[len(bom) :], mark, declared)
    labels = [name for name in (_known(label) for label in (charset, inside) if label) if name]
    sure = json.detect_encoding(body) if is_json else next((name for name in labels if _hides(name, body)), "utf-8")
    try:
        return Decoded(body.decode(sure), declared, sure)
    except UnicodeDecodeError:
        return _decoded(body, next(iter(labels), "cp1252"), declared)


def _known(label: str) -> str | None:
    """Python's name of the text charset that `label` means; None when there is none."""
    try:
        name = resolve_encoding(label)
        b"a".decode(name or "undefined", "replace")
    except (LookupError, ValueError):
        return None
    return None if name in NO_CHARSETS else name


def _hides(name: str, body: bytes) -> bool:
    """Whether text in charset `name` may pass for valid UTF-8: it is written with NULs or escape sequences."""
    return (name.startswith(("utf-16", "utf-32")) and b"\0" in body) or (
        name.startswith(("iso2022", "iso-2022", "hz")) and (b"\x1b" in body or b"~{" in body)
    )


def _decoded(body: bytes, charset: str, declared: str | None) -> Decoded:
    name = codecs.lookup(charset).name
    text = body.decode(name, "replace")
    return Decoded(text, declared, name, max(0, text.count("\ufffd") - _sent(body, name)))


def _sent(body: bytes, name: str) -> int:
    """How many U+FFFD the publisher sent, which are no loss of ours."""
    try:
        return body.count("\ufffd".encode(name.removesuffix("-sig")))
    except UnicodeEncodeError:
        return 0
