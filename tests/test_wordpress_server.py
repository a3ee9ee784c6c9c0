"""The WordPress server of the tests does what the tests rely on."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.wordpress import events
from tests.wordpress.fixtures import MakeSite
from tests.wordpress.server import PLAYS, ServerError, WordPress
from tests.wordpress.truth import truth

pytestmark = pytest.mark.wordpress

POSTS = "/wp-json/wp/v2/posts?orderby=id&order=asc"
Answer = tuple[int, dict[str, str], bytes]


def ask(site: WordPress, path: str, **headers: str) -> Answer:
    """What the site answers: status, headers by lower-case name, body."""
    request = urllib.request.Request(site.url + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def ids(site: WordPress, query: str = "") -> list[int]:
    """The ids of a page of posts, by id."""
    return [post["id"] for post in json.loads(ask(site, f"{POSTS}&_fields=id{query}")[2])]


@pytest.fixture(scope="module")
def small(wordpress_sites: MakeSite) -> WordPress:
    """A WordPress 6.1 with 40 posts, which the tests below change as they like."""
    return wordpress_sites(posts=40)


@pytest.fixture
def site(small: WordPress) -> WordPress:
    """The small site as it was first filled."""
    small.reset()
    return small


@pytest.fixture(scope="module")
def intact(wordpress_sites: MakeSite) -> WordPress:
    """Such a site that no test changes: the plays below only change its answers."""
    return wordpress_sites(posts=40)


@pytest.mark.parametrize("name", ["wordpress_site", "wordpress_plain", "wordpress_far"])
def test_public_posts_are_announced(name: str, request: pytest.FixtureRequest) -> None:
    """Each prepared site announces as many posts and pages as its database holds in public."""
    prepared: WordPress = request.getfixturevalue(name)
    prepared.reset()
    public = truth(prepared)
    assert sum(post.type == "post" for post in public) == prepared.posts
    for kind in ("post", "page"):
        answer = ask(prepared, f"/?rest_route=/wp/v2/{kind}s&per_page=1&_fields=id")
        assert int(answer[1]["x-wp-total"]) == sum(post.type == kind for post in public)


def test_truth_is_what_the_site_shows(wordpress_far: WordPress) -> None:
    """Id, link, dates and protection in the truth are those of the REST answers; the clock is Kolkata's."""
    wordpress_far.reset()
    known = {post.id: post for post in truth(wordpress_far)}
    shown = json.loads(ask(wordpress_far, f"{POSTS}&per_page=100")[2])
    assert len(shown) == 60
    for post in shown:
        row = known[post["id"]]
        assert (row.link, row.date_gmt.replace(" ", "T")) == (post["link"], post["date_gmt"])
        assert (row.modified_gmt.replace(" ", "T"), row.protected) == (
            post["modified_gmt"],
            post["content"]["protected"],
        )
    assert (shown[0]["date"], shown[0]["date_gmt"]) == ("2010-01-04T15:17:42", "2010-01-04T09:47:42")


def test_plain_permalinks_answer_html_at_wp_json(wordpress_plain: WordPress) -> None:
    """With plain permalinks /wp-json/ is the home page with status 200, and the API is at ?rest_route= alone."""
    wordpress_plain.reset()
    status, headers, _ = ask(wordpress_plain, "/wp-json/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=UTF-8")
    assert headers["link"] == f'<{wordpress_plain.url}/index.php?rest_route=/>; rel="https://api.w.org/"'
    assert json.loads(ask(wordpress_plain, "/?rest_route=/")[2])["home"] == wordpress_plain.url


def test_site_in_a_folder(wordpress_sites: MakeSite) -> None:
    """A site may live in a folder of its host, outside of which there is nothing."""
    blog = wordpress_sites(prefix="/blog", posts=5)
    assert json.loads(ask(blog, "/wp-json/")[2])["url"] == blog.url
    outside = urllib.request.Request(blog.url.removesuffix("/blog") + "/wp-json/")
    with pytest.raises(urllib.error.HTTPError, match="404") as missed:
        urllib.request.urlopen(outside, timeout=60)
    missed.value.close()


def test_content_is_the_same_every_time(wordpress_sites: MakeSite, site: WordPress) -> None:
    """Filling another site gives the same ids, titles, bodies and times."""
    other = wordpress_sites()
    other.fill(40)
    columns = "SELECT ID, post_type, post_status, post_title, post_name, post_author, post_date_gmt, post_modified_gmt"
    query = (
        columns + ", REPLACE(post_content, '{}', '') AS body FROM wp_posts WHERE post_type <> 'revision' ORDER BY ID"
    )
    assert other.sql(query.format(other.url)) == site.sql(query.format(site.url))


def test_php_runs_inside_wordpress(site: WordPress) -> None:
    """PHP code gets its arguments and WordPress' functions; its errors are raised with their message."""
    assert site.php("echo $args[0], get_bloginfo( 'name' );", "é") == "éWörld &amp; Weft"
    with pytest.raises(ServerError, match="no_such_function"):
        site.php("no_such_function();")


def test_access_log_tells_each_request(site: WordPress) -> None:
    """The log holds method, target, headers and the final status, of a fatal error too."""
    first = ids(site, "&per_page=1")[0]
    ask(site, POSTS, X_Play=f"poison?ids={first}", X_Mark="here")
    wanted = ("GET", POSTS, 500, "here")
    last = site.requests()[-1]
    assert (last.method, last.target, last.status, last.headers["X-Mark"]) == wanted
    site.clear_requests()
    assert site.requests() == []


def test_restart_keeps_address_and_content(site: WordPress) -> None:
    """A stopped site refuses connections; started again it is where it was."""
    before = site.url, ids(site)
    site.stop()
    with pytest.raises(urllib.error.URLError, match="refused"):
        ask(site, "/")
    site.start()
    assert (site.url, ids(site)) == before


def test_application_password_opens_drafts(site: WordPress) -> None:
    """An application password shows what is not public."""
    pair = f"admin:{events.application_password(site)}".encode()
    drafts = ask(site, "/wp-json/wp/v2/posts?status=draft", Authorization=f"Basic {base64.b64encode(pair).decode()}")
    assert drafts[0] == 200
    assert json.loads(drafts[2])[0]["title"]["rendered"] == "Secret draft 20"


def test_custom_types(site: WordPress) -> None:
    """Custom types appear when asked for, one of them in a namespace of its own."""
    site.show_types()
    events.publish(site, "A thing", type="thing")
    assert json.loads(ask(site, "/wp-json/acme/v1/things")[2])[0]["title"]["rendered"] == "A thing"
    assert "secret" not in json.loads(ask(site, "/wp-json/wp/v2/types")[2])


def test_unknown_play_is_refused(site: WordPress) -> None:
    """A play that does not exist is an error, not a healthy site."""
    with pytest.raises(ValueError, match="bomb"):
        site.play("bomb")
    assert ask(site, "/", X_Play="bomb")[2] == b"unknown play bomb"


# play, arguments, path, status, what the body holds, what the headers hold (an empty value: such a header is absent)
_PLAYS: list[tuple[str, dict[str, Any], str, int, str, dict[str, str]]] = [
    ("rest_not_logged_in", {}, POSTS, 401, '"rest_not_logged_in"', {"content-type": "application/json"}),
    ("rest_cannot_access", {}, POSTS, 403, '"rest_cannot_access"', {}),
    ("rest_disabled", {"status": 404}, POSTS, 404, '"rest_disabled"', {}),
    ("rest_no_route", {}, POSTS, 404, '"rest_no_route"', {}),
    ("wp_die", {}, POSTS, 403, "<title>Forbidden</title>", {"content-type": "text/html"}),
    ("users_closed", {}, "/wp-json/wp/v2/users", 404, '"rest_no_route"', {}),
    ("users_closed", {"status": 401}, "/wp-json/wp/v2/users", 401, '"rest_user_cannot_view"', {}),
    ("firewall", {}, POSTS, 403, "<center>nginx</center>", {}),
    ("firewall", {}, "/?rest_route=/wp/v2/posts", 200, '[{"id":', {}),
    ("challenge", {}, "/", 403, "Just a moment...", {"cf-mitigated": "challenge"}),
    ("login_wall", {}, POSTS, 200, "<form", {"content-type": "text/html"}),
    ("bom", {}, POSTS, 200, '\ufeff[{"id":', {"content-type": "application/json"}),
    ("bom", {}, "/feed/", 200, "\ufeff<?xml", {}),
    ("blank_lines", {}, POSTS, 200, '\n\r\n\n[{"id":', {}),
    ("php_warning", {}, POSTS, 200, "<br />\n<b>Warning</b>:  Undefined", {"content-type": "application/json"}),
    ("cache_comment", {}, POSTS, 200, "]\n<!-- Cached by", {}),
    ("html_type", {}, POSTS, 200, '[{"id":', {"content-type": "text/html"}),
    ("no_totals", {}, POSTS, 200, '[{"id":', {"x-wp-total": "", "x-wp-totalpages": "", "link": "<"}),
    ("no_totals", {}, POSTS + "&_envelope=1&_fields=id", 200, '"X-WP-Total":40', {"x-wp-total": ""}),
    ("wrong_totals", {"add": 5}, POSTS, 200, '[{"id":', {"x-wp-total": "45"}),
    ("per_page_cap", {"cap": 20}, POSTS + "&per_page=21", 400, "must be between 1 (inclusive) and 20 (inclusive)", {}),
    ("ignores_fields", {}, POSTS + "&_fields=id", 200, '"content":', {}),
    ("ignores_modified_after", {}, POSTS + "&modified_after=2099-01-01T00:00:00Z", 200, '[{"id":', {}),
    ("empty", {}, POSTS, 200, "[]", {"x-wp-total": "0"}),
    ("down", {}, "/feed/", 500, "critical error", {"content-type": "text/html"}),
    ("rest_prefix", {}, "/api/wp/v2/posts", 200, '[{"id":', {}),
    ("rest_prefix", {}, "/wp-json/wp/v2/posts", 404, "<html", {"link": "/api/>; rel="}),
    ("plain_permalinks", {}, "/wp-json/", 200, "<html", {"link": "/index.php?rest_route=/>; rel="}),
    ("hidden_discovery", {}, "/", 200, "<html", {"link": ""}),
    ("junk", {"how": "php"}, POSTS, 200, "<?php", {"content-type": "application/json"}),
    ("feed_off", {}, "/feed/", 403, "No feed", {}),
    ("sitemap_off", {}, "/wp-sitemap.xml", 404, "", {}),
    ("robots", {}, "/robots.txt", 200, "Disallow: /\n", {}),
    ("plugin_keys", {}, POSTS, 200, '"yoast_head_json":{"title"', {}),
    ("feed_summary", {}, "/feed/", 200, "<description>", {}),
]


@pytest.mark.parametrize(("name", "arguments", "path", "status", "body", "headers"), _PLAYS)
def test_play(
    intact: WordPress,
    name: str,
    arguments: dict[str, Any],
    path: str,
    status: int,
    body: str,
    headers: dict[str, str],
) -> None:
    """A play gives the answer that was seen on live sites of its kind, and its end makes the site whole again."""
    intact.play(name, **arguments)
    answer = ask(intact, path)
    assert (answer[0], body) == (status, body if body in answer[2].decode() else answer[2][:300])
    for header, part in headers.items():
        assert (part in answer[1][header]) if part else (header not in answer[1])
    intact.play(None)
    assert len(ids(intact)) == 10


def test_poison_spoils_only_answers_with_the_post(site: WordPress) -> None:
    """A poison post breaks the page it is on, in the way asked for, and no other."""
    first, second = ids(site, "&per_page=2")
    for how, status in (("fatal", 500), ("empty_500", 500), ("too_big", 200)):
        site.play("poison", ids=[first], how=how, mb=2)
        answer = ask(site, f"{POSTS}&include={first}")
        assert (answer[0], len(answer[2]) > 2**21) == (status, how == "too_big")
        assert ask(site, f"{POSTS}&include={second}")[0] == 200
    site.play("poison", ids=[first], how="timeout", seconds=30)
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(f"{site.url}{POSTS}&include={first}", timeout=1)
    site.restart()


def test_busy_refuses_the_first_requests(site: WordPress) -> None:
    """The first k requests are answered 429 with Retry-After, the next ones well."""
    site.play("busy", first=2, retry_after=3)
    answers = [ask(site, POSTS) for _ in range(3)]
    assert [(status, headers.get("retry-after")) for status, headers, _ in answers] == [
        (429, "3"),
        (429, "3"),
        (200, None),
    ]


def test_offset_ignored_repeats_the_page(site: WordPress) -> None:
    """A server that ignores `offset` gives its first page again and again."""
    assert ids(site) != ids(site, "&offset=10")
    site.play("ignores_offset")
    assert ids(site) == ids(site, "&offset=10") == ids(site, "&page=2")


def test_stale_page_hides_an_edit(site: WordPress) -> None:
    """A cached page stays what it was at first, until the play ends."""
    one = f"{POSTS}&include={ids(site)[1]}"
    site.play("stale", match="include=")
    before = ask(site, one)[2]
    events.edit(site, ids(site)[1], append="<p>Fresh words.</p>")
    assert ask(site, one)[2] == before
    site.play(None)
    assert b"Fresh words." in ask(site, one)[2]


def test_every_play_is_tested() -> None:
    """No play is without a test here; `ignores`, `login_wall` and `slow` are variants or what they say."""
    own = {"poison", "busy", "ignores_offset", "stale", "ignores", "slow"}
    assert own | {play[0] for play in _PLAYS} == PLAYS


def test_events_are_seen_by_delta_as_on_a_live_site(site: WordPress) -> None:
    """An edit is in the delta; a scheduled post published by cron, and an importer's old post, are not."""
    delta = "&modified_after=2026-01-01T00:00:00Z&per_page=100"
    edited = ids(site)[3]
    events.edit(site, edited, modified="2026-02-02 02:02:02")
    due = events.schedule(site, "Due", at="2026-03-03 03:03:03", modified="2025-12-01 00:00:00")
    imported = events.publish(site, "Old", at="2011-11-11 11:11:11")
    assert ids(site, delta) == [edited]
    assert events.run_cron(site, "2026-03-03 03:03:03") == [due]
    assert ids(site, delta) == [edited]
    assert {due, imported} < {post.id for post in truth(site)}


def test_events_hide_and_show_posts(site: WordPress) -> None:
    """Trash, deletion, privacy and passwords do what the editor's do, and are undone likewise."""
    trashed, private, protected, deleted = ids(site)[:4]
    events.trash(site, trashed)
    events.set_status(site, "private", private)
    events.set_password(site, "sesame", protected)
    events.delete(site, deleted)
    seen = [
        ask(site, f"/wp-json/wp/v2/posts/{post}?_fields=content") for post in (trashed, private, protected, deleted)
    ]
    assert [answer[0] for answer in seen] == [401, 401, 200, 404]
    assert json.loads(seen[2][2])["content"] == {"rendered": "", "protected": True}
    events.restore(site, trashed)
    events.set_status(site, "publish", private)
    events.set_password(site, "", protected)
    shown = {post.id: post.protected for post in truth(site)}
    assert (shown[trashed], shown[private], shown[protected], deleted in shown) == (False, False, False, False)


def test_events_that_no_modified_time_tells(site: WordPress) -> None:
    """Renamed terms and authors, tags set by code and comments leave every modified time alone."""
    before = {post.id: post.modified_gmt for post in truth(site)}
    first = ids(site)[0]
    events.rename_term(site, "category", "Bread", "Loaves & rolls")
    events.rename_user(site, "ana", "Ana N.")
    events.set_tags(site, ["new"], first)
    number = events.comment(site, first, "Well said", at="2026-01-01 00:00:00")
    after = {post.id: post for post in truth(site)}
    assert {post.id: post.modified_gmt for post in after.values()} == before
    assert after[first].tags == ("new",)
    assert "Ana N." in {post.author for post in after.values()}
    assert any("Loaves & rolls" in post.categories for post in after.values())
    assert json.loads(ask(site, f"/wp-json/wp/v2/comments/{number}")[2])["date_gmt"] == "2026-01-01T00:00:00"


def test_time_zone_change_moves_the_clock(site: WordPress) -> None:
    """After a change of zone the stored times stay and a new post's local time is the new zone's."""
    before = [(post.date, post.date_gmt) for post in truth(site)]
    events.set_timezone(site, "Pacific/Auckland")
    new = events.publish(site, "From afar", at="2026-07-01 00:00:00")
    after = truth(site)
    assert [(post.date, post.date_gmt) for post in after if post.id != new] == before
    assert [post.date for post in after if post.id == new] == ["2026-07-01 12:00:00"]


def test_servers_die_with_the_tests(tmp_path: Path) -> None:
    """A test process that is killed outright leaves no server behind."""
    code = (
        "import pathlib, sys, time; from tests.wordpress.server import WordPress\n"
        "site = WordPress(pathlib.Path(sys.argv[1])).__enter__(); print(site.url, flush=True); time.sleep(600)"
    )
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        url = tests.stdout.readline().strip()
        os.kill(tests.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            break
        time.sleep(0.1)
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(url, timeout=5)
