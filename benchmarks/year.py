"""A year of an hourly cron over 500 blogs on a virtual clock: mails, requests, and posts that were missed.

    python benchmarks/year.py [--blogs 500] [--days 365] [--processes 2]

The blogs live in memory (tests/year): they publish from hourly to yearly, in bursts, edit, fail for minutes to weeks,
ask to be left alone, move and die; one night our own network is down. Everything from the request to the corpus is
the program itself. The blogs are dealt out to processes, which changes nothing: they share neither hosts nor sites,
and their runs are added up turn by turn. Ends with status 1 when a post was missed that an hourly poll would have seen.
"""

import argparse
import gc
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.year.account import Account, added_up, lived
from tests.year.blogs import DAY, HOUR

#: 2026-01-01T00:00:00Z.
START = 1_767_225_600
#: Parts for each process, so that none is left to end alone.
PARTS = 5


def main() -> int:
    """Live through the year and print its account, one JSON object."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--blogs", type=int, default=500)
    words.add_argument("--days", type=int, default=365)
    words.add_argument("--processes", type=int, default=2)
    told = words.parse_args()
    night = START + told.days // 2 * DAY
    began = time.monotonic()
    with ProcessPoolExecutor(told.processes, get_context("spawn"), _as_readers) as pool:
        count = min(told.processes * PARTS, told.blogs)
        parts = [
            pool.submit(lived, told.blogs, START, told.days, part, count, (night, night + 6 * HOUR))
            for part in range(count)
        ]
        for number, _ in enumerate(as_completed(parts), 1):
            sys.stderr.write(f"{number} of {count} parts, {time.monotonic() - began:,.0f} s\n")
        account = added_up([part.result() for part in parts])
    sys.stdout.write(json.dumps({**account.summary(), "seconds": round(time.monotonic() - began)}, indent=1) + "\n")
    return _judged(account)


def _as_readers() -> None:
    """Documents are read in these processes: collect garbage as seldom as a reading process does (two fifths of it)."""
    gc.set_threshold(100_000, 50, 1000)


def _judged(account: Account) -> int:
    if account.ours:
        sys.stderr.write(f"missed by our own fault: {', '.join(account.ours[:20])}\n")
    return 1 if account.ours else 0


if __name__ == "__main__":
    raise SystemExit(main())
