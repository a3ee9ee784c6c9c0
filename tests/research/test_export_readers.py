"""What an export holds is what the readers of its format find in it: pandas, DuckDB, `datasets`, R."""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.prompt import Prompt
from tests.research.exporting import as_cells, make, make_hostile, view

LISTS = ("authors", "categories", "tags")


@pytest.fixture(params=[make, make_hostile], ids=["plain", "hostile"])
def filled(request: pytest.FixtureRequest, prompt: Prompt) -> Prompt:
    """A corpus as it should be, and one as it should not."""
    request.param(prompt.db)
    return prompt


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By doc_id."""
    return sorted(rows, key=lambda row: row["doc_id"])


def test_pandas(filled: Prompt) -> None:
    """Parquet with its years, JSON Lines, CSV; NULL is missing, lists are lists."""
    import pandas as pd

    for form in ("parquet", "jsonl", "csv"):
        filled("export", form, "--format", form)
    frame = pd.read_parquet(filled.folder / "parquet/posts", dtype_backend="pyarrow")
    years = [(row["published_at"] or "unknown")[:4] for row in view(filled.db)]
    assert sorted(str(year)[:4] for year in frame["year"]) == sorted(years)
    found = json.loads(frame.drop(columns="year").to_json(orient="records"))
    assert ordered(found) == view(filled.db)
    lines = pd.read_json(filled.folder / "jsonl/posts.jsonl", lines=True, dtype=False)
    assert ordered(json.loads(lines.to_json(orient="records"))) == view(filled.db)
    cells = pd.read_csv(filled.folder / "csv/posts.csv", dtype=str, keep_default_na=False)
    assert cells.to_dict("records") == [as_cells(row) for row in view(filled.db)]


def test_duckdb(filled: Prompt) -> None:
    """Parquet, JSON Lines, CSV as text."""
    import duckdb

    for form in ("parquet", "jsonl", "csv"):
        filled("export", form, "--format", form)
    wanted, names = view(filled.db), list(view(filled.db)[0])
    asked = {
        "parquet": f"SELECT {', '.join(names)} FROM read_parquet('parquet/posts/*/*.parquet', hive_types_autocast = false)",
        "jsonl": f"SELECT {', '.join(names)} FROM read_json('jsonl/posts.jsonl', maximum_object_size = 100000000,"
        " columns = {" + ", ".join(f"{n}: '{_type(n)}'" for n in names) + "})",
        "csv": "SELECT * FROM read_csv('csv/posts.csv', all_varchar = true, header = true, delim = ',', quote = '\"',"
        " escape = '\"', max_line_size = 100000000, nullstr = 'no such cell', strict_mode = false)",
    }
    for form, sql in asked.items():
        found = ordered([dict(zip(names, row, strict=True)) for row in duckdb.sql(sql).fetchall()])
        assert found == ([as_cells(row) for row in wanted] if form == "csv" else wanted), form


def _type(name: str) -> str:
    return "VARCHAR[]" if name in LISTS else "BIGINT" if name in {"word_count", "revisions"} else "VARCHAR"


DATASETS = """
import json, sys
from datasets import load_dataset
for words in (dict(path="tables"), dict(path="lines"), dict(path="parquet", data_files="tables/posts/*/*.parquet")):
    rows = load_dataset(**words, split="train").to_list()
    print(json.dumps(rows, default=lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")))
"""


def test_hugging_face(filled: Prompt) -> None:
    """The folder is a dataset, by its README; so are its files. Nothing is asked of the network."""
    for folder, form in (("tables", "parquet"), ("lines", "jsonl")):
        filled("export", folder, "--format", form)
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(filled.folder / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", DATASETS],
        cwd=filled.folder,
        env=os.environ | offline,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == 3
    for rows in found:
        assert ordered([{k: v for k, v in row.items() if k != "year"} for row in rows]) == view(filled.db)


READ = """
posts <- read.csv("csv/posts.csv", encoding = "UTF-8", na.strings = "", colClasses = "character")
cat(paste(posts$doc_id, nchar(posts$text), is.na(posts$gone_at), is.na(posts$published_at)), sep = "\\n")
"""


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_the_csv(prompt: Prompt) -> None:
    """Every record whole: the same lengths, the same gaps."""
    make(prompt.db)
    prompt("export", "csv", "--format", "csv")
    done = subprocess.run(["Rscript", "-e", READ], cwd=prompt.folder, capture_output=True, text=True, check=True)
    wanted = [
        f"{row['doc_id']} {len(as_cells(row)['text'])} {str(row['gone_at'] is None).upper()} {str(row['published_at'] is None).upper()}"
        for row in view(prompt.db)
    ]
    assert done.stdout.splitlines() == wanted
