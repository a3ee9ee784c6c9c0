"""When a source is due again, and what counts as a failure. Pure: times come in and go out as `…Z`."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from ingest.fetch import backoff
from ingest.records import Verdict
from ingest.run.rhythm import Learnt

__all__ = ["bounds", "failures", "interval", "is_left_alone", "later", "least_wait", "next_due", "plan"]

#: Seconds between polls while neither the operator nor the source's own rhythm says otherwise, and the least.
INTERVAL = 3600
#: So much shorter is every wait: an hourly cron whose start wavers by seconds never skips a turn.
SLACK = 60
#: Beyond this a due time is taken for the work of a wrong clock (`corpus.sources.due`).
MOST = 30 * 86_400
DAY = timedelta(days=1)
#: Every step of a learnt interval divides it.
_ROUND = 28 * 86_400

#: Why a look was not whole, when it is the host that is in trouble, or does not want us.
HOST_TROUBLE = frozenset(
    {"rate_limited", "server_error", "challenge", "login", "parked", "not_json", "dns", "refused", "tls", "too_slow",
     "truncated", "bad_http", "blocked", "robots"}
)  # fmt: skip


def bounds(options: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the most seconds between two polls of a source whose interval is learnt: an hour and a day.

    A blog of one post a month is asked 30 times for it, and a post is seen within the day at the latest.
    """
    return options.get("min_interval") or INTERVAL, options.get("max_interval") or DAY.total_seconds()


def interval(options: Mapping[str, Any], learnt: int | None) -> float:
    """Seconds between two polls: what the operator wishes, else what was learnt, within the operator's bounds."""
    least, most = bounds(options)
    wish = options.get("interval")
    return min(float(wish) if wish else min(max(learnt or INTERVAL, least), most), MOST)


def failures(before: int, word: Verdict, trouble: str, *, brought: bool, stopped: bool, early: bool = False) -> int:
    """Failed runs in a row with this one, 0 when it is none.

    A 429 in the middle of a backfill is a failure too, though the verdict is `partial`. After a run that brought
    something the count begins anew: a large site is not left for a month because each visit ended early. A look before
    its time (`early`), as when an operator tries by hand, counts only where none failed before: it proves nothing new.
    """
    failed = word.word == "failing" or trouble in HOST_TROUBLE
    if not failed:
        return before if stopped and not brought else 0
    return 1 if brought else max(before, 1) if early else before + 1


def next_due(started: str, every: float, failed: int, *, stopped: bool, was: str | None) -> str | None:
    """When the source is due again; None is at once, for what was stopped half-way and does not fail."""
    if stopped:
        return was if failed else None
    wait = least_wait(every)
    return later(started, backoff(wait, failed) if failed else wait)


def least_wait(every: float) -> float:
    """Seconds until the next poll of what is asked every so many, so that a cron that wavers meets it."""
    return every - SLACK if every > 10 * SLACK else every


def plan(
    started: str, ended: str, row: Mapping[str, Any], options: Mapping[str, Any], *, learnt: Learnt | None = None,
    failed: int = 0, stopped: bool = False, retry_after: int | None = None, wish: int | None = None,
) -> dict[str, str | int | None]:  # fmt: skip
    """The columns of `sources` that say when a source is due again, after a run of it.

    `row`: the source as it was (`url`, `next_due`, `interval_s`, `asked_s`); `options`: its own over the defaults;
    `learnt`, `wish`: by `rhythm.learn` and `rhythm.asked`, after a run that went well; `failed`: failed runs in a row
    with this one; `retry_after`: seconds that the host asks to be left alone for.
    """
    every = interval(options, learnt.seconds if learnt else row["interval_s"])
    due = next_due(started, every, failed, stopped=stopped, was=row["next_due"])
    if due and not failed and not stopped:
        least = 0 if options.get("interval") else max(bounds(options)[0], wish or 0)
        due = _own_minute(started, every, row["url"], due, least)
    why = "config" if options.get("interval") else learnt.why if learnt else "rhythm"
    why = "failing" if failed else "stopped" if stopped else why
    until = later(ended, retry_after) if retry_after else None
    if until and due and until > due:
        due, why = until, "retry_after"
    known = {"interval_s": learnt.seconds, "asked_s": wish} if learnt else {}
    return {"next_due": due, "due_why": why, "retry_after": until, **known}


def _own_minute(started: str, every: float, url: str, due: str, least: float) -> str:
    """The due time drawn back to the source's own minute, which its address decides.

    So ten thousand sources that were added in one run do not come due in one for ever. From a wait of over two hours
    on: below, the turns of an hourly cron are all there is. Drawn back by half a wait at most, so that a source finds
    its minute in two polls and keeps it; where it is due there already, give or take the cron's own wavering, nothing
    is drawn.
    """
    reach = min(every / 2, every - least)
    if every <= 2 * INTERVAL or reach <= 0:
        return due
    minute = int.from_bytes(hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()[:6]) % _ROUND % every
    back = (datetime.fromisoformat(started).timestamp() + every - minute) % every
    if back < SLACK or back > every - 10 * SLACK:
        return due
    return later(started, every - min(back, reach))


def is_left_alone(retry_after: str | None, now: str) -> bool:
    """Whether the host's wish still holds. One that reaches beyond a day was written by a wrong clock."""
    return retry_after is not None and now < retry_after <= later(now, DAY.total_seconds())


@lru_cache(256)
def later(moment: str, seconds: float) -> str:
    """`moment`, so many seconds later."""
    return f"{(datetime.fromisoformat(moment) + timedelta(seconds=seconds)).isoformat()[:19]}Z"
