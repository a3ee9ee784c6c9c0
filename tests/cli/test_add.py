"""`add URL`: what is found, what is chosen, what is said; against sites that answer on this machine."""

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.prompt import Prompt

NET = ("--allow-private", "127.0.0.1", "--delay", "0")
WORDS = "The tide went out further than anybody had seen it go, and what it left behind was counted twice. " * 8
LINK = '<link rel="alternate" type="application/rss+xml" title="All" href="/rss">'
#: A page that advertises a feed, and one that advertises nothing.
HOME = f"<!doctype html><html><head><title>Tides</title>{LINK}</head><body><p>Hi</p></body></html>"
BARE = "<!doctype html><html><head><title>Tides</title></head><body><p>Hi</p></body></html>"


def article(n: int) -> str:
    """A page with words on it."""
    return f"<!doctype html><html><head><title>Tide {n}</title></head><body><article><h1>Tide {n}</h1><p>{WORDS}</p><p>{n}. {WORDS}</p></article></body></html>"


def rss(*, full: bool) -> str:
    """A feed of two posts, whole or not."""
    body = (
        f"<content:encoded><![CDATA[<p>{WORDS}</p>]]></content:encoded>"
        if full
        else "<description>The tide […]</description>"
    )
    items = "".join(
        f"<item><title>Tide {n}</title><link>/tide-{n}</link><guid>g{n}</guid>{body}</item>" for n in (1, 2)
    )
    return f'<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Tides</title><link>/</link>{items}</channel></rss>'


Serve = Callable[[dict[str, str]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Put these pages up; the address of the site. `{site}` in them is that address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def up(pages: dict[str, str]) -> str:
        class Site(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                text = pages.get(self.path)
                body = (text or "no").replace("{site}", f"http://127.0.0.1:{self.server.server_port}").encode()  # type: ignore[attr-defined]
                self.send_response(404 if text is None else 200)
                kind = (
                    "text/html"
                    if body.startswith(b"<!doctype")
                    else "application/xml"
                    if body.startswith(b"<")
                    else "text/plain"
                )
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield up
    for server in servers:
        server.shutdown()
        server.server_close()


SITEMAP = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{site}/tide-1</loc></url><url><loc>{site}/tide-2</loc></url></urlset>'
PAGES = {"/tide-1": article(1), "/tide-2": article(2)}


@pytest.mark.parametrize(
    ("pages", "kind", "says"),
    [
        ({"/": HOME, "/rss": rss(full=True), "/sitemap.xml": SITEMAP}, "feed", "whole posts, the latest 2 alone"),
        ({"/": HOME, "/rss": rss(full=False), "/sitemap.xml": SITEMAP}, "page", "the pages of"),
        ({"/": HOME, "/rss": rss(full=False), "/robots.txt": "Sitemap: {site}/odd/map.xml\n", "/odd/map.xml": SITEMAP}, "page", "/odd/map.xml"),
        ({"/": HOME, "/rss": rss(full=False)}, "feed", "summaries, the latest 2 alone"),
        ({"/": BARE, "/sitemap.xml": SITEMAP}, "page", "the pages of"),
    ],
)  # fmt: skip
def test_the_best_way_in_is_chosen_and_said(
    prompt: Prompt, serve: Serve, pages: dict[str, str], kind: str, says: str
) -> None:
    """A feed of whole posts before a sitemap, that before a feed of summaries; and it brings the posts."""
    site = serve({**pages, **PAGES})
    done = prompt(*NET, "add", site)
    assert done.code == 0, done.err
    assert f": {kind}, source 1" in done.err
    assert says in done.err
    assert prompt(*NET, "fetch").code == 0
    assert prompt.ask("SELECT count(*) FROM posts") == [(2,)]


def test_all_names_what_was_not_chosen(prompt: Prompt, serve: Serve) -> None:
    """A line for each."""
    site = serve({"/": HOME, "/rss": rss(full=False), "/sitemap.xml": SITEMAP, **PAGES})
    done = prompt(*NET, "--json", "add", "--all", site)
    assert [(row["type"], row["kind"]) for row in done.rows[:-1]] == [("candidate", "feed"), ("source", "page")]
    assert "--all names them" in prompt(*NET, "add", site).err


@pytest.mark.parametrize(
    ("path", "kind", "posts"),
    [("/", "page", 2), ("/tide-1", "page", 1), ("/sitemap.xml", "page", 2), ("/", "feed", 2), ("/note.txt", "text", 1)],
)  # fmt: skip
def test_a_kind_can_be_named(prompt: Prompt, serve: Serve, path: str, kind: str, posts: int) -> None:
    """A site by its sitemap, one page alone, the feed that was not the best, a text."""
    site = serve(
        {"/": HOME, "/rss": rss(full=False), "/sitemap.xml": SITEMAP, "/note.txt": "A note\n\nOn tides.\n", **PAGES}
    )
    done = prompt(*NET, "add", "--kind", kind, site + path)
    assert done.code == 0, done.err
    assert prompt(*NET, "fetch").code == 0
    assert prompt.ask("SELECT count(*) FROM posts") == [(posts,)]
    assert prompt.ask("SELECT kind FROM sources") == [(kind,)]


def test_what_is_not_there_is_said(prompt: Prompt, serve: Serve) -> None:
    """No kind of that name, no blog at all: nothing is added."""
    site = serve({"/": HOME, "/rss": rss(full=True), "/alone": BARE})
    done = prompt(*NET, "add", "--kind", "wordpress", site)
    assert (done.code, "no wordpress here, but feed" in done.err) == (4, True)
    done = prompt(*NET, "add", f"{site}/alone/below")
    assert done.code == 4
    assert prompt.ask("SELECT count(*) FROM sources") == [(0,)]


def test_a_secret_in_an_address_is_not_kept_and_that_is_said(prompt: Prompt, serve: Serve) -> None:
    """In one line, with the place where it belongs, also where nothing is found; it is nowhere in the corpus."""
    site = serve({"/": HOME, "/rss": rss(full=True)})
    whose = site.replace("://", "://me:hush@")
    done = prompt(*NET, "add", whose)
    assert done.code == 0
    told = (
        "the user and password in the address are not kept; sources.toml takes them, as user and password_env (README)"
    )
    assert [line for line in done.err.splitlines() if "password" in line] == [f"{site}/rss: {told}"]
    done = prompt(*NET, "-q", "add", f"{whose}/nothing/", "me:hush@127.0.0.1:9")
    assert (done.code, done.err.count(told)) == (4, 2)
    done = prompt(*NET, "fetch", f"{whose}/nothing/", "me:hush@127.0.0.1:9")
    assert (done.code, done.err.count(told)) == (4, 2)
    listed = prompt.file("list.opml", f'<opml><body><outline xmlUrl="{whose}/rss"/></body></opml>')
    named = prompt.file("list.toml", f'[[source]]\nurl = "{whose}"\n')
    for file in (listed, named):
        done = prompt(*NET, "add", file)
        assert (done.code, "of 1 source user and password are not kept" in done.err) == (0, True)
    assert prompt(*NET, "fetch", "--all").code == 0
    assert "hush" not in prompt(*NET, "--json", "sources", "list").out
    assert b"hush" not in b"".join(path.read_bytes() for path in prompt.folder.glob("corpus.db*"))
    for words in ((), ("--json",)):
        for path in ("/", "/nothing/"):
            done = prompt(*NET, *words, "doctor", whose + path)
            assert ("hush" in done.out + done.err, site in done.out) == (False, True)
    assert "password" not in prompt(*NET, "add", f"{site}/rss?to=me@example.org", site).err


def test_without_the_extra_pages_are_no_way_in(prompt: Prompt, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The feed of summaries then; and a clear line where there are pages alone."""
    monkeypatch.setattr("ingest.add.find_spec", lambda _: None)
    site = serve({"/": HOME, "/rss": rss(full=False), "/sitemap.xml": SITEMAP, **PAGES})
    assert ": feed, source 1" in prompt(*NET, "add", site).err
    done = prompt(*NET, "add", "--kind", "page", site)
    assert (done.code, "pip install 'blogcorpus[pages]'" in done.err) == (4, True)
