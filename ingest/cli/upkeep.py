"""`verify` and `retext`: keeping a corpus in shape."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, say, summary

if TYPE_CHECKING:
    from ingest.corpus import Finding

__all__ = ["COMMANDS"]

#: How many changes --dry-run shows to people.
_SHOWN = 5


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many posts would change, and show some.")
@global_options(hidden=True)
@click.pass_obj
def retext(settings: Settings, dry_run: bool) -> None:
    """Make text, links and index anew from what the sites sent, by the rules of this version and configuration.

    Offline, in batches, and it goes on where it was stopped. No revision comes of it.
    """
    from ingest import lock, run  # noqa: PLC0415  (--help must not pay for it)
    from ingest import retext as again  # noqa: PLC0415

    looked = changed = failed = 0
    off = settings.rules_off()
    with settings.corpus(write=True) as corpus, lock.held(corpus.path, "retext", run.clock()):
        for one in again.retext(corpus, off, dry_run=dry_run):
            looked, changed, failed = looked + 1, changed + one.changed, failed + (one.error is not None)
            if settings.json and (one.changed or one.error):
                emit(
                    {
                        "type": "post",
                        "doc_id": one.doc_id,
                        "title": one.title,
                        "changed": one.changed,
                        "error": one.error,
                    }
                )
            elif one.error:
                say(settings, f"{one.doc_id}: {one.title}: left as it was: {one.error}", always=True)
            elif one.changed and dry_run and changed <= _SHOWN:
                click.echo(f"{one.doc_id}  {one.title}\n" + "\n".join(_difference(one.before, one.after)))
    what = "would change" if dry_run else "changed"
    say(settings, f"{looked:,} posts by other rules: {changed:,} {what}, {failed:,} could not be made again")
    code = 3 if failed else 0
    summary(settings, code, looked=looked, changed=changed, failed=failed)
    raise click.exceptions.Exit(code)


def _difference(before: str, after: str) -> list[str]:
    import difflib  # noqa: PLC0415

    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [f"    {line[:100]}" for line in lines if not line.startswith(("---", "+++", "@@"))][:10]


@click.command()
@click.option("--repair", "mending", is_flag=True, help="Make again what can be made again, mark what cannot.")
@global_options(hidden=True)
@click.pass_obj
def verify(settings: Settings, mending: bool) -> None:
    """Read everything and say what is wrong, naming the post that it hit: pages, indexes, hashes, references, counts.

    Exit status 5 when something is. A snapshot is also held against the checksum beside it.
    """
    from ingest.corpus import inspect  # noqa: PLC0415

    lost = 0
    with _alone(settings, "verify"):
        found = inspect(settings.db)
        _tell_findings(settings, found)
        if mending and any(not one.known for one in found):
            lost = _repair(settings, found)
            found = inspect(settings.db)
    wrong, known = sum(not one.known for one in found), sum(one.known for one in found)
    after = " after the repair" if mending else ""
    marked = f"; {known:,} marked as lost" if known else ""
    words = f"{wrong:,} thing{'s'[: wrong != 1]} wrong{after}" if wrong else f"sound{after}"
    say(settings, f"{settings.db}: {words}{marked}", always=wrong > 0)
    code = 5 if wrong or lost else 0
    summary(settings, code, wrong=wrong, known=known, lost=lost)
    raise click.exceptions.Exit(code)


@contextmanager
def _alone(settings: Settings, what: str) -> "Iterator[None]":
    """The corpus to ourselves; one in a folder that cannot be written has no writer anyway."""
    from ingest import lock, run  # noqa: PLC0415
    from ingest.corpus import connection  # noqa: PLC0415

    connection.check_file(settings.db)
    if not os.access(settings.db.absolute().parent, os.W_OK):
        yield
        return
    with lock.held(settings.db, what, run.clock()):
        yield


def _tell_findings(settings: Settings, found: "Sequence[Finding]") -> None:
    for one in found:
        if settings.json:
            emit({"type": "finding", **asdict(one)})
        else:
            click.echo(f"{one.check:9}  {one.doc_id or '':32}  {one.what}")


def _repair(settings: Settings, found: "Sequence[Finding]") -> int:
    """Mend; how many things could not be made whole."""
    from ingest.repair import repair  # noqa: PLC0415

    lost = 0
    with settings.corpus(write=True) as corpus:
        for one in repair(corpus, found):
            lost += not one.whole
            if settings.json:
                emit({"type": "mended", **asdict(one.finding), "whole": one.whole, "how": one.how})
            else:
                say(settings, f"{one.finding.doc_id or one.finding.check}: {one.how}", always=not one.whole)
    return lost


COMMANDS = [retext, verify]
