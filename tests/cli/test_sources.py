"""`sources`: the list of what is polled, changed by hand, taken from files and given back."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.prompt import Prompt

OPML = """<?xml version="1.0" encoding="utf-8"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="News"><outline text="Local"><outline type="rss" text="Harbour" xmlUrl="http://harbour.example/rss?a=1&b=2"/></outline>
  <outline title="Bees &amp; Hives" xmlUrl="feed.bees.example/atom" category="/insects,food"/></outline>
<outline text="No feed here" htmlUrl="http://nofeed.example/"/>
<outline type="rss" text="Empty" xmlUrl=""/>
<outline text="Other"><outline type="rss" text="Harbour" xmlUrl="http://harbour.example/rss?a=1&amp;b=2"/></outline>
<outline text="Strange" type="rss" xmlUrl="javascript:alert(1)"/>
</body></opml>"""

TOML = """
[[source]]
url = "https://blog.example"
name = "clinic \\"north\\""
group = "clinics"
tags = ["health", "en", "ü,50 %"]
kind = "wordpress"
types = ["post", "page"]
interval = "6h"
since = 2020-01-01

[[source]]
url = "https://b.example/feed/"
kind = "feed"
group = ["clinics", "a/b"]
history = true
interval = "auto"
"""


def known(prompt: Prompt) -> list[tuple[Any, ...]]:
    """What the corpus holds of its sources."""
    return prompt.ask("SELECT kind, url, name, groups, tags, options, state, next_due FROM sources ORDER BY url, kind")


def test_opml_is_taken_with_its_folders_and_without_the_network(prompt: Prompt) -> None:
    """Folders are groups, categories tags; what has no address of a feed is named; all is due at once."""
    done = prompt("sources", "import", prompt.file("list", OPML))
    assert done.code == 3
    assert [row[:5] for row in known(prompt)] == [
        ("feed", "http://harbour.example/rss?a=1&b=2", "Harbour", '["News/Local", "Other"]', "[]"),
        ("feed", "https://feed.bees.example/atom", "Bees & Hives", '["News"]', '["insects", "food"]'),
    ]
    assert all(row[6:] == ("active", None) for row in known(prompt))
    for word in ("No feed here: no xmlUrl", "Empty: no xmlUrl", "Strange: 'javascript:alert(1)' is no"):
        assert word in done.err
    assert "opml: 2 new, 0 known already, 1 named again, 3 skipped" in done.err
    assert prompt.ask("SELECT count(*) FROM fetches") == [(0,)]
    again = prompt("--json", "sources", "import", "list")
    assert again.rows[-1] == {"type": "summary", "sources": 0, "skipped": 3, "repeated": 1, "exit_code": 3}
    assert [row["source"] for row in again.rows[:-1]] == [1, 2]


def test_toml_is_taken_with_every_key(prompt: Prompt) -> None:
    """As `--config` would take it."""
    assert prompt("sources", "import", prompt.file("list", TOML)).code == 0
    assert [row[:6] for row in known(prompt)] == [
        ("feed", "https://b.example/feed/", None, '["clinics", "a/b"]', "[]", '{"history": true, "interval": 0.0}'),
        ("wordpress", "https://blog.example/", 'clinic "north"', '["clinics"]', '["health", "en", "ü,50 %"]',
         '{"interval": 21600.0, "since": "2020-01-01", "types": ["post", "page"]}'),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["opml", "toml"])
def test_what_is_exported_comes_back(prompt: Prompt, form: str) -> None:
    """Into another corpus: the same sources, groups, tags and names; TOML keeps the options as well."""
    prompt("sources", "import", prompt.file("list", TOML))
    prompt("sources", "import", prompt.file("more", OPML))
    before = known(prompt)
    out = prompt("sources", "export", "--format", form).out
    prompt.db.unlink()
    assert prompt("sources", "import", prompt.file("back", out)).code == 0
    columns = 6 if form == "toml" else 5
    assert [row[:columns] for row in known(prompt)] == [row[:columns] for row in before]
    assert prompt("sources", "export", "--format", form).out == out


def test_exported_opml_is_what_feed_readers_want(prompt: Prompt) -> None:
    """A WordPress site stands there with its feed."""
    from lxml import etree

    prompt("sources", "import", prompt.file("list", TOML))
    tree = etree.fromstring(prompt("sources", "export").out.encode())
    assert tree.tag == "opml"
    found = {
        o.get("xmlUrl"): [p.get("text") for p in o.iterancestors("outline")]
        for o in tree.iter("outline")
        if o.get("xmlUrl")
    }
    assert found == {"https://blog.example/feed/": ["clinics"], "https://b.example/feed/": ["b", "a"]}


BAD = {
    "cut": (OPML[:-40], "list:8: not OPML"),
    "entities": ('<!DOCTYPE opml [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><opml><body/></opml>', "entities"),
    "external": ('<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>&a;</body></opml>', "entities"),
    "feed": ("<rss version='2.0'><channel/></rss>", "not OPML but <rss>"),
    "empty": ("  \n", "empty"),
    "toml": ('[[source]]\nurl = "https://a.example"\ngruop = "x"\n', "list:3: 'gruop' is no key of [[source]]; did you mean 'group'?"),
    "text": ("just some words\n", "not TOML"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_list_that_is_none_is_named(prompt: Prompt, name: str) -> None:
    """File, line and cause; nothing is added."""
    content, words = BAD[name]
    for command in (("sources", "import"), ("add",)):
        done = prompt(*command, prompt.file("list", content))
        assert done.code == 2
        assert words in done.err
    assert not prompt.db.exists() or known(prompt) == []


def test_ten_thousand_entries_and_a_deep_nest(prompt: Prompt) -> None:
    """Much is no trouble, and neither is what nobody would do."""
    feeds = "".join(f'<outline xmlUrl="https://b{n}.example/feed" text="Blog {n}"/>' for n in range(10_000))
    nest = '<outline text="x">' * 5000 + '<outline xmlUrl="https://deep.example/"/>' + "</outline>" * 5000
    prompt.file("list", f"<opml><body><outline text='Many'>{feeds}</outline>{nest}</body></opml>")
    begun = time.monotonic()
    assert prompt("sources", "import", "list").code == 0
    assert time.monotonic() - begun < 60
    assert prompt.ask("SELECT count(*), count(DISTINCT url) FROM sources") == [(10_001, 10_001)]
    assert prompt.ask("SELECT groups FROM sources WHERE url LIKE '%deep%'")[0][0].count("x") <= 12


def test_set_pause_resume_remove(prompt: Prompt) -> None:
    """By number, name or address; what is wrong is named and changes nothing."""
    prompt("sources", "import", prompt.file("list", TOML))
    assert (
        prompt("sources", "set", "https://b.example/feed/", "name=bees", "group=labs,north", "interval=90m").code == 0
    )
    assert known(prompt)[0][2:6] == ("bees", '["labs", "north"]', "[]", '{"history": true, "interval": 5400.0}')
    assert prompt("sources", "set", "bees", "interval=", "tags=a", "history=no", "group=").code == 0
    assert known(prompt)[0][2:6] == ("bees", "[]", '["a"]', '{"history": false}')
    for pair, words in (("intervall=1h", "did you mean 'interval'?"), ("interval=soon", "a time such as"), ("url=x", "cannot be set"),
                        ("bare", "KEY=VALUE")):  # fmt: skip
        done = prompt("sources", "set", "bees", pair)
        assert (done.code, words in done.err) == (2, True), done.err
    for words, state in ((("pause",), "paused"), (("resume",), "active"), (("remove",), "removed")):
        assert prompt("sources", *words, "bees").code == 0
        assert known(prompt)[0][6] == state
    assert prompt("sources", "pause", "bees").code == 2
    assert "no source" in prompt("sources", "pause", "nobody").err
    assert "removed" in prompt("sources", "list").out


def test_a_loaded_source_is_not_polled(prompt: Prompt) -> None:
    """There is nothing to pause about it, and its posts stay whatever is removed."""
    prompt("load", prompt.file("a.txt", "Title\n\nBody\n"))
    done = prompt("sources", "remove", "1")
    assert (done.code, "not polled" in done.err) == (2, True)
    assert prompt.ask("SELECT count(*) FROM posts") == [(1,)]


class Site(http.server.BaseHTTPRequestHandler):
    """A site with a feed, and nothing else."""

    def do_GET(self) -> None:
        """Its front page, its feed, else 404."""
        body = b""
        if self.path == "/":
            body = b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body>hi</body></html>'
        elif self.path == "/rss":
            body = b'<rss version="2.0"><channel><title>T</title><link>http://x.example</link><item><title>One</title><guid>g</guid><description>d</description></item></channel></rss>'
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """Its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


NET = ("--allow-private", "127.0.0.1", "--delay", "0")


def test_what_a_list_does_not_tell_is_found_out_when_it_is_due(prompt: Prompt, site: str) -> None:
    """Imported without a look, looked at by the first fetch, under the same number."""
    prompt("sources", "import", prompt.file("list", f'[[source]]\nurl = "{site}"\nname = "mine"\ngroup = "g"\n'))
    assert known(prompt)[0][:2] == ("auto", f"{site}/")
    done = prompt(*NET, "fetch")
    assert done.code == 0, done.err
    assert prompt.ask("SELECT id, kind, url, name, groups FROM sources") == [
        (1, "feed", f"{site}/rss", "mine", '["g"]')
    ]
    assert prompt.ask("SELECT title FROM posts") == [("One",)]
    assert prompt("sources", "import", "list").code == 0
    assert prompt.ask("SELECT count(*) FROM sources") == [(1,)]


def test_an_address_of_a_list_where_nothing_is_fails_like_any_source(prompt: Prompt, site: str) -> None:
    """And is looked at again later, not at every run."""
    prompt(
        "sources", "import", prompt.file("list", f'[[source]]\nurl = "{site}/nowhere"\n[[source]]\nurl = "{site}"\n')
    )
    assert prompt(*NET, "fetch").code == 3
    assert prompt.ask("SELECT verdict, failures, next_due > '2020' FROM sources WHERE kind = 'auto'") == [
        ("failing", 1, 1)
    ]
    assert prompt(*NET, "fetch").code == 0


def test_add_takes_a_list_by_its_content(prompt: Prompt) -> None:
    """Whatever it is called."""
    done = prompt("add", prompt.file("feeds.txt", OPML), "--json")
    assert done.code == 3
    assert [row["kind"] for row in done.rows[:-1]] == ["feed", "feed"]
    assert done.rows[-1]["sources"] == 2
    assert json.loads(known(prompt)[0][3]) == ["News/Local", "Other"]
