"""When cron mails: once when a source breaks, once when it heals, and never in between."""

from pathlib import Path

import pytest

from ingest.corpus import Corpus, told
from ingest.run import SourceResult
from ingest.run.telling import exit_status, key, news, standing, sums_up, tells

WELL = SourceResult(1, "feed", "https://a.example/", verdict="complete")
SILENT = SourceResult(1, "feed", "https://a.example/", verdict="unknown", reason="the source does not say what it has")
PARTIAL = SourceResult(1, "feed", "https://a.example/", verdict="partial", reason="2 announced and not held")
FAILING = SourceResult(
    1, "feed", "https://a.example/", verdict="failing", reason="dns", error="https://a.example/: dns: x"
)
LATE = SourceResult(1, "feed", "https://a.example/", verdict="partial", reason="deadline")
STOPPED = SourceResult(1, "feed", "https://a.example/", verdict="partial", reason="stopped")
SKIPPED = SourceResult(1, "feed", "https://a.example/", reason="skipped: the host asked to be left alone until …")
LOST = SourceResult(None, "auto", "https://b.example/", verdict="failing", error="https://b.example/: no blog found")


@pytest.mark.parametrize(
    ("result", "stands"),
    [
        (WELL, ""),
        (SILENT, ""),
        (PARTIAL, "partial"),
        (FAILING, "failing"),
        (LOST, "failing"),
        (STOPPED, None),
        (SKIPPED, None),
    ],
)
def test_how_a_source_stands(result: SourceResult, stands: str | None) -> None:
    """A run that did not get to look says nothing."""
    assert standing(result) == stands


@pytest.mark.parametrize(
    ("before", "result", "new", "after"),
    [
        ("", WELL, "", ""),
        ("", SILENT, "", ""),
        ("", PARTIAL, "broke", "partial"),
        ("", FAILING, "broke", "failing"),
        ("", STOPPED, "", ""),
        ("", SKIPPED, "", ""),
        ("partial", WELL, "healed", ""),
        ("partial", SILENT, "healed", ""),
        ("partial", PARTIAL, "", "partial"),
        ("partial", FAILING, "worse", "failing"),
        ("partial", STOPPED, "", "partial"),
        ("failing", WELL, "healed", ""),
        ("failing", SILENT, "healed", ""),
        ("failing", PARTIAL, "", "failing"),
        ("failing", FAILING, "", "failing"),
        ("failing", STOPPED, "", "failing"),
        ("failing", SKIPPED, "", "failing"),
    ],
)
def test_what_is_new(before: str, result: SourceResult, new: str, after: str) -> None:
    """The whole table: what was told, how the source stands, what is news, what is told from then on."""
    assert news(result, before) == (new, after)


#: Runs of one source, a letter each, and what cron mails for them: b(roke), w(orse), h(ealed), - nothing.
STORIES = [
    ("cccccc", "------"),
    ("cffffc", "-b---h"),
    ("cfpfpc", "-b---h"),
    ("cppffppc", "-b-w---h"),
    ("fuuu", "bh--"),
    ("cfsfskfc", "-b-----h"),  # stopped and skipped runs in between tell nothing
    ("csckc", "-----"),  # nor do they on their own: a backfill that goes on next time
    ("cfcfcf", "-bhbhb"),
]


@pytest.mark.parametrize(("runs", "mails"), STORIES)
def test_a_story_is_told_once(runs: str, mails: str) -> None:
    """Under `-q --fail-on new` there is output exactly when there is news, and a status but 0 when it is bad news."""
    results = {"c": WELL, "u": SILENT, "p": PARTIAL, "f": FAILING, "s": STOPPED, "k": SKIPPED}
    word, said = "", ""
    for run in runs:
        new, word = news(results[run], word)
        said += new[:1] or "-"
        assert tells(results[run], new, "new", quiet=True) == bool(new)
        bad = new in {"broke", "worse"}
        assert exit_status([(results[run], new)], "new") == (0 if not bad else 4 if run == "f" else 3)
        assert not sums_up("new", exit_status([(results[run], new)], "new"), quiet=True)
    assert said == mails


@pytest.mark.parametrize(
    ("told", "any_", "new", "all_"),
    [
        ([], 0, 0, 0),
        ([(WELL, "")], 0, 0, 0),
        ([(WELL, "healed")], 0, 0, 0),
        ([(FAILING, "broke")], 4, 4, 4),
        ([(FAILING, "")], 4, 0, 4),
        ([(FAILING, "broke"), (FAILING, "")], 4, 3, 4),
        ([(FAILING, "broke"), (WELL, "")], 3, 3, 0),
        ([(FAILING, "broke"), (PARTIAL, "broke")], 3, 3, 0),
        ([(PARTIAL, "broke")], 3, 3, 0),
        ([(PARTIAL, ""), (WELL, "healed")], 3, 0, 0),
        ([(FAILING, "broke"), (SKIPPED, "")], 3, 3, 0),
        ([(SKIPPED, ""), (STOPPED, "")], 0, 0, 0),
    ],
)
def test_the_exit_status(told: list[tuple[SourceResult, str]], any_: int, new: int, all_: int) -> None:
    """3 and 4 as the contract has them, for what the operator asked to fail on."""
    statuses = [exit_status(told, fail_on) for fail_on in ("any", "new", "all", "never")]
    assert statuses == [any_, new, all_, 0]


@pytest.mark.parametrize(
    ("fail_on", "lines"),
    [("any", [False, True, True]), ("new", [True, False, True]), ("all", [False] * 3), ("never", [False] * 3)],
)
def test_what_is_printed_under_quiet(fail_on: str, lines: list[bool]) -> None:
    """What is not well, what is new, or nothing; without `-q` everything."""
    cases = [(WELL, "healed"), (FAILING, ""), (PARTIAL, "broke")]
    assert [tells(result, new, fail_on, quiet=True) for result, new in cases] == lines
    assert all(tells(result, new, fail_on, quiet=False) for result, new in cases)
    assert sums_up(fail_on, 4, quiet=True) == (fail_on == "all")
    assert sums_up(fail_on, 0, quiet=False)
    assert not sums_up(fail_on, 0, quiet=True)


def test_what_was_told_is_kept(tmp_path: Path) -> None:
    """By the source's number, or by the address where there is none; what has healed is let go."""
    assert (key(FAILING), key(LOST)) == ("1", "https://b.example/")
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        with corpus.transaction() as conn:
            told.keep(conn, "1", "partial", "2026-01-02T00:00:00Z")
            told.keep(conn, "https://b.example/", "failing", "2026-01-02T00:00:00Z")
        with corpus.transaction() as conn:
            told.keep(conn, "1", "failing", "2026-01-03T00:00:00Z")
            told.keep(conn, "https://b.example/", "", "2026-01-03T00:00:00Z")
            told.keep(conn, "3", "", "2026-01-03T00:00:00Z")
        assert told.told(corpus.conn) == {"1": "failing"}
        assert corpus.rows("SELECT * FROM told") == [{"what": "1", "word": "failing", "at": "2026-01-03T00:00:00Z"}]
