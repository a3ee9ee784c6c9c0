"""Old pages, wrong numbers, pages that repeat: what a cache or a proxy does between the site and us."""

from typing import Any

import pytest

from tests.live.looking import Desk
from tests.live.test_backfill import equals
from tests.wordpress import events
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]


def test_a_stale_page_never_overwrites(desk: Desk, wordpress_small: WordPress) -> None:
    """A cache that keeps the pages of the first walk for ever: newer words stay, and no revision comes of the old ones."""
    wordpress_small.play("stale", match="orderby=id&order=asc&per_page=100&_fields=a")
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    number = truth(wordpress_small)[4].id
    events.edit(wordpress_small, number, append="<p>Newer words.</p>")
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["changed"]) == (0, 1)
    before = desk.content(), desk.ask("SELECT * FROM revisions")
    assert len(before[1]) == 1
    for _ in range(2):
        code, rows, _ = desk.run("fetch", wordpress_small.url, "--full")
        assert (code, rows[0]["verdict"], rows[0]["changed"]) == (0, "complete", 0), rows
    assert (desk.content(), desk.ask("SELECT * FROM revisions")) == before
    equals(desk, wordpress_small)


def test_everything_stale_is_nothing_new(desk: Desk, wordpress_small: WordPress) -> None:
    """A cache before the whole site hides what happens behind it, and loses nothing; without it the news come."""
    wordpress_small.play("stale")
    for _ in range(2):  # what a poll asks is not what a first walk asks: both are in the cache then
        assert desk.run("fetch", wordpress_small.url)[0] == 0
    before = desk.content()
    posts = [post.id for post in truth(wordpress_small, ("post",)) if not post.protected]
    events.edit(wordpress_small, posts[4])
    events.delete(wordpress_small, posts[6])
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["changed"], rows[0]["gone"]) == (0, 0, 0)
    assert desk.content() == before
    wordpress_small.play(None)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"], rows[0]["changed"], rows[0]["gone"]) == (0, "complete", 1, 1)
    equals(desk, wordpress_small)


@pytest.mark.parametrize("said", [{"add": 7}, {"total": 0}, {"total": 100000}], ids=str)
def test_totals_that_are_wrong(desk: Desk, wordpress_small: WordPress, said: dict[str, Any]) -> None:
    """The listing is believed: everything is held, called complete, and polled for two requests."""
    wordpress_small.play("wrong_totals", **said)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[-2]["verdict"], rows[-2]["rejected"]) == (0, "complete", 0), rows
    equals(desk, wordpress_small)
    wordpress_small.clear_requests()
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"]) == (0, "complete"), rows
    assert len(wordpress_small.requests()) == 2
    events.publish(wordpress_small, "New all the same")
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"], rows[0]["new"]) == (0, "complete", 1)


def test_pages_that_repeat_are_noticed(desk: Desk, wordpress_small: WordPress) -> None:
    """A server that takes neither `offset` nor `page` shows its first page for ever: held, and called partial."""
    wordpress_small.plays(ignores_offset={}, per_page_cap={"cap": 20})
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[-2]["verdict"], rows[-2]["reason"]) == (3, "partial", "repeats"), rows
    assert desk.ask("SELECT count(*) FROM posts WHERE type = 'post'") == [(20,)]
    assert len(wordpress_small.requests()) < 60
    wordpress_small.play(None)
    code, rows, _ = desk.run("fetch", wordpress_small.url, "--full")
    assert (code, rows[0]["verdict"]) == (0, "complete"), rows
    equals(desk, wordpress_small)
