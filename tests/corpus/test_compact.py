"""`compact`: smaller and quicker, and nothing lost."""

import os
import sqlite3

import pytest

from ingest.corpus import Corpus, inspect
from tests.corpus import flips
from tests.prompt import Prompt


@pytest.fixture
def desk(prompt: Prompt) -> Prompt:
    """A corpus with old requests, a payload of no post, and one that lost."""
    flips.make(prompt.db)
    with Corpus(prompt.db, write=True) as corpus, corpus.transaction() as conn:
        for at, outcome in (("2020-01-01T01:00:00Z", "ok"), ("2020-01-01T02:00:00Z", "ok"), ("2020-01-02T01:00:00Z", "ok"),
                            ("2020-01-01T03:00:00Z", "unchanged"), ("2099-01-01T00:00:00Z", "ok")):  # fmt: skip
            conn.execute(
                "INSERT INTO fetches (source_id, at, url, bytes, ms, outcome) VALUES (1, ?, 'u', 10, 3, ?)",
                [at, outcome],
            )
        conn.execute(
            "INSERT INTO fetches (at, url, bytes, ms, outcome) VALUES ('2020-01-01T00:00:00Z', 'u', 1, 1, 'ok')"
        )
        conn.execute("INSERT INTO payloads (site_id, sha256, format, encoding, size, data, first_seen_at)"
                     " VALUES (1, zeroblob(32), 'x', 'identity', 100000, zeroblob(100000), '2020-01-01T00:00:00Z')")  # fmt: skip
    return prompt


def test_old_requests_become_daily_totals(desk: Prompt) -> None:
    """Sums stay; young requests stay single; done twice, nothing is counted twice."""
    for _ in range(2):
        assert desk("compact").code == 0
        assert desk.ask("SELECT source_id, day, outcome, requests, bytes, ms FROM fetch_days ORDER BY 1, 2, 3") == [
            (0, "2020-01-01", "ok", 1, 1, 1), (1, "2020-01-01", "ok", 2, 20, 6),
            (1, "2020-01-01", "unchanged", 1, 10, 3), (1, "2020-01-02", "ok", 1, 10, 3),
        ]  # fmt: skip
        assert desk.ask("SELECT at FROM fetches") == [("2099-01-01T00:00:00Z",)]


def test_only_what_no_post_has_is_dropped(desk: Prompt) -> None:
    """Posts, history and every payload that ever came for a post are as before; the file is smaller and sound."""
    tables = ("posts", "revisions", "post_payloads", "sightings", "aliases")
    before = [desk.ask(f"SELECT * FROM {t}") for t in tables], desk.ask("SELECT * FROM payloads WHERE format <> 'x'")
    done = desk("compact", "--json").rows[-1]
    assert (done["payloads"], done["fetches"]) == (1, 5)
    assert done["bytes_after"] < done["bytes_before"]
    assert ([desk.ask(f"SELECT * FROM {t}") for t in tables], desk.ask("SELECT * FROM payloads")) == before
    assert inspect(desk.db) == []


def test_a_reader_who_does_not_let_go_is_told_of(desk: Prompt) -> None:
    """Exit status 75; nothing is lost, and it works when the reader is gone."""
    reader = sqlite3.connect(f"file:{desk.db}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM posts").fetchone()
    done = desk("compact")
    assert done.code == 75
    assert "still reads" in done.err
    reader.close()
    assert desk("compact").code == 0
    assert inspect(desk.db) == []


def test_a_long_log_is_warned_about(desk: Prompt) -> None:
    """Over 256 MB; a word on stderr, and the command does its work."""
    with Corpus(desk.db, write=True) as corpus:
        corpus.conn.execute("UPDATE posts SET last_seen_at = last_seen_at")
        os.truncate(f"{desk.db}-wal", 257 * 2**20)
        done = desk("search", "hedge")
        assert done.code == 0
        assert "write-ahead log has grown to 257 MB" in done.err
    assert "write-ahead" not in desk("search", "hedge").err
