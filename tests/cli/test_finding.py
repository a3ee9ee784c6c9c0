"""`search` and `similar`, as they are typed."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.prompt import Prompt


def entry(n: int, title: str, text: str, site: str = "https://blog.example", **more: object) -> dict[str, object]:
    """A saved REST post."""
    return {
        "id": n, "type": "post", "slug": f"p{n}", "status": "publish", "link": f"{site}/p{n}/",
        "date_gmt": f"2025-0{n}-01T10:00:00", "modified_gmt": f"2025-0{n}-01T10:00:00", "title": {"rendered": title},
        "content": {"rendered": f"<p>{text}</p>"}, "guid": {"rendered": f"{site}/?p={n}"},
        "_links": {"self": [{"href": f"{site}/wp-json/wp/v2/posts/{n}"}]}, **more,
    }  # fmt: skip


@pytest.fixture
def desk(prompt: Prompt) -> Prompt:
    """A prompt over four posts of two sites."""
    posts = [
        entry(1, "Sleep", "Rest and ketamine, vagus nerve"),
        entry(2, "Apnea", "Sleep apnea, a vagus question"),
        entry(3, "=cmd()", "Sleep at other hours", "https://other.example"),
        entry(4, "健康", "健康 and sleep"),
    ]
    prompt.file("posts.json", json.dumps(posts))
    assert prompt("load", "posts.json").code == 0
    return prompt


CALLS = [
    (("sleep", "-apnea", "--sort", "date"), ["健康", "=cmd()", "Sleep"]),
    (("sleep", "-apnea", "-健康", "-n", "1"), ["Sleep"]),
    (("-apnea", "--site", "blog.example"), ["健康", "Sleep"]),
    (("NOT", "apnea", "--from", "2025-02"), ["健康", "=cmd()"]),
    (("-vagus",), ["健康", "=cmd()"]),
    (("-nerve", "vagus"), ["Apnea"]),
    (('-"vagus nerve"', "vagus"), ["Apnea"]),
    (("-(vagus", "OR", "sleep)"), []),
    (("-n1", "vagus", "title:apnea"), ["Apnea"]),
    (("--site", "https://www.other.example/"), ["=cmd()"]),
    (("健康 AND sleep",), ["健康"]),
    (("sleep", "--to", "2025-01", "--type", "post", "--not-gone"), ["Sleep"]),
    (("sleep", "--gone"), []),
    (("sleep", "--sort", "date", "-n", "1", "--offset", "1"), ["=cmd()"]),
]


@pytest.mark.parametrize(("words", "titles"), CALLS, ids=" ".join)
def test_what_is_typed_is_found(desk: Prompt, words: tuple[str, ...], titles: list[str]) -> None:
    """A word with a minus is no option, and an option beside it still is one."""
    done = desk("search", *words, "--json")
    assert done.code == 0
    assert [row["title"] for row in done.rows[:-1]] == titles
    assert done.rows[-1]["hits"] == len(titles)


def test_a_page_says_how_much_more_there_is(desk: Prompt) -> None:
    """On stderr, and as `total` with --json; -v says how the words were read, -q says nothing."""
    done = desk("search", "sleep", "-n", "3")
    assert "1 to 3 of 4; --offset 3 for more" in done.err
    assert desk("search", "sleep", "-n", "3", "-q").err == ""
    assert desk("search", "sleep", "-n", "3", "--json").rows[-1] == {
        "type": "summary", "hits": 3, "total": 4, "exit_code": 0,
    }  # fmt: skip
    assert 'read as ("sleep" AND NOT "rest")' in desk("search", "sleep", "-rest", "-v").err


def test_csv(desk: Prompt) -> None:
    """A head and a row a hit; a cell that a spreadsheet would run is defused."""
    rows = list(csv.DictReader(io.StringIO(desk("search", "sleep", "--csv", "--sort", "date").out)))
    assert [row["title"] for row in rows] == ["健康", "'=cmd()", "Apnea", "Sleep"]
    assert rows[0]["published_at"] == "2025-04-01T10:00:00Z"
    assert rows[1]["snippet"] == "[Sleep] at other hours"
    assert desk("search", "xylophone", "--csv").out == "doc_id,title,url,site,published_at,gone_at,snippet\n"


def test_wrong_filters_are_usage(desk: Prompt) -> None:
    """Nothing asked for, a date that is none, an option that is none: 2. A site nobody knows is said, and is 0."""
    for words in ((), ("x", "--from", "soon"), ("x", "--sitee", "y"), ("x", "-n", "0"), ("x", "--sort", "up")):
        assert desk("search", *words).code == 2, words
    done = desk("search", "sleep", "--site", "nowhere.example", "--source", "99")
    assert done.code == 0
    assert "no site 'nowhere.example' in this corpus" in done.err
    assert "no source '99' in this corpus" in done.err


@pytest.mark.parametrize("option", ["--limit", "-n", "--offset"])
def test_numbers_beyond_all_bounds_are_usage(desk: Prompt, option: str) -> None:
    """A number that SQLite cannot hold is refused; the largest that it can hold is a number like any other."""
    assert desk("search", "sleep", option, str(2**63 - 1)).code == 0
    wrong = desk("search", "sleep", option, "9" * 20)
    assert wrong.code == 2
    assert "is not in the range" in wrong.err
    if option != "--offset":
        assert desk("similar", "1", option, "9" * 20).code == 2
        assert desk("export", "out", "--format", "csv", "-n", "9" * 20).code == 2


@pytest.mark.parametrize("option", ["--from=2013-02-30", "--to=2025-04-31", "--from=0000", "--as-of=2026-02-31"])
def test_days_that_there_are_none_are_usage(desk: Prompt, option: str) -> None:
    """The same refusal wherever a date is told."""
    for call in (["search", "sleep"], ["search"], ["stats"], ["export", "out", "--format", "csv"]):
        done = desk(*call, option)
        assert (done.code, done.out) == (2, "")
        assert "is no date: YYYY" in done.err


def test_as_of_a_year(desk: Prompt) -> None:
    """The end of the year, and of the month."""
    assert len(desk("search", "sleep", "--as-of", "9999", "--json").rows) == len(desk("search", "sleep", "--json").rows)
    assert desk("search", "sleep", "--as-of", "2020-05").err == "nothing found for sleep\n"


def test_similar(desk: Prompt) -> None:
    """A copy under another name comes first; the post itself is not like itself."""
    desk.file(
        "more.json", json.dumps([entry(5, "Sleep again", "Rest and ketamine, vagus nerve", "https://copy.example")])
    )
    assert desk("load", "more.json").code == 0
    done = desk("similar", "https://blog.example/p1/", "--json")
    assert done.rows[0]["url"] == "https://copy.example/p5/"
    assert done.rows[0]["shared"] > 0.9
    assert "https://blog.example/p1/" not in [row.get("url") for row in done.rows]
    assert desk("similar", "https://blog.example/p1/", "-v", "-n", "1").out.count("Sleep again") == 1
    assert desk("similar", "https://nowhere.example/").code == 2


def test_nothing_is_like_the_only_one(prompt: Prompt) -> None:
    """Said on stderr; no failure."""
    prompt.file("one.json", json.dumps(entry(1, "Alone", "in the corpus")))
    prompt("load", Path("one.json"))
    done = prompt("similar", "1")
    assert (done.code, done.out, done.err) == (0, "", "nothing like it\n")
