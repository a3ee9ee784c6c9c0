"""The WordPress server of the tests does what the tests rely on."""

import base64
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.wordpress import events
from tests.wordpress.ask import POSTS, ask, ids
from tests.wordpress.fixtures import MakeSite
from tests.wordpress.played import PLAYED
from tests.wordpress.server import PLAYS, ServerError, WordPress
from tests.wordpress.truth import truth

pytestmark = pytest.mark.wordpress


@pytest.fixture(scope="module")
def intact(wordpress_sites: MakeSite) -> WordPress:
    """A site with 40 posts which no test changes: the plays below only change its answers."""
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


def test_content_is_the_same_every_time(wordpress_sites: MakeSite, wordpress_small: WordPress) -> None:
    """Filling another site gives the same ids, titles, bodies and times."""
    other = wordpress_sites()
    other.fill(40)
    columns = "SELECT ID, post_type, post_status, post_title, post_name, post_author, post_date_gmt, post_modified_gmt"
    query = (
        columns + ", REPLACE(post_content, '{}', '') AS body FROM wp_posts WHERE post_type <> 'revision' ORDER BY ID"
    )
    assert other.sql(query.format(other.url)) == wordpress_small.sql(query.format(wordpress_small.url))


def test_php_runs_inside_wordpress(wordpress_small: WordPress) -> None:
    """PHP code gets its arguments and WordPress' functions; its errors are raised with their message."""
    assert wordpress_small.php("echo $args[0], get_bloginfo( 'name' );", "é") == "éWörld &amp; Weft"
    with pytest.raises(ServerError, match="no_such_function"):
        wordpress_small.php("no_such_function();")


def test_access_log_tells_each_request(wordpress_small: WordPress) -> None:
    """The log holds method, target, headers and the final status, of a fatal error too."""
    first = ids(wordpress_small, "&per_page=1")[0]
    ask(wordpress_small, POSTS, X_Play=f"poison?ids={first}", X_Mark="here")
    wanted = ("GET", POSTS, 500, "here")
    last = wordpress_small.requests()[-1]
    assert (last.method, last.target, last.status, last.headers["X-Mark"]) == wanted
    wordpress_small.clear_requests()
    assert wordpress_small.requests() == []


def test_restart_keeps_address_and_content(wordpress_small: WordPress) -> None:
    """A stopped site refuses connections; started again it is where it was."""
    before = wordpress_small.url, ids(wordpress_small)
    wordpress_small.stop()
    with pytest.raises(urllib.error.URLError, match="refused"):
        ask(wordpress_small, "/")
    wordpress_small.start()
    assert (wordpress_small.url, ids(wordpress_small)) == before


def test_application_password_opens_drafts(wordpress_small: WordPress) -> None:
    """An application password shows what is not public."""
    pair = f"admin:{events.application_password(wordpress_small)}".encode()
    drafts = ask(
        wordpress_small, "/wp-json/wp/v2/posts?status=draft", Authorization=f"Basic {base64.b64encode(pair).decode()}"
    )
    assert drafts[0] == 200
    assert json.loads(drafts[2])[0]["title"]["rendered"] == "Secret draft 20"


def test_custom_types(wordpress_small: WordPress) -> None:
    """Custom types appear when asked for, one of them in a namespace of its own."""
    wordpress_small.show_types()
    events.publish(wordpress_small, "A thing", type="thing")
    assert json.loads(ask(wordpress_small, "/wp-json/acme/v1/things")[2])[0]["title"]["rendered"] == "A thing"
    assert "secret" not in json.loads(ask(wordpress_small, "/wp-json/wp/v2/types")[2])


def test_unknown_play_is_refused(wordpress_small: WordPress) -> None:
    """A play that does not exist is an error, not a healthy site."""
    with pytest.raises(ValueError, match="bomb"):
        wordpress_small.play("bomb")
    assert ask(wordpress_small, "/", X_Play="bomb")[2] == b"unknown play bomb"


@pytest.mark.parametrize(("name", "arguments", "path", "status", "body", "headers"), PLAYED)
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


def test_poison_spoils_only_answers_with_the_post(wordpress_small: WordPress) -> None:
    """A poison post breaks the page it is on, in the way asked for, and no other."""
    first, second = ids(wordpress_small, "&per_page=2")
    for how, status in (("fatal", 500), ("empty_500", 500), ("too_big", 200)):
        wordpress_small.play("poison", ids=[first], how=how, mb=2)
        answer = ask(wordpress_small, f"{POSTS}&include={first}")
        assert (answer[0], len(answer[2]) > 2**21) == (status, how == "too_big")
        assert ask(wordpress_small, f"{POSTS}&include={second}")[0] == 200
    wordpress_small.play("poison", ids=[first], how="timeout", seconds=30)
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(f"{wordpress_small.url}{POSTS}&include={first}", timeout=1)
    wordpress_small.restart()


def test_busy_refuses_the_first_requests(wordpress_small: WordPress) -> None:
    """The first k requests are answered 429 with Retry-After, the next ones well."""
    wordpress_small.play("busy", first=2, retry_after=3)
    answers = [ask(wordpress_small, POSTS) for _ in range(3)]
    assert [(status, headers.get("retry-after")) for status, headers, _ in answers] == [
        (429, "3"),
        (429, "3"),
        (200, None),
    ]


def test_offset_ignored_repeats_the_page(wordpress_small: WordPress) -> None:
    """A server that ignores `offset` gives its first page again and again."""
    assert ids(wordpress_small) != ids(wordpress_small, "&offset=10")
    wordpress_small.play("ignores_offset")
    assert ids(wordpress_small) == ids(wordpress_small, "&offset=10") == ids(wordpress_small, "&page=2")


def test_stale_page_hides_an_edit(wordpress_small: WordPress) -> None:
    """A cached page stays what it was at first, until the play ends."""
    one = f"{POSTS}&include={ids(wordpress_small)[1]}"
    wordpress_small.play("stale", match="include=")
    before = ask(wordpress_small, one)[2]
    events.edit(wordpress_small, ids(wordpress_small)[1], append="<p>Fresh words.</p>")
    assert ask(wordpress_small, one)[2] == before
    wordpress_small.play(None)
    assert b"Fresh words." in ask(wordpress_small, one)[2]


def test_change_injected_between_requests(wordpress_small: WordPress) -> None:
    """A change can be had just before the n-th request: a crawl by offset loses as many posts as it hides."""
    all_ids = ids(wordpress_small, "&per_page=100")
    wordpress_small.plays(
        inject={"before": 3, "match": "offset=", "events": [{"event": "trash", "ids": all_ids[:5]}]}, bom={}
    )
    pages = [ask(wordpress_small, f"{POSTS}&_fields=id&offset={offset}")[2] for offset in (0, 10, 20, 30)]
    crawled = [post["id"] for page in pages for post in json.loads(page.decode("utf-8-sig"))]
    assert crawled == all_ids[:20] + all_ids[25:]


def test_order_by_modified_loses_posts(wordpress_site: WordPress) -> None:
    """MariaDB is as bad as on live sites: pages by `modified` do not add up to all posts, though nothing changed."""
    wordpress_site.reset()
    pages = [f"/wp-json/wp/v2/posts?orderby=modified&order=asc&per_page=20&_fields=id&page={n}" for n in range(1, 17)]
    rows = [post["id"] for page in pages for post in json.loads(ask(wordpress_site, page)[2])]
    assert len(rows) == 320 > len(set(rows))


def test_every_play_is_tested() -> None:
    """No play is without a test here, but `slow`, which is what it says."""
    own = {"poison", "busy", "ignores_offset", "stale", "inject", "slow"}
    assert own | {play[0] for play in PLAYED} == PLAYS


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
    deadline = time.monotonic() + 60
    while (answer := connect(url)) != errno.ECONNREFUSED and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answer == errno.ECONNREFUSED


def connect(url: str) -> int:
    """The error number of a connection to an address; 0 when something accepts it."""
    with socket.socket() as client:
        client.settimeout(5)
        return client.connect_ex(("127.0.0.1", int(url.rpartition(":")[2])))
