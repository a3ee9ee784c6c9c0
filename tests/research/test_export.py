"""`export`: the rows of the corpus in every format, whole, in order, the same bytes for the same corpus."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from ingest import schema
from ingest.corpus import Corpus
from ingest.research.export import columns, txt
from ingest.research.export.tally import Tally
from tests.prompt import Prompt
from tests.research.exporting import DATA, PAPERS, as_cells, content, make, make_hostile, read, rows, view

V1 = Path(__file__).parent.parent / "data" / "corpora" / "v1.db"
VALID = jsonschema.Draft202012Validator(
    json.loads(schema.read("post.schema.json")), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


@pytest.fixture
def filled(prompt: Prompt) -> Prompt:
    """Six posts of two blogs; one is gone, one was edited, one is undated."""
    make(prompt.db)
    return prompt


def without_file(row: dict[str, object]) -> dict[str, object]:
    """A row without the name of its file."""
    return {name: value for name, value in row.items() if name != "file"}


@pytest.mark.parametrize("form", DATA)
def test_every_row_of_the_view_is_there_as_it_is(filled: Prompt, form: str) -> None:
    """Gone ones too, by doc_id, under the view's names; NULL stays NULL where the format knows it."""
    done = filled("--json", "export", "out", "--format", form)
    assert (done.code, done.rows[-1]["posts"]) == (0, 6)
    wanted = view(filled.db)
    assert sum(row["gone_at"] is not None for row in wanted) == 1
    assert sum(row["published_at"] is None for row in wanted) == 1
    assert max(row["revisions"] for row in wanted) == 1
    if form in {"csv", "txt"}:
        wanted = [as_cells(row, text=form == "csv") for row in wanted]
    assert [without_file(row) for row in read(filled.folder / "out", form)] == wanted
    assert {path.name for path in (filled.folder / "out").iterdir()} >= PAPERS


@pytest.mark.parametrize("form", DATA)
def test_a_hostile_corpus_stays_what_it_is(prompt: Prompt, form: str) -> None:
    """Formulas, paths, marks of direction, 10 MB texts: data, in every format and in the papers."""
    make_hostile(prompt.db)
    assert prompt("export", "out", "--format", form).code == 0
    wanted, found = view(prompt.db), read(prompt.folder / "out", form)
    if form in {"csv", "txt"}:
        wanted = [as_cells(row, text=form == "csv") for row in wanted]
    if form == "markdown":
        for one, other in zip(found, wanted, strict=True):
            assert one["text"].replace("\\<", "<") == other["text"].replace("\\<", "<")
            assert "\\\\<" not in one["text"]
            one["text"] = other["text"]
    assert [without_file(row) for row in found] == wanted
    paths = [path.relative_to(prompt.folder / "out") for path in (prompt.folder / "out").rglob("*") if path.is_file()]
    assert all(path.name.isascii() and len(path.name) <= 100 and path.name.isprintable() for path in paths)
    assert len({str(path).lower() for path in paths}) == len(paths)
    assert not [path for path in prompt.folder.iterdir() if path.name.startswith((".out", "x"))]
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=prompt.folder / "out", check=False)
    assert done.returncode == 0


def test_jsonl_is_valid_by_its_schema(prompt: Prompt) -> None:
    """Every line, also of a hostile corpus; and whatever ends a line elsewhere does not end one here."""
    make(prompt.db)
    make_hostile(prompt.folder / "hostile.db")
    for db in (prompt.db, prompt.folder / "hostile.db"):
        assert prompt("--db", db, "export", "out", "--format", "jsonl").code == 0
        lines = (prompt.folder / "out/posts.jsonl").read_text(encoding="utf-8").splitlines()
        assert len(lines) == len(view(db))
        for line in lines:
            VALID.validate(json.loads(line))


@pytest.mark.parametrize(
    "wrong",
    [{"doc_id": "x"}, {"title": None}, {"authors": "[]"}, {"published_at": "2024-01-01"}, {"gone_kind": "lost"},
     {"gone_at": "2024-01-01T00:00:00Z"}, {"word_count": -1}, {"more": 1}, {"site": ""}],
)  # fmt: skip
def test_the_schema_says_no(filled: Prompt, wrong: dict[str, object]) -> None:
    """It is a description and not a formality."""
    good = next(row for row in view(filled.db) if row["gone_at"] is None)
    VALID.validate(good)
    with pytest.raises(jsonschema.ValidationError):
        VALID.validate(good | wrong)


def test_the_schema_has_the_columns_of_the_view(filled: Prompt) -> None:
    """In its order, each with what it holds, and `required`."""
    told = json.loads(schema.read("post.schema.json"))
    jsonschema.Draft202012Validator.check_schema(told)
    names = [name for (name,) in filled.ask("SELECT name FROM pragma_table_info('corpus')")]
    assert list(told["properties"]) == told["required"] == names == [one.name for one in columns.columns()]
    assert all(field["description"] for field in told["properties"].values())


@pytest.mark.parametrize("form", DATA)
def test_the_same_corpus_gives_the_same_bytes(filled: Prompt, form: str) -> None:
    """From another folder, in another zone and language, after VACUUM; and in whatever order the posts came."""
    places = {
        "one": {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        "two/deep": {"TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "2"},
    }
    for place, environment in places.items():
        (filled.folder / place).mkdir(parents=True)
        words = [sys.executable, "-m", "ingest.cli", "--db", str(filled.db), "export", "out", "--format", form]
        done = subprocess.run(words, cwd=filled.folder / place, env=os.environ | environment, check=False)
        assert done.returncode == 0
        conn = sqlite3.connect(filled.db)
        conn.execute("VACUUM")
        conn.close()
    make(filled.folder / "backwards.db", backwards=True)
    assert filled("--db", "backwards.db", "export", "three", "--format", form).code == 0
    first = content(filled.folder / "one/out")
    assert first
    assert content(filled.folder / "two/deep/out") == first
    assert content(filled.folder / "three") == first


@pytest.mark.parametrize(
    ("words", "titles"),
    [(["--search", "sleep"], {"Sleep & rest", "Other"}), (["--site", "other.example"], {"Other", ""}),
     (["--not-gone", "--from", "2024"], {"Sleep & rest", ""}), (["--gone"], {"Wasps"}), (["--author", "ada"], {"Sleep & rest"}),
     (["--search", "sleep", "--to", "2023"], {"Other"}), (["--search", "nothing"], set()), (["--tag", "läuft"], {"Sleep & rest"}),
     (["--as-of", "2025-12-31"], set()), (["--where", "word_count > 3 AND site = 'blog.example'"], {"Sleep & rest"}),
     (["--where", "0"], set()), (["--where", "title IN ('Wasps', 'Other') -- yes", "--not-gone"], {"Other"})],
)  # fmt: skip
def test_a_part_is_asked_for_as_search_is(filled: Prompt, words: list[str], titles: set[str]) -> None:
    """By words, filters, a date, a condition; the papers say that it is a part."""
    done = filled("--json", "export", "out", "--format", "jsonl", *words)
    assert (done.code, done.rows[-1]["posts"]) == (0, len(titles))
    assert {row["title"] for row in read(filled.folder / "out", "jsonl")} == titles
    assert words[0].removeprefix("--").removeprefix("not-") in (filled.folder / "out/DATASHEET.md").read_text()


@pytest.mark.parametrize(
    "where",
    ["nosuch = 1", "1) --", "1; DELETE FROM posts", "1) LIMIT 1 --\n", "", ":x", "abs(-9223372036854775807 - 1)"],
)
def test_a_condition_that_is_none(filled: Prompt, where: str) -> None:
    """One clear line, exit 2, nothing made, nothing changed."""
    before = filled.db.read_bytes()
    done = filled("export", "out", "--format", "csv", "--where", where)
    assert (done.code, "--where" in done.err) == (2, True)
    assert {path.name for path in filled.folder.iterdir()} <= {"corpus.db", "corpus.db-wal", "corpus.db-shm"}
    assert filled.db.read_bytes() == before


def test_as_of_is_the_corpus_of_then(prompt: Prompt) -> None:
    """What was not held then is not there, what was edited since has its old words, what went since is there."""
    from tests.corpus.making import load, modified, post

    with Corpus(prompt.db, write=True, create=True) as corpus:
        load(corpus, post("1", "<p>Old words</p>"), at="2026-01-01T00:00:00Z")
        load(corpus, post("1", "<p>New words</p>", modified=modified(9)), at="2026-02-01T00:00:00Z")
        load(corpus, post("2", "<p>Later</p>"), at="2026-02-01T00:00:00Z")
    for form in DATA:
        assert prompt("export", form, "--format", form, "--as-of", "2026-01-15").code == 0
        assert [row["text"] for row in read(prompt.folder / form, form)] == ["Old words"]
        assert "2026-01-15" in (prompt.folder / form / "CITATION.cff").read_text()
    done = prompt("export", "out", "--format", "csv", "--as-of", "2026-01-15", "--where", "1")
    assert (done.code, "do not go together" in done.err) == (2, True)


def test_texts_and_their_table(filled: Prompt) -> None:
    """A file a post, flat; its name begins with its day and ends with its doc_id; the table names it."""
    filled("export", "out", "--format", "txt")
    filled("export", "part", "--format", "txt", "--search", "sleep")
    rows = read(filled.folder / "out", "txt")
    assert {row["file"] for row in rows} == {path.name for path in (filled.folder / "out").glob("*.txt")}
    assert {row["file"].split("_")[0] for row in rows} == {
        "2025-01-01",
        "2023-05-01",
        "2023-07-01",
        "2024-12-31",
        "2025-02-01",
        "undated",
    }
    assert all(row["file"] == f"{row['file'].rpartition('_')[0]}_{row['doc_id']}.txt" for row in rows)
    assert {row["file"] for row in read(filled.folder / "part", "txt")} <= {row["file"] for row in rows}
    assert list(rows[0])[:-1] == txt.facts()


def test_a_text_file_is_the_text_alone(filled: Prompt) -> None:
    """What is counted in it is what the corpus counts."""
    filled("export", "out", "--format", "txt")
    for row in read(filled.folder / "out", "txt"):
        assert len(row["text"].split()) == int(row["word_count"])


def test_sqlite_has_nothing_but_the_table(filled: Prompt) -> None:
    """No index of ours, no journal, no log beside it; the types are those of the view."""
    filled("export", "out", "--format", "sqlite")
    path = filled.folder / "out/posts.sqlite"
    conn = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    assert conn.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall() == [("table", "posts")]
    assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert conn.execute("SELECT DISTINCT typeof(word_count), typeof(title) FROM posts").fetchall() == [
        ("integer", "text")
    ]
    conn.close()
    assert not list((filled.folder / "out").glob("posts.sqlite-*"))


def test_parquet_is_partitioned_by_year(filled: Prompt) -> None:
    """A folder a year, undated under `unknown`, and nothing else in there."""
    filled("export", "out", "--format", "parquet")
    posts = filled.folder / "out/posts"
    found = sorted(str(path.relative_to(posts)) for path in posts.rglob("*") if path.is_file())
    assert found == [f"year={year}/part-0.parquet" for year in ("2023", "2024", "2025", "unknown")]
    for path in posts.rglob("*.parquet"):
        years = {(row["published_at"] or "unknown")[:4] for row in read_one(path)}
        assert years == {path.parent.name.removeprefix("year=")[:4]}


def read_one(path: Path) -> list[dict[str, object]]:
    """The rows of a Parquet file."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read().to_pylist()


@pytest.mark.parametrize("form", DATA)
def test_an_older_corpus_is_exported_as_it_is(prompt: Prompt, form: str) -> None:
    """One that this program has not brought up to date, and may not write to."""
    prompt.db.write_bytes(V1.read_bytes())
    prompt.db.chmod(0o444)
    done = prompt("--json", "export", "out", "--format", form)
    assert (done.code, done.rows[-1]["posts"]) == (0, len(view(prompt.db)))
    assert prompt.db.read_bytes() == V1.read_bytes()


def test_who_waits_is_told(filled: Prompt) -> None:
    """Every 500 posts."""
    told: list[int] = []
    with Corpus(filled.db) as corpus:
        tally = Tally(corpus)
        assert sum(1 for _ in tally.watch(rows(1200, 18), told.append)) == 1200
    assert (told, tally.all.posts) == ([500, 1000], 1200)


@pytest.mark.parametrize("form", DATA)
def test_nothing_found_is_an_export_too(filled: Prompt, form: str) -> None:
    """Of no rows, with all columns where a format has any, and papers that say so."""
    done = filled("--json", "export", "out", "--format", form, "--search", "nosuchword")
    assert (done.code, done.rows[-1]["posts"]) == (0, 0)
    assert "posts: 0, of 0 sites" in (filled.folder / "out/DATASHEET.md").read_text()
    if form == "parquet":
        import pyarrow.parquet as pq

        (path,) = (filled.folder / "out/posts").rglob("*.parquet")
        assert pq.ParquetFile(path).schema_arrow.names == [one.name for one in columns.columns()]
