"""Every rule about dates: what a source says in, one UTC second or nothing out.

A date is never invented and never rolled over. What cannot be read, or can be read in two ways, is
`utc=None` with the source's own words kept in `raw`; a month 13, a 30 February, an hour 24 are such words.

Read here: ISO 8601 and RFC 3339 (with `T` or blank, fraction, offset), the shorter forms of W3CDTF, RFC 822
and RFC 2822 with the obsolete zones of its §4.3, RFC 850, and the forms of asctime(3), Java and JavaScript.
Pure: no clock, no locale, no network.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import NamedTuple

__all__ = ["Moment", "earlier", "from_pair", "later", "overlap", "parse", "parse_epoch"]

#: No date that is read here is longer; what is, is not a date (and costs nothing to refuse).
_LONGEST = 100
#: `raw` goes into a column of the corpus; the payload keeps the rest.
_LONGEST_RAW = 10_000

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip

#: Hours east of UTC. The first two lines are RFC 2822 §4.3; the others are names with one meaning in feeds.
#: Left out on purpose because they have several: IST, CST of China, BST of Bangladesh, AST of Arabia.
_ZONES: dict[str, float] = {
    "UT": 0, "GMT": 0, "UTC": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "ADT": -3, "NST": -3.5, "NDT": -2.5,
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "MESZ": 2, "MEZ": 1, "EET": 2, "EEST": 3,
    "MSK": 3, "SAST": 2, "JST": 9, "KST": 9, "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13,
}  # fmt: skip

_CLOCK = r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?:\s*(?P<half>[AaPp])\.?[Mm]\b\.?)?"
_ZONE = r"(?P<zone>(?:(?:GMT|UTC?)\s?)?[+-]\d\d?:?\d\d|[A-Za-z]{1,5})"
_MONTH = r"(?P<name>[A-Za-z]{3,9})\.?"
_WEEKDAY = r"(?:[A-Za-z]{2,9}\.?,?\s+)?"

_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?)(?:(?:\s*[Tt]\s*|\s+)"
    r"(?P<hour>\d\d?)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?)?"
    r"\s?(?P<zone>[Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?)?)?",
    re.ASCII,
)
_BASIC = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:[.,]\d+)?)?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
#: RFC 822 and its neighbours, each a whole line; a comment in brackets has been cut off before. Compiled when a date
#: needs them: 1 ms of every start.
_LETTERS = (
    # Fri, 08 May 2026 15:45:10 +0200 (RFC 822, 2822); Friday, 08-May-26 15:45:10 GMT (RFC 850)
    rf"{_WEEKDAY}(?P<day>\d\d?)[\s-]+{_MONTH}[\s,-]+(?P<year>\d{{2,4}})(?:,?\s+{_CLOCK}\s*{_ZONE}?)?",
    # Fri May  8 15:45:10 2026 (asctime); Fri May 08 15:45:10 CEST 2026 (Java)
    rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d\d?),?\s+{_CLOCK}\s*(?:{_ZONE}\s+)?(?P<year>\d{{4}})",
    # Fri May 08 2026 15:45:10 GMT+0200 (JavaScript); May 8, 2026 3:45 pm
    rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d\d?),?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK}\s*{_ZONE}?)?",
)
#: The first of these as nearly every feed writes it: no other year, day or zone than its own, and nothing to find out.
_PLAIN = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) (?:\+0000|GMT)",
    re.ASCII,
)
_COMMENT = re.compile(r"\s*\([^()]*\)\s*$")
_OURS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


class Moment(NamedTuple):
    """A date as far as it is known."""

    #: `YYYY-MM-DDTHH:MM:SSZ`, or None when unknown. The part below the precision is 01 or 00.
    utc: str | None
    #: How far `utc` may be trusted: `second`, `minute`, `hour`, `day`, `month`, `year`; `unknown` without `utc`.
    #: `day` is the publisher's calendar day, `2026-05-08` -> `2026-05-08T00:00:00Z`: a day has no zone.
    precision: str
    #: What the source said, as text; None when it said nothing.
    raw: str | None


def parse(raw: object, *, zone: tzinfo | None = None) -> Moment:
    """Read a date of any form that feeds and REST use; total, never raises.

    `zone` is what a time without an offset is in (`UTC` for WordPress `*_gmt`); without it such a time is
    unknown, not a guess. Numbers are no dates here, see `parse_epoch`. A zone name of unknown meaning counts as
    `-0000` (RFC 2822 §4.3): read as `zone` or UTC, with the precision `day`. Fractions are cut, never rounded.
    """
    if not isinstance(raw, str):
        return Moment(None, "unknown", _words(raw))
    kept = _words(raw)
    if len(raw) == 19 and zone is UTC and raw[10] == "T" and raw[11:13] != "24" and raw[16] == ":":
        # WordPress `date_gmt`, nearly every date there is: the regular expressions would cost ten times as much.
        try:
            return Moment(f"{datetime.fromisoformat(raw).isoformat()}Z", "second", kept)
        except ValueError:
            return Moment(None, "unknown", kept)
    if plain := _PLAIN.fullmatch(raw):
        day, name, year, hour, minute, second = plain.groups()
        try:
            moment = datetime(int(year), _MONTHS[name.lower()], int(day))  # noqa: DTZ001  (it is UTC)
        except ValueError:
            return Moment(None, "unknown", kept)
        return Moment(f"{moment.isoformat()[:10]}T{hour}:{minute}:{second}Z", "second", kept)
    text = raw.strip() if len(raw) <= _LONGEST else ""
    found = _match(text) if text else None
    utc, precision = _resolve(found, zone) if found else (None, "unknown")
    return Moment(utc, precision, kept)


def parse_epoch(raw: object) -> Moment:
    """Seconds since 1970-01-01T00:00:00Z (POSIX), an integer or its digits; never milliseconds, never raises."""
    kept = _words(raw)
    seconds: int | None = None
    if isinstance(raw, int) and not isinstance(raw, bool):
        seconds = raw
    elif isinstance(raw, str) and re.fullmatch(r"\s*-?\d{1,12}\s*", raw, re.ASCII):
        seconds = int(raw)
    if seconds is None:
        return Moment(None, "unknown", kept)
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return Moment(None, "unknown", kept)
    return Moment(_utc(moment), "second", kept)


def from_pair(gmt: object, local: object, *, gmt_offset: object = None, zone: tzinfo | None = None) -> Moment:
    """One date out of WordPress's two: `date_gmt` (UTC by its definition) and `date` (the site's time).

    `gmt` wins. Where it is null or zero (drafts, importers) the local one is read with the offset it carries,
    else in `zone`, else with `gmt_offset` (hours east of UTC, as the REST index gives it: `5.5`, `"-3"`), as
    WordPress itself does (`WP_REST_Posts_Controller::prepare_item_for_response`). With none of these it is unknown.
    """
    moment = parse(gmt, zone=UTC)
    if moment.utc is not None:
        return moment
    fallback = parse(local, zone=zone or _offset(gmt_offset))
    if fallback.utc is not None or fallback.raw:
        return fallback
    return moment if moment.raw else fallback


def overlap(utc: str, hours: int) -> str:
    """`utc` less `hours`: where a delta starts so that clocks and summer time lose nothing. ValueError if not ours."""
    if not _OURS.fullmatch(utc):
        raise ValueError(f"not a UTC second as this module writes it: {utc[:40]!r}")
    try:
        return _utc(datetime.fromisoformat(utc) - timedelta(hours=hours))
    except OverflowError:
        return "0001-01-01T00:00:00Z" if hours > 0 else "9999-12-31T23:59:59Z"


def later(a: str | None, b: str | None) -> str | None:
    """The later of two UTC seconds as `parse` writes them; an unknown one never wins."""
    return max(a or "", b or "") or None


def earlier(a: str | None, b: str | None) -> str | None:
    """The earlier of two UTC seconds as `parse` writes them; an unknown one never wins."""
    return min(a, b) if a and b else a or b


# ---- how it is read -------------------------------------------------------------------------------------


def _match(text: str) -> dict[str, str | None] | None:
    """The fields of `text` by the first form that fits it whole."""
    if text[0].isdigit() and (found := _ISO.fullmatch(text) or _BASIC.fullmatch(text)):
        return found.groupdict()
    text = _COMMENT.sub("", text)
    for form in _letters():
        if (found := form.fullmatch(text)) and found["name"].lower() in _MONTHS:
            return found.groupdict()
    return None


@cache
def _letters() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form, re.ASCII) for form in _LETTERS)


def _resolve(found: dict[str, str | None], zone: tzinfo | None) -> tuple[str | None, str]:
    """Fields -> (utc, precision), every field checked by `datetime` itself."""
    nothing = (None, "unknown")
    precision = _precision(found)
    hour = _hour(found)
    second = int(found.get("second") or 0)
    leap = second == 60
    try:
        moment = datetime(  # noqa: DTZ001  (the zone comes next)
            _year(found["year"] or ""),
            _MONTHS[name.lower()] if (name := found.get("name")) else int(found.get("month") or 1),
            int(found.get("day") or 1), hour, int(found.get("minute") or 0), 59 if leap else second,
        )  # fmt: skip
        if found.get("hour") is None:
            return _utc(moment), precision
        place, vague = _place(found.get("zone"), zone)
        if place is None:
            return nothing
        moment = moment.replace(tzinfo=place).astimezone(UTC)
    except (ValueError, OverflowError):
        return nothing
    if leap and (moment.hour, moment.minute) != (23, 59):
        return nothing  # RFC 3339 §5.7: a leap second is the last of a UTC day; POSIX time has no name for it but :59
    return _utc(moment), "day" if vague else precision


def _precision(found: dict[str, str | None]) -> str:
    for name in ("second", "minute", "hour", "day"):
        if found.get(name) is not None:
            return name
    return "month" if found.get("month") is not None else "year"


def _hour(found: dict[str, str | None]) -> int:
    """The hour of the day; `12 am` is 0, `13 pm` is none (99, which `datetime` refuses)."""
    hour = int(found.get("hour") or 0)
    half = found.get("half")
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return 99
    return hour % 12 + (12 if half in "Pp" else 0)


def _year(digits: str) -> int:
    """RFC 2822 §4.3: two digits below 50 are 20xx, other two and three digits count from 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _place(name: str | None, zone: tzinfo | None) -> tuple[tzinfo | None, bool]:
    """The zone a time is in, None when unknown, and whether it is only the RFC's `-0000` for an unknown name."""
    if not name:
        return zone, False
    digits = re.search(r"([+-])(\d\d?):?(\d\d)?$", name)
    if not digits:
        hours = _ZONES.get(name.upper())
        return (zone or UTC, True) if hours is None else (timezone(timedelta(hours=hours)), False)
    minutes = int(digits[3] or 0)
    if minutes > 59:
        return None, False
    east = timedelta(hours=int(digits[2]), minutes=minutes)  # a day and more: ValueError from timezone()
    return timezone(-east if digits[1] == "-" else east), False


def _offset(hours: object) -> tzinfo | None:
    """Hours east of UTC as WordPress gives them, in text or as a number; None when they are none."""
    if isinstance(hours, bool) or not isinstance(hours, int | float | str):
        return None
    try:
        east = float(hours)
        return timezone(timedelta(minutes=round(east * 60))) if math.isfinite(east) else None
    except (ValueError, OverflowError):
        return None


def _utc(moment: datetime) -> str:
    # isoformat, not strftime: %Y does not pad the years before 1000 on Linux.
    return f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}Z"


def _words(raw: object) -> str | None:
    """What the source said, as text that a database takes: no lone surrogate, no NUL, bounded."""
    if raw is None:
        return None
    if not isinstance(raw, str):
        try:
            raw = json.dumps(raw, ensure_ascii=False)
        except Exception:  # noqa: BLE001  (any object at all: cycles, depth, 5000-digit numbers)
            raw = f"<{type(raw).__name__}>"
    if raw.isascii() and "\0" not in raw:
        return raw[:_LONGEST_RAW]
    return raw[:_LONGEST_RAW].replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
