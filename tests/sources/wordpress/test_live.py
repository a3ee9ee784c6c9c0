"""A live site over its life: backfill, polls and what they cost, interruptions, names, what is gone."""

import json

import pytest

from ingest.errors import FetchError
from ingest.records import PostItem, Request, Response
from ingest.sources import wordpress
from tests.sources.wordpress.fake import HOME, Keeper, Site

NOW = "2026-01-25T00:00:00Z"


def _large(posts: int = 2400) -> Site:
    """A site of `posts` posts, 18 pages and no books."""
    site = Site()
    for number in range(1, posts + 1):
        site.add(number * 3, at=f"2025-{1 + number % 12:02}-{1 + number % 28:02}T10:00:00")
    for number in range(18):
        site.add(20001 + number, "page")
    return site


def _ids(site: Site, type_: str = "post") -> set[str]:
    return {str(number) for number in site.public(type_)}


def test_a_backfill_stores_every_public_row_and_proves_it() -> None:
    """All posts and pages, the terms and people by name, and the ids that the site announces."""
    site = _large(320)
    site.posts[3]["status"] = "draft"
    keeper = Keeper(site)
    keeper.run(NOW)
    assert set(keeper.posts["post"]) == _ids(site)
    assert set(keeper.posts["page"]) == _ids(site, "page")
    assert keeper.terms == {"category": {"1"}}
    assert keeper.people == {"1"}
    announced = [page.announced for page in keeper.pages if page.announced]
    assert announced[-1].totals == {"post": 319, "page": 18, "book": 0}
    assert {name: set(ids) for one in announced for name, ids in one.ids.items()}["post"] == _ids(site)
    assert not keeper.trouble


def test_what_is_asked_is_what_is_cheap() -> None:
    """Never `_embed` nor `orderby=modified`; `_fields` are all of a type's keys less links and rendered duplicates."""
    site = _large(120)
    asked = Keeper(site).run(NOW)
    walks = [url for url in asked if "/posts?orderby=id" in url]
    assert not [url for url in asked if "_embed=" in url or "orderby=modified" in url or "types?_fields" in url]
    assert "acf" in walks[0]
    assert not {"_links", "yoast_head"} & set(walks[0].split("_fields=")[1].split("&")[0].split(","))


def test_an_unchanged_site_costs_two_requests_and_no_write() -> None:
    """The feed answers 304, the number of posts is the same: nothing else is asked, the cursor stays."""
    keeper = Keeper(_large())
    assert len(keeper.run(NOW)) <= 45
    for hour in (1, 2, 3):
        asked = keeper.run(f"2026-01-25T0{hour}:00:00Z")
        assert asked == [f"{HOME}/feed/", f"{HOME}/wp-json/wp/v2/posts?per_page=1&_fields=id"]
        assert keeper.cursor_writes == 0


def test_ten_edits_cost_at_most_fifteen_requests() -> None:
    """The feed changed: modified, published and newest ids are asked, and the ten bodies at once."""
    site = _large()
    keeper = Keeper(site)
    keeper.run(NOW)
    for number in range(30, 330, 30):
        site.edit(number, "2026-01-25T00:30:00")
    asked = keeper.run("2026-01-25T01:00:00Z")
    assert keeper.stored == 10
    assert len(asked) <= 15
    assert all(keeper.titles[f"post/{number}"].endswith("edited 2026-01-25T00:30:00") for number in range(30, 330, 30))
    assert len(keeper.run("2026-01-25T02:00:00Z")) == 2


@pytest.mark.parametrize("hidden", [0, 2])
def test_news_cost_the_same_every_time(hidden: int) -> None:
    """Also where the site counts rows that it does not list: what it lists moves with what it counts."""
    site = _large(600)
    site.totals = lambda count: str(count + hidden if count else 0)
    keeper = Keeper(site)
    keeper.run(NOW)
    for hour in range(1, 7):
        now = f"2026-01-25T0{hour}:00:00Z"
        site.add(30000 + hour, at=now.removesuffix("Z"))
        asked = keeper.run(now)
        assert (keeper.stored, len(asked)) == (1, 9 if hidden else 8), hour
        for minute in ("00:00", "30:00"):
            announced = [page.announced.totals["post"] for page in keeper.pages if page.announced]
            assert announced[-1] == 600 + hour, "what is announced is what is listed"
            assert minute == "30:00" or len(keeper.run(now.replace("00:00", "30:00"))) == 2
    assert set(keeper.posts["post"]) == _ids(site)


def test_additions_and_a_deletion_among_them_cost_at_most_forty() -> None:
    """The number does not fit what is held: the manifest is walked, the missing post is looked at by itself."""
    site = _large()
    keeper = Keeper(site)
    keeper.run(NOW)
    for number in range(8001, 8010):
        site.add(number, at="2026-01-25T00:30:00")
    del site.posts[600]
    asked = keeper.run("2026-01-25T01:00:00Z")
    assert len(asked) <= 40
    assert set(keeper.posts["post"]) == _ids(site)
    assert keeper.gone == {"post/600": ("erased", "404 rest_post_invalid_id")}
    assert len(keeper.run("2026-01-25T02:00:00Z")) == 2


@pytest.mark.parametrize(
    ("change", "seen_by"),
    [
        ("scheduled, published by cron", "2026-01-25T01:00:00Z"),
        ("inserted with an old date", "2026-01-25T01:00:00Z"),
        ("trashed", "2026-01-25T01:00:00Z"),
        ("trashed while another is inserted with an old date", "2026-02-02T00:00:00Z"),
        ("changed behind WordPress' back", "2026-02-26T00:00:00Z"),
    ],
)
def test_what_each_change_looks_like(change: str, seen_by: str) -> None:
    """Each kind of change is found: at once where the sentinel shows it, by the manifest, or by the monthly look."""
    site = _large(400)
    site.add(9000, at="2025-01-01T00:00:00", status="future")
    keeper = Keeper(site)
    keeper.run(NOW)
    if change.startswith("scheduled"):
        site.posts[9000] |= {"status": "publish", "date": "2026-01-25T00:30:00"}
    if "trashed" in change:
        site.posts[300]["status"] = "trash"
    if "inserted" in change:
        site.posts[9100] = {**site.posts[303], "title": "Imported", "at": "2010-01-01T00:00:00"}
    if change.startswith("changed"):
        site.posts[306]["title"] = "Replaced by SQL"
    keeper.run(seen_by)
    assert set(keeper.posts["post"]) == _ids(site)
    assert {number: keeper.titles[f"post/{number}"] for number in _ids(site)} == {
        str(number): row["title"] for number, row in site.public().items()
    }


def test_an_interrupted_run_goes_on_at_the_very_next_window() -> None:
    """Stopped after any request, the next run asks what would have come next; at most one page twice."""
    whole = Keeper(_large(400)).run(NOW)
    for most in range(1, len(whole)):
        keeper = Keeper(_large(400))
        first = keeper.run(NOW, most=most)
        second = keeper.run("2026-01-25T01:00:00Z")
        assert len(first) + len(second) <= len(whole) + 1 + ("feed" in first[-1]), most
        assert len(keeper.posts["post"]) == 400
        assert len(keeper.run("2026-01-25T02:00:00Z")) == 2


def test_an_interrupted_poll_forgets_no_edit() -> None:
    """The feed's new validators are stored with the fact that the edits behind them are still to be fetched."""
    site = _large(400)
    keeper = Keeper(site)
    keeper.run(NOW)
    site.edit(300, "2026-01-25T00:30:00")
    keeper.run("2026-01-25T01:00:00Z", most=1)
    keeper.run("2026-01-25T02:00:00Z")
    assert keeper.titles["post/300"].endswith("edited 2026-01-25T00:30:00")


def test_names_that_nobody_knows_yet_are_asked_by_id() -> None:
    """A new post names a new category and a new author: both are fetched, and only they."""
    site = _large(320)
    keeper = Keeper(site)
    keeper.run(NOW)
    site.terms["category"][7], site.users[5] = "Sleep", "Lee"
    site.add(9000, at="2026-01-25T00:30:00", terms=[1, 7], author=5)
    asked = keeper.run("2026-01-25T01:00:00Z")
    assert keeper.terms["category"] == {"1", "7"}
    assert keeper.people == {"1", "5"}
    assert [url for url in asked if "categories?include=7&" in url]


def test_a_mass_disappearance_marks_nothing_until_the_operator_says_so() -> None:
    """More than a tenth and more than twenty at once: every run says so, none marks; accepted, they are looked at."""
    site = _large(400)
    keeper = Keeper(site)
    keeper.run(NOW)
    for number in range(3, 303, 3):
        del site.posts[number]
    for hour in (1, 2):
        asked = keeper.run(f"2026-01-25T0{hour}:00:00Z")
        assert "mass_disappearance" in keeper.trouble
        assert len(asked) < 10
    assert not keeper.gone
    keeper.options["accept_gone"] = True
    keeper.run("2026-01-25T03:00:00Z")
    assert len(keeper.gone) == 100
    assert {kind for kind, _ in keeper.gone.values()} == {"erased"}
    keeper.options.clear()
    keeper.run("2026-01-25T04:00:00Z")
    assert not keeper.trouble


def test_a_site_that_is_suddenly_empty_has_lost_nothing() -> None:
    """`[]` after years of posts is no evidence."""
    site = _large(30)
    keeper = Keeper(site)
    keeper.run(NOW)
    rows, site.posts = site.posts, {}
    keeper.run("2026-01-25T01:00:00Z")
    assert "suddenly_empty" in keeper.trouble
    assert not keeper.gone
    site.posts = rows
    keeper.run("2026-01-25T02:00:00Z")
    assert not keeper.trouble
    assert len(keeper.posts["post"]) == 30


def test_absence_alone_counts_when_two_manifests_of_two_runs_agree() -> None:
    """A post that is not listed, and whose own address says nothing, is withdrawn at the second look."""
    site = _large(60)
    keeper = Keeper(site)
    keeper.run(NOW)
    row = site.posts.pop(30)
    site.rewrite = lambda answer: _silent(answer) if "/posts/30?" in answer.request.url else answer
    keeper.run("2026-02-02T00:00:00Z")
    assert "30" in keeper.posts["post"]
    assert keeper.cursor["absent"] == {"post": {"30": "2026-02-02T00:00:00Z"}}
    keeper.run("2026-02-10T00:00:00Z")
    assert keeper.gone["post/30"][0] == "unpublished"
    site.posts[30] = row
    keeper.run("2026-02-18T00:00:00Z")
    assert "30" in keeper.posts["post"]


def _silent(answer: Response) -> Response:
    """A refusal that is no word of WordPress."""
    import io

    return Response(answer.request, answer.url, 403, {"content-type": "application/json"}, io.BytesIO(b'{"no":1}'))


def test_a_host_that_does_not_answer_ends_the_run_with_its_own_error() -> None:
    """No smaller question is asked of a refused connection."""
    source = Keeper(_large(3)).source(NOW)
    (request,) = wordpress.start(source)
    error = FetchError(request.url, "refused", "connection refused")
    error.request = request
    with pytest.raises(FetchError):
        list(wordpress.read(source, error))


def test_comments_are_collected_where_they_are_asked_for() -> None:
    """They carry people's names: only with the option."""
    site = _large(3)
    site.comments = {1: 3, 2: 3}
    keeper = Keeper(site)
    keeper.run(NOW)
    assert not keeper.comments
    keeper = Keeper(site, options={"comments": True})
    keeper.run(NOW)
    assert keeper.comments == {"1", "2"}


def test_the_cursor_is_json_and_small() -> None:
    """No ids of posts pile up in it: a site of 2,400 posts needs no more than one of 10."""
    small, large = Keeper(_large(10)), Keeper(_large())
    small.run(NOW)
    large.run(NOW, most=30)
    assert len(json.dumps(large.cursor)) < 6000
    assert len(json.dumps(small.cursor)) < 6000


def test_everything_anew_when_it_is_asked_for() -> None:
    """`--full`: every body once more, terms and users too, the feed unconditionally."""
    site = _large(120)
    keeper = Keeper(site)
    keeper.run(NOW)
    site.posts[30]["title"] = "Replaced by SQL"
    keeper.run("2026-01-25T01:00:00Z", full=True)
    assert keeper.stored == 138
    assert keeper.titles["post/30"] == "Replaced by SQL"


def test_a_request_can_be_made_from_any_post_item() -> None:
    """Items carry the exact bytes that were sent for them."""
    site = _large(3)
    keeper = Keeper(site)
    keeper.run(NOW)
    posts = [item for page in keeper.pages for item in page.items if isinstance(item, PostItem)]
    assert {json.loads(post.raw)["id"] for post in posts} == set(site.posts)
    assert {post.home for post in posts} == {HOME}
    assert isinstance(wordpress.start(keeper.source(NOW))[0], Request)
