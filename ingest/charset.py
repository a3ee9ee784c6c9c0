"""Bytes to text: the same bytes give the same text, and what was lost on the way is counted.

The order is: byte order mark; valid UTF-8; the HTTP header; the document's own declaration; cp1252. No guessing by
frequency: a library that guesses read short French as cp1250. Two readings come before "valid UTF-8", because
their bytes are valid UTF-8 by accident: UTF-16 and UTF-32 without a mark (every other byte NUL: RFC 4627 §3, XML
1.0 appendix F), and ISO-2022-JP where it is declared and its escapes are there.

**Damaged UTF-8 stays UTF-8.** A body that is not valid UTF-8 is still read as UTF-8, each bad sequence as one
U+FFFD, when UTF-8 is what it declares (header before document), or when at least as many of its multi-byte
sequences are sound as broken. In a legacy encoding sound ones are accidents: at most 0.43 for each broken one in 170
real feeds. In a phrase of a few characters they may prevail (GBK and its like, 2 to 7 %), so a declared charset of
several bytes a character that fits without an error goes first.

Labels mean what the Encoding Standard says (https://encoding.spec.whatwg.org/), by w3lib: `iso-8859-1` is cp1252,
`gb2312` gb18030, `ks_c_5601-1987` cp949, `shift_jis` cp932. Pure and total.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

__all__ = ["Decoded", "Kind", "codec_of", "decode"]

Kind = Literal["html", "xml", "json", "text"]

#: Labels of the Encoding Standard that w3lib 2.5 does not know.
_LABELS = {
    "unicode-1-1-utf-8": "utf-8", "unicode11utf8": "utf-8", "unicode20utf8": "utf-8", "x-unicode20utf8": "utf-8",
    "x-cp1250": "cp1250", "x-cp1251": "cp1251", "x-cp1252": "cp1252", "x-cp1253": "cp1253", "x-cp1254": "cp1254",
    "x-cp1255": "cp1255", "x-cp1256": "cp1256", "x-cp1257": "cp1257", "x-cp1258": "cp1258", "dos-874": "cp874",
    "koi": "koi8-r", "koi8": "koi8-r", "koi8-ru": "koi8-u", "mac": "mac-roman", "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic", "x-mac-ukrainian": "mac-cyrillic", "x-gbk": "gb18030", "csgb2312": "gb18030",
    "x-x-big5": "big5hkscs", "cn-big5": "big5hkscs", "csbig5": "big5hkscs", "x-euc-jp": "euc_jp",
    "cseucpkdfmtjapanese": "euc_jp", "windows-949": "cp949", "cseuckr": "cp949", "csksc56011987": "cp949",
    "iso-8859-6-e": "iso8859-6", "iso-8859-6-i": "iso8859-6", "iso-8859-8-e": "iso8859-8", "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8", "visual": "iso8859-8", "sun_eu_greek": "iso8859-7",
    "unicode": "utf-16-le", "ucs-2": "utf-16-le", "utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8",
}  # fmt: skip
#: Python also has codecs that are no charsets: zlib, punycode (quadratic), unicode_escape, idna.
_CHARSETS = re.compile(
    r"utf-8|utf-(?:16|32)-[lb]e|cp125\d|cp874|cp866|cp437|cp85\d|iso8859-\d+|koi8-[rut]|mac-\w+"
    r"|gb18030|big5hkscs|euc_jp|euc_jis_2004|euc_jisx0213|cp932|cp949|johab|iso2022_jp(?:_\w+)?"
)
_SEVERAL_BYTES = re.compile(r"gb18030|big5hkscs|euc_\w+|cp932|cp949|johab")
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([^\s;,\"']+)", re.IGNORECASE)
_IN_XML = re.compile(rb"\s*<\?xml\s[^>]{0,500}?\bencoding\s*=\s*[\"']([\w.:-]{1,100})[\"']", re.ASCII)
#: Surrogates written as three bytes each (CESU-8, Unicode TR 26). 0xED is never the middle of a character.
_PAIR = re.compile(rb"\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])")
_LONE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as text, and how it was read."""

    #: No byte order mark, no lone surrogate.
    text: str
    #: The charset that the header, else the document, names: as written, whether it was used or not.
    declared: str | None
    #: Python's name of the codec used: `utf-8`, `cp1252`, `utf-16-le`, `gb18030`, …
    used: str
    #: Number of U+FFFD that stand for bytes that could not be read; those of the source do not count.
    replaced: int


def decode(body: bytes, *, header: str | None = None, kind: Kind = "html") -> Decoded:
    """Decode `body` by the order above; never raises, linear in its size.

    `header` is the charset, or the whole value, of the Content-Type header. `kind` says where a declaration may
    stand: in the XML declaration, in `<meta>`, or (`json`, `text`) nowhere.
    """
    declared, codec = _declaration(body, header, kind)
    mark, bom = read_bom(body)
    if mark and bom:
        return _decoded(body[len(bom) :], mark, declared)
    if wide := _wide_without_mark(body, codec, kind):
        return _decoded(body, wide, declared)
    if codec and codec.startswith("iso2022") and b"\x1b" in body:
        return _decoded(body, codec, declared)
    try:
        return Decoded(body.decode().lstrip("\ufeff"), declared, "utf-8", 0)
    except UnicodeDecodeError:
        return _not_utf8(body, codec, declared)


def codec_of(label: str | None) -> str | None:
    """Python's codec for a charset label as publishers write it; None for labels that name no charset."""
    if not label or len(label) > 100:
        return None
    name = label.strip().strip("\"'").lower()
    codec = _LABELS.get(name) or resolve_encoding(name)
    codec = _LABELS.get(codec, codec) if codec else None
    return codec if codec and _CHARSETS.fullmatch(codec) else None


def _not_utf8(body: bytes, codec: str | None, declared: str | None) -> Decoded:
    """The rule for bodies with at least one byte that is not UTF-8."""
    if codec and _SEVERAL_BYTES.fullmatch(codec):
        strict = _decoded(body, codec, declared)
        if not strict.replaced:
            return strict
    paired, lone = _without_surrogates(body)
    text, broken = _replacing(paired, "utf-8")
    sound = len(text) - len(text.encode("ascii", "ignore")) - broken
    if codec == "utf-8" or sound >= max(broken, 1):
        return Decoded(text.lstrip("\ufeff"), declared, "utf-8", broken + lone)
    return _decoded(body, codec or "cp1252", declared)


def _decoded(body: bytes, codec: str, declared: str | None) -> Decoded:
    body, lone = _without_surrogates(body) if codec == "utf-8" else (body, 0)
    text, broken = _replacing(body, codec)
    return Decoded(text.lstrip("\ufeff"), declared, codec, broken + lone)


def _replacing(body: bytes, codec: str) -> tuple[str, int]:
    """Text, and how many U+FFFD were put into it."""
    try:
        return body.decode(codec), 0
    except UnicodeError:
        text = body.decode(codec, "replace")
        # The source's own U+FFFD are those that are there as well when nothing is put in.
        return text, text.count(_REPLACEMENT) - body.decode(codec, "ignore").count(_REPLACEMENT)


def _without_surrogates(body: bytes) -> tuple[bytes, int]:
    """CESU-8 pairs joined, lone surrogates as U+FFFD and their number: only a UTF-8 encoder writes either."""
    if b"\xed" not in body:
        return body, 0
    return _LONE.subn(b"\xef\xbf\xbd", _PAIR.sub(_joined, body))


def _joined(pair: re.Match[bytes]) -> bytes:
    high = 0xD000 | (pair[1][0] & 0x3F) << 6 | pair[2][0] & 0x3F
    low = 0xD000 | (pair[3][0] & 0x3F) << 6 | pair[4][0] & 0x3F
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).encode()


def _declaration(body: bytes, header: str | None, kind: Kind) -> tuple[str | None, str | None]:
    """The first label there is, as written, and the codec of the first label that names one."""
    found = _IN_HEADER.search(header[:1000]) if header else None
    in_header = found[1] if found else None if header is None or re.search(r"[/=;]", header) else header.strip() or None
    in_body = _in_document(body[:4096], kind)
    codec = codec_of(in_header)
    if codec is None and (codec := codec_of(in_body)) and codec.startswith(("utf-16", "utf-32")):
        codec = "utf-8"  # had it been UTF-16, the declaration could not have been read (HTML Standard, prescan)
    declared = in_header or in_body
    return (declared[:100] if declared else None), codec


def _in_document(head: bytes, kind: Kind) -> str | None:
    if kind in {"json", "text"}:
        return None
    found = _IN_XML.match(head.removeprefix(b"\xef\xbb\xbf"))
    if found:
        return found[1].decode("ascii", "replace")
    return html_body_declared_encoding(head) if kind == "html" else None


def _wide_without_mark(body: bytes, codec: str | None, kind: Kind) -> str | None:
    """UTF-16 or UTF-32 by where the NULs of the first two characters are."""
    if codec and codec.startswith(("utf-16", "utf-32")) and b"\0" in body[:1024]:
        return codec
    if kind == "text" or len(body) < 4:
        return None
    return {
        (True, True, True, False): "utf-32-be",
        (False, True, True, True): "utf-32-le",
        (True, False, True, False): "utf-16-be",
        (False, True, False, True): "utf-16-le",
    }.get((body[0] == 0, body[1] == 0, body[2] == 0, body[3] == 0))
