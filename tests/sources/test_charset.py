"""Bytes to text, by fixed rules, with every loss counted."""

import codecs
import encodings.aliases
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.charset import Decoded, decode

XML = b"<?xml version='1.0' encoding='%s'?><a>%s</a>"
META = b"<html><head><meta charset=%s></head><p>%s</p>"


@pytest.mark.parametrize(
    ("body", "charset", "text", "used"),
    [
        (b"plain", None, "plain", "utf-8"),
        (b"caf\xc3\xa9", None, "caf\u00e9", "utf-8"),
        (b"caf\xc3\xa9", "iso-8859-1", "caf\u00e9", "utf-8"),
        (b"caf\xe9", "iso-8859-1", "caf\u00e9", "cp1252"),
        (b"caf\xe9 \x93x\x94", None, "caf\u00e9 \u201cx\u201d", "cp1252"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "iso-8859-1", "caf\u00e9", "utf-8"),
        (b"\xff\xfeh\x00i\x00", "utf-8", "hi", "utf-16-le"),
        (b"\xfe\xff\x00h\x00i", None, "hi", "utf-16-be"),
        (b"h\x00i\x00", "utf-16le", "hi", "utf-16-le"),
        (b"\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251", "\u041f\u0440\u0438\u0432\u0435\u0442", "cp1251"),
        (b"\xf0\xd2\xc9", "koi8-r", "\u041f\u0440\u0438", "koi8-r"),
        ("\u6f22\u5b57".encode("gbk"), "gb2312", "\u6f22\u5b57", "gb18030"),
        ("\u65e5\u672c".encode("shift_jis"), "Shift_JIS", "\u65e5\u672c", "cp932"),
        ("\u65e5\u672c".encode("iso2022_jp"), "iso-2022-jp", "\u65e5\u672c", "iso2022_jp"),
        (b"caf\xe9", "no-such-charset", "caf\u00e9", "cp1252"),
        (b"caf\xe9", "base64", "caf\u00e9", "cp1252"),
        (b"caf\xe9", "a\0b", "caf\u00e9", "cp1252"),
        (b"", "utf-8", "", "utf-8"),
    ],
)
def test_the_order_of_the_rules(body: bytes, charset: str | None, text: str, used: str) -> None:
    """BOM; valid UTF-8; the header; windows-1252."""
    assert decode(body, charset) == Decoded(text, charset, used)


@pytest.mark.parametrize("frame", [XML, META])
def test_the_document_says_it_when_the_header_does_not(frame: bytes) -> None:
    """An XML declaration or a meta element is believed, after the header."""
    body = frame % (b"windows-1251", b"\xcf\xf0\xe8")
    assert "\u041f\u0440\u0438" in decode(body).text
    assert decode(body).declared == "cp1251"
    assert decode(body, "iso-8859-1").used == "cp1252"
    assert decode(body, "iso-8859-1").declared == "iso-8859-1"


def test_one_bad_byte_does_not_turn_a_page_into_mojibake() -> None:
    """Text that is declared UTF-8 stays UTF-8; what is lost is counted, what the publisher lost before is not."""
    body = XML % (b"utf-8", "\u00e9\u00e8\ufffd".encode() + b"\xe9!")
    decoded = decode(body)
    assert decoded.text.endswith("\u00e9\u00e8\ufffd\ufffd!</a>")
    assert (decoded.used, decoded.replaced) == ("utf-8", 1)
    assert decode(b"\xc3\xa9\xe9!", "utf-8") == Decoded("\u00e9\ufffd!", "utf-8", "utf-8", 1)


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_json_in_any_unicode_is_read(name: str) -> None:
    """JSON is UTF-8 first, whatever the label; UTF-16 and UTF-32 are seen by their zeros (RFC 4627 §3)."""
    body = '{"a": "\u00e9"}'.encode(name)
    assert json.loads(decode(body, "iso-8859-1", is_json=True).text) == {"a": "\u00e9"}


def test_json_does_not_declare_itself() -> None:
    """Markup inside a post is no declaration of the document."""
    body = b'{"a": "<meta charset=koi8-r>\xe9"}'
    assert decode(body, is_json=True) == Decoded('{"a": "<meta charset=koi8-r>\u00e9"}', None, "cp1252")


@pytest.mark.parametrize(
    "charset", [*sorted(set(encodings.aliases.aliases.values())), "undefined", "idna", "unicode_escape", "utf-7"]
)
def test_no_label_is_dangerous(charset: str) -> None:
    """Whatever a server calls its charset, Python's odd codecs included, there is text."""
    body = b"caf\xe9 \\u0041 +AGE- \x1b~{"
    decoded = decode(body, charset)
    codecs.lookup(decoded.used)
    assert decoded.declared == charset
    assert decoded.text == body.decode(decoded.used, "replace")


@given(st.binary(), st.text() | st.none(), st.booleans())
def test_any_bytes_are_text(body: bytes, charset: str | None, is_json: bool) -> None:
    """Decoding never raises, and is the same every time."""
    assert decode(body, charset, is_json=is_json) == decode(body, charset, is_json=is_json)
