"""The history of posts: every version, what differs between two, and the corpus as of a date."""

import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.corpus import Corpus, RunWriter, history
from ingest.errors import ConfigError
from ingest.records import Batch, Gone
from tests.corpus import flips
from tests.corpus.making import load, modified, post, source
from tests.prompt import Prompt

ROOT = Path(__file__).parent.parent.parent


def day(n: int) -> str:
    """A moment in January 2026."""
    return f"2026-01-{n:02}T12:00:00Z"


@pytest.fixture
def told(corpus: Corpus) -> Corpus:
    """A post that changed twice, with markup churn between; one that came later; one that went."""
    load(corpus, post(body="<p>One bee</p>"), at=day(1))
    load(corpus, post(body="<p>Two bees</p>", modified=modified(3)), at=day(5))
    load(corpus, post(body="<p class='x'>Two bees</p>", modified=modified(4)), at=day(7))
    load(corpus, post(body="<p>Three bees</p>", modified=modified(5)), at=day(9))
    load(corpus, post("2", "<p>Later</p>"), at=day(6))
    load(corpus, post("3", "<p>Going</p>"), at=day(2))
    number = corpus.rows("SELECT id FROM sources")[0]["id"]
    RunWriter(corpus, "fetch").apply(source(number=number), Batch(gone=(Gone("post", "3", "erased", "404"),)), day(8))
    return corpus


def test_versions(told: Corpus) -> None:
    """Each with when it was first held; the last is the post itself, and markup churn is none."""
    assert [(v.n, v.text, v.seen_at) for v in history.versions(told, 1)] == [
        (1, "One bee", day(1)), (2, "Two bees", day(5)), (3, "Three bees", day(9)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("date", "texts"),
    [
        ("2025-12-31", []), ("2026-01-01", ["One bee"]), ("2026-01-04", ["One bee", "Going"]),
        ("2026-01-05", ["Two bees", "Going"]), ("2026-01-06", ["Two bees", "Later", "Going"]),
        ("2026-01-08", ["Two bees", "Later"]), ("2026-01-09T11:59:59Z", ["Two bees", "Later"]),
        ("2026-01-09", ["Three bees", "Later"]), ("2030-01-01", ["Three bees", "Later"]),
    ],
)  # fmt: skip
def test_the_corpus_as_of_a_date(told: Corpus, date: str, texts: list[str]) -> None:
    """What this file would have answered at the end of that day."""
    rows = history.as_of(told, date)
    assert sorted(row["text"] for row in rows if row["gone_at"] is None) == sorted(texts)


def test_the_documented_query_is_the_one_that_runs(told: Corpus) -> None:
    """docs/as-of.md can be pasted into any SQLite."""
    page = (ROOT / "docs" / "as-of.md").read_text(encoding="utf-8")
    sql = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)[0]
    conn = sqlite3.connect(f"file:{told.path}?mode=ro", uri=True)
    assert len(conn.execute(sql, {"at": day(6)}).fetchall()) == 3
    conn.close()
    assert sql.strip() == history.AS_OF.strip()


def test_no_date_is_refused(told: Corpus) -> None:
    """Rather than compared as a string."""
    for word in ("May", "2026-5-1", "2026-01-01 10:00", ""):
        with pytest.raises(ConfigError):
            history.as_of(told, word)


texts = st.lists(st.sampled_from(["hedge", "bees", " ", "\n", "健", "康", ".", "pump"]), max_size=30).map("".join)


@given(texts, texts)
def test_a_diff_is_both_texts(old: str, new: str) -> None:
    """What is the same and what is old make the old text, what is the same and what is new the new one."""
    pieces = list(history.changes(old, new))
    assert "".join(p.words for p in pieces if p.what != "new") == old
    assert "".join(p.words for p in pieces if p.what != "old") == new


def test_the_commands(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """`show --revisions` lists, `show --diff` marks words: in colour on a terminal, as git does elsewhere."""
    flips.load(prompt.db, [flips.rest(1, 2, "<p>The old pump is loud</p>")])
    flips.load(prompt.db, [flips.rest(1, 3, "<p>The new pump is quiet</p>")])
    assert [row["text"] for row in prompt("show", "1", "--revisions", "--json").rows[:-1]] == [
        "The old pump is loud", "The new pump is quiet",
    ]  # fmt: skip
    assert "2 (now)" in prompt("show", "1", "--revisions").out
    assert "The [-old-]{+new+} pump is [-loud-]{+quiet+}" in prompt("show", "1", "--diff", "1", "2").out
    assert "The [-new-]{+old+} pump" in prompt("show", "1", "--diff", "2", "1").out
    whats = [(row["what"], row["words"]) for row in prompt("show", "1", "--diff", "1", "2", "--json").rows[:-1]]
    assert ("old", "loud") in whats
    from ingest.cli import history as printed

    assert printed._marked(history.Piece("new", "x"), colour=True) == "\x1b[32mx\x1b[0m"
    assert prompt("show", "1", "--diff", "1", "3").code == 2
