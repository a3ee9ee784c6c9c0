"""Feeds: RSS 0.9x to 2.0, RDF and Atom through feedparser, JSON Feed 1.x by a mapping of our own."""

import re

from ingest.sources.markup import beginning, is_feed, is_wxr

__all__ = ["NEEDS_HELD", "claims"]

NEEDS_HELD = False

_JSON = re.compile(
    r"\{.*?\"(?:version\"\s*:\s*\"https?:\\?/\\?/jsonfeed\.org\\?/|(?:feed_url|home_page_url)\"\s*:)", re.DOTALL
)


def claims(head: bytes) -> bool:
    """Whether these first bytes begin a feed, in XML or in JSON; a WordPress export is RSS, and not ours."""
    text = beginning(head)
    if text.startswith("{"):
        return _JSON.match(text) is not None
    return is_feed(head) and not is_wxr(head)
