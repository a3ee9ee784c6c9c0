"""Figures: by every key, of searches, with count and share; what a site's coverage is."""

from collections.abc import Iterator

import pytest

from ingest.corpus import Corpus, Query, RunWriter
from ingest.errors import ConfigError
from ingest.records import Batch, PersonRef, RawDate, TermRef
from ingest.research.stats import BY, coverage, stats
from tests.corpus.making import AT, load, post, source

ADA, INES = PersonRef(name="Ada"), PersonRef(name="Ines")
POSTS = [
    post("1", "<p>sleep now</p>", published=RawDate(utc="2024-11-01T00:00:00"), authors=(ADA, INES), language="en"),
    post("2", "<p>rest</p>", published=RawDate(utc="2025-02-01T00:00:00"), authors=(ADA,), language="en"),
    post("3", "<p>sleep</p>", published=RawDate(utc="2025-02-11T12:00:00"), terms=(TermRef("category", name="Mind"),)),
    post("4", "<p>健康 sleep</p>", published=RawDate(), type="page", terms=(TermRef("post_tag", slug="zh"),)),
]
OTHER = "https://other.example"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """Four posts of a site that is polled and partial, one of another."""
    with Corpus(tmp_path_factory.mktemp("stats") / "c.db", write=True, create=True) as made:
        load(made, *POSTS)
        one = post("9", "<p>else</p>", home=OTHER, url=f"{OTHER}/9/")
        RunWriter(made, "load").apply(source("feed", OTHER), Batch(posts=(one,)), AT)
        for kind in ("wordpress", "feed"):
            made.add_source(kind, f"https://blog.example/{kind}", AT, home="https://blog.example")
        made.conn.execute(
            "UPDATE sources SET verdict = iif(kind = 'feed', 'partial', 'complete') WHERE state = 'active'"
        )
        yield made


FIGURES = {
    "site": [("blog.example", 4, (3, 1)), ("other.example", 1, (0, 0))],
    "year": [("2024", 1, (1, 0)), ("2025", 3, (1, 0)), (None, 1, (1, 1))],
    "month": [
        ("2024-11", 1, (1, 0)),
        ("2024-12", 0, (0, 0)),
        ("2025-01", 1, (0, 0)),
        ("2025-02", 2, (1, 0)),
        (None, 1, (1, 1)),
    ],
    "language": [("en", 2, (1, 0)), (None, 3, (2, 1))],
    "type": [("post", 4, (2, 0)), ("page", 1, (1, 1))],
    "author": [("Ada", 2, (1, 0)), ("Ines", 1, (1, 0)), (None, 3, (2, 1))],
    "category": [("Mind", 1, (1, 0)), (None, 4, (2, 1))],
    "tag": [("zh", 1, (1, 1)), (None, 4, (2, 0))],
}


@pytest.mark.parametrize("by", BY)
def test_posts_and_searches_under_each_key(corpus: Corpus, by: str) -> None:
    """Time without a gap, other keys by their number, what is not known last; two searches side by side."""
    found = stats(corpus, by, search=["sleep", "健康"])
    assert [(one.key, one.posts, one.counts) for one in found] == FIGURES[by]
    for one in found:
        assert one.shares == tuple(count / one.posts if one.posts else None for count in one.counts)


def test_words_and_filters(corpus: Corpus) -> None:
    """Words are those of the texts; filters narrow the whole that a share is taken of."""
    assert [(one.key, one.posts, one.words) for one in stats(corpus)] == [
        ("blog.example", 4, 6),
        ("other.example", 1, 1),
    ]
    within = Query(since="2025-02", site=("blog.example",))
    (one,) = stats(corpus, "month", search=["sleep OR x", "NOT sleep", "***", ""], within=within)
    assert (one.key, one.posts, one.counts, one.shares) == ("2025-02", 2, (1, 1, 0, 0), (0.5, 0.5, 0, 0))
    assert stats(corpus, "month", within=Query(site=("nowhere.example",))) == []
    with pytest.raises(ConfigError, match="one of site, month"):
        stats(corpus, "weekday")


def test_coverage(corpus: Corpus) -> None:
    """First and last post, the longest gap, the undated, and the worst verdict of what is polled."""
    found = coverage(corpus)
    one = found["blog.example"]
    assert (one.first, one.last, one.undated) == ("2024-11-01T00:00:00Z", "2025-02-11T12:00:00Z", 1)
    assert (one.gap_days, one.gap_from, one.gap_to) == (92.0, "2024-11-01T00:00:00Z", "2025-02-01T00:00:00Z")
    assert one.verdict == "partial"
    assert (found["other.example"].gap_days, found["other.example"].verdict) == (None, "unknown")
    assert coverage(corpus, Query(since="2025-02"))["blog.example"].gap_days == 10.5
