"""Web pages, for sites that have neither REST nor a feed of use."""

from ingest.sources.markup import is_html

__all__ = ["NEEDS_HELD", "claims"]

NEEDS_HELD = False


def claims(head: bytes) -> bool:
    """Whether these first bytes begin a web page."""
    return is_html(head)
