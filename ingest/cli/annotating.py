"""`annotate`: languages, near-duplicates and the link graph, without a run."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ingest.cli.options import Settings, global_options
from ingest.cli.output import say, summary
from ingest.cli.signals import listening

if TYPE_CHECKING:
    from ingest.corpus import Corpus
    from ingest.research.annotate import Annotated
    from ingest.run import Stop

__all__ = ["COMMANDS", "annotated"]


#: What a run of `fetch` does of it beside its own work: posts that it may have brought, and seconds. A post takes 3 ms.
_FEW, _WHILE = 500, 60.0


def annotated(corpus: "Corpus", stop: "Stop", *, brought: int | None = None) -> bool:
    """What every command that brought something in does at its end; whether nothing is left of it.

    `brought`: posts that a run of `fetch` brought; one that brought many leaves this to the next, or to `annotate`, and
    one that brought few takes a minute for it at most: so a backfill is no slower for what is made of its posts.
    """
    from ingest.research.annotate import after_run  # noqa: PLC0415

    if brought is None:
        after_run(corpus, lambda: stop.wished)
        return True
    if brought > _FEW:
        return False
    until = time.monotonic() + _WHILE
    after_run(corpus, lambda: stop.wished or time.monotonic() > until)
    return time.monotonic() < until


@click.command()
@global_options(hidden=True)
@click.pass_obj
def annotate(settings: Settings) -> None:
    """Find out what language posts are in, which are near-duplicates, and to which posts links lead.

    Offline, and only for what is new since the last time; whatever brings posts in does the same at its end. Languages
    are detected with the extra `lang`, near-duplicates found with the extra `dedup`; it goes on where it was stopped.
    """
    from ingest import lock, run  # noqa: PLC0415  (--help must not pay for it)
    from ingest.research.annotate import after_run  # noqa: PLC0415

    stop, told = run.Stop(), None
    with settings.corpus(write=True) as corpus, lock.held(corpus.path, "annotate", run.clock()):
        with listening(stop) as signals:
            try:
                told = after_run(corpus, lambda: stop.wished)
            except run.STOPPED:
                say(settings, "stopped; what was found so far stays", always=True)
        if told is not None:
            say(settings, _words(told))
    code = signals.exit_code or 0
    summary(settings, code, **(asdict(told) if told else {}))
    raise click.exceptions.Exit(code)


def _words(told: "Annotated") -> str:
    how = "" if told.detecting else ", as declared: detecting them needs the extra `lang`"
    clusters = f"{told.clusters:,} cluster{'s'[: told.clusters != 1]}"
    found = f"{told.duplicates:,} posts in {clusters} ({told.compared:,} newly looked at)"
    return "\n".join((
        f"languages: {told.languages:,} posts changed{how}",
        f"near-duplicates: {found if told.comparing else 'not looked for: that needs the extra `dedup`'}",
        f"links: {told.links:,} lead to a post of this corpus",
    ))  # fmt: skip


COMMANDS = [annotate]
