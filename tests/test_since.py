"""The day from which on a source is collected, over real sockets and folders: feeds, pages, documents, an inbox."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.corpus import Corpus
from ingest.run import Stop, fetch
from tests.fetch.hostile import Conversation, Server
from tests.prompt import Prompt
from tests.test_run import Desk, serves

DAY = "2020-06-15"
WORDS = "The river rose in the night and nobody in the village had seen it so high before. " * 8


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty corpus."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        yield Desk(corpus)


def wish(desk: Desk, number: int, day: str | None, **others: Any) -> None:
    """What `sources set` does."""
    options = {**others, **({"since": day} if day else {})}
    with desk.corpus.transaction() as conn:
        conn.execute("UPDATE sources SET options = ? WHERE id = ?", [json.dumps(options), number])


def titles(desk: Desk) -> list[str]:
    """What is held and not gone."""
    return [row["title"] for row in desk.corpus.rows("SELECT title FROM posts WHERE gone_at IS NULL ORDER BY title")]


# ---- feeds ------------------------------------------------------------------------------------------------


def item(name: str, date: str | None) -> str:
    """An entry of a feed; without a date where there is none."""
    when = f"<pubDate>{date}</pubDate>" if date else ""
    return f"<item><title>{name}</title><link>http://127.0.0.1/{name}/</link><guid>{name}</guid>{when}</item>"


#: Ten pages of a WordPress feed, two entries each: from October 2020 back to 2001.
PAGES = [
    [item(f"p{page:02}{x}", f"{day} Oct {2021 - page if page < 3 else 2019 - page} 10:00:00 +0000") for x, day in zip("ab", (12, 2), strict=True)]
    for page in range(1, 11)
]  # fmt: skip


def archive(c: Conversation) -> None:
    """A WordPress feed with its whole history under `?paged=`; what is asked for by `orderby` is its first page."""
    page = int(c.asked.path.partition("paged=")[2] or 1)
    known = c.asked.headers.get("if-none-match") == f'"{page}"'
    head = '<?xml version="1.0"?><rss version="2.0"><channel><title>B</title><link>http://127.0.0.1/</link>'
    made = "<generator>https://wordpress.org/?v=6.5</generator>"
    body = f"{head}{made}{''.join(PAGES[page - 1])}</channel></rss>" if page <= len(PAGES) else ""
    status = "304 Not Modified" if known else "200 OK" if body else "404 Not Found"
    c.answer(b"" if known else body.encode(), status, etag=f'"{page}"', content_type="application/rss+xml")


def names(pages: range) -> list[str]:
    """The entries of these pages."""
    return [f"p{page:02}{x}" for page in pages for x in "ab"]


def test_a_feeds_history_is_walked_to_the_day_and_no_further(desk: Desk) -> None:
    """It ends with the first page that is older throughout; moved back, the walk goes on to there; 304s hide nothing."""
    with Server({"/robots.txt": serves(b""), "": archive}) as server:
        number = desk.source(server.url("/feed/"), since="2018-10-01")
        (result,) = desk.run(number)
        assert titles(desk) == names(range(1, 3))
        assert result.left_out == 2
        assert server.paths[1:] == ["/feed/", "/feed/?paged=2", "/feed/?paged=3"]
        desk.later(hours=2)
        assert desk.run(number)[0].left_out == 0
        assert server.paths[4:] == ["/feed/"]
        wish(desk, number, "2014-10-05")
        desk.later(hours=2)
        desk.run(number)
        assert titles(desk) == sorted([*names(range(1, 5)), "p05a"])
        assert [path for path in server.paths[5:] if "orderby" not in path] == [
            "/feed/", *(f"/feed/?paged={page}" for page in range(2, 7))
        ]  # fmt: skip
        wish(desk, number, "2030-01-01")
        for _ in range(2):
            desk.later(hours=30)
            desk.run(number)
        assert titles(desk) == sorted([*names(range(1, 5)), "p05a"])
        wish(desk, number, None)
        desk.later(hours=2)
        desk.run(number)
        assert titles(desk) == names(range(1, 11))
    assert desk.corpus.rows("SELECT count(*) AS n FROM posts WHERE gone_at IS NOT NULL") == [{"n": 0}]


def test_an_interrupted_move_back_is_finished_by_the_next_run(desk: Desk) -> None:
    """The walk goes on at the page where it stopped."""
    with Server({"/robots.txt": serves(b""), "": archive}) as server:
        number = desk.source(server.url("/feed/"), since="2019-01-01")
        desk.run(number)
        assert titles(desk) == names(range(1, 3))
        wish(desk, number, None)
        for _ in range(4):
            desk.later(hours=2)
            _few(desk, number, server, 4)
        assert titles(desk) == names(range(1, 11))


def _few(desk: Desk, number: int, server: Server, most: int) -> None:
    """A run that is stopped after so many requests."""
    before, stop = len(server.paths), Stop()

    def enough(*_: object) -> None:
        if len(server.paths) - before >= most:
            stop.wish()

    list(fetch(desk.corpus, [number], desk.made(), stop=stop, now=desk.now, processes=0, progress=enough))


def test_an_entry_without_a_date_is_collected(desk: Desk) -> None:
    """Only what certainly is too old is left out; an entry that is held from before stays as it is."""
    entries = [item("new", "Mon, 15 Jun 2020 00:00:00 GMT"), item("old", "Sun, 14 Jun 2020 23:59:59 GMT"), item("undated", None)]  # fmt: skip
    body = f"<rss version='2.0'><channel><title>B</title>{''.join(entries)}</channel></rss>".encode()
    with Server(
        {"/robots.txt": serves(b""), "": lambda c: c.answer(body, content_type="application/rss+xml")}
    ) as server:
        number = desk.source(server.url("/rss"), since=DAY)
        desk.run(number)
        assert titles(desk) == ["new", "undated"]
        wish(desk, number, None)
        desk.run(number)
        assert titles(desk) == ["new", "old", "undated"]
        wish(desk, number, DAY)
        desk.run(number, full=True)
        assert titles(desk) == ["new", "old", "undated"]


# ---- pages and documents ----------------------------------------------------------------------------------


def page(date: str | None) -> bytes:
    """A web page that says when it was published, or does not."""
    told = f'<meta property="article:published_time" content="{date}">' if date else ""
    return f"<!doctype html><html lang=en><head><title>T</title>{told}</head><body><article><p>{WORDS}</p></article></body></html>".encode()


def test_a_page_that_turns_out_to_be_too_old_is_fetched_once(desk: Desk) -> None:
    """By its `lastmod` alone where that is older; by one look else; and again when the day moves back."""
    pytest.importorskip("trafilatura")
    pages = {"/new": ("2021-03-01", "2021-03-01"), "/old": ("2019-03-01", "2024-01-01"), "/never": ("2018-03-01", "2018-04-01"),
             "/bare": ("2017-03-01", None), "/undated": (None, None)}  # fmt: skip

    def sitemap(c: Conversation) -> None:
        rows = (
            f"<url><loc>http://{c.asked.host}{path}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</url>"
            for path, (_, at) in pages.items()
        )
        body = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(rows)}</urlset>"
        c.answer(body.encode(), content_type="application/xml")

    def held() -> list[str]:
        rows = desk.corpus.rows("SELECT url FROM posts ORDER BY url")
        return [row["url"].partition("127.0.0.1")[2].partition("/")[2] for row in rows]

    scripts = {path: serves(page(date), content_type="text/html") for path, (date, _) in pages.items()}
    with Server({"/robots.txt": serves(b""), "/sitemap.xml": sitemap, **scripts}) as server:
        options = {"sitemap": server.url("/sitemap.xml")}
        number = desk.source(server.url("/"), "page", since=DAY, **options)
        (result,) = desk.run(number)
        assert held() == ["new", "undated"]
        assert sorted(server.paths[2:]) == ["/bare", "/new", "/old", "/undated"]
        assert result.left_out == 3
        for _ in range(2):
            desk.later(hours=30)
            server.asked.clear()
            desk.run(number)
            assert server.paths[-1:] == ["/sitemap.xml"]
        wish(desk, number, "2018-01-01", **options)
        server.asked.clear()
        desk.run(number)
        assert held() == ["never", "new", "old", "undated"]
        assert sorted(path for path in server.paths if path in pages) == ["/bare", "/never", "/old"]
        server.asked.clear()
        desk.run(number)
        assert not [path for path in server.paths if path in pages]
        wish(desk, number, None, **options)
        desk.run(number)
        assert held() == ["bare", "never", "new", "old", "undated"]


def test_a_document_that_is_polled_by_its_address(desk: Desk) -> None:
    """A text with a date in its head: left out behind the day, and there once the day is taken away, despite the 304."""
    text = b"---\ntitle: Old news\ndate: 2019-01-05\n---\nBody.\n"

    def answer(c: Conversation) -> None:
        known = c.asked.headers.get("if-none-match") == '"1"'
        c.answer(
            b"" if known else text, "304 Not Modified" if known else "200 OK", etag='"1"', content_type="text/plain"
        )

    with Server({"/robots.txt": serves(b""), "/a.txt": answer}) as server:
        number = desk.source(server.url("/a.txt"), "text", since=DAY)
        for _ in range(2):
            assert desk.run(number)[0].verdict == "unknown"
            assert titles(desk) == []
        wish(desk, number, None)
        desk.run(number)
        assert titles(desk) == ["Old news"]


# ---- a folder, at the prompt ------------------------------------------------------------------------------


def test_a_folder_from_a_day_on(prompt: Prompt) -> None:
    """Set, moved and taken away by `sources set`: what is older is neither missing nor gone, and `status` tells of it."""
    for name, date in (("old", "2019-01-05"), ("new", "2021-01-05"), ("bare", None)):
        head = f"---\ntitle: {name}\ndate: {date}\n---\n" if date else f"{name}\n\n"
        os.utime(prompt.file(f"notes/{name}.txt", f"{head}Body.\n"), (1_700_000_000, 1_700_000_000))
    prompt("add", "notes")
    assert prompt("sources", "set", "1", "since=2020-01-01").code == 0
    done = prompt("fetch")
    assert done.code == 0, done.err
    assert "1 left out (since)" in done.err
    held = "SELECT title FROM posts WHERE gone_at IS NULL ORDER BY title"
    assert prompt.ask(held) == [("bare",), ("new",)]
    for _ in range(2):
        row = prompt("--json", "fetch", "1").rows[0]
        assert (row["verdict"], row["missing_ids"], row["left_out"]) == ("complete", [], 1)
    assert re.search(r"^since +2020-01-01; 1 from before left out$", prompt("status", "1").out, re.MULTILINE)
    assert prompt("--json", "fetch").rows[-1]["sources"] == 0
    assert prompt("sources", "set", "1", "since=").code == 0
    assert prompt("--json", "fetch").rows[0]["new"] == 1  # due at once
    assert prompt("--json", "fetch").rows[-1]["sources"] == 0
    config = prompt.file("sources.toml", "[defaults]\nsince = 2020-01-01\n")
    row = prompt("--json", "--config", config, "fetch").rows[0]
    assert (row["verdict"], row["gone"], row["left_out"]) == ("complete", 0, 0)
    assert prompt("--json", "--config", config, "fetch").rows[-1]["sources"] == 0
    assert re.search(r"^have +3 of 3 announced", prompt("status", "1").out, re.MULTILINE)
    assert prompt.ask(held) == [("bare",), ("new",), ("old",)]
