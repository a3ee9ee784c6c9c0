"""Which characters of a text reach the corpus."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.characters import is_unspaced, one_line, tidy


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
