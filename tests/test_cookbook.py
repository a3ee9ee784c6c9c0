"""docs/cookbook.md: every snippet runs, and SQL, Python and R give the same answer."""

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest import normalise
from ingest.corpus import Corpus, RunWriter
from ingest.records import Batch, PersonRef, Post, PostItem, RawDate, TermRef
from ingest.research.annotate import after_run
from tests.corpus.making import AT, HOME, load, modified, post, source

PAGE = (Path(__file__).parent.parent / "docs" / "cookbook.md").read_text(encoding="utf-8")
FIRST = PAGE[: PAGE.index("\n## ")]
#: Heading, SQL, Python, R of each question.
QUESTIONS = re.findall(
    r"^## (\d+\. .+?)$.*?^```sql\n(.*?)^```$.*?^```python\n(.*?)^```$.*?^```r\n(.*?)^```$",
    PAGE,
    re.MULTILINE | re.DOTALL,
)
IDS = [heading for heading, *_ in QUESTIONS]
LONG = (
    "<p>For many a long and weary year of nights, <a href='https://lab.example/x'>sleep was short</a>, it is said, and"
    " nobody in the house could tell for certain whether the moon or the neighbours were to blame for that.</p>"
)
AGAIN = f"<p>Read <a href='{HOME}/2/?utm_source=other'>this</a> too.</p>"


def lacking(corpus: Corpus) -> None:
    """Load posts without a site, without a date, without an author; a site without any date; as many as of others."""
    sourceless = source("text", home=None)
    made = [
        PostItem(type="text", title=title, body=body, rank="text", raw=body.encode(), format="text/plain", authors=people,
                 published=published)
        for title, body, people, published in (
            ("Notes", LONG + "<p>One</p>", (), RawDate()),
            ("Diary", f"<p>A <a href='{HOME}/2'>page</a> on sleep</p>", (PersonRef(name="Ada"),),
             RawDate(utc="2024-02-01T00:00:00")),
        )
    ]  # fmt: skip
    posts = tuple(one for one in (normalise.post(item, sourceless) for item in made) if isinstance(one, Post))
    assert len(posts) == 2
    RunWriter(corpus, "load").apply(sourceless, Batch(posts=posts), AT)
    home = "https://dateless.example"
    for n, people in ((1, ()), (2, (PersonRef(name="Ines"),))):
        item = PostItem(
            type="post", remote_id=str(n), title=f"No day {n}", body=f"<p>Sleep, some day, and <a href='{HOME}/2'>so</a> {n}</p>",
            rank="rest", raw=b"%d" % n, format="application/json", url=f"{home}/{n}/", home=home, authors=people,
            published=RawDate(),
        )  # fmt: skip
        one = normalise.post(item, source(home=home))
        assert isinstance(one, Post)
        RunWriter(corpus, "load").apply(source(home=home), Batch(posts=(one,)), AT)


def elsewhere(corpus: Corpus, home: str, body: str) -> None:
    """Load a post of another site."""
    item = PostItem(
        type="post", remote_id="7", title="Sleep, reprinted", body=body, rank="rest", raw=body.encode(),
        format="application/json", url=f"{home}/7/", home=home, published=RawDate(utc="2025-03-01T00:00:00"),
    )  # fmt: skip
    made = normalise.post(item, source(home=home))
    assert isinstance(made, Post)
    RunWriter(corpus, "load").apply(source(home=home), Batch(posts=(made,)), AT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus.db in which every question has an answer."""
    pytest.importorskip("py3langid")
    pytest.importorskip("rensa")
    made = tmp_path_factory.mktemp("cookbook")
    ada, ines = PersonRef(name="Ada"), PersonRef(name="Ines")
    tags = (TermRef("post_tag", name="rest"), TermRef("post_tag", name="night"))
    with Corpus(made / "corpus.db", write=True, create=True) as corpus:
        load(corpus, post("1", LONG, title="Sleep", authors=(ada, ines), terms=tags))
        load(
            corpus,
            post("2", "<p>Sleep apnea</p>", title="Apnea", published=RawDate(utc="2023-05-01T00:00:00"),
                 authors=(ada,), language="en-GB"),
        )  # fmt: skip
        load(
            corpus,
            post("3", f"<p>Something else and sleep, <a href='{HOME}/2'>see</a></p>", title="Else", terms=tags[:1]),
        )
        load(corpus, post("4", "<p>Undated</p>", title="No date", published=RawDate()))
        load(
            corpus,
            post("1", LONG + "<p>More.</p>", title="Sleep", modified=modified(9), authors=(ada, ines), terms=tags),
        )
        elsewhere(corpus, "https://other.example", LONG + AGAIN)
        lacking(corpus)
        corpus.conn.execute(
            "UPDATE posts SET gone_at = '2026-01-02T00:00:00Z', gone_kind = 'erased' WHERE title = 'Else'"
        )
        after_run(corpus)
    return made


@pytest.fixture(scope="module")
def names(folder: Path) -> Iterator[dict[str, Any]]:
    """The names that the page's first snippet gives the later ones."""
    pytest.importorskip("pandas")
    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(re.findall(r"```python\n(.*?)```", FIRST, re.DOTALL)[0], found)  # noqa: S102  (our own page)
    yield found
    found["corpus"].close()


@pytest.fixture(scope="module")
def told_by_r(folder: Path) -> Path:
    """A database with a table for each question: what R answers. One process runs them all."""
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    lines = [
        "options(warn = 2)",  # whoever types it is warned of nothing
        *re.findall(r"```r\n(.*?)```", FIRST, re.DOTALL),
        'out <- dbConnect(RSQLite::SQLite(), "r.db")',
        "keep <- function(name, answer) {",
        "  for (n in seq_along(answer)) if (is.factor(answer[[n]])) answer[[n]] <- as.character(answer[[n]])",
        "  dbWriteTable(out, name, answer, row.names = FALSE)",
        "}",
    ]
    for number, (*_, code) in enumerate(QUESTIONS, 1):
        lines.append(f'local({{\n{code}\nkeep("q{number}", answer)\n}})')
    (folder / "all.R").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        ["Rscript", "--vanilla", "all.R"], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return folder / "r.db"


def asked(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a question in plain SQL."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def rows_of(answer: Any) -> list[tuple[Any, ...]]:
    """A list of tuples as it is; a data frame as such, its times as the corpus writes them, its gaps as None."""
    if isinstance(answer, Sequence):
        return list(answer)
    return [
        tuple(
            None if value is None or value != value else value.strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: PLR0124
            if hasattr(value, "strftime") else value
            for value in row
        )
        for row in answer.itertuples(index=False, name=None)
    ]  # fmt: skip


def test_what_is_missing_is_in_the_answers(folder: Path) -> None:
    """The fixture holds what pandas and R would leave out: posts without a site, a date, an author."""
    first, ninth, twelfth = (asked(folder / "corpus.db", QUESTIONS[n - 1][1]) for n in (1, 9, 12))
    assert [row[0] for row in first if row[1] == 2] == [None, "dateless.example"]
    assert [row[3:] for row in first if row[0] == "dateless.example"] == [(None, None)]
    assert None in {row[0] for row in ninth}
    assert twelfth[0][0] is None
    assert asked(folder / "corpus.db", "SELECT count(*) FROM corpus WHERE authors = '[]' AND site IS NULL") == [(1,)]


def test_every_question_is_answered_three_times() -> None:
    """Each has its SQL, its Python and its R, and no snippet stands outside."""
    count = len(QUESTIONS)
    assert [int(heading.split(".")[0]) for heading in IDS] == list(range(1, count + 1))
    assert count == 13
    assert [PAGE.count(f"```{language}\n") for language in ("sql", "python", "r")] == [count, count + 1, count + 1]


@pytest.mark.parametrize(("heading", "sql", "code", "_r"), QUESTIONS, ids=IDS)
def test_python_answers_as_sql_does(
    folder: Path, names: dict[str, Any], heading: str, sql: str, code: str, _r: str
) -> None:
    """Something is found, and by both ways the same."""
    rows = asked(folder / "corpus.db", sql)
    own = dict(names)
    exec(code, own)  # noqa: S102  (our own page)
    assert rows, heading
    assert rows_of(own["answer"]) == rows


@pytest.mark.parametrize("number", range(1, len(QUESTIONS) + 1), ids=IDS)
def test_r_answers_as_sql_does(folder: Path, told_by_r: Path, number: int) -> None:
    """R gives the same rows in the same order."""
    assert asked(told_by_r, f"SELECT * FROM q{number}") == asked(folder / "corpus.db", QUESTIONS[number - 1][1])
