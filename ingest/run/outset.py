"""Where a run starts: what it is to pull, and the processes that read, while the rest of the program is loaded."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ingest.reading.pool import Pool
from ingest.run.lanes import is_backfill
from ingest.run.result import clock
from ingest.sources import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ingest.corpus import Corpus, Tally
    from ingest.fetch import Policy
    from ingest.run.job import Secrets
    from ingest.run.result import SourceResult
    from ingest.run.stop import Stop

__all__ = ["WORKERS", "fetch", "processors"]

#: Hosts that are asked at the same time.
WORKERS = 32


def fetch(
    corpus: Corpus, numbers: Sequence[int], policy: Policy, *, stop: Stop, full: bool = False,
    rules_off: tuple[str, ...] = (), defaults: Mapping[str, Any] | None = None,
    secrets: Mapping[int, Secrets] | None = None, accept_gone: bool = False, workers: int = WORKERS,
    processes: int | None = None,
    progress: Callable[[SourceResult, Tally], None] = lambda *_: None, now: Callable[[], str] = clock,
) -> Iterator[SourceResult]:  # fmt: skip
    """Pull these sources, many hosts at a time; how each fared, once it is stored. Nothing a source does ends the run.

    `defaults`: options of every source, which its own overrule; `secrets`: by the number of the source;
    `accept_gone`: an operator says that a mass disappearance is true; `workers`: hosts that are asked at a time;
    `processes` read what they say (None: one for each processor; 0: this one does, without any limit).
    """
    before, stop.writing = stop.writing, True  # a signal is a wish from here on, and breaks nothing off
    pool: Pool | None = None
    try:
        rows = corpus.places(numbers)
        kinds = [row["kind"] for row in rows if is_backfill(row)]
        first = len(kinds)
        if processes != 0:
            pool = Pool(processors() if processes is None else processes, kinds=sorted({*KINDS}.intersection(kinds)))
        if pool is not None and first:
            pool.warm(1)
        from ingest.run.pulling import Run  # noqa: PLC0415  (50 ms, in which the process starts)

        if pool is not None and first:
            pool.warm(first + 1)  # one source alone may have two pages read at a time
        run = Run(corpus, policy, stop, progress, now, workers, pool)
        run.full, run.defaults, run.secrets = full, defaults or {}, secrets or {}
        run.said = {"rules_off": rules_off, "accept_gone": accept_gone}
        with closing(run), corpus.together():
            yield from run.results(rows)
    finally:
        if pool is not None:
            pool.close()
        stop.writing = before


def processors() -> int:
    """Those that this process may use."""
    known = getattr(os, "sched_getaffinity", None)
    return len(known(0)) if known else os.cpu_count() or 1
