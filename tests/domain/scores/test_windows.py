from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.scores.windows import Bounds, Window, WindowKind, cut_days, last_windows, window_containing, zone_named
from domain.values import Span

BERLIN = ZoneInfo("Europe/Berlin")
DAY, WEEK, MONTH = WindowKind.DAILY, WindowKind.WEEKLY, WindowKind.MONTHLY


def window(kind: WindowKind, moment: str, zone: str = "UTC") -> Window:
    return window_containing(kind, datetime.fromisoformat(moment).replace(tzinfo=UTC), ZoneInfo(zone))


def bounds(window: Window) -> tuple[str, str]:
    return window.start.strftime("%Y-%m-%d %H:%M"), window.end.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("kind", "moment", "zone", "start", "end"),
    [
        (DAY, "2026-03-04 12:00", "UTC", "2026-03-04 00:00", "2026-03-05 00:00"),
        (DAY, "2026-03-04 00:00", "UTC", "2026-03-04 00:00", "2026-03-05 00:00"),
        (DAY, "2026-03-04 23:30", "Europe/Berlin", "2026-03-04 23:00", "2026-03-05 23:00"),
        (WEEK, "2026-03-04 12:00", "UTC", "2026-03-02 00:00", "2026-03-09 00:00"),
        (WEEK, "2026-03-02 00:00", "UTC", "2026-03-02 00:00", "2026-03-09 00:00"),
        (WEEK, "2026-03-08 23:59", "UTC", "2026-03-02 00:00", "2026-03-09 00:00"),
        (WEEK, "2026-01-01 12:00", "UTC", "2025-12-29 00:00", "2026-01-05 00:00"),
        (WEEK, "2026-03-01 20:00", "Asia/Tokyo", "2026-03-01 15:00", "2026-03-08 15:00"),
        (MONTH, "2026-02-15 12:00", "UTC", "2026-02-01 00:00", "2026-03-01 00:00"),
        (MONTH, "2028-02-29 12:00", "UTC", "2028-02-01 00:00", "2028-03-01 00:00"),
        (MONTH, "2026-12-31 23:59", "UTC", "2026-12-01 00:00", "2027-01-01 00:00"),
        (MONTH, "2026-01-31 20:00", "Pacific/Auckland", "2026-01-31 11:00", "2026-02-28 11:00"),
    ],
)
def test_windows_are_calendar_units_of_the_zone(kind: WindowKind, moment: str, zone: str, start: str, end: str) -> None:
    assert bounds(window(kind, moment, zone)) == (start, end)


def test_windows_are_half_open() -> None:
    one = window(DAY, "2026-03-04 12:00")
    assert one.start in one
    assert one.end not in one
    assert one.end - timedelta.resolution in one
    assert one.span == Span(one.start, one.end)


@pytest.mark.parametrize(
    ("moment", "hours"), [("2026-03-29 12:00", 23), ("2026-10-25 12:00", 25), ("2026-10-26 12:00", 24)]
)
def test_days_of_clock_changes_are_shorter_or_longer(moment: str, hours: int) -> None:
    one = window(DAY, moment, "Europe/Berlin")
    assert one.end - one.start == timedelta(hours=hours)


def test_a_midnight_that_is_skipped_starts_the_day_at_the_skip() -> None:
    assert bounds(window(DAY, "2018-11-04 12:00", "America/Sao_Paulo")) == ("2018-11-04 03:00", "2018-11-05 02:00")


def test_of_a_midnight_that_comes_twice_the_first_starts_the_day() -> None:
    assert bounds(window(DAY, "2025-11-02 12:00", "America/Havana")) == ("2025-11-02 04:00", "2025-11-03 05:00")


def test_a_date_that_comes_back_for_an_hour_stays_in_the_window_that_has_begun() -> None:
    """In Newfoundland clocks went back from 00:01 to 23:01 of the day before, until 2010."""
    back = window(DAY, "2010-11-07 03:00", "America/St_Johns")
    assert back.start.astimezone(back.zone).strftime("%d %H:%M") == "07 00:00"
    assert back.end - back.start == timedelta(hours=25)


def test_a_date_that_a_zone_skipped_has_no_window() -> None:
    """Samoa had no 30 December 2011."""
    after = window(DAY, "2011-12-30 10:00", "Pacific/Apia")
    assert after.start.astimezone(after.zone).date().isoformat() == "2011-12-31"
    assert after.previous().start.astimezone(after.zone).date().isoformat() == "2011-12-29"
    week = window(WEEK, "2011-12-30 10:00", "Pacific/Apia")
    assert week.end - week.start == timedelta(days=6)


def test_previous_units_may_differ_in_length() -> None:
    march = window(MONTH, "2026-03-31 12:00")
    assert bounds(march.previous()) == ("2026-02-01 00:00", "2026-03-01 00:00")
    assert bounds(window(WEEK, "2026-03-30 12:00", "Europe/Berlin").previous()) == (
        "2026-03-22 23:00",
        "2026-03-29 22:00",
    )


def test_the_last_four_are_in_order_and_end_with_the_current_one() -> None:
    months = last_windows(MONTH, datetime(2026, 2, 10, tzinfo=UTC), ZoneInfo("UTC"))
    assert [one.start.month for one in months] == [11, 12, 1, 2]
    assert len(last_windows(DAY, datetime(2026, 2, 10, tzinfo=UTC), BERLIN, count=9)) == 9
    assert last_windows(WEEK, datetime(2026, 2, 10, tzinfo=UTC), BERLIN, count=1)[0].start.day == 8


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "..", "/etc/passwd", "America", "\0", "x" * 300, "é", "\ud800"])
def test_an_unknown_zone_is_invalid(name: str) -> None:
    with pytest.raises(Invalid):
        zone_named(name)


def test_a_known_zone_is_found() -> None:
    assert zone_named("Europe/Berlin") is BERLIN


ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2060, 1, 1), timezones=st.just(UTC))
KINDS = st.sampled_from(list(WindowKind))


@given(KINDS, MOMENTS, ZONES)
def test_windows_hold_their_moment_and_follow_each_other(kind: WindowKind, moment: datetime, zone: ZoneInfo) -> None:
    windows = last_windows(kind, moment, zone)
    assert moment in windows[-1]
    for one, following in pairwise(windows):
        assert one.start < one.end == following.start
        assert window_containing(kind, one.start, zone) == one
        assert window_containing(kind, one.end - timedelta.resolution, zone) == one


@given(st.sampled_from([WEEK, MONTH]), MOMENTS, ZONES)
def test_days_add_up_to_weeks_and_months(kind: WindowKind, moment: datetime, zone: ZoneInfo) -> None:
    whole = window_containing(kind, moment, zone)
    day = window_containing(DAY, whole.start, zone)
    assert day.start == whole.start
    while day.end < whole.end:
        day = window_containing(DAY, day.end, zone)
    assert day.end == whole.end


def test_every_zone_partitions_the_days_of_the_skips_we_know() -> None:
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        day = window_containing(DAY, datetime(2011, 12, 26, tzinfo=UTC), zone)
        for _ in range(7):
            following = window_containing(DAY, day.end, zone)
            assert following.start == day.end < following.end
            day = following


@given(MOMENTS, st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=40)), ZONES)
def test_whole_days_and_edges_make_up_a_stretch(start: datetime, length: timedelta, zone: ZoneInfo) -> None:
    span = Bounds(start, start + length)
    whole, edges = cut_days(span, zone)
    parts = sorted([*([whole] if whole else []), *edges])
    assert parts[0].start == span.start
    assert parts[-1].end == span.end
    assert all(one.end == next.start for one, next in pairwise(parts))
    for edge in edges:
        assert edge.start < edge.end
        assert edge.end <= window_containing(WindowKind.DAILY, edge.start, zone).end or whole is None
    if whole:
        assert window_containing(WindowKind.DAILY, whole.start, zone).start == whole.start
        assert window_containing(WindowKind.DAILY, whole.end - timedelta.resolution, zone).end == whole.end


def test_a_calendar_window_has_no_edges() -> None:
    for kind in WindowKind:
        window = window_containing(kind, datetime(2026, 10, 25, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
        assert cut_days(window.bounds, window.zone) == (window.bounds, ())
