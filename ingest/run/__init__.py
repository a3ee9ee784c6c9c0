"""Many sources: which are due, one after another through `sync`, into the one writer, with a verdict each.

- `pulling`   the run itself
- `schedule`  when a source is due again, and what counts as a failure
- `result`    the line of a source, and what to do about a failing one
- `stop`      a wish to end in good order
"""

from ingest.run.pulling import fetch, origins, policy_for
from ingest.run.result import SourceResult, advice, clock, result_of
from ingest.run.stop import STOPPED, Interrupted, Stop

__all__ = [
    "STOPPED",
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
