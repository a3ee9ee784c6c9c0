"""An `&` that begins no reference, as publishers write it."""

import re

__all__ = ["with_ampersands"]

_MAYBE = re.compile(r"&(?!#?\w{1,32};)", re.ASCII)
_BARE = re.compile(r"<!\[CDATA\[.*?\]\]>|&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][\w.-]*);)", re.DOTALL)


def with_ampersands(text: str) -> str:
    """XML in which an `&` that begins no reference is written as one; CDATA is left alone."""
    if not _MAYBE.search(text):
        return text
    return _BARE.sub(lambda found: "&amp;" if found[0] == "&" else found[0], text)
