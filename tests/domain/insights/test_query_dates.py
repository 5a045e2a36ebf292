from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.errors import InvalidQuery
from domain.insights.query_dates import (
    Frame,
    before,
    bucket_before,
    buckets,
    days,
    labels,
    retention_buckets,
    span,
    window,
)
from domain.insights.query_models import FunnelsFilter, RetentionFilter
from domain.insights.query_parts import CompareFilter, DateRange

NOW = "2026-05-27T14:05:30+00:00"  # a Wednesday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def frame(zone: str = "UTC", now: str = NOW, first: str | None = None) -> Frame:
    return Frame(at(now), ZoneInfo(zone), at(first) if first else None)


def told(date_from: str | None = None, date_to: str | None = None, explicit: bool | None = None) -> DateRange:
    return DateRange.model_validate({"date_from": date_from, "date_to": date_to, "explicitDate": explicit})


def cut(
    date_from: str | None, date_to: str | None = None, interval: str | None = None, zone: str = "UTC", now: str = NOW
) -> Buckets:
    return buckets(told(date_from, date_to), Interval(interval) if interval else None, frame(zone, now))


@pytest.mark.parametrize(
    ("date_from", "date_to", "start", "end"),
    [
        (None, None, "2026-05-20T00:00", "2026-05-28T00:00"),
        ("-7d", None, "2026-05-20T00:00", "2026-05-28T00:00"),
        ("-0d", None, "2026-05-27T00:00", "2026-05-28T00:00"),
        ("-24h", None, "2026-05-26T14:05:30", "2026-05-28T00:00"),
        ("-90M", None, "2026-05-27T12:35:30", "2026-05-28T00:00"),
        ("-2w", "-1w", "2026-05-13T00:00", "2026-05-21T00:00"),
        ("-1m", None, "2026-04-27T00:00", "2026-05-28T00:00"),
        ("-1q", None, "2026-02-27T00:00", "2026-05-28T00:00"),
        ("-1y", None, "2025-05-27T00:00", "2026-05-28T00:00"),
        ("dStart", None, "2026-05-27T00:00", "2026-05-28T00:00"),
        ("-1dStart", "-1dEnd", "2026-05-26T00:00", "2026-05-27T00:00"),
        ("hStart", "hEnd", "2026-05-27T14:00", "2026-05-27T15:00"),
        ("wStart", "wEnd", "2026-05-25T00:00", "2026-06-01T00:00"),
        ("mStart", "mEnd", "2026-05-01T00:00", "2026-06-01T00:00"),
        ("-1mStart", "mStart", "2026-04-01T00:00", "2026-05-01T00:00"),
        ("qStart", "qEnd", "2026-04-01T00:00", "2026-07-01T00:00"),
        ("yStart", "yEnd", "2026-01-01T00:00", "2027-01-01T00:00"),
        ("2026-05-01", "2026-05-02", "2026-05-01T00:00", "2026-05-03T00:00"),
        ("2026-05-01T10:30", "2026-05-01 12:00:30", "2026-05-01T10:30", "2026-05-01T12:00:30"),
        ("2026-05-01T10:30:00Z", "2026-05-01T12:00:00-01:30", "2026-05-01T10:30", "2026-05-01T13:30"),
        ("all", None, "2026-05-27T00:00", "2026-05-28T00:00"),
    ],
)
def test_texts_name_instants(date_from: str | None, date_to: str | None, start: str, end: str) -> None:
    found = span(told(date_from, date_to), frame())
    assert (found.start, found.end) == (at(start).replace(tzinfo=UTC), at(end).replace(tzinfo=UTC))


def test_dates_are_those_of_the_zone() -> None:
    found = span(told("2026-05-01", "2026-05-01"), frame("Asia/Kathmandu"))
    assert (found.start, found.end) == (at("2026-04-30T18:15+00:00"), at("2026-05-01T18:15+00:00"))


def test_months_end_where_the_shorter_one_does() -> None:
    assert span(told("-1m"), frame(now="2026-03-31T12:00+00:00")).start == at("2026-02-28T00:00+00:00")


def test_all_begins_with_the_first_event() -> None:
    first = "2026-02-03T04:05:06+00:00"
    assert span(told("all"), frame(first=first)).start == at(first)
    assert cut("all").starts == (at("2026-05-27T00:00+00:00"),)


def test_explicit_dates_are_not_moved() -> None:
    found = buckets(told("-2d", None, explicit=True), Interval.DAY, frame())
    assert found.starts[:2] == (at("2026-05-25T14:05:30+00:00"), at("2026-05-26T00:00+00:00"))
    assert days(found) == ("2026-05-25", "2026-05-26", "2026-05-27")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "7d", "d", "-d", "-7x", "-7days", "-999999d", "-99999y", "+1d", "-7dstart", "2026-5-1", "2026-02-30",
        "2026-05-01T25:00", "0001-01-01", "9999-12-31", "20260501", "2026-W20-1", "-٧d", "2026-05-01T10:00+25:00",
        "\n-7d",
    ],
)  # fmt: skip
def test_other_texts_are_no_dates(text: str) -> None:
    with pytest.raises(InvalidQuery, match="no date") as raised:
        span(told("2026-01-01", text or "?"), frame())
    assert raised.value.faults[0].field == ("dateRange", "date_to")


@pytest.mark.parametrize(
    ("date_from", "date_to", "field"),
    [("2026-05-02", "2026-05-01", "date_to"), ("dStart", "dStart", "date_to"), ("2026-06-01", None, "date_from")],
)
def test_ranges_that_are_empty_or_reversed_are_refused(date_from: str, date_to: str | None, field: str) -> None:
    with pytest.raises(InvalidQuery, match="the range is empty") as raised:
        span(told(date_from, date_to), frame())
    assert raised.value.faults[0].field == ("dateRange", field)


@pytest.mark.parametrize(
    ("date_from", "interval", "count", "first", "first_label"),
    [
        ("-7d", None, 8, "2026-05-20", "20-May-2026"),
        ("-2w", "week", 3, "2026-05-11", "11-May-2026"),
        ("-2m", "month", 3, "2026-03-01", "Mar 2026"),
        ("-24h", "hour", 25, "2026-05-26 14:00:00", "26-May 14:00"),
        ("-5M", "minute", 6, "2026-05-27 14:00:00", "27-May 14:00"),
    ],
)
def test_buckets_begin_with_their_intervals_and_are_labelled(
    date_from: str, interval: str | None, count: int, first: str, first_label: str
) -> None:
    found = cut(date_from, None, interval)
    assert (len(found.starts), days(found)[0], labels(found)[0]) == (count, first, first_label)


def test_hours_end_with_the_one_that_goes_on() -> None:
    assert cut("-24h", None, "hour").end == at("2026-05-27T15:00+00:00")


def test_a_week_is_cut_off_where_the_range_ends() -> None:
    found = cut("2026-05-18", "2026-05-27", "week")
    assert (found.starts[-1], found.end) == (at("2026-05-25T00:00+00:00"), at("2026-05-28T00:00+00:00"))


def test_too_many_buckets_are_refused_with_the_lever() -> None:
    with pytest.raises(InvalidQuery, match="longer interval or a shorter range"):
        cut("-1y", None, "minute")
    assert len(cut("-999d").starts) == 1_000


def hours(found: Buckets) -> list[float]:
    bounds = found.bounds
    return [(late - early) / timedelta(hours=1) for early, late in pairwise(bounds)]


@pytest.mark.parametrize(
    ("zone", "date_from", "date_to", "expected"),
    [
        ("Europe/Berlin", "2026-03-28", "2026-03-30", [24, 23, 24]),
        ("Europe/Berlin", "2026-10-24", "2026-10-26", [24, 25, 24]),
        ("Africa/Cairo", "2026-04-23", "2026-04-25", [24, 23, 24]),  # no midnight: 24:00 is 01:00
        ("America/Havana", "2026-10-31", "2026-11-02", [24, 25, 24]),  # two midnights
        ("America/Sao_Paulo", "2018-02-16", "2018-02-18", [24, 25, 24]),  # 24:00 is 23:00
        ("Australia/Lord_Howe", "2026-04-04", "2026-04-06", [24, 24.5, 24]),
        ("Pacific/Apia", "2011-12-28", "2011-12-31", [24, 24, 24]),  # no 30 December
    ],
)
def test_days_are_as_long_as_the_zone_has_them(zone: str, date_from: str, date_to: str, expected: list[float]) -> None:
    assert hours(cut(date_from, date_to, "day", zone)) == expected


@pytest.mark.parametrize(
    ("zone", "date_from", "count"),
    [("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25), ("Asia/Kathmandu", "2026-05-01", 24)],
)
def test_hours_are_those_that_pass(zone: str, date_from: str, count: int) -> None:
    found = cut(date_from, date_from, "hour", zone)
    assert hours(found) == [1.0] * count
    assert days(found)[0] == f"{date_from} 00:00:00"


ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Havana",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
]
MOMENTS = st.datetimes(datetime(2011, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
LONGEST = {Interval.MINUTE: 900, Interval.HOUR: 40_000, Interval.DAY: 800_000, Interval.WEEK: 5_000_000}


@given(st.sampled_from(ZONES), st.sampled_from(list(Interval)), MOMENTS, st.integers(1, 8_000_000))
def test_buckets_tile_the_range(zone: str, interval: Interval, start: datetime, minutes: int) -> None:
    length = timedelta(minutes=min(minutes, LONGEST.get(interval, minutes)))
    moments = told(start.isoformat(), (start + length).isoformat(), explicit=True)
    found = buckets(moments, interval, frame(zone))
    assert (found.starts[0], found.end) == (start, start + length)
    assert list(found.bounds) == sorted(set(found.bounds))
    whole = buckets(told(start.isoformat(), (start + length).isoformat()), interval, frame(zone))
    assert whole.starts[0] <= start
    assert whole.starts[1:] == found.starts[1:]
    assert bucket_before(whole) < whole.starts[0]


@pytest.mark.parametrize(
    ("date_from", "date_to", "interval", "compare_to", "start", "end"),
    [
        ("-7d", None, "day", None, "2026-05-12", "2026-05-20"),
        ("2026-05-20", "2026-05-21", "day", None, "2026-05-18", "2026-05-20"),
        ("2026-03-01", "2026-04-30", "month", None, "2026-01-01", "2026-03-01"),
        ("2026-05-04", "2026-05-17", "week", None, "2026-04-20", "2026-05-04"),
        ("2026-05-20", "2026-05-21", "day", "-1y", "2025-05-20", "2025-05-22"),
        ("2026-05-04", "2026-05-10", "week", "-1m", "2026-03-30", "2026-04-06"),
        ("2026-03-01", "2026-03-31", "day", "-1m", "2026-02-01", "2026-03-04"),
    ],
)
def test_the_time_before_has_as_many_buckets(
    date_from: str, date_to: str | None, interval: str, compare_to: str | None, start: str, end: str
) -> None:
    found = cut(date_from, date_to, interval)
    other = before(found, CompareFilter(compare=True, compare_to=compare_to))
    assert other is not None
    assert len(other.starts) == len(found.starts)
    assert (other.starts[0], other.end) == (at(f"{start}T00:00+00:00"), at(f"{end}T00:00+00:00"))


def test_the_time_before_is_cut_off_as_the_time_itself_is() -> None:
    other = before(cut("2026-05-25T00:00", "2026-05-27T06:00", "day"), CompareFilter(compare=True))
    assert other is not None
    assert (other.starts[0], other.end) == (at("2026-05-22T00:00+00:00"), at("2026-05-24T06:00+00:00"))


def test_days_before_keep_the_clock_of_the_zone() -> None:
    other = before(cut("2026-03-29", "2026-03-30", "day", "Europe/Berlin"), CompareFilter(compare=True))
    assert other is not None
    assert hours(other) == [24, 24]
    assert other.end == at("2026-03-28T23:00+00:00")


@pytest.mark.parametrize("compare", [None, CompareFilter(), CompareFilter(compare=False, compare_to="-1y")])
def test_nothing_is_compared_unless_it_is_said(compare: CompareFilter | None) -> None:
    assert before(cut("-7d"), compare) is None


def test_comparing_with_a_time_long_before_all_is_refused() -> None:
    with pytest.raises(InvalidQuery, match="too far back"):
        before(cut("-7d"), CompareFilter(compare=True, compare_to="-999y"))


def filter(**fields: object) -> RetentionFilter:
    return RetentionFilter.model_validate(fields)


@pytest.mark.parametrize(
    ("date_range", "fields", "first", "count"),
    [
        (None, {}, "2026-05-20", 8),
        (None, {"period": "Week", "totalIntervals": 3}, "2026-05-11", 3),
        (told(None, "2026-04-15"), {"period": "Month", "totalIntervals": 2}, "2026-03-01", 2),
        (told("-7d"), {"totalIntervals": 3}, "2026-05-20", 8),
        (told("-7d"), {"period": "Week"}, "2026-05-18", 2),
        (None, {"period": "Hour", "totalIntervals": 2}, "2026-05-27 13:00:00", 2),
    ],
)
def test_cohorts_are_whole_periods(
    date_range: DateRange | None, fields: dict[str, object], first: str, count: int
) -> None:
    found = retention_buckets(date_range, filter(**fields), frame())
    assert (days(found)[0], len(found.starts)) == (first, count)


def test_cohorts_are_bounded() -> None:
    with pytest.raises(InvalidQuery, match="more than 100 times a day"):
        retention_buckets(told("-1y"), filter(), frame())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, timedelta(days=14)),
        ({"funnelWindowInterval": 90, "funnelWindowIntervalUnit": "second"}, timedelta(seconds=90)),
        ({"funnelWindowInterval": 2, "funnelWindowIntervalUnit": "month"}, timedelta(days=60)),
        ({"funnelWindowInterval": 1, "funnelWindowIntervalUnit": "week"}, timedelta(days=7)),
    ],
)
def test_windows(fields: dict[str, object], expected: timedelta) -> None:
    assert window(FunnelsFilter.model_validate(fields)) == expected
    assert window(None) == timedelta(days=14)
