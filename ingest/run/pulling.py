"""A run: sources one after another through `sync`, batch by batch into the corpus, with a verdict each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ingest import fallback, inbox, retext, urls, verdict
from ingest.corpus import Corpus, RunWriter, Tally, hosts, sources
from ingest.errors import FetchError, SourceError
from ingest.fetch import Fetcher, Policy, RobotsCache, RobotsText
from ingest.records import Announced, Batch, Fetched, Source, Verdict
from ingest.run import schedule
from ingest.run.result import SourceResult, clock, result_of
from ingest.run.stop import STOPPED, Stop
from ingest.sources import kind

__all__ = ["Origins", "fetch", "origins", "policy_for"]

#: Origin -> (user, password), ("", token): as in `Policy.secrets`.
Secrets = Mapping[str, tuple[str, str]]


class Origins:
    """The robots.txt of a day, as the corpus holds it from run to run."""

    def __init__(self, corpus: Corpus, now: str) -> None:
        self._corpus = corpus
        held = hosts.robots(corpus.conn, now)
        self.cache = RobotsCache({origin: RobotsText(text, at) for origin, (text, at) in held.items()})

    def keep(self, fetches: Sequence[Fetched] = ()) -> None:
        """Store what was learnt since the last call, and requests that belong to no source."""
        news = {origin: (text.text, text.at) for origin, text in self.cache.news().items()}
        if news or fetches:
            with self._corpus.transaction() as conn:
                hosts.keep_robots(conn, news)
                hosts.keep_fetches(conn, fetches)


def origins(corpus: Corpus, now: str) -> Origins:
    """What is known of robots.txt at the beginning of a run."""
    return Origins(corpus, now)


def policy_for(policy: Policy, options: Mapping[str, Any], secrets: Secrets) -> Policy:
    """The limits under which one source is asked. Raises ConfigError for a secret that would travel unencrypted."""
    return replace(policy, robots=options.get("robots", policy.robots), secrets=secrets)


def fetch(
    corpus: Corpus, numbers: Sequence[int], policy: Policy, *, stop: Stop, full: bool = False,
    rules_off: tuple[str, ...] = (), defaults: Mapping[str, Any] | None = None,
    secrets: Mapping[int, Secrets] | None = None, accept_gone: bool = False,
    progress: Callable[[SourceResult, Tally], None] = lambda *_: None, now: Callable[[], str] = clock,
) -> Iterator[SourceResult]:  # fmt: skip
    """Pull these sources, one after another; how each fared. Nothing a source does ends the run.

    `defaults`: options of every source, which its own overrule; `secrets`: by the number of the source;
    `accept_gone`: an operator says that a mass disappearance is true.
    """
    writer = RunWriter(corpus, "fetch", rerender=retext.one)
    said = {"rules_off": rules_off, "accept_gone": accept_gone}
    run = _Run(
        corpus, writer, policy, stop, full, defaults or {}, said, secrets or {}, progress, now, Origins(corpus, now())
    )
    for number in numbers:
        if not stop.go_on():
            return
        stop.writing = True  # a signal from here on waits, but for `Stop.waiting`
        try:
            result = run.pull(number)
        finally:
            stop.writing = False
        yield result


@dataclass(slots=True)
class _End:
    """What is remembered of a source's run until its verdict."""

    announced: Announced | None = None
    trouble: str = ""
    error: str | None = None
    retry_after: int | None = None
    #: host -> until when it asked to be left alone.
    busy: dict[str, str] = field(default_factory=dict)

    def note(self, batch: Batch, now: str) -> None:
        self.announced = verdict.without(verdict.together(self.announced, batch.announced), batch.gone)
        self.trouble = batch.trouble if batch.error else self.trouble or batch.trouble
        self.error = batch.error or self.error
        if batch.retry_after:
            self.retry_after = max(self.retry_after or 0, batch.retry_after)
            asked = [urls.host_of(one.url) for one in batch.fetches if one.status in {429, 503}]
            self.busy |= dict.fromkeys(asked[-1:], schedule.later(now, batch.retry_after))

    def fail(self, error: SourceError) -> None:
        self.error, self.trouble = str(error), error.kind if isinstance(error, FetchError) else "unreadable"


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of `fetch`."""

    corpus: Corpus
    writer: RunWriter
    policy: Policy
    stop: Stop
    full: bool
    #: Options of every source: those that its own overrule, and those that overrule them.
    defaults: Mapping[str, Any]
    said: Mapping[str, Any]
    secrets: Mapping[int, Secrets]
    progress: Callable[[SourceResult, Tally], None]
    now: Callable[[], str]
    origins: Origins

    def pull(self, number: int) -> SourceResult:
        """One source, from its cursor to its verdict."""
        row, started = self.corpus.sources("h.source = ?", (number,))[0], self.now()
        if schedule.is_left_alone(row["retry_after"], started):
            asked = f"skipped: the host asked to be left alone until {row['retry_after']} (Retry-After)"
            return SourceResult(number, row["kind"], row["url"], reason=asked)
        source = self._source(number, row["kind"], started)
        policy = policy_for(self.policy, source.options, self.secrets.get(number, {}))
        self.writer.begin(number, started, robots=policy.robots)
        end, log = _End(), list[Fetched]()
        with Fetcher(
            policy, log=log.append, gate=self.stop.gate, robots=self.origins.cache, clock=self._seconds
        ) as fetcher:
            self._harvest(source, fetcher, row, end, log)
        self.origins.keep()
        return self._close(row, source, end, started)

    def _source(self, number: int, name: str, started: str) -> Source:
        source = self.corpus.source(number, now=started, held=kind(name).NEEDS_HELD, full=self.full)
        known = {"authenticated": True} if number in self.secrets else {}
        return replace(source, options={**self.defaults, **source.options, **self.said, **known})

    def _seconds(self) -> float:
        return datetime.fromisoformat(self.now()).timestamp()

    def _harvest(self, source: Source, fetcher: Fetcher, row: Mapping[str, Any], end: _End, log: list[Fetched]) -> None:
        """Batch by batch into the corpus, to the end or to a signal."""
        number = row["source"]
        anew = sources.unbelieved(self.corpus.conn, number, source.now)
        get = inbox.answering(source.url) if source.url.startswith("file:") else fetcher.get
        batches = fallback.harvest(
            source, get, log, more=self.stop.go_on, unbelieved=anew,
            known=lambda: self.corpus.addresses(number),
        )  # fmt: skip
        try:
            for batch in self.stop.waiting(batches):
                self.writer.apply(source, batch, self.now())
                end.note(batch, self.now())
                so_far = result_of(row, self.writer, number, Verdict("unknown"))
                self.progress(so_far, self.writer.runs[number][1])
                if not self.stop.go_on():
                    break
        except STOPPED:
            self.stop.wish()
        except SourceError as error:
            end.fail(error)
        if log:
            self.writer.apply(source, Batch(fetches=tuple(log)), self.now())

    def _close(self, row: Mapping[str, Any], source: Source, end: _End, started: str) -> SourceResult:
        number, stopped = row["source"], not self.stop.go_on() and end.error is None
        kept = self.corpus.source(number, now=started, held=True).held
        held = {name: frozenset(ids) for name, ids in kept.posts.items()}
        word = verdict.judge(
            end.announced, held, trouble="stopped" if stopped else end.trouble, error=end.error, rejected=kept.rejects
        )
        if end.error is not None:
            word = replace(word, reason=end.trouble or word.reason)
        tally = self.writer.runs[number][1]
        failed = schedule.failures(
            row["failures"], word, end.trouble, brought=bool(tally.new or tally.changed), stopped=stopped
        )
        every = schedule.interval(source.options, row["interval_s"])
        due = schedule.next_due(started, every, failed, stopped=stopped, was=row["next_due"])
        wait = schedule.later(self.now(), end.retry_after) if end.retry_after else None
        if wait and due:
            due = max(due, wait)
        self.writer.finish(
            number, word, self.now(), error=end.error, failures=failed,
            announced=end.announced.totals if end.announced else None,
            schedule={"next_due": due, "retry_after": wait},
        )  # fmt: skip
        self._leave_alone(end)
        return result_of(row, self.writer, number, word, end.error)

    def _leave_alone(self, end: _End) -> None:
        """A host's wish holds for all its sources, also for those whose turn comes later in this run."""
        if end.busy:
            with self.corpus.transaction() as conn:
                for host, until in end.busy.items():
                    hosts.leave_alone(conn, host, until)
