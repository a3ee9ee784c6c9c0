"""When a source is due again, and what counts as a failure. Pure: times come in and go out as `…Z`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ingest.fetch import backoff
from ingest.records import Verdict

__all__ = ["failures", "interval", "is_left_alone", "later", "next_due"]

#: Seconds between polls while neither the operator nor the source's own rhythm says otherwise.
INTERVAL = 3600
#: So much shorter is every wait: an hourly cron whose start wavers by seconds never skips a turn.
SLACK = 60
#: Beyond this a due time is taken for the work of a wrong clock (`corpus.sources.due`).
MOST = 30 * 86_400
DAY = timedelta(days=1)

#: Why a look was not whole, when it is the host that is in trouble, or does not want us.
HOST_TROUBLE = frozenset(
    {"rate_limited", "server_error", "challenge", "login", "parked", "not_json", "dns", "refused", "tls", "too_slow",
     "truncated", "bad_http", "blocked", "robots"}
)  # fmt: skip


def interval(options: Mapping[str, Any], learnt: int | None) -> float:
    """Seconds between two polls: what the operator wishes, else what was learnt, within the operator's bounds."""
    wish = options.get("interval")
    seconds = float(wish or learnt or INTERVAL)
    if not wish:
        seconds = min(max(seconds, options.get("min_interval", 0)), options.get("max_interval", MOST))
    seconds = min(seconds, MOST)
    return seconds - SLACK if seconds > 10 * SLACK else seconds


def failures(before: int, word: Verdict, trouble: str, *, brought: bool, stopped: bool) -> int:
    """Failed runs in a row with this one, 0 when it is none.

    A 429 in the middle of a backfill is a failure too, though the verdict is `partial`. After a run that brought
    something the count begins anew: a large site is not left for a month because each visit ended early.
    """
    failed = word.word == "failing" or trouble in HOST_TROUBLE
    if not failed:
        return before if stopped and not brought else 0
    return 1 if brought else before + 1


def next_due(started: str, every: float, failed: int, *, stopped: bool, was: str | None) -> str | None:
    """When the source is due again; None is at once, for what was stopped half-way and does not fail."""
    if stopped:
        return was if failed else None
    return later(started, backoff(every, failed) if failed else every)


def is_left_alone(retry_after: str | None, now: str) -> bool:
    """Whether the host's wish still holds. One that reaches beyond a day was written by a wrong clock."""
    return retry_after is not None and now < retry_after <= later(now, DAY.total_seconds())


def later(moment: str, seconds: float) -> str:
    """`moment`, so many seconds later."""
    return (datetime.fromisoformat(moment) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
