"""The run itself: sources through `sync` in many threads, into the corpus from one, with a verdict each."""

import queue
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from ingest.corpus import Corpus, RunWriter, Tally, since, sources
from ingest.corpus.fulltext import Pending
from ingest.errors import IngestError
from ingest.fetch import Fetcher, Policy
from ingest.reading.document import steps
from ingest.reading.pool import Pool
from ingest.records import Batch, Fetched, Verdict
from ingest.run import schedule
from ingest.run.closing import Over, close
from ingest.run.crew import Crew, Ended, Event, Question
from ingest.run.job import Job, Secrets, clock_after, policy_for
from ingest.run.lanes import Lanes, host_of_source, is_backfill
from ingest.run.origins import Origins
from ingest.run.outage import Outage
from ingest.run.result import SourceResult, clock, result_of
from ingest.run.stop import Stop
from ingest.sources import kind

__all__ = ["Run"]

T = TypeVar("T")
#: Jobs that wait for a thread beside those that have one, so that none is idle while the writer writes.
SPARE = 4
#: Seconds that pages may share a transaction, so that a kill costs no more, and that other writers get between two: one
#: that waits looks every 0.1 s, so that it is in after 2.5 s on average, and never waits for 30.
SHARED, GAP = 0.2, 0.01
#: Seconds of silence after which a source that is over is stored and told: nobody who waits for it waits for hosts that
#: say nothing, too.
SILENCE = 0.03
#: Seconds that what is under way at the run's own limit has to come to its end, and between two looks at the clock.
GRACE, LOOK = 5.0, 1.0
#: Seconds that pages which have come may take at the end of a run that was stopped, and that threads have to hand in
#: what they were answered already: a page of 100 posts is read in 0.06 s. The rest is fetched again.
STORING, HANDING_IN = 1.0, 0.25


def _rerendered(conn: sqlite3.Connection, post_id: int, off: Collection[str], pending: Pending) -> bool:
    """As `retext.one`, with all that renders: 20 ms of a start, for the few runs after a change of the rules."""
    from ingest import retext  # noqa: PLC0415

    return retext.one(conn, post_id, off, pending)


class Run:
    """One call of `fetch`: the thread that schedules and writes."""

    full: bool
    #: Options of every source: those that its own overrule, and those that overrule them.
    defaults: Mapping[str, Any]
    said: Mapping[str, Any]
    secrets: Mapping[int, Secrets]

    def __init__(
        self, corpus: Corpus, policy: Policy, stop: Stop, progress: Callable[[SourceResult, Tally], None],
        now: Callable[[], str], workers: int, pool: Pool | None,
    ) -> None:  # fmt: skip
        self._corpus, self._policy, self._stop, self._progress, self._now = corpus, policy, stop, progress, now
        self._writer = RunWriter(corpus, "fetch", rerender=_rerendered)
        self._origins, self._outage = Origins(corpus, now()), Outage()
        self._size, self._crew = workers, Crew(workers)
        self._pool = pool
        self._lanes: Lanes[int | Job] = Lanes(())
        #: The jobs that a thread has or will have next, and all that have begun and not ended.
        self._busy: dict[Job, str] = {}
        self._open: dict[Job, None] = {}
        stop.gate.under_way = lambda: sum(job.begun for job in list(self._busy))
        stop.wake = self._crew.wake
        #: The runs that are over and wait to be closed, the results that wait for the end of the open transaction, and
        #: when the first of both came.
        self._over: list[Over] = []
        self._done: list[SourceResult] = []
        self._since = 0.0

    def close(self) -> None:
        """Let the threads go."""
        self._stop.wake, self._stop.gate.under_way = (lambda: None), (lambda: 0)
        self._crew.close()

    def _lasts(self) -> bool:
        """Whether nobody wishes the end, and what was under way at the run's own limit has time to come to its own."""
        return not self._stop.wished and self._stop.left(GRACE) != 0

    # ---- the loop ----------------------------------------------------------------------------------

    def results(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[SourceResult]:
        """How each source fared, when it is stored. `rows`: the sources' places."""
        self._lanes = Lanes((host_of_source(row), row["source"], is_backfill(row)) for row in rows)
        while self._lasts() and (self._hand_out() or self._busy):
            event = self._next()
            if event is not None:
                self._take(*event)
            if event is None or self._held_for() >= SHARED:
                yield from self._settled(gap=event is not None)
        self._give_up()
        self._close_over()
        self._outage.end(self._corpus)
        yield from self._settled()

    def _hand_out(self) -> bool:
        """Give the threads what they can do; whether anything was given out that is not done."""
        while self._stop.go_on() and len(self._busy) < self._size + SPARE and (turn := self._lanes.take()):
            host, item = turn
            job = self._prepared(item) if isinstance(item, int) else item
            if job is None:
                self._lanes.done(host)
            else:
                self._busy[job] = host
                self._crew.begin(job)
        self._crew.crowded = len(self._lanes) > 0
        return bool(self._busy)

    def _next(self) -> Event | None:
        """What a thread says next; None when it is time to commit, or to end."""
        held = self._held_for()
        left = max(SHARED - held, 0) if held else LOOK
        try:
            return self._crew.next(min(left, SILENCE) if self._over or self._done else left)
        except queue.Empty:
            return None

    def _held_for(self) -> float:
        """Seconds since something came that is not committed or told."""
        told = time.monotonic() - self._since if self._over or self._done else 0.0
        return max(told, self._corpus.shared_for)

    def _settled(self, *, gap: bool = False) -> Iterator[SourceResult]:
        """Commit; what is stored now may be told."""
        self._close_over()
        self._corpus.settle()
        done, self._done = self._done, []
        yield from done
        if gap:
            time.sleep(GAP)

    def _take(self, job: Job, said: "Batch | Ended | Question") -> None:
        """What a thread says."""
        if isinstance(said, Question):
            said.reply.put(said.ask())
        elif isinstance(said, Batch):
            self._store(job, said)
        else:
            host = self._busy.pop(job)
            if said.error is not None:
                job.end.fail(said.error, job.source.url)
            if said.again and not job.dead:
                self._lanes.done(host, again=job)
            else:
                self._lanes.done(host)
                self._close(job, self._why() if job.cut else "")

    def _store(self, job: Job, batch: Batch) -> None:
        if job.dead:
            return
        try:
            self._writer.apply(job.source, batch, self._now())
        except IngestError:
            raise
        except Exception as error:  # noqa: BLE001  (a page that cannot be stored is its source's trouble, and named)
            job.dead = True
            job.end.fail(error, job.source.url)
            return
        job.end.note(batch, self._now())
        so_far = result_of(job.row, self._writer, job.number, Verdict("unknown"))
        self._progress(so_far, self._writer.runs[job.number].tally)

    # ---- one source ---------------------------------------------------------------------------------

    def _prepared(self, number: int) -> Job | None:
        """A source's run, about to begin; None when its host wishes to be left alone."""
        started = self._now()
        stands = sources.standing(
            self._corpus.conn, number, started, full=self.full, under=self.defaults, over=self._said_of(number)
        )
        row, source = stands.row, stands.source
        if schedule.is_left_alone(row["retry_after"], started):
            asked = f"skipped: the host asked to be left alone until {row['retry_after']} (Retry-After)"
            self._close_over()
            self._hold(self._done, SourceResult(number, row["kind"], row["url"], reason=asked))
            return None
        if kind(source.kind).NEEDS_HELD:
            source = replace(source, held=sources.held_of(self._corpus.conn, number))
        source = since.heeded(self._corpus, source)
        policy, log = policy_for(self._policy, source.options, self.secrets.get(number, {})), list[Fetched]()
        fetcher = Fetcher(policy, log=log.append, gate=self._stop.gate, robots=self._origins.cache, clock=self._seconds)
        self._writer.begin(number, started, robots=policy.robots)
        job = Job(
            row, source, started, fetcher, self._pool.reader() if self._pool else steps, log, self._stop.go_on,
            lambda: not self._crew.crowded, self._known, stands.unbelieved,
        )  # fmt: skip
        self._open[job] = None
        return job

    def _known(self, job: Job) -> set[str]:
        """The addresses of the posts that are held of a job's source; called in its thread."""
        found: set[str] = self._crew.ask(job, lambda: self._corpus.addresses(job.number))
        return found

    def _said_of(self, number: int) -> Mapping[str, Any]:
        """Options that overrule a source's own."""
        return {**self.said, "authenticated": True} if number in self.secrets else self.said

    def _seconds(self) -> float:
        """The moment as the client wants it, which asks twice a request."""
        return time.time() if self._now is clock else datetime.fromisoformat(self._now()).timestamp()

    def _close(self, job: Job, stopped: str) -> None:
        """The verdict of a source whose run is over; none where it had not begun."""
        del self._open[job]
        if not job.begun:
            self._writer.drop(job.number)
            return
        if job.log and not job.dead:
            self._writer.apply(job.source, Batch(fetches=tuple(job.log)), self._now())
        job.end.sent(job.log)
        self._hold(self._over, Over(job, self._now(), stopped))
        if job.end.busy:  # the next source of the host is to know
            self._close_over()

    def _close_over(self) -> None:
        """Write down how the sources fared whose runs are over."""
        over, self._over = self._over, []
        if over:
            self._done += close(self._corpus, self._writer, over)
            self._outage.hear(over)
            self._origins.keep()

    def _hold(self, waiting: list[T], one: T) -> None:
        """Let something wait for the next commit."""
        if not (self._over or self._done):
            self._since = time.monotonic()
        waiting.append(one)

    def _give_up(self) -> None:
        """The run ends: what has come by now is stored, for a second, and what has begun is closed as stopped."""
        over, late = clock_after(STORING), clock_after(HANDING_IN)
        while self._busy and not over():
            try:
                job, said = self._crew.next(0 if late() else SILENCE)
            except queue.Empty:
                if late():
                    break
            else:
                if job in self._busy:
                    self._take(job, said)
        for job in list(self._open):
            broken_off = job.fetcher.under_way() if job in self._busy else None
            job.log += [broken_off] if broken_off else []
            self._close(job, self._why())

    def _why(self) -> str:
        """Why a source could not say everything."""
        return "stopped" if self._stop.wished else "deadline"
