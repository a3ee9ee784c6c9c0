"""A site that was never seen before: everything public, post for post, at any interruption."""

import html
import json
import re
import signal
import time

import pytest

from tests.live.looking import Desk, titles
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress")]


def equals(desk: Desk, site: WordPress) -> None:
    """The corpus is what the site's own database says is public."""
    wanted = truth(site)
    shown = titles(site, [post.id for post in wanted])
    rows = {
        int(row[0]): row[1:]
        for row in desk.ask(
            "SELECT p.remote_id, c.type, p.status, c.url, c.title, c.published_at, c.modified_at, c.authors,"
            " c.categories, c.tags, c.text FROM corpus c JOIN posts p USING (doc_id) WHERE c.gone_at IS NULL"
        )
    }
    assert sorted(rows) == [post.id for post in wanted]
    for post in wanted:
        kind, status, url, title, published, modified, authors, categories, tags, text = rows[post.id]
        assert (kind, status) == (post.type, "protected" if post.protected else "publish")
        assert url == post.link
        assert title == shown[post.id], post.id
        assert published == post.date_gmt.replace(" ", "T") + "Z"
        assert modified == post.modified_gmt.replace(" ", "T") + "Z"
        assert json.loads(authors) == [html.unescape(post.author or "")]
        assert sorted(json.loads(categories)) == sorted(post.categories)
        assert sorted(json.loads(tags)) == sorted(post.tags)
        if post.protected:
            assert text == ""
        else:
            assert_words(post.content, text)


def assert_words(stored: str, text: str) -> None:
    """Every plain sentence of the stored content is in the text, and nothing that is code."""
    for sentence in re.findall(r"Sentence \d+ of \d+ is about [a-z ]+\.", stored):
        assert sentence in text
    for code in ("<p", "<script", "function(", "</", "&#8217;", "&copy;", "{color"):
        assert code not in text, code
    assert text.count("&amp;") == stored.count("&amp;amp;")  # entities are decoded once, never twice


def test_the_corpus_equals_the_sites_own_database(desk: Desk, wordpress_site: WordPress) -> None:
    """Pretty permalinks, WordPress 6.1: 338 public posts and pages, none lost, none invented; then nothing new."""
    wordpress_site.reset()
    code, rows, _ = desk.run("fetch", wordpress_site.url)
    assert code == 0
    assert (rows[-2]["verdict"], rows[-2]["new"], rows[-2]["rejected"]) == ("complete", 338, 0)
    equals(desk, wordpress_site)
    desk.sound()
    before = desk.content(), desk.ask("SELECT * FROM posts"), desk.ask("SELECT * FROM payloads")
    wordpress_site.clear_requests()
    code, rows, _ = desk.run("fetch", wordpress_site.url)
    assert code == 0
    assert (rows[-2]["verdict"], rows[-2]["new"], rows[-2]["changed"]) == ("complete", 0, 0)
    assert len([r for r in wordpress_site.requests() if "robots.txt" not in r.target]) == 2
    assert (desk.content(), desk.ask("SELECT * FROM posts"), desk.ask("SELECT * FROM payloads")) == before


def test_plain_permalinks_work_like_any_other(desk: Desk, wordpress_plain: WordPress) -> None:
    """`/?p=11` and `/?rest_route=/`, WordPress 6.8."""
    wordpress_plain.reset()
    code, rows, _ = desk.run("fetch", wordpress_plain.url)
    assert (code, rows[-2]["verdict"]) == (0, "complete")
    equals(desk, wordpress_plain)


def test_a_far_time_zone(desk: Desk, wordpress_far: WordPress) -> None:
    """Dates are UTC whatever the site's clock says."""
    wordpress_far.reset()
    code, _, _ = desk.run("fetch", wordpress_far.url)
    assert code == 0
    equals(desk, wordpress_far)


def test_any_address_of_the_site_will_do(desk: Desk, wordpress_small: WordPress) -> None:
    """A post, the feed, the REST root, an admin path lead to the one source."""
    link = truth(wordpress_small)[3].link
    for address in (wordpress_small.url, link, f"{wordpress_small.url}/feed/", f"{wordpress_small.url}/wp-json/"):
        code, rows, _ = desk.run("add", address)
        assert (code, rows[0]["kind"], rows[0]["source"]) == (0, "wordpress", 1), address


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_backfill_goes_on_where_it_stopped(desk: Desk, wordpress_site: WordPress, blow: int) -> None:
    """Killed again and again, the corpus is that of an undisturbed run, and no page is asked for more than twice."""
    wordpress_site.reset()
    whole = Desk(desk.folder / "whole")
    whole.folder.mkdir()
    assert whole.run("fetch", wordpress_site.url)[0] == 0
    wordpress_site.clear_requests()
    for _ in range(8):
        asked = len(wordpress_site.requests())
        running = desk.start("fetch", wordpress_site.url, delay=0.05)
        until = time.monotonic() + 20
        while len(wordpress_site.requests()) < asked + 5 and time.monotonic() < until and running.poll() is None:
            time.sleep(0.01)
        running.send_signal(blow)
        _out, err = running.communicate(timeout=30)
        assert "Traceback" not in err
        if running.returncode == 0:
            break
        assert running.returncode in {-9, 130, 143, -2, -15}, err
    code, rows, _ = desk.run("fetch", wordpress_site.url)
    assert (code, rows[-2]["verdict"]) == (0, "complete")
    assert desk.content() == whole.content()
    desk.sound()
    windows = [r.target for r in wordpress_site.requests() if "offset=" in r.target]
    assert max(map(windows.count, windows)) <= 2
