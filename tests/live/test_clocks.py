"""What no `modified` tells, or tells by another clock: zones that change, summer time, imports, edits by code."""

import json
from typing import Any

import pytest

from tests.live.looking import Desk
from tests.live.test_backfill import equals
from tests.wordpress import events
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]


def posts(site: WordPress) -> list[int]:
    """Public ids, without the protected ones."""
    return [post.id for post in truth(site, ("post",)) if not post.protected]


def set_options(desk: Desk, **options: Any) -> None:
    """Wishes for the one source, as sources.toml would put them."""
    import sqlite3

    conn = sqlite3.connect(desk.db)
    with conn:
        conn.execute("UPDATE sources SET options = ?", [json.dumps(options)])
    conn.close()


def cursor(desk: Desk) -> Any:
    """Where the source's next run begins."""
    ((held,),) = desk.ask("SELECT cursor FROM sources")
    return json.loads(held)


#: A site of over 300 posts is asked by delta and not by manifest, so that a wrong clock would lose something.
ZONES = ["Asia/Kolkata", "Pacific/Pago_Pago"]


@pytest.mark.parametrize("zone", ZONES)
def test_an_edit_is_seen_whatever_the_sites_clock(desk: Desk, wordpress_site: WordPress, zone: str) -> None:
    """The admin moves the site to another zone; an edit made just before, by the old clock, and one after it are seen."""
    wordpress_site.reset()
    assert desk.run("fetch", wordpress_site.url)[0] == 0
    before, after = posts(wordpress_site)[7], posts(wordpress_site)[207]
    events.edit(wordpress_site, before, append="<p>Edited by the old clock.</p>")
    events.set_timezone(wordpress_site, zone)
    events.edit(wordpress_site, after, append="<p>Edited by the new clock.</p>")
    wordpress_site.clear_requests()
    code, rows, _ = desk.run("fetch", wordpress_site.url)
    assert (code, rows[0]["verdict"], rows[0]["changed"]) == (0, "complete", 2), rows
    assert any("modified_after=" in r.target for r in wordpress_site.requests())
    equals(desk, wordpress_site)


def test_the_hour_that_summer_time_repeats(desk: Desk, wordpress_site: WordPress) -> None:
    """New York, the night of 2025-11-02: an edit at 06:10Z (01:10 EST) after a watermark of 05:50Z (01:50 EDT) is seen."""
    wordpress_site.reset()
    events.set_timezone(wordpress_site, "America/New_York")
    first, second = posts(wordpress_site)[11], posts(wordpress_site)[13]
    events.edit(wordpress_site, first, modified="2025-11-02 05:50:00")
    assert desk.run("fetch", wordpress_site.url)[0] == 0
    assert cursor(desk)["types"]["post"]["mark"] == "2025-11-02T05:50:00Z"
    events.edit(wordpress_site, second, modified="2025-11-02 06:10:00")
    code, rows, _ = desk.run("fetch", wordpress_site.url)
    assert (code, rows[0]["changed"]) == (0, 1)
    equals(desk, wordpress_site)


def test_an_old_post_imported_while_another_goes(desk: Desk, wordpress_site: WordPress) -> None:
    """The number stays, no delta sees it, the feed says nothing: the newest ids or the weekly manifest bring both."""
    wordpress_site.reset()
    assert desk.run("fetch", wordpress_site.url)[0] == 0
    events.delete(wordpress_site, posts(wordpress_site)[30])
    events.publish(wordpress_site, "Imported", at="2011-05-05 05:05:05")
    code, rows, _ = desk.run("fetch", wordpress_site.url)
    assert code == 0
    seen_at_once = rows[0]["new"]
    set_options(desk, manifest_hours=0)
    code, rows, _ = desk.run("fetch", wordpress_site.url)
    assert (code, rows[0]["verdict"], seen_at_once + rows[0]["new"]) == (0, "complete", 1)
    assert desk.ask("SELECT count(*) FROM posts WHERE gone_kind = 'erased'") == [(1,)]
    equals(desk, wordpress_site)


def test_what_no_poll_can_see_comes_with_the_monthly_look(desk: Desk, wordpress_small: WordPress) -> None:
    """Tags set by code, a renamed author, words replaced by SQL: `modified` stays, and everything is read anew in time."""
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    tagged, rewritten = posts(wordpress_small)[4:6]
    events.set_tags(wordpress_small, ["set by code"], tagged)
    events.rename_user(wordpress_small, "ana", "Ana N.")
    wordpress_small.sql(f"UPDATE wp_posts SET post_content = '<p>Replaced behind its back.</p>' WHERE ID = {rewritten}")
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"], rows[0]["changed"]) == (0, "complete", 0)
    set_options(desk, full_hours=0)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"]) == (0, "complete")
    equals(desk, wordpress_small)
    assert desk.ask("SELECT p.remote_id FROM revisions r JOIN posts p ON p.id = r.post_id") == [(str(rewritten),)]


def test_restored_from_the_trash(desk: Desk, wordpress_small: WordPress) -> None:
    """Trashed and restored between two polls, nothing happened; trashed, polled and restored, it is there again."""
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    first, second = posts(wordpress_small)[4:6]
    events.trash(wordpress_small, first, second)
    events.restore(wordpress_small, first)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["gone"]) == (0, 1)
    events.restore(wordpress_small, second)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"]) == (0, "complete")
    assert desk.ask("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL") == [(0,)]
    assert desk.ask("SELECT count(*) FROM revisions") == [(0,)]
    equals(desk, wordpress_small)
