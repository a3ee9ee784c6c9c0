"""`plain` against what Chromium's `innerText` says of each case (each was asked; scripting on, no style sheet)."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text import Drop, most_letters, plain, render

CASES = [
    pytest.param(case["html"], case["text"], id=f"{path.stem}-{number}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
    for number, case in enumerate(map(json.loads, path.read_text(encoding="utf-8").splitlines()), 1)
]
MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div>",
                "</div>",
                "<table>",
                "<tr>",
                "<td>",
                "</td>",
                "</table>",
                "<b>",
                "</b>",
                "<span",
                "hidden>",
                "</span>",
                "<li>",
                "</li>",
                "<ul>",
                "</ul>",
                "<pre>",
                "</pre>",
                "<select>",
                "<option>",
                "</select>",
                "<details>",
                "<summary>",
                "<svg>",
                "<text>",
                "</svg>",
                "<math>",
                "<mi>",
                "</math>",
                "<a>",
                '<a\thref="x">',
                "</a>",
                "<br>",
                '<img\tsrc="y">',
                "<!--",
                "-->",
                "<script>",
                "</script>",
                "<style>",
                "<textarea>",
                "&amp;",
                "&#",
                "&lt",
                "<button>",
                "<form>",
                "</form>",
                "<h1>",
                "</h2>",
                "<template>",
                "<caption>",
                "<object>",
                "</object>",
                "<p\tstyle=display:flex>",
                "<i\tstyle=display:block>",
                "<b\thidden>",
                "<video>",
                "<pre\thidden>",
                '<font\tstyle="content-visibility:hidden;display:block;white-space:pre">',
                "</font>",
                "</i>",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=40,
).map("".join)


@pytest.mark.parametrize(("html", "text"), CASES)
def test_shows_what_a_browser_shows(html, text):
    """Each case comes out to the letter as Chromium's innerText has it."""
    assert plain(html) == text


def test_there_are_cases():
    """The folder of cases is found, so that the test above cannot pass for want of any."""
    assert len(CASES) > 130


@given(st.one_of(st.text(), MARKUP))
def test_never_raises_and_render_agrees(html):
    """Any string at all gives a string, and noting links and media does not change it."""
    text = plain(html)
    assert render(html).text == text
    assert render(html, (Drop("none", classes=frozenset(("no-such-class",))),)).text == text


@given(st.one_of(st.text(), MARKUP))
def test_there_are_no_more_letters_than_counted(html):
    """What is shown has at most as many letters as all text together."""
    assert sum(map(len, plain(html).split())) <= most_letters(html)


@given(st.text(st.characters(exclude_characters="<&\r\0")))
def test_plain_text_is_stable(text):
    """Text without markup comes out the same however often it is put in."""
    once = plain(text)
    assert plain(once) == once


@pytest.mark.parametrize(
    "html", ["", " ", "\0", "\ud800", "a\ud800b", "<", "</", "<!", "<?", "&", "&#", "&#x", "<a", "<a b='"]
)
def test_scraps(html):
    """What is hardly HTML gives what is left of it, and no exception."""
    assert set(plain(html)) <= set(html)


def test_carriage_returns_and_nul():
    """CR LF and CR are line ends, NUL is nothing."""
    assert plain("<pre>a\r\nb\rc\0d</pre>") == "a\nb\ncd"
