"""`load`: saved documents."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from ingest.cli.annotating import annotated
from ingest.cli.options import Settings, global_options, said
from ingest.cli.output import Progress, emit, say, short, summary
from ingest.cli.signals import listening

if TYPE_CHECKING:
    from ingest.load import FileResult

__all__ = ["COMMANDS"]

#: Reasons that a terminal shows of a file: somebody else's list of 10,000 objects is one file that is wrong.
_REASONS = 5


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…|-", callback=said)
@click.option("--site", metavar="URL", help="All these files are this one site's, whatever hosts they mention.")
@click.option("--include-private", is_flag=True, help="Take an export's drafts, private and pending items too.")
@click.option("--comments", is_flag=True, help="Take the readers' comments of an export too; mail addresses never.")
@global_options(hidden=True)
@click.pass_obj
def load(settings: Settings, paths: tuple[str, ...], site: str | None, include_private: bool, comments: bool) -> None:
    """Store saved documents: files, folders, or - for standard input.

    What a file is goes by its content, never by its name: WordPress REST JSON (an object, a list, JSON lines), a
    feed, a WordPress export (WXR), a web page, plain text. Loading the same files again changes nothing.
    """
    from ingest import load as saved  # noqa: PLC0415
    from ingest import lock, run, urls  # noqa: PLC0415  (--help must not pay for it)

    home = urls.absolute(site if "://" in site else f"https://{site}", None) if site else None
    if site and not (home and ("." in urls.host_of(home) or "://" in site)):
        raise click.BadParameter(f"{site!r} is no http(s) address of a site", param_hint="--site")
    begun, stop = time.monotonic(), run.Stop()
    taken: list[FileResult] = []
    options = {"include_private": include_private, "comments": comments, "rules_off": settings.rules_off()}
    with (
        settings.corpus(write=True, create=True) as corpus,
        lock.held(corpus.path, "load", run.clock()),
        listening(stop) as signals,
        suppress(run.Interrupted),
    ):
        if corpus.created:
            say(settings, f"created {corpus.path}")
        progress = Progress(settings)
        shown = lambda file, tally: progress.show(f"{tally.new:,} new  {tally.changed:,} changed  {file}")  # noqa: E731
        for result in saved.load(corpus, paths, home=home, stop=stop, options=options, progress=shown):
            progress.clear()
            if isinstance(result, saved.FileResult):
                taken.append(result)
                _tell(settings, result)
            if settings.json:
                emit(result.row())
        if stop.go_on():  # also where nothing is new: a call before this one may have been killed
            annotated(corpus, stop)
    code = signals.exit_code or _code(taken)
    _finish(settings, taken, code, time.monotonic() - begun)
    raise click.exceptions.Exit(code)


def _finish(settings: Settings, taken: "Sequence[FileResult]", code: int, seconds: float) -> None:
    figures = {name: sum(getattr(f, name) for f in taken) for name in ("new", "changed", "same", "rejected")}
    following = f"    next: blogcorpus --db {settings.db} search WORDS" if figures["new"] else ""
    say(
        settings,
        f"{len(taken)} file{'s'[: len(taken) != 1]}: {figures['new']:,} new, {figures['changed']:,} changed,"
        f" {figures['same']:,} unchanged, {figures['rejected']:,} rejected, {seconds:.1f} s{following}",
    )
    summary(settings, code, files=len(taken), **figures)


def _tell(settings: Settings, result: "FileResult") -> None:
    counts = [
        f"{n:,} {word}"
        for n, word in ((result.new, "new"), (result.changed, "changed"), (result.same, "unchanged"))
        if n
    ]
    if counts or not result.errors:
        about = f"  {result.about}" if result.about else ""
        note = f"  ({'; '.join(result.notes)})" if result.notes else ""
        say(settings, short(f"{result.file}: {result.kind}{about}  {', '.join(counts) or 'no posts in it'}{note}"))
    reasons = Counter(result.errors).most_common()  # those that are as many stay in their order
    for error, count in reasons[:_REASONS]:
        times = f" ({count:,} times)" if count > 1 else ""
        say(settings, short(f"{result.file}: rejected: {error}") + times, always=True)
    if more := sum(count for _, count in reasons[_REASONS:]):
        say(settings, f"{short(result.file)}: rejected: {more:,} more; --json has each", always=True)


def _code(files: "Sequence[FileResult]") -> int:
    """4 when nothing was usable, 3 when something was rejected, else 0."""
    if files and not any(f.usable for f in files):
        return 4
    return 3 if any(f.errors for f in files) else 0


COMMANDS = [load]
