"""`export`: posts out of the corpus, as files for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.asking import MOST, asked, filter_options
from ingest.cli.options import Settings, global_options
from ingest.cli.output import Progress, emit, say, summary

if TYPE_CHECKING:
    from ingest.research.choice import Choice

__all__ = ["COMMANDS"]

#: The formats of `ingest.research`; named here because `--help` must not pay for importing it.
_DATA = ("parquet", "jsonl", "csv", "txt", "markdown", "sqlite")
_FEEDS = ("atom", "jsonfeed")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--format", "form", type=click.Choice([*_DATA, *_FEEDS]), required=True,
    help="Data, with the papers that describe it; or a feed of the posts that are there, for feed readers.",
)  # fmt: skip
@click.option("--search", "words", metavar="QUERY", help="Only what `search QUERY` finds; of a feed: an alert.")
@filter_options
@click.option("--where", metavar="SQL", help="Only where this holds: language = 'en' AND word_count > 100.")
@click.option("--group", metavar="NAME", help="Only posts of the sources of this group; of a feed: a planet.")
@click.option("-n", "--limit", type=click.IntRange(1, MOST), help="At most so many posts; of a feed: the newest.")
@click.option("--by", multiple=True, metavar="NAME", help="Who compiled it, for its citation. May be repeated.")
@click.option("--overwrite", "--force", is_flag=True, help="Also an earlier export whose files were edited since.")
@global_options(hidden=True)
@click.pass_obj
def export(
    settings: Settings, /, folder: Path, form: str, words: str | None, where: str | None, group: str | None,
    limit: int | None, by: tuple[str, ...], overwrite: bool, **filters: Any,
) -> None:  # fmt: skip
    """Write posts into the folder DIR, which is made. The same corpus gives the same bytes.

    Data is every post with its history of being gone, by doc_id; an earlier export in DIR is replaced whole,
    unless its files were edited since.
    """
    from ingest.research.choice import Choice  # noqa: PLC0415

    choice = Choice(words, group, limit, asked("", filters))
    if form in _FEEDS:
        if where is not None or by or overwrite:
            raise click.UsageError("--where, --by and --overwrite are for data, not for feeds")
        _feed(settings, folder, form, choice)
    else:
        _data(settings, folder, form, choice, where, by, overwrite=overwrite)


def _data(
    settings: Settings,
    folder: Path,
    form: str,
    choice: "Choice",
    where: str | None,
    by: tuple[str, ...],
    *,
    overwrite: bool,
) -> None:
    from ingest.research.export import export as make  # noqa: PLC0415

    progress = Progress(settings)
    with settings.corpus() as corpus:
        made = make(
            corpus,
            folder,
            form,
            choice,
            where=where,
            by=by,
            overwrite=overwrite,
            tell=lambda posts: progress.show(f"{posts:,} posts"),
        )
    progress.clear()
    if not settings.json:
        click.echo(folder)
    say(settings, f"{made.posts:,} post{'s'[: made.posts != 1]} as {form}: {made.files:,} files, {made.size:,} bytes")
    summary(
        settings, 0, folder=str(folder), format=form, posts=made.posts, words=made.words, files=made.files,
        bytes=made.size, sha256=made.digest,
    )  # fmt: skip


def _feed(settings: Settings, folder: Path, form: str, choice: "Choice") -> None:
    from ingest.research import feeds  # noqa: PLC0415
    from ingest.research.choice import chosen  # noqa: PLC0415
    from ingest.research.files import write  # noqa: PLC0415

    name, make = feeds.FORMATS[form]
    with settings.corpus() as corpus:
        rows = list(chosen(corpus, choice))
        written = write(folder, {name: make(rows, choice)})
    for path, sha in written:
        if settings.json:
            emit({"type": "file", "file": str(path), "sha256": sha})
        else:
            click.echo(path)
    say(settings, f"{len(rows):,} post{'s'[: len(rows) != 1]} as {form}")
    summary(settings, 0, posts=len(rows), files=len(written))


COMMANDS = [export]
