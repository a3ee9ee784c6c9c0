"""The end of a source's run: its verdict, when it is due again, and what its host asked of us."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest import verdict
from ingest.corpus import Corpus, Outcome, RunWriter, hosts, sources
from ingest.corpus.pace import Pace, pace
from ingest.records import Verdict
from ingest.run import rhythm, schedule
from ingest.run.job import Job
from ingest.run.result import SourceResult, result_of

__all__ = ["Over", "close"]


@dataclass(slots=True)
class Over:
    """A run that is over."""

    job: Job
    at: str
    #: Why it could not say everything, `stopped` or `deadline`; empty where it could, or failed.
    stopped: str
    verdict: Verdict = field(default_factory=lambda: Verdict("unknown"))
    #: Failed runs in a row with this one.
    failed: int = 0


def close(corpus: Corpus, writer: RunWriter, over: Sequence[Over]) -> list[SourceResult]:
    """Write down how these sources fared: together, at less than half of what each by itself would take."""
    for one in over:
        _judge(corpus, writer, one)
    well = [one.job for one in over if not (one.stopped or one.failed)]
    known = pace(corpus.conn, {job.number: job.started for job in well})
    writer.finish(*[_outcome(writer, one, known.get(one.job.number)) for one in over])
    busy = [asked for one in over for asked in one.job.end.busy.items()]
    if busy:  # a host's wish holds for all its sources, also for those whose turn comes later in this run
        with corpus.transaction() as conn:
            for host, until in busy:
                hosts.leave_alone(conn, host, until)
    return [
        result_of(one.job.row, writer, one.job.number, one.verdict, one.job.end.error, left_out=one.job.end.left_out)
        for one in over
    ]


def _judge(corpus: Corpus, writer: RunWriter, over: Over) -> None:
    row, end, job = over.job.row, over.job.end, over.job
    over.stopped = over.stopped if end.error is None else ""
    over.verdict = _verdict(corpus, job, over.stopped or end.trouble)
    tally = writer.runs[job.number].tally
    over.failed = schedule.failures(
        row["failures"], over.verdict, end.trouble, brought=bool(tally.new or tally.changed),
        stopped=bool(over.stopped), early=row["next_due"] is not None and job.started < row["next_due"],
    )  # fmt: skip


def _outcome(writer: RunWriter, over: Over, known: Pace | None) -> Outcome:
    """What is to be stored of a run. `known`: the source's rhythm, where the run teaches something about it."""
    job, end, options = over.job, over.job.end, over.job.source.options
    learnt = wish = None
    if known is not None:
        tally = writer.runs[job.number].tally
        wish = rhythm.asked(end.notes, job.row["asked_s"], whole=bool(tally.new or tally.changed or tally.same))
        least, most = schedule.bounds(options)
        learnt = rhythm.learn(
            known.published, job.started, seen=known.seen, before=job.row["interval_s"], news=tally.new,
            window=known.window, wish=wish, least=least, most=most,
        )  # fmt: skip
    plan = schedule.plan(
        job.started, over.at, job.row, options, learnt=learnt, failed=over.failed, stopped=bool(over.stopped),
        retry_after=end.retry_after, wish=wish,
    )  # fmt: skip
    return Outcome(
        job.number, over.verdict, over.at, end.error, end.announced.totals if end.announced else None, plan,
        over.failed, f"since {options['since']}: {end.left_out:,} from before left out" if end.left_out else "",
    )  # fmt: skip


def _verdict(corpus: Corpus, job: Job, trouble: str) -> Verdict:
    """What is held is read only where something is to be held against it: not after a 304 of a feed."""
    said, error = job.end.announced, job.end.error
    if error is not None:
        word = verdict.judge(said, {}, trouble=trouble, error=error)
        return replace(word, reason=job.end.trouble or word.reason)
    if not trouble and (said is None or not (said.totals or said.ids)):
        return verdict.judge(said, {})
    held, rejects = sources.remote_ids(corpus.conn, job.number), sources.rejected(corpus.conn, job.number)
    return verdict.judge(said, held, trouble=trouble, rejected=rejects, before=job.source.held.before)
