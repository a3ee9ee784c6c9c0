"""`merge`: another corpus taken in, twice the same as once, and the same in both directions."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ingest.corpus import Corpus, RunWriter, inspect, match
from ingest.records import Batch, Gone, PersonItem, TermItem
from tests.corpus import flips
from tests.corpus.making import source
from tests.prompt import Prompt

FEED = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>B</title>
<link>https://blog.example/</link><language>en</language>{items}</channel></rss>"""
ITEM = """<item><title>Post {n}</title><link>https://blog.example/post-{n}/</link>
<guid isPermaLink="false">https://blog.example/?p={n}</guid><pubDate>Wed, 01 Jan 2025 09:00:00 GMT</pubDate>
<content:encoded><![CDATA[<p>From the feed {n}, {words}</p>]]></content:encoded></item>"""


def feed(*numbers: int, words: str = "first") -> str:
    """A feed of these posts."""
    return FEED.format(items="".join(ITEM.format(n=n, words=words) for n in numbers))


def alpha(db: Path, prompt: Prompt) -> None:
    """Half of the posts, as the REST API gave them in January."""
    flips.load(db, (flips.rest(n, 2) for n in range(1, 21)), now="2026-01-01T00:00:00Z")
    flips.load(db, (flips.rest(n, 4) for n in (3, 6)), now="2026-01-05T00:00:00Z")
    gone(db, "5", "2026-01-09T00:00:00Z")
    names(db, "Bees", "2026-01-10T00:00:00Z")


def beta(db: Path, prompt: Prompt) -> None:
    """Other posts, later edits of some, and what only the feed had."""
    flips.load(db, (flips.rest(n, 2) for n in range(11, 31)), now="2026-02-01T00:00:00Z")
    flips.load(db, (flips.rest(n, 6) for n in (3, 12, 13)), now="2026-02-05T00:00:00Z")
    flips.load(db, [flips.rest(15, 2, "<p>the same date and other words</p>")], now="2026-02-06T00:00:00Z")
    prompt.file("feed.xml", feed(1, 2, 40, 41))
    assert prompt("--db", db, "load", "feed.xml").code == 0
    flips.load(db, [flips.rest(9000, 2, "<p>我們的健康生活</p>")], now="2026-02-07T00:00:00Z")
    gone(db, "30", "2026-02-09T00:00:00Z")
    names(db, "Bees and wasps", "2026-02-10T00:00:00Z")


def gone(db: Path, remote_id: str, at: str) -> None:
    """A post that was found to be gone."""
    with Corpus(db, write=True) as corpus:
        number = corpus.rows("SELECT id FROM sources WHERE kind = 'wordpress'")[0]["id"]
        writer = RunWriter(corpus, "fetch")
        writer.apply(source(number=number), Batch(gone=(Gone("post", remote_id, "erased", "404"),)), at)


def names(db: Path, word: str, at: str) -> None:
    """The names of a term and of the authors, as a run learns them."""
    with Corpus(db, write=True) as corpus:
        number = corpus.rows("SELECT id FROM sources WHERE kind = 'wordpress'")[0]["id"]
        told = Batch(
            terms=(TermItem("category", "2", word, "room-1"),), people=(PersonItem("1", f"Ines of {word}", "ines"),)
        )
        RunWriter(corpus, "fetch").apply(source(number=number), told, at)
        corpus.conn.execute("UPDATE sources SET last_ok_at = ? WHERE id = ?", [at, number])


def content(db: Path) -> list[Any]:
    """Everything but row numbers and the day of the merge."""
    with Corpus(db) as corpus:
        return [
            corpus.rows("SELECT * FROM corpus ORDER BY doc_id"),
            corpus.rows("SELECT p.doc_id, r.n, r.title, r.text, r.modified_at, r.seen_at FROM revisions r"
                        " JOIN posts p ON p.id = r.post_id ORDER BY 1, 2"),
            corpus.rows("SELECT doc_id, status, excerpt, text_hash, words_since, body_rank, last_seen_at, gone_evidence"
                        " FROM posts ORDER BY 1"),
            corpus.rows("SELECT hex(y.sha256), p.doc_id FROM post_payloads x JOIN payloads y ON y.id = x.payload_id"
                        " JOIN posts p ON p.id = x.post_id ORDER BY 1, 2"),
            corpus.rows("SELECT o.kind, o.url, p.doc_id, g.body_rank FROM sightings g JOIN sources o ON o.id = g.source_id"
                        " JOIN posts p ON p.id = g.post_id ORDER BY 1, 2, 3"),
            corpus.rows("SELECT p.doc_id, l.n, l.url, l.anchor FROM links l JOIN posts p ON p.id = l.post_id ORDER BY 1, 2"),
        ]  # fmt: skip


@pytest.fixture
def pair(prompt: Prompt) -> tuple[Path, Path]:
    """Two corpora of one blog, from two machines."""
    made = prompt.folder / "a.db", prompt.folder / "b.db"
    alpha(made[0], prompt)
    beta(made[1], prompt)
    return made


def merged(prompt: Prompt, into: Path, other: Path, name: str) -> Path:
    """A copy of one with the other taken in."""
    path = prompt.folder / name
    shutil.copy(into, path)
    assert prompt("--db", path, "merge", other).code == 0
    return path


def test_nothing_of_either_is_lost(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """Every word that one of them held is the post's or one of its revisions; the newer edit is the post's."""
    path = merged(prompt, *pair, "both.db")
    with Corpus(path) as corpus:
        texts = {r["text"] for r in corpus.rows("SELECT text FROM posts UNION SELECT text FROM revisions")}
        for one in pair:
            with Corpus(one) as before:
                held = before.rows("SELECT text FROM posts WHERE body_rank = 50 UNION SELECT text FROM revisions")
                assert {r["text"] for r in held} <= texts
        ids = corpus.rows("SELECT remote_id FROM posts WHERE remote_id IS NOT NULL")
        assert {int(r["remote_id"]) for r in ids} == {*range(1, 31), 9000}
        three = corpus.rows("SELECT modified_at, (SELECT count(*) FROM revisions WHERE post_id = p.id) AS n FROM posts p"
                            " WHERE remote_id = '3'")  # fmt: skip
        assert three == [{"modified_at": "2025-01-06T09:00:00Z", "n": 2}]
        assert corpus.rows("SELECT remote_id FROM posts WHERE gone_at IS NOT NULL ORDER BY 1") == [
            {"remote_id": "30"}, {"remote_id": "5"},
        ]  # fmt: skip
        assert corpus.rows("SELECT name FROM terms WHERE remote_id = '2'") == [{"name": "Bees and wasps"}]
    assert inspect(path) == []


def test_twice_is_once(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """Row for row."""
    path = merged(prompt, *pair, "both.db")
    once = content(path)
    done = prompt("--db", path, "merge", pair[1], "--json")
    assert (done.rows[-1]["new"], done.rows[-1]["changed"]) == (0, 0)
    assert content(path) == once


def test_both_directions_give_the_same(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """Posts, history, names, payloads, sightings, marks and dates."""
    ours, theirs = content(merged(prompt, *pair, "ab.db")), content(merged(prompt, pair[1], pair[0], "ba.db"))
    for one, other in zip(ours, theirs, strict=True):
        assert [(a, b) for a, b in zip(one, other, strict=False) if a != b] == []
        assert len(one) == len(other)


def test_into_nothing_is_a_copy(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """A new corpus that takes in another one holds what that one holds; the other is left as it was."""
    before = pair[1].read_bytes()
    assert prompt("--db", "new.db", "merge", pair[1]).code == 0
    assert content(prompt.folder / "new.db") == content(pair[1])
    assert pair[1].read_bytes() == before


def test_a_former_doc_id_is_found(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """Whoever cited a post of the other corpus finds it here."""
    with Corpus(pair[1]) as corpus:
        cited = [r["doc_id"] for r in corpus.rows("SELECT doc_id FROM posts")]
        cited += [r["value"] for r in corpus.rows("SELECT value FROM aliases WHERE kind = 'doc_id'")]
    path = merged(prompt, *pair, "both.db")
    for doc_id in cited:
        assert prompt("--db", path, "show", doc_id).code == 0


@pytest.mark.parametrize("direction", [(0, 1), (1, 0)])
def test_what_is_forgotten_in_one_is_forgotten_in_both(
    prompt: Prompt, pair: tuple[Path, Path], direction: tuple[int, int]
) -> None:
    """Whether it is held here or there, or only there."""
    for number in ("post-12", "post-3", "post-40"):
        assert prompt("--db", pair[1], "forget", f"https://blog.example/{number}/", "--reason", "asked").code == 0
    path = merged(prompt, pair[direction[0]], pair[direction[1]], "both.db")
    with Corpus(path) as corpus:
        rows = corpus.rows("SELECT title, text, gone_evidence FROM posts WHERE gone_kind = 'forgotten'")
        assert rows == [{"title": "", "text": "", "gone_evidence": "asked"}] * 3
        assert corpus.rows("SELECT count(*) AS n FROM posts WHERE remote_id IN ('12', '3')") == [{"n": 2}]
    assert b"n302x1" not in path.read_bytes()
    assert inspect(path) == []
    assert prompt("--db", path, "merge", pair[direction[1]], "--json").rows[-1]["new"] == 0
    prompt.file("again.xml", feed(40))
    assert prompt("--db", path, "load", "again.xml", "--json").rows[0]["new"] == 0


def test_what_is_no_other_corpus_is_refused(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """Itself, nothing, and something else; and no empty corpus is left behind."""
    assert prompt("--db", pair[0], "merge", pair[0]).code == 2
    assert prompt("--db", "new.db", "merge", "nothing.db").code == 5
    assert prompt("--db", "new.db", "merge", prompt.file("text.db", "words " * 40)).code == 5
    assert not (prompt.folder / "new.db").exists()


def test_an_older_snapshot_of_the_same_corpus_changes_nothing(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """What was there before is known; what changed since stays as it is."""
    assert prompt("--db", pair[0], "snapshot", "old.db").code == 0
    flips.load(pair[0], (flips.rest(n, 9) for n in (1, 2)), now="2026-03-01T00:00:00Z")
    before = content(pair[0])
    assert prompt("--db", pair[0], "merge", "old.db", "--json").rows[-1]["changed"] == 0
    assert content(pair[0]) == before


def test_a_lost_corpus_is_made_whole_from_its_snapshot(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """Into a new file, where it is what it was."""
    assert prompt("--db", pair[0], "snapshot", "old.db").code == 0
    assert prompt("--db", "new.db", "merge", "old.db").code == 0
    assert content(prompt.folder / "new.db") == content(pair[0])


def test_an_older_corpus_is_brought_up_to_date_in_a_copy(prompt: Prompt, pair: tuple[Path, Path]) -> None:
    """The other file is only read, whatever program made it."""
    expected = content(merged(prompt, *pair, "both.db"))
    with Corpus(pair[1], write=True) as corpus:
        corpus.conn.execute("DROP VIEW posts_now")
        corpus.conn.execute("UPDATE about SET value = 'of another version' WHERE key = 'views'")
    before = pair[1].read_bytes()
    assert content(merged(prompt, *pair, "again.db")) == expected
    assert pair[1].read_bytes() == before


def test_a_post_that_is_two_rows_in_one_of_them(prompt: Prompt) -> None:
    """The other corpus knows both its names: one row, the same whichever is merged into the other."""
    made = {name: prompt.folder / f"{name}.db" for name in ("a", "b")}
    prompt.file("feed.xml", feed(7, 8).replace("post-7/</link>", "old-7/</link>"))
    prompt.file("page.html", PAGE)
    prompt.file("later.xml", feed(7, 8, words="second"))
    prompt("--db", made["a"], "load", "feed.xml")
    prompt("--db", made["a"], "load", "page.html")
    prompt("--db", made["b"], "load", "later.xml")
    for one, other in (("a", "b"), ("b", "a")):
        into = prompt.folder / f"{one}{other}.db"
        shutil.copy(made[one], into)
        done = prompt("--db", into, "merge", made[other])
        assert done.code == 0, done.err
        assert inspect(into) == []
    assert prompt("--db", prompt.folder / "ab.db", "--json", "merge", made["a"]).code == 0
    rows = [
        [
            {k: v for k, v in row.items() if k not in {"first_seen_at", "revisions"}}
            for row in corpus_rows(prompt.folder / name)
        ]
        for name in ("ab.db", "ba.db")
    ]
    assert len(rows[0]) == 2
    assert rows[0] == rows[1]


def test_a_corpus_made_before_rows_were_joined(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its two rows of a post become one on the way in, and what it knows of either is brought to that one."""
    other, db = prompt.folder / "other.db", prompt.folder / "ours.db"
    with monkeypatch.context() as before:
        before.setattr(match, "may_be_one", lambda *_: False)
        for name, text in (("a", feed(7).replace("post-7/</link>", "old-7/</link>")), ("b", PAGE), ("c", feed(7))):
            prompt.file(name, text)
            assert prompt("--db", other, "load", name).code == 0
    assert len(corpus_rows(other)) == 2
    with (
        Corpus(other, write=True) as corpus,
        corpus.transaction() as conn,
    ):  # the page came between two looks at the feed
        conn.execute("UPDATE payloads SET first_seen_at = '2026-01-0' || id || 'T00:00:00Z'")
        conn.execute("UPDATE posts SET gone_at = '2099-01-01T00:00:00Z', gone_kind = 'erased'")
    prompt.file("d", feed(9))
    assert prompt("--db", db, "load", "d").code == 0
    done = prompt("--db", db, "merge", other)
    assert done.code == 0, done.err
    assert [row["gone_kind"] for row in corpus_rows(db) if row["title"] == "Post 7"] == ["erased"]
    assert inspect(db) == []


PAGE = """<!DOCTYPE html><html><head><title>Post 7</title><link rel="canonical" href="https://blog.example/post-7/">
</head><body><article><h1>Post 7</h1><p>As a page, with words enough to be an article of its own. It says what the
feed says, at greater length, and in sentences that nobody would take for furniture.</p></article></body></html>"""


def corpus_rows(db: Path) -> list[dict[str, Any]]:
    """The view `corpus`."""
    with Corpus(db) as corpus:
        return corpus.rows("SELECT * FROM corpus ORDER BY doc_id")
