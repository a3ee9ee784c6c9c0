"""What `render` notes beside the text: links, media, the outline, and what was dropped."""

import pytest

from ingest.text import Drop, Heading, Link, Medium, inline, render


def test_links_are_as_written():
    """Addresses are decoded once and not resolved; anchors are one line; an `<a>` without href is no link."""
    found = render(
        '<p><a href="/x?a=1&amp;b=2&copy=3" rel="nofollow">one\n <b>two</b></a> <a name=n>no</a> <a href=" y ">z</a>'
    )
    assert found.links == (Link("/x?a=1&b=2&copy=3", "one two", "nofollow"), Link("y", "z"))


def test_a_link_ends_where_the_next_begins():
    """Links do not nest: the second one ends the first."""
    assert [link.anchor for link in render("<a href=1>a<a href=2>b</a>c").links] == ["a", "b"]


def test_hidden_links_and_media_are_not_noted():
    """What is not shown has no links and no media."""
    found = render('<div hidden><a href=x>a</a><img src=y></div><p style="display:none"><a href=z>b</a></p>')
    assert (found.links, found.media) == ((), ())


@pytest.mark.parametrize(
    ("html", "captions"),
    [
        ("<figure><img src=a></figure><figure><img src=b><figcaption>B</figcaption></figure><img src=c>", ["", "B", ""]),
        ("<figure><img src=a><figure><img src=b><figcaption>B</figcaption></figure><figcaption>A</figcaption></figure>",
         ["A", "B"]),
        ("<figure><figure><img src=a></figure><figure><img src=b></figure><figcaption>Both</figcaption></figure>",
         ["Both", "Both"]),
        ("<figcaption>nobody's</figcaption></figure><img src=a>", [""]),
    ],
)  # fmt: skip
def test_whose_caption_it_is(html: str, captions: list[str]):
    """That of the figure an image stands in, else of the gallery round it; never of another figure beside it."""
    assert [medium.caption for medium in render(html).media] == captions


def test_media_with_alt_and_caption():
    """An image has its alt and the caption of its figure, also of the old caption shortcode's markup."""
    new = '<figure><img src="a.png" alt="An  a"><figcaption>The <i>letter</i> a</figcaption></figure>'
    old = '<div class="wp-caption"><img src="b.png" /><p class="wp-caption-text">b it is</p></div><img src=c.png>'
    assert render(new + old).media == (
        Medium("a.png", "An a", "The letter a", "image"),
        Medium("b.png", "", "b it is", "image"),
        Medium("c.png", "", "", "image"),
    )


def test_lazy_images_have_their_real_address():
    """A placeholder in `src` gives way to where lazy loaders keep the address."""
    found = render('<img src="data:image/gif;base64,R0" data-src="real.jpg"><img data-lazy-src=other.jpg>')
    assert [medium.url for medium in found.media] == ["real.jpg", "other.jpg"]


def test_kinds_of_media():
    """Videos, sounds and frames are noted by kind; a player's address may be in its first source."""
    found = render(
        "<video src=v.mp4></video><audio controls><source src=s.ogg><source src=s.mp3></audio>"
        '<iframe src="https://player.example/1" title="A film"></iframe><embed src=e.swf><object data=o.pdf></object>'
    )
    assert [(medium.kind, medium.url) for medium in found.media] == [
        ("video", "v.mp4"),
        ("audio", "s.ogg"),
        ("embed", "https://player.example/1"),
        ("embed", "e.swf"),
        ("embed", "o.pdf"),
    ]
    assert found.media[2].alt == "A film"


def test_outline_has_levels_and_offsets():
    """Each heading stands in the text where its offset says; empty ones are none."""
    found = render("<p>intro</p><h2>First <b>part</b></h2><p>x</p><h3> </h3><h3>Sub</h3>y")
    assert [(heading.level, heading.text) for heading in found.outline] == [(2, "First part"), (3, "Sub")]
    assert all(found.text.startswith(heading.text, heading.offset) for heading in found.outline)
    assert render("<h1>one</h1>").outline == (Heading(1, "one", 0),)


@pytest.mark.parametrize(
    ("rule", "html"),
    [
        (Drop("r", classes=frozenset(("share",))), 'a<div class="big Share bar">x<a href=y>z</a></div>b'),
        (Drop("r", classes=frozenset(("sd-*",))), 'a<div class="sd-like">x</div>b'),
        (Drop("r", ids=frozenset(("respond",))), "a<div id=respond>x<div>y</div></div>b"),
        (Drop("r", tags=frozenset(("aside",))), "a<aside>x</aside>b"),
        (Drop("r", classes=frozenset(("gone",))), "a<div><span class=gone>x<span>y</span></span></div>b"),
        (
            Drop("r", classes=frozenset(("gone",))),
            "a<p><select class=gone><option>x</select></p>b<img class=gone src=x>",
        ),
    ],
)
def test_drop_rules_leave_elements_out(rule, html):
    """An element that a rule names is left out whole, and the rule's name is told."""
    found = render(html, (rule,))
    assert "".join(found.text.split()) == "ab"
    assert (found.links, found.media, found.dropped) == ((), (), ("r",))


def test_an_element_left_out_ends_where_its_end_tag_stands():
    """A dropped inline element that is closed over an open block does not take the rest of the post with it."""
    rule = Drop("r", classes=frozenset(("screen-reader-text",)))
    assert render('<b class="screen-reader-text"><p>x</b>REAL</p>after', (rule,)).text == "REAL\n\nafter"


def test_a_link_inside_a_drawing_leaves_it_as_it_is():
    """Noting a link does not end the svg that it stands in."""
    assert render("<svg><a href=x>y</a></svg>z").text == "z"


def test_a_rule_without_a_match_is_not_told():
    """`dropped` names only what dropped something."""
    rules = (Drop("one", classes=frozenset(("x",))), Drop("two", classes=frozenset(("y",))))
    assert render('<p class="y">a</p>b', rules).dropped == ("two",)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("A &#8211; <em>B</em> &amp;amp; C", "A \u2013 B &amp; C"),
        ("  Q&#038;A&nbsp;x\n y ", "Q&A\u00a0x y"),
        ("<p>one</p><p>two</p>", "one two"),
        ("&lt;br&gt;", "<br>"),
        ("5 < 6 &gt; 4", "5 < 6 > 4"),
        ("", ""),
    ],
)
def test_inline_is_one_line_decoded_once(html, text):
    """A title has its markup removed and its entities decoded exactly once."""
    assert inline(html) == text


@pytest.mark.parametrize(
    "words", ["", " ", "a  b", " a\tb\r\nc ", "&#13;a&nbsp; &amp;lt;", "\u200b\na\n\u200bb", "a\0b &", "&#32;"]
)
def test_a_lone_paragraph_is_rendered_as_any(words: str):
    """The short way of an excerpt says what the long one does; a rule that drops paragraphs drops it."""
    assert render(f"<p>{words}</p>\n") == render(f"<p >{words}</p>\n")
    assert render(f"<p>{words}</p>\n", [Drop("all", tags=frozenset({"p"}))]) == render("<p hidden>")._replace(
        dropped=("all",)
    )
