"""How long an answer says it stays fresh (RFC 9111)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.freshness import fresh_for

DATE = "Sat, 21 Nov 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'Public, MAX-AGE="600", must-revalidate'}, 600),
        ({"cache-control": "max-age=600, max-age=5"}, 600),
        ({"cache-control": "max-age=600", "age": "500"}, 100),
        ({"cache-control": "max-age=600", "age": "700"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "no-store"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "max-age=-5"}, None),
        ({"cache-control": "max-age=" + "9" * 5000}, 365 * 86_400),
        ({"expires": "Sat, 21 Nov 2026 10:00:00 GMT", "date": DATE}, 3600),
        ({"expires": "Sat, 21 Nov 2026 10:00:00 GMT"}, None),
        ({"expires": "Thu, 19 Nov 1981 08:52:00 GMT", "date": DATE}, None),
        ({"expires": "0", "date": DATE}, None),
        ({"cache-control": "max-age=60", "expires": "Sat, 21 Nov 2026 10:00:00 GMT", "date": DATE}, 60),
    ],
)
def test_what_the_headers_say(headers: dict[str, str], seconds: int | None) -> None:
    """`max-age` before `Expires`, less the age; junk, the past and a wish to be asked are none."""
    assert fresh_for(headers) == seconds


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "date", "age"]), st.text(max_size=60)))
def test_it_takes_any_header(headers: dict[str, str]) -> None:
    """Never raises, and what it says is a number of seconds."""
    found = fresh_for(headers)
    assert found is None or found > 0
