"""`doctor`: what it says of sound and of broken sites, and that it leaves nothing behind."""

from typing import Any

import pytest

from tests.live.looking import Desk
from tests.live.test_no_blog import bakery, closed_port
from tests.wordpress.server import WordPress

__all__ = ["bakery"]


def examined(desk: Desk, url: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the report; no corpus came of it."""
    code, rows, err = desk.run("doctor", url)
    assert rows[-1] == {"type": "summary", "exit_code": code}, err
    assert not desk.db.exists()
    return code, rows[0]


@pytest.mark.wordpress
@pytest.mark.xdist_group("wordpress-more")
def test_a_sound_site(desk: Desk, wordpress_far: WordPress) -> None:
    """Version, clock, permalinks, types with their counts, and the requests that a fetch then really makes."""
    wordpress_far.reset()
    code, said = examined(desk, wordpress_far.url)
    assert (code, said["chosen"]["kind"], said["chosen"]["why"]) == (0, "wordpress", "the page advertises it")
    site = said["site"]
    assert site["version"].startswith("6.8")
    assert (site["timezone"], site["gmt_offset"], site["permalinks"]) == ("Asia/Kolkata", 5.5, "pretty")
    assert site["types"] == {"post": 60, "page": 14}
    assert site["others"].keys() == {"category", "post_tag", "users", "media", "comments"}
    assert (site["closed"], said["robots"]) == ({}, {"verdict": "allowed", "crawl_delay": 0.0})
    assert any("contact" in one for one in said["advice"])
    assert said["tried"][0]["what"] == "the address"
    wordpress_far.clear_requests()
    desk.run("fetch", wordpress_far.url)
    asked = [r.target for r in wordpress_far.requests()]
    assert abs(said["plan"]["requests"] - len(asked)) <= 4, asked
    assert said["plan"]["posts"] == 74


@pytest.mark.wordpress
@pytest.mark.xdist_group("wordpress-more")
def test_the_pause_that_a_host_asks_for(desk: Desk, wordpress_small: WordPress) -> None:
    """Crawl-delay is told and makes the estimate; a path that is forbidden is called so; a contact is not asked twice."""
    config = desk.folder / "sources.toml"
    config.write_text('[defaults]\ncontact = "lab@uni.example"\n')
    # Nobody waits for it here: the discovery's own requests would.
    wordpress_small.play("robots", text="User-agent: *\nCrawl-delay: 0.2\nDisallow: /wp-admin/\n")
    _, rows, _ = desk.run("doctor", wordpress_small.url, "--config", config)
    said = rows[0]
    assert said["robots"] == {"verdict": "allowed", "crawl_delay": 0.2}
    assert said["plan"]["seconds"] >= 0.2 * said["plan"]["requests"]
    assert said["advice"] == []
    wordpress_small.play("robots")
    code, said = examined(desk, wordpress_small.url)
    assert (code, said["chosen"]) == (4, None)
    assert "robots" in said["error"]


#: play -> exit status, the kind that would be followed, a word of the report.
PLAYS: dict[str, tuple[int, str | None, str]] = {
    "users_closed": (0, "wordpress", "'users': '404 rest_no_route"),
    "rest_not_logged_in": (0, "wordpress", "back to its first entry"),
    "rest_no_route": (0, "wordpress", "rest_closed"),
    "wp_die": (0, "wordpress", "403 Forbidden"),
    "firewall": (0, "wordpress", "?rest_route=/"),
    "hidden_discovery": (0, "wordpress", "though the page does not say so"),
    "plain_permalinks": (0, "wordpress", "'permalinks': 'plain'"),
    "php_warning": (0, "wordpress", "salvaged"),
    "no_totals": (0, "wordpress", "'post': 40"),
    "login_wall": (4, None, "login: Members only"),
    "challenge": (4, None, "challenge: Just a moment"),
    "down": (4, None, "server error"),
}


@pytest.mark.wordpress
@pytest.mark.xdist_group("wordpress-more")
@pytest.mark.parametrize("play", PLAYS)
def test_a_broken_site_is_described(desk: Desk, wordpress_small: WordPress, play: str) -> None:
    """What is closed or wrong is named, with every address that was tried; exit status 4 where nothing can be followed."""
    wordpress_small.play(play)
    code, said = examined(desk, wordpress_small.url)
    wanted, kind, word = PLAYS[play]
    assert (code, said["chosen"] and said["chosen"]["kind"]) == (wanted, kind), said
    assert word in str(said)
    assert said["tried"]


def test_nothing_there(desk: Desk, bakery: str) -> None:
    """A bakery's page, and a port where nobody listens: exit status 4, and what was tried."""
    code, said = examined(desk, bakery)
    assert (code, said["chosen"], len(said["tried"]) > 2) == (4, None, True)
    assert "no blog found" in said["error"]
    code, said = examined(desk, f"http://127.0.0.1:{closed_port()}")
    assert (code, said["tried"][0]["outcome"].partition(":")[0]) == (4, "refused")


@pytest.mark.wordpress
@pytest.mark.xdist_group("wordpress-more")
def test_a_feed_and_words_for_people(desk: Desk, wordpress_small: WordPress) -> None:
    """Where only a feed answers, it is read; the report is lines on stdout."""
    import re
    import subprocess

    wordpress_small.plays(rest_no_route={}, hidden_discovery={})
    done = subprocess.run(
        desk.words("doctor", f"{wordpress_small.url}/category/food-drink/feed/"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "feed: the address is a feed" in done.stdout
    assert re.search(r"a fetch would read \d+ posts as feed, in about \d requests?", done.stdout)
    assert "no contact is set" in done.stdout
