from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scores.days import date_of, working_days
from domain.scores.windows import WindowKind, last_windows, window_containing
from tests.domain.scores.parts import MOMENTS, ZONES, moment, window

DAY, WEEK, MONTH = WindowKind.DAILY, WindowKind.WEEKLY, WindowKind.MONTHLY


@pytest.mark.parametrize(
    ("kind", "now", "zone", "days"),
    [
        (WEEK, "2026-03-02 00:00", "UTC", 1),
        (WEEK, "2026-03-02 23:59", "UTC", 1),
        (WEEK, "2026-03-03 00:00", "UTC", 2),
        (WEEK, "2026-03-06 12:00", "UTC", 5),
        (WEEK, "2026-03-08 23:59", "UTC", 5),
        (WEEK, "2026-03-04 00:30", "Pacific/Kiritimati", 3),
        (DAY, "2026-03-04 12:00", "UTC", 1),
        (DAY, "2026-03-07 12:00", "UTC", 1),
        (MONTH, "2026-02-28 12:00", "UTC", 20),
        (MONTH, "2026-03-01 12:00", "UTC", 1),  # a Sunday
        (MONTH, "2026-03-02 12:00", "UTC", 1),
        (MONTH, "2026-03-31 23:00", "Australia/Lord_Howe", 22),
    ],
)
def test_days_from_monday_to_friday_that_have_begun(kind: WindowKind, now: str, zone: str, days: int) -> None:
    assert working_days(window(kind, now, zone), moment(now, zone)) == days


def test_a_past_window_counts_all_of_its_working_days() -> None:
    now = moment("2026-03-03 10:00")
    assert [working_days(one, now) for one in last_windows(WEEK, now, ZoneInfo("UTC"))] == [5, 5, 5, 2]
    assert [working_days(one, now) for one in last_windows(MONTH, now, ZoneInfo("UTC"))] == [23, 22, 20, 2]


def test_today_is_the_date_of_the_zone_not_of_utc() -> None:
    now = moment("2026-03-02 22:00")  # in Kiritimati Tuesday noon, in Honolulu Monday noon
    for zone, days in (("Pacific/Kiritimati", 2), ("Pacific/Honolulu", 1)):
        assert working_days(window_containing(WEEK, now, ZoneInfo(zone)), now) == days


def test_a_date_that_a_zone_skipped_is_no_working_day() -> None:
    """Samoa had no Friday 30 December 2011."""
    week = window(WEEK, "2011-12-28 12:00", "Pacific/Apia")
    assert working_days(week, week.end) == 4


def test_a_date_that_comes_back_for_an_hour_has_ended() -> None:
    """In Newfoundland clocks went back from 00:01 to 23:01 of the day before, until 2010."""
    back = datetime(2010, 11, 7, 3, 0, tzinfo=ZoneInfo("UTC"))
    assert back.astimezone(ZoneInfo("America/St_Johns")).date() == date(2010, 11, 6)
    assert date_of(back, ZoneInfo("America/St_Johns")) == date(2010, 11, 7)


@given(st.sampled_from(WindowKind), MOMENTS, ZONES)
def test_working_days_are_the_daily_windows_of_weekdays(kind: WindowKind, now: datetime, zone: ZoneInfo) -> None:
    whole = window_containing(kind, now, zone)
    day, dates = window_containing(DAY, whole.start, zone), list[date]()
    while day.start <= now:
        dates.append(day.start.astimezone(zone).date())
        day = window_containing(DAY, day.end, zone)
    assert working_days(whole, now) == max(1, sum(one.isoweekday() <= 5 for one in dates))


@given(st.sampled_from(WindowKind), MOMENTS, ZONES, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_working_days_only_grow(kind: WindowKind, now: datetime, zone: ZoneInfo, later: timedelta) -> None:
    whole = window_containing(kind, now, zone)
    most = {DAY: 1, WEEK: 5, MONTH: 23}[kind]
    assert 1 <= working_days(whole, now) <= working_days(whole, now + later) <= most
