"""CITATION.cff (https://citation-file-format.github.io, 1.2.0): how to cite what was exported."""

from collections.abc import Iterator

from ingest.research.export.facts import Facts
from ingest.research.export.quoting import yaml_value

__all__ = ["RIGHTS", "citation"]

#: "Copyright not evaluated": nobody has said more of posts that many people wrote.
RIGHTS = "http://rightsstatements.org/vocab/CNE/1.0/"


def citation(facts: Facts) -> str:
    """The file's content."""
    return "".join(f"{line}\n" for line in _lines(facts))


def _lines(facts: Facts) -> Iterator[str]:
    told = facts.whole
    yield "cff-version: 1.2.0"
    yield f"title: {yaml_value(told.title)}"
    yield f"message: {yaml_value('Cite this collection as below, and a post that you quote with its doc_id.')}"
    yield "type: dataset"
    yield "authors:"
    yield from (f"  - name: {yaml_value(name)}" for name in told.authors)
    if told.state_at:
        yield f"version: {yaml_value(told.state_at[:10])}"
        yield f"date-released: {yaml_value(told.state_at[:10])}"
    yield f"abstract: {yaml_value(f'{told.title}, collected with blogcorpus, exported as {facts.form}.')}"
    yield 'keywords: ["blogs", "corpus", "text"]'
    yield f"license-url: {yaml_value(RIGHTS)}"
    yield "identifiers:"
    yield "  - type: other"
    yield f"    value: {yaml_value(f'sha256:{told.digest}')}"
    yield f"    description: {yaml_value('SHA-256 over the lines of SHA256SUMS that name the data.')}"
