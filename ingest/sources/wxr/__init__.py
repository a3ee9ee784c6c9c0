"""WordPress exports (WXR 1.0 to 1.2): what the owner of a site gets from Tools > Export."""

from ingest.sources.markup import is_wxr

__all__ = ["NEEDS_HELD", "claims"]

NEEDS_HELD = False


def claims(head: bytes) -> bool:
    """Whether these first bytes begin a WordPress export."""
    return is_wxr(head)
