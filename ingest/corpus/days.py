"""Dates as a person tells them: `2024`, `2024-05`, `2024-05-01`, `2024-05-01T12:00:00Z`. Pure."""

import re
from calendar import monthrange
from datetime import date, time

from ingest.errors import ConfigError

__all__ = ["checked", "end_of", "is_date"]

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)Z)?)?)?", re.ASCII)


def is_date(told: str) -> bool:
    """Whether it is a year, month, day or time (UTC) that there is: no 30 February, no year 0, no second 60."""
    found = _DATE.fullmatch(told)
    if found is None:
        return False
    year, month, day, hour, minute, second = found.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
        time(int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return False
    return True


def checked(told: str) -> str:
    """A year, month, day or time as it is; all of them sort by their letters. Raises ConfigError for anything else."""
    if not is_date(told):
        raise ConfigError(f"{told!r} is no date: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ")
    return told


def end_of(told: str) -> str:
    """A year, month or day as its last second, a time as itself. Raises ConfigError for anything else."""
    whole = checked(told)
    if len(whole) == len("YYYY"):
        whole += "-12"
    if len(whole) == len("YYYY-MM"):
        whole += f"-{monthrange(int(whole[:4]), int(whole[5:]))[1]}"
    return whole if "T" in whole else f"{whole}T23:59:59Z"
