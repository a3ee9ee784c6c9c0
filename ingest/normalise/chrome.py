"""What is on the page and not in the post: rules that take it away, each by name, each switchable off.

A rule that is not sure does nothing. Every function here is pure, never raises on any `str`, and tells which rules
did something, so that a post can record them and a later run can undo and redo them (`retext`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ingest.normalise import pasted, shortcodes, tails
from ingest.normalise.blocks import ELEMENT_RULES
from ingest.text import Drop, Link

__all__ = [
    "RULES",
    "RULES_VERSION",
    "Cleaned",
    "clean_excerpt",
    "clean_html_text",
    "clean_pasted",
    "element_rules",
    "has_marks",
]

#: Raised whenever a rule is added or changes what it does.
RULES_VERSION = 1

_ALL_ELEMENTS = tuple(ELEMENT_RULES)
#: Rule name -> what it does, in one line.
RULES: Mapping[str, str] = MappingProxyType(
    {rule.name: what for rule, what in ELEMENT_RULES.items()}
    | {
        "editor-marks": "takes away the two marks of a block, each alone on its line, that came through as text",
        "excerpt-mark": "takes […] and “Continue reading … →” off the end of an excerpt",
        "feed-tail": "cuts the last line “The post X appeared first on Y”, in any language",
        "pasted-byline": "cuts “Read more by NAME” before a pasted page's pager and takes the author from it",
        "pasted-pager": "cuts “Previous” and “Next” with the titles after them off the end of a pasted page",
        "shortcodes": "takes away the tags of shortcodes that no plugin rendered; the words inside stay",
    }
)


class Cleaned(NamedTuple):
    """A text after cleaning, the names of the rules that changed it (sorted), and an author if one was found."""

    text: str
    applied: tuple[str, ...] = ()
    author: str | None = None


def _cleaned(text: str, rules: Sequence[tuple[str, Callable[[str], str]]], off: Collection[str]) -> Cleaned:
    applied = []
    for name, rule in rules:
        if name not in off and (shorter := rule(text)) != text:
            text = shorter
            applied.append(name)
    return Cleaned(text, tuple(sorted(applied)))


def _cut(text: str, start: int | None) -> str:
    return text if start is None else text[:start].rstrip()


def element_rules(off: Collection[str] = ()) -> tuple[Drop, ...]:
    """The rules that drop elements, for `ingest.text.render`; `off` names those not to use."""
    return tuple(rule for rule in ELEMENT_RULES if rule.name not in off) if off else _ALL_ELEMENTS


def has_marks(text: str) -> bool:
    """Whether there may be shortcodes or editor marks in a text: few have a bracket of either kind."""
    return "[" in text or ("<" in text and "<!--" in text)


def clean_html_text(
    text: str,
    *,
    title: str = "",
    links: Sequence[Link] = (),
    url: str | None = None,
    off: Collection[str] = (),
    source: str = "",
) -> Cleaned:
    """Clean a text that was rendered from HTML.

    `title` and `url` are the post's, `links` those of the same rendering: by them a feed's tail is known. `off` names
    the rules not to use. `source` is the post's HTML: tags that it shows as code stay.
    """
    return _cleaned(text, _html_rules(text, title, links, url, source), off)


def _html_rules(
    text: str, title: str, links: Sequence[Link], url: str | None, source: str
) -> tuple[tuple[str, Callable[[str], str]], ...]:
    def without_tail(text: str) -> str:
        return _cut(text, tails.tail_start(text, title, links, url))

    if not has_marks(text):
        return (("feed-tail", without_tail),)
    return (
        ("feed-tail", without_tail),
        ("shortcodes", lambda text: shortcodes.without_shortcodes(text, source)),
        ("editor-marks", lambda text: shortcodes.without_marks(text, source)),
    )


def clean_excerpt(
    text: str,
    off: Collection[str] = (),
    *,
    title: str = "",
    links: Sequence[Link] = (),
    url: str | None = None,
    source: str = "",
) -> Cleaned:
    """Clean an excerpt or a summary, rendered to text, as a post's text; `source` is the HTML of both together."""
    rules = (
        *_html_rules(text, title, links, url, source),
        ("excerpt-mark", lambda text: tails.without_mark(text, title)),
    )
    return _cleaned(text, rules, off)


def clean_pasted(text: str, off: Collection[str] = ()) -> Cleaned:
    """Clean a plain-text file that was copied off a web page; `off` names the rules not to use."""
    lines = text.split("\n")
    if "pasted-pager" in off or (start := pasted.pager_start(lines)) is None:
        return Cleaned(text)  # without its pager, nothing says that this was copied off a page
    applied = ["pasted-pager"]
    author = None
    del lines[start:]
    if "pasted-byline" not in off and (found := pasted.byline(lines)) is not None:
        applied.append("pasted-byline")
        author = found[1]
        del lines[found[0] :]
    return Cleaned("\n".join(lines).rstrip(), tuple(sorted(applied)), author)
