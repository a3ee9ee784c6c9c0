"""What is remembered of tags against what the rules say, one tag after another."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import text
from ingest.text import Drop, render
from ingest.text.places import Move, Place, Places
from ingest.text.tree import known

CASES = [
    json.loads(line)["html"]
    for path in sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
DROP = (Drop("share", classes=frozenset(("share",)), ids=frozenset(("x",))),)
WORDS = """
    p /p div /div ul /ul li /li h2 /h2 /h3 b /b a /a a,href=u a,href=u,class=share img,src=v img,src=v,id=x span
    /span  span,class=share div,class=share div,style=display:flex p,hidden pre /pre br hr table /table tr td /td
    figure  /figure figcaption /figcaption div,class=wp-caption p,class=wp-caption-text details summary /details
    form /form  button /button dl dt dd /dl svg /svg xmp /xmp iframe,src=w video,src=z /video
    b,style=display:block  section /section select option /select br,hidden input,hidden
"""
TAGS = st.sampled_from([f"<{word.replace(',', ' ')}>" for word in WORDS.split()])
PIECES = st.lists(
    st.one_of(TAGS, st.sampled_from(["one", " two ", "\n", "&amp;lt;", "&nbsp;", "&#13;x", "<!-- c -->"]))
)


class ByRules(Places):
    """Remembers nothing."""

    def move(self, here: Place, markup: str) -> Move | None:
        """Leave it to the rules."""
        del here, markup

    def own(self, here: Place, markup: str) -> Move | None:
        """Leave it to the rules."""
        del here, markup


def by_rules(drop: tuple[Drop, ...], *, rich: bool) -> Places:
    """As `known`, of places where every tag is left to the rules."""
    places = known(drop, rich=rich)
    return ByRules(places.steps, places._rules, rich=rich)


def agree(html: str) -> None:
    """What is rendered by memory is what the rules come to, with drop rules and without."""
    for drop in ((), DROP):
        quick = (render(html, drop), text.plain(html))
        with pytest.MonkeyPatch.context() as without:
            without.setattr(text, "known", by_rules)
            assert (render(html, drop), text.plain(html)) == quick


@given(PIECES.map("".join))
def test_memory_and_rules_agree(html: str) -> None:
    """Whatever stands in whatever, a tag comes to what its rule says."""
    agree(html)


def test_memory_and_rules_agree_on_what_browsers_were_asked() -> None:
    """Each case of this folder, alone and inside of the one before it."""
    for before, html in zip(["", *CASES], CASES, strict=False):
        agree(html)
        agree(before[: len(before) // 2] + html)


def test_a_flood_of_different_tags_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered has a bound, and forgetting in the middle of a document does not show."""
    monkeypatch.setattr("ingest.text.places._MOST", 50)
    places = Places(known((), rich=True).steps, known((), rich=True)._rules, rich=True)
    monkeypatch.setattr(text, "known", lambda *_, **__: places)
    html = "".join(f"<div class=c{n}><p class=d{n}>x" for n in range(30)) + "</div>" * 20
    assert render(html * 20).text == "x" + "\n\nx" * 599
    assert sum(len(place) + len(place.after) for place in places._held.values()) < 200
