"""What is on the page and not in the post: rules that take it away, each by name, each switchable off.

A rule that is not sure does nothing. Every function here is pure, never raises on any `str`, and tells which rules
did something, so that a post can record them and a later run can undo and redo them.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

__all__ = ["RULES", "RULES_VERSION", "Cleaned", "clean_pasted"]

#: Raised whenever a rule is added or changes what it does.
RULES_VERSION = 1

#: Rule name -> what it does, in one line.
RULES: dict[str, str] = {
    "pasted-pager": "cuts `Previous` / `Next` and the titles after them off the end of a pasted page",
    "pasted-byline": "cuts a last line `Read more by NAME` off a pasted page and takes the author from it",
}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text after cleaning, the names of the rules that changed it (sorted), and an author if one was found."""

    text: str
    applied: tuple[str, ...] = ()
    author: str | None = None


_PAGER_LABELS = frozenset(("previous", "next", "previous post", "next post", "older post", "newer post"))
_BYLINE = re.compile(r"(?:Read more|More posts|More articles) (?:by|from) (?P<name>[^\W\d_][\w.'\u2019 -]{0,58}[\w.])")


def _filled(lines: list[str]) -> list[int]:
    return [n for n, line in enumerate(lines) if line and not line.isspace()]


def _pager_start(lines: list[str]) -> int | None:
    """Where the page's own pager begins, or nothing.

    Seen in text copied off a Squarespace blog: the label twice (the arrow's hidden text and the visible one) on two
    lines, then the neighbour's title in a paragraph of its own, at the very end, once or twice. The doubled label is
    what makes it sure: nobody ends a post that way.
    """
    filled = _filled(lines)
    start = None
    while len(filled) >= 3:
        first, second, title = filled[-3:]
        label = lines[first].strip().casefold()
        doubled = second == first + 1 and lines[second].strip().casefold() == label
        if not doubled or label not in _PAGER_LABELS or len(lines[title]) > 300:
            break
        start = first
        del filled[-3:]
    return start


def _byline(lines: list[str]) -> tuple[int, str] | None:
    """Where a last line `Read more by NAME` stands, and the name; at most four words, each with a capital letter.

    Seen on the same pages as the pager, just before it. A sentence that goes on ("Read more by clicking here") has
    words in lower case, and stays.
    """
    filled = _filled(lines)
    match = _BYLINE.fullmatch(lines[filled[-1]].strip()) if filled else None
    if match is None:
        return None
    words = match["name"].split()
    return (filled[-1], match["name"]) if len(words) <= 4 and all(word[0].isupper() for word in words) else None


def clean_pasted(text: str, off: Collection[str] = ()) -> Cleaned:
    """Clean a plain-text file that was copied off a web page; `off` names the rules not to use."""
    lines = text.split("\n")
    applied = []
    author = None
    if "pasted-pager" not in off and (start := _pager_start(lines)) is not None:
        applied.append("pasted-pager")
        del lines[start:]
    if "pasted-byline" not in off and (found := _byline(lines)) is not None:
        applied.append("pasted-byline")
        author = found[1]
        del lines[found[0] :]
    if not applied:
        return Cleaned(text)
    return Cleaned("\n".join(lines).rstrip(), tuple(sorted(applied)), author)
