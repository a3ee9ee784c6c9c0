"""What is done to the test site looks as it does on a live one."""

import json

import pytest

from . import events
from .ask import ask, ids
from .server import WordPress
from .truth import truth

pytestmark = pytest.mark.wordpress


def test_events_are_seen_by_delta_as_on_a_live_site(wordpress_small: WordPress) -> None:
    """An edit is in the delta; a scheduled post published by cron, and an importer's old post, are not."""
    delta = "&modified_after=2026-01-01T00:00:00Z&per_page=100"
    edited = ids(wordpress_small)[3]
    events.edit(wordpress_small, edited, modified="2026-02-02 02:02:02")
    due = events.schedule(wordpress_small, "Due", at="2026-03-03 03:03:03", modified="2025-12-01 00:00:00")
    imported = events.publish(wordpress_small, "Old", at="2011-11-11 11:11:11")
    assert ids(wordpress_small, delta) == [edited]
    assert events.run_cron(wordpress_small, "2026-03-03 03:03:03") == [due]
    assert ids(wordpress_small, delta) == [edited]
    assert {due, imported} < {post.id for post in truth(wordpress_small)}


def test_events_hide_and_show_posts(wordpress_small: WordPress) -> None:
    """Trash, deletion, privacy and passwords do what the editor's do, and are undone likewise."""
    trashed, private, protected, deleted = ids(wordpress_small)[:4]
    events.trash(wordpress_small, trashed)
    events.set_status(wordpress_small, "private", private)
    events.set_password(wordpress_small, "sesame", protected)
    events.delete(wordpress_small, deleted)
    seen = [
        ask(wordpress_small, f"/wp-json/wp/v2/posts/{post}?_fields=content")
        for post in (trashed, private, protected, deleted)
    ]
    assert [answer[0] for answer in seen] == [401, 401, 200, 404]
    assert json.loads(seen[2][2])["content"] == {"rendered": "", "protected": True}
    events.restore(wordpress_small, trashed)
    events.set_status(wordpress_small, "publish", private)
    events.set_password(wordpress_small, "", protected)
    shown = {post.id: post.protected for post in truth(wordpress_small)}
    assert (shown[trashed], shown[private], shown[protected], deleted in shown) == (False, False, False, False)


def test_events_that_no_modified_time_tells(wordpress_small: WordPress) -> None:
    """Renamed terms and authors, tags set by code and comments leave every modified time alone."""
    before = {post.id: post.modified_gmt for post in truth(wordpress_small)}
    first = ids(wordpress_small)[0]
    events.rename_term(wordpress_small, "category", "Bread", "Loaves & rolls")
    events.rename_user(wordpress_small, "ana", "Ana N.")
    events.set_tags(wordpress_small, ["new"], first)
    number = events.comment(wordpress_small, first, "Well said", at="2026-01-01 00:00:00")
    after = {post.id: post for post in truth(wordpress_small)}
    assert {post.id: post.modified_gmt for post in after.values()} == before
    assert after[first].tags == ("new",)
    assert "Ana N." in {post.author for post in after.values()}
    assert any("Loaves & rolls" in post.categories for post in after.values())
    assert json.loads(ask(wordpress_small, f"/wp-json/wp/v2/comments/{number}")[2])["date_gmt"] == "2026-01-01T00:00:00"


def test_time_zone_change_moves_the_clock(wordpress_small: WordPress) -> None:
    """After a change of zone the stored times stay and a new post's local time is the new zone's."""
    before = [(post.date, post.date_gmt) for post in truth(wordpress_small)]
    events.set_timezone(wordpress_small, "Pacific/Auckland")
    new = events.publish(wordpress_small, "From afar", at="2026-07-01 00:00:00")
    after = truth(wordpress_small)
    assert [(post.date, post.date_gmt) for post in after if post.id != new] == before
    assert [post.date for post in after if post.id == new] == ["2026-07-01 12:00:00"]
