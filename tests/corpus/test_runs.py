"""A run as the corpus records it: its row comes with the first thing it brings, or with its end."""

from dataclasses import replace

import pytest

from ingest.corpus import Corpus, Outcome, RunWriter
from ingest.records import Batch, Fetched, Verdict
from tests.corpus.making import AT, HOME, post, source

LATER = "2026-01-02T00:00:00Z"


def asked(n: int) -> Batch:
    """A page that told nothing: only that it was asked for."""
    return Batch(fetches=(Fetched(AT, f"{HOME}/{n}", 304, 100, 5, "unchanged"),), notes=("cache:600",))


@pytest.fixture
def number(corpus: Corpus) -> int:
    """A source."""
    return corpus.add_source("feed", f"{HOME}/feed/", AT, home=HOME)[0]


def logged(corpus: Corpus) -> list[tuple[str, int | None]]:
    """The requests, and their runs."""
    return [(row["url"], row["run_id"]) for row in corpus.rows("SELECT url, run_id FROM fetches ORDER BY id")]


def test_what_brought_nothing_is_written_once_with_its_end(corpus: Corpus, number: int) -> None:
    """One row for the run, whole, and its requests with it; nothing before."""
    writer = RunWriter(corpus, "fetch")
    writer.begin(number, AT, robots="respect")
    for n in (1, 2):
        writer.apply(source("feed", number=number), asked(n), AT)
    assert corpus.rows("SELECT 1 FROM runs") == logged(corpus) == []
    writer.finish(Outcome(number, Verdict("unknown", "says nothing"), LATER, schedule={"next_due": LATER}))
    (run,) = corpus.rows("SELECT * FROM runs")
    assert (run["started_at"], run["ended_at"], run["robots"]) == (AT, LATER, "respect")
    assert (run["verdict"], run["reason"], run["new"], run["notes"]) == ("unknown", "says nothing", 0, "[]")
    assert logged(corpus) == [(f"{HOME}/1", run["id"]), (f"{HOME}/2", run["id"])]
    (row,) = corpus.rows("SELECT last_run_at, last_ok_at, next_due FROM sources")
    assert set(row.values()) == {LATER}


def test_requests_that_waited_come_with_the_next_page(corpus: Corpus, number: int) -> None:
    """In their order; a page that cannot be stored takes neither them nor the run along."""
    writer, known = RunWriter(corpus, "fetch"), source("feed", number=number)
    writer.begin(number, AT)
    writer.apply(known, asked(1), AT)
    with pytest.raises(UnicodeEncodeError):
        writer.apply(known, replace(asked(2), posts=(post()._replace(excerpt="\ud800"),)), AT)
    assert corpus.rows("SELECT 1 FROM runs UNION ALL SELECT 1 FROM posts") == logged(corpus) == []
    assert writer.runs[number].tally.new == 0
    writer.apply(known, replace(asked(3), posts=(post(),)), AT)
    (open_run,) = corpus.rows("SELECT id, ended_at FROM runs")
    assert open_run["ended_at"] is None
    writer.apply(known, asked(4), AT)
    writer.finish(Outcome(number, Verdict("complete"), LATER))
    assert logged(corpus) == [(f"{HOME}/{n}", open_run["id"]) for n in (1, 3, 4)]
    assert corpus.rows("SELECT id, new, ended_at FROM runs") == [{"id": open_run["id"], "new": 1, "ended_at": LATER}]


def test_a_run_that_was_killed_is_closed_by_the_next(corpus: Corpus, number: int) -> None:
    """It ends where it began; one that came to nothing leaves no row."""
    known = source("feed", number=number)
    RunWriter(corpus, "fetch").apply(known, Batch(posts=(post(),)), AT)
    idle = RunWriter(corpus, "fetch")
    idle.begin(number, LATER)
    idle.drop(number)
    writer = RunWriter(corpus, "fetch")
    writer.begin(number, LATER)
    writer.finish(Outcome(number, Verdict("unknown"), LATER))
    first, second = corpus.rows("SELECT reason, ended_at FROM runs ORDER BY id")
    assert first == {"reason": "killed", "ended_at": AT}
    assert second == {"reason": None, "ended_at": LATER}


def test_the_ends_of_many_runs_are_written_together(corpus: Corpus) -> None:
    """Each its own row, requests, note and state, whether its row was there, was not, or an earlier run was killed."""
    paged, idle, after = (corpus.add_source("feed", f"{HOME}/{name}/", AT, home=HOME)[0] for name in "abc")
    RunWriter(corpus, "fetch").apply(source("feed", number=after), Batch(posts=(post(),)), AT)
    writer = RunWriter(corpus, "fetch")
    for number in (idle, after, paged):
        writer.begin(number, AT, robots="respect")
        writer.apply(source("feed", number=number), asked(number), AT)
    writer.apply(source("feed", number=paged), Batch(posts=(post(remote_id="2"),)), AT)
    writer.finish(
        Outcome(after, Verdict("failing", "dns"), LATER, "no address", failures=3),
        Outcome(paged, Verdict("complete"), LATER, announced={"post": 2}, note="all of it"),
        Outcome(idle, Verdict("unknown", "says nothing"), LATER, schedule={"next_due": LATER}),
    )
    runs = corpus.rows("SELECT id, source_id, new, ended_at, verdict, notes FROM runs ORDER BY source_id, id")
    assert [tuple(run.values())[1:] for run in runs] == [
        (paged, 1, LATER, "complete", '["all of it"]'),
        (idle, 0, LATER, "unknown", "[]"),
        (after, 0, AT, "unknown", "[]"),
        (after, 0, LATER, "failing", "[]"),
    ]
    of = {run["source_id"]: run["id"] for run in runs}
    assert sorted(logged(corpus)) == [(f"{HOME}/{number}", of[number]) for number in (paged, idle, after)]
    states = corpus.rows("SELECT verdict, announced, failures, failing_since, next_due, error FROM sources ORDER BY id")
    assert [tuple(state.values()) for state in states] == [
        ("complete", '{"post": 2}', 0, None, None, None),
        ("unknown", "{}", 0, None, LATER, None),
        ("failing", "{}", 3, LATER, None, "no address"),
    ]
