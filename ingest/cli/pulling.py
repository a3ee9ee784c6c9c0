"""`add` and `fetch`: new sources, and polling them."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.options import Settings, global_options
from ingest.cli.output import Progress, emit, exit_code, say, summary
from ingest.cli.signals import listening
from ingest.cli.sources import is_folder, local

if TYPE_CHECKING:
    from ingest.add import Added, Wish
    from ingest.corpus import Corpus
    from ingest.run import SourceResult, Stop

__all__ = ["COMMANDS"]


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL|FILE…")
@click.option("--all", "every", is_flag=True, help="Also print what was found and not chosen.")
@click.option("--kind", type=click.Choice(["wordpress", "feed", "wxr", "text", "page"]), help="Take it as this kind.")
@global_options(hidden=True)
@click.pass_obj
def add(settings: Settings, urls: tuple[str, ...], every: bool, kind: str | None) -> None:
    """Add blogs to poll: any address of the blog will do. The best way in is found and kept; nothing is pulled yet.

    A file is a list of blogs (OPML or TOML, by its content); a folder is an inbox of texts, looked into like a blog.
    """
    from ingest import add as adding  # noqa: PLC0415
    from ingest import run  # noqa: PLC0415

    policy, stop = settings.policy(), run.Stop()
    results: list[SourceResult] = []
    listed = 0, 0
    with settings.corpus(write=True, create=True) as corpus, listening(stop) as signals:
        if corpus.created:
            say(settings, f"created {corpus.path}")
        addresses, listed = local(settings, corpus, urls)
        try:
            for added in adding.add(corpus, addresses, policy, kind=kind, stop=stop):
                results.append(added.result)
                _tell(settings, added, every=every)
        except run.STOPPED:
            pass
    good = [r for r in results if not r.error]
    code = 0 if len(good) == len(results) else 3 if good or listed[1] else 4
    summary(settings, signals.exit_code or max(code, listed[0]), sources=len(good) + listed[1])
    code = signals.exit_code or max(code, listed[0])
    raise click.exceptions.Exit(code)


def _tell(settings: Settings, added: "Added", *, every: bool) -> None:
    """How an address fared; with `every`, also what was found there and not chosen."""
    others = added.others if every else ()
    if settings.json:
        for candidate in others:
            emit({"type": "candidate", **candidate})
        emit(added.result.row())
    elif added.result.error:
        say(settings, f"{added.result.url}: {added.result.error}", always=True)
    else:
        say(settings, f"{added.result.url}: {added.result.kind}, source {added.result.source}{added.remark}")
        for candidate in others:
            say(settings, f"    also: {candidate['kind']}  {candidate['url']}  {candidate['title'] or ''}")


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE|URL]…")
@click.option("--all", "every", is_flag=True, help="Every source, whether due or not.")
@click.option("--full", is_flag=True, help="Look at everything anew.")
@click.option("--accept-gone", is_flag=True, help="It is true that so many posts are gone (of the sources named).")
@click.option(
    "--fail-on", type=click.Choice(["any", "new", "all", "never"]), default="any", show_default=True,
    help="Which failures make the exit status 3 or 4.",
)  # fmt: skip
@global_options(hidden=True)
@click.pass_obj
def fetch(settings: Settings, names: tuple[str, ...], every: bool, full: bool, accept_gone: bool, fail_on: str) -> None:
    """Pull what is due, or the sources named. A URL that is not known yet is added first."""
    from ingest import lock, run  # noqa: PLC0415

    if accept_gone and not names:
        raise click.UsageError("--accept-gone wants the sources named: it is said of each by itself")
    begun, stop, policy, wishes = time.monotonic(), run.Stop(), settings.policy(), settings.wishes()
    with (
        settings.corpus(write=True, create=bool(names or wishes)) as corpus,
        lock.held(corpus.path, "fetch", run.clock()),
        listening(stop) as signals,
    ):
        if corpus.created:
            say(settings, f"created {corpus.path}")
        results: list[SourceResult] = []
        try:
            _configure(settings, corpus, wishes, names, policy, stop, results)
            numbers = _numbers(settings, corpus, names, every=every, policy=policy, stop=stop, results=results)
            numbers = _decided(settings, corpus, numbers, policy, stop, results)
            _pull(
                settings, corpus, numbers, policy, stop, results, wishes or [], full=full, accept_gone=accept_gone
            )  # fmt: skip
        except run.STOPPED:
            pass
    code = signals.exit_code or _judged(results, fail_on)
    _finish(settings, results, code, time.monotonic() - begun)
    raise click.exceptions.Exit(code)


def _configure(
    settings: Settings, corpus: "Corpus", wishes: "list[Wish] | None", names: Sequence[str], policy: Any,
    stop: "Stop", results: "list[SourceResult]",
) -> None:  # fmt: skip
    """Apply sources.toml; what it names and nobody knows yet is added, or its failure noted."""
    from ingest import add as adding  # noqa: PLC0415

    for added in adding.configure(corpus, wishes, policy, stop=stop, only=names or None) if wishes is not None else ():
        if added.result.error:
            results.append(added.result)
            _report(settings, added.result)
        else:
            say(settings, f"{added.result.url}: {added.result.kind}, source {added.result.source}{added.remark}")


def _numbers(
    settings: Settings,
    corpus: "Corpus",
    names: Sequence[str],
    *,
    every: bool,
    policy: Any,
    stop: "Stop",
    results: "list[SourceResult]",
) -> list[int]:
    """Numbers of the sources to pull; an address that nobody knows yet is added, or its failure noted."""
    from ingest import add as adding  # noqa: PLC0415
    from ingest import enlist, run  # noqa: PLC0415

    if not names:
        active = [s["source"] for s in corpus.sources("h.state = 'active'")]
        return active if every else corpus.due(run.clock())
    found: list[int] = []
    for word in names:
        name = f"{Path(word).resolve().as_uri()}/" if is_folder(word) else word
        known = [
            s["source"] for n in corpus.find(name) for s in corpus.sources("h.source = ? AND h.state <> 'loaded'", (n,))
        ]
        if known:
            found += known
        elif is_folder(word):
            found.append(enlist.take_up_folder(corpus, Path(word), run.clock())[0].source or 0)
        elif "." in name or "://" in name or "localhost" in name:
            for added in adding.add(corpus, [name], policy, stop=stop):
                if added.result.error:
                    results.append(added.result)
                    _report(settings, added.result)
                else:
                    found.append(added.result.source or 0)
        else:
            corpus.named(name)
    return list(dict.fromkeys(found))


def _decided(
    settings: Settings, corpus: "Corpus", numbers: list[int], policy: Any, stop: "Stop", results: "list[SourceResult]"
) -> list[int]:
    """The sources to pull, once it is known what those are that came from a list."""
    from ingest import enlist  # noqa: PLC0415

    found = dict(zip(numbers, numbers, strict=True))
    for number, added in enlist.decide(corpus, numbers, policy, stop=stop):
        if added.result.error:
            del found[number]
            results.append(added.result)
            _report(settings, added.result)
        else:
            found[number] = added.result.source or 0
            say(settings, f"{added.result.url}: {added.result.kind}, source {added.result.source}{added.remark}")
    return list(dict.fromkeys(found.values()))


def _pull(
    settings: Settings,
    corpus: "Corpus",
    numbers: Sequence[int],
    policy: Any,
    stop: "Stop",
    results: "list[SourceResult]",
    wishes: "list[Wish]",
    *,
    full: bool,
    accept_gone: bool,
) -> None:
    from ingest import add as adding  # noqa: PLC0415
    from ingest import run  # noqa: PLC0415

    progress, before = Progress(settings), len(results)

    def shown(result: "SourceResult", tally: Any) -> None:
        progress.show(
            f"{len(results) - before + 1}/{len(numbers)}  {tally.new:,} new  {tally.changed:,} changed  {result.url}"
        )

    for result in run.fetch(
        corpus,
        numbers,
        policy,
        stop=stop,
        full=full,
        rules_off=settings.rules_off(),
        accept_gone=accept_gone,
        defaults=settings.told().options(),
        secrets=adding.secrets(corpus, wishes),
        progress=shown,
    ):
        progress.clear()
        results.append(result)
        _report(settings, result)


def _report(settings: Settings, result: "SourceResult") -> None:
    """One line: what happened, and what can be done about it."""
    from ingest.run import advice  # noqa: PLC0415

    row = result.row()
    if settings.json:
        emit(row)
    bad = result.verdict in {"failing", "partial"}
    if result.error or bad or not settings.quiet:
        counts = f"{result.new:,} new, {result.changed:,} changed, {result.same:,} unchanged, {result.gone:,} gone"
        why = "; ".join(filter(None, (result.error or result.reason, advice(result.reason) if bad else "")))
        rejected = f", {result.rejected:,} rejected" if result.rejected else ""
        say(settings, f"{row['url']}: {result.verdict}: {counts}{rejected}" + (f": {why}" if why else ""), always=bad)


def _judged(results: "list[SourceResult]", fail_on: str) -> int:
    if fail_on == "never":
        return 0
    counted = [r for r in results if r.verdict != r.was] if fail_on == "new" else results
    code = exit_code([r.verdict for r in counted])
    if fail_on == "all":
        return code if code == 4 else 0
    if fail_on == "new" and code == 4 and len(counted) < len(results):
        return 3
    return code


def _finish(settings: Settings, results: "list[SourceResult]", code: int, seconds: float) -> None:
    figures = {name: sum(getattr(r, name) for r in results) for name in ("new", "changed", "same", "gone", "rejected")}
    words = {word: sum(r.verdict == word for r in results) for word in ("complete", "partial", "failing", "unknown")}
    told = ", ".join(f"{n:,} {word}" for word, n in words.items() if n) or "nothing was due"
    say(
        settings,
        f"{len(results):,} source{'s'[: len(results) != 1]}: {told} · {figures['new']:,} new"
        f" · {figures['changed']:,} changed · {figures['gone']:,} gone · {seconds:.1f} s",
    )
    if words["failing"] or words["partial"]:
        say(settings, f"look closer: blogcorpus --db {settings.db} status --failing")
    summary(settings, code, sources=len(results), **figures, **words)


COMMANDS = [add, fetch]
