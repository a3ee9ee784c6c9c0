"""Rules that drop elements keep measure: a post never loses itself to them."""

import pytest

from ingest import normalise
from ingest.records import Post, PostItem, Source

STORY = " ".join(f"word{n}" for n in range(120))
SHARE = '<div class="sharedaddy"><h3>Share this</h3></div>'


def _post(body: str, excerpt: str = "", off: tuple[str, ...] = ()) -> Post:
    item = PostItem(
        type="post",
        raw=b"{}",
        format="application/json",
        rank="rest",
        remote_id="1",
        url="https://blog.example/tea/",
        title="On Tea",
        body=body,
        excerpt=excerpt,
    )
    made = normalise.post(item, Source("rest", "", home="https://blog.example/", options={"rules_off": off}))
    assert isinstance(made, Post)
    return made


@pytest.mark.parametrize(
    "body",
    [
        f'<div class="sharedaddy"><h3>Share</h3><p>{STORY}</p>',
        f'<p>Before.</p><div class="sharedaddy"><h3>Share</h3><p>{STORY}</p>',
        *(
            f'<div class="{name}"><p>{STORY}</p></div>'
            for name in ("yarpp", "contact-form", "comments-area", "printfriendly", "hustle-ui", "emaillist")
        ),
        f'<div id="respond"><p>{STORY}</p></div>',
        f'<div class="yarpp"><p>{"茶は良い" * 100}</p></div><p>終</p>',
        f'<p class="post-views">{STORY}</p>',
        f'<div class="yarpp">A short post.</div>{SHARE}',
        f"<p>{STORY} {STORY} {STORY} {STORY}</p><div class=sharedaddy><p>{STORY} {STORY} {STORY}</p>",
    ],
)
def test_a_whole_post_stays(body):
    """Where the drops would leave nothing, or take the better part, none is made and none is recorded."""
    made = _post(body)
    assert made.cleaned == ()
    assert made.text == _post(body, off=tuple(normalise.RULES)).text != ""


@pytest.mark.parametrize("name", ["respond", "commentform", "subscribe-blog"])
def test_a_heading_with_an_id_of_its_own_words(name):
    """An id that a heading may have got from its words drops nothing."""
    assert _post(f'<h2 id="{name}">How to respond to fire</h2><p>Run.</p>').text == "How to respond to fire\n\nRun."


@pytest.mark.parametrize("body", [f"<p>Tea.</p>{SHARE}", f"<p>{STORY}</p>{SHARE}"])
def test_a_few_words_go(body):
    """Furniture goes from short posts and long ones."""
    made = _post(body)
    assert (made.cleaned, "Share" in made.text) == (("share-bar",), False)


def test_a_picture_alone():
    """A post that is one picture loses its share bar."""
    made = _post(f'<p><img src="/a.jpg" alt=""></p>{SHARE}')
    assert (made.text, made.cleaned) == ("", ("share-bar",))


def test_excerpts_lose_elements_and_say_so():
    """The rules for elements hold for excerpts, and every rule that changed one is recorded."""
    made = _post("<p>Tea is good.</p>", f"<p>Tea is [&hellip;]</p>{SHARE}")
    assert (made.excerpt, made.cleaned) == ("Tea is", ("excerpt-mark", "share-bar"))
