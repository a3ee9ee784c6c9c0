"""README.md beside an export: what it is, what is in it, how to open it, how to cite it.

Its head is YAML by which the Hugging Face Hub, and `datasets.load_dataset(FOLDER)`, find the rows.
"""

from collections.abc import Iterator

from ingest.research.cite import bibtex_of_corpus
from ingest.research.export.columns import columns
from ingest.research.export.facts import Facts
from ingest.research.export.kinds import KINDS
from ingest.research.export.quoting import words, yaml_value
from ingest.research.files import SUMS

__all__ = ["readme"]


def readme(facts: Facts) -> str:
    """The file's content."""
    return "".join(
        f"{line}\n" for line in (*_head(facts), *_what(facts), *_opened(facts), *_columns(facts), *_end(facts))
    )


def _head(facts: Facts) -> Iterator[str]:
    kind = KINDS[facts.form]
    yield "---"
    yield f"pretty_name: {yaml_value(facts.whole.title)}"
    if kind.columnar:
        yield "configs:"
        yield "  - config_name: default"
        yield f"    data_files: {yaml_value(kind.files)}"
    yield "---"
    yield ""


def _what(facts: Facts) -> Iterator[str]:
    told, kind = facts.whole, KINDS[facts.form]
    yield f"# {words(told.title)}"
    yield ""
    state = f", as it was on {told.state_at[:10]}" if told.state_at else ""
    yield f"Posts of blogs, exported from a corpus that was collected with blogcorpus{state}."
    for option, value in facts.asked.items():
        yield f"Only a part of the corpus: `{option}` {words(value)}."
    yield "Posts that are gone from their site are included, and say so (`gone_at`), unless they were left out above."
    yield ""
    yield f"- `{kind.files}`: {kind.meaning}"
    yield "- `DATASHEET.md`: how it was collected; what is missing, and what was left out or changed"
    yield "- `croissant.json`: the same for programs ([Croissant 1.1](https://mlcommons.org/croissant/))"
    yield "- `CITATION.cff`: how to cite it"
    yield f"- `{SUMS}`: `sha256sum --check {SUMS}` says whether every file is as it was made"
    yield ""


def _opened(facts: Facts) -> Iterator[str]:
    yield "## Open it"
    yield ""
    yield from (f"- {program}: `{code}`" for program, code in KINDS[facts.form].opened)
    yield ""


def _columns(facts: Facts) -> Iterator[str]:
    lists = "a list" if KINDS[facts.form].lists else "a list, as JSON"
    names = {"names": lists, "time": "text", "text": "text", "integer": "number"}
    yield "## Columns"
    yield ""
    yield "Times are UTC, `YYYY-MM-DDTHH:MM:SSZ`; what is not known is NULL, never invented."
    yield ""
    yield "| column | | |"
    yield "|---|---|---|"
    for column in columns():
        yield f"| `{column.name}` | {names[column.kind]}{', or NULL' if column.optional else ''} | {column.meaning} |"
    yield ""


def _end(facts: Facts) -> Iterator[str]:
    yield "## Cite it"
    yield ""
    yield "```bibtex"
    yield bibtex_of_corpus(facts.whole).rstrip("\n").replace("```", "'''")
    yield "```"
    yield ""
    yield "A single post: its `doc_id`, in words or with `blogcorpus show DOC_ID --cite bibtex`."
    yield ""
    yield "## Rights"
    yield ""
    yield "The texts belong to their authors. This export grants no right to them; see DATASHEET.md."
