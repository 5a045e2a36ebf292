from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scores.alignment import previous_so_far
from domain.scores.windows import Window, WindowKind, window_containing
from tests.domain.scores.parts import MOMENTS, ZONES, moment, window

DAY, WEEK, MONTH = WindowKind.DAILY, WindowKind.WEEKLY, WindowKind.MONTHLY


@pytest.mark.parametrize(
    ("kind", "now", "zone", "start", "end"),
    [
        (WEEK, "2026-03-04 15:00", "UTC", "2026-02-23 00:00", "2026-02-25 15:00"),
        (WEEK, "2026-03-02 00:00", "UTC", "2026-02-23 00:00", "2026-02-23 00:00"),
        (DAY, "2026-03-04 15:00", "Pacific/Kiritimati", "2026-03-03 00:00", "2026-03-03 15:00"),
        (MONTH, "2026-03-10 09:30", "UTC", "2026-02-01 00:00", "2026-02-10 09:30"),
        (MONTH, "2026-03-31 09:30", "UTC", "2026-02-01 00:00", "2026-03-01 00:00"),
        (MONTH, "2026-02-28 23:00", "UTC", "2026-01-01 00:00", "2026-01-28 23:00"),
        # Clocks went forward on Sunday the 29th, so the days so far are an hour shorter than those of the week before.
        (WEEK, "2026-03-29 15:00", "Europe/Berlin", "2026-03-16 00:00", "2026-03-22 15:00"),
        (WEEK, "2026-10-25 15:00", "Europe/Berlin", "2026-10-12 00:00", "2026-10-18 15:00"),
        (DAY, "2026-03-30 02:30", "Europe/Berlin", "2026-03-29 00:00", "2026-03-29 03:30"),
        (DAY, "2026-04-06 01:45", "Australia/Lord_Howe", "2026-04-05 00:00", "2026-04-05 01:45"),
        (DAY, "2018-11-05 00:30", "America/Sao_Paulo", "2018-11-04 01:00", "2018-11-04 01:30"),
        (DAY, "2018-11-05 05:00", "America/Sao_Paulo", "2018-11-04 01:00", "2018-11-04 05:00"),
        (DAY, "2018-11-04 05:00", "America/Sao_Paulo", "2018-11-03 00:00", "2018-11-03 05:00"),
    ],
)
def test_the_window_before_is_cut_by_calendar_and_clock(
    kind: WindowKind, now: str, zone: str, start: str, end: str
) -> None:
    found = previous_so_far(window(kind, now, zone), moment(now, zone))
    assert (found.start, found.end, found.kind) == (moment(start, zone), moment(end, zone), kind)


def test_a_window_that_is_over_is_compared_with_the_whole_one_before() -> None:
    for month in (window(MONTH, "2026-02-10 12:00"), window(MONTH, "2026-03-10 12:00")):
        for now in (month.end, month.end + timedelta(days=9)):
            assert previous_so_far(month, now) == month.previous()


@given(st.sampled_from(WindowKind), MOMENTS, ZONES)
def test_the_cut_lies_in_the_window_before_and_shows_the_same_clock(
    kind: WindowKind, now: datetime, zone: ZoneInfo
) -> None:
    current = window_containing(kind, now, zone)
    whole, cut = current.previous(), previous_so_far(current, now)
    assert (cut.start, cut.kind, cut.zone) == (whole.start, kind, zone)
    assert whole.start <= cut.end <= whole.end
    if whole.start < cut.end < whole.end and not _skipped(_clock(whole, now, current)):
        assert cut.end.astimezone(zone).replace(tzinfo=None) == _clock(whole, now, current).replace(tzinfo=None)


@given(st.sampled_from(WindowKind), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=31)))
def test_the_cut_moves_on_with_time(kind: WindowKind, now: datetime, later: timedelta) -> None:
    current = window_containing(kind, now, ZoneInfo("UTC"))
    assert previous_so_far(current, now).end <= previous_so_far(current, now + later).end


def _clock(whole: Window, now: datetime, current: Window) -> datetime:
    """As far into the window before, on paper, as now is into the current one."""
    here, there = (datetime.combine(one.start.astimezone(one.zone), time()) for one in (current, whole))
    return (there + (now.astimezone(whole.zone).replace(tzinfo=None) - here)).replace(tzinfo=whole.zone)


def _skipped(clock: datetime) -> bool:
    back = datetime.fromtimestamp(clock.timestamp(), clock.tzinfo)
    return back.replace(tzinfo=None) != clock.replace(tzinfo=None)
