"""`annotate`, as it is typed: what posts are made to tell once they are there."""

import json

import pytest

from tests.cli.test_finding import entry
from tests.prompt import Prompt
from tests.research.test_languages import SENTENCES


@pytest.fixture
def desk(prompt: Prompt) -> Prompt:
    """A prompt over three posts: a text, its copy on another site with a link back, and one in Finnish."""
    text, back = SENTENCES["en"], '<a href="https://blog.example/p1/?utm_source=copy">from here</a>'
    posts = [
        entry(1, "A", text), entry(2, "B", f"{text} {back}", "https://other.example"), entry(3, "C", SENTENCES["fi"]),
    ]  # fmt: skip
    prompt.file("posts.json", json.dumps(posts))
    assert prompt("load", "posts.json").code == 0
    return prompt


def test_it_tells_what_it_found(desk: Prompt) -> None:
    """Words for people on stderr, one object with --json; the second call finds nothing new."""
    assert "1 cluster" in desk("annotate").err
    told = desk("annotate", "--json").rows
    assert [row["type"] for row in told] == ["summary"]
    assert told[0]["languages"] == 0
    assert told[0]["compared"] == 0
    assert (told[0]["clusters"], told[0]["duplicates"], told[0]["exit_code"]) == (1, 2, 0)
    assert desk.ask("SELECT language, language_from, count(*) FROM posts GROUP BY 1, 2 ORDER BY 1") == [
        ("en", "detected", 2), ("fi", "detected", 1),
    ]  # fmt: skip
    assert desk.ask("SELECT title, copies FROM documents_unique ORDER BY title") == [("A", 2), ("C", 1)]
    assert desk.ask("SELECT title, links, sites FROM most_linked") == [("A", 1, 1)]
    assert desk("verify").code == 0


def test_the_same_again_is_no_news(desk: Prompt) -> None:
    """Loading and making texts again changes neither posts nor languages, and no revision comes of it."""
    desk("annotate")
    before = desk.ask("SELECT id, language, language_from, text_hash FROM posts ORDER BY id")
    assert [row["changed"] for row in desk("load", "posts.json", "--json").rows if row["type"] == "source"] == [0, 0]
    assert desk("retext").code == 0
    desk("annotate")
    assert desk.ask("SELECT id, language, language_from, text_hash FROM posts ORDER BY id") == before
    assert desk.ask("SELECT count(*) FROM revisions") == [(0,)]


def test_no_corpus(prompt: Prompt) -> None:
    """Where there is no corpus there is nothing to look into: status 5."""
    assert prompt("annotate").code == 5
