"""The header of an answer: what http.client and its parser of mail make of a sound one, and no guess at a damaged one."""

import http.client
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util.response import assert_header_parsing

from ingest.fetch.answer import LISTS, Unfit, fields

NAMES = st.one_of(
    st.sampled_from(["Content-Type", "LINK", "link", "ETag", "Vary", "vary", "Set-Cookie", "X-WP-Total"]),
    st.text(st.characters(codec="ascii", min_codepoint=33, exclude_characters=":\x7f"), min_size=1, max_size=12),
)
VALUES = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=20)
BLANKS = st.text(" \t", max_size=2)
FIELDS = st.lists(st.tuples(NAMES, BLANKS, VALUES, st.sampled_from(["\r\n", "\n"])), max_size=12)


def by_mail(header: bytes) -> list[tuple[str, str]]:
    """The fields as http.client reads them; HeaderParsingError for a damaged header."""
    message = http.client.parse_headers(io.BytesIO(header + b"\r\n"))
    assert_header_parsing(message)
    return [(name.lower(), value.strip(" \t")) for name, value in message.items()]


@given(FIELDS)
def test_a_sound_header_is_read_as_http_client_reads_it(lines: list[tuple[str, str, str, str]]) -> None:
    """Names without regard to case, values without the blanks around them; cookies are nobody's."""
    header = "".join(f"{name}:{blank}{value}{end}" for name, blank, value, end in lines).encode("latin-1")
    if b"multipart" in header or header.startswith(b"From "):
        return  # the parser of mail looks for parts, and for the postman's line
    told: dict[str, list[str]] = {}
    for name, value in by_mail(header):
        told.setdefault(name, []).append(value)
    told.pop("set-cookie", None)
    expected = {name: ", ".join(values) if name in LISTS else values[-1] for name, values in told.items()}
    assert fields(_lines(header)) == expected


def _lines(header: bytes) -> list[bytes]:
    """As they are read: ended by LF."""
    return io.BytesIO(header).readlines()


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"X: a\r\n b\r\n\tc\r\nY: d\r\n", {"x": "a b c", "y": "d"}),
        (b"X:\r\n  a\r\n", {"x": "a"}),
        (b"X: a\n b\n", {"x": "a b"}),
        (b"X: a\r\n \r\n b\r\n", {"x": "a  b"}),
        (b"Link: <a>\r\nX: 1\r\nlink: <b>\r\nX: 2\r\n", {"link": "<a>, <b>", "x": "2"}),
        (b"Content-Type: multipart/mixed\r\n", {"content-type": "multipart/mixed"}),
        (b"X: \xe4\r\n", {"x": "\xe4"}),
        (b"X: a: b\r\n", {"x": "a: b"}),
        (b"X:\r\n", {"x": ""}),
        (b"X : a\r\n", {"x": "a", "connection": "close"}),
        (b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nX\t : a\r\n", {"x": "a", "connection": "close"}),
        (b"Link : <a>\r\nLink: <b>\r\nConnection : keep-alive\r\n", {"link": "<a>, <b>", "connection": "close"}),
        (b"", {}),
    ],
)
def test_what_a_header_says(header: bytes, told: dict[str, str]) -> None:
    """Folded lines are one line; lines of a list are one list, and of what should come once the last counts.

    A blank before the colon is no part of the name, and nothing else is read from that connection.
    """
    assert fields(_lines(header)) == told


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (b"this is no header\r\n", "this is no header"),
        (b": no name\r\n", ":…"),
        (b" : no name\r\n", " :…"),
        (b" folded: from nothing\r\n", " folded:…"),
        (b" X : a\r\n", " X :…"),
        (b"X Y : a\r\n", "X Y :…"),
        (b"X\x0b: a\r\n", "X?:…"),
        (b"\xe4: a\r\n", "ä:…"),
        (b"X\ry: a\r\n", "X?y:…"),
        (b"X: a\rContent-Length: 3\r\n", "X:…"),
        (b"X : a\rContent-Length: 3\r\n", "X :…"),
        (b"X: a\r\r\n", "X:…"),
        (b"\r\r\n", "?"),
        (b"From me\r\n", "From me"),
        (b"X: a\r\n\x00\r\n", "?"),
        (b"Set-Cookie session=secret\r\n", "Set-Cookie session=…"),
        (b"Set-Cookie \x1b: session=secret\r\n", "Set-Cookie ?:…"),
        (b"x" * 65_000 + b"\r\n", "x" * 60 + "…"),
    ],
)
def test_a_damaged_header_is_refused(header: bytes, shown: str) -> None:
    """A line that is no field, or two of them with a bare CR between, may hide another, and where the body ends.

    It is named, without its value.
    """
    with pytest.raises(Unfit) as caught:
        fields(_lines(b"A: b\r\n" * (header[:1] != b" ") + header + b"Content-Length: 4\r\n"))
    assert str(caught.value) == f"a line of the header is no field ({shown})"


def test_folding_is_linear() -> None:
    """A header of nothing but blanks, as long as one may be, is read at once."""
    assert fields([b"X: " + b" " * 65_000 + b"\r\n", *[b" " * 65_000 + b"\r\n"] * 98]) == {"x": ""}
