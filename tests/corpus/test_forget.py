"""`forget`: nothing of it stays in the file but a tombstone, and it never comes back."""

import json
import os
from pathlib import Path

import pytest

from ingest.corpus import Corpus, clusters, inspect
from tests.corpus import flips
from tests.fetch.hostile import Server
from tests.prompt import Prompt
from tests.test_run import serves

#: What only the forgotten post says, in every place where a post can say something.
SECRETS = ["quixotryword", "titleofitsown", "slugofitsown", "guidofitsown", "anchorofitsown", "captionofitsown",
           "termofitsown", "excerptofitsown", "earlierwords", "rejectofitsown"]  # fmt: skip


def secret(day: int) -> dict[str, object]:
    """A post with words of its own everywhere."""
    made = flips.rest(77, day)
    words = "earlierwords " * 30 if day == 2 else "quixotryword 健康生活秘密 " * 30
    made["title"] = {"rendered": "titleofitsown"}
    made["link"] = "https://blog.example/slugofitsown/"
    made["guid"] = {"rendered": "https://blog.example/?p=77&guidofitsown"}
    made["excerpt"] = {"rendered": "<p>excerptofitsown</p>"}
    made["class_list"] = ["category-termofitsown"]
    made["categories"] = [707]
    made["content"] = {"rendered": f"<p>{words}<a href='https://x.example/'>anchorofitsown</a></p>"
                       "<figure><img src='https://x.example/i.png' alt=''><figcaption>captionofitsown</figcaption></figure>",
                       "protected": False}  # fmt: skip
    return made


@pytest.fixture
def desk(prompt: Prompt) -> Prompt:
    """A corpus with the secret in it, twice revised, among other posts."""
    flips.make(prompt.db)
    flips.load(prompt.db, [secret(2)])
    flips.load(prompt.db, [secret(3)])
    broken = {**secret(4), "id": 77, "title": "rejectofitsown", "content": None}
    flips.load(prompt.db, [broken])
    return prompt


def raw(folder: Path) -> bytes:
    """Every byte of every file of the corpus."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("corpus.db*")))


def unpacked(prompt: Prompt) -> bytes:
    """Every payload and reject, unpacked."""
    from ingest.corpus import payloads

    with Corpus(prompt.db) as corpus:
        held = [payloads.unpacked(corpus.conn, row["id"])[1] for row in corpus.rows("SELECT id FROM payloads")]
        return b"".join([*held, *(row["raw"] for row in corpus.rows("SELECT raw FROM rejects"))])


def test_not_a_byte_of_it_stays(desk: Prompt) -> None:
    """Words, history, index, names, payloads: looked for in the bytes of the file and in every unpacked payload."""
    before = raw(desk.folder) + unpacked(desk)
    assert [word for word in SECRETS if word.encode() not in before] == []
    others = desk.ask("SELECT * FROM posts WHERE remote_id <> '77' ORDER BY id")
    done = desk("forget", "https://blog.example/slugofitsown/", "--reason", "court order 12/34", "--json")
    assert (done.code, done.rows[-1]["forgotten"]) == (0, 1)
    after = raw(desk.folder) + unpacked(desk)
    assert [word for word in SECRETS if word.encode() in after.lower()] == []
    assert "健康生活秘密".encode() not in after
    assert "生活秘".encode() not in after
    assert desk.ask("SELECT * FROM posts WHERE remote_id <> '77' ORDER BY id") == others
    assert inspect(desk.db) == []
    assert desk("search", "quixotryword", "--json").rows[-1]["hits"] == 0


def test_a_tombstone_stays_and_the_post_never_comes_back(desk: Prompt) -> None:
    """By id, by guid or by address; whoever cites it learns why it is gone."""
    (doc_id,) = desk.ask("SELECT doc_id FROM posts WHERE remote_id = '77'")[0]
    assert desk("forget", doc_id, "--reason", "court order").code == 0
    feed = (
        '<rss version="2.0"><channel><title>B</title><link>https://blog.example/</link><item><title>titleofitsown</title>'
        "<link>https://blog.example/slugofitsown/</link><guid>https://blog.example/?p=77&amp;guidofitsown</guid>"
        "<description>quixotryword</description></item></channel></rss>"
    )
    flips.load(desk.db, [secret(3), secret(9)])
    desk.file("feed.xml", feed)
    assert desk("load", "feed.xml", "--site", "https://blog.example", "--json").rows[0]["same"] == 1
    assert desk.ask("SELECT doc_id, title, text, gone_kind, gone_evidence FROM posts WHERE remote_id = '77'") == [
        (doc_id, "", "", "forgotten", "court order")
    ]
    assert desk.ask("SELECT count(*) FROM posts WHERE title = 'titleofitsown'") == [(0,)]
    assert "court order" in desk("show", doc_id).out
    assert "court order" in desk("show", "https://blog.example/slugofitsown/").out
    assert b"quixotryword" not in raw(desk.folder) + unpacked(desk)
    assert desk("forget", doc_id, "--reason", "again", "--json").rows[-1]["forgotten"] == 0
    assert inspect(desk.db) == []


def test_a_source_is_forgotten_with_all_its_posts(desk: Prompt) -> None:
    """It is polled no more, and its row says why."""
    desk.file("other.json", json.dumps({**flips.rest(1, 2), "link": "https://kept.example/a/",
                                         "guid": {"rendered": "https://kept.example/?p=1"}}))  # fmt: skip
    assert desk("load", "other.json").code == 0
    number = desk.ask("SELECT id FROM sources WHERE url = 'load:blog.example'")[0][0]
    count = desk.ask("SELECT count(*) FROM sightings WHERE source_id = ?", number)[0][0]
    done = desk("forget", "--source", number, "--reason", "the author asked", "--json")
    assert (done.code, done.rows[-1]["forgotten"]) == (0, count)
    assert desk.ask("SELECT state, substr(reason, -16) FROM sources WHERE id = ?", number) == [
        ("removed", "the author asked")
    ]
    assert desk.ask("SELECT count(*) FROM posts WHERE text <> ''") == [(1,)]
    assert desk.ask("SELECT count(*) FROM payloads") == [(1,)]
    assert inspect(desk.db) == []


def test_a_document_of_several_posts_goes_with_one_of_them(desk: Prompt) -> None:
    """The others keep their words, and say that their payload went."""
    from tests.corpus.making import load, post

    with Corpus(desk.db, write=True) as corpus:
        whole = b"<feed>the whole document</feed>"
        load(corpus, post("501", "<p>five</p>", raw=whole), post("502", "<p>six</p>", raw=whole))
    number = desk.ask("SELECT id FROM posts WHERE remote_id = '501'")[0][0]
    assert desk("forget", number, "--reason", "x").code == 0
    assert desk.ask("SELECT text, flags, payload_id FROM posts WHERE remote_id = '502'") == [
        ("six", '["payload-forgotten"]', None)
    ]
    assert inspect(desk.db) == []


@pytest.mark.parametrize(
    "words", [("forget", "1"), ("forget", "1", "--reason", " "), ("forget", "zzz", "--reason", "x")]
)
def test_it_wants_a_reason_and_a_post(desk: Prompt, words: tuple[str, ...]) -> None:
    """Exit status 2, and nothing is erased."""
    assert desk(*words).code == 2
    assert desk.ask("SELECT count(*) FROM posts WHERE gone_kind = 'forgotten'") == [(0,)]


def asked(desk: Prompt, answer: str, *words: str) -> tuple[int, str]:
    """`forget` on a terminal of its own, where a person answers: exit status and everything that was shown."""
    import pty
    import subprocess
    import sys

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ingest.cli", "--db", str(desk.db), "forget", *words, "--reason", "they asked"]
    done = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=desk.folder)
    os.close(theirs)
    os.write(ours, answer.encode())
    shown, _ = done.communicate(timeout=60)
    os.close(ours)
    return done.returncode, shown.decode()


def test_a_person_is_shown_what_goes_and_asked(desk: Prompt) -> None:
    """On a terminal nothing is erased without a yes; `--yes`, and any script, goes ahead."""
    held = desk.ask("SELECT count(*) FROM posts WHERE gone_kind IS NULL")
    code, shown = asked(desk, "\n", "https://blog.example/slugofitsown/")
    assert (code, "nothing was erased" in shown) == (0, True)
    assert "rejectofitsown  https://blog.example/slugofitsown/  and 2 earlier versions" in shown
    assert "Erase 1 post for good? [y/N]" in shown
    code, shown = asked(desk, "n\n", "--source", "1")
    assert "load:blog.example" in shown
    assert "more" in shown
    assert desk.ask("SELECT count(*) FROM posts WHERE gone_kind IS NULL") == held
    assert asked(desk, "y\n", "1")[0] == 0
    assert asked(desk, "", "2", "--yes")[0] == 0
    assert desk("forget", "3", "--reason", "they asked").code == 0
    assert desk.ask("SELECT id FROM posts WHERE gone_kind = 'forgotten' ORDER BY id") == [(1,), (2,), (3,)]


def test_what_was_made_of_its_words_goes_too(desk: Prompt) -> None:
    """Its language, its signature, and its place among near-duplicates."""
    (number,) = desk.ask("SELECT id FROM posts WHERE remote_id = '77'")[0]
    with Corpus(desk.db, write=True) as corpus, corpus.transaction() as conn:
        conn.execute("INSERT OR REPLACE INTO post_languages (post_id, words, detected) VALUES (?, 'w', 'en')", [number])
        clusters.sign(conn, [clusters.Signed(one, "w", 9, b"x") for one in (number, 1, 2)], "m")
        clusters.keep(conn, [clusters.Member(one, 1.0) for one in (1, number, 2)])
        clusters.settle(conn, [number, 1, 2])
    assert desk("forget", str(number), "--reason", "they asked").code == 0
    for table in ("post_languages", "signatures", "duplicates"):
        assert desk.ask(f"SELECT count(*) FROM {table} WHERE post_id = {number}") == [(0,)]
    assert desk.ask("SELECT settled FROM signatures WHERE post_id = 1") == [(0,)]


PAGE = (
    "<!doctype html><html><head><title>Secretpage</title></head><body><article><h1>Secretpage</h1><p>"
    + "The tide went out further than anybody had seen it go, and it was counted twice. " * 8
    + "</p></article></body></html>"
).encode()


def test_a_source_that_is_one_page_goes_with_it(prompt: Prompt) -> None:
    """Its address is nowhere in the file, sources.toml does not bring it back, and what follows more than it stays."""
    listed = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>%s</urlset>"
    page, text = (
        serves(PAGE, content_type="text/html", etag='"1"'),
        serves(b"Note\n\nWords.", content_type="text/plain"),
    )
    with Server({"/robots.txt": serves(b""), "/slugofitsown/": page, "/notes/a.txt": text, "/other/": page}) as server:
        urls = "".join(f"<url><loc>{server.url(path)}</loc></url>" for path in ("/slugofitsown/", "/other/"))
        server.scripts["/map.xml"] = serves((listed % urls).encode(), content_type="application/xml")
        named = (
            f'[fetch]\nallow_private = ["127.0.0.1"]\ndelay = 0\n[[source]]\nurl = "{server.url("/slugofitsown/")}"\n'
        )
        file = prompt.file("sources.toml", f'{named}kind = "page"\nname = "slugofitsown"\n')
        for kind, path in (("page", "/map.xml"), ("text", "/notes/a.txt")):
            assert prompt("--config", file, "add", "--kind", kind, server.url(path)).code == 0
        assert prompt("--config", file, "fetch").code == 0
        assert b"slugofitsown" in raw(prompt.folder)
        done = prompt("forget", server.url("/slugofitsown/"), "--reason", "court order")
        assert done.code == 0
        assert "followed nothing else" in done.err
        assert b"slugofitsown" not in raw(prompt.folder)
        states = "SELECT kind, state, substr(url, 1, 7), reason LIKE 'forgotten on %: court order' FROM sources"
        assert sorted(prompt.ask(states)) == [
            ("page", "active", "http://", 0), ("page", "removed", "sha256:", 1), ("text", "active", "http://", 0),
        ]  # fmt: skip
        asked = len(server.asked)
        assert prompt("--config", file, "fetch").code == 0
        assert len(server.asked) == asked
        assert b"slugofitsown" not in raw(prompt.folder)
        assert prompt("--config", file, "status").out.startswith("2 well")
        again = prompt("--config", file, "add", "--kind", "page", server.url("/slugofitsown/"))
        assert again.code == 0
        assert prompt("--config", file, "fetch").code == 0
        assert prompt.ask("SELECT count(*) FROM posts WHERE text <> ''") == [(2,)]
        number = prompt.ask("SELECT max(id) FROM sources")[0][0]
        assert prompt("forget", "--source", number, "--reason", "again").code == 0
        assert b"slugofitsown" not in raw(prompt.folder)
        assert inspect(prompt.db) == []
