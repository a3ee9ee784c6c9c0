"""The day from which on a source is collected (option `since`): the one rule by which a post is too old for it.

A day is the site's own where the site tells its own time, as WordPress does over REST, whose `after` compares just
that; else it is that of UTC. A post without a date, or with one of which only the year or month is known, is too old
only where it certainly is.
"""

from __future__ import annotations

from ingest import dates
from ingest.records import PostItem, Source

__all__ = ["is_before", "is_older", "known"]

#: How much of a date is known.
_KNOWN = {"year": 4, "month": 7}


def is_before(source: Source, post: PostItem) -> bool:
    """Whether a post was certainly published before the first day that its source is collected from."""
    day = source.options.get("since")
    if not day:
        return False
    if post.rank == "rest" and isinstance(post.published.local, str):
        return is_older(source, post.published.local)
    at = dates.from_pair(post.published.utc, post.published.local, gmt_offset=source.options.get("gmt_offset"))
    return is_older(source, known(at))


def known(at: dates.Moment) -> str | None:
    """As much of a day as is known of it: `2020`, `2020-01` or `2020-01-31`, in UTC; None where nothing is."""
    return at.utc and at.utc[: _KNOWN.get(at.precision, 10)]


def is_older(source: Source, at: object) -> bool:
    """Whether a date that begins with `YYYY-MM-DD`, or the known part of one, lies before that day."""
    day = source.options.get("since")
    if not (isinstance(day, str) and isinstance(at, str) and at[:4].isdecimal()):
        return False
    return at[:10] < day[: len(at[:10])]
