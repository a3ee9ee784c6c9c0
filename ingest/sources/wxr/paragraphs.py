"""Paragraphs for text as WordPress stores it.

Before blocks (WordPress 5.0), and in the classic editor still, a post is stored with blank lines between paragraphs
and bare line ends for line breaks, and becomes HTML when it is shown (the filter `wpautop` on `the_content`). An
export holds it as it is stored. Content with block comments (`<!-- wp:… -->`) is HTML already, and left alone, as
`do_blocks` does; so is everything inside `<pre>`, scripts and styles. In the rest each run of text between block
elements is cut at its blank lines, a line end is a `<br>`. Runs without a blank line inside a block element, such as
a list item's, stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["paragraphs"]

_BLOCKS = re.compile(r"<!--\s*/?wp:")
_TOKEN = re.compile(
    # what is not looked into
    r"<(?P<opaque>pre|script|style|textarea|svg|math)\b.*?(?:</(?P=opaque)\s*>|\Z)"
    # tags of block elements
    r"|<(?P<end>/?)(?P<name>address|area|article|aside|blockquote|caption|center|colgroup|col|dd|details|dialog|div|dl|dt"
    r"|fieldset|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|iframe|legend|li|main|map|menu|nav|noscript"
    r"|object|ol|p|section|source|summary|table|tbody|td|tfoot|thead|th|track|tr|ul|video|audio)(?=[\s/>])[^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
_LINE_END = re.compile(r"(?:<br\s*/?>)?\n", re.IGNORECASE)
#: Where text becomes a paragraph even when it has no blank line: outside of every block, and in these.
_WRAPPED = frozenset({"", "blockquote", "hr"})
_BLANK = re.compile(r"[ \t\u00a0]*\n(?:[ \t\u00a0]*\n)+[ \t\u00a0]*")
#: Elements whose text is one paragraph.
_ONE = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary", "legend", "caption", "figcaption"})


def paragraphs(stored: str) -> str:
    """Stored content as the HTML that WordPress would show; linear in its length."""
    if _BLOCKS.search(stored) or not stored.strip():
        return stored
    return "".join(_pieces(stored.replace("\r\n", "\n").replace("\r", "\n")))


def _pieces(text: str) -> Iterator[str]:
    """Tokens as they are, and the runs of text between them cut; a run behind a start tag is inside that element."""
    at, inside = 0, ""
    for token in _TOKEN.finditer(text):
        yield _run(text[at : token.start()], inside)
        yield token[0]
        at = token.end()
        inside = (token["name"] or "").lower() if not token["end"] else ""
    yield _run(text[at:], inside)


def _run(run: str, inside: str) -> str:
    core = run.strip()
    if not core or (inside and "\n" not in core and inside not in _WRAPPED):
        return run
    parts = _BLANK.split(core)
    if inside in _ONE:
        return _broken("\n\n".join(parts))
    if len(parts) == 1 and inside not in _WRAPPED:
        return _broken(run.strip("\n"))
    return "\n" + "\n".join(f"<p>{_broken(part)}</p>" for part in parts) + "\n"


def _broken(text: str) -> str:
    """Line ends as line breaks; those that have a `<br>` already, have one."""
    return _LINE_END.sub("<br>\n", text) if "\n" in text else text
