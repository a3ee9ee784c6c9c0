"""`snapshot`, `merge`: copies of a corpus, out of it and into it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.cli.options import Settings, global_options
from ingest.cli.output import say, summary

if TYPE_CHECKING:
    from ingest.corpus import Corpus

__all__ = ["COMMANDS"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--only", multiple=True, metavar="SOURCE|GROUP", help="Only the posts that this source, or group, showed."
)
@click.option("--since", metavar="DATE", help="Only posts published since this day; undated ones by when they came.")
@global_options(hidden=True)
@click.pass_obj
def snapshot(settings: Settings, file: Path, only: tuple[str, ...], since: str | None) -> None:
    """Write a copy for readers to FILE: whole, checksummed (FILE.sha256), describing itself in the table `_about`.

    It opens read-only from anywhere, also while a run goes on, which is not disturbed. An older FILE is replaced.
    """
    from ingest import run  # noqa: PLC0415
    from ingest.corpus.snapshot import Wish  # noqa: PLC0415
    from ingest.corpus.snapshot import snapshot as write  # noqa: PLC0415

    if since is not None and not re.fullmatch(r"\d{4}-[01]\d-[0-3]\d", since):
        raise click.BadParameter(f"{since!r} is no day YYYY-MM-DD", param_hint="--since")
    with settings.corpus() as corpus:
        numbers = {number for word in only for number in _sources(corpus, word)} if only else None
        wish = Wish(tuple(sorted(numbers)) if numbers is not None else None, since)
        counts = write(corpus, file, run.clock(), wish)
    say(settings, f"{file}: {counts['posts']:,} posts, {counts['revisions']:,} revisions, {counts['bytes']:,} bytes")
    summary(settings, 0, file=str(file), **counts)


def _sources(corpus: "Corpus", word: str) -> list[int]:
    """The sources of a group, else those that the word names. Raises ConfigError when there are none."""
    rows = corpus.rows("SELECT DISTINCT o.id FROM sources o, json_each(o.groups) g WHERE g.value = ?", [word])
    return [row["id"] for row in rows] or corpus.named(word)


@click.command()
@click.argument("other", type=click.Path(path_type=Path))
@global_options(hidden=True)
@click.pass_obj
def merge(settings: Settings, other: Path) -> None:
    """Take in OTHER, a corpus from another machine or an older snapshot, post by post; OTHER is only read.

    The same rules decide as for anything that comes in; merging twice changes nothing. What is forgotten in one of the
    two is forgotten in both.
    """
    from ingest import lock, run  # noqa: PLC0415
    from ingest import merge as merging  # noqa: PLC0415
    from ingest.corpus import connection  # noqa: PLC0415

    off = settings.rules_off()
    connection.check_file(other)  # before a corpus is made for nothing
    with settings.corpus(write=True, create=True) as corpus, lock.held(corpus.path, "merge", run.clock()):
        done = merging.merge(corpus, other, off, run.clock())
    for doc_id, why in done.left:
        say(settings, f"{doc_id}: left out: {why}", always=True)
    figures = {name: getattr(done.tally, name) for name in ("new", "changed", "same")}
    say(
        settings,
        f"{other}: {figures['new']:,} new, {figures['changed']:,} changed, {figures['same']:,} as held,"
        f" {done.forgotten:,} forgotten, {len(done.left):,} left out",
    )
    code = 3 if done.left else 0
    summary(settings, code, **figures, forgotten=done.forgotten, left=len(done.left))
    raise click.exceptions.Exit(code)


COMMANDS = [snapshot, merge]
