"""What a page that was copied as plain text drags along: its pager, and the line that leads to its author's posts."""

import re

__all__ = ["byline", "pager_start"]

_LABELS = frozenset(("previous", "next", "previous post", "next post", "older post", "newer post"))
_BYLINE = r"(?:Read more|More posts|More articles) by (?P<name>[^\W\d_][\w.'\u2019 -]{0,58}[\w.])"
_LONGEST_TITLE = 300


def _filled(lines: list[str]) -> list[int]:
    return [n for n, line in enumerate(lines) if line and not line.isspace()]


def pager_start(lines: list[str]) -> int | None:
    """The index of the line where the page's own pager begins, or nothing.

    Seen in text copied off a Squarespace blog: the label twice (the arrow's hidden text and the visible one) on two
    lines of their own, a blank line, then the neighbour's title in a paragraph of its own, at the very end, once or
    twice; and two blank lines between the post and all that. A poem that repeats a word has neither gap.
    """
    filled = _filled(lines)
    start = None
    while len(filled) >= 4:
        before, first, second, title = filled[-4:]
        label = lines[first].strip().casefold()
        doubled = second == first + 1 and lines[second].strip().casefold() == label
        gaps = before + 1 < first and second + 1 < title
        if not (doubled and gaps) or label not in _LABELS or len(lines[title]) > _LONGEST_TITLE:
            break
        start = first
        del filled[-3:]
    return start if start is not None and start - filled[-1] > 2 else None


def byline(lines: list[str]) -> tuple[int, str] | None:
    """Where a last line `Read more by NAME` stands, and the name; at most four words, each with a capital letter.

    Seen on the same pages as the pager, just before it, and only there is it a byline: "Read more by Margaret Atwood"
    may as well be how the author ends. A sentence that goes on has words in lower case, and stays.
    """
    filled = _filled(lines)
    match = re.fullmatch(_BYLINE, lines[filled[-1]].strip()) if len(filled) > 1 else None
    if match is None:
        return None
    words = match["name"].split()
    sure = len(words) <= 4 and all(word[0].isupper() for word in words)
    return (filled[-1], match["name"]) if sure else None
