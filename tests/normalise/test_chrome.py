"""What is not the post is taken away, by name; what might be the post stays."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.chrome import (
    RULES,
    Cleaned,
    clean_excerpt,
    clean_html_text,
    clean_pasted,
    element_rules,
)
from ingest.text import Link, render

POST = Link("https://blog.example/2024/05/tea/", "On Tea")
HOME = Link("https://blog.example/", "Leaf & Cup")


@pytest.mark.parametrize(
    ("rule", "html"),
    [
        ("share-bar", '<div class="sharedaddy sd-sharing-enabled"><h3>Share this:</h3><a href=x>Tweet</a></div>'),
        ("share-bar", '<div class="addtoany_share_save_container"><a href=x>Share</a></div>'),
        ("follow-bar", '<ul class="wp-block-social-links"><li><a href=x>Mastodon</a></li></ul>'),
        ("related-posts", '<div id="jp-relatedposts" class="jp-relatedposts"><h3>Related</h3></div>'),
        ("related-posts", '<div class="yarpp yarpp-related"><p>You may also like</p></div>'),
        (
            "subscription-form",
            '<div class="wp-block-jetpack-subscriptions__container"><button>Subscribe</button></div>',
        ),
        ("comment-form", '<div id="respond" class="comment-respond"><h3>Leave a reply</h3></div>'),
        ("contact-form", '<div class="wpcf7"><label>Your name</label></div>'),
        ("rating-bar", '<span class="rt-reading-time">2 minutes</span>'),
        ("author-box", '<div class="saboxplugin-wrap">About Ann</div>'),
        ("screen-reader-text", '<span class="screen-reader-text">opens in a new window</span>'),
    ],
)
def test_element_rules(rule, html):
    """A plugin's element is left out under its rule's name, and stays when the rule is off."""
    around = f"<p>before</p>{html}<p>after</p>"
    found = render(around, element_rules())
    assert (found.text, found.dropped) == ("before\n\nafter", (rule,))
    kept = render(around, element_rules(off=(rule,)))
    assert (kept.dropped, kept.text) == ((), render(around).text)


@pytest.mark.parametrize("name", ["share", "related", "newsletter", "social", "comments-intro", "my-sharedaddy-notes"])
def test_general_words_are_no_evidence(name):
    """A class that an author may have chosen for the post itself drops nothing."""
    assert render(f'<div class="{name}">words</div>', element_rules()).text == "words"


@pytest.mark.parametrize(
    "tail",
    [
        "The post On Tea appeared first on Leaf & Cup.",
        "The post On Tea first appeared on Leaf & Cup.",
        "Der Beitrag On Tea erschien zuerst auf Leaf & Cup.",
        "L\u2019article On Tea est apparu en premier sur Leaf & Cup.",
        "La entrada On Tea se publicó primero en Leaf & Cup.",
        "Сообщение On Tea появились сначала на Leaf & Cup.",
        "投稿 On Tea は Leaf & Cup に最初に表示されました。",
        "On Tea yazısı ilk önce Leaf & Cup üzerinde ortaya çıktı.",  # noqa: RUF001
        "On Tea najpierw na Leaf & Cup, w języku spoza tabeli.",
    ],
)
def test_feed_tails_by_their_links(tail):
    """A last line of title and site, linked to the post and its home, is cut, whatever its language."""
    found = clean_html_text(f"Tea is good.\n\n{tail}", title="On Tea", links=(POST, HOME), url=POST.href)
    assert found == Cleaned("Tea is good.", ("feed-tail",))
    relative = (Link("../tea/", "On Tea"), Link("/", "Leaf & Cup"))
    assert clean_html_text(f"Tea.\n\n{tail}", title="On Tea", links=relative, url=POST.href).text == "Tea."


def test_a_wording_alone_needs_the_title():
    """Without links, a line in a tail's wording is cut only if it names the title."""
    tail = "Tea.\n\nL'articolo On Tea proviene da Leaf & Cup."
    assert clean_html_text(tail, title="On Tea").text == "Tea."
    assert clean_html_text(tail, title="On Coffee").text == tail
    assert clean_html_text(tail).text == tail
    assert clean_excerpt(tail, title="On Coffee").text == tail
    assert clean_excerpt(tail).text == tail
    assert clean_excerpt(tail, title="On Tea").text == "Tea."


def test_a_text_that_is_only_a_tail():
    """A feed entry whose content is nothing but the tail has no text."""
    tail = "The post On Tea appeared first on Leaf & Cup."
    assert clean_html_text(tail, title="On Tea", links=(POST, HOME), url=POST.href).text == ""


@pytest.mark.parametrize(
    ("last", "links"),
    [
        ("Read On Tea and then visit Leaf & Cup.", (POST, Link("https://blog.example/shop/", "Leaf & Cup"))),
        ("More from Wikipedia and Leaf & Cup.", (Link("https://w.example/Tea", "Wikipedia"), HOME)),
        ("On Tea Leaf & Cup", (POST, HOME)),
        ("Thanks to On Tea, Leaf & Cup " + "and many other places that we went to " * 4, (POST, HOME)),
        ("No names here at all.", (POST, HOME)),
        (
            "My essay On Tea was printed by the Times in May and I am proud.",
            (POST, Link("https://times.example/", "the Times")),
        ),
        (
            "My essay On Tea was printed by the Times.",
            (Link("https://times.example/tea", "On Tea"), Link("https://times.example/", "the Times")),
        ),
        ("The post about cats that On Tea wrote appeared first on Substack.", ()),
        ("The post On Tea, they say, appeared first on Substack.", ()),
    ],
)
def test_last_lines_that_are_no_tails(last, links):
    """A last line that could be the author's own stays."""
    text = f"Tea is good.\n\n{last}"
    assert clean_html_text(text, title="On Tea", links=links, url=POST.href) == Cleaned(text)


@pytest.mark.parametrize(
    ("line", "links"),
    [
        ("The post On Tea appeared first on Substack.", ()),
        ("I wrote On Tea years after Leaf & Cup began.", (POST, HOME)),
    ],
)
def test_the_only_line_of_a_post(line, links):
    """What is all there is of a post is no tail, unless links and wording both say so."""
    assert clean_html_text(line, title="On Tea", links=links, url=POST.href) == Cleaned(line)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("Tea is […]", "Tea is", "excerpt-mark"),
        ("Tea is [...]", "Tea is", "excerpt-mark"),
        ("Tea is … Continue reading On Tea →", "Tea is", "excerpt-mark"),
        ("Tea is. Read more »", "Tea is.", "excerpt-mark"),
        ("Tea is…", "Tea is…", None),
        ("I like to read more books.", "I like to read more books.", None),
        ("Tea is... Continue reading \u201cOn Tea\u201d", "Tea is", "excerpt-mark"),
        ("Tea is\nRead more about tea \u2192", "Tea is", "excerpt-mark"),
        ("Tea is.\n\nThe post On Tea appeared first on Leaf.", "Tea is.", "feed-tail"),
        *(
            (same, same, None)
            for same in (
                "The post office appeared closed.",
                "Why you should Read more books, my friend, than this one \u2192",
                "I stopped\u2026 Continue reading if you dare",
                "Please Continue reading",
                "The post On Tea appeared first on Leaf.",
            )
        ),
    ],
)
def test_excerpts(before, after, rule):
    """Marks of a program's cutting go; an author's own dots and words stay."""
    assert clean_excerpt(before, title="On Tea") == Cleaned(after, (rule,) if rule else ())
    if rule:
        assert clean_excerpt(before, off=(rule,), title="On Tea") == Cleaned(before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[vc_row][vc_column]Words[/vc_column][/vc_row]", "Words"),
        ('[et_pb_section fb_built="1" x=\u201d2\u2033]\n\nWords\n\n[/et_pb_section]', "Words"),
        ('[caption id="a_1" align="left"]A picture[/caption] more', "A picture more"),
        ('a\n\n[contact-form-7 id="3" title="Form"]\n\nb', "a\n\nb"),
        ("[gallery ids=1,2]", ""),
        ("a\n\n[gallery]\n\nb", "a\n\nb"),
        ("[vc_row][vc_column]\n\nWords", "Words"),
        ("[av_textblock size=\u201d2\u2033]Words[/av_textblock]", "Words"),
        ("[embed]https://v.example/1[/embed]", "https://v.example/1"),
    ],
)
def test_shortcodes_go_and_their_words_stay(before, after):
    """Tags that are surely shortcodes are taken away."""
    assert clean_html_text(before) == Cleaned(after, ("shortcodes",))
    assert clean_html_text(before, off=("shortcodes",)) == Cleaned(before)


@pytest.mark.parametrize(
    "text",
    [
        "[localhost] and [a-z0-9-]+ and data[0]",
        "[sic], [1], [citation needed], [Update: it works]",
        'Write [button color="red"] to get a button.',
        "[leave a comment]",
        "x = [caption, audio]",
        "array[x_i] and [x_min] and [fl_abs] and a[cs_k]; M[av_ij]",
        "[x_min]",
        "[x_min = 3, x_max = 5]",
        "The shortcode [gallery] beside [vc_row] and [embed].",
    ],
)
def test_other_brackets_stay(text):
    """Brackets that are words or code are no shortcodes."""
    assert clean_html_text(text) == Cleaned(text)


@pytest.mark.parametrize(
    "shown",
    ["[vc_row]\nx\n[/vc_row]", "[gallery]", '[contact-form-7 id="1" title="x"]', "<!-- wp:a -->\nx\n<!-- /wp:a -->"],
)
@pytest.mark.parametrize("source", ["<pre>{}</pre>", "<pre><code>{}</code></pre><p>x", "<code class=a>{}"])
def test_what_is_shown_as_code_stays(shown, source):
    """Tags and marks that the post shows inside code are its subject, however their brackets are written."""
    for written in (escape(shown), escape(shown).replace("[", "&#91;")):
        assert clean_html_text(shown, source=source.format(written)) == Cleaned(shown)
    assert clean_html_text(shown, source="<p>words</p>").applied


def test_editor_marks():
    """The two marks of a block that came through as text go where they stand alone; any other mark stays."""
    marked = "<!-- wp:paragraph -->\na\n<!-- /wp:paragraph -->"
    assert clean_html_text(marked) == Cleaned("a", ("editor-marks",))
    for own in ("a\n\n<!--more-->\n\nb", "<!-- wp:quote -->\nb", "<!-- wp:a --> and <!-- /wp:a -->"):
        assert clean_html_text(own) == Cleaned(own)


PASTED = "Title\n\nBody text.\n\n\nRead more by Ann Other\n\n\nPrevious\nPrevious\n\nOne\n\nNext\nNext\n\nTwo & three"


def test_pasted_furniture():
    """The pager and the byline at the end of a pasted page are cut, and the author is taken from the byline."""
    assert clean_pasted(PASTED) == Cleaned("Title\n\nBody text.", ("pasted-byline", "pasted-pager"), "Ann Other")
    assert clean_pasted(PASTED, off=("pasted-byline",)).applied == ("pasted-pager",)
    assert clean_pasted(PASTED, off=RULES) == Cleaned(PASTED)


@pytest.mark.parametrize(
    "end",
    [
        "Next\nNext, we rest.\n\nThe end",
        "Previous\n\nOne\n\nNext\n\nTwo",
        "Row\nRow\n\nyour boat",
        "Read more by clicking the link below",
        "Read more by the fire",
        "Read more by Margaret Atwood",
        "More articles from The Guardian",
        "Next\nNext\nthe refrain goes on",
        "Next\nNext\n\nthe refrain goes on",
    ],
)
def test_pasted_words_that_are_the_posts_own(end):
    """What only looks a little like furniture stays."""
    text = f"Title\n\nBody.\n\n{end}"
    assert clean_pasted(text) == Cleaned(text)


@given(st.text(), st.text(max_size=5))
def test_never_raises(text, title):
    """Any text at all can be cleaned, and a rule that is off is not applied."""
    for cleaned in (clean_html_text(text, title=title), clean_excerpt(text), clean_pasted(text)):
        assert set(cleaned.applied) <= set(RULES)
    assert clean_html_text(text, links=(Link(text, title), HOME), url=text, off=RULES) == Cleaned(text)


def test_every_rule_is_described():
    """The element rules and the text rules are all in the list that people choose from."""
    assert {rule.name for rule in element_rules()} < set(RULES)
    assert all(RULES.values())
    assert element_rules(off=RULES) == ()
