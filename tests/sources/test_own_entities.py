"""Entities that a feed declares itself: put in their places where they are text, and never able to grow."""

import tracemalloc

import pytest

from ingest.sources.feed import onepass
from ingest.sources.feed.own_entities import GROWTH, LONGEST, MOST, declared, in_place, strange
from tests.sources.documents import posts, saved


def rss(subset: str, title: str = "&me;", more: str = "") -> bytes:
    """A feed of two posts, the first with this title, under a document type with this subset."""
    items = f"<item><title>{title}</title><guid>1</guid></item><item><title>Plain</title><guid>2</guid></item>"
    return (
        f'<!DOCTYPE rss {more}[{subset}]><rss version="2.0"><channel><title>B</title>{items}</channel></rss>'.encode()
    )


@pytest.mark.parametrize(
    ("subset", "told"),
    [
        ('<!ENTITY me "Me">', {b"me": b"Me"}),
        ("<!ENTITY me 'M&#101;'>\n<!ENTITY x 'y'>", {b"me": b"Me", b"x": b"y"}),
        ("<!ENTITY me 'say \"it''><!ENTITY me 'later'>", {}),  # damaged
        ("<!ENTITY me 'say \"it\"'><!ENTITY me 'later'>", {b"me": b"say &quot;it&quot;"}),
        ("<!ENTITY gr\u00fc\u00df '\u00e4'>", {"gr\u00fc\u00df".encode(): "\u00e4".encode()}),
        ("<!-- <!ENTITY me 'no'> -->", {}),
        ("<!ENTITY lt 'x'><!ENTITY amp 'y'>", {}),
        ("<!ENTITY me SYSTEM 'file:///etc/hostname'><!ENTITY other 'x'>", {b"other": b"x"}),
        ("<!ENTITY % me 'x'><!ENTITY % far SYSTEM 'http://127.0.0.1/'>%far;<!ENTITY me 'x'>", {}),
        ("<!ENTITY a 'ha'><!ENTITY me '&a;&a;'>", {b"a": b"ha"}),
        ("<!ENTITY me '&#38;lt;'><!ENTITY a '&#60;b>'><!ENTITY c '<b>x</b>'>", {}),
        (f"<!ENTITY me '{'x' * (LONGEST + 1)}'>", {}),
        ("".join(f"<!ENTITY e{n} '{n}'>" for n in range(MOST + 1)), {}),
    ],
)
def test_what_is_declared(subset: str, told: dict[bytes, bytes]) -> None:
    """The first declaration of a name, where it is text; nothing of a document type that is damaged, or too much."""
    assert declared(rss(subset)) == told


def test_where_they_are_put() -> None:
    """In text and attributes, once; not in CDATA, comments and instructions, be they ever so open."""
    found = {b"me": b"Me &quot;&you;", b"you": b"no"}
    part = b'<a b="&me;">&me;&nope;&amp;me;<![CDATA[&me;]]><!-- &me; --><?p &me;?>&you;</a>'
    whole = b'<a b="Me &quot;&you;">Me &quot;&you;&nope;&amp;me;<![CDATA[&me;]]><!-- &me; --><?p &me;?>no</a>'
    assert in_place(part, found) == whole
    for text in (b"&nope; & &;", b"<![CDATA[ &me;", b"<!-- &me;", b"<? &me;", b""):
        assert in_place(text, found) is text
    assert strange({b"copy": "\u00a9".encode(), b"nbsp": b" ", b"me": b"Me"}) == {b"nbsp": b" ", b"me": b"Me"}


@pytest.mark.parametrize(
    "more", ["", 'SYSTEM "http://127.0.0.1/x.dtd" ', 'PUBLIC "-//Netscape//" "http://127.0.0.1/" ']
)
@pytest.mark.parametrize("fast", [True, False])
def test_both_ways_of_reading_see_them(more: str, fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a post that uses one keeps the whole document, with which it can be read again; any other its own bytes."""
    if not fast:
        monkeypatch.setattr(onepass, "read", lambda *_: None)
    body = rss("<!ENTITY me 'Me'>", more=more)
    first, second = posts(saved("feed", body))
    assert (first.title, first.raw) == ("Me", body)
    assert (second.title, second.raw) == ("Plain", b"<item><title>Plain</title><guid>2</guid></item>")


def test_what_html_means_as_well_needs_no_document() -> None:
    """Also where feedparser's loose parser would make `&&#160;;` of it, as the feed is damaged."""
    body = rss('\n<!ENTITY nbsp "&#160;">\n', "a&nbsp;b")
    assert [(post.title, len(post.raw) < 60) for post in posts(saved("feed", body))] == [
        ("a\xa0b", True),
        ("Plain", True),
    ]
    damaged = posts(saved("feed", body.replace(b"</channel>", b"<oops></channel>")))
    assert [(post.title, "damaged" in post.flags) for post in damaged] == [("a\xa0b", True), ("Plain", True)]


def test_nothing_grows() -> None:
    """A bomb of entities in entities is left as it stands; so is a long one that is used too often."""
    laughs = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 30))
    long = f"<!ENTITY me '{'x' * LONGEST}'>"
    often = GROWTH // LONGEST + 1
    tracemalloc.start()
    try:
        (bomb, _) = posts(saved("feed", rss(f"<!ENTITY e0 'ha'>{laughs}", "&e29;")))
        assert bomb.title == "&e29;"
        assert declared(rss(long, "&me;" * often)) == {}
        assert tracemalloc.get_traced_memory()[1] < 32 * 2**20
    finally:
        tracemalloc.stop()
    assert len(declared(rss(long, "&me;" * (often - 1)))) == 1


@pytest.mark.parametrize("pattern", [b"<![CDATA[", b"<!--", b"<?", b"&", b"&x", b"&" + b"x" * 99, b"]]>", b"&me;"])
def test_it_takes_time_in_proportion(pattern: bytes) -> None:
    """Four megabytes of what looks like a reference, or hides one, are through in no time."""
    text = pattern * (2**22 // len(pattern))
    assert in_place(text, {b"you": b"x"}) is text
