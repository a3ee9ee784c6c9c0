"""A live site of which only the posts from some day on are wanted."""

from collections.abc import Iterator

import pytest

from ingest.records import Announced
from tests.sources.wordpress.fake import Keeper, Site

NOW = "2026-01-25T00:00:00Z"
DAY = "2024-07-01"


def site(posts: int = 500, older: int = 300) -> Site:
    """A site of which so many posts are from before the day, spread among the others by id."""
    found = Site()
    for number in range(1, posts + 1):
        old = number % posts < older if number % 2 else number % posts >= posts - older
        found.add(number, date=f"{2019 if old else 2025}-{1 + number % 12:02}-{1 + number % 28:02}T10:00:00")
    for number in range(18):
        found.add(20001 + number, "page", date=f"{2015 + number}-01-01T00:00:00")
    return found


def young(of: Site, type_: str = "post") -> set[str]:
    """Ids of the posts from the day on."""
    return {str(number) for number, row in of.public(type_).items() if row["date"] >= DAY}


def announced(keeper: Keeper) -> Announced:
    """What the last run was told in the end."""
    told = [page.announced for page in keeper.pages if page.announced]
    return Announced(told[-1].totals, {name: ids for one in told for name, ids in one.ids.items()})


def left_out(keeper: Keeper) -> dict[str, int]:
    """What the last run counted beside it."""
    return {one.type: one.count for page in keeper.pages for one in page.left_out}


def test_every_listing_asks_for_the_day_and_later_ones() -> None:
    """The whole first day, by the site's own time; an object to know the keys by may be of any age."""
    keeper = Keeper(site(), {"since": DAY})
    asked = keeper.run(NOW)
    listings = [url for url in asked if "/posts?" in url or "/pages?" in url]
    assert {url for url in listings if "after=2024-06-30T23:59:59" not in url} == {
        f"https://blog.example/wp-json/wp/v2/{name}?per_page=1" for name in ("posts", "pages")
    }
    assert not [url for url in asked if "after=" in url and url not in listings and "/books" not in url]
    assert keeper.posts["post"].keys() == young(keeper.site)
    assert announced(keeper).totals == {"post": len(young(keeper.site)), "page": 8, "book": 0}
    assert left_out(keeper) == {"post": 500 - len(young(keeper.site)), "page": 10}


def test_a_poll_compares_with_what_was_wished() -> None:
    """Two requests when nothing happened; an edit, a new post and a deletion cost no more and find no more than ever."""
    keeper = Keeper(site(), {"since": DAY})
    keeper.run(NOW)
    assert len(keeper.run("2026-01-25T01:00:00Z")) == 2
    number = max(map(int, young(keeper.site)))
    keeper.site.add(900, date="2026-01-25T00:00:00", at="2026-01-25T01:30:00")
    keeper.site.add(901, date="2001-01-25T00:00:00", at="2026-01-25T01:30:00")
    del keeper.site.posts[number]
    keeper.run("2026-01-25T02:00:00Z")
    assert keeper.posts["post"].keys() == young(keeper.site)
    assert list(keeper.gone) == [f"post/{number}"]


@pytest.mark.parametrize("total", [str, lambda _: None], ids=["total", "no total"])
@pytest.mark.parametrize("ignores", [("after",), ("after", "offset")])
def test_a_server_that_passes_over_the_question(ignores: tuple[str, ...], total: object) -> None:
    """What is older all the same is neither taken, nor announced, nor asked for again and again."""
    keeper = Keeper(site(), {"since": DAY})
    keeper.site.ignores, keeper.site.totals = frozenset(ignores), total  # type: ignore[assignment]
    keeper.run(NOW)
    assert keeper.posts["post"].keys() == young(keeper.site)
    assert announced(keeper).ids["page"] == young(keeper.site, "page")
    if total is str:
        assert announced(keeper).totals == {"post": len(young(keeper.site)), "page": 8, "book": 0}
        assert len(keeper.run("2026-01-25T01:00:00Z")) == 2
    keeper.run("2026-02-25T01:00:00Z")
    assert not keeper.gone
    assert not keeper.trouble
    assert keeper.posts["post"].keys() == young(keeper.site)


def moves() -> Iterator[tuple[str | None, ...]]:
    """Days, one after the other."""
    yield from (
        (None, DAY, None),
        (DAY, None),
        (DAY, "2019-06-01", None),
        (DAY, "2026-01-01", DAY),
        (None, "2030-01-01"),
    )


@pytest.mark.parametrize("most", [2000, 7, 3])
@pytest.mark.parametrize("days", list(moves()))
def test_the_day_moves_and_nothing_is_lost_or_buried(days: tuple[str | None, ...], most: int) -> None:
    """Also where each run is interrupted after a few requests: in the end all is held that was ever wished for."""
    keeper, wished = Keeper(site()), set[str]()
    for n, day in enumerate(days):
        keeper.options = {"since": day} if day else {}
        for hour in range(23):
            keeper.run(f"2026-01-{20 + n}T{hour:02}:00:00Z", most=most)
            assert not keeper.gone
            assert not keeper.trouble
            if not keeper.cursor.get("todo") and keeper.cursor.get("times", {}).get("backfilled"):
                break
        keeper.run(f"2026-01-{20 + n}T23:30:00Z")
        wished |= {str(k) for k, row in keeper.site.public().items() if row["date"] >= (day or "")}
        assert keeper.posts.get("post", {}).keys() == wished
        assert len(keeper.run(f"2026-01-{20 + n}T23:45:00Z")) == 2


def test_only_what_is_missing_is_fetched_when_the_day_moves_back() -> None:
    """A listing of ids, and the bodies that are not held; no post twice."""
    keeper = Keeper(site(), {"since": DAY})
    keeper.run(NOW)
    keeper.options = {}
    asked = keeper.run("2026-01-25T01:00:00Z")
    assert keeper.stored == 500 + 18 - len(young(keeper.site)) - 8
    assert len(asked) < 20


def test_what_went_while_nobody_looked_is_seen_when_it_is_wished_again() -> None:
    """An older post that is held, and deleted behind the day: left in peace until the day is taken away."""
    keeper = Keeper(site())
    keeper.run(NOW)
    number = min(set(map(int, keeper.posts["post"])) - set(map(int, young(keeper.site))))
    del keeper.site.posts[number]
    keeper.options = {"since": DAY}
    for when in ("2026-01-25T01:00:00Z", "2026-02-05T00:00:00Z", "2026-03-05T00:00:00Z"):
        keeper.run(when)
        assert not keeper.gone
    keeper.options = {}
    keeper.run("2026-03-06T00:00:00Z")
    assert list(keeper.gone) == [f"post/{number}"]
