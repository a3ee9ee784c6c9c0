"""When a source is due again: the operator's bounds, its own minute, its host's wish, and clocks that jump."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.corpus import Corpus, sources
from ingest.run import schedule
from ingest.run.rhythm import STEPS, Learnt

NOW = datetime(2026, 11, 21, 9, 17, tzinfo=UTC)
HOUR, DAY = 3600, 86_400
LONG = [step for step in STEPS if 2 * HOUR < step <= DAY]


def stamp(moment: datetime) -> str:
    """As the corpus has it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def row(url: str = "https://a.example/feed", **known: Any) -> dict[str, Any]:
    """A source as it stands."""
    return {"url": url, "next_due": None, "interval_s": None, "asked_s": None, **known}


def wait(plan: dict[str, Any], started: datetime = NOW) -> float:
    """Seconds until it is due."""
    return (datetime.fromisoformat(plan["next_due"]) - started).total_seconds()


def planned(
    seconds: int, url: str = "https://a.example/feed", started: datetime = NOW, **options: Any
) -> dict[str, Any]:
    """After a run that went well and learnt so many seconds."""
    return schedule.plan(stamp(started), stamp(started), row(url), options, learnt=Learnt(seconds, "rhythm"))


@pytest.mark.parametrize(
    ("options", "learnt", "seconds"),
    [
        ({}, None, HOUR), ({}, 300, HOUR), ({}, 12 * HOUR, 12 * HOUR), ({}, 30 * DAY, DAY),
        ({"interval": 0}, 12 * HOUR, 12 * HOUR), ({"interval": 300.0}, 12 * HOUR, 300), ({"interval": 40 * DAY}, None, 30 * DAY),
        ({"min_interval": 6.0 * HOUR}, HOUR, 6 * HOUR), ({"max_interval": 7.0 * DAY}, 30 * DAY, 7 * DAY),
        ({"min_interval": 600.0}, 900, 900),
    ],
)  # fmt: skip
def test_the_operators_word_goes_before_what_was_learnt(
    options: dict[str, Any], learnt: int | None, seconds: int
) -> None:
    """An interval of theirs as it is; else the learnt one, between theirs or an hour and a day."""
    assert schedule.interval(options, learnt) == seconds


def test_the_columns_say_why() -> None:
    """One word each; what was learnt is stored with it, and nothing is learnt from a run that failed."""
    good = schedule.plan(stamp(NOW), stamp(NOW), row(), {}, learnt=Learnt(HOUR, "crowded"), wish=300)
    assert good == {
        "next_due": "2026-11-21T10:16:00Z",
        "due_why": "crowded",
        "retry_after": None,
        "interval_s": HOUR,
        "asked_s": 300,
    }
    fixed = schedule.plan(stamp(NOW), stamp(NOW), row(), {"interval": 7200.0}, learnt=Learnt(HOUR, "rhythm"))
    assert (fixed["due_why"], wait(fixed)) == ("config", 7140)
    failing = schedule.plan(stamp(NOW), stamp(NOW), row(interval_s=HOUR), {}, failed=3)
    assert (failing["due_why"], wait(failing), "interval_s" in failing) == ("failing", 3 * 3540, False)
    busy = schedule.plan(stamp(NOW), stamp(NOW), row(), {}, failed=1, retry_after=7200)
    assert (busy["due_why"], busy["next_due"], busy["retry_after"]) == ("retry_after", *["2026-11-21T11:17:00Z"] * 2)
    stopped = schedule.plan(stamp(NOW), stamp(NOW), row(), {}, stopped=True)
    assert (stopped["due_why"], stopped["next_due"]) == ("stopped", None)


def test_a_short_wish_of_the_host_does_not_hasten_the_next_poll() -> None:
    """Retry-After is the least there is, not the most."""
    busy = schedule.plan(stamp(NOW), stamp(NOW), row(interval_s=DAY), {}, failed=1, retry_after=60)
    assert (busy["due_why"], wait(busy)) == ("failing", DAY - 60)
    assert busy["retry_after"] == "2026-11-21T09:18:00Z"


@given(st.integers(0, 59), st.lists(st.integers(-25, 25), min_size=2, max_size=48))
def test_an_hourly_cron_never_skips_a_turn_of_a_source_that_wants_hourly(minute: int, wavering: list[int]) -> None:
    """Though it starts some seconds early or late."""
    begins = [NOW + timedelta(hours=n, minutes=minute, seconds=late) for n, late in enumerate(wavering)]
    for this, following in pairwise(begins):
        assert planned(HOUR, started=this)["next_due"] <= stamp(following)


@given(st.text(max_size=40), st.sampled_from(LONG), st.integers(0, DAY))
def test_a_source_finds_its_own_minute_and_keeps_it(url: str, seconds: int, second: int) -> None:
    """Give or take ten, within three polls, and never sooner than half a wait after the last one."""
    moment, dues = NOW + timedelta(seconds=second), []
    for _ in range(8):
        plan = planned(seconds, url, moment)
        assert seconds / 2 <= wait(plan, moment) <= seconds
        dues.append(datetime.fromisoformat(plan["next_due"]))
        assert len(dues) < 4 or wait(plan, moment) > seconds - 700
        moment = dues[-1] + timedelta(seconds=90)  # when cron comes by
    away = [(due - dues[3]).total_seconds() % seconds for due in dues[4:]]
    assert all(min(one, seconds - one) <= 600 for one in away)


def test_ten_thousand_sources_do_not_come_due_in_the_same_minute() -> None:
    """All were added in one run; two polls later no hour of the day has more than a twentieth of them."""
    minutes: dict[int, int] = {}
    for number in range(10_000):
        moment = NOW
        for _ in range(3):
            moment = datetime.fromisoformat(planned(DAY, f"https://blog{number}.example/feed/", moment)["next_due"])
        minutes[moment.hour] = minutes.get(moment.hour, 0) + 1
    assert len(minutes) == 24
    assert max(minutes.values()) < 500


def test_a_source_keeps_its_minute_when_its_rhythm_changes() -> None:
    """The minutes of a shorter wait are among them: nothing is drawn twice on the way up."""
    moment = NOW
    for _ in range(3):
        moment = datetime.fromisoformat(planned(DAY, started=moment)["next_due"])
    own = moment
    for seconds in (12 * HOUR, 6 * HOUR, 12 * HOUR, DAY, DAY):
        moment = datetime.fromisoformat(planned(seconds, started=moment + timedelta(minutes=5))["next_due"])
        assert ((moment - own).total_seconds() + 600) % (6 * HOUR) <= 1200


def test_the_operators_least_is_kept_while_it_is_drawn() -> None:
    """A source that may be asked once in 20 hours is not asked after 12 to find its minute."""
    for number in range(50):
        url = f"https://blog{number}.example/"
        assert wait(planned(DAY, url, min_interval=20.0 * HOUR)) >= 20 * HOUR - 60
        asked = schedule.plan(stamp(NOW), stamp(NOW), row(url), {}, learnt=Learnt(12 * HOUR, "asked"), wish=12 * HOUR)
        assert wait(asked) == 12 * HOUR - 60, "nor one sooner than its site asks for"


# ---- clocks that jump -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The sources of a real corpus, with one in it."""
    with Corpus(tmp_path_factory.mktemp("clock") / "corpus.db", write=True, create=True) as corpus:
        corpus.add_source("feed", "https://a.example/feed", stamp(NOW), home="https://a.example/")
        yield corpus.conn


JUMPS = st.sampled_from([-3650 * DAY, -10 * DAY, -2 * DAY, -5 * HOUR, -70, 70, 5 * HOUR, 10 * DAY, 3650 * DAY])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(24, 60), JUMPS), min_size=1, max_size=4),
    st.sampled_from([step for step in STEPS if HOUR <= step <= DAY]),
    st.booleans(),
)
def test_a_clock_that_jumps_neither_starves_nor_floods(
    table: sqlite3.Connection, jumps: list[tuple[int, int]], seconds: int, fails: bool
) -> None:
    """By the real time that passes: never longer than twice a wait without a poll, one poll more for each jump."""
    table.execute("UPDATE sources SET next_due = NULL, retry_after = NULL, last_run_at = NULL, interval_s = NULL")
    real, clock, polled, failed = 0, NOW, [0], 0
    for hours, jump in [*jumps, (60, 0)]:
        for _ in range(hours):
            if sources.due(table, stamp(clock)):
                polled.append(real)
                failed = failed + 1 if fails else 0
                held = dict(
                    zip(
                        ("next_due", "interval_s"),
                        table.execute("SELECT next_due, interval_s FROM sources").fetchone(),
                        strict=True,
                    )
                )
                plan = schedule.plan(
                    stamp(clock),
                    stamp(clock),
                    row(**held),
                    {},
                    failed=failed,
                    learnt=None if fails else Learnt(seconds, "rhythm"),
                )
                table.execute(
                    "UPDATE sources SET next_due = ?, interval_s = coalesce(?, interval_s), last_run_at = ?",
                    [plan["next_due"], plan.get("interval_s"), stamp(clock)],
                )
            real, clock = real + HOUR, clock + timedelta(seconds=HOUR)
        clock += timedelta(seconds=jump)
    table.commit()
    most = DAY if fails else seconds
    gaps = [after - before for before, after in zip(polled, [*polled[1:], real], strict=True)]
    assert max(gaps) <= 2 * most + 2 * HOUR
    assert len(polled) <= real / (HOUR if fails or seconds == HOUR else seconds / 2) + len(jumps) + 4
