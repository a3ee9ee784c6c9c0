"""`add` and `fetch`: new sources, and polling them."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.annotating import annotated
from ingest.cli.completing import a_source
from ingest.cli.options import Duration, Settings, global_options, said
from ingest.cli.output import SECRETS, emit, say, summary
from ingest.cli.reporting import Report
from ingest.cli.signals import listening, logging
from ingest.cli.sources import is_folder, local

if TYPE_CHECKING:
    from ingest.add import Added, Wish
    from ingest.corpus import Corpus
    from ingest.fetch import Policy
    from ingest.run import SourceResult, Stop

__all__ = ["COMMANDS"]


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL|FILE…", callback=said)
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
        stop.writing = True  # but while something waits for the network
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


def _secret(settings: Settings, added: "Added", *, always: bool) -> None:
    """A word on what was not kept of an address."""
    from ingest.urls import bears_user  # noqa: PLC0415  (--help must not pay for it)

    if bears_user(added.word):
        say(
            settings,
            f"{added.result.row()['url']}: the user and password in the address are not kept; {SECRETS}",
            always=always,
        )


def _tell(settings: Settings, added: "Added", *, every: bool) -> None:
    """How an address fared; with `every`, also what was found there and not chosen."""
    _secret(settings, added, always=True)
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
@click.argument("names", nargs=-1, metavar="[SOURCE|URL]…", shell_complete=a_source, callback=said)
@click.option("--all", "every", is_flag=True, help="Every source, whether due or not.")
@click.option("--full", is_flag=True, help="Look at everything anew.")
@click.option("--accept-gone", is_flag=True, help="It is true that so many posts are gone (of the sources named).")
@click.option(
    "--fail-on", type=click.Choice(["any", "new", "all", "never"]), default="any", show_default=True,
    help="Which failures make the exit status 3 or 4; with -q, also which are told.",
)  # fmt: skip
@click.option(
    "--deadline-run", type=Duration(), metavar="TIME", help="End in good order after so long: 50m, 2h, 90s, 300."
)
@click.option(
    "--workers", type=click.IntRange(1, 500), default=32, show_default=True, envvar="BLOGCORPUS_WORKERS",
    help="Hosts that are asked at the same time.",
)  # fmt: skip
@click.option(
    "--processes", type=click.IntRange(0, 500), envvar="BLOGCORPUS_PROCESSES",
    help="Processes that read what comes [one for each processor]; 0 reads in the program itself, unguarded.",
)  # fmt: skip
@click.option(
    "--log-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", envvar="BLOGCORPUS_LOG_FILE",
    help="Append what happens as JSON lines; opened anew on SIGHUP.",
)  # fmt: skip
@global_options(hidden=True)
@click.pass_obj
def fetch(
    settings: Settings, names: tuple[str, ...], every: bool, full: bool, accept_gone: bool, fail_on: str,
    deadline_run: float | None, workers: int, processes: int | None, log_file: Path | None,
) -> None:  # fmt: skip
    """Pull what is due, or the sources named. A URL that is not known yet is added first."""
    from ingest import lock, run  # noqa: PLC0415

    if accept_gone and not names:
        raise click.UsageError("--accept-gone wants the sources named: it is said of each by itself")
    begun, stop, policy, wishes = time.monotonic(), run.Stop(deadline_run), settings.policy(), settings.wishes()
    how = {"full": full, "accept_gone": accept_gone, "workers": workers, "processes": processes}
    with (
        logging(log_file) as journal,
        settings.corpus(write=True, create=bool(names or wishes)) as corpus,
        lock.held(corpus.path, "fetch", run.clock()),
        listening(stop) as signals,
    ):
        stop.writing = True  # but while something waits for the network
        if corpus.created:
            say(settings, f"created {corpus.path}")
        report = Report(settings, corpus, fail_on, journal)
        pull = _Pull(settings, corpus, policy, stop, report, wishes, how)
        try:
            known = pull.applied()
            if names:  # what is named has to be found before it is pulled
                pull.configured(names, known)
            numbers = pull.numbers(names, every=every)
            strange = pull.strange(numbers)
            pull.sources([number for number in numbers if number not in strange])
            pull.sources(pull.decided(numbers))
            if not names:  # last: an address that nobody knows may keep one waiting, and no poll waits for it
                new = pull.configured(names, known)
                pull.sources([number for number in new if number not in numbers])
            if report.brought and stop.go_on() and not annotated(corpus, stop, brought=report.brought):
                say(settings, f"languages, duplicates and links come later, or now: {settings.program} annotate")
        except run.STOPPED:
            pass
        code = report.finish(signals.exit_code, time.monotonic() - begun, early=not stop.go_on())
    raise click.exceptions.Exit(code)


class _Pull:
    """One call of `fetch`."""

    def __init__(
        self, settings: Settings, corpus: "Corpus", policy: "Policy", stop: "Stop", report: Report,
        wishes: "list[Wish] | None", how: dict[str, Any],
    ) -> None:  # fmt: skip
        self._settings, self._corpus, self._policy, self._stop = settings, corpus, policy, stop
        self._report, self._wishes, self._how = report, wishes or [], how
        self._is_told = wishes is not None

    def applied(self) -> dict[str, int | None]:
        """What is held is as sources.toml says; the number of each address in it, None where it is new."""
        if not self._is_told:
            return {}
        from ingest import add as adding  # noqa: PLC0415

        return adding.apply(self._corpus, self._wishes)

    def configured(self, names: Sequence[str], known: dict[str, int | None]) -> list[int]:
        """The numbers of what sources.toml names and nobody knew; its failure is noted where nothing was found."""
        if None not in known.values():
            return []
        from ingest import add as adding  # noqa: PLC0415

        found: list[int] = []
        for added in adding.configure(
            self._corpus, self._wishes, self._policy, stop=self._stop, only=names or None, numbers=known
        ):
            self._added(added)
            found += [] if added.result.error else [added.result.source or 0]
        return list(dict.fromkeys(found))

    def _added(self, added: "Added") -> None:
        _secret(self._settings, added, always=False)
        if added.result.error:
            self._report.take(added.result)
        else:
            self._report.found(added.result, added.word)
            words = f"{added.result.url}: {added.result.kind}, source {added.result.source}{added.remark}"
            say(self._settings, words)

    def numbers(self, names: Sequence[str], *, every: bool) -> list[int]:
        """Numbers of the sources to pull; an address that nobody knows yet is added, or its failure noted."""
        from ingest import run  # noqa: PLC0415
        from ingest.corpus import since, sources  # noqa: PLC0415

        since.awake(self._corpus, self._settings.told().options().get("since"))
        if not names:
            return sources.active(self._corpus.conn) if every else self._corpus.due(run.clock())
        found = [number for word in names for number in self._named(word)]
        return list(dict.fromkeys(found))

    def _named(self, word: str) -> list[int]:
        from ingest import add as adding  # noqa: PLC0415
        from ingest import enlist, run  # noqa: PLC0415

        corpus = self._corpus
        name = f"{Path(word).resolve().as_uri()}/" if is_folder(word) else word
        found = [n for n in corpus.find(name) if corpus.sources("h.source = ? AND h.state <> 'loaded'", (n,))]
        if found:
            return found
        if is_folder(word):
            return [enlist.take_up_folder(corpus, Path(word), run.clock())[0].source or 0]
        if not ("." in name or "://" in name or "localhost" in name):
            corpus.named(name)  # says that there is none
        for added in adding.add(corpus, [name], self._policy, stop=self._stop):
            _secret(self._settings, added, always=True)
            if added.result.error:
                self._report.take(added.result)
            else:
                found.append(added.result.source or 0)
        return found

    def strange(self, numbers: Sequence[int]) -> set[int]:
        """Those that came from a list and were not looked at yet."""
        autos = {row["source"] for row in self._corpus.sources("h.kind = 'auto'")}
        return autos.intersection(numbers)

    def decided(self, numbers: Sequence[int]) -> list[int]:
        """The strange ones, once it is known what they are."""
        strange = self.strange(numbers)
        if not strange:
            return []
        from ingest import enlist  # noqa: PLC0415

        found: list[int] = []
        for _, added in enlist.decide(
            self._corpus, [number for number in numbers if number in strange], self._policy, stop=self._stop
        ):
            self._added(added)
            found += [] if added.result.error else [added.result.source or 0]
        return list(dict.fromkeys(found))

    def _secrets(self) -> "dict[int, dict[str, tuple[str, str]]]":
        if not self._wishes:
            return {}
        from ingest import add as adding  # noqa: PLC0415

        return adding.secrets(self._corpus, self._wishes)

    def sources(self, numbers: Sequence[int]) -> None:
        """Pull these."""
        from ingest import run  # noqa: PLC0415

        if not numbers:
            return
        self._report.expected += len(numbers)
        for result in run.fetch(
            self._corpus, numbers, self._policy, stop=self._stop, rules_off=self._settings.rules_off(),
            defaults=self._settings.told().options(), secrets=self._secrets(),
            progress=self._report.shown, **self._how,
        ):  # fmt: skip
            self._report.take(result)


COMMANDS = [add, fetch]
