"""docs/cookbook.md: every snippet runs, and SQL and Python give the same answer."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.corpus import Corpus
from ingest.records import PersonRef, RawDate, TermRef
from tests.corpus.making import load, modified, post

PAGE = (Path(__file__).parent.parent / "docs" / "cookbook.md").read_text(encoding="utf-8")
#: Heading, SQL, Python of each question.
QUESTIONS = re.findall(
    r"^## (\d+\. .+?)$.*?^```sql\n(.*?)^```$.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)
LONG = (
    "<p>For many a long and weary year of nights, <a href='https://lab.example/x'>sleep was short</a>, it is said.</p>"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus.db in which every question has an answer."""
    made = tmp_path_factory.mktemp("cookbook")
    ada, ines = PersonRef(name="Ada"), PersonRef(name="Ines")
    tags = (TermRef("post_tag", name="rest"), TermRef("post_tag", name="night"))
    with Corpus(made / "corpus.db", write=True, create=True) as corpus:
        load(corpus, post("1", LONG, title="Sleep", authors=(ada, ines), terms=tags))
        load(
            corpus,
            post(
                "2", "<p>Sleep apnea</p>", title="Apnea", published=RawDate(utc="2023-05-01T00:00:00"), authors=(ada,)
            ),
        )
        load(corpus, post("3", "<p>Something else and sleep</p>", title="Else", terms=tags[:1]))
        load(corpus, post("4", "<p>Undated</p>", title="No date", published=RawDate()))
        load(
            corpus,
            post("1", LONG + "<p>More.</p>", title="Sleep", modified=modified(9), authors=(ada, ines), terms=tags),
        )
        corpus.conn.execute(
            "UPDATE posts SET gone_at = '2026-01-02T00:00:00Z', gone_kind = 'erased' WHERE title = 'Else'"
        )
    return made


@pytest.fixture(scope="module")
def names(folder: Path) -> Iterator[dict[str, Any]]:
    """The names that the page's first snippet gives the later ones."""
    found: dict[str, Any] = {}
    first = PAGE[: PAGE.index("\n## ")]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(re.findall(r"```python\n(.*?)```", first, re.DOTALL)[0], found)  # noqa: S102  (our own page)
    yield found
    found["corpus"].close()


def test_there_are_ten() -> None:
    """Every question has its SQL and its Python, and no snippet stands outside."""
    assert [int(heading.split(".")[0]) for heading, _, _ in QUESTIONS] == list(range(1, 11))
    assert PAGE.count("```sql\n") == 10
    assert PAGE.count("```python\n") == 11


@pytest.mark.parametrize(("heading", "sql", "code"), QUESTIONS, ids=[heading for heading, _, _ in QUESTIONS])
def test_both_answers_are_the_same(folder: Path, names: dict[str, Any], heading: str, sql: str, code: str) -> None:
    """Something is found, and by both ways the same."""
    conn = sqlite3.connect(f"file:{folder / 'corpus.db'}?mode=ro", uri=True)
    rows = conn.execute(sql).fetchall()
    conn.close()
    own = dict(names)
    exec(code, own)  # noqa: S102  (our own page)
    assert rows, heading
    assert own["answer"] == rows
