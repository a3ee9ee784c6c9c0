"""The end of a source's run: its verdict, when it is due again, and what its host asked of us."""

from collections.abc import Callable
from dataclasses import replace

from ingest import verdict
from ingest.corpus import Corpus, RunWriter, hosts, sources
from ingest.corpus.pace import pace
from ingest.records import Verdict
from ingest.run import rhythm, schedule
from ingest.run.job import Job
from ingest.run.result import SourceResult, result_of

__all__ = ["close"]


def close(corpus: Corpus, writer: RunWriter, job: Job, now: Callable[[], str], *, stopped: str = "") -> SourceResult:
    """Write down how a source fared. `stopped`: why it could not say everything, `stopped` or `deadline`."""
    number, row, end, ended = job.number, job.row, job.end, now()
    stopped = stopped if end.error is None else ""
    word = _verdict(corpus, job, stopped or end.trouble)
    tally = writer.runs[number].tally
    failed = schedule.failures(
        row["failures"], word, end.trouble, brought=bool(tally.new or tally.changed), stopped=bool(stopped),
        early=row["next_due"] is not None and job.started < row["next_due"],
    )  # fmt: skip
    learnt = wish = None
    if not (stopped or failed):
        known = pace(corpus.conn, number, job.started)
        wish = rhythm.asked(end.notes, row["asked_s"], whole=bool(tally.new or tally.changed or tally.same))
        least, most = schedule.bounds(job.source.options)
        learnt = rhythm.learn(
            known.published, job.started, before=row["interval_s"], news=tally.new, window=known.window, wish=wish,
            least=least, most=most,
        )  # fmt: skip
    plan = schedule.plan(
        job.started, ended, row, job.source.options, learnt=learnt, failed=failed, stopped=bool(stopped),
        retry_after=end.retry_after, wish=wish,
    )  # fmt: skip
    writer.finish(
        number, word, ended, error=end.error, failures=failed,
        announced=end.announced.totals if end.announced else None, schedule=plan,
        note=f"since {job.source.options['since']}: {end.left_out:,} from before left out" if end.left_out else "",
    )  # fmt: skip
    if end.busy:  # a host's wish holds for all its sources, also for those whose turn comes later in this run
        with corpus.transaction() as conn:
            for host, until in end.busy.items():
                hosts.leave_alone(conn, host, until)
    return replace(result_of(row, writer, number, word, end.error), left_out=end.left_out)


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
