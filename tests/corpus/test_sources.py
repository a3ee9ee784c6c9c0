"""`corpus.sources`: how long an address's validators are believed, for every kind of source."""

import pytest

from ingest.corpus import Corpus, RunWriter, sources
from ingest.records import Batch
from tests.corpus.making import AT, HOME, source

FEED = f"{HOME}/feed/"


@pytest.mark.parametrize(
    ("now", "unconditional"),
    [
        ("2026-01-01T00:00:00Z", False),
        ("2026-01-01T23:59:59Z", False),
        ("2026-01-02T00:00:00Z", True),
        ("2025-12-31T23:59:59Z", True),  # it was written by a clock that was ahead
    ],
)
def test_validators_are_believed_for_a_day(corpus: Corpus, now: str, *, unconditional: bool) -> None:
    """WordPress' validators do not change when an old post is deleted, and some feeds answer 304 for ever."""
    number, _ = corpus.add_source("feed", FEED, AT, home=HOME)
    told = Batch(validators={FEED: ('"e"', None, None)})
    RunWriter(corpus, "fetch").apply(source("feed", number=number), told, AT)
    stands = sources.standing(corpus.conn, number, now)
    assert stands.unbelieved == (frozenset({FEED}) if unconditional else frozenset())
    assert stands.source.validators == told.validators
