"""Sites that misbehave: what each fault costs, and that it costs no other post."""

import io
from typing import Any

import pytest

from ingest.records import PostItem, Response
from tests.sources.wordpress.fake import Keeper, Site

NOW = "2026-01-25T00:00:00Z"


def _site(posts: int = 250, **faults: Any) -> Site:
    site = Site(**faults)
    for number in range(1, posts + 1):
        site.add(number * 2, at=f"2025-{1 + number % 12:02}-{1 + number % 28:02}T10:00:00")
    return site


def _stored(keeper: Keeper) -> int:
    return len(keeper.posts.get("post", ()))


@pytest.mark.parametrize("how", ["500", "too_slow", "too_big", "truncated", "cut"])
@pytest.mark.parametrize("poison", [{2}, {500}, {246}, {198, 200, 202}, {100, 102}])
def test_a_poison_post_is_named_and_costs_no_other(poison: set[int], how: str) -> None:
    """The page is halved down to the post; it is a reject with the reason, all others are stored."""
    site = _site(poison=frozenset(poison), how=how)
    keeper = Keeper(site)
    asked = keeper.run(NOW)
    assert _stored(keeper) == 250 - len(poison)
    assert {("post", str(number)) for number in poison} == set(keeper.rejects)
    assert len(asked) < 60
    assert not keeper.trouble


@pytest.mark.parametrize("poison", [{2}, {500}, {246}, {198, 200, 202}, {100, 102}, {2, 4, 500}])
def test_a_post_that_kills_every_answer_it_is_in_is_named_by_elimination(poison: set[int]) -> None:
    """Even a list of bare ids dies of it: its neighbours bound the search, ranges of ids find it."""
    site = _site(poison=frozenset(poison), deadly=True)
    keeper = Keeper(site)
    asked = keeper.run(NOW)
    assert _stored(keeper) == 250 - len(poison)
    assert {("post", str(number)) for number in poison} == set(keeper.rejects)
    assert len(asked) < 100
    assert not keeper.trouble
    asked = keeper.run("2026-02-02T00:00:00Z")  # the weekly manifest
    assert not keeper.trouble
    assert not keeper.gone
    assert len(asked) < 25
    announced = [page.announced.ids["post"] for page in keeper.pages if page.announced and "post" in page.announced.ids]
    assert announced[-1] == {str(number) for number in site.public()}


def test_a_reject_whose_post_is_gone_is_no_reject_any_more() -> None:
    """It is looked at by itself like any missing post."""
    site = _site(poison=frozenset({100}), deadly=True)
    keeper = Keeper(site)
    keeper.run(NOW)
    del site.posts[100]
    keeper.run("2026-01-26T02:00:00Z")
    assert keeper.gone["post/100"][0] == "erased"


def test_a_poison_post_is_tried_again_and_healed() -> None:
    """On a later run the reject is asked once more; a site that got well has no rejects."""
    site = _site(poison=frozenset({100}))
    keeper = Keeper(site)
    keeper.run(NOW)
    assert keeper.run("2026-01-25T01:00:00Z")
    site.poison = frozenset()
    keeper.run("2026-01-26T02:00:00Z")
    assert not keeper.rejects
    assert _stored(keeper) == 250


def test_a_server_that_fails_on_every_post_is_ill_itself() -> None:
    """After ten poison posts in a row the run ends, says so, and goes on there next time."""
    site = _site(poison=frozenset(range(100, 500)))
    keeper = Keeper(site)
    asked = keeper.run(NOW)
    assert keeper.trouble == ["server_error"]
    assert len(asked) < 70
    site.poison = frozenset()
    keeper.run("2026-01-25T01:00:00Z")
    assert _stored(keeper) + len(keeper.rejects) == 250


def test_an_outage_in_the_middle_marks_nothing_and_is_made_good() -> None:
    """Every answer is a 500: the run ends with a word, the next one goes on where it was."""
    site = _site()
    keeper = Keeper(site)
    keeper.run(NOW, most=13)
    site.rewrite = lambda answer: Response(answer.request, answer.url, 500, {}, io.BytesIO(b""))
    keeper.run("2026-01-25T01:00:00Z")
    assert keeper.trouble == ["server_error"]
    assert not keeper.rejects
    site.rewrite = None
    keeper.run("2026-01-25T02:00:00Z")
    assert _stored(keeper) == 250


@pytest.mark.parametrize("posts", [0, 1, 99, 100, 101, 199, 200, 250])
def test_missing_totals_stop_no_walk_early(posts: int) -> None:
    """Without X-WP-Total a walk ends at the page that brings nothing new."""
    keeper = Keeper(_site(posts, totals=lambda _: None))
    keeper.run(NOW)
    assert _stored(keeper) == posts
    assert not keeper.trouble
    assert len(keeper.run("2026-01-25T01:00:00Z")) <= 3


@pytest.mark.parametrize("said", ["257", "0", "abc", "-1", "1000000000000", "243"])
def test_wrong_totals_are_advice(said: str) -> None:
    """The listing is believed, once it was complete; the wrong number does not make it partial for ever."""
    keeper = Keeper(_site(totals=lambda _: said))
    keeper.run(NOW)
    assert _stored(keeper) == 250
    assert not keeper.trouble
    keeper.run("2026-01-25T01:00:00Z")
    announced = [page.announced for page in keeper.pages if page.announced]
    assert announced[-1].totals.get("post", 250) in {250, 0}


def test_the_largest_page_is_what_the_site_says() -> None:
    """`per_page must be between 1 (inclusive) and 20 (inclusive)`: asked once, then kept to."""
    keeper = Keeper(_site(cap=20))
    asked = keeper.run(NOW)
    assert _stored(keeper) == 250
    assert len([url for url in asked if "/posts?" in url and "per_page=100" in url]) == 1


def test_a_page_cut_short_without_a_word_is_no_end() -> None:
    """A server that gives 30 rows for 100 asked is walked to its end all the same."""
    keeper = Keeper(_site(silent_cap=30))
    keeper.run(NOW)
    assert _stored(keeper) == 250


def test_a_server_that_ignores_the_offset_is_walked_by_pages() -> None:
    """No offset: pages by number, which work."""
    keeper = Keeper(_site(ignores=frozenset({"offset"})))
    keeper.run(NOW)
    assert _stored(keeper) == 250
    assert "offset_ignored" in keeper.notes
    assert not keeper.trouble


def test_a_server_that_repeats_one_page_is_left_with_a_word() -> None:
    """Neither offset nor page: what the first page has is stored, and that is said."""
    keeper = Keeper(_site(ignores=frozenset({"offset", "page"})))
    asked = keeper.run(NOW)
    assert _stored(keeper) == 100
    assert "repeats" in keeper.trouble
    assert len(asked) < 30


def test_a_server_that_ignores_order_loses_nothing() -> None:
    """Newest first whatever is asked: by pages, and what was seen counts."""
    keeper = Keeper(_site(ignores=frozenset({"orderby", "order"})))
    keeper.run(NOW)
    assert _stored(keeper) == 250


def test_a_server_that_ignores_modified_after_is_asked_for_the_manifest() -> None:
    """Rows older than any time zone explains give it away; edits are found all the same."""
    site = _site(400, ignores=frozenset({"modified_after"}))
    keeper = Keeper(site)
    keeper.run(NOW)
    site.edit(60, "2026-01-25T00:30:00")
    keeper.run("2026-01-25T01:00:00Z")
    assert "modified_after_ignored" in keeper.notes
    assert keeper.titles["post/60"].endswith("edited 2026-01-25T00:30:00")


@pytest.mark.parametrize(
    "noise", [(b"\xef\xbb\xbf", b""), (b"\n\r\n\n", b""), (b"<br />\n<b>Warning</b>:  Undefined [0] on line <b>3</b><br />\n", b""),
              (b"", b"\n<!-- Cached by a plugin -->")],
)  # fmt: skip
def test_noise_around_the_json_is_salvaged_and_counted(noise: tuple[bytes, bytes]) -> None:
    """Every row is stored, each with the flag; the raw bytes are without the noise."""

    def noisy(answer: Response) -> Response:
        body = noise[0] + answer.body + noise[1]
        return Response(answer.request, answer.url, answer.status, answer.headers, io.BytesIO(body))

    keeper = Keeper(_site(120, rewrite=noisy))
    keeper.run(NOW)
    assert _stored(keeper) == 120
    assert "salvaged" in keeper.notes
    items = [item for page in keeper.pages for item in page.items if getattr(item, "rank", "") == "rest"]
    assert all("salvaged" in item.flags and item.raw.startswith(b"{") for item in items)


@pytest.mark.parametrize("route", ["users", "tags", "types", "taxonomies", "books"])
def test_a_closed_door_beside_the_posts_is_a_note(route: str) -> None:
    """Users, terms, types: what is shut is noted, the posts are whole."""
    keeper = Keeper(_site(120, closed=frozenset({f"wp/v2/{route}"})))
    keeper.run(NOW)
    assert _stored(keeper) == 120
    assert not keeper.trouble
    assert any(route.rstrip("s") in note or "closed" in note or "tax" in note for note in keeper.notes)
    assert len(keeper.run("2026-01-25T01:00:00Z")) == 2


def test_closed_rest_is_a_word_and_cheap_to_ask_again() -> None:
    """Everything refused: `rest_closed`; the next run knocks at two doors; when they open, all is there."""
    site = _site(120, closed=frozenset({"", "wp/v2/types", "wp/v2/taxonomies", "wp/v2/posts"}))
    keeper = Keeper(site)
    keeper.run(NOW)
    assert keeper.trouble == ["rest_closed"]
    assert len(keeper.run("2026-01-25T01:00:00Z")) == 2
    assert keeper.trouble == ["rest_closed"]
    site.closed = frozenset()
    keeper.run("2026-01-25T02:00:00Z")
    assert _stored(keeper) == 120


@pytest.mark.parametrize(
    ("status", "headers", "body", "word"),
    [
        (429, {}, b"", "rate_limited"),
        (403, {"cf-mitigated": "challenge"}, b"<html><title>Just a moment...</title>", "challenge"),
        (200, {}, b'<html><title>Log in</title><input type="password">', "login"),
    ],
)
def test_a_wall_stops_the_run_and_marks_nothing(status: int, headers: dict[str, str], body: bytes, word: str) -> None:
    """A poll that meets a wall ends there, with its word; nothing is gone, the next poll is an ordinary one."""
    site = _site(120)
    keeper = Keeper(site)
    keeper.run(NOW)
    site.rewrite = lambda answer: Response(answer.request, answer.url, status, {"content-type": "text/html", **headers}, io.BytesIO(body))  # fmt: skip
    asked = keeper.run("2026-01-25T01:00:00Z")
    assert keeper.trouble == [word]
    assert len(asked) <= 2
    site.rewrite = None
    keeper.run("2026-01-25T02:00:00Z")
    assert not keeper.trouble
    assert not keeper.gone


def test_a_right_password_brings_drafts_and_private_posts() -> None:
    """Verified once, then every status but the trash is asked for; each post says its own."""
    site = _site(30)
    site.posts[2]["status"], site.posts[4]["status"], site.posts[6]["status"] = "draft", "private", "trash"
    keeper = Keeper(site, options={"authenticated": True})
    keeper.run(NOW)
    items = [item for page in keeper.pages for item in page.items if isinstance(item, PostItem)]
    assert {item.remote_id: item.status for item in items if item.status != "publish"} == {"2": "draft", "4": "private"}
    assert len(items) == 29
    # No feed tells that a draft was edited or a post made private: each type is listed, one small request each.
    assert len(keeper.run("2026-01-25T01:00:00Z")) == 5


def test_a_busy_server_is_left_alone() -> None:
    """503 with Retry-After: no smaller question, the next run goes on."""
    site = _site(120)
    keeper = Keeper(site)
    keeper.run(NOW, most=12)
    site.rewrite = lambda answer: Response(answer.request, answer.url, 503, {"retry-after": "60"}, io.BytesIO(b""))
    assert len(keeper.run("2026-01-25T01:00:00Z")) == 1
    assert keeper.trouble == ["rate_limited"]


def test_a_wrong_password_is_found_out_and_said() -> None:
    """WordPress answers a wrong one like a stranger: `/users/me` tells, the public posts are fetched all the same."""
    keeper = Keeper(_site(30, closed=frozenset({"wp/v2/users/me"})), options={"authenticated": True})
    asked = keeper.run(NOW)
    assert keeper.trouble == ["password"]
    assert _stored(keeper) == 30
    assert not [url for url in asked if "status=any" in url]


def test_a_site_without_a_feed_is_polled_by_its_small_lists() -> None:
    """No feed tells of an edit: what is asked instead finds it."""
    site = _site(120, feed=False)
    keeper = Keeper(site)
    keeper.run(NOW)
    site.edit(60, "2026-01-25T00:30:00")
    keeper.run("2026-01-25T01:00:00Z")
    assert keeper.titles["post/60"].endswith("edited 2026-01-25T00:30:00")
