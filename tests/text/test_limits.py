"""No input is slow, deep or large enough to lose text or time."""

import time

import pytest

from ingest.text import plain, render

#: What ran away in other parsers: `n` is the number of tokens.
PATTERNS = {
    "open tags": lambda n: "<a " * n,
    "open values": lambda n: '<a href="' * n,
    "comments": lambda n: "<!--" * n,
    "cdata": lambda n: "<![CDATA[" * n,
    "instructions": lambda n: "<?" * n,
    "less-than": lambda n: "<" * n,
    "scripts": lambda n: "<script>" * n,
    "attributes": lambda n: "<p" + " a=1" * n + ">x",
    "references": lambda n: "&#" * n + "&" * n + "&amp;" * n,
    "divs": lambda n: "<div>" * n,
    "inline": lambda n: "<b>" * n,
    "lists": lambda n: "<ul><li>" * n,
    "tables": lambda n: "<table><tr><td>" * n,
    "styled": lambda n: '<b style="display:block"><p>' * n,
    "fostered": lambda n: "<table><div>" * n,
    "stray ends": lambda n: "<span hidden>" * n + "<p></span>" * n,
    "unreachable": lambda n: "<ul><li><section>" + '<i style="display:block">' * n + "<li></li>" * n,
    "buttons": lambda n: "<p><button>" + "<div>" * n + "</p>" * n,
    "formatting": lambda n: "<p>" + '<b style="visibility:hidden">' * n + "<p>x" * n,
    "controls": lambda n: "<select><option>" * n + "<details><summary>" * n,
    "templates": lambda n: "<template>" * n,
    "hidden ends": lambda n: "<b hidden><p></b>" * n,
    "drawings": lambda n: "<svg><p>" * n,
    "spaces": lambda n: " \n\t" * n + "x",
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_four_times_the_input_takes_about_four_times_as_long(pattern):
    """Time grows with the size, not with its square (which would be 16); CPU time, the best of three pairs."""

    def spent(html):
        start = time.process_time()
        plain(html)
        render(html)
        return time.process_time() - start

    small, large = pattern(2_000), pattern(8_000)
    ratios = [spent(large) / max(spent(small), 0.002) for _ in range(3)]
    assert min(ratios) < 6


@pytest.mark.parametrize("tag", ["div", "span", "b", "blockquote", "ul><li", "table><tr><td", 'p style="display:flex"'])
def test_depth_loses_nothing(tag):
    """Ten thousand levels deep, the text is still there."""
    assert plain(f"<{tag}>" * 10_000 + "deep").strip() == "deep"


def test_a_long_text_is_whole():
    """A text node of 12 MB comes out whole."""
    assert len(plain("<p>" + "word " * 2_400_000 + "</p>")) == 12_000_000 - 1


def test_portions_do_not_show():
    """A document that is laid out in portions reads like its parts, also where one ends inside a table."""
    part = "<p>one <b>two</b></p><table>out<tr><td>in<td>ner</table>"
    many = 30_000
    text = plain(part * many)
    assert text == plain(part) + ("\n\n" + plain(part)) * (many - 1)
