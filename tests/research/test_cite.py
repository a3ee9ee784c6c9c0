"""*Cite this*: entries that BibTeX reads and LaTeX does not run, items that citeproc reads."""

import json
import re
from typing import Any

import jsonschema
import pytest

from ingest.corpus import Corpus, read
from ingest.research import cite
from tests.prompt import Prompt
from tests.research.exporting import HOSTILE, make

#: What the CSL-JSON schema (https://github.com/citation-style-language/schema, 1.0.2) says of the fields that are used.
CSL = {
    "type": "object",
    "required": ["type", "id"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["post-weblog", "dataset"]}, "id": {"type": "string", "minLength": 1},
        "title": {"type": "string"}, "container-title": {"type": "string"}, "URL": {"type": "string"},
        "language": {"type": "string"}, "note": {"type": "string"}, "version": {"type": "string"},
        "author": {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": ["literal"],
                                              "properties": {"literal": {"type": "string"}}}},
        "issued": {"$ref": "#/$defs/date"}, "accessed": {"$ref": "#/$defs/date"},
    },
    "$defs": {"date": {
        "type": "object", "additionalProperties": False, "required": ["date-parts"],
        "properties": {"date-parts": {"type": "array", "minItems": 1, "maxItems": 1, "items": {
            "type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}}}},
    }},
}  # fmt: skip

ROW: dict[str, Any] = {
    "doc_id": "1b37cc4f43d69ea20123456789abcdef", "title": "Sleep", "url": "https://blog.example/p/", "site": "blog.example",
    "authors": '["Ada Lovelace"]', "published_at": "2026-05-08T10:00:00Z", "language": "en", "site_name": "A Blog",
    "last_seen_at": "2026-11-21T01:02:03Z", "date_precision": "second", "gone_at": None,
}  # fmt: skip


def fields(entry: str) -> dict[str, str]:
    """The fields of an entry as BibTeX takes them apart: by braces that balance, escaped ones counted too."""
    head = re.match(r"@(online|dataset)\{([A-Za-z0-9.-]+),\n", entry)
    assert head
    assert entry.endswith("}\n")
    found, rest = {}, entry[head.end() : -2]
    while rest:
        name, _, rest = rest.partition(" = ")
        end = _closed(rest)
        found[name.strip()] = rest[1:end]
        assert rest[end + 1 : end + 3] == ",\n"
        rest = rest[end + 3 :]
    return found


def _closed(text: str) -> int:
    """Where the brace that a text begins with is closed."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return place
    raise AssertionError(text)


def test_a_post() -> None:
    """Who, what, where, when, when looked at, and the doc_id."""
    assert cite.bibtex(ROW) == (
        "@online{blog.example-2026-43d69ea20123,\n  author = {{Ada Lovelace}},\n  title = {{Sleep}},\n  date = {2026-05-08},\n"
        "  organization = {A Blog},\n  url = {https://blog.example/p/},\n  urldate = {2026-11-21},\n"
        "  note = {doc\\_id 1b37cc4f43d69ea20123456789abcdef},\n}\n"
    )
    assert cite.csl(ROW) == {
        "id": "blog.example-2026-43d69ea20123", "type": "post-weblog", "title": "Sleep", "container-title": "A Blog",
        "author": [{"literal": "Ada Lovelace"}], "issued": {"date-parts": [[2026, 5, 8]]}, "URL": "https://blog.example/p/",
        "accessed": {"date-parts": [[2026, 11, 21]]}, "language": "en", "note": "doc_id 1b37cc4f43d69ea20123456789abcdef",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("AT&T", r"AT\&T"), ("100 %", r"100 \%"), ("$5", r"\$5"), ("#1", r"\#1"), ("a_b", r"a\_b"), ("{", r"\textbraceleft{}"),
     ("}", r"\textbraceright{}"), ("~", r"\textasciitilde{}"), ("^", r"\textasciicircum{}"), ("\\input", r"\textbackslash{}input"),
     ("<b|c>", r"\textless{}b\textbar{}c\textgreater{}"), ("café 健康 \u2014 ß", "café 健康 \u2014 ß"), ("two\n\n lines\t", "two lines"),
     ("\u202egpj.exe", "gpj.exe"), ("\\{", r"\textbackslash{}\textbraceleft{}")],
)  # fmt: skip
def test_what_latex_would_run_is_escaped(text: str, escaped: str) -> None:
    """And Unicode is kept: biblatex reads it."""
    assert cite.latex(text) == escaped
    assert fields(cite.bibtex(ROW | {"title": text}))["title"] == f"{{{escaped}}}"


@pytest.mark.parametrize("text", HOSTILE)
def test_every_entry_balances(text: str) -> None:
    """Whatever stands in a title, a name, a site or an address."""
    row = ROW | {
        "title": text,
        "authors": [text, "Ines"],
        "site": text,
        "site_name": text,
        "url": f"https://x.example/{text}",
    }
    found = fields(cite.bibtex(row))
    assert not re.search(r"(?<!\\)[%$#&_]", re.sub(r"\\text\w+\{\}", "", found.get("title", "")))
    assert found["url"].isascii()
    assert not set(found["url"]) & set('{}\\ "<>^`|')
    jsonschema.Draft202012Validator(CSL).validate(cite.csl(row))


def test_a_name_is_not_taken_apart() -> None:
    """BibTeX would at a comma and at "and"."""
    names = ["Ana García, MD", "Research and Development", "Ines"]
    assert fields(cite.bibtex(ROW | {"authors": names}))["author"] == (
        "{Ana García, MD} and {Research and Development} and {Ines}"
    )
    assert cite.csl(ROW | {"authors": names})["author"] == [{"literal": name} for name in names]


def test_what_is_not_known_is_not_said() -> None:
    """No date, no author, no address, no title: no field; a month is a month."""
    bare = dict.fromkeys(ROW) | {"doc_id": ROW["doc_id"], "title": "", "authors": "[]"}
    assert fields(cite.bibtex(bare)) == {"note": f"doc\\_id {ROW['doc_id']}"}
    assert cite.csl(bare) == {"id": "text-43d69ea20123", "type": "post-weblog", "note": f"doc_id {ROW['doc_id']}"}
    assert fields(cite.bibtex(ROW | {"date_precision": "month"}))["date"] == "2026-05"
    assert cite.csl(ROW | {"date_precision": "year"})["issued"] == {"date-parts": [[2026]]}


def test_a_row_of_any_sort_will_do(prompt: Prompt) -> None:
    """That of the view, that of `read.post`, that of `cited`: the same key, the same words."""
    make(prompt.db)
    with Corpus(prompt.db) as corpus:
        for number in range(1, 7):
            row = cite.cited(corpus, number)
            viewed = corpus.rows("SELECT * FROM corpus WHERE doc_id = ?", [row["doc_id"]])[0]
            told = [fields(cite.bibtex(one)) for one in (row, viewed, read.post(corpus, number))]
            assert told[0] == told[2]
            assert told[1].items() <= told[0].items()
            assert cite.bibtex(row).split(",")[0] == cite.bibtex(viewed).split(",")[0]
            assert ("no longer online on 2026-01-02" in told[0]["note"]) == (viewed["gone_at"] is not None)
            jsonschema.Draft202012Validator(CSL).validate(cite.csl(row))


def test_at_the_prompt(prompt: Prompt) -> None:
    """`show POST --cite`, and without POST the corpus."""
    make(prompt.db)
    doc_id = prompt.ask("SELECT doc_id FROM posts WHERE id = 1")[0][0]
    done = prompt("show", doc_id, "--cite", "bibtex")
    assert (done.code, fields(done.out)["title"]) == (0, r"{Sleep \& rest}")
    (item,) = json.loads(prompt("show", doc_id, "--cite", "csl").out)
    assert (item["title"], item["author"]) == (
        "Sleep & rest",
        [{"literal": "Ada"}, {"literal": 'Ines "I" O\'Hara, MD'}],
    )
    whole = fields(prompt("show", "--cite", "bibtex").out)
    assert whole["title"] == "{6 posts of 2 blogs, 2023\N{EN DASH}2025}"
    assert whole["date"] == "2026-01-01"
    (item,) = json.loads(prompt("show", "--cite", "csl").out)
    jsonschema.Draft202012Validator(CSL).validate(item)
    rows = prompt("show", "--cite", "csl", "--json").rows
    assert (rows[0]["type"], rows[0]["csl"]["type"], rows[-1]["exit_code"]) == ("citation", "dataset", 0)
    assert prompt("show", "--json").code == 2
    assert prompt("show", "nosuchpost", "--cite", "csl").code == 2


def test_the_title_of_a_corpus() -> None:
    """Of one blog it names it; of none it does not lie."""
    one = cite.Whole(1, ("blog.example",), "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", None)
    assert one.title == "1 post of blog.example, 2024"
    assert one.authors == ("Authors of blog.example",)
    assert cite.Whole(0, (), None, None, None).title == "0 posts of no blog"
