"""Bars for pictures: server-made SVG needs no script, and says the same without colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Bar", "Timeline", "spark", "timeline"]

#: Months that are bars of their own; beyond, years are.
_MONTHS = 180
#: Years in a row; beyond, those without a post are left out: one wrong date must not push the others together.
_YEARS = 120


@dataclass(frozen=True, slots=True)
class Bar:
    """A month or a year."""

    #: `2025-03` or `2025`.
    key: str
    count: int
    #: All posts of that time, of which `count` is a share.
    of: int
    #: Heights, 0 to 100.
    height: float
    share_height: float

    @property
    def share(self) -> float:
        """Percent of all posts of that time; 0 where there is none."""
        return 100 * self.count / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Posts in time, without a gap."""

    bars: tuple[Bar, ...]
    undated: int
    #: What the heights are of.
    most: int
    most_share: float
    by: str


def timeline(months: Mapping[str | None, int], of: Mapping[str | None, int]) -> Timeline | None:
    """Bars from the first month with a hit to the last; by years where it is a long time. None without a date."""
    dated = {month: count for month, count in months.items() if month and _is_month(month)}
    if not dated:
        return None
    keys, by = _keys(min(dated), max(dated)), "month"
    if len(keys) > _MONTHS:
        dated = _yearly(dated)
        yearly: dict[str | None, int] = {**_yearly(of)}
        keys, by, of = _years(dated), "year", yearly
    shares = {key: dated.get(key, 0) / all_ if (all_ := of.get(key, 0)) else 0.0 for key in keys}
    most, most_share = max(dated.values()), max(shares.values())
    bars = tuple(
        Bar(key, dated.get(key, 0), of.get(key, 0), round(100 * dated.get(key, 0) / most, 2),
            round(100 * shares[key] / most_share, 2) if most_share else 0.0)
        for key in keys
    )  # fmt: skip
    return Timeline(bars, sum(months.values()) - sum(dated.values()), most, 100 * most_share, by)


def _is_month(month: str) -> bool:
    return len(month) == 7 and month[:4].isdecimal() and month[5:].isdecimal()


def _keys(first: str, last: str) -> list[str]:
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(start, end + 1)]


def _yearly(months: Mapping[Any, int]) -> dict[Any, int]:
    years: dict[Any, int] = {}
    for month, count in months.items():
        if month:
            years[month[:4]] = years.get(month[:4], 0) + count
    return years


def _years(counted: Mapping[str, int]) -> list[str]:
    first, last = int(min(counted)), int(max(counted))
    return [f"{year:04}" for year in range(first, last + 1)] if last - first < _YEARS else sorted(counted)


def spark(values: Sequence[int]) -> list[float]:
    """Heights, 0 to 100, of a row of numbers; what is not nothing is never too low to be seen."""
    most = max(values, default=0)
    return [max(8.0, round(100 * value / most, 1)) if value else 0.0 for value in values]
