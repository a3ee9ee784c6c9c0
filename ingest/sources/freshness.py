"""How long an answer says it stays fresh (RFC 9111 §4.2.1): a hint for the next look, never a promise."""

from collections.abc import Mapping
from datetime import UTC, datetime

__all__ = ["fresh_for"]

#: Longer than any wait of ours.
_MOST = 365 * 86_400


def fresh_for(headers: Mapping[str, str]) -> int | None:
    """Seconds for which asking again brings nothing new, by the answer's own word; None when it says none.

    `headers` has lower-case names. `max-age` goes before `Expires`, which is measured against the answer's own Date;
    what it has aged on the way (`Age`) is gone. `no-cache` and `no-store` say that asking is welcome. `s-maxage` is
    for shared caches (§5.2.2.10), which we are none.
    """
    words: dict[str, str] = {}
    for part in headers.get("cache-control", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        words.setdefault(name.strip(), value.strip().strip('"'))
    if "no-cache" in words or "no-store" in words:
        return None
    lasts = _seconds(words["max-age"]) if "max-age" in words else _until(headers)
    left = (lasts or 0) - (_seconds(headers.get("age", "").strip()) or 0)
    return min(left, _MOST) if left > 0 else None


def _seconds(value: str) -> int | None:
    """A delta-seconds; one of more digits than it can hold is as good as endless (§1.2.2)."""
    if not (value.isascii() and value.isdigit()):
        return None
    return _MOST if len(value.lstrip("0")) > 10 else int(value)


def _until(headers: Mapping[str, str]) -> int | None:
    """From Date to Expires; without a Date nothing is known, because our clock is another one."""
    expires = _date(headers.get("expires", ""))
    date = _date(headers.get("date", "")) if expires else None
    return int((expires - date).total_seconds()) if expires and date else None


def _date(value: str) -> datetime | None:
    if not value:
        return None
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  (6 ms of a start; most feeds say `max-age`, or no word)

    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
