"""Many sources: which are due, many hosts at a time through `sync`, into the one writer, with a verdict each.

- `outset`    where it starts: the processes that read, while the rest of the program is loaded
- `pulling`   the run itself: the thread that schedules and writes
- `lanes`     whose turn it is
- `crew`      the threads that fetch
- `job`       one source's run, as such a thread carries it out
- `closing`   the end of it: verdict, and when it is due again
- `schedule`  when a source is due again, and what counts as a failure
- `outage`    whether it was our own network that was down
- `origins`   what is known of robots.txt, from run to run
- `result`    the line of a source, and what to do about a failing one
- `stop`      a wish to end in good order

What is named here is loaded when it is asked for.
"""

from typing import TYPE_CHECKING

from ingest.later import later

if TYPE_CHECKING:
    from ingest.run.job import policy_for
    from ingest.run.outset import WORKERS, fetch
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
    "policy_for",
    "result_of",
]

__getattr__ = later(
    __name__,
    {
        "STOPPED": "stop",
        "WORKERS": "outset",
        "Interrupted": "stop",
        "SourceResult": "result",
        "Stop": "stop",
        "advice": "result",
        "clock": "result",
        "fetch": "outset",
        "policy_for": "job",
        "result_of": "result",
    },
)
