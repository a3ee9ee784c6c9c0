"""The papers beside an export tell the truth: counts, sources, gaps, rules, checksums; valid by their own standards."""

import hashlib
import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ingest.corpus import Corpus
from ingest.research.export import KINDS
from ingest.research.export.quoting import words, yaml_value
from tests.prompt import Prompt
from tests.research.exporting import DATA, HOSTILE, make, make_hostile, view

#: CITATION.cff 1.2.0 (https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema.json): its rules for
#: what an export writes.
CFF = {
    "type": "object",
    "additionalProperties": False,
    "required": ["authors", "cff-version", "message", "title"],
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "title": {"type": "string", "minLength": 1},
        "message": {"type": "string", "minLength": 1},
        "type": {"enum": ["dataset", "software"]},
        "authors": {
            "type": "array", "minItems": 1, "uniqueItems": True,
            "items": {"type": "object", "required": ["name"], "additionalProperties": False,
                      "properties": {"name": {"type": "string", "minLength": 1}}},
        },
        "version": {"type": "string", "minLength": 1},
        "date-released": {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "abstract": {"type": "string", "minLength": 1},
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "minLength": 1}},
        "license-url": {"type": "string", "format": "uri", "pattern": r"^(https|http|ftp|sftp)://.+"},
        "identifiers": {
            "type": "array", "minItems": 1,
            "items": {"type": "object", "required": ["type", "value"], "additionalProperties": False,
                      "properties": {"type": {"enum": ["doi", "url", "swh", "other"]}, "value": {"type": "string", "minLength": 1},
                                     "description": {"type": "string", "minLength": 1}}},
        },
    },
}  # fmt: skip


@pytest.fixture
def filled(prompt: Prompt) -> Prompt:
    """Six posts of two blogs, and what went wrong on the way."""
    make(prompt.db)
    with Corpus(prompt.db, write=True) as corpus, corpus.transaction() as conn:
        conn.execute(
            "UPDATE sources SET verdict = 'failing', reason = 'dns | <b>', failing_since = '2026-01-03T00:00:00Z',"
            ' missing_ids = \'["post/7", "post/8"]\' WHERE id = (SELECT min(id) FROM sources)'
        )
        conn.execute(
            "INSERT INTO rejects (source_id, key, reason, raw, first_seen_at, last_seen_at)"
            " SELECT min(id), 'k', 'broken', x'00', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z' FROM sources"
        )
        conn.execute("UPDATE posts SET cleaned = '[\"share_bar\"]' WHERE title = 'Wasps'")
        conn.execute(
            "INSERT INTO sources (kind, url, state, added_at) VALUES ('text', '/home/ada/secret/notes', 'active', '2026')"
        )
    return prompt


def papers(prompt: Prompt, form: str, *more: str) -> dict[str, str]:
    """The papers of an export."""
    assert prompt("export", "out", "--format", form, *more).code == 0
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in (prompt.folder / "out").iterdir()
        if path.name[0].isupper()
    }


@pytest.mark.parametrize("form", DATA)
def test_every_byte_is_under_a_checksum(filled: Prompt, form: str) -> None:
    """`sha256sum --check` finds each file as it is, and each file is listed."""
    papers(filled, form)
    out = filled.folder / "out"
    assert (
        subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=out, check=False).returncode
        == 0
    )
    listed = [line.split("  ", 1)[1] for line in (out / "SHA256SUMS").read_text().splitlines()]
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert sorted(listed) == sorted(there - {"SHA256SUMS"})


def test_the_datasheet_says_what_is_true(filled: Prompt) -> None:
    """Counts, dates, failures, exclusions, rules, licences, those gone; no row numbers, and no path of a machine."""
    sheet = papers(filled, "jsonl")["DATASHEET.md"]
    rows = view(filled.db)
    for line in (
        f"- posts: 6, of 2 sites; words: {sum(row['word_count'] for row in rows)}",
        "- published: 2023-05-01 to 2025-02-01; without a date: 1",
        "- earlier versions, kept in the corpus and not here: 1",
        "- status: publish 5, protected 1",
        "- gone from their site, and included: 1",
        "  - `erased`, the site says it is no more: 1",
        "- announced by a site and not held: 2 (of each source the first 1,000 are known)",
        "- met and not stored, kept aside as they came: 1",
        "- sources that fail: 1",
        "  - `share_bar`: 1",
        "| other.example | https://creativecommons.org/licenses/by/4.0/ | 1 |",
        "Not looked for. Copies of a post on several sites are several posts here.",
    ):
        assert f"{line}\n" in sheet, line
    assert "| failing | dns \\| \\<b\\> (since 2026-01-03) |" in sheet
    assert "| folder notes | text |" in sheet
    assert "/home" not in sheet
    assert str(filled.folder) not in sheet


def test_near_duplicates_are_counted_where_they_are_looked_for(filled: Prompt) -> None:
    """Of these posts, and of the corpus."""
    with Corpus(filled.db, write=True) as corpus, corpus.transaction() as conn:
        conn.execute("INSERT INTO signatures SELECT id, 'w', 'm', 9, NULL, id <> 3 FROM posts")
        conn.execute("INSERT INTO duplicates SELECT id, 1, id - 1, 1.0, 2 FROM posts WHERE id < 3")
    sheet = papers(filled, "csv")["DATASHEET.md"]
    assert "have a near-duplicate in the corpus, all of them kept: 2." in sheet
    assert "clusters 1, posts not compared yet 1." in sheet


def test_a_part_says_of_what_it_is_one(filled: Prompt) -> None:
    """What was asked for stands in it, and sources of which nothing is here are a number."""
    told = papers(filled, "jsonl", "--site", "other.example", "--not-gone", "--by", "Sleep Lab", "--by", "A. N. Other")
    assert "Only a part of the corpus: `site` other.example." in told["README.md"]
    assert "only a part of the corpus was asked for: `gone` only posts that are there" in told["DATASHEET.md"]
    assert "other sources of the corpus: nothing of them is in this part." in told["DATASHEET.md"]
    assert [one["name"] for one in yaml.safe_load(told["CITATION.cff"])["authors"]] == ["Sleep Lab", "A. N. Other"]
    assert "author = {{Sleep Lab} and {A. N. Other}}" in told["README.md"]


@pytest.mark.parametrize("form", DATA)
def test_the_citation_file_is_valid(filled: Prompt, form: str) -> None:
    """By the rules of its format; it names the data by its checksums."""
    told = yaml.safe_load(papers(filled, form)["CITATION.cff"])
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(CFF, format_checker=checker).validate(told)
    lines = (filled.folder / "out/SHA256SUMS").read_text().splitlines(keepends=True)
    data = "".join(line for line in lines if not re.search("  (README|DATASHEET|CITATION|croissant)", line))
    assert told["identifiers"][0]["value"] == "sha256:" + hashlib.sha256(data.encode()).hexdigest()
    assert told["title"] == "6 posts of 2 blogs, 2023\N{EN DASH}2025"


def croissant(prompt: Prompt, form: str) -> dict[str, Any]:
    """The Croissant of an export."""
    papers(prompt, form)
    found: dict[str, Any] = json.loads((prompt.folder / "out/croissant.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("form", DATA)
def test_the_croissant_has_the_shape_of_1_1(filled: Prompt, form: str) -> None:
    """All that the specification requires, ids that are there, files that are there, with their true checksums."""
    told = croissant(filled, form)
    required = {"@context", "@type", "conformsTo", "description", "license", "name", "url", "creator", "datePublished"}
    assert required <= told.keys()
    assert (told["@type"], told["conformsTo"]) == ("sc:Dataset", "http://mlcommons.org/croissant/1.1")
    terms = told["@context"].keys() | {"creator", "license", "url", "keywords", "datePublished", "version", "inLanguage",
                                       "temporalCoverage", "distribution"}  # fmt: skip
    assert {key for key in told if not key.startswith("@")} <= terms
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    ids = [one["@id"] for one in told["distribution"]]
    assert len(set(ids)) == len(ids)
    out = filled.folder / "out"
    there = [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()]
    for one in told["distribution"]:
        assert {"@type", "@id", "name", "encodingFormat"} <= one.keys()
        if one["@type"] == "cr:FileObject":
            data = (out / one["contentUrl"]).read_bytes()
            assert (one["sha256"], one["contentSize"]) == (hashlib.sha256(data).hexdigest(), f"{len(data)} B")
        else:
            assert one["@type"] == "cr:FileSet"
            assert any(fnmatch(name, one["includes"]) for name in there)


@pytest.mark.parametrize("form", DATA)
def test_the_croissant_describes_every_column(filled: Prompt, form: str) -> None:
    """Under its name, out of a file that is there; where Croissant cannot take columns out, it says nothing of them."""
    told = croissant(filled, form)
    if not KINDS[form].columnar:
        assert "recordSet" not in told
        return
    ids = {one["@id"] for one in told["distribution"]}
    (records,) = told["recordSet"]
    names = [field["source"]["extract"]["column"] for field in records["field"]]
    wanted = list(view(filled.db)[0])
    assert names == (
        ["doc_id", "file", *[n for n in wanted if n not in {"doc_id", "text"}]] if form == "txt" else wanted
    )
    assert records["key"] == {"@id": "posts/doc_id"}
    for field in records["field"]:
        assert field["@id"] == f"posts/{field['name']}"
        assert field["dataType"] in {"sc:Text", "sc:Integer", "sc:DateTime"}
        source = field["source"].get("fileSet") or field["source"]["fileObject"]
        assert source["@id"] in ids
        assert ("isArray" in field) == (KINDS[form].lists and field["name"] in {"authors", "categories", "tags"})


def test_a_hostile_corpus_writes_nothing_into_the_papers(prompt: Prompt) -> None:
    """No tag, no new row of a table, no second entry: strangers' words stay words."""
    make_hostile(prompt.db)
    with Corpus(prompt.db, write=True) as corpus, corpus.transaction() as conn:
        conn.execute("UPDATE sites SET site = ?", ["evil.example/|<script>\n\n# x\n```"])
        conn.execute("UPDATE posts SET language = ?, type = ?", ["<b>", "a|b\nc"])
        conn.execute("UPDATE sources SET reason = ?", ["x | y\n| z |<img>"])
    told = papers(prompt, "jsonl", "--where", "title <> '<img src=x>'")
    for name in ("README.md", "DATASHEET.md"):
        page = told[name].removeprefix("---\n").split("\n---\n")[-1]
        outside = re.sub(r"```bibtex\n.*?\n```\n", "", page, flags=re.DOTALL)
        assert not re.search(r"(?<!\\)<[a-z]", outside), name
        assert page.count("\n# ") == (1 if name == "README.md" else 0)
    assert told["README.md"].count("\n```") == 2
    assert yaml.safe_load(told["CITATION.cff"])["title"].startswith(f"{len(HOSTILE)} posts of evil.example")


def test_the_head_of_the_readme_is_yaml(filled: Prompt) -> None:
    """By it the Hugging Face Hub finds the rows."""
    head = yaml.safe_load(papers(filled, "parquet")["README.md"].split("---\n")[1])
    assert head["configs"] == [{"config_name": "default", "data_files": "posts/*/*.parquet"}]


@pytest.mark.parametrize("text", HOSTILE)
def test_yaml_values_come_back_as_they_went(text: str) -> None:
    """Whatever YAML would make of them: dates, numbers, nothing, line ends."""
    for value in (text, [text, text], None, 1):
        assert yaml.safe_load(f"key: {yaml_value(value)}\n") == {"key": value}


def test_words_are_words_in_markdown() -> None:
    """One line, and no sign with a meaning without its backslash."""
    assert words("a|b\n# <c> `d` [e](f) \u202eg") == r"a\|b \# \<c\> \`d\` \[e\](f) g"


def test_nothing_tells_where_or_when(filled: Prompt) -> None:
    """No path, no user, no time of export in any paper."""
    told = papers(filled, "sqlite")
    told["croissant.json"] = (filled.folder / "out/croissant.json").read_text()
    for name, text in told.items():
        assert str(Path.home()) not in text, name
        assert set(re.findall(r"20\d\d-\d\d-\d\d", text)) <= {
            "2026-01-01", "2026-01-02", "2026-01-03", "2023-05-01", "2023-07-01", "2025-02-01", "2025-01-01", "2024-12-31",
        }, name  # fmt: skip
