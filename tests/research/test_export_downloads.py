"""The rows of a question as a stream: what the page hands out is what an export holds."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from ingest.corpus import Corpus
from ingest.research.choice import Choice, held
from ingest.research.export.downloads import DOWNLOADS
from tests.prompt import Prompt
from tests.research.exporting import content, make, make_hostile


def streamed(prompt: Prompt, form: str, choice: Choice) -> bytes:
    """A download."""
    with Corpus(prompt.db) as corpus:
        return b"".join(DOWNLOADS[form].pieces(held(corpus, choice)))


@pytest.mark.parametrize("fill", [make, make_hostile])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_is_that_of_the_export(prompt: Prompt, form: str, fill: Any) -> None:
    """To the byte."""
    fill(prompt.db)
    prompt("export", "out", "--format", form)
    assert streamed(prompt, form, Choice()) == (prompt.folder / "out" / DOWNLOADS[form].name).read_bytes()


@pytest.mark.parametrize("fill", [make, make_hostile])
def test_a_zip_holds_the_texts_and_their_table(prompt: Prompt, fill: Any) -> None:
    """The same files as the export, in a folder; whole by its own checksums, and the same bytes every time."""
    fill(prompt.db)
    prompt("export", "out", "--format", "txt")
    data = streamed(prompt, "txt", Choice())
    assert data == streamed(prompt, "txt", Choice())
    made = zipfile.ZipFile(io.BytesIO(data))
    assert made.testzip() is None
    wanted = {name: text for name, text in content(prompt.folder / "out").items() if name.endswith((".txt", ".csv"))}
    assert {name.removeprefix("posts/"): made.read(name) for name in made.namelist()} == wanted
    assert {(info.date_time, info.external_attr >> 16) for info in made.infolist()} == {((1980, 1, 1, 0, 0, 0), 0o644)}


@pytest.mark.parametrize("form", DOWNLOADS)
def test_nothing_found_is_a_file_too(prompt: Prompt, form: str) -> None:
    """With its head where it has one."""
    make(prompt.db)
    data = streamed(prompt, form, Choice(search="nosuchword"))
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(data.decode())))) == 1
    elif form == "jsonl":
        assert data == b""
    else:
        assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["posts/metadata.csv"]


def test_rows_with_lists_will_do() -> None:
    """As the library gives them."""
    row = {
        "doc_id": "0" * 32, "url": None, "site": None, "type": "post", "title": "T", "text": "x", "authors": ["A", "=B"],
        "categories": [], "tags": [], "published_at": None, "modified_at": None, "language": None, "word_count": 1,
        "revisions": 0, "first_seen_at": "2026-01-01T00:00:00Z", "gone_at": None, "gone_kind": None,
    }  # fmt: skip
    assert json.loads(b"".join(DOWNLOADS["jsonl"].pieces([row])))["authors"] == ["A", "=B"]
    (found,) = csv.DictReader(io.StringIO(b"".join(DOWNLOADS["csv"].pieces([row])).decode()))
    assert found["authors"] == '["A","=B"]'
