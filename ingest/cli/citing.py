"""`show --cite`: a post, or the corpus, as an entry for a bibliography."""

import json

import click

from ingest.cli.options import Settings
from ingest.cli.output import emit, summary

__all__ = ["FORMS", "show"]

#: BibTeX as biblatex reads it; CSL-JSON as Zotero and Pandoc do.
FORMS = ("bibtex", "csl")


def show(settings: Settings, post: str | None, form: str) -> None:
    """Print the entry of the post that a word means, or of the corpus as it is."""
    from ingest.corpus import read  # noqa: PLC0415
    from ingest.research import cite  # noqa: PLC0415

    with settings.corpus() as corpus:
        if post is None:
            whole = cite.whole(corpus)
            item, entry = cite.csl_of_corpus(whole), cite.bibtex_of_corpus(whole)
        else:
            row = cite.cited(corpus, read.find_post(corpus, post))
            item, entry = cite.csl(row), cite.bibtex(row)
    if settings.json:
        emit({"type": "citation", form: item if form == "csl" else entry})
        summary(settings, 0)
    else:
        click.echo(entry.rstrip("\n") if form == "bibtex" else json.dumps([item], ensure_ascii=False, indent=2))
