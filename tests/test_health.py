"""Which sources need a look, and why."""

import shutil
from pathlib import Path

import pytest

from ingest import health
from ingest.corpus import Corpus
from tests.health_corpus import NOW, lived_in, moment, source

V1 = Path(__file__).parent / "data" / "corpora" / "v1.db"


def test_who_needs_a_look(tmp_path: Path) -> None:
    """Failing, partial, with rejects, or silent for ten times the usual gap; the paused are left in peace."""
    with lived_in(tmp_path / "corpus.db") as corpus:
        found = health.survey(corpus, NOW)
    looks = {look.row["source"]: look for look in found.sources}
    assert {number: look.signs for number, look in looks.items()} == {
        1: (), 2: (), 3: ("failing",), 4: ("partial",), 5: ("rejects",), 6: ("silent",), 7: ("partial", "silent"), 8: (),
    }  # fmt: skip
    assert (looks[3].why, looks[3].since()) == ("dns: no such host", moment(19))
    assert looks[3].todo.startswith("check the address")
    assert looks[4].why == "rate_limited, 2 missing"
    assert looks[5].why == "1 item could not be stored"
    assert (looks[6].why, looks[6].since()) == ("usual gap 2 d, last post 95 d ago", moment(96))
    assert looks[7].why == "2 announced and not held; usual gap 2 d, last post 95 d ago"


def test_the_totals(tmp_path: Path) -> None:
    """Of all sources but removed ones; verdicts of those that are polled; who waits for over a day."""
    with lived_in(tmp_path / "corpus.db") as corpus:
        source(corpus, "late.example", next_due=moment(3))
        source(corpus, "just.example", next_due=moment(0.1))
        with corpus.transaction() as conn:
            conn.execute("UPDATE posts SET gone_at = ? WHERE id <= 2", [NOW])
        totals = health.survey(corpus, NOW).totals
        assert corpus.sources("h.source = 1")[0]["have"] == 8
    assert (totals.sources, totals.posts, totals.gone) == (10, 53, 2)
    assert totals.states == {"active": 9, "paused": 1}
    assert totals.verdicts == {"complete": 5, "unknown": 1, "failing": 1, "partial": 2}
    assert (totals.due, totals.late, totals.late_since, totals.last_run_at) == (2, 1, moment(3), moment(0.01))


@pytest.mark.parametrize(
    ("ages", "silent"),
    [
        ([2 * n for n in range(12)], 0),
        ([19 + 2 * n for n in range(12)], 0),  # within ten times two days
        ([22 + 2 * n for n in range(12)], 1),
        ([9 + n / 24 for n in range(100)], 0),  # twenty-four a day: the gap is a day, and not an hour
        ([12 + n / 24 for n in range(200)], 1),
        ([90 + 30 * (n // 10) + n % 10 / 100 for n in range(60)], 0),  # ten on one day of every month
        ([400 + 30 * (n // 10) + n % 10 / 100 for n in range(60)], 1),
        ([300, 301, 302, 303], 0),  # four days are no rhythm
        ([300, 301, 302, 303, 304], 1),
        ([-30, *(300 + n for n in range(9))], 1),  # a post of next month is no sign of life
        ([], 0),
    ],
)
def test_silence(tmp_path: Path, ages: list[float], silent: int) -> None:
    """Measured in days with a post, so that a burst counts once, and against the median gap between them."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        source(corpus, "a.example", ages)
        (row,) = corpus.rows("SELECT * FROM source_rhythm")
        (look,) = health.survey(corpus, NOW).sources
    assert row["silent"] == silent
    assert look.signs == ("silent",) * silent


def test_silence_is_measured_at_the_last_good_answer(tmp_path: Path) -> None:
    """A source that nobody could read for a year has not fallen silent: nobody knows."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        source(corpus, "a.example", [300 + n for n in range(9)], last_ok_at=moment(299))
        source(corpus, "b.example", [300 + n for n in range(9)], last_ok_at=None)
        assert [look.signs for look in health.survey(corpus, NOW).sources] == [(), ()]


def test_a_corpus_of_an_older_program_is_read_as_it_is(tmp_path: Path) -> None:
    """It has no view of rhythms, and is not written by a look."""
    path = tmp_path / "v1.db"
    shutil.copy(V1, path)
    with Corpus(path) as corpus:
        assert corpus.rows(health._with_rhythm(corpus) + health._RHYTHM)
