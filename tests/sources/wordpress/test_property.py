"""A site that edits, deletes and publishes between any two requests loses nothing."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.wordpress.fake import Keeper, Site

EVENTS = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from(["publish", "backdate", "delete", "trash", "edit", "restore"]), st.integers(1, 60)),
    max_size=12,
)  # fmt: skip


def _happen(site: Site, event: str, count: int, chance: random.Random) -> None:
    """Something that happens on a blog, to `count` of its posts."""
    public = list(site.public())
    some = chance.sample(public, min(count, len(public)))
    if event == "publish":
        for _ in range(count):
            site.add(max(site.posts, default=0) + 1, at="2026-01-05T00:00:00")
    elif event == "backdate":  # a draft with a low id goes public
        for number in [n for n in range(2, 1200, 2) if n not in site.posts][:count]:
            site.add(number, at="2026-01-04T00:00:00")
    elif event == "restore":
        for row in [row for row in site.posts.values() if row["status"] == "trash"][:count]:
            row["status"] = "publish"
    for number in some:
        if event == "delete":
            del site.posts[number]
        elif event == "trash":
            site.posts[number]["status"] = "trash"
        elif event == "edit":
            site.edit(number, "2026-01-06T00:00:00")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 640), EVENTS, st.integers(0, 2**32), st.sampled_from([100, 20, 7]))
def test_a_crawl_of_a_changing_site_misses_no_post_that_was_there_throughout(
    posts: int, events: list[tuple[int, str, int]], seed: int, cap: int
) -> None:
    """Every post that is public from the first request to the last is stored, whatever else happens meanwhile."""
    site, chance = Site(cap=cap), random.Random(seed)  # noqa: S311
    for number in range(1, posts * 2 + 1, 2):
        site.add(number)
    throughout = set(site.public())

    def meanwhile(site: Site, request: int) -> None:
        nonlocal throughout
        for at, event, count in events:
            if at + 9 == request:
                _happen(site, event, count, chance)
        throughout &= set(site.public())

    site.meanwhile = meanwhile
    keeper = Keeper(site)
    keeper.run()
    missed = throughout - {int(number) for number in keeper.posts.get("post", {})}
    assert not missed


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 330), EVENTS, st.integers(0, 2**32), st.integers(1, 45))
def test_after_a_quiet_look_the_corpus_is_the_site(
    posts: int, events: list[tuple[int, str, int]], seed: int, most: int
) -> None:
    """Interrupted anywhere, changed in any way: when a weekly look meets a quiet site, what is held is what it has."""
    site, chance = Site(), random.Random(seed)  # noqa: S311
    for number in range(1, posts * 2 + 1, 2):
        site.add(number)
    keeper = Keeper(site, options={"accept_gone": True})
    for day, (_, event, count) in enumerate(events):
        keeper.run(f"2026-02-{day + 1:02}T00:00:00Z", most=most)
        _happen(site, event, count, chance)
    for day in ("2026-03-20T00:00:00Z", "2026-03-28T00:00:00Z", "2026-04-05T00:00:00Z"):
        keeper.run(day)
    held = {int(number): at for number, at in keeper.posts.get("post", {}).items()}
    assert held == {number: row["at"] + "Z" for number, row in site.public().items()} or not site.public()


@pytest.mark.parametrize("gone", [20, 300])
def test_rows_that_vanish_before_the_window_cost_a_few_requests_and_lose_nothing(gone: int) -> None:
    """The table of real crawls: pages by number lose as many posts as go, the window walk none."""
    site = Site()
    for number in range(1, 2419):
        site.add(number)

    def meanwhile(site: Site, request: int) -> None:
        if request == 13:
            for number in range(1, gone + 1):
                site.posts[number]["status"] = "private"

    site.meanwhile = meanwhile
    keeper = Keeper(site)
    asked = [url for url in keeper.run() if "/posts?orderby=id" in url]
    assert not set(site.public()) - {int(number) for number in keeper.posts["post"]}
    assert len([url for url in asked if "content" in url]) <= 25 + 12
