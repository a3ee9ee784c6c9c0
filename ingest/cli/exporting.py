"""`export`: posts out of the corpus, as files for other programs."""

from pathlib import Path

import click

from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, say, summary

__all__ = ["COMMANDS"]

#: The formats of `ingest.research`; named here because `--help` must not pay for importing it.
_FORMATS = ("atom", "jsonfeed")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), required=True, help="Atom or JSON Feed: a feed of the posts."
)
@click.option("--search", "words", metavar="QUERY", help="Only what `search QUERY` finds: an alert.")
@click.option("--group", metavar="NAME", help="Only posts of the sources of this group: a planet.")
@click.option("-n", "--limit", type=click.IntRange(1), help="At most so many posts, the newest.")
@global_options(hidden=True)
@click.pass_obj
def export(
    settings: Settings, folder: Path, form: str, words: str | None, group: str | None, limit: int | None
) -> None:
    """Write posts into the folder DIR, which is made. The same corpus gives the same bytes."""
    from ingest.research import feeds  # noqa: PLC0415
    from ingest.research.choice import Choice, chosen  # noqa: PLC0415
    from ingest.research.files import write  # noqa: PLC0415

    name, make = feeds.FORMATS[form]
    choice, count = Choice(words, group, limit), 0
    with settings.corpus() as corpus:
        rows = list(chosen(corpus, choice))
        count = len(rows)
        written = write(folder, {name: make(rows, choice)})
    for path, sha in written:
        if settings.json:
            emit({"type": "file", "file": str(path), "sha256": sha})
        else:
            click.echo(path)
    say(settings, f"{count:,} post{'s'[: count != 1]} as {form}")
    summary(settings, 0, posts=count, files=len(written))


COMMANDS = [export]
