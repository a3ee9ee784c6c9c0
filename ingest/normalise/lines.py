"""Names and short texts written as HTML."""

from ingest import text
from ingest.normalise import characters

__all__ = ["plain_line", "plain_text"]


def plain_line(html: str) -> str:
    """A name or title written as HTML -> one line of text: entities decoded once, markup removed."""
    return characters.one_line(text.inline(html)) if "<" in html or "&" in html else characters.one_line(html)


def plain_text(html: str) -> str:
    """A comment or description written as HTML -> text."""
    return characters.tidy(text.plain(html)).strip()
