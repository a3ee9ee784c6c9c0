"""`sources.since`: which post is too old for its source."""

from typing import Any

import pytest

from ingest.records import PostItem, RawDate, Source
from ingest.sources.since import is_before

DAY = "2020-06-15"

#: rank, what the source says as UTC and as its own time -> whether it is from before 15 June 2020.
DATES: list[tuple[str, Any, Any, bool]] = [
    ("rest", "2020-06-14T18:29:59", "2020-06-15T00:00:00", False),  # the site's own day: its `after` compares just that
    ("rest", "2020-06-15T10:00:00", "2020-06-14T23:00:00", True),
    ("rest", "2020-06-14T10:00:00", None, True),
    ("rest", None, None, False),
    ("feed", None, "Sun, 14 Jun 2020 23:59:59 +0000", True),
    ("feed", None, "Mon, 15 Jun 2020 00:00:00 +0000", False),
    ("feed", None, "Mon, 15 Jun 2020 01:00:00 +0200", True),  # UTC
    ("feed", None, "some day in June", False),
    ("feed", None, "2020-06-14T12:00:00", False),  # no zone: not known
    ("feed", None, None, False),
    ("text", None, "2020-06-14", True),
    ("text", None, "2020-06-15", False),
    ("text", None, "2020-06", False),  # known to a month only: perhaps the 30th
    ("text", None, "2020-05", True),
    ("text", None, "2020", False),
    ("text", None, "2019", True),
    ("page", None, "0001-01-01", True),
]


@pytest.mark.parametrize(("rank", "utc", "local", "older"), DATES)
def test_a_post_is_too_old_only_where_it_certainly_is(rank: str, utc: Any, local: Any, older: bool) -> None:
    """What is published on the day itself, without a date, or with one that cannot tell, is wanted."""
    item = PostItem("post", b"", "x", rank, published=RawDate(utc, local))
    assert is_before(Source("feed", "https://b.example/", options={"since": DAY}), item) is older
    assert not is_before(Source("feed", "https://b.example/"), item)
