"""Many sources: which are due, many hosts at a time through `sync`, into the one writer, with a verdict each.

- `pulling`   the run itself: the thread that schedules and writes
- `lanes`     whose turn it is
- `crew`      the threads that fetch
- `job`       one source's run, as such a thread carries it out
- `closing`   the end of it: verdict, and when it is due again
- `schedule`  when a source is due again, and what counts as a failure
- `origins`   what is known of robots.txt, from run to run
- `result`    the line of a source, and what to do about a failing one
- `stop`      a wish to end in good order
"""

from ingest.run.job import policy_for
from ingest.run.origins import origins
from ingest.run.pulling import WORKERS, fetch
from ingest.run.result import SourceResult, advice, clock, result_of
from ingest.run.stop import STOPPED, Interrupted, Stop

__all__ = [
    "STOPPED",
    "WORKERS",
    "Interrupted",
    "SourceResult",
    "Stop",
    "advice",
    "clock",
    "fetch",
    "origins",
    "policy_for",
    "result_of",
]
