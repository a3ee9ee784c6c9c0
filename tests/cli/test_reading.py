"""`search`, `show`, `status`, `sources list`."""

from pathlib import Path

import pytest

from tests.prompt import Prompt

SAMPLES = Path(__file__).parent.parent.parent / "samples"


@pytest.fixture
def loaded(prompt: Prompt) -> Prompt:
    """A prompt over the samples."""
    assert prompt("load", SAMPLES).code == 0
    return prompt


def test_show_takes_any_name_of_a_post(loaded: Prompt) -> None:
    """An id, a doc_id, its first digits, an address."""
    ((number, doc_id, url),) = loaded.ask("SELECT id, doc_id, url FROM posts WHERE type = 'post'")
    for name in (number, doc_id, doc_id[:12], url):
        done = loaded("show", name)
        assert done.code == 0
        assert done.out.startswith("Our first winter with a heat pump: what we measured & what we learnt\n")
    assert "https://data.example.net/heat-pumps" in done.out
    assert "#3 (name not known)" in done.out
    done = loaded("show", "https://nowhere.example/")
    assert done.code == 2
    assert "no post" in done.err


def test_show_as_json_and_raw(loaded: Prompt) -> None:
    """Everything kept beside the text; and the exact bytes that came in."""
    row = loaded("show", "1", "--json").rows[0]
    assert row["categories"] == ["energy"] or row["authors"] == ["Ines"]
    raw = {loaded("show", n, "--raw").out for n in ("1", "2")}
    assert raw == {path.read_text() for path in SAMPLES.glob("*.txt")} or {r.strip() for r in raw} == {
        path.read_text().strip() for path in SAMPLES.glob("*.txt")
    }


def test_status_and_sources(loaded: Prompt) -> None:
    """What was loaded is listed with its verdict: saved documents announce nothing."""
    rows = loaded("status", "--json").rows
    assert [(r["kind"], r["verdict"], r["have"]) for r in rows[:-1]] == [
        ("wordpress", "unknown", 1),
        ("text", "unknown", 1),
    ]
    for name in ("announced", "failing_since", "next_due", "url", "source", "new", "missing_ids", "error"):
        assert name in rows[0]
    assert rows[-1].items() >= {"type": "summary", "sources": 2, "posts": 2, "gone": 0, "exit_code": 0}.items()
    assert "2 posts (0 gone) of 2 sources" in loaded("status").out
    assert "loaded" in loaded("sources", "list").out


def test_nothing_found_is_no_failure(loaded: Prompt) -> None:
    """Exit status 0, and a word on stderr."""
    done = loaded("search", "xylophone")
    assert (done.code, done.out) == (0, "")
    assert "nothing found" in done.err


def test_global_options_before_and_after(loaded: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """--db and --json are taken on both sides of the command, and from the environment."""
    other = loaded.db.rename(loaded.folder / "other.db")
    assert loaded("search", "bees").code == 5
    assert loaded("--db", other, "search", "bees").code == 0
    assert loaded("search", "bees", "--db", other, "--json").rows[-1]["hits"] == 1
    monkeypatch.setenv("BLOGCORPUS_DB", str(other))
    assert loaded("search", "bees").code == 0


def test_wrong_words_are_usage(prompt: Prompt) -> None:
    """Exit status 2."""
    for words in (("nonsense",), ("load",), ("--delay", "x", "status"), ("show",), ("fetch", "--fail-on", "maybe")):
        assert prompt(*words).code == 2
