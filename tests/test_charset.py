"""How `ingest.charset` turns bytes into text, and what it says was lost."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.charset import Decoded, codec_of, decode

#: The machine may be busy: an example is right or wrong, never slow.
ANY_PACE = settings(deadline=None)

XML = '<?xml version="1.0" encoding="{}"?><t>{}</t>'
META = '<!DOCTYPE html><head><meta charset="{}"></head>{}'
PRAGMA = '<head><meta http-equiv="Content-Type" content="text/html; charset={}">{}'


@pytest.mark.parametrize(
    ("body", "header", "kind", "expected"),
    [
        # a mark wins over everything that is declared
        (b"\xef\xbb\xbfcaf\xc3\xa9", "iso-8859-1", "json", Decoded("café", "iso-8859-1", "utf-8", 0)),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", None, "json", Decoded("{}", None, "utf-8", 0)),
        (b"\xef\xbb\xbfcaf\xe9", None, "text", Decoded("caf\ufffd", None, "utf-8", 1)),
        ("\ufeffcafé".encode("utf-16-le"), "utf-8", "text", Decoded("café", "utf-8", "utf-16-le", 0)),
        ("\ufeffcafé".encode("utf-16-be"), None, "html", Decoded("café", None, "utf-16-be", 0)),
        ("\ufeffcafé".encode("utf-32-le"), None, "xml", Decoded("café", None, "utf-32-le", 0)),
        ("\ufeffcafé".encode("utf-32-be"), None, "json", Decoded("café", None, "utf-32-be", 0)),
        # UTF-16 and UTF-32 without a mark
        ('["é"]'.encode("utf-16-le"), None, "json", Decoded('["é"]', None, "utf-16-le", 0)),
        ('["é"]'.encode("utf-16-be"), "utf-8", "json", Decoded('["é"]', "utf-8", "utf-16-be", 0)),
        ('["é"]'.encode("utf-32-le"), None, "json", Decoded('["é"]', None, "utf-32-le", 0)),
        ('["é"]'.encode("utf-32-be"), None, "json", Decoded('["é"]', None, "utf-32-be", 0)),
        ("<t>é</t>".encode("utf-16-le"), None, "xml", Decoded("<t>é</t>", None, "utf-16-le", 0)),
        ("日本 a".encode("utf-16-be"), "utf-16be", "text", Decoded("日本 a", "utf-16be", "utf-16-be", 0)),
        (b"a\0b\0", None, "text", Decoded("a\0b\0", None, "utf-8", 0)),
        # valid UTF-8 is UTF-8, whatever is declared
        ("café".encode(), "iso-8859-1", "json", Decoded("café", "iso-8859-1", "utf-8", 0)),
        ("café".encode(), "text/html; Charset='latin1'; x=y", "html", Decoded("café", "latin1", "utf-8", 0)),
        (XML.format("ISO-8859-1", "café").encode(), None, "xml", Decoded(XML.format("ISO-8859-1", "café"), "ISO-8859-1", "utf-8", 0)),
        ("cafÃ©".encode(), None, "json", Decoded("cafÃ©", None, "utf-8", 0)),
        (b"\n\n[1]", None, "json", Decoded("\n\n[1]", None, "utf-8", 0)),
        (b"", None, "html", Decoded("", None, "utf-8", 0)),
        # then the header, the document, cp1252
        (b"caf\xe9", "iso-8859-1", "json", Decoded("café", "iso-8859-1", "cp1252", 0)),
        (b"caf\xe9 \x80", None, "json", Decoded("café €", None, "cp1252", 0)),
        (b"\x93a\x94 \x81", None, "text", Decoded("“a” \ufffd", None, "cp1252", 1)),
        ("кот".encode("cp1251"), "application/rss+xml; charset=windows-1251", "xml", Decoded("кот", "windows-1251", "cp1251", 0)),
        (b"caf\xe9", "no-such-charset", "text", Decoded("café", "no-such-charset", "cp1252", 0)),
        (b"caf\xe9", "text/plain", "text", Decoded("café", None, "cp1252", 0)),
        (b"caf\xe9", "", "text", Decoded("café", None, "cp1252", 0)),
        (b"caf\xe9", "base64", "text", Decoded("café", "base64", "cp1252", 0)),
    ],
)  # fmt: skip
def test_order(body, header, kind, expected):
    """Mark, valid UTF-8, header, declaration, cp1252; what was declared, used and replaced is told."""
    assert decode(body, header=header, kind=kind) == expected


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("iso-8859-1", "cp1252", "“café”"),
        ("us-ascii", "cp1252", "“café”"),
        ("x-cp1252", "cp1252", "café"),
        ("iso-8859-9", "cp1254", "İğ"),
        ("gb2312", "gb18030", "简体中文"),
        ("GBK", "gb18030", "简体中文"),
        ("big5", "big5hkscs", "繁體中文"),
        ("shift_jis", "cp932", "日本語①"),
        ("x-sjis", "cp932", "日本語①"),
        ("euc-jp", "euc_jp", "日本語"),
        ("iso-2022-jp", "iso2022_jp", "日本語"),
        ("ks_c_5601-1987", "cp949", "한국어똠"),
        ("euc-kr", "cp949", "한국어똠"),
        ("koi8-r", "koi8-r", "кот"),
        ("windows-1251", "cp1251", "кот"),
        ("x-mac-cyrillic", "mac-cyrillic", "кот"),
        ("iso-8859-8-i", "iso8859-8", "עברית"),
        ("tis-620", "cp874", "ไทย"),
    ],
)
def test_labels(label, codec, text):
    """A label means what the Encoding Standard says, in the header and in the document."""
    assert codec_of(label) == codec
    assert decode(text.encode(codec), header=label, kind="json") == Decoded(text, label, codec, 0)
    feed = XML.format(label, text)
    assert decode(feed.encode(codec), kind="xml") == Decoded(feed, label, codec, 0)
    assert decode(feed.encode(codec), header="utf-9", kind="xml").used == codec


@pytest.mark.parametrize("page", [META, PRAGMA])
def test_meta(page):
    """A page declares its charset in `<meta>`, but not in a comment and not behind the first 4,096 bytes."""
    text = page.format("windows-1251", "кот")
    assert decode(text.encode("cp1251"), kind="html").text == text
    assert decode(f"<!--{text}-->".encode("cp1251"), kind="html").used == "cp1252"
    assert decode((" " * 5000 + text).encode("cp1251"), kind="html").used == "cp1252"
    assert decode(text.encode("cp1251"), kind="text").used == "cp1252"
    assert decode(text.encode("cp1251"), header="koi8-r", kind="html").used == "koi8-r"


def test_impossible_declaration():
    """A declaration that could be read as ASCII is not UTF-16, whatever it says."""
    feed = XML.format("UTF-16", "café \xff").encode("latin-1").replace(b"caf\xe9", "café".encode())
    assert decode(feed, kind="xml") == Decoded(XML.format("UTF-16", "café \ufffd"), "UTF-16", "utf-8", 1)


@pytest.mark.parametrize(
    "label",
    [
        None,
        "",
        "zip",
        "punycode",
        "idna",
        "unicode_escape",
        "rot13",
        "utf-7",
        "hz",
        "undefined",
        "mbcs",
        "cp037",
        "x" * 5000,
        "ä",
        "\0",
        "\ud800",
    ],
)
def test_no_charset(label):
    """Python's codecs that are no charsets of the web cannot be asked for."""
    assert codec_of(label) is None
    assert decode(b"caf\xe9", header=label).text == "café"


@pytest.mark.parametrize(
    ("body", "header", "text", "replaced"),
    [
        (
            XML.format("utf-8", "one bad \xff byte").encode("latin-1"),
            None,
            XML.format("utf-8", "one bad \ufffd byte"),
            1,
        ),
        (b"a bad \xe9 byte", "utf-8", "a bad \ufffd byte", 1),
        ("naïve “quoted” ".encode() + b"\x93", None, "naïve “quoted” \ufffd", 1),
        ("naïve “quoted” ".encode() + b"\x93", "iso-8859-1", "naïve “quoted” \ufffd", 1),
        ("日本語の日記です".encode() + b"\xff", "gb2312", "日本語の日記です\ufffd", 1),
        ("own \ufffd ".encode() + b"\xff", "utf-8", "own \ufffd \ufffd", 1),
        ("cut 日本".encode()[:-1], None, "cut 日\ufffd", 1),
    ],
)
def test_damaged_utf8_stays_utf8(body, header, text, replaced):
    """A few bad bytes cost themselves, never the rest of the document."""
    assert decode(body, header=header, kind="xml") == Decoded(
        text, decode(body, header=header, kind="xml").declared, "utf-8", replaced
    )


def test_damaged_legacy_stays_legacy():
    """A bad byte in a declared legacy charset does not make UTF-8 of it."""
    for label, codec, text in (
        ("gbk", "gb18030", "简体中文的网站"),
        ("windows-1251", "cp1251", "привет, кот"),
        ("euc-kr", "cp949", "한국어 블로그"),
    ):
        found = decode(text.encode(codec) + b"\xff", header=label, kind="json")
        assert found.used == codec
        assert found.text.startswith(text)


@pytest.mark.parametrize(
    ("body", "text", "replaced"),
    [
        (b"\xed\xa0\xbd\xed\xb8\x80", "\U0001f600", 0),
        (b"\xed\xaf\xbf\xed\xbf\xbf", "\U0010ffff", 0),
        (b"\xed\xa0\x80\xed\xb0\x80", "\U00010000", 0),
        (b"a \xed\xa0\x80 b", "a \ufffd b", 1),
        (b"\xed\xb8\x80\xed\xa0\xbd", "\ufffd\ufffd", 2),
        (b"\xed\x9f\xbf \xed\xa0\xbd\xed\xb8\x80", "\ud7ff \U0001f600", 0),
    ],
)
def test_cesu8(body, text, replaced):
    """Surrogates written as UTF-8 are joined when they are a pair and U+FFFD when they are not."""
    for header in (None, "utf-8", "iso-8859-1"):
        found = decode(body, header=header, kind="json")
        assert (found.text, found.used, found.replaced) == (text, "utf-8", replaced)


def test_lone_surrogates_in_utf16():
    """A lone surrogate in UTF-16 is U+FFFD and counted; the source's own U+FFFD is not."""
    assert decode(b"\xff\xfe\x00\xd8a\x00\xfd\xff", kind="text") == Decoded("\ufffda\ufffd", None, "utf-16-le", 1)


def test_json_survives():
    """A REST answer with a wrong label or cp1252 bytes is still the JSON it was."""
    post = {"title": "Crème brûlée", "id": 1}
    wire = json.dumps(post, ensure_ascii=False)
    for body, header in (
        (wire.encode(), "iso-8859-1"),
        (wire.encode("cp1252"), None),
        (wire.encode("utf-16"), "utf-8"),
    ):
        assert json.loads(decode(body, header=header, kind="json").text) == post


KINDS = st.sampled_from(["html", "xml", "json", "text"])
HEADERS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.sampled_from(["utf-8", "latin1", "gbk", "big5", "shift_jis", "iso-2022-jp", "utf-16", "utf-32", "euc-kr"]),
)
PIECES = st.lists(st.sampled_from([b"\xed\xa0\xbd", b"\xed\xb8\x80", b"\xff\xfe", b"\xef\xbf\xbd", b"\xc3\xa9", b"\xe9", b"\0", b"\x1b$B", b"<?xml encoding='", b"<meta charset=", b"utf-16", b"gbk", b"a"]), max_size=12)  # fmt: skip


@ANY_PACE
@given(st.one_of(st.binary(), PIECES.map(b"".join)), HEADERS, KINDS)
def test_total(body, header, kind):
    """Any bytes under any label give storable text, and the same text every time."""
    found = decode(body, header=header, kind=kind)
    assert found == decode(body, header=header, kind=kind)
    assert found.text.encode().decode() == found.text
    assert not found.text.startswith("\ufeff")
    assert 0 <= found.replaced <= found.text.count("\ufffd")
    assert codec_of(found.used) is not None


@ANY_PACE
@given(st.text(), HEADERS, KINDS)
def test_utf8_is_never_touched(text, header, kind):
    """What is valid UTF-8, and does not look like UTF-16 or ISO-2022-JP, comes out as it went in."""
    text = text.replace("\0", "").replace("\x1b", "").lstrip("\ufeff")
    assert decode(text.encode(), header=header, kind=kind).text == text


@ANY_PACE
@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\x1b\ufeff"), min_size=1), st.integers(0, 10**9)
)
def test_one_bad_byte(text, where):
    """One bad byte in a body declared as UTF-8 becomes one U+FFFD, and nothing else changes."""
    at = where % (len(text) + 1)
    found = decode(text[:at].encode() + b"\xff" + text[at:].encode(), header="utf-8", kind="json")
    if not found.used.startswith("utf-16"):  # the bad byte made a byte order mark
        assert (found.text, found.used, found.replaced) == (text[:at] + "\ufffd" + text[at:], "utf-8", 1)


@pytest.mark.parametrize(
    "piece", [b"\x80", b"\xff", b"\xed\xa0\xbd", b"\xed\xa0\xbd\xed\xb8\x80", b"<meta ", b"<!--", b"\x1b$B", b"\0\xd8"]
)
@pytest.mark.parametrize("header", [None, "gbk", "iso-2022-jp", "utf-8"])
def test_large(piece, header):
    """A megabyte of the worst bytes is decoded without delay (the suite's timeout is the judge)."""
    body = piece * (1_000_000 // len(piece)) + b"\xff"
    assert decode(body, header=header).text
