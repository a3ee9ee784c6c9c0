"""Saved documents in archives, and a whole mirror of a site: what is a document is loaded, bombs go off nowhere."""

import io
import json
import tarfile
import zipfile

import pytest

from ingest.archives import is_asset
from tests.cli.test_load import rest
from tests.prompt import Prompt

POSTS = {"wp/1.json": json.dumps(rest(1)), "wp/2": json.dumps([rest(2), rest(3)]), "note.txt": "A note\n\nBody.\n"}


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: dict[str, str | bytes], mode: str = "w") -> bytes:
    """A tar archive, with a link that leads out."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return out.getvalue()


@pytest.mark.parametrize("make", [zipped, tarred, lambda f: tarred(f, "w:gz")])
def test_an_archive_is_what_is_in_it(prompt: Prompt, make: object) -> None:
    """By content, whatever it is called; the same documents as in a folder are the same."""
    prompt.file("saved", make({**POSTS, "__MACOSX/x": "junk", ".hidden": "junk"}))  # type: ignore[operator]
    done = prompt("--json", "load", "saved")
    assert done.code == 0, done.err
    assert prompt.ask("SELECT count(*) FROM posts") == [(4,)]
    for name, content in POSTS.items():
        prompt.file(f"folder/{name}", content)
    assert prompt("--json", "load", "folder").rows[-1]["same"] == 4


def test_a_mirror_of_a_site_is_its_posts(prompt: Prompt) -> None:
    """Pages, feeds and the `wp-json/` tree of one site make one row a post; its furniture is passed over, and says so."""
    words = "The first hive was a box of boards, and nobody had told the bees about it. " * 8
    link = "https://blog.example/post-1/"
    html = f'<!doctype html><html><head><title>Post 1</title><link rel="canonical" href="{link}"></head><body><article><h1>Post 1</h1><p>{words}</p><p>{words}</p></article></body></html>'
    feed = f'<rss version="2.0"><channel><title>B</title><link>https://blog.example</link><item><title>Post 1</title><link>{link}</link><guid>https://blog.example/?p=1</guid><description>s</description></item></channel></rss>'
    files = {
        "blog.example/post-1/index.html": html, "blog.example/feed/index.html": feed,
        "blog.example/wp-json/wp/v2/posts/1/index.html": json.dumps(rest(1)), "blog.example/wp-json/wp/v2/posts.json": json.dumps([rest(1), rest(2)]),
        "blog.example/style.css": "/* Theme */\nbody { color: red; }", "blog.example/a.css": ".a > .b, p { margin: 0; }",
        "blog.example/x.js": "!function(e){e()}(window);", "blog.example/i.png": b"\x89PNG\r\n\x1a\n\0\0\0",
        "blog.example/robots.txt": "User-agent: *\nDisallow:\n", "blog.example/sitemap.xml": '<?xml version="1.0"?><urlset></urlset>',
    }  # fmt: skip
    for name, content in files.items():
        prompt.file(f"mirror/{name}", content)
    done = prompt("--json", "load", "mirror")
    assert done.code == 0, done.err
    assert prompt.ask("SELECT remote_id, title FROM posts ORDER BY 1") == [("1", "Post 1"), ("2", "Post 2")]
    assert prompt.ask("SELECT count(*) FROM sightings WHERE post_id = 1") == [(3,)]
    assert sum("passed over" in row.get("about", "") for row in done.rows) == 6
    assert prompt("load", "mirror/blog.example/i.png").code == 4


@pytest.mark.parametrize(
    "prose", ["Otto and the bees\n", "Function follows form\n", "Let me say = this\n", "document (draft)\n", "BMW: a history\n",
              "User agents of change\n", "Body {of evidence}\n", "ID3 is a tag\n", "window of time\n", "Gif8 or not\n"],
)  # fmt: skip
def test_prose_is_no_furniture(prose: str) -> None:
    """Whatever its first word."""
    assert not is_asset(prose.encode() * 20)


def bomb() -> bytes:
    """300 MB of a JSON list in 300 kB."""
    return zipped({"bomb.json": b'[{"id": 1}' + b" " * (300 * 2**20) + b"]"})


BAD = {
    "nested": (zipped({"in.zip": zipped(POSTS)}), "an archive within an archive"),  # type: ignore[arg-type]
    "office": (zipped({"[Content_Types].xml": "<x/>", "word/document.xml": "<w/>"}), "office document"),
    "cut": (zipped(POSTS)[:-60], "an archive that cannot be read"),  # type: ignore[arg-type]
    "flipped": (zipped({"a.txt": "words " * 900}).replace(b"a.txt", b"b.txt", 1), "cannot be read"),
    "bomb": (bomb(), "unpacks to over"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_archive_that_is_none(prompt: Prompt, name: str) -> None:
    """Refused in a line; nothing is stored."""
    content, words = BAD[name]
    prompt.file("saved", content)
    done = prompt("load", "saved")
    assert done.code == 4
    assert words in done.err
    assert prompt.ask("SELECT count(*) FROM posts") == [(0,)]
