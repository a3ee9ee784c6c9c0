"""`sources`: what is polled: list, set, pause, resume, remove, import, export."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.completing import a_source
from ingest.cli.options import Settings, global_options
from ingest.cli.output import SECRETS, emit, say, short, summary, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.corpus import Corpus
    from ingest.lists import Listing

__all__ = ["COMMANDS", "enlist", "is_folder", "local"]


@click.group()
def sources() -> None:
    """What is polled: list, set, pause, resume, remove; import and export lists."""


@sources.command("list")
@global_options(hidden=True)
@click.pass_obj
def list_(settings: Settings) -> None:
    """Every source, with its number, state and rhythm."""
    with settings.corpus() as corpus:
        rows = corpus.sources()
    if settings.json:
        for row in rows:
            emit({"type": "source", **row, "missing_ids": json.loads(row["missing_ids"])})
        summary(settings, 0, sources=len(rows))
        return
    head = ("source", "kind", "state", "verdict", "have", "last run", "next due", "every", "due by")
    cells = [
        (str(r["source"]), r["kind"], r["state"], r["verdict"], f"{r['have']:,}", r["last_run_at"] or "—",
         r["next_due"] or "—", _span(r["interval_s"]), r["due_why"] or "—",
         short(r["name"] or "—", 40), _words(r["groups"]), _words(r["tags"]), r["url"])
        for r in rows
    ]  # fmt: skip
    click.echo(table([(*head, "name", "groups", "tags", "url"), *cells]))


def _span(seconds: int | None) -> str:
    """How long between two polls, as it was learnt: `90 min`, `6 h`, `1.5 d`."""
    if seconds is None:
        return "—"
    unit, size = ("d", 86_400) if seconds >= 2 * 86_400 else ("h", 3600) if seconds >= 7200 else ("min", 60)
    return f"{round(seconds / size, 1):g} {unit}"


def _words(stored: str) -> str:
    return ", ".join(json.loads(stored)) or "—"


@sources.command("set")
@click.argument("source", shell_complete=a_source)
@click.argument("pairs", nargs=-1, required=True, metavar="KEY=VALUE…")
@global_options(hidden=True)
@click.pass_obj
def set_(settings: Settings, source: str, pairs: tuple[str, ...]) -> None:
    """Change what is known of a SOURCE (a number, a name, an address): name=clinic group=labs tags=health,en.

    The keys are those of sources.toml: name, group, tags, interval, types, comments, media, history, robots, feed,
    sitemap, since, min_interval, max_interval. `KEY=` takes a wish away. A list is split at commas.
    """
    from ingest import config  # noqa: PLC0415  (--help must not pay for it)
    from ingest.corpus import polled  # noqa: PLC0415

    said: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair!r}: write KEY=VALUE, such as interval=6h")
        taken_away = not text and config.known(key) not in {"name", "group", "tags"}
        said[key] = None if taken_away else config.wish(key, text)
    with settings.corpus(write=True) as corpus:
        numbers = _polled(corpus, (source,))
        with corpus.transaction() as conn:
            for number in numbers:
                own = {key: said[key] for key in said if key not in {"name", "group", "tags"}}
                polled.change(
                    conn, number, name=said.get("name"), groups=said.get("group"), tags=said.get("tags"), options=own
                )
        _show(settings, corpus, numbers, "changed")


def _polled(corpus: "Corpus", words: tuple[str, ...]) -> list[int]:
    """Numbers of the sources that are meant. Raises ConfigError for none, and for what was only loaded."""
    from ingest.errors import ConfigError  # noqa: PLC0415

    found: list[int] = []
    for word in words:
        rows = [row for number in corpus.named(word) for row in corpus.sources("h.source = ?", (number,))]
        meant = [row["source"] for row in rows if row["state"] != "loaded"]
        if not meant:
            raise ConfigError(f"source {word} was loaded from files; it is not polled")
        found += meant
    return list(dict.fromkeys(found))


def _show(settings: Settings, corpus: "Corpus", numbers: list[int], what: str) -> None:
    for number in numbers:
        row = corpus.sources("h.source = ?", (number,))[0]
        if settings.json:
            emit({"type": "source", **row, "missing_ids": json.loads(row["missing_ids"])})
        else:
            say(settings, f"{row['url']}: {row['kind']}, source {number}: {what}")
    summary(settings, 0, sources=len(numbers))


def _move(settings: Settings, words: tuple[str, ...], state: str, what: str) -> None:
    from ingest.corpus import polled  # noqa: PLC0415

    with settings.corpus(write=True) as corpus:
        numbers = _polled(corpus, words)
        with corpus.transaction() as conn:
            for number in numbers:
                polled.set_state(conn, number, state)
        _show(settings, corpus, numbers, what)


@sources.command()
@click.argument("source", nargs=-1, required=True, shell_complete=a_source)
@global_options(hidden=True)
@click.pass_obj
def pause(settings: Settings, source: tuple[str, ...]) -> None:
    """Stop polling a SOURCE for now; its posts and its place stay."""
    _move(settings, source, "paused", "paused; `sources resume` polls it again")


@sources.command()
@click.argument("source", nargs=-1, required=True, shell_complete=a_source)
@global_options(hidden=True)
@click.pass_obj
def resume(settings: Settings, source: tuple[str, ...]) -> None:
    """Poll a paused SOURCE again, from where it stood; it is due at once."""
    _move(settings, source, "active", "polled again, due at once")


@sources.command()
@click.argument("source", nargs=-1, required=True, shell_complete=a_source)
@global_options(hidden=True)
@click.pass_obj
def remove(settings: Settings, source: tuple[str, ...]) -> None:
    """Stop polling a SOURCE for good. Its posts stay; only `forget` erases."""
    _move(settings, source, "removed", "not polled any more; its posts stay")


@sources.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@global_options(hidden=True)
@click.pass_obj
def import_(settings: Settings, file: Path) -> None:
    """Take up the sources of a list: OPML or TOML, by its content. Touches no network; what is new is due at once."""
    from ingest import lists  # noqa: PLC0415

    told = lists.read(file)
    with settings.corpus(write=True, create=True) as corpus:
        if corpus.created:
            say(settings, f"created {corpus.path}")
        code, count = enlist(settings, corpus, file, told)
    summary(settings, code, sources=count, skipped=len(told.skipped), repeated=told.repeated)
    raise click.exceptions.Exit(code)


def enlist(settings: Settings, corpus: "Corpus", file: Path, told: "Listing") -> tuple[int, int]:
    """Take up what a file lists, after asking on a terminal; the exit status, and how many are new."""
    from ingest import enlist as enlisting  # noqa: PLC0415
    from ingest import run  # noqa: PLC0415

    for why in told.skipped:
        say(settings, short(f"{file}: skipped: {why}"), always=True)
    if told.secrets:
        whose = f"{file}: of {told.secrets:,} source{'s'[: told.secrets != 1]}"
        say(settings, f"{whose} user and password are not kept; {SECRETS}", always=True)
    asked = sys.stdin.isatty() and sys.stderr.isatty() and not settings.json and bool(told.sources)
    if asked and not click.confirm(f"{file}: add {len(told.sources):,} sources?", default=True, err=True):
        return 0, 0
    found = enlisting.take_up(corpus, told.sources, run.clock())
    new = sum(one for _, one in found)
    if settings.json:
        for result, _ in found:
            emit(result.row())
    counts = f"{new:,} new, {len(found) - new:,} known already, {told.repeated:,} named again"
    say(settings, f"{file}: {told.format}: {counts}, {len(told.skipped):,} skipped")
    lost = told.format == "opml" and bool(told.skipped)
    return (3 if found else 4) if lost else 0, new


def is_folder(word: str) -> bool:
    """Whether a word means a folder here, and not a host: `notes/`, `./notes`, `notes`, but not `blog.example`."""
    return "://" not in word and Path(word).is_dir() and ("/" in word or "." not in word or not word.strip("."))


def _inbox(settings: Settings, corpus: "Corpus", folder: Path) -> None:
    from ingest import enlist as enlisting  # noqa: PLC0415
    from ingest import run  # noqa: PLC0415

    result, new = enlisting.take_up_folder(corpus, folder, run.clock())
    if settings.json:
        emit(result.row())
    known = "" if new else ", known already"
    say(
        settings, f"{result.url}: {result.kind}, source {result.source}{known}: an inbox; its texts are read by `fetch`"
    )


def local(settings: Settings, corpus: "Corpus", words: "Sequence[str]") -> tuple[list[str], tuple[int, int]]:
    """Take up the lists and folders among these words: the addresses that are left, exit status, how many are new."""
    from ingest import lists  # noqa: PLC0415

    addresses, code, new = list[str](), 0, 0
    for word in words:
        if "://" not in word and Path(word).is_file():
            status, count = enlist(settings, corpus, Path(word), lists.read(Path(word)))
            code, new = max(code, status), new + count
        elif is_folder(word):
            _inbox(settings, corpus, Path(word))
            new += 1
        else:
            addresses.append(word)
    return addresses, (code, new)


@sources.command()
@click.option(
    "--format", "form", type=click.Choice(["opml", "toml"]), default="opml", show_default=True, help="As what."
)
@global_options(hidden=True)
@click.pass_obj
def export(settings: Settings, form: str) -> None:
    """Print the sources that are polled as a list, for `sources import` or for any feed reader."""
    from ingest import enlist as enlisting  # noqa: PLC0415
    from ingest import lists  # noqa: PLC0415

    with settings.corpus() as corpus:
        found, paused = enlisting.listed(corpus)
    click.echo(lists.opml(found) if form == "opml" else lists.toml(found), nl=False)
    if paused:
        say(settings, f"{paused:,} paused source{'s'[: paused != 1]} left out", always=True)


COMMANDS = [sources]
