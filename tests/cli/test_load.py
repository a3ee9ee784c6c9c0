"""`load`: what came in, what did not and why, and what the exit status says."""

import io
import json
import os
import sys
from pathlib import Path

import pytest

from tests.prompt import Prompt

SAMPLES = Path(__file__).parent.parent.parent / "samples"


def rest(number: int, **wishes: object) -> dict[str, object]:
    """A REST object of our own."""
    home = "https://blog.example"
    return {
        "id": number, "date": "2026-01-01T10:00:00", "date_gmt": "2026-01-01T09:00:00",
        "modified": "2026-01-02T10:00:00", "modified_gmt": "2026-01-02T09:00:00", "slug": f"post-{number}",
        "guid": {"rendered": f"{home}/?p={number}"}, "status": "publish", "type": "post", "link": f"{home}/post-{number}/",
        "title": {"rendered": f"Post {number}"}, "content": {"rendered": f"<p>Body {number}</p>", "protected": False},
        "excerpt": {"rendered": ""}, "author": 1, "categories": [], "tags": [], **wishes,
    }  # fmt: skip


def test_the_samples_become_what_they_are(prompt: Prompt) -> None:
    """The REST object and the pasted page, both called .txt, with everything that can be known about them."""
    done = prompt("load", SAMPLES)
    assert done.code == 0
    seen = prompt.ask(
        "SELECT type, site, url, title, published_at, modified_at, categories, tags, authors FROM corpus ORDER BY type"
    )
    assert seen == [
        (
            "post", "blog.example.org", "https://blog.example.org/?p=412",
            "Our first winter with a heat pump: what we measured & what we learnt",
            "2026-03-02T07:15:00Z", "2026-03-09T17:02:11Z", '["energy"]', "[]", "[]",
        ),
        ("text", None, None, "Keeping Bees in Town", None, None, "[]", "[]", '["Ines"]'),
    ]  # fmt: skip
    text = prompt.ask("SELECT text FROM posts WHERE type = 'post'")[0][0]
    assert text.splitlines()[0] == "Our first winter with a heat pump"
    assert "Radiators sized for 45°C, not for 70°C." in text.splitlines()
    assert "&" not in text
    assert "<" not in text
    pasted, cleaned = prompt.ask("SELECT text, cleaned FROM posts WHERE type = 'text'")[0]
    assert "  • Water within a hundred metres" in pasted.splitlines()
    assert pasted.endswith("that kills it in March.")
    assert json.loads(cleaned)
    assert prompt.ask(
        "SELECT a.remote_id FROM post_authors p JOIN authors a ON a.id = p.author_id WHERE a.name IS NULL"
    ) == [("3",)]


def test_loading_again_from_elsewhere_changes_nothing(prompt: Prompt) -> None:
    """What a document is does not depend on where it lies."""
    prompt("load", SAMPLES)
    before = prompt.ask("SELECT * FROM posts"), prompt.ask("SELECT * FROM aliases")
    for sample in SAMPLES.glob("*.txt"):
        prompt.file(f"elsewhere/{sample.stem}.dat", sample.read_bytes())
    done = prompt("--json", "load", "elsewhere")
    assert done.code == 0
    assert [row["same"] for row in done.rows if row["type"] == "file"] == [1, 1]
    assert (prompt.ask("SELECT * FROM posts"), prompt.ask("SELECT * FROM aliases")) == before
    assert prompt.ask("SELECT count(*) FROM revisions") == [(0,)]


@pytest.mark.parametrize(
    ("words", "title"), [("bees", "Keeping Bees in Town"), ('"weather compensation"', "Our first winter")]
)
def test_search_finds_the_right_one(prompt: Prompt, words: str, title: str) -> None:
    """One hit each, with a snippet."""
    prompt("load", SAMPLES)
    done = prompt("search", words, "--json")
    hit, summary = done.rows
    assert hit["title"].startswith(title)
    assert "[" in hit["snippet"]
    assert summary == {"type": "summary", "hits": 1, "total": 1, "exit_code": 0}


@pytest.mark.parametrize("form", ["list", "lines", "objects", "pretty", "bom", "utf-16", "gzip"])
def test_every_form_of_saved_rest_json(prompt: Prompt, form: str) -> None:
    """A list, JSON lines, one file a post; whatever the encoding."""
    import gzip

    posts = [rest(n) for n in range(1, 251)]
    whole = json.dumps(posts)
    if form == "objects":
        for post in posts:
            prompt.file(f"in/{post['id']}", json.dumps(post))
    else:
        content = {
            "list": whole.encode(), "lines": "\n".join(map(json.dumps, posts)).encode(),
            "pretty": json.dumps(posts, indent=2).encode(), "bom": b"\xef\xbb\xbf" + whole.encode(),
            "utf-16": whole.encode("utf-16"), "gzip": gzip.compress(whole.encode()),
        }[form]  # fmt: skip
        prompt.file("in/saved", content)
    assert prompt("load", "in").code == 0
    assert prompt.ask("SELECT count(*), min(title), count(DISTINCT doc_id) FROM corpus") == [(250, "Post 1", 250)]


def test_one_broken_post_does_not_sink_its_page(prompt: Prompt) -> None:
    """99 stored, 1 in rejects with the reason, exit status 3."""
    posts = [rest(n) for n in range(1, 100)] + [rest(100, id="no number")]
    prompt.file("page.json", json.dumps(posts))
    done = prompt("load", "page.json")
    assert done.code == 3
    assert prompt.ask("SELECT count(*) FROM posts") == [(99,)]
    ((reason, raw),) = prompt.ask("SELECT reason, raw FROM rejects")
    assert "id" in reason
    assert json.loads(raw)["slug"] == "post-100"
    assert "page.json: rejected" in done.err


BAD = {
    "binary": (b"\x7fELF\x00\x00\x01\x02" * 50, "binary"),
    "empty": (b"", "empty"),
    "blank": (b" \n\n ", "empty"),
    "truncated": (json.dumps(rest(1)).encode()[:300], "truncated"),
    "no-post": (b'{"name": "x", "version": 3}', "no WordPress post"),
    "scalar": (b"[1, 2, 3]", "no WordPress post"),
    "envelope": (b'{"code":"rest_no_route","message":"No route was found","data":{"status":404}}', "rest_no_route"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named_and_the_others_stored(prompt: Prompt, name: str) -> None:
    """One clear line for each; alone it is 4, beside a good one 3."""
    content, why = BAD[name]
    bad = prompt.file(f"{name}.json", content)
    done = prompt("load", bad)
    assert done.code == 4
    line = next(line for line in done.err.splitlines() if "rejected:" in line)
    assert str(bad) in line
    assert why in line
    done = prompt("load", bad, SAMPLES)
    assert done.code == 3
    assert prompt.ask("SELECT count(*) FROM posts") == [(2,)]


def test_equal_reasons_are_one_line_with_a_count(prompt: Prompt) -> None:
    """A file that is wrong throughout is a line, many reasons are a handful; `--json` has every one."""
    prompt.file("wrong.json", json.dumps([rest(1), *(rest(n, id=None) for n in range(2, 394))]))
    done = prompt("load", "wrong.json")
    (line,) = (line for line in done.err.splitlines() if ": rejected" in line)
    assert line.startswith("wrong.json: rejected: ")
    assert line.endswith(" (392 times)")
    assert len(prompt("--json", "load", "wrong.json").rows[0]["errors"]) == 392
    prompt.file("many.json", json.dumps([rest(n, id=f"no {n}") for n in range(1, 21)]))
    done = prompt("load", "many.json")
    lines = [line for line in done.err.splitlines() if ": rejected" in line]
    assert (len(lines), lines[-1]) == (6, "many.json: rejected: 15 more; --json has each")


def test_what_came_before_the_damage_is_kept(prompt: Prompt) -> None:
    """A list cut in the middle keeps its whole posts and says so."""
    whole = json.dumps([rest(n) for n in range(1, 11)]).encode()
    prompt.file("cut.json", whole[: len(whole) * 3 // 4])
    done = prompt("load", "cut.json")
    assert done.code == 3
    assert prompt.ask("SELECT count(*) FROM posts") == [(7,)]
    assert "truncated" in done.err


def test_a_sound_document_without_posts_is_well(prompt: Prompt) -> None:
    """An empty list is an answer."""
    prompt.file("none.json", "[]")
    assert prompt("load", "none.json").code == 0


def test_odd_files_are_left_alone(prompt: Prompt) -> None:
    """No FIFO is waited for, no link followed out of its folder; a name that is not there is named."""
    os.mkfifo(prompt.folder / "fifo")
    prompt.file("in/good.txt", "Title\n\nBody.\n")
    (prompt.folder / "in" / "out").symlink_to("/etc/hostname")
    done = prompt("load", "in", "fifo", "nowhere")
    assert done.code == 3
    for word in ("not a regular file", "leads out of its folder", "nowhere: rejected: cannot be read"):
        assert word in done.err
    assert prompt.ask("SELECT title FROM posts") == [("Title",)]


def test_standard_input(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads a document from another program."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(rest(5)).encode())))
    assert prompt("load", "-").code == 0
    assert prompt.ask("SELECT title FROM corpus") == [("Post 5",)]


def test_site_declares_whose_the_files_are(prompt: Prompt) -> None:
    """Whatever hosts they mention; and relative addresses resolve against it."""
    body = {"rendered": '<p><a href="/about/">About</a> <a href="https://elsewhere.example/x">x</a></p>'}
    prompt.file("a.json", json.dumps(rest(1, link="/relative/", content=body)))
    prompt.file("b.txt", "Title\n\nBody.\n")
    assert prompt("load", "--site", "https://www.mine.example/", "a.json", "b.txt").code == 0
    assert prompt.ask("SELECT DISTINCT site FROM corpus") == [("mine.example",)]
    assert prompt.ask("SELECT url FROM posts WHERE remote_id = '1'") == [("https://www.mine.example/relative/",)]
    assert prompt.ask("SELECT url, internal FROM links ORDER BY n") == [
        ("https://www.mine.example/about/", 1), ("https://elsewhere.example/x", 0)
    ]  # fmt: skip
    assert prompt("load", "--site", "ftp://x", "a.json").code == 2


def test_json_output_is_one_object_a_line(prompt: Prompt) -> None:
    """A line a file, a line a source by the contract's names, and the summary last."""
    prompt.file("a.json", json.dumps([rest(1), rest(2)]))
    done = prompt("load", "a.json", "--json")
    file, source, summary = done.rows
    assert (file["type"], file["file"], file["kind"], file["new"]) == ("file", "a.json", "wordpress", 2)
    for name in (
        "source",
        "kind",
        "url",
        "new",
        "changed",
        "same",
        "gone",
        "rejected",
        "verdict",
        "reason",
        "missing_ids",
        "error",
    ):
        assert name in source
    assert (source["type"], source["new"], source["verdict"]) == ("source", 2, "unknown")
    assert summary["type"] == "summary"
    assert summary["exit_code"] == done.code == 0


def test_quiet_says_nothing_when_all_is_well(prompt: Prompt) -> None:
    """Cron mails what is printed."""
    done = prompt("-q", "load", SAMPLES)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_a_post_that_says_nobodys_is_asked_about(prompt: Prompt) -> None:
    """Two blogs' post 5 are two posts: without a site an id names nothing, so the site must be told."""
    bare = {"id": 5, "title": {"rendered": "Cats"}, "content": {"rendered": "<p>Cats</p>"}}
    prompt.file("a.json", json.dumps(bare))
    done = prompt("load", "a.json")
    assert done.code == 4
    assert "--site URL" in done.err
    assert prompt("load", "--site", "https://cats.example", "a.json").code == 0
    ((doc_id, site),) = prompt.ask("SELECT doc_id, site FROM corpus")
    assert site == "cats.example"
    assert len(doc_id) == 32


def test_private_posts_are_taken_only_when_asked_for(prompt: Prompt) -> None:
    """A saved draft is not published by us."""
    posts = [rest(1), rest(2, status="draft"), rest(3, status="private"), rest(4, status="trash")]
    prompt.file("all.json", json.dumps(posts))
    done = prompt("load", "all.json")
    assert "--include-private" in done.err
    assert prompt.ask("SELECT remote_id FROM posts") == [("1",)]
    prompt("load", "--include-private", "all.json")
    assert prompt.ask("SELECT remote_id, status FROM posts ORDER BY 1") == [
        ("1", "publish"), ("2", "draft"), ("3", "private")
    ]  # fmt: skip


def test_rejected_counts_files_too(prompt: Prompt) -> None:
    """What is printed as rejected is counted as rejected."""
    prompt.file("empty", b"")
    done = prompt("--json", "load", "empty", "nowhere")
    assert [row["rejected"] for row in done.rows if row["type"] == "file"] == [1, 1]
    assert done.rows[-1]["rejected"] == 2


def runs(prompt: Prompt) -> int:
    """How many runs have begun to store."""
    return int(prompt.ask("SELECT count(*) FROM runs")[0][0])


def test_a_signal_ends_a_load_at_the_next_page(prompt: Prompt) -> None:
    """The first one is enough: what was committed stays, 130 within seconds, and the next run takes the rest."""
    import signal
    import subprocess
    import time

    prompt.file("many.jsonl", "\n".join(json.dumps(rest(n)) for n in range(1, 20_001)))
    for stored, (blow, code) in enumerate(((signal.SIGINT, 130), (signal.SIGTERM, 143))):
        words = [sys.executable, "-m", "ingest.cli", "--db", str(prompt.db), "load", "many.jsonl"]
        running = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 30
        while time.monotonic() < until and not (prompt.db.exists() and runs(prompt) > stored):
            time.sleep(0.02)
        running.send_signal(blow)
        _, err = running.communicate(timeout=10)
        assert running.returncode == code, err
        assert "stopped" in err
        assert prompt.ask("SELECT count(*) % 100 = 0 FROM posts") == [(1,)]
    assert prompt.ask("SELECT count(*) BETWEEN 100 AND 19900 FROM posts") == [(1,)]


@pytest.mark.parametrize("name", ["with\nnewline.txt", "ünïcödé.txt", "-dash.txt", "a b.txt"])
def test_odd_file_names(prompt: Prompt, name: str) -> None:
    """One line each, whatever the name."""
    prompt.file(f"in/{name}", "Title\n\nBody.\n")
    done = prompt("load", "in")
    assert done.code == 0
    assert len(done.err.splitlines()) == 3
