"""Whether it was this machine's own network that was down: a run that was answered by nobody.

A host that fails is asked ever more rarely. When nobody at all answered, that says nothing of the hosts, and who waits
for them as if it did comes back too late: in a simulated year a feed of 15 lost eight posts, six hours after a night
in which no name could be resolved. So what was well until such a run is asked again after the least wait there is for
it, for a day.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ingest.corpus import Corpus
from ingest.run import schedule
from ingest.urls import host_of

if TYPE_CHECKING:
    from ingest.run.closing import Over

__all__ = ["Outage"]

#: Why a host was not reached, where it may have been our own network.
_UNREACHED = frozenset({"dns", "refused", "too_slow"})
#: So many hosts that were well are not all down in one run, with none that answers.
_HOSTS = 2
#: How long; then it is left alone, as any that fails.
_PATIENCE = 86_400


class Outage:
    """What a run has heard of the network so far."""

    def __init__(self) -> None:
        self._answered = False
        #: Source -> its host, and when it is due again at the earliest.
        self._unreached: dict[int, tuple[str, str]] = {}

    def hear(self, over: Iterable["Over"]) -> None:
        """How some sources of the run fared."""
        for one in over:
            job, since = one.job, one.job.row["failing_since"]
            self._answered = self._answered or job.end.answered
            was_well = since is None or schedule.later(one.at, -_PATIENCE) < since <= one.at
            if one.failed and job.end.trouble in _UNREACHED and was_well:
                options = job.source.options
                least = schedule.least_wait(options.get("interval") or schedule.bounds(options)[0])
                host = host_of(job.source.endpoint or job.source.url)
                self._unreached[job.number] = host, schedule.later(job.started, least)

    def end(self, corpus: Corpus) -> None:
        """The run is over: where nobody answered, let what was well until a day ago be due as if it were."""
        if self._answered or len({host for host, _ in self._unreached.values()}) < _HOSTS:
            return
        with corpus.transaction() as conn:
            conn.executemany(
                "UPDATE sources SET next_due = ?1 WHERE id = ?2 AND due_why = 'failing' AND next_due > ?1",
                [(due, number) for number, (_, due) in self._unreached.items()],
            )
