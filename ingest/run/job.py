"""One source's run, as a thread carries it out; what was learnt of it until its verdict."""

import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ingest import fallback, inbox, urls, verdict
from ingest.errors import FetchError, ReadError, SourceError
from ingest.fetch import Fetcher, Policy
from ingest.records import Announced, Batch, Fetched, Source
from ingest.run import schedule
from ingest.run.stop import STOPPED
from ingest.sync import Reading

__all__ = ["End", "Job", "Secrets", "clock_after", "policy_for"]

#: Origin -> (user, password), ("", token): as in `Policy.secrets`.
Secrets = Mapping[str, tuple[str, str]]


@dataclass(slots=True)
class End:
    """What is remembered of a source's run until its verdict."""

    announced: Announced | None = None
    trouble: str = ""
    error: str | None = None
    retry_after: int | None = None
    #: What was shown or counted and not collected, because it is from before the day `since`.
    left_out: int = 0
    #: What its pages noted beside their posts.
    notes: list[str] = field(default_factory=list)
    #: Whether any host answered anything.
    answered: bool = False
    #: host -> until when it asked to be left alone.
    busy: dict[str, str] = field(default_factory=dict)

    def note(self, batch: Batch, now: str) -> None:
        """What a batch says beside its posts."""
        self.announced = verdict.without(
            verdict.together(self.announced, batch.announced), (*batch.gone, *batch.left_out)
        )
        self.left_out += sum(one.count for one in batch.left_out)
        self.trouble = batch.trouble if batch.error else self.trouble or batch.trouble
        self.error = batch.error or self.error
        self.notes += batch.notes
        self.sent(batch.fetches)
        if batch.retry_after:
            self.retry_after = max(self.retry_after or 0, batch.retry_after)
            asked = [urls.host_of(one.url) for one in batch.fetches if one.status in {429, 503}]
            self.busy |= dict.fromkeys(asked[-1:], schedule.later(now, batch.retry_after))

    def sent(self, fetches: Iterable[Fetched]) -> None:
        """Requests of it, and whether any was answered."""
        self.answered = self.answered or any(one.status is not None for one in fetches)

    def fail(self, error: Exception, url: str) -> None:
        """The run ended with an error; one that nobody raised on purpose is a bug of ours, and says where."""
        if not isinstance(error, SourceError):
            where = "".join(traceback.format_exception(error, limit=-4))
            error = ReadError(url, "bug", f"a bug of blogcorpus, please report it:\n{where}")
        self.error = str(error)
        self.trouble = error.kind if isinstance(error, FetchError | ReadError) else "unreadable"


@dataclass(eq=False, slots=True)
class Job:
    """One source, from its cursor to the end of what it has to say. One thread at a time works on it."""

    row: Mapping[str, Any]
    source: Source
    started: str
    fetcher: Fetcher
    reading: Reading
    #: Requests that no batch has taken along yet.
    log: list[Fetched]
    #: Whether the run as a whole goes on.
    goes_on: Callable[[], bool]
    #: Whether no other source waits for what this one may take.
    alone: Callable[[], bool]
    #: Asks the writer's thread for the addresses of its posts that are held. Told which job, and not bound to it: in a
    #: circle with itself a job would be there until Python looks for circles.
    known: Callable[["Job"], Collection[str]]
    unbelieved: Collection[str]
    end: End = field(default_factory=End)
    #: There was more to ask, and the run ended.
    cut: bool = False
    #: What it says is not taken any more: storing it failed.
    dead: bool = False
    _batches: Iterator[Batch] | None = None

    @property
    def begun(self) -> bool:
        """Whether a thread has come to it; one that was only handed out when the run ended is as if it never was."""
        return self._batches is not None

    @property
    def number(self) -> int:
        """Row in `sources`."""
        return int(self.row["source"])

    def more(self) -> bool:
        """Whether to go on with the next request; asked while there is one."""
        if self.dead or not self.goes_on():
            self.cut = True
        return not self.cut

    def work(self, give: Callable[[Batch], None], over: Callable[[], bool]) -> bool:
        """Give what the source says, page by page, until it has said it all or `over`; whether there is more.

        Raises SourceError; whatever else it raises is a bug.
        """
        if self._batches is None:
            if not self.goes_on():
                self.close()
                return False
            self._batches = self._begin()
        try:
            for batch in self._batches:
                give(batch)
                if over() and getattr(self.reading, "at_rest", True):  # never with a process in hand that others need
                    return True
        except STOPPED:
            self.cut = True
        self.close()
        return False

    def _begin(self) -> Iterator[Batch]:
        get = inbox.answering(self.source.url) if self.source.url.startswith("file:") else self.fetcher.get
        return fallback.harvest(
            self.source, get, self.log, more=self.more, unbelieved=self.unbelieved,
            known=lambda: self.known(self), reading=self.reading, ahead=self.alone,
            onward=getattr(self.reading, "onward", lambda _: ()),
        )  # fmt: skip

    def close(self) -> None:
        """Let go of connections, and of what the reading processes know of it."""
        self.fetcher.close()
        close = getattr(self.reading, "close", None)
        if close is not None:
            close()


def policy_for(policy: Policy, options: Mapping[str, Any], secrets: Secrets) -> Policy:
    """The limits under which one source is asked. Raises ConfigError for a secret that would travel unencrypted."""
    if options.get("robots", policy.robots) == policy.robots and secrets == policy.secrets:
        return policy
    return replace(policy, robots=options.get("robots", policy.robots), secrets=secrets)


def clock_after(seconds: float) -> Callable[[], bool]:
    """Whether so many seconds have passed since now."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until
