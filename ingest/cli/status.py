"""`status`: which sources need a look, why, and what to do; figures for the rest."""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.completing import a_source
from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, say, short, summary, table

if TYPE_CHECKING:
    from ingest.corpus import Corpus
    from ingest.health import Look, Totals

__all__ = ["COMMANDS"]

_HEAD = ("no", "source", "kind", "what", "since", "last ok", "next try")
#: Columns of an address: `status NUMBER` shows the whole of it.
_ADDRESS, _NARROW = 40, 24
_BAD = ("failing", "partial")
#: Rows of `status SOURCE`: missing ids, rejects, runs.
_MOST = 10


@click.command()
@click.argument("source", required=False, shell_complete=a_source)
@click.option("--failing", is_flag=True, help="Only sources that are failing or partial.")
@click.option("--stale", is_flag=True, help="Only sources that answer and have fallen silent.")
@click.option(
    "--prometheus", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write it for the node exporter's textfile collector instead.",
)  # fmt: skip
@global_options(hidden=True)
@click.pass_obj
def status(settings: Settings, source: str | None, failing: bool, stale: bool, prometheus: Path | None) -> None:
    """Which sources need a look, since when, why and what to do; totals for the rest. One SOURCE: all about it.

    A source has fallen silent when it answers, and its last post is older than ten times its usual gap.
    """
    from ingest import health, run  # noqa: PLC0415  (--help must not pay for it)

    if source is not None and (failing or stale or prometheus):
        raise click.UsageError("--failing, --stale and --prometheus are for all sources: leave out SOURCE")
    with settings.corpus() as corpus:
        now = run.clock()
        if source is not None:
            _in_full(settings, corpus, source, now)
            return
        found, unfound = health.survey(corpus, now), _unfound(settings, corpus, now)
    if prometheus is not None:
        from ingest import prometheus as exporter  # noqa: PLC0415

        count = None if unfound is None else len(unfound)
        exporter.write(prometheus, exporter.exposition(found, settings.db, count))
        return
    asked = {*(_BAD if failing else ()), *(("silent",) if stale else ())}
    looks = (*found.sources, *(unfound or ()))
    if settings.json:
        _as_json(settings, looks, found.totals, asked)
    else:
        _as_text(settings, looks, found.totals, asked, now)


def _unfound(settings: Settings, corpus: "Corpus", now: str) -> "tuple[Look, ...] | None":
    """The addresses of sources.toml that could not be made a source; None, and a word, where it cannot be read."""
    from ingest.errors import ConfigError  # noqa: PLC0415

    try:
        wishes = settings.named()
    except ConfigError as error:
        say(settings, str(error), always=True)
        return None
    if not wishes:
        return ()
    from ingest.unfound import unfound  # noqa: PLC0415  (10 ms)

    return unfound(corpus, wishes, now)


# ---- all of them ------------------------------------------------------------------------------------------


def _as_json(settings: Settings, looks: "Sequence[Look]", totals: "Totals", asked: set[str]) -> None:
    """A line a source: all of them, or those that bear a sign that is asked for."""
    for look in looks:
        if not asked or asked & set(look.signs):
            emit(_row(look))
    verdicts = {word: totals.verdicts.get(word, 0) for word in ("complete", "partial", "failing", "unknown")}
    summary(
        settings, 0, sources=totals.sources, posts=totals.posts, gone=totals.gone, **verdicts,
        silent=sum("silent" in look.signs for look in looks), due=totals.due, last_run_at=totals.last_run_at,
        unfound=sum(look.row["source"] is None for look in looks),
    )  # fmt: skip


def _row(look: "Look") -> dict[str, Any]:
    said = {**look.row, "missing_ids": json.loads(look.row["missing_ids"]), "silent": "silent" in look.signs}
    return {"type": "source", **said, "signs": look.signs, "why": look.why, "advice": look.todo}


def _as_text(settings: Settings, looks: "Sequence[Look]", totals: "Totals", asked: set[str], now: str) -> None:
    shown = [look for look in looks if asked & set(look.signs) or (not asked and look.signs)]
    if shown:
        order = {"failing": 0, "partial": 1, "rejects": 2, "silent": 3}
        shown.sort(key=lambda look: order[look.signs[0]])
        click.echo("\n".join(_lines(shown, now)))
    if asked:
        if not shown:
            click.echo("none of them")
        return
    if shown:
        click.echo()
    click.echo("\n".join(_figures(settings, looks, totals)))


def _lines(looks: "Sequence[Look]", now: str) -> Iterator[str]:
    """A line a source; on a terminal that is too narrow for it, the words are folded below, and columns saved."""
    words = ["why", *(" · ".join(filter(None, (short(look.why), look.todo))) for look in looks)]
    cells = [_HEAD, *(_cells(look, now, _ADDRESS) for look in looks)]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    whole = table([(*row, word) for row, word in zip(cells, words, strict=True)]).splitlines()
    if width is None or max(map(len, whole)) <= width:
        yield from whole
        return
    narrow = [_HEAD, *(_cells(look, now, _NARROW) for look in looks)]
    for line, word in zip(table(row[:5] + row[6:] for row in narrow).splitlines(), words, strict=True):
        yield line[:width].rstrip()
        if word != "why":
            yield from textwrap.wrap(word, width, initial_indent="      ", subsequent_indent="      ")


def _cells(look: "Look", now: str, longest: int) -> tuple[str, ...]:
    row = look.row
    days = _day(look.since()), _day(row["last_ok_at"])
    number, kind = ("—", row["kind"] or "—") if row["source"] is None else (str(row["source"]), row["kind"])
    return (number, short(_address(row["url"]), longest), kind, _what(look), *days, _when(row, now))


def _address(url: str) -> str:
    from ingest.fetch import redact  # noqa: PLC0415

    return short(redact(url).split("://", 1)[-1].rstrip("/"))


def _what(look: "Look") -> str:
    failures = look.row["failures"]
    return f"failing {failures}x" if look.signs[0] == "failing" and failures else look.signs[0]


def _day(at: str | None) -> str:
    return at[:10] if at else "—"


def _when(row: Mapping[str, Any], now: str) -> str:
    """When it is tried next, as from now."""
    from datetime import datetime  # noqa: PLC0415

    if row["state"] != "active":
        return "never"
    times = [at for at in (row["next_due"], row["retry_after"]) if at]
    seconds = (datetime.fromisoformat(max(times)) - datetime.fromisoformat(now)).total_seconds() if times else 0
    if seconds <= 0:
        return "now"
    unit, size = ("d", 86_400) if seconds >= 2 * 86_400 else ("h", 3600) if seconds >= 7200 else ("min", 60)
    return f"in {-(-seconds // size):g} {unit}"


def _figures(settings: Settings, looks: "Sequence[Look]", totals: "Totals") -> Iterator[str]:
    """What is to be said of the sources that are well, and of the whole."""
    well = [look.row["verdict"] for look in looks if look.row["state"] == "active" and not look.signs]
    if well:
        told = ((well.count("complete"), "complete"), (well.count("unknown"), "unknown (what they have is not said)"))
        yield f"{len(well):,} well: " + ", ".join(f"{n:,} {word}" for n, word in told if n)
    states = [f"{totals.states[word]:,} {word}" for word in ("paused", "loaded") if totals.states.get(word)]
    due = [f"{totals.due:,} due now" if totals.due else "none due now"] if totals.states.get("active") else []
    run = [f"last run {totals.last_run_at}"] if totals.last_run_at else []
    if states or due or run:
        yield " · ".join([*states, *due, *run])
    if totals.late:
        yield f"{totals.late:,} due for over a day, since {_day(totals.late_since)}: does cron run?"
    if unfound := sum(look.row["source"] is None for look in looks):
        some = "1 address of sources.toml is" if unfound == 1 else f"{unfound:,} addresses of sources.toml are"
        yield f"{some} no source yet"
    some = f"{totals.sources:,} source{'s'[: totals.sources != 1]}"
    yield f"{totals.posts:,} posts ({totals.gone:,} gone) of {some} in {settings.db}"


# ---- one of them ------------------------------------------------------------------------------------------


def _in_full(settings: Settings, corpus: "Corpus", word: str, now: str) -> None:
    """All about the sources that a word means."""
    from ingest import health  # noqa: PLC0415

    numbers = corpus.named(word)
    for n, number in enumerate(numbers):
        look, more = health.one(corpus, number, most=_MOST)
        if settings.json:
            emit({**_row(look), **more})
        else:
            click.echo("\n" * bool(n) + table(_facts(look, more, now)))
            for name in ("rejects", "runs"):
                if more[f"last_{name}"]:
                    click.echo(f"\n{name}\n" + table(_rows(more[f"last_{name}"]), indent="  "))
    summary(settings, 0, sources=len(numbers))


def _facts(look: "Look", more: Mapping[str, Any], now: str) -> list[tuple[str, str]]:
    row, missing = look.row, json.loads(look.row["missing_ids"])
    wanted = ", ".join(f"{key} = {value!r}" for key, value in more["options"].items())
    per = ", ".join(f"{total:,} of type {name}" for name, total in more["announced_by_type"].items())
    gap = row["usual_gap_days"]
    facts = [
        ("source", f"{row['source']}  {row['url']}"), ("name", row["name"]), ("site", row["site"]),
        ("kind", f"{row['kind']}, {row['state']}" + (", from sources.toml" if row["from_config"] else "")),
        ("read from", row["endpoint"] if row["endpoint"] != row["url"] else None),
        ("verdict", f"{row['verdict']}" + (f": {row['reason']}" if row["reason"] else "")),
        ("error", row["error"]), ("look", look.why if look.why not in {row["reason"], ""} else None),
        ("to do", look.todo), ("failing", row["failing_since"] and f"{row['failures']}x since {row['failing_since']}"),
        ("last ok", row["last_ok_at"]), ("last run", row["last_run_at"]),
        ("next", f"{_when(row, now)}" + (f" ({row['next_due']})" if row["next_due"] else "")),
        ("left alone", row["retry_after"] and f"until {row['retry_after']}, by the host's own word (Retry-After)"),
        ("due by", more["due_why"]),
        ("have", _have(row, per, more["since"])),
        ("since", more["since"] and _since(more["since"])),
        ("missing", _some(missing)), ("last post", row["last_post_at"]),
        ("usual gap", gap and f"{gap:g} d; silent for {row['silent_days']:,} d"),
        ("groups", _some(json.loads(row["groups"]))), ("tags", _some(json.loads(row["tags"]))), ("options", wanted),
    ]  # fmt: skip
    return [(name, short(str(value))) for name, value in facts if value]


def _have(row: Mapping[str, Any], per: str, since: Mapping[str, Any] | None) -> str:
    """What is held against what is announced; what is older than anybody asked for stands beside it."""
    older = since["held_from_before"] if since and row["kind"] != "text" else 0  # a folder announces all its files
    found = f"{row['have'] - older:,}" + (f" of {row['announced']:,} announced ({per})" if per else "")
    return found + (f"; {older:,} more from before {since['day']}, left as they are" if since and older else "")


def _since(told: Mapping[str, Any]) -> str:
    """The day from which on it is collected, and how many there were from before it when they were last counted."""
    return "; ".join(filter(None, (told["day"], told["left_out"])))


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:_MOST]) + (f" and {len(words) - _MOST:,} more" if len(words) > _MOST else "")


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    body = [tuple("—" if value is None else short(str(value), 60) for value in row.values()) for row in rows]
    return [tuple(name.replace("_", " ") for name in rows[0]), *body]


COMMANDS = [status]
