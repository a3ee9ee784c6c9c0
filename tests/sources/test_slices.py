"""`sources.slices`: XML cut into the exact bytes of its parts."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources import slices
from ingest.sources.slices import Slicer, TooManyAttributesError, mended

DOCUMENT = (
    b"\xef\xbb\xbf\n<?xml version='1.0' encoding='latin1'?><rss v='1'><channel><a>&nbsp; &amp;&#8;&#1234; \xc3\xa4\xff & x</a>"
    b"<title>a&nbsp;b\x08\xff&#8;</title><!-- <item> --><item>1<a/></item><item/>"
    b"<item x='>'>\xc3\xa4<![CDATA[ </item> &nbsp]]></item ><x/><item>2</item></channel></rss>"
)
PARTS = [
    b"<item>1<a/></item>",
    b"<item/>",
    b"<item x='>'>\xc3\xa4<![CDATA[ </item> &nbsp]]></item >",
    b"<item>2</item>",
]


def cut(document: bytes) -> tuple[list[bytes], Slicer]:
    """The items of a document, and what the slicer says besides."""
    slicer = Slicer(io.BytesIO(document), lambda name: name == "item")
    return [part.raw for part in slicer], slicer


def test_parts_are_the_bytes_that_were_sent() -> None:
    """Untidiness in and between parts does not move or change a byte."""
    parts, slicer = cut(DOCUMENT)
    assert parts == PARTS
    assert (slicer.opening, slicer.closing) == (b'<rss v="1"><channel>', b"</channel></rss>")
    assert slicer.outside.startswith(b"<rss v='1'><channel><a>&nbsp;")
    assert (slicer.broken, slicer.truncated, slicer.irregular) == ("", False, False)


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 7, 11, 40])
@pytest.mark.parametrize("head", [64, 90])
@pytest.mark.parametrize("end", [len(DOCUMENT), -30, -60])
def test_where_the_stream_is_cut_into_chunks_does_not_matter(
    chunk: int, head: int, end: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same parts, whatever a read gives at a time."""
    whole, once = cut(DOCUMENT[:end])
    monkeypatch.setattr(slices, "CHUNK", chunk)
    monkeypatch.setattr(slices, "HEAD", head)
    parts, slicer = cut(DOCUMENT[:end])
    assert parts == whole
    assert (slicer.outside, slicer.broken == "", slicer.truncated) == (once.outside, once.broken == "", once.truncated)


@given(st.integers(0, len(DOCUMENT) - 1))
@settings(max_examples=100, deadline=None)
def test_a_cut_document_keeps_its_whole_parts(end: int) -> None:
    """What stands whole before the cut comes out, and nothing else."""
    parts, slicer = cut(DOCUMENT[:end])
    assert parts == PARTS[: len(parts)]
    assert len(parts) == sum(DOCUMENT[:end].count(part) > 0 for part in PARTS)
    assert slicer.truncated or b"<" not in DOCUMENT[:end]


def test_damage_is_said() -> None:
    """A missing end tag ends the document where it is noticed."""
    parts, slicer = cut(DOCUMENT.replace(b"<x/>", b"</x>"))
    assert parts == PARTS[:3]
    assert "mismatched tag" in slicer.broken
    assert not slicer.truncated


def test_junk_behind_the_root_is_no_damage() -> None:
    """Comments of caches and trackers stand there."""
    assert cut(DOCUMENT + b"\n<!-- cached --><script>x</script>")[1].broken == ""


def test_too_many_attributes_are_refused() -> None:
    """No honest tag has a thousand of them."""
    with pytest.raises(TooManyAttributesError):
        cut(b"<rss><item " + b" ".join(b'a%d="1"' % n for n in range(1001)) + b"/></rss>")


def test_entities_are_never_expanded_or_fetched() -> None:
    """A bomb and a file stay names."""
    bomb = b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    parts, slicer = cut(bomb + b"<r><item>&b;&f;</item></r>")
    assert parts == [b"<item>&b;&f;</item>"]
    assert slicer.broken == ""


@pytest.mark.parametrize(
    ("raw", "text", "lost"),
    [
        (b"a\x00\x08b\n", "ab\n", 0),
        (b"\xc3\xa4\xff", "ä\ufffd", 1),
        ("\ufffd".encode() + b"\xfe", "\ufffd\ufffd", 1),
        (b"&#8;&#x1F;&#55296;&#xFFFE;", "\ufffd\ufffd\ufffd\ufffd", 0),
        (b"&#10;&#x41;&#128512;&#x10FFFF;&#1234;", "&#10;&#x41;&#128512;&#x10FFFF;&#1234;", 0),
        ("\uffff".encode(), "\ufffd", 0),
    ],
)
def test_mended(raw: bytes, text: str, lost: int) -> None:
    """What XML forbids is dropped or replaced, what could not be read is counted."""
    assert mended(raw) == (text, lost)
