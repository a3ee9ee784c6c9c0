"""How often a source is worth a look: by its dates, by what polls bring, by its feed's window, by its own wish."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.run.rhythm import STEPS, asked, learn

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
HOUR, DAY = 3600, 86_400


def stamp(moment: datetime) -> str:
    """As the corpus has it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def every(hours: float, *, count: int = 20, silent: float | None = None) -> list[str]:
    """A blog that publishes every so many hours, the last time `silent` hours ago."""
    last = NOW - timedelta(hours=hours if silent is None else silent)
    return [stamp(last - timedelta(hours=hours * n)) for n in range(count)]


@pytest.mark.parametrize(
    ("hours", "looks"),
    [(1, 1), (4, 1), (8, 2), (24, 6), (60, 12), (24 * 7, 24), (24 * 30, 24), (24 * 365, 24)],
)
def test_a_quarter_of_the_usual_gap_between_an_hour_and_a_day(hours: float, looks: int) -> None:
    """A new post waits an eighth of a gap on average; a monthly blog is asked once a day."""
    found = learn(every(hours), stamp(NOW))
    assert (found.seconds, found.why) == (looks * HOUR, "rhythm")


def test_a_blog_that_falls_silent_is_asked_less_and_less() -> None:
    """The silence counts as a gap of its own."""
    waits = [learn(every(8, silent=days * 24), stamp(NOW)).seconds for days in (1 / 3, 5, 15, 40)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (2 * HOUR, DAY)


def test_what_is_not_known_is_asked_hourly_and_then_less() -> None:
    """Without a date: one step longer after each look without news, half after one with."""
    waits, before = [], None
    for news in (0, 0, 0, 0, 3, 0, 0, 1, 1, 1, 1):
        before = learn([], stamp(NOW), before=before, news=news).seconds
        waits.append(before // HOUR)
    assert waits == [1, 2, 3, 4, 2, 3, 4, 2, 1, 1, 1]


def test_wrong_dates_are_outvoted_by_news() -> None:
    """A site whose posts are all of 1970 and that brings one with every look is asked hourly in the end."""
    wrong, before = [f"1970-01-01T00:00:{n:02}Z" for n in range(20)], None
    for _ in range(6):
        before = learn(wrong, stamp(NOW), before=before, news=1, window=20).seconds
    assert before == HOUR
    assert learn(wrong, stamp(NOW), before=DAY, window=10).why == "rhythm", "a burst in 1970 is nobody's burst"
    assert learn(wrong, stamp(NOW), window=10).seconds == HOUR, "and of a feed they say nothing at all"
    assert learn(wrong, stamp(NOW)).seconds == DAY, "where nothing can be pushed out, it is a blog that fell silent"


def test_where_dates_say_nothing_the_times_at_which_posts_were_seen_do() -> None:
    """A feed without dates, or with those of 1970, and six posts a day: as one that dates them."""
    seen = every(4, silent=1)
    for dates in ([], ["1970-01-01T00:00:00Z"]):
        assert learn(dates, stamp(NOW), seen=seen, before=DAY, window=50) == learn(
            seen, stamp(NOW), before=DAY, window=50
        )
    assert learn([], stamp(NOW), seen=every(1), before=DAY, window=10).seconds == HOUR
    assert learn(every(24), stamp(NOW), seen=every(1), window=10) == learn(every(24), stamp(NOW), window=10)
    assert learn([], stamp(NOW), seen=every(1), before=DAY).seconds == DAY, "of what is no feed nobody asks"


def test_a_feed_is_asked_before_its_densest_run_of_posts_could_push_one_out() -> None:
    """Eight posts each Monday morning into a feed of ten, then of fifty."""
    mondays = [stamp(NOW - timedelta(days=7 * week + 6, minutes=-100 * n)) for week in range(3) for n in range(8)]
    found = learn(mondays, stamp(NOW), window=10)
    assert (found.seconds, found.why) == (4 * HOUR, "crowded"), "four posts in five hours, and again"
    assert learn(mondays, stamp(NOW), window=50).why == "rhythm"
    assert learn(mondays, stamp(NOW)).why == "rhythm", "what is no feed shows all it has"


def test_a_feed_is_asked_before_two_runs_of_half_its_posts_could_come_together() -> None:
    """Four posts in an hour, in a feed of ten: no matter when they came once, hourly when they came twice."""
    weekly = every(24 * 7, silent=100)
    bursts = [[stamp(NOW - timedelta(days=days, minutes=-20 * n)) for n in range(4)] for days in (200, 300)]
    assert learn(weekly, stamp(NOW), window=10) == learn([*weekly, *bursts[0]], stamp(NOW), window=10)
    found = learn([*weekly, *bursts[0], *bursts[1]], stamp(NOW), window=10)
    assert (found.seconds, found.why) == (HOUR, "crowded")
    assert learn([*weekly, *bursts[0], *bursts[1]], stamp(NOW), window=12).seconds > HOUR, "five did not"


def test_nobody_waits_longer_at_a_sites_wish_while_nothing_is_known_of_its_rhythm() -> None:
    """A feed without dates that asks for a day is asked hourly, then less: its posts could be gone by tomorrow."""
    waits, before = [], None
    for _ in range(4):
        before = learn([], stamp(NOW), before=before, window=10, wish=DAY).seconds
        waits.append(before // HOUR)
    assert waits == [1, 2, 3, 4]
    assert learn([], stamp(NOW), seen=every(24), before=HOUR, window=10, wish=DAY // 2).why == "asked"


def test_a_feed_that_was_half_new_is_asked_again_at_once() -> None:
    """Whatever its dates say; not after the first look, which is all new."""
    found = learn(every(720), stamp(NOW), before=DAY, news=5, window=10)
    assert (found.seconds, found.why) == (HOUR, "crowded")
    assert learn(every(720), stamp(NOW), before=DAY, news=4, window=10).seconds == DAY // 2
    assert learn(every(720), stamp(NOW), news=10, window=10).seconds == DAY


def test_what_the_site_asks_for_makes_a_wait_longer_and_never_loses_a_post() -> None:
    """A day at most; not where its feed would overflow meanwhile; and never shorter than the rhythm."""
    assert learn(every(4), stamp(NOW), wish=6 * HOUR) == learn(every(4), stamp(NOW), wish=5 * HOUR)
    assert learn(every(4), stamp(NOW), wish=6 * HOUR).why == "asked"
    assert learn(every(4), stamp(NOW), wish=30 * DAY).seconds == DAY
    assert learn(every(720), stamp(NOW), wish=300).why == "rhythm"
    crowded = learn(every(1), stamp(NOW), wish=DAY, window=10)
    assert (crowded.seconds, crowded.why) == (3 * HOUR, "crowded")


@pytest.mark.parametrize(
    ("notes", "stored", "whole", "wish"),
    [
        ((), None, True, None),
        (("interval:3600", "cache:7200"), None, True, 7200),
        (("interval:3600",), 7200, True, 3600),
        (("cache:60",), 7200, False, 7200),
        ((), 7200, False, 7200),
        ((), 7200, True, None),
        (("cache:31536000",), None, True, DAY),
        (("cache:soon", "interval:-5", "interval:", "gap", "cache:" + "9" * 40, "cache:0"), None, True, None),
    ],
)
def test_the_sites_wish_is_the_longest_of_what_it_says(
    notes: tuple[str, ...], stored: int | None, whole: bool, wish: int | None
) -> None:
    """It stands until a document says otherwise; junk is none; a day at most."""
    assert asked(notes, stored, whole=whole) == wish


# ---- whatever comes in ------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(stamp)  # noqa: DTZ001
DATES = st.lists(MOMENTS | st.sampled_from(["", "junk", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]), max_size=60)
SECONDS = st.none() | st.integers(1, 400 * DAY)


@given(DATES, DATES, MOMENTS, SECONDS, st.integers(0, 5000), st.none() | st.integers(1, 500), SECONDS)
def test_the_wait_is_always_within_its_bounds(
    published: list[str], seen: list[str], now: str, before: int | None, news: int, window: int | None, wish: int | None
) -> None:
    """Junk, clocks that are ten or a hundred years wrong, feeds of any size: an hour to a day, and a step."""
    found = learn(published, now, seen=seen, before=before, news=news, window=window, wish=wish)
    assert found.seconds in STEPS
    assert HOUR <= found.seconds <= DAY


@given(st.integers(1, 9000), st.integers(2, 9000), st.integers(2, 50), SECONDS, st.none() | st.integers(1, 60))
@example(1, 1920, 2, 28801, None)
def test_who_publishes_more_is_asked_no_less(
    minutes: int, more: int, count: int, wish: int | None, window: int | None
) -> None:
    """With all else equal, a longer gap is never a shorter wait."""
    quick, slow = sorted([minutes, minutes + more])
    waits = [learn(every(m / 60, count=count), stamp(NOW), wish=wish, window=window).seconds for m in (quick, slow)]
    assert waits[0] <= waits[1]


@given(st.integers(-3650, 3650), st.integers(1, 100))
def test_a_clock_that_is_years_off_neither_floods_nor_starves(days: int, hours: int) -> None:
    """The wait stays between an hour and a day, and when the clock is right again so is the wait."""
    wrong = stamp(NOW + timedelta(days=days))
    learnt = learn(every(hours), wrong, before=HOUR).seconds
    assert HOUR <= learnt <= DAY
    for _ in range(12):
        learnt = learn(every(hours), stamp(NOW), before=learnt).seconds
    assert learnt == learn(every(hours), stamp(NOW)).seconds
