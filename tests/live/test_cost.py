"""What a poll of 2,400 posts costs the site, in requests."""

import pytest

from tests.live.looking import Desk
from tests.wordpress import events
from tests.wordpress.fixtures import MakeSite
from tests.wordpress.server import WordPress

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]


def asked(desk: Desk, site: WordPress, **wanted: int) -> int:
    """Requests of one complete fetch that brought what is wanted; robots.txt is asked once a day and not counted."""
    site.clear_requests()
    code, rows, err = desk.run("fetch", site.url)
    assert (code, rows[-2]["verdict"], rows[-2]["reason"]) == (0, "complete", ""), (rows, err)
    assert {name: rows[-2][name] for name in wanted} == wanted
    return sum("robots.txt" not in request.target for request in site.requests())


@pytest.mark.parametrize("version", ["6.1", "6.8"])
def test_a_poll_costs_what_the_design_says(desk: Desk, wordpress_sites: MakeSite, version: str) -> None:
    """Unchanged two requests; ten edits and additions at most 15; with a deletion among them at most 40."""
    site = wordpress_sites(version=version, posts=2400)
    try:
        ids = [row["ID"] for row in site.sql("SELECT ID FROM wp_posts WHERE post_type = 'post' AND post_status = 'publish'"
                                             " AND post_password = '' ORDER BY ID")]  # fmt: skip
        assert asked(desk, site, new=2400 + 46) <= 45
        assert asked(desk, site, new=0, changed=0) == 2
        events.edit(site, *ids[100:1900:200])
        events.publish(site, "New")
        assert asked(desk, site, new=1, changed=9) <= 15
        assert asked(desk, site, new=0, changed=0) == 2
        events.edit(site, *ids[150:1950:200])
        events.delete(site, ids[55])
        assert asked(desk, site, new=0, changed=9, gone=1) <= 40
        assert asked(desk, site, new=0, changed=0) == 2
    finally:
        site.stop()
