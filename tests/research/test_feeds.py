"""A feed of what was found: read by feedparser, valid by its schema, the same bytes every time."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import feedparser
import jsonschema
import pytest
from lxml import etree

from tests.prompt import Prompt

ATOM = "{http://www.w3.org/2005/Atom}"

#: https://www.jsonfeed.org/version/1.1/: what is required, and of which type what may be there is.
JSON_FEED: Mapping[str, Any] = {
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_text"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": {"type": "string", "pattern": "^https?://"},
                    "title": {"type": "string"},
                    "content_text": {"type": "string"},
                    "date_published": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                    "date_modified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                    "language": {"type": "string"},
                    "authors": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}  # fmt: skip


def post(n: int, **said: object) -> dict[str, object]:
    """A REST object of one of two blogs."""
    home = f"https://{'a' if n % 2 else 'b'}.example"
    return {
        "id": n, "type": "post", "link": f"{home}/p{n}/?a=1&b=2", "status": "publish", "guid": {"rendered": f"{home}/?p={n}"},
        "date_gmt": f"2026-02-{n:02}T08:00:00", "modified_gmt": f"2026-02-{n:02}T09:00:00",
        "title": {"rendered": f"Post {n} &lt;&amp;&gt; \u2603"}, "content": {"rendered": f"<p>Bees &lt;{n}&gt; &amp; more.</p><p>Second<br>line</p>"},
        "excerpt": {"rendered": ""}, **said,
    }  # fmt: skip


@pytest.fixture
def filled(prompt: Prompt) -> Prompt:
    """Nine posts of two blogs, one of them gone, and a text without a date."""
    posts = [post(n) for n in range(1, 9)] + [
        post(9, title={"rendered": "Wasps"}, content={"rendered": "<p>No such insect.</p>"})
    ]
    prompt.file("posts.json", json.dumps(posts))
    prompt.file("note.txt", "A note on bees\n\nUndated.\n")
    prompt("load", "posts.json", "note.txt")
    import sqlite3

    conn = sqlite3.connect(prompt.db)
    conn.execute("UPDATE posts SET gone_at = '2026-03-01T00:00:00Z', gone_kind = 'erased' WHERE remote_id = '8'")
    conn.execute("UPDATE sources SET groups = '[\"insects/bees\"]' WHERE url = 'load:a.example'")
    conn.commit()
    conn.close()
    return prompt


def test_atom_is_valid_and_holds_what_is_there(filled: Prompt) -> None:
    """Newest first, the undated last, the gone left out; every element RFC 4287 wants."""
    assert filled("export", "out", "--format", "atom").code == 0
    raw = (filled.folder / "out/atom.xml").read_bytes()
    told = feedparser.parse(raw)
    assert not told.bozo
    assert told.version == "atom10"
    assert [entry.title for entry in told.entries] == [
        "Wasps",
        *(f"Post {n} <&> ☃" for n in range(7, 0, -1)),
        "A note on bees",
    ]
    first = told.entries[1]
    assert (first.link, first.published, first.updated) == (
        "https://a.example/p7/?a=1&b=2",
        "2026-02-07T08:00:00Z",
        "2026-02-07T09:00:00Z",
    )
    assert first.content[0].value == "<p>Bees &lt;7&gt; &amp; more.</p>\n<p>Second<br />\nline</p>"
    feed = etree.fromstring(raw)
    assert feed.findtext(f"{ATOM}updated") == "2026-02-09T09:00:00Z"
    for entry in feed.iter(f"{ATOM}entry"):
        for name in ("id", "title", "updated", "author", "content"):
            assert len(entry.findall(f"{ATOM}{name}")) == 1, name
    assert len({entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")}) == 9


def test_json_feed_is_valid(filled: Prompt) -> None:
    """By its schema, and by feedparser's own reading of JSON feeds."""
    assert filled("export", "out", "--format", "jsonfeed").code == 0
    raw = (filled.folder / "out/feed.json").read_bytes()
    told = json.loads(raw)
    jsonschema.Draft202012Validator(JSON_FEED).validate(told)
    assert [item["title"] for item in told["items"]][:2] == ["Wasps", "Post 7 <&> ☃"]
    assert told["items"][1]["content_text"] == "Bees <7> & more.\n\nSecond\nline"
    assert "date_published" not in told["items"][-1]


@pytest.mark.parametrize(
    ("words", "count"),
    [(["--search", "bees"], 8), (["--search", "wasps"], 1), (["--search", "nothing"], 0), (["--group", "insects"], 5),
     (["--group", "insects/bees", "--search", "bees"], 4), (["--group", "insect"], 0), (["-n", "3"], 3)],
)  # fmt: skip
@pytest.mark.parametrize("form", ["atom", "jsonfeed"])
def test_a_planet_and_an_alert(filled: Prompt, form: str, words: list[str], count: int) -> None:
    """Of a group of sources, those below it included; of what a search finds; an empty feed is a feed."""
    done = filled("--json", "export", "out", "--format", form, *words)
    assert (done.code, done.rows[-1]["posts"]) == (0, count)
    path = filled.folder / "out" / {"atom": "atom.xml", "jsonfeed": "feed.json"}[form]
    if form == "atom":
        told = feedparser.parse(path.read_bytes())
        assert (bool(told.bozo), len(told.entries)) == (False, count)
    else:
        jsonschema.Draft202012Validator(JSON_FEED).validate(json.loads(path.read_text()))


@pytest.mark.parametrize("form", ["atom", "jsonfeed"])
def test_the_same_corpus_gives_the_same_bytes(filled: Prompt, form: str) -> None:
    """Also in another folder, at another time; and the checksum file agrees."""
    for folder in ("one/deep", "two"):
        filled("export", folder, "--format", form)
    first, second = ({p.name: p.read_bytes() for p in (filled.folder / f).iterdir()} for f in ("one/deep", "two"))
    assert first == second
    assert len(first) == 2
    assert (
        subprocess.run(
            ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=filled.folder / "two", check=False
        ).returncode
        == 0
    )


def test_our_feed_is_read_again_by_us(filled: Prompt) -> None:
    """A feed that this program makes is one that this program takes."""
    filled("export", "out", "--format", "atom")
    filled("export", "out", "--format", "jsonfeed")
    for name in ("atom.xml", "feed.json"):
        assert filled("--db", f"{name}.db", "load", f"out/{name}").code == 0


def test_a_folder_that_cannot_be_one(filled: Prompt) -> None:
    """One clear line."""
    filled.file("taken/file", "x")
    done = filled("export", "taken/file/below", "--format", "atom")
    assert (done.code, "no folder to write to" in done.err) == (2, True)
