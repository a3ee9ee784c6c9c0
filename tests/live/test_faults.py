"""Broken sites: each is played by the real WordPress, and nothing that it still gives is lost."""

from typing import Any

import pytest

from tests.live.looking import Desk
from tests.live.test_backfill import equals
from tests.wordpress import events
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress")]

#: play -> its arguments. Every public post is stored, and the verdict is `complete`.
HARMLESS: dict[str, dict[str, Any]] = {
    "bom": {}, "blank_lines": {}, "cache_comment": {}, "php_warning": {}, "html_type": {}, "no_totals": {},
    "per_page_cap": {"cap": 20}, "ignores_modified_after": {}, "ignores_fields": {}, "rest_prefix": {},
    "hidden_discovery": {}, "plain_permalinks": {}, "firewall": {}, "plugin_keys": {},
}  # fmt: skip


@pytest.mark.parametrize("play", HARMLESS)
def test_what_a_site_does_wrong_loses_nothing(desk: Desk, wordpress_small: WordPress, play: str) -> None:
    """Salvaged, asked in smaller pieces, or found by another door."""
    wordpress_small.play(play, **HARMLESS[play])
    code, rows, err = desk.run("fetch", wordpress_small.url)
    assert (code, rows[-2]["verdict"], rows[-2]["rejected"]) == (0, "complete", 0), (rows, err)
    assert rows[-2]["new"] == len(truth(wordpress_small))
    if play in {"bom", "blank_lines", "cache_comment", "php_warning"}:
        ((notes,),) = desk.ask("SELECT notes FROM runs ORDER BY id LIMIT 1")
        assert "salvaged" in notes or play in {"bom", "blank_lines"}
    if play != "plain_permalinks":
        equals(desk, wordpress_small)
    number = truth(wordpress_small)[9].id
    events.edit(wordpress_small, number)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[-2]["verdict"], rows[-2]["changed"]) == (0, "complete", 1)


@pytest.mark.parametrize("how", ["fatal", "empty_500"])
def test_a_poison_post_is_named_and_the_others_stored(desk: Desk, wordpress_small: WordPress, how: str) -> None:
    """Found by halving, put into rejects and not into posts; stored when the site is mended."""
    poison = truth(wordpress_small)[17].id
    wordpress_small.play("poison", ids=[poison], how=how)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[-2]["verdict"]) == (3, "partial")
    assert rows[-2]["missing_ids"] == [f"post/{poison}"]
    assert desk.ask("SELECT type, remote_id, resolved_at FROM rejects") == [("post", str(poison), None)]
    assert desk.ask("SELECT count(*) FROM posts") == [(len(truth(wordpress_small)) - 1,)]
    wordpress_small.play(None)
    code, rows, _ = desk.run("fetch", wordpress_small.url, "--full")
    assert (code, rows[-2]["verdict"]) == (0, "complete")
    assert desk.ask("SELECT count(*) FROM rejects WHERE resolved_at IS NULL") == [(0,)]
    equals(desk, wordpress_small)


def test_closed_users_lose_only_names(desk: Desk, wordpress_small: WordPress) -> None:
    """Security plugins close the users: the ids are kept, and the posts are all there."""
    wordpress_small.play("users_closed")
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[-2]["verdict"]) == (0, "complete")
    assert desk.ask("SELECT count(*) FROM posts") == [(len(truth(wordpress_small)),)]
    assert desk.ask("SELECT count(*) FROM post_authors") == [(len(truth(wordpress_small)),)]


def test_too_many_requests_is_honoured(desk: Desk, wordpress_small: WordPress) -> None:
    """A 429 moves the next poll; it is not slept out, and nothing that was stored is touched."""
    desk.run("fetch", wordpress_small.url)
    before = desk.content()
    wordpress_small.play("busy", first=50, retry_after=3600)
    wordpress_small.clear_requests()
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert code in {3, 4}
    assert rows[-2]["verdict"] in {"partial", "failing"}
    asked = len(wordpress_small.requests())
    assert asked <= 3
    ((later,),) = desk.ask("SELECT retry_after > strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+50 minutes') FROM sources")
    assert later == 1
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert len(wordpress_small.requests()) == asked
    assert desk.content() == before


def test_wrong_totals_are_no_proof(desk: Desk, wordpress_small: WordPress) -> None:
    """A site that announces more than it lists is not called complete; one that announces nothing loses nothing."""
    wordpress_small.play("wrong_totals", add=7)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert rows[-2]["verdict"] in {"partial", "complete"}
    assert desk.ask("SELECT count(*) FROM posts") == [(len(truth(wordpress_small)),)]
    assert code == (3 if rows[-2]["verdict"] == "partial" else 0)


@pytest.mark.parametrize("play", ["rest_not_logged_in", "rest_no_route", "wp_die", "rest_disabled"])
def test_a_closed_rest_falls_back_to_the_feed(desk: Desk, wordpress_small: WordPress, play: str) -> None:
    """The whole history by `?paged=`, under a verdict that says partial and why; when REST opens, the rest comes."""
    wordpress_small.play(play)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[-2]["verdict"], rows[-2]["reason"]) == (3, "partial", "rest_closed"), rows
    posts = truth(wordpress_small, ("post",))
    assert desk.ask("SELECT count(*) FROM posts WHERE type = 'post'") == [(len(posts),)]
    wordpress_small.play(None)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[-2]["verdict"]) == (0, "complete"), rows
    assert desk.ask("SELECT count(*) FROM revisions") == [(0,)]
    equals(desk, wordpress_small)


def test_a_backfill_that_is_told_to_wait_ends_complete(desk: Desk, wordpress_small: WordPress) -> None:
    """Every ninth request is a 429: each run goes on where the last one stopped, and the last one knows what there is."""
    wordpress_small.play("busy", every=9, retry_after="")
    said = []
    for _ in range(6):
        code, rows, _ = desk.run("fetch", wordpress_small.url)
        said.append((code, rows[-2]["verdict"], rows[-2]["reason"]))
        if code == 0:
            break
    assert said[-1] == (0, "complete", "")
    assert set(said[:-1]) == {(3, "partial", "rate_limited")}
    equals(desk, wordpress_small)
