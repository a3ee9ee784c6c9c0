"""`stats`, as it is typed: a table, JSON, CSV, a picture."""

import csv
import importlib.util
import io
import json

import pytest

from tests.cli.test_finding import entry
from tests.prompt import Prompt


@pytest.fixture
def desk(prompt: Prompt) -> Prompt:
    """A prompt over four posts of two sites."""
    posts = [entry(1, "A", "Sleep"), entry(3, "B", "Sleep apnea"), entry(3, "C", "Rest", "https://other.example")]
    prompt.file("posts.json", json.dumps([*posts, entry(4, "D", "-")]))
    assert prompt("load", "posts.json").code == 0
    return prompt


def test_a_table_by_site(desk: Prompt) -> None:
    """By default: how much of each site, from when to when, with the longest gap."""
    head, first, second = desk("stats").out.splitlines()
    assert head.split() == ["site", "posts", "words", "first", "last", "longest", "gap", "verdict"]
    assert first.split() == [
        "blog.example",
        "3",
        "4",
        "2025-01-01",
        "2025-04-01",
        "59",
        "d",
        "from",
        "2025-01-01",
        "unknown",
    ]
    assert second.split() == ["other.example", "1", "1", "2025-03-01", "2025-03-01", "—", "unknown"]


def test_count_and_share_over_time(desk: Prompt) -> None:
    """A line a month and search with --json and --csv, a column a search in the table; empty months are there."""
    rows = desk("stats", "--by", "month", "--search", "sleep -apnea", "--search", "rest", "--json").rows
    assert rows.pop() == {"type": "summary", "rows": 8, "exit_code": 0}
    assert rows[0] == {
        "type": "figure", "by": "month", "key": "2025-01", "posts": 1, "words": 1, "query": "sleep -apnea", "count": 1,
        "share": 1.0,
    }  # fmt: skip
    assert [(row["key"], row["count"], row["share"]) for row in rows if row["query"] == "rest"] == [
        ("2025-01", 0, 0.0), ("2025-02", 0, None), ("2025-03", 1, 0.5), ("2025-04", 0, 0.0),
    ]  # fmt: skip
    found = list(csv.DictReader(io.StringIO(desk("stats", "--by", "month", "--search", "rest", "--csv").out)))
    assert found[2] == {"key": "2025-03", "posts": "2", "words": "3", "query": "rest", "count": "1", "share": "0.5"}
    assert desk("stats", "--by", "month", "--search", "rest").out.splitlines()[3].split() == [
        "2025-03", "2", "3", "1", "50.00%",
    ]  # fmt: skip


def test_filters(desk: Prompt) -> None:
    """As `search` has them; a site nobody knows is said."""
    assert desk("stats", "--by", "type", "--site", "other.example", "--json").rows[0]["posts"] == 1
    assert desk("stats", "--by", "type", "--from", "2025-03", "--to", "2025-03", "--json").rows[0]["posts"] == 2
    done = desk("stats", "--site", "nowhere.example")
    assert (done.code, done.out) == (0, "")
    assert "no site 'nowhere.example'" in done.err
    assert "no posts" in done.err
    assert desk("stats", "--from", "soon").code == 2
    assert desk("stats", "--by", "weekday").code == 2


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is not None, reason="matplotlib is there")
def test_a_picture_without_matplotlib(desk: Prompt) -> None:
    """One line that says what to install; no file."""
    done = desk("stats", "--plot", "p.png")
    assert done.code == 2
    assert "pip install 'blogcorpus[plot]'" in done.err
    assert not (desk.folder / "p.png").exists()


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib")
def test_a_picture(desk: Prompt) -> None:
    """PNG or SVG as the name ends, the same bytes each time; several searches in one."""
    for words in (
        ("--by", "month", "--search", "sleep", "--search", "rest"),
        ("--by", "site"),
        ("--by", "tag", "--search", "x"),
    ):
        assert desk("stats", *words, "--plot", "a.svg").code == 0
        assert desk("stats", *words, "--plot", "b.svg").code == 0
        assert (desk.folder / "a.svg").read_bytes() == (desk.folder / "b.svg").read_bytes()
    assert desk("stats", "--plot", "p.png").code == 0
    assert (desk.folder / "p.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_of_no_kind(desk: Prompt) -> None:
    """A name that ends in no format is usage."""
    done = desk("stats", "--plot", "p.doc")
    assert done.code == 2
    assert ".svg" in done.err


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib")
def test_a_picture_that_cannot_be_written(desk: Prompt) -> None:
    """One line: a folder that is not there is usage, a file that cannot be written the disk's."""
    done = desk("stats", "--plot", "missing/p.png")
    assert (done.code, done.err.splitlines()) == (2, ["blogcorpus: missing/p.png: there is no folder missing"])
    done = desk("stats", "--plot", "/proc/p.png")
    assert done.code == 74
    assert done.err.startswith("blogcorpus: /proc/p.png: cannot be written: ")
    assert done.err.count("\n") == 1


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib")
def test_letters_that_no_font_has(desk: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are said once, in a line of ours, and never by Python; a `$` is no formula."""
    from matplotlib import font_manager

    fonts = font_manager.fontManager
    monkeypatch.setattr(fonts, "ttflist", [one for one in fonts.ttflist if one.name == "DejaVu Sans"])
    done = desk("stats", "--search", "\U00012000", "--search", "a $ b_{ $", "--plot", "p.svg")
    assert done.code == 0
    assert done.err.splitlines()[0] == "drawn: p.svg"
    assert done.err.splitlines()[1].startswith("no font here has \U00012000: ")
    assert "Warning" not in done.err
    assert desk("stats", "--search", "Ω ж", "--plot", "p.svg").err == "drawn: p.svg\n"


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib")
def test_a_font_that_has_the_letters_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that are installed; the usual one stays first."""
    from matplotlib import font_manager

    from ingest.research import plot

    usual = plot._letters(font_manager.findfont("DejaVu Sans"))
    assert plot._fonts("abc") == (["DejaVu Sans"], "")
    other = next(one for one in font_manager.fontManager.ttflist if one.name == "STIXGeneral" and one.style == "normal")
    only = chr(min(plot._letters(other.fname) - usual))
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [other])
    assert plot._fonts("a" + only) == (["DejaVu Sans", "STIXGeneral"], "")
