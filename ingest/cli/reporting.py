"""What `fetch` says of a run: a line a source, one for all of it, the log, and the exit status."""

from typing import TYPE_CHECKING, Any

from ingest.cli.options import Settings
from ingest.cli.output import Progress, emit, say, summary

if TYPE_CHECKING:
    from ingest.corpus import Corpus
    from ingest.journal import Journal
    from ingest.run import SourceResult

__all__ = ["Report"]

#: Sources that a mail names for one and the same reason.
_LINES = 20
_FIGURES = ("new", "changed", "same", "gone", "rejected")


class Report:
    """The results of a run as they come."""

    def __init__(
        self, settings: Settings, corpus: "Corpus", fail_on: str, journal: "Journal | None"
    ) -> None:  # fmt: skip
        from ingest.corpus.told import told  # noqa: PLC0415  (--help must not pay for it)

        self._settings, self._corpus, self._fail_on, self._journal = settings, corpus, fail_on, journal
        self._told = told(corpus.conn)
        #: How each source fared, and what is new of it.
        self.results: list[tuple[SourceResult, str]] = []
        #: Sources that are to be pulled.
        self.expected = 0
        self._progress = Progress(settings)
        #: (what is new, why) -> of how many sources.
        self._stories: dict[tuple[str, str], int] = {}

    def shown(self, result: "SourceResult", tally: Any) -> None:
        """How far it is, on a terminal."""
        self._progress.show(
            f"{len(self.results) + 1:,}/{self.expected:,}  {tally.new:,} new  {tally.changed:,} changed  {result.url}"
        )

    def take(self, result: "SourceResult") -> None:
        """A source is through: its line, and what was told of it is remembered."""
        from ingest.run import telling  # noqa: PLC0415

        self._progress.clear()
        key = telling.key(result)
        new, told = telling.news(result, self._told.get(key, ""))
        tells = telling.tells(result, new, self._fail_on, quiet=self._settings.quiet)
        if self._settings.json:
            emit(result.row())
        if tells and self._room(result, new):
            self._line(result, new)
        if (tells or self._settings.json or self._fail_on == "new") and told != self._told.get(key, ""):
            self._keep(key, told)
        if self._journal:
            level = {"failing": "error", "partial": "warning"}.get(result.verdict, "info")
            row = {name: value for name, value in result.row().items() if name not in {"type", "missing_ids"}}
            self._journal.write("source", level=level, **row, missing=len(result.missing_ids), news=new or None)
        self.results.append((result, new))

    def found(self, result: "SourceResult", word: str) -> None:
        """An address of sources.toml is a source now: what was told of the one goes on under the other's number.

        `word`: the address as it was asked for; that of the source is another one often enough.
        """
        from ingest.fetch import redact  # noqa: PLC0415

        told = self._told.get(redact(word))
        if told and result.source is not None:
            self._keep(redact(word), "")
            self._keep(str(result.source), told)

    def _room(self, result: "SourceResult", new: str) -> bool:
        """Whether a line is told by itself: of many sources with one story a mail names some, and counts the rest."""
        if not self._settings.quiet:
            return True
        story = (new or result.verdict, result.reason)
        self._stories[story] = self._stories.get(story, 0) + 1
        return self._stories[story] <= _LINES

    def _line(self, result: "SourceResult", new: str) -> None:
        """What happened, and what can be done about it."""
        from ingest.run import advice  # noqa: PLC0415

        bad = result.verdict in {"failing", "partial"}
        counts = f"{result.new:,} new, {result.changed:,} changed, {result.same:,} unchanged, {result.gone:,} gone"
        why = "; ".join(filter(None, (result.error or result.reason, advice(result.reason) if bad else "")))
        rejected = f", {result.rejected:,} rejected" if result.rejected else ""
        rejected += f", {result.left_out:,} left out (since)" if result.left_out else ""
        healed = "well again: " if new == "healed" else ""
        words = f"{result.row()['url']}: {healed}{result.verdict}: {counts}{rejected}" + (f": {why}" if why else "")
        say(self._settings, words, always=True)

    def _keep(self, key: str, word: str) -> None:
        from ingest.corpus.told import keep  # noqa: PLC0415
        from ingest.run import clock  # noqa: PLC0415

        with self._corpus.transaction() as conn:
            keep(conn, key, word, clock())
        self._told[key] = word

    @property
    def brought(self) -> int:
        """Posts that are not as they were."""
        return sum(result.new + result.changed + result.gone for result, _ in self.results)

    def finish(self, stopped: int | None, seconds: float, *, early: bool) -> int:
        """The run's own line and the exit status. `stopped`: that of a signal; `early`: something ended it."""
        from ingest.run import telling  # noqa: PLC0415

        for (what, why), count in self._stories.items():
            if count > _LINES:
                more = f"{count - _LINES:,} more sources: {what}" + (f": {why}" if why else "")
                say(self._settings, more, always=True)
        results = [result for result, _ in self.results]
        bug = any(result.reason == "bug" for result in results)
        code = stopped or (1 if bug else telling.exit_status(self.results, self._fail_on))
        figures = {name: sum(getattr(result, name) for result in results) for name in _FIGURES}
        verdicts = ("complete", "partial", "failing", "unknown")
        words = {word: sum(result.verdict == word for result in results) for word in verdicts}
        idle = "stopped before any was looked at" if early else "nothing was due"
        told = ", ".join(f"{n:,} {word}" for word, n in words.items() if n) or idle
        if telling.sums_up(self._fail_on, code, quiet=self._settings.quiet):
            sources = f"{len(results):,} source{'s'[: len(results) != 1]}"
            brought = f"{figures['new']:,} new · {figures['changed']:,} changed · {figures['gone']:,} gone"
            say(self._settings, f"{sources}: {told} · {brought} · {seconds:.1f} s", always=True)
            if words["failing"] or words["partial"]:
                say(self._settings, f"look closer: {self._settings.program} status --failing", always=True)
        if self._journal:
            self._journal.write("end", seconds=round(seconds, 1), exit_code=code, sources=len(results), **figures)
            if self._journal.lost:
                lost = f"{self._journal.path}: {self._journal.lost:,} lines could not be written"
                say(self._settings, f"{lost}: {self._journal.trouble}", always=True)
        summary(self._settings, code, sources=len(results), **figures, **words)
        return code
