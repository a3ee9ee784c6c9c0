"""What `ingest.dates` makes of the dates that sources give."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.dates import Moment, earlier, from_pair, later, overlap, parse, parse_epoch

#: The machine may be busy: an example is right or wrong, never slow.
ANY_PACE = settings(deadline=None)

OURS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
PRECISIONS = {"second", "minute", "hour", "day", "month", "year"}

READ = [
    # ISO 8601, RFC 3339
    ("2026-05-08T15:45:10Z", "2026-05-08T15:45:10Z", "second"),
    ("2026-05-08t15:45:10z", "2026-05-08T15:45:10Z", "second"),
    ("2026-05-08T15:45:10+00:00", "2026-05-08T15:45:10Z", "second"),
    ("2026-05-08T15:45:10+05:30", "2026-05-08T10:15:10Z", "second"),
    ("2026-05-08T15:45:10-0500", "2026-05-08T20:45:10Z", "second"),
    ("2026-05-08T15:45:10+02", "2026-05-08T13:45:10Z", "second"),
    ("2026-05-08 15:45:10 +0200", "2026-05-08T13:45:10Z", "second"),
    ("2026-05-08 15:45:10 UTC", "2026-05-08T15:45:10Z", "second"),
    ("2026-05-08T15:45:10.999999999999Z", "2026-05-08T15:45:10Z", "second"),
    ("2026-05-08T15:45:59,9Z", "2026-05-08T15:45:59Z", "second"),
    ("2026-05-08T15:45Z", "2026-05-08T15:45:00Z", "minute"),
    ("2026-05-08T15:45+01:00", "2026-05-08T14:45:00Z", "minute"),
    ("2026-5-8 9:05:01 +0200", "2026-05-08T07:05:01Z", "second"),
    ("2026-05-08T15Z", "2026-05-08T15:00:00Z", "hour"),
    ("20260508T154510Z", "2026-05-08T15:45:10Z", "second"),
    ("20260508", "2026-05-08T00:00:00Z", "day"),
    ("2026-01-01T00:30:00+05:30", "2025-12-31T19:00:00Z", "second"),
    ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z", "second"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "second"),
    ("2099-12-31T23:59:59Z", "2099-12-31T23:59:59Z", "second"),
    ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "second"),
    ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", "second"),
    ("2017-01-01T05:29:60+05:30", "2016-12-31T23:59:59Z", "second"),
    # W3CDTF
    ("2026", "2026-01-01T00:00:00Z", "year"),
    ("2026-05", "2026-05-01T00:00:00Z", "month"),
    ("2026-05-08", "2026-05-08T00:00:00Z", "day"),
    ("  2026-05-08\n", "2026-05-08T00:00:00Z", "day"),
    # RFC 822, RFC 2822 and the obsolete zones
    ("Fri, 08 May 2026 15:45:10 +0000", "2026-05-08T15:45:10Z", "second"),
    ("Fri, 8 May 2026 15:45:10 +0200", "2026-05-08T13:45:10Z", "second"),
    ("Fri, 08 May 2026 15:45:10 -0000", "2026-05-08T15:45:10Z", "second"),
    ("Fri, 08 May 2026 15:45 GMT", "2026-05-08T15:45:00Z", "minute"),
    ("08 May 2026 15:45:10 UT", "2026-05-08T15:45:10Z", "second"),
    ("8 May 26 15:45:10 Z", "2026-05-08T15:45:10Z", "second"),
    ("Fri, 08 May 99 15:45:10 EST", "1999-05-08T20:45:10Z", "second"),
    ("Fri, 08 May 126 15:45:10 EDT", "2026-05-08T19:45:10Z", "second"),
    ("Fri, 08 May 2026 15:45:10 pst", "2026-05-08T23:45:10Z", "second"),
    ("Fri, 08 May 2026 15:45:10 CET", "2026-05-08T14:45:10Z", "second"),
    ("Fri, 08 May 2026 15:45:10 GMT (Greenwich)", "2026-05-08T15:45:10Z", "second"),
    ("Fri, 08 May 2026 15:45:10 IST", "2026-05-08T15:45:10Z", "day"),
    ("Fri, 08 May 2026 15:45:10 K", "2026-05-08T15:45:10Z", "day"),
    ("Friday, 08 September 2026 15:45:10 GMT", "2026-09-08T15:45:10Z", "second"),
    ("Fri, 08 Sept 2026", "2026-09-08T00:00:00Z", "day"),
    ("Friday, 08-May-26 15:45:10 GMT", "2026-05-08T15:45:10Z", "second"),
    ("Mon, 08 May 2026 15:45:10 GMT", "2026-05-08T15:45:10Z", "second"),
    # the forms of programs
    ("Fri May 08 15:45:10 CEST 2026", "2026-05-08T13:45:10Z", "second"),
    ("Fri May 08 15:45:10 +0000 2026", "2026-05-08T15:45:10Z", "second"),
    ("Fri May 08 2026 15:45:10 GMT+0200 (CEST)", "2026-05-08T13:45:10Z", "second"),
    ("May 8, 2026", "2026-05-08T00:00:00Z", "day"),
    ("May 8, 2026 12:05 am UTC", "2026-05-08T00:05:00Z", "minute"),
    ("May 8, 2026 3:45 pm EST", "2026-05-08T20:45:00Z", "minute"),
]

REFUSED = [
    "", " ", "0000-00-00 00:00:00", "0000-00-00T00:00:00", "-0001-11-30T00:00:00", "2026-13-45", "2026-13-01",
    "2026-02-30", "2026-02-30T10:00:00Z", "2025-02-29", "Fri, 30 Feb 2026 10:00:00 GMT", "Fri, 31 Apr 2026", "0000",
    "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999999999999999", "99999999", "1778255110", "9" * 5000,
    "2026-W01-1", "2026-05-08T24:00:00Z", "2026-05-08T23:60:00Z", "2026-05-08T23:59:61Z", "2026-05-08T12:30:60Z",
    "2026-05-08T15:45:10+99:00", "2026-05-08T15:45:10+01:75", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00",
    "May 8, 2026 13:45 pm UTC", "May 8, 2026 0:45 am UTC", "Fri, 08 Foo 2026 15:45:10 GMT", "yesterday",
    "vor 3 Tagen", "2026-05-08T15:45:10Z and more", "\u0662\u0660\u0662\u0666-\u0660\u0665-\u0660\u0668", "2026-5-8x", "\x00", "\ud800", "2026-05-08T",
    # times without an offset: nobody knows when that was
    "2026-05-08T15:45:10", "2026-05-08 15:45", "Fri, 08 May 2026 15:45:10", "Fri May  8 15:45:10 2026",
]  # fmt: skip


@pytest.mark.parametrize(("raw", "utc", "precision"), READ)
def test_reads(raw, utc, precision):
    """A date that says when it is becomes that UTC second, and keeps its own words."""
    assert parse(raw) == Moment(utc, precision, raw)


@pytest.mark.parametrize("raw", REFUSED)
def test_refuses_text(raw):
    """A date that does not exist or does not say its offset is unknown, never rolled over to another."""
    moment = parse(raw)
    assert (moment.utc, moment.precision) == (None, "unknown")
    assert moment.raw == raw.replace("\0", "\ufffd").replace("\ud800", "\ufffd")


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (None, None),
        (False, "false"),
        (True, "true"),
        (2026, "2026"),
        (1778255110.5, "1778255110.5"),
        (float("nan"), "NaN"),
        ([2026, 5, 8], "[2026, 5, 8]"),
        ({"date": "2026"}, '{"date": "2026"}'),
        pytest.param(10**6000, "<int>", id="6001 digits"),
        (b"2026", "<bytes>"),
        (object(), "<object>"),
    ],
)
def test_refuses_what_is_no_text(raw, kept):
    """Null, booleans, numbers and lists are no dates; what they were is kept as JSON."""
    assert parse(raw) == parse(raw, zone=UTC) == Moment(None, "unknown", kept)


@pytest.mark.parametrize(
    ("raw", "zone", "utc"),
    [
        ("2026-05-08T15:45:10", UTC, "2026-05-08T15:45:10Z"),
        ("2026-05-08 15:45:10", UTC, "2026-05-08T15:45:10Z"),
        ("2026-05-08T15:45:10.9", UTC, "2026-05-08T15:45:10Z"),
        ("2026-05-08T15:45:10", ZoneInfo("Asia/Kolkata"), "2026-05-08T10:15:10Z"),
        ("2026-01-08T15:45:10", ZoneInfo("Europe/Berlin"), "2026-01-08T14:45:10Z"),
        ("2026-07-08T15:45:10", ZoneInfo("Europe/Berlin"), "2026-07-08T13:45:10Z"),
        ("2026-07-08T15:45:10+05:30", ZoneInfo("Europe/Berlin"), "2026-07-08T10:15:10Z"),
        ("Fri May  8 15:45:10 2026", UTC, "2026-05-08T15:45:10Z"),
        ("Fri, 08 May 2026 15:45:10", UTC, "2026-05-08T15:45:10Z"),
    ],
)
def test_zone_of_the_field(raw, zone, utc):
    """A time without an offset is in the zone that its field defines; an offset of its own wins."""
    assert parse(raw, zone=zone) == Moment(utc, "second", raw)


@pytest.mark.parametrize("raw", [r for r in REFUSED if not re.search(r"15:45(:10)?( 2026)?$", r)])
def test_zone_saves_nothing_false(raw):
    """A date that does not exist does not exist in any zone."""
    assert parse(raw, zone=UTC).utc is None


def test_a_day_has_no_zone():
    """A calendar day is the publisher's day, whatever the zone."""
    assert parse("2026-05-08", zone=ZoneInfo("Asia/Tokyo")).utc == "2026-05-08T00:00:00Z"


@pytest.mark.parametrize(
    ("gmt", "local", "offset", "zone", "expected"),
    [
        ("2026-05-08T10:15:10", "2026-05-08T15:45:10", 5.5, None, ("2026-05-08T10:15:10Z", "2026-05-08T10:15:10")),
        (None, "2026-05-08T15:45:10", 5.5, None, ("2026-05-08T10:15:10Z", "2026-05-08T15:45:10")),
        (None, "2026-05-08T15:45:10", "-3", None, ("2026-05-08T18:45:10Z", "2026-05-08T15:45:10")),
        ("0000-00-00 00:00:00", "2026-05-08 15:45:10", 0, None, ("2026-05-08T15:45:10Z", "2026-05-08 15:45:10")),
        (None, "2026-07-08T15:45:10", 1, ZoneInfo("Europe/Berlin"), ("2026-07-08T13:45:10Z", "2026-07-08T15:45:10")),
        (None, "2026-05-08T15:45:10+02:00", None, None, ("2026-05-08T13:45:10Z", "2026-05-08T15:45:10+02:00")),
        (None, "2026-05-08T15:45:10", None, None, (None, "2026-05-08T15:45:10")),
        (None, "2026-05-08T15:45:10", float("nan"), None, (None, "2026-05-08T15:45:10")),
        (None, "2026-05-08T15:45:10", 99, None, (None, "2026-05-08T15:45:10")),
        (None, "2026-05-08T15:45:10", "", None, (None, "2026-05-08T15:45:10")),
        (None, "2026-05-08T15:45:10", True, None, (None, "2026-05-08T15:45:10")),
        ("2026-13-45", None, 2, None, (None, "2026-13-45")),
        ("0000-00-00", "0000-00-00 00:00:00", 2, None, (None, "0000-00-00 00:00:00")),
        (None, None, 2, None, (None, None)),
    ],
)
def test_pair(gmt, local, offset, zone, expected):
    """`date_gmt` wins; `date` is read with its own offset, the zone or the site's offset, else it is unknown."""
    moment = from_pair(gmt, local, gmt_offset=offset, zone=zone)
    assert (moment.utc, moment.raw) == expected
    assert (moment.precision == "second") == (moment.utc is not None)


@pytest.mark.parametrize(
    ("raw", "utc"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1778255110, "2026-05-08T15:45:10Z"),
        ("1778255110", "2026-05-08T15:45:10Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (9999999999999999, None),
        pytest.param(10**400, None, id="401 digits"),
        ("9" * 5000, None),
        (True, None),
        (None, None),
        (1.5, None),
        ("2026-05-08", None),
    ],
)
def test_epoch(raw, utc):
    """Epoch seconds are read only where they are asked for, and never as milliseconds."""
    assert parse_epoch(raw).utc == utc


def test_raw_is_storable():
    """What is kept of a hostile date has a bound and can be written to a database."""
    kept = parse("\ud83d\ude00\ud800\0" + "x" * 1_000_000).raw
    assert kept is not None
    assert kept.startswith("\U0001f600\ufffd\ufffdxxx")
    assert len(kept.encode()) < 20_000


def test_overlap():
    """The overlap goes back by whole hours, over days, months and years, and stops at the first second."""
    assert overlap("2026-01-01T01:00:00Z", 26) == "2025-12-30T23:00:00Z"
    assert overlap("2026-05-08T15:45:10Z", 0) == "2026-05-08T15:45:10Z"
    assert overlap("0001-01-01T01:00:00Z", 26) == "0001-01-01T00:00:00Z"
    assert overlap("9999-12-31T23:00:00Z", -26) == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize("text", ["", "2026-05-08", "2026-05-08T15:45:10", "2026-13-08T15:45:10Z"])
def test_overlap_of_something_else(text):
    """Only a UTC second of ours has an overlap: a watermark of another form is a mistake in the program."""
    with pytest.raises(ValueError, match=r"UTC second|month"):
        overlap(text, 1)


def test_order():
    """Of two dates the later or the earlier; an unknown one loses."""
    a, b = "2026-05-08T15:45:10Z", "2026-05-09T00:00:00Z"
    assert (later(a, b), later(b, a), later(None, a), later(a, None), later(None, None)) == (b, b, a, a, None)
    assert (earlier(a, b), earlier(b, a), earlier(None, a), earlier(a, None)) == (a, a, a, a)
    assert earlier(None, None) is None


@ANY_PACE
@given(st.datetimes(timezones=st.just(UTC)))
def test_round_trip(moment):
    """What this module writes it reads back unchanged."""
    utc = parse(moment.isoformat()).utc
    assert utc == moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    assert parse(utc) == Moment(utc, "second", utc)
    assert parse(utc[:-1], zone=UTC).utc == utc


@ANY_PACE
@given(
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)),  # noqa: DTZ001
    st.integers(-1439, 1439),
    st.sampled_from(["iso", "space", "rfc"]),
)
def test_agrees_with_datetime(moment, minutes, form):
    """A valid date with an offset is the second that `datetime` makes of it, fraction cut."""
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    raw = format_datetime(aware) if form == "rfc" else aware.isoformat(sep=" " if form == "space" else "T")
    if form == "rfc" and moment.year < 1000:
        return  # format_datetime does not pad the year
    expected = aware.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    assert parse(raw) == Moment(expected, "second", raw)


@ANY_PACE
@given(
    st.one_of(
        st.text(),
        st.text(alphabet="0123456789-:TZ+. ,", max_size=30),
        st.text(alphabet="0123456789 :,JanFebMyriMonGMTEST+-()", max_size=40),
        st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.binary(), st.lists, max_leaves=5),
    ),
    st.sampled_from([None, UTC, ZoneInfo("Europe/Berlin")]),
)
def test_total(raw, zone):
    """Anything at all gives a UTC second or nothing, never an exception."""
    for moment in (parse(raw, zone=zone), parse_epoch(raw), from_pair(raw, raw, gmt_offset=raw, zone=zone)):
        assert (moment.utc is None) == (moment.precision == "unknown")
        assert moment.utc is None or (OURS.fullmatch(moment.utc) and moment.precision in PRECISIONS)
        assert moment.raw is None or b"\0" not in moment.raw.encode()


@ANY_PACE
@given(st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99), st.integers(0, 30), st.integers(0, 70))
def test_never_rolls_over(year, month, day, hour, second):
    """Fields out of range are refused, and fields in range come out as they went in."""
    raw = f"{year:04}-{month:02}-{day:02}T{hour:02}:00:{second:02}Z"
    try:
        expected = datetime.fromisoformat(raw).isoformat()[:19] + "Z" if hour < 24 else None
    except ValueError:
        expected = None
    if second == 60 and hour == 23:
        return  # minute 00: refused as no leap second, which datetime does not know either
    assert parse(raw).utc == expected
