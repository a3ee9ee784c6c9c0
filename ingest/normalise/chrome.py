"""What is on the page and not in the post: rules that take it away, each by name, each switchable off.

A rule that is not sure does nothing. Every function here is pure, never raises on any `str`, and tells which rules
did something, so that a post can record them and a later run can undo and redo them (`retext`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

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
]

#: Raised whenever a rule is added or changes what it does.
RULES_VERSION = 1

#: Rule name -> what it does, in one line.
RULES: Mapping[str, str] = MappingProxyType(
    {rule.name: what for rule, what in ELEMENT_RULES.items()}
    | {
        "editor-marks": "takes away lines that are only <!--more-->, <!--nextpage--> or a block mark",
        "excerpt-mark": "takes […] and “Continue reading … →” off the end of an excerpt",
        "feed-tail": "cuts the last line “The post X appeared first on Y”, in any language",
        "pasted-byline": "cuts a last line “Read more by NAME” off a pasted page and takes the author from it",
        "pasted-pager": "cuts “Previous” and “Next” with the titles after them off the end of a pasted page",
        "shortcodes": "takes away the tags of shortcodes that no plugin rendered; the words inside stay",
    }
)


@dataclass(frozen=True, slots=True)
class Cleaned:
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
    return tuple(rule for rule in ELEMENT_RULES if rule.name not in off)


def clean_html_text(
    text: str, *, title: str = "", links: Sequence[Link] = (), url: str | None = None, off: Collection[str] = ()
) -> Cleaned:
    """Clean a text that was rendered from HTML.

    `title` and `url` are the post's, `links` those of the same rendering: by them a feed's tail is known. `off` names
    the rules not to use.
    """

    def without_tail(text: str) -> str:
        start = tails.tail_start(text, title, links, url)
        if start is None and title:  # without links and title a wording is no proof: it may be the author's sentence
            start = tails.worded_tail_start(text, title)
        return _cut(text, start)

    rules = (
        ("feed-tail", without_tail),
        ("shortcodes", shortcodes.without_shortcodes),
        ("editor-marks", shortcodes.without_marks),
    )
    return _cleaned(text, rules, off)


def clean_excerpt(text: str, off: Collection[str] = (), *, title: str = "") -> Cleaned:
    """Clean an excerpt or a summary, rendered to text; `off` names the rules not to use.

    With the post's `title`, a tail without links is cut only where it names that title.
    """
    rules = (
        ("feed-tail", lambda text: _cut(text, tails.worded_tail_start(text, title))),
        ("shortcodes", shortcodes.without_shortcodes),
        ("editor-marks", shortcodes.without_marks),
        ("excerpt-mark", tails.without_mark),
    )
    return _cleaned(text, rules, off)


def clean_pasted(text: str, off: Collection[str] = ()) -> Cleaned:
    """Clean a plain-text file that was copied off a web page; `off` names the rules not to use."""
    lines = text.split("\n")
    applied = []
    author = None
    if "pasted-pager" not in off and (start := pasted.pager_start(lines)) is not None:
        applied.append("pasted-pager")
        del lines[start:]
    if "pasted-byline" not in off and (found := pasted.byline(lines)) is not None:
        applied.append("pasted-byline")
        author = found[1]
        del lines[found[0] :]
    if not applied:
        return Cleaned(text)
    return Cleaned("\n".join(lines).rstrip(), tuple(sorted(applied)), author)
