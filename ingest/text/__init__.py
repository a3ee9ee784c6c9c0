r"""HTML to the text that a browser shows: `innerText`, for a document without any author style sheet.

    plain("<p>one<p>two")  ->  "one\n\ntwo"

Pure, total (never raises on any `str`), linear in the input, without recursion or a limit of depth.
Sources: HTML Standard 3.2.9 (rendered text collection steps), 13.2 (parsing), 15.3 (the style sheet).
"""

import re
from collections.abc import Sequence

from ingest.text import tokens
from ingest.text.entities import decode
from ingest.text.records import Drop, Heading, Link, Medium, Rendered
from ingest.text.trace import Notes
from ingest.text.tree import build, known
from ingest.text.write import Writer, collapsed

__all__ = ["Drop", "Heading", "Link", "Medium", "Rendered", "inline", "most_letters", "plain", "render"]


#: Text that is no token of its own, and letters that may be more than those they are made of (ß, SS).
_UNCOUNTED = re.compile("<(?:xmp|plaintext)|text-transform", re.IGNORECASE)


def plain(html: str) -> str:
    """The text that a browser shows for this fragment (or document); the same as `render(html).text`.

    No-break spaces and zero-width characters stay as they are, entities are decoded once. Never raises.
    """
    if "<" not in html:
        return _untagged(html)
    writer = Writer()
    places = known((), rich=False)
    for portion in build(places, tokens.portions(tokens.level(html)), set()):
        writer.write(portion)
    return writer.text()


def render(html: str, drop: Sequence[Drop] = ()) -> Rendered:
    """The text of a fragment, and its links, media and headings, in one pass; elements that `drop` names left out.

    Addresses are as written, with entities decoded: making them absolute needs to know where the page was.
    What is hidden or dropped has no links and no media either. Never raises.
    """
    if "<" not in html:
        return Rendered(_untagged(html))
    places = known(tuple(drop), rich=True)
    if _is_paragraph(html) and not places.steps["<p>"].drop:
        return Rendered(_untagged(html[3:-5]))
    dropped: set[str] = set()
    notes = Notes()
    writer = Writer(notes)
    for portion in build(places, tokens.portions(tokens.level(html)), dropped):
        writer.write(portion)
    out, left_out = writer.out, tuple(sorted(dropped)) if dropped else ()
    if not notes.any:
        return Rendered(writer.text(), dropped=left_out)
    return Rendered(writer.text(), notes.links(out), notes.media(out), notes.outline(out), left_out)


def most_letters(html: str) -> int:
    """How many letters (whatever is not white space) the text of this HTML has at most: all of it, hidden or not.

    A fifth of the time of `plain`, which tells how many it has.
    """
    if _UNCOUNTED.search(html):
        return 3 * len(html)
    return sum(len("".join(text.split())) for text, _ in tokens.tokens(tokens.level(html)))


def _is_paragraph(html: str) -> bool:
    """What WordPress makes of most excerpts, at a third of the time that it takes where anything may stand in it."""
    return html.startswith("<p>") and html.endswith("</p>\n") and html.find("<", 3) == len(html) - 5


def _untagged(html: str) -> str:
    """Titles, and most summaries in feeds: there is nothing to open or close."""
    return collapsed(decode(tokens.level(html))).strip(" ")


def inline(html: str) -> str:
    """A title or an excerpt on one line: markup removed, entities decoded exactly once, ends trimmed. Never raises."""
    return " ".join(line for line in plain(html).replace("\t", "\n").split("\n") if line).strip(" ")
