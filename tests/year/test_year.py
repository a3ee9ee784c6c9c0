"""Two months of cron over thirty blogs: a tenth of what `benchmarks/year.py` lives through."""

from pathlib import Path

import pytest

from tests.year.account import Account, lived
from tests.year.blogs import DAY, HOUR, Blog, Fault, Post
from tests.year.cron import live, possible

START = 1_767_225_600
NIGHT = START + 30 * DAY


@pytest.fixture(scope="module")
def account() -> Account:
    """The two months; our own network is down for a night."""
    return lived(30, START, 60, down=(NIGHT, NIGHT + 6 * HOUR))


def test_no_post_is_missed_that_a_poll_at_every_turn_would_have_seen(account: Account) -> None:
    """Whatever is not held could not be had by anyone who asks hourly and keeps the rules for failing hosts."""
    assert account.published > 200
    assert account.ours == ()


def test_it_asks_a_fraction_of_what_a_fixed_hourly_poll_asks(account: Account) -> None:
    """Most blogs are asked once a day; failing hosts are asked ever less often."""
    assert account.polls * 6 < account.hourly
    assert account.failed < account.faults * 15


def test_a_post_is_seen_within_the_day(account: Account) -> None:
    """Where the blog is well: a quarter of its usual gap at most, and never more than a day and a turn of the cron."""
    delays = sorted(account.delays)
    assert delays[len(delays) // 2] < 8 * HOUR
    assert delays[len(delays) * 95 // 100] <= DAY + HOUR


def test_the_sources_do_not_come_due_together(account: Account) -> None:
    """All were added in one turn; after two weeks no turn has more than half, but while our own network is down."""
    later = [run for run in account.runs[14 * 24 :] if not NIGHT <= run.at <= NIGHT + 7 * HOUR]
    assert max(run.due for run in later) <= account.blogs // 2


def test_mail_comes_when_something_breaks_and_when_it_heals(account: Account) -> None:
    """At most two lines for each trouble of a host; none while it lasts."""
    assert account.chatter <= 0
    assert account.words["broke"] >= account.words["healed"] > 0
    assert account.mails <= 2 * account.faults


def test_who_asks_too_rarely_loses_posts_and_the_account_says_so() -> None:
    """The count of what is missed is no constant: every ten days is not enough for a feed of ten entries."""
    account = lived(8, START, 60, options={"interval": 10 * DAY})
    assert account.ours
    assert account.polls < 8 * 9


def test_what_nobody_could_have_seen_is_told_from_what_was_missed(tmp_path: Path) -> None:
    """Thirty posts between two turns of the cron into a feed of ten; ten more behind an outage; one at leisure."""
    blog = Blog(0, pace=DAY)
    sudden = [Post(n, START + 3 * DAY + n) for n in range(30)]
    behind = [Post(30 + n, START + 5 * DAY + n * HOUR) for n in range(20)]
    blog.posts = [*sudden, *behind, Post(50, START + 8 * DAY)]
    blog.faults = [Fault(START + 5 * DAY - HOUR, START + 5 * DAY + 30 * HOUR, "refused")]
    blog.settle()
    year = live([blog], START, 12, tmp_path)
    assert year.missed(blog) == {*range(20), *range(30, 40)}
    assert year.missed(blog).isdisjoint(possible(blog, year, patient=False))
    assert possible(blog, year, patient=True) == possible(blog, year, patient=False) == {*range(20, 30), *range(40, 51)}
