"""What a site sent: kept once, known by its hash, and never taken for what it is not."""

import pytest

from ingest.corpus import Corpus, payloads
from ingest.errors import CorpusError, ParseError
from tests.corpus.making import load, modified, post


def test_an_edit_inside_a_shared_document_is_seen(corpus: Corpus) -> None:
    """A feed that is kept as one whole document: its second post may have changed as well as its first."""
    for day, raw in ((2, b"<feed>one</feed>"), (3, b"<feed>two</feed>")):
        posts = [post(str(n), f"<p>{n} on {day}</p>", raw=raw, modified=modified(day)) for n in (1, 2)]
        load(corpus, *posts)
    assert [r["text"] for r in corpus.rows("SELECT text FROM posts ORDER BY id")] == ["1 on 3", "2 on 3"]
    assert corpus.rows("SELECT count(*) AS n FROM revisions") == [{"n": 2}]
    assert corpus.rows("SELECT count(*) AS n FROM payloads") == [{"n": 2}]


def test_markup_churn_does_not_move_the_date_of_the_words(corpus: Corpus) -> None:
    """A revision is dated by when its words were first held, not by the last payload that bore them."""
    days = [f"2026-01-0{n}T00:00:00Z" for n in (1, 2, 3)]
    load(corpus, post(body="<p>one</p>"), at=days[0])
    load(corpus, post(body="<p class=x>one</p>", modified=modified(3)), at=days[1])
    load(corpus, post(body="<p>two</p>", modified=modified(4)), at=days[2])
    assert corpus.rows("SELECT seen_at FROM revisions") == [{"seen_at": days[0]}]
    assert corpus.rows("SELECT words_since FROM posts") == [{"words_since": days[2]}]


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE payloads SET data = substr(data, 1, length(data) - 5)",
        "UPDATE payloads SET sha256 = zeroblob(32)",
        "UPDATE payloads SET encoding = 'damaged'",
    ],
)
def test_damaged_bytes_are_not_handed_out(corpus: Corpus, spoil: str) -> None:
    """Whoever asks is told, instead of getting something else."""
    load(corpus, post())
    corpus.conn.execute(spoil)
    with pytest.raises(ParseError, match="damaged"):
        payloads.unpacked(corpus.conn, 1)
    from ingest.corpus import read

    with pytest.raises(CorpusError, match="post 1"):
        read.payload(corpus, 1)


def test_a_damaged_payload_does_not_stop_a_run_under_new_rules(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be made anew is compared as it stands; the page goes in."""
    from ingest import retext
    from ingest.corpus import RunWriter
    from ingest.records import Batch
    from tests.corpus.making import AT, source

    load(corpus, post("1"), post("2"))
    corpus.conn.execute("UPDATE payloads SET encoding = 'damaged' WHERE id = 1")
    views = tuple(post(n, f"<p>New {n}</p>", modified=modified(5))._replace(rules_version=99) for n in "12")
    assert RunWriter(corpus, "fetch", rerender=retext.one).apply(source(), Batch(posts=views), AT).changed == 2


def test_nothing_ever_changes_or_drops_what_came(corpus: Corpus) -> None:
    """Loads, edits, stale copies, retext and disappearance, while any DELETE or UPDATE of a payload would abort."""
    from ingest import retext
    from ingest.corpus import RunWriter
    from ingest.records import Batch, Gone
    from tests.corpus.making import AT, source

    for table in ("payloads", "posts", "post_payloads"):
        corpus.conn.execute(
            f"CREATE TEMP TRIGGER {table}_stay BEFORE DELETE ON main.{table} BEGIN SELECT raise(ABORT, 'lost'); END"
        )
    corpus.conn.execute(
        "CREATE TEMP TRIGGER as_sent BEFORE UPDATE ON main.payloads BEGIN SELECT raise(ABORT, 'changed'); END"
    )
    for day in (2, 5, 3, 9):
        load(corpus, post("1", f"<p>day {day}</p>", modified=modified(day)), post("2", guid="g"))
    load(corpus, post(None, "<p>poorer</p>", rank="feed", guid="g", url=None), kind="feed")
    number = corpus.rows("SELECT id FROM sources")[0]["id"]
    RunWriter(corpus, "fetch").apply(source(number=number), Batch(gone=(Gone("post", "1", "erased", "404"),)), AT)
    corpus.conn.execute("UPDATE posts SET rules_version = 0")
    assert list(retext.retext(corpus))
    assert corpus.rows("SELECT count(*) AS n FROM payloads") == [{"n": 6}]
