"""Which characters of a text reach the corpus."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.characters import folded, is_unspaced, measured, one_line, tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ge\xadheim", "geheim"),
        ("a\u200bb\ufeffc\u2060d", "abcd"),
        ("x\x00y\x1bz\x7f\x9f", "xyz"),
        ("a\xa0b\u202fc", "a b c"),
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("cafe\u0301", "caf\xe9"),
        ("half \ud800 here", "half \ufffd here"),
        ("\u202eevil\u202c", "evil"),
        ("\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f467"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("end  \nnext\t\n", "end\nnext\n"),
        ("tab\there", "tab\there"),
    ],
)
def test_tidy(text: str, expected: str) -> None:
    """Nothing invisible splits a word, and nothing that carries meaning is lost."""
    assert tidy(text) == expected


@given(st.text(st.characters(codec=None)))
def test_tidy_is_total_and_settled(text: str) -> None:
    """Any string comes out clean, and a second time unchanged; it can be stored."""
    once = tidy(text)
    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")
    assert "\x00" not in once


@pytest.mark.parametrize("unit", ["\xa0", " ", "\t", "\u0301\u0327", "a\u0301", "\u05b0\u05bc", " \n", "x \t "])
def test_tidy_is_linear(unit: str) -> None:
    """Four times the text, less than six times the work: no run of blanks or marks hangs a page."""
    import time

    def spent(count: int) -> float:
        text = "é" + unit * count + "x"
        best = min(_timed(tidy, text, time.process_time) for _ in range(3))
        return best + 1e-3

    assert spent(80_000) / spent(20_000) < 6
    assert tidy(tidy("é" + unit * 5000)) == tidy("é" + unit * 5000)


def _timed(function: Callable[[str], str], text: str, clock: Callable[[], float]) -> float:
    begun = clock()
    function(text)
    return clock() - begun


def test_one_line() -> None:
    """A title is one line."""
    assert one_line("  a\n\nb\t c\xa0") == "a b c"


@pytest.mark.parametrize(
    ("text", "unspaced"),
    [("健康", True), ("สุขภาพ", True), ("カフェ", True), ("한국어 띄어쓰기", False), ("café", False)],
)
def test_scripts_without_blanks(text: str, unspaced: bool) -> None:
    """Korean puts blanks between words; Chinese, Japanese and Thai do not."""
    assert is_unspaced("title", text) is unspaced


@given(st.text(st.sampled_from(" \t\n\r\x0b\x1c\x85\xa0\u1680\u2003\u2028\u202f\u3000ab\u2019\u0436\ud800")))
def test_folding_is_what_splitting_at_white_space_comes_to(text: str) -> None:
    """Every kind of white space that Python knows is folded, in short texts and long."""
    for one in (text, text * 40):
        assert folded(one) == " ".join(one.split()).encode("utf-8", "surrogatepass")


@given(st.text(st.sampled_from(" \t\n\x0c\x1f\x85\xa0\u2003\u3000ab\u2019\u0436\u5065\ud800")))
def test_measuring_counts_what_splitting_finds(text: str) -> None:
    """Words are counted where they end, whatever white space is between them."""
    for one in (text, text * 40):
        assert measured(one) == (len(one.split()), is_unspaced(one))


@given(
    st.text(st.sampled_from(" \tab\n\u2019\u2000\u212b\xad\u200b\u0301\u0345\ufeff\u0e01\u3042\U0001f600\ud83d\u202a"))
)
def test_a_long_text_is_treated_as_its_lines_are(text: str) -> None:
    """What is looked at in a long text is not all of it; what comes out is the same."""
    lines = [text + "x", *["plain words \u2019 of many letters, so that the whole is long"] * 5]
    whole = "\n".join(lines)
    assert tidy(whole) == "\n".join(map(tidy, lines))
    assert is_unspaced(whole) == is_unspaced(text)
