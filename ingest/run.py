"""Many sources: which are due, one after another through `sync`, into the one writer, with a verdict each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest import retext, sync, verdict
from ingest.corpus import Corpus, RunWriter, Tally
from ingest.errors import SourceError
from ingest.fetch import Fetcher, HostGate, Policy, RobotsCache, backoff
from ingest.records import Announced, Batch, Fetched, Verdict
from ingest.sources import kind

__all__ = ["Interrupted", "SourceResult", "Stop", "clock", "fetch", "result_of"]

#: Seconds between polls while a source's own rhythm is not known. A minute short of the hour, so that an hourly
#: cron whose start wavers by seconds never skips a turn.
INTERVAL = 3540


class Interrupted(BaseException):
    """A signal came in the middle of a page; what was committed stays."""


class Stop:
    """A wish to end in good order: asked between requests and pages."""

    def __init__(self) -> None:
        self.wished = False
        #: True while a page is being written: a signal then waits for the page's end.
        self.writing = False

    def go_on(self) -> bool:
        """Whether there is no wish to stop."""
        return not self.wished


@dataclass(frozen=True, slots=True)
class SourceResult:
    """How one source fared in a run: the contract's `{"type": "source", …}`."""

    source: int | None
    kind: str
    url: str
    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    rejected: int = 0
    verdict: str = "unknown"
    reason: str = ""
    missing_ids: tuple[str, ...] = ()
    error: str | None = None
    #: The verdict of the run before.
    was: str = "unknown"

    def row(self) -> dict[str, Any]:
        """As the commands print it."""
        return {"type": "source", **asdict(self), "missing_ids": list(self.missing_ids)}


def clock() -> str:
    """Now, UTC, `…Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fetch(
    corpus: Corpus, numbers: Sequence[int], policy: Policy, *, stop: Stop, full: bool = False,
    rules_off: tuple[str, ...] = (), accept_gone: bool = False,
    progress: Callable[[SourceResult, Tally], None] = lambda *_: None, now: Callable[[], str] = clock,
) -> Iterator[SourceResult]:  # fmt: skip
    """Pull these sources, one after another; how each fared. Nothing a source does ends the run."""
    writer, gate, robots = (
        RunWriter(corpus, "fetch", robots=policy.robots, rerender=retext.one),
        HostGate(),
        RobotsCache(),
    )
    wishes = {"rules_off": rules_off, "accept_gone": accept_gone}
    for number in numbers:
        if not stop.go_on():
            return
        log: list[Fetched] = []
        with Fetcher(policy, log=log.append, gate=gate, robots=robots) as fetcher:
            yield _pull(
                corpus, writer, number, fetcher, log, stop=stop, full=full, wishes=wishes,
                progress=progress, now=now,
            )  # fmt: skip


def _pull(
    corpus: Corpus, writer: RunWriter, number: int, fetcher: Fetcher, log: list[Fetched], *, stop: Stop, full: bool,
    wishes: Mapping[str, Any],
    progress: Callable[[SourceResult, Tally], None], now: Callable[[], str],
) -> SourceResult:  # fmt: skip
    row = corpus.sources("h.source = ?", (number,))[0]
    started = now()
    if row["retry_after"] and row["retry_after"] > started:
        asked = f"the host asked to be left alone until {row['retry_after']} (Retry-After)"
        return SourceResult(number, row["kind"], row["url"], verdict=row["verdict"], reason=asked, was=row["verdict"])
    source = corpus.source(number, now=started, held=kind(row["kind"]).NEEDS_HELD, full=full)
    source = replace(source, options={**source.options, **wishes})
    writer.begin(number, started)
    end = _End()
    try:
        for batch in sync.harvest(source, fetcher.get, log, more=stop.go_on):
            stop.writing = True
            writer.apply(source, batch, now())
            stop.writing = False
            end.note(batch)
            progress(result_of(row, writer, number, Verdict("unknown")), writer.runs[number][1])
            if not stop.go_on():
                break
    except Interrupted:
        stop.wished = True
        if log:
            writer.apply(source, Batch(fetches=tuple(log)), now())
    except SourceError as error:
        end.error = str(error)
    return _close(corpus, writer, row, end, stopped=not stop.go_on(), started=started, now=now)


@dataclass(slots=True)
class _End:
    """What is remembered of a run until its verdict."""

    announced: Announced | None = None
    trouble: str = ""
    error: str | None = None
    retry_after: int | None = None

    def note(self, batch: Batch) -> None:
        self.announced = verdict.together(self.announced, batch.announced)
        self.trouble = self.trouble or batch.trouble
        self.error = batch.error or self.error
        self.retry_after = max(filter(None, (self.retry_after, batch.retry_after)), default=None)


def _close(
    corpus: Corpus, writer: RunWriter, row: Mapping[str, Any], end: _End, *, stopped: bool, started: str,
    now: Callable[[], str],
) -> SourceResult:  # fmt: skip
    number = row["source"]
    held = {name: frozenset(ids) for name, ids in corpus.source(number, now=started, held=True).held.posts.items()}
    trouble = "stopped" if stopped and end.error is None else end.trouble
    word = verdict.judge(end.announced, held, trouble=trouble, error=end.error)
    writer.finish(
        number, word, now(), error=end.error,
        announced=end.announced.totals if end.announced else None,
        schedule=_schedule(row, word, end, started, stopped=stopped),
    )  # fmt: skip
    return result_of(row, writer, number, word, end.error)


def _schedule(
    row: Mapping[str, Any], word: Verdict, end: _End, started: str, *, stopped: bool
) -> dict[str, str | None]:
    """When the source is due again, and until when its host asked to be left alone."""
    begun = datetime.fromisoformat(started)
    seconds = backoff(INTERVAL, row["failures"] + 1) if word.word == "failing" else INTERVAL
    wait = _stamp(begun + timedelta(seconds=end.retry_after)) if end.retry_after else None
    return {"next_due": None if stopped else _stamp(begun + timedelta(seconds=seconds)), "retry_after": wait}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def result_of(
    row: Mapping[str, Any], writer: RunWriter, number: int, word: Verdict, error: str | None = None
) -> SourceResult:
    """The line of a source: what its run came to so far."""
    tally = writer.runs[number][1]
    return SourceResult(
        number, row["kind"], row["url"], tally.new, tally.changed, tally.same, tally.gone, tally.rejected,
        word.word, word.reason, word.missing, error, row["verdict"],
    )  # fmt: skip
