"""The day from which on a site is collected: set, moved and taken away; what is older costs nothing and loses nothing."""

import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.live.looking import Desk
from tests.wordpress import events
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]

HELD = "SELECT CAST(remote_id AS INTEGER) FROM posts WHERE gone_at IS NULL AND remote_id IS NOT NULL ORDER BY 1"


def public(site: WordPress, day: str = "") -> list[int]:
    """Ids of what a visitor sees, of that day of the site's own time and later."""
    return [post.id for post in truth(site) if post.date >= day]


def days(site: WordPress) -> list[str]:
    """The days on which something was published, in order."""
    return sorted({post.date[:10] for post in truth(site)})


class Operator:
    """Someone with a sources.toml."""

    def __init__(self, desk: Desk, site: WordPress) -> None:
        self.desk, self.site = desk, site

    def fetch(self, since: str | None, *words: str, comment: str = "") -> dict[str, Any]:
        """Set the day and fetch; the source's line. `since` stands in the defaults."""
        told = f"[defaults]\nsince = {since}\n" if since else ""
        config = Path(self.desk.folder, "sources.toml")
        config.write_text(f'{told}[[source]]\nurl = "{self.site.url}"\n{comment}\n')
        self.site.clear_requests()
        code, rows, said = self.desk.run("fetch", "--all", "--config", config, *words)
        row: dict[str, Any] = next(
            row for row in rows if row["type"] == "source" and "verdict" in row and row["source"]
        )
        assert (code, row["verdict"]) == (0, "complete"), (rows, said)
        assert self.desk.ask("SELECT count(*) FROM rejects WHERE resolved_at IS NULL") == [(0,)]
        return row

    def held(self) -> list[int]:
        """The ids that are held and not gone."""
        return [row[0] for row in self.desk.ask(HELD)]

    def asked(self, word: str) -> list[str]:
        """The requests of the last run with that word in it."""
        return [one.target for one in self.site.requests() if word in one.target]


@pytest.fixture
def operator(desk: Desk, wordpress_small: WordPress) -> Operator:
    """An operator with a site as it was filled."""
    wordpress_small.reset()
    return Operator(desk, wordpress_small)


def test_only_what_is_wished_is_asked_for_and_it_is_complete(operator: Operator) -> None:
    """Posts and pages of that day and later alone; announced and have agree, what was left out is counted and shown."""
    site, day = operator.site, days(operator.site)[len(days(operator.site)) // 2]
    row = operator.fetch(day)
    assert operator.held() == public(site, day)
    assert row["left_out"] == len(public(site)) - len(public(site, day)) > 0
    assert not [url for url in operator.asked("/posts?orderby") if "after=" not in url]
    ((status, *_),) = [operator.desk.run("status", str(row["source"]))[1]]
    assert status["have"] == status["announced"] == len(public(site, day))
    assert status["since"]["day"] == day
    assert status["since"]["left_out"] == f"{row['left_out']} from before left out"
    operator.fetch(day)
    assert len(site.requests()) == 2  # nothing new costs the feed and the number, as ever
    operator.desk.sound()


def test_set_moved_back_and_removed(operator: Operator) -> None:
    """Each move is noticed: what is older comes when it is wished, and only that; nothing is lost or gone on the way."""
    site, known = operator.site, days(operator.site)
    early, late = known[len(known) // 3], known[2 * len(known) // 3]
    operator.fetch(late)
    assert operator.held() == public(site, late)
    row = operator.fetch(early)
    assert operator.held() == public(site, early)
    assert (row["new"], row["gone"]) == (len(public(site, early)) - len(public(site, late)), 0)
    row = operator.fetch(late)
    assert (row["new"], row["gone"], row["changed"]) == (0, 0, 0)
    assert operator.held() == public(site, early)
    row = operator.fetch(None)
    assert operator.held() == public(site)
    assert (row["new"], row["gone"], row["left_out"]) == (len(public(site)) - len(public(site, early)), 0, 0)
    operator.fetch(None)
    assert len(site.requests()) == 2
    operator.desk.sound()


def test_what_is_held_from_before_the_day_is_left_in_peace(operator: Operator) -> None:
    """Set on a whole corpus: most of it is older, and none of it is gone; an older post that goes is seen when wished."""
    site, day = operator.site, days(operator.site)[-3]
    operator.fetch(None)
    whole = operator.held()
    older = [number for number in whole if number not in public(site, day)]
    assert len(older) > 20
    assert len(older) * 10 > len(whole)
    row = operator.fetch(day)
    assert (row["gone"], operator.held()) == (0, whole)
    counted = len(public(site, day))
    told = operator.desk.words("status", "1")
    said = subprocess.run(told, capture_output=True, text=True, check=True).stdout
    assert re.search(
        rf"^have +{counted} of {counted} announced \(.*\); {len(older)} more from before {day}", said, re.MULTILINE
    )
    events.delete(site, older[3])
    new = events.publish(site, "News after the day was set")
    events.delete(site, (young := public(site, day)[0]))
    row = operator.fetch(day)
    assert (row["new"], row["gone"]) == (1, 1)
    assert operator.held() == sorted({*whole, new} - {young})
    for words in ((), ("--full",)):
        assert operator.fetch(day, *words)["gone"] == 0
    assert operator.fetch(None)["gone"] == 1
    assert operator.held() == public(site)
    assert operator.desk.ask("SELECT remote_id FROM posts WHERE gone_kind = 'erased' ORDER BY 1") == sorted(
        [(str(older[3]),), (str(young),)]
    )
    operator.desk.sound()


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Pacific/Pago_Pago"])
def test_the_day_is_the_sites_own(operator: Operator, zone: str) -> None:
    """Its first second counts and the one before it does not, by the site's clock, before and after they are held."""
    site = operator.site
    events.set_timezone(site, zone)
    hours = {"Asia/Kolkata": ("2025-06-09 18:29:59", "2025-06-09 18:30:00"),
             "Pacific/Pago_Pago": ("2025-06-10 10:59:59", "2025-06-10 11:00:00")}[zone]  # fmt: skip
    before, first = (events.publish(site, f"At {at} UTC", at=at) for at in hours)
    operator.fetch("2025-06-10")
    assert first in operator.held()
    assert before not in operator.held()
    operator.fetch(None)
    assert before in operator.held()
    operator.fetch("2025-06-10")
    for _ in range(2):
        events.publish(site, "News")
        row = operator.fetch("2025-06-10")
        assert (row["new"], row["changed"], row["gone"], row["same"]) == (1, 0, 0, 0)


def test_a_post_that_is_dated_back_beyond_the_day_is_kept(operator: Operator) -> None:
    """The publisher gives a held post another date: it is not listed any more, is looked at, and is not gone."""
    site, day = operator.site, days(operator.site)[-10]
    operator.fetch(day)
    number = public(site, day)[1]
    events.set_status(site, "publish", number, at="2001-01-01 00:00:00")
    row = operator.fetch(day)
    assert row["gone"] == 0
    assert number in operator.held()
    assert operator.desk.ask("SELECT published_at FROM posts WHERE remote_id = ?", str(number)) == [
        ("2001-01-01T00:00:00Z",)
    ]
    operator.fetch(day)
    assert len(site.requests()) == 2


def test_behind_a_closed_door_too(operator: Operator) -> None:
    """The feed's history ends at the day; a page that turns out to be older is fetched once, and not on every run."""
    pytest.importorskip("trafilatura")
    site, day = operator.site, days(operator.site)[-6]
    site.play("rest_no_route")
    config = Path(operator.desk.folder, "sources.toml")
    config.write_text(f'[[source]]\nurl = "{site.url}"\nsince = "{day}"\n')
    looked: list[set[str]] = []
    for _ in range(3):
        site.clear_requests()
        code, rows, said = operator.desk.run("fetch", "--all", "--config", config)
        assert (code, rows[-2]["reason"]) == (3, "rest_closed"), (rows, said)
        looked.append({unquote(one.target) for one in site.requests() if "/wp-json" not in one.target})
    young = [post.id for post in truth(site, ("post",)) if post.date >= day]
    assert operator.desk.ask("SELECT count(*) FROM posts WHERE type = 'post'") == [(len(young),)]
    assert operator.desk.ask("SELECT min(published_at) >= ? FROM posts", day) == [(1,)]
    posts = {unquote(post.link.removeprefix(site.url)) for post in truth(site)}
    assert "/feed/?paged=3" not in looked[0]
    # The two pages of the feed that were read told of twenty posts: what stood in them is not pulled, be it new or old.
    assert len(posts & looked[0]) == len(posts) - 20
    assert not posts & looked[1]
    assert not posts & looked[2]
    site.play(None)
    assert operator.fetch(day, comment=f"since = {day}")["gone"] == 0
    assert operator.held() == public(site, day)
    operator.fetch(None)
    assert operator.held() == public(site)
    assert operator.desk.ask("SELECT count(*) FROM posts WHERE remote_id IS NULL") == [(0,)]  # pages without a date
