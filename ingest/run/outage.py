"""Whether it was this machine's own network that was down: a run that was answered by nobody.

A host that fails is asked ever more rarely. When nobody at all answered, that says nothing of the hosts, and who waits
for them as if it did comes back too late: in a simulated year a feed of 15 lost eight posts, six hours after a night
in which no name could be resolved. So what was well until such a run is due again in the next one, for a day.
"""

import json
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
#: Seconds after which a source is left alone after all, as any that fails.
_PATIENCE = 86_400


class Outage:
    """What a run has heard of the network so far."""

    def __init__(self) -> None:
        self._answered = False
        #: Source -> its host; of sources that did not fail before, or only in such a run.
        self._unreached: dict[int, str] = {}

    def hear(self, over: Iterable["Over"]) -> None:
        """How some sources of the run fared."""
        for one in over:
            self._answered = self._answered or one.job.end.answered
            if one.job.end.trouble in _UNREACHED and one.failed in {1, 2}:
                source = one.job.source
                self._unreached[one.job.number] = host_of(source.endpoint or source.url)

    def end(self, corpus: Corpus, at: str) -> None:
        """The run is over: where nobody answered, let what was well until a day ago be due again."""
        if self._answered or len(set(self._unreached.values())) < _HOSTS:
            return
        with corpus.transaction() as conn:
            conn.execute(
                "UPDATE sources SET next_due = ?1, failures = 1 WHERE id IN (SELECT value FROM json_each(?2))"
                " AND due_why = 'failing' AND next_due > ?1 AND failing_since > ?3",
                [at, json.dumps(list(self._unreached)), schedule.later(at, -_PATIENCE)],
            )
