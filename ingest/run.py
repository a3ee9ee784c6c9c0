"""Many sources: which are due, one after another through `sync`, into the one writer, with a verdict each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest import files, sync, verdict
from ingest.corpus import Corpus, RunWriter, Tally
from ingest.errors import IngestError, ParseError, SourceError
from ingest.fetch import Fetcher, HostGate, Policy, RobotsCache, backoff
from ingest.records import Announced, Batch, Fetched, Response, Source, Verdict
from ingest.sources import HEAD, kind, sniff

__all__ = ["FileResult", "Interrupted", "SourceResult", "Stop", "clock", "fetch", "load"]

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

    def row(self) -> dict[str, Any]:
        """As the commands print it."""
        return {"type": "source", **asdict(self), "missing_ids": list(self.missing_ids)}


@dataclass(frozen=True, slots=True)
class FileResult:
    """How one saved document fared."""

    file: str
    kind: str | None
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    #: What it was about: the sites, the title of a single post.
    about: str = ""
    #: Why something of it was not stored, a line each.
    errors: tuple[str, ...] = ()
    #: Whether anything in it was usable; a sound document without posts is.
    usable: bool = True
    notes: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        """As the commands print it."""
        return {"type": "file", **asdict(self), "errors": list(self.errors), "notes": list(self.notes)}


def clock() -> str:
    """Now, UTC, `…Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- polled sources -------------------------------------------------------------------------------------


def fetch(
    corpus: Corpus, numbers: Sequence[int], policy: Policy, *, stop: Stop, full: bool = False,
    progress: Callable[[SourceResult, Tally], None] = lambda *_: None, now: Callable[[], str] = clock,
) -> Iterator[SourceResult]:  # fmt: skip
    """Pull these sources, one after another; how each fared. Nothing a source does ends the run."""
    writer, gate, robots = RunWriter(corpus, "fetch", robots=policy.robots), HostGate(), RobotsCache()
    for number in numbers:
        if not stop.go_on():
            return
        log: list[Fetched] = []
        with Fetcher(policy, log=log.append, gate=gate, robots=robots) as fetcher:
            yield _pull(corpus, writer, number, fetcher, log, stop=stop, full=full, progress=progress, now=now)


def _pull(
    corpus: Corpus, writer: RunWriter, number: int, fetcher: Fetcher, log: list[Fetched], *, stop: Stop, full: bool,
    progress: Callable[[SourceResult, Tally], None], now: Callable[[], str],
) -> SourceResult:  # fmt: skip
    row = corpus.sources("h.source = ?", (number,))[0]
    started = now()
    if row["retry_after"] and row["retry_after"] > started:
        asked = f"the host asked to be left alone until {row['retry_after']} (Retry-After)"
        return SourceResult(number, row["kind"], row["url"], verdict=row["verdict"], reason=asked)
    source = corpus.source(number, now=started, held=kind(row["kind"]).NEEDS_HELD, full=full)
    writer.begin(number, started)
    end = _End()
    try:
        for batch in sync.harvest(source, fetcher.get, log, more=stop.go_on):
            stop.writing = True
            writer.apply(source, batch, now())
            stop.writing = False
            end.note(batch)
            progress(_result(row, writer, number, Verdict("unknown")), writer.runs[number][1])
            if not stop.go_on():
                break
    except Interrupted:
        stop.wished = True
        if log:
            writer.apply(source, Batch(fetches=tuple(log)), now())
    except IngestError as error:
        if not isinstance(error, SourceError):
            raise
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
    return _result(row, writer, number, word, end.error)


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


def _result(
    row: Mapping[str, Any], writer: RunWriter, number: int, word: Verdict, error: str | None = None
) -> SourceResult:
    tally = writer.runs[number][1]
    return SourceResult(
        number, row["kind"], row["url"], tally.new, tally.changed, tally.same, tally.gone, tally.rejected,
        word.word, word.reason, word.missing, error,
    )  # fmt: skip


# ---- saved documents ------------------------------------------------------------------------------------


def load(
    corpus: Corpus, names: Iterable[str], *, home: str | None, stop: Stop, options: Mapping[str, Any] | None = None,
    now: Callable[[], str] = clock,
) -> Iterator[FileResult | SourceResult]:  # fmt: skip
    """Store what these files hold: how each file fared, then what each source came to.

    `home`: all files are this one site's, whatever hosts they mention.
    """
    writer = RunWriter(corpus, "load")
    for name in files.walk(names):
        if not stop.go_on():
            break
        if isinstance(name, SourceError):
            yield FileResult(name.url, None, errors=(name.cause,), usable=False)
        else:
            yield _take(writer, name, Source("", name, home=home, options=options or {}, now=now()), stop, now)
    for number in sorted(writer.runs):
        writer.finish(number, Verdict("unknown", "saved documents announce nothing"), now())
        row = corpus.sources("h.source = ?", (number,))[0]
        yield _result(row, writer, number, Verdict("unknown"))


def _take(writer: RunWriter, name: str, source: Source, stop: Stop, now: Callable[[], str]) -> FileResult:
    """One file. What came before its damage is kept."""
    found: str | None = None
    told = _Told()
    try:
        with_content = files.opened(name)
        found = _kind_of(with_content)
        for batch in sync.read(replace(source, kind=found), with_content):
            stop.writing = True
            told.note(batch, writer.apply(replace(source, kind=found), batch, now()))
            stop.writing = False
    except Interrupted:
        stop.wished = True
        told.errors.append("stopped in the middle; what was committed stays")
    except SourceError as error:
        told.errors.append(error.cause)
        told.broken = True
    return told.result(name, found)


def _kind_of(document: Response) -> str:
    """The kind of a document by its first bytes. Raises ParseError when it is no kind's."""
    head = document.stream.read(HEAD)
    document.stream.seek(0)
    found = sniff(head)
    if found is None:
        what = "empty" if not head.strip() else "binary data" if b"\0" in head else "not a document of a known kind"
        raise ParseError(document.url, f"{what}: neither a WordPress REST answer, a feed, an export, a page nor text")
    return found


class _Told:
    """What is remembered of a file until its line is printed."""

    def __init__(self) -> None:
        self.tally, self.errors, self.notes = Tally(), list[str](), list[str]()
        self.titles: list[str] = []
        self.sites: dict[str, None] = {}
        self.items, self.broken = 0, False

    def note(self, batch: Batch, tally: Tally) -> None:
        self.tally.add(tally)
        self.items += sum(map(len, (batch.posts, batch.terms, batch.people, batch.media, batch.comments, batch.sites)))
        self.titles += [post.title for post in batch.posts[: 2 - len(self.titles)]]
        self.sites |= dict.fromkeys(post.site for post in batch.posts if post.site)
        self.errors += [_named(reject.type, reject.remote_id, reject.why) for reject in batch.rejects]
        self.errors += [batch.trouble] if batch.trouble else []
        self.notes += [note for note in batch.notes if note not in self.notes]

    def result(self, name: str, found: str | None) -> FileResult:
        about = ", ".join([*list(self.sites)[:3], *([f"“{self.titles[0]}”"] if len(self.titles) == 1 else [])])
        return FileResult(
            name, found, self.tally.new, self.tally.changed, self.tally.same, self.tally.rejected, about,
            tuple(self.errors), usable=not self.errors or self.items > 0, notes=tuple(self.notes),
        )  # fmt: skip


def _named(type_: str | None, remote_id: str | None, why: str) -> str:
    return f"{type_ or 'item'} {remote_id}: {why}" if remote_id else why
