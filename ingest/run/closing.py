"""The end of a source's run: its verdict, when it is due again, and what its host asked of us."""

from collections.abc import Callable
from dataclasses import replace

from ingest import verdict
from ingest.corpus import Corpus, RunWriter, hosts
from ingest.corpus.pace import pace
from ingest.run import rhythm, schedule
from ingest.run.job import Job
from ingest.run.result import SourceResult, result_of

__all__ = ["close"]


def close(corpus: Corpus, writer: RunWriter, job: Job, now: Callable[[], str], *, stopped: str = "") -> SourceResult:
    """Write down how a source fared. `stopped`: why it could not say everything, `stopped` or `deadline`."""
    number, row, end = job.number, job.row, job.end
    stopped = stopped if end.error is None else ""
    kept = corpus.source(number, now=job.started, held=True).held
    held = {name: frozenset(ids) for name, ids in kept.posts.items()}
    word = verdict.judge(
        end.announced, held, trouble=stopped or end.trouble, error=end.error, rejected=kept.rejects
    )  # fmt: skip
    if end.error is not None:
        word = replace(word, reason=end.trouble or word.reason)
    tally = writer.runs[number][1]
    failed = schedule.failures(
        row["failures"], word, end.trouble, brought=bool(tally.new or tally.changed), stopped=bool(stopped)
    )
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
        job.started, now(), row, job.source.options, learnt=learnt, failed=failed, stopped=bool(stopped),
        retry_after=end.retry_after, wish=wish,
    )  # fmt: skip
    writer.finish(
        number, word, now(), error=end.error, failures=failed,
        announced=end.announced.totals if end.announced else None, schedule=plan,
    )  # fmt: skip
    if end.busy:  # a host's wish holds for all its sources, also for those whose turn comes later in this run
        with corpus.transaction() as conn:
            for host, until in end.busy.items():
                hosts.leave_alone(conn, host, until)
    return result_of(row, writer, number, word, end.error)
