"""`retext`, `verify`, `forget`, `compact`: keeping a corpus in shape."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, say, summary

if TYPE_CHECKING:
    from ingest.corpus import Corpus, Finding

__all__ = ["COMMANDS"]

#: How many changes, or posts, are shown to people.
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
    with (
        settings.corpus(write=not dry_run) as corpus,
        nullcontext() if dry_run else lock.held(corpus.path, "retext", run.clock()),
    ):
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
    from ingest import run  # noqa: PLC0415
    from ingest.repair import repair  # noqa: PLC0415

    lost = 0
    with settings.corpus(write=True) as corpus:
        for one in repair(corpus, found, run.clock()):
            lost += not one.whole
            if settings.json:
                emit({"type": "mended", **asdict(one.finding), "whole": one.whole, "how": one.how})
            else:
                say(settings, f"{one.finding.doc_id or one.finding.check}: {one.how}", always=not one.whole)
    return lost


@click.command()
@click.argument("what", metavar="POST|SOURCE")
@click.option("--reason", required=True, metavar="WORDS", help="Why; it stays on the tombstone.")
@click.option("--source", is_flag=True, help="A number means a source, not a post.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@global_options(hidden=True)
@click.pass_obj
def forget(settings: Settings, what: str, reason: str, source: bool, yes: bool) -> None:
    """Erase a post, or all posts of a source, for good: words, bytes, history and index, also from the free pages.

    A tombstone with the reason stays, so that the post never comes back. Snapshots and backups made before still
    hold it. The file is written anew, which needs room for a second one. On a terminal it shows what it would erase and
    asks first; elsewhere nobody is there to ask, and it goes ahead.
    """
    from ingest import run  # noqa: PLC0415
    from ingest.corpus import forget as forgetting  # noqa: PLC0415

    if not reason.strip():
        raise click.BadParameter("say why", param_hint="--reason")
    with _alone(settings, "forget"), settings.corpus(write=True) as corpus:
        number, posts = _meant(corpus, what, source=source)
        if sys.stdin.isatty() and not yes and not _wanted(corpus, posts, number):
            say(settings, "nothing was erased", always=True)
            summary(settings, 0, forgotten=0)
            return
        before = _polled(corpus)
        count = forgetting.forget(corpus, posts, reason.strip(), run.clock(), source=number)
        alone = sorted(before - _polled(corpus) - {number})
    say(settings, f"{count:,} post{'s'[: count != 1]} forgotten")
    for one in alone:
        say(settings, f"source {one} followed nothing else: it is removed, and its address forgotten")
    summary(settings, 0, forgotten=count)


def _polled(corpus: "Corpus") -> set[int]:
    return {row["id"] for row in corpus.rows("SELECT id FROM sources WHERE state IN ('active', 'paused')")}


def _wanted(corpus: "Corpus", posts: "Sequence[int]", source: int | None) -> bool:
    """Show a person what would be erased, and ask; no answer is no."""
    shown = corpus.rows(
        "SELECT p.title, p.url, s.site, p.published_at,"
        " (SELECT count(*) FROM revisions r WHERE r.post_id = p.id) AS old"
        " FROM json_each(?) w JOIN posts p ON p.id = w.value JOIN sites s ON s.id = p.site_id ORDER BY w.key",
        [json.dumps(list(posts))],
    )
    if source is not None:
        (row,) = corpus.rows("SELECT id, kind, url FROM sources WHERE id = ?", [source])
        click.echo(f"source {row['id']}  {row['kind']}  {row['url']}", err=True)
    for row in shown[:_SHOWN]:
        dated = (row["published_at"] or "—")[:10]
        old = f"  and {row['old']} earlier version{'s'[: row['old'] != 1]}" if row["old"] else ""
        click.echo(f"  {dated}  {row['title'] or '(no title)'}  {row['url'] or row['site']}{old}", err=True)
    if len(shown) > _SHOWN:
        click.echo(f"  … and {len(shown) - _SHOWN:,} more", err=True)
    return click.confirm(f"Erase {len(posts):,} post{'s'[: len(posts) != 1]} for good?", err=True)


def _meant(corpus: "Corpus", what: str, *, source: bool) -> tuple[int | None, list[int]]:
    """The source, if it is one, and the posts."""
    from ingest.corpus import forget as forgetting  # noqa: PLC0415
    from ingest.corpus import read  # noqa: PLC0415
    from ingest.errors import ConfigError  # noqa: PLC0415

    if not source:
        try:
            return None, [read.find_post(corpus, what)]
        except ConfigError:
            if what.isdecimal() or not corpus.find(what):
                raise
    numbers = corpus.named(what)
    if len(numbers) > 1:
        told = ", ".join(map(str, numbers))
        raise ConfigError(f"{what}: several sources go by that name ({told}); give the number, with --source")
    return numbers[0], forgetting.posts_of(corpus, numbers[0])


@click.command()
@global_options(hidden=True)
@click.pass_obj
def compact(settings: Settings) -> None:
    """Make the file small and quick again: single requests older than 90 days become daily totals, indexes are merged.

    Nothing that a post was ever made from is dropped. The file is written anew, which needs room for a second one.
    """
    from ingest import run  # noqa: PLC0415
    from ingest.corpus import compact as compacting  # noqa: PLC0415

    with _alone(settings, "compact"), settings.corpus(write=True) as corpus:
        done = compacting.compact(corpus, run.clock())
    say(
        settings,
        f"{settings.db}: {done.bytes_before:,} -> {done.bytes_after:,} bytes; {done.fetches:,} requests summed up,"
        f" {done.payloads:,} unused payloads dropped",
    )
    summary(settings, 0, **asdict(done))


COMMANDS = [retext, verify, forget, compact]
