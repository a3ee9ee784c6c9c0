"""How often a source is worth a look, learnt from what it publishes. Pure: times come in, seconds go out.

The posts held say how often it publishes: a wait is a quarter of the mean gap of its last ten posts, with the silence
since the last one as a gap of its own. So a post waits an eighth of a gap on average until it is seen, and a blog that
falls silent is asked ever less often. (Under a Poisson model the best number of looks grows with the root of the rate,
Sia, Cho & Cho, IEEE TKDE 2007; a share of the gap between two bounds comes close to it, and is what Miniflux and
FreshRSS's AutoTTL do.)

Dates may be missing or wrong, and posts come in bursts. What polls bring is the second witness: half the wait after
one with news, one step longer after one without, and never longer than the dates say. Where a feed's dates say nothing
of the last year, the times at which its posts were first seen stand for them.

A feed shows its last entries only. It is asked in time before its densest run of posts in a year could push one out,
and before two runs of half as many could that come together, where there were two. (Three simulated years of 500 blogs,
about 120,000 posts each: 91 posts were lost by the densest run alone, 2 with the second rule, at twice the polls; as
many where one run of half the feed is enough, at 2.7 times.)

What the site asks for (`ttl`, `sy:updatePeriod`, Cache-Control) makes a wait longer, by a day at most, and never so
long that a post would be lost, as far as anything is known of that.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Learnt", "asked", "learn"]

DAY = 86_400
#: Minutes: each divides 28 days, so that a source keeps its minute of the day when it climbs or falls.
_STEPS = (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 2880, 5760, 10_080, 20_160, 40_320)
STEPS = tuple(60 * minutes for minutes in _STEPS)
#: Looks per gap between two posts.
LOOKS = 4
#: The mean is taken over so many gaps.
GAPS = 10
#: A run of posts longer ago, or one dated 1970 by a site that knows no better, says nothing of the next one.
LATELY = timedelta(days=365)
_AGE = timedelta.max.total_seconds()
#: While nothing is known of a source.
FIRST = 3600


@dataclass(frozen=True, slots=True)
class Learnt:
    """Seconds between two looks, and why so many."""

    seconds: int
    #: `rhythm`: as it publishes; `crowded`: its feed overflows; `asked`: the site's own wish.
    why: str


def asked(notes: Iterable[str], stored: int | None, *, whole: bool) -> int | None:
    """Seconds between two looks that the site wishes: the longest of what this run's notes say, None for no wish.

    `notes` are a run's (`interval:N` for ttl and sy:updatePeriod, `cache:N` for Cache-Control and Expires, seconds);
    others are passed over. `stored` is the wish as known before; it stands when no document was read (`whole` false,
    as after a 304, which repeats little of it).
    """
    pairs = (note.partition(":") for note in notes)
    told = [int(value) for word, _, value in pairs if word in {"interval", "cache"} and _is_number(value)]
    if not whole and stored is not None:
        told.append(stored)
    return max((min(seconds, DAY) for seconds in told), default=0) or None


def learn(
    published: Sequence[str], now: str, *, seen: Sequence[str] = (), before: int | None = None, news: int = 0,
    window: int | None = None, wish: int | None = None, least: float = 3600, most: float = DAY,
) -> Learnt:  # fmt: skip
    """How long to wait for the next look at a source, after one that went well.

    `published`: times of its newest posts (UTC `…Z`), in any order. `seen`: when posts of a feed were first seen, those
    of the first look left out, one time for each; wanted where `published` says nothing of the last year. `before`:
    what was learnt the last time, None when this was the first look. `news`: posts that it brought. `window`: how many
    entries its feed shows; None when it is no feed. `wish`: as `asked` gives it. `least`,
    `most`: seconds. Never raises.
    """
    moment = _moment(now)
    times = _until(moment, published)
    late = _lately(times, moment)
    if window and not late:
        times = late = _until(moment, seen)
        wish = wish if late else None
    by_dates = _share_of_the_gap(times, moment)
    by_polls = None if before is None else before / 2 if news else _above(before)
    seconds, why = min(filter(None, (by_dates, by_polls)), default=FIRST), "rhythm"
    room = least if before is not None and window and news * 2 >= window else _room(late, window)
    wished = 0 if wish is None else min(_above(wish - 1), DAY)
    if wished > max(_below(seconds), least):  # steps both: 8 h and a second is no 12 h for one and nothing for another
        seconds, why = wished, "asked"
    if room < seconds:
        seconds, why = room, "crowded"
    return Learnt(int(min(max(_below(seconds), least), most)), why)


def _until(now: datetime | None, told: Iterable[str]) -> list[datetime]:
    """These times in order, but those over a day ahead."""
    times = sorted(filter(None, map(_moment, told)))
    return times if now is None else times[: bisect_right(times, now + timedelta(days=1))]


def _lately(times: list[datetime], now: datetime | None) -> list[datetime]:
    return times if now is None else times[bisect_right(times, now - LATELY) :]


def _share_of_the_gap(times: Sequence[datetime], now: datetime | None) -> float | None:
    """A quarter of the mean gap; None when there is no gap to be seen."""
    ends = [*times, max(now, times[-1])] if times and now else list(times)
    gaps = min(len(ends) - 1, GAPS)
    return (ends[-1] - ends[-1 - gaps]).total_seconds() / gaps / LOOKS if gaps > 0 else None


def _room(times: Sequence[datetime], window: int | None) -> float:
    """Seconds in which a feed of `window` entries could be filled anew, by what was seen; an age when it could not.

    Two entries fewer than it shows: one that is there at either end, and one for a sticky post.
    """
    if not window:
        return _AGE
    whole = max(window - 2, 2)
    half = max(whole // 2, 2)
    halves = _spans(times, half)
    first = halves.index(min(halves)) if halves else 0
    second = min((span for at, span in enumerate(halves) if abs(at - first) >= half), default=_AGE)
    return min(second, *_spans(times, whole), _AGE)


def _spans(times: Sequence[datetime], count: int) -> list[float]:
    """Seconds of each run of so many posts."""
    return [(last - first).total_seconds() for first, last in zip(times, times[count - 1 :], strict=False)]


def _above(seconds: float) -> float:
    return STEPS[min(bisect_right(STEPS, seconds), len(STEPS) - 1)]


def _below(seconds: float) -> float:
    return STEPS[max(bisect_right(STEPS, seconds) - 1, 0)]


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 16
