from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.scores.periods import MOST_PERIODS, Period, PeriodKind, periods
from domain.scores.windows import WindowKind, window_containing
from tests.domain.scores.parts import MOMENTS, ZONES, moment

DAY, WEEK, MONTH = PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH


def of(kind: PeriodKind, start: str, end: str, zone: str = "UTC") -> tuple[Period, ...]:
    return periods(kind, moment(start, zone), moment(end, zone), ZoneInfo(zone))


def starts(found: tuple[Period, ...]) -> list[str]:
    return [one.start.astimezone(one.window.zone).strftime("%m-%d %H:%M") for one in found]


def test_the_example_of_the_reference() -> None:
    found = of(DAY, "2026-04-01", "2026-04-30")
    assert len(found) == 29
    assert (found[0].start, found[-1].end) == (moment("2026-04-01"), moment("2026-04-30"))
    assert all(one.whole for one in found)


def test_the_first_and_the_last_may_be_cut() -> None:
    found = of(DAY, "2026-03-02 06:00", "2026-03-04 18:00")
    assert starts(found) == ["03-02 06:00", "03-03 00:00", "03-04 00:00"]
    assert [one.whole for one in found] == [False, True, False]
    assert found[0].window.start == moment("2026-03-02")
    (inside,) = of(MONTH, "2026-03-02 06:00", "2026-03-04 18:00")
    assert (inside.start, inside.end) == (moment("2026-03-02 06:00"), moment("2026-03-04 18:00"))
    assert not inside.whole


def test_an_end_on_the_edge_opens_no_period() -> None:
    assert len(of(DAY, "2026-03-02", "2026-03-03")) == 1
    assert len(of(DAY, "2026-03-02", "2026-03-03 00:00:00.000001")) == 2


def test_weeks_start_on_monday() -> None:
    assert starts(of(WEEK, "2026-03-04", "2026-03-17")) == ["03-04 00:00", "03-09 00:00", "03-16 00:00"]


def test_months_differ_in_length() -> None:
    found = of(MONTH, "2028-01-01", "2028-04-01")
    assert [(one.end - one.start).days for one in found] == [31, 29, 31]


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-10-25", "Europe/Berlin", 25),
        ("2026-04-05", "Australia/Lord_Howe", 24.5),
        ("2026-10-04", "Australia/Lord_Howe", 23.5),
        ("2026-03-04", "Pacific/Kiritimati", 24),
    ],
)
def test_days_of_clock_changes_are_shorter_or_longer(day: str, zone: str, hours: float) -> None:
    (one,) = of(DAY, f"{day} 00:00", f"{day} 23:59:59.999999", zone)
    assert one.window.end - one.window.start == timedelta(hours=hours)


def test_a_date_that_a_zone_skipped_has_no_period() -> None:
    """Samoa had no 30 December 2011, Kiritimati no 31 December 1994."""
    assert starts(of(DAY, "2011-12-29", "2012-01-01", "Pacific/Apia")) == ["12-29 00:00", "12-31 00:00"]
    assert starts(of(DAY, "1994-12-30", "1995-01-02", "Pacific/Kiritimati")) == ["12-30 00:00", "01-01 00:00"]


def test_times_of_any_offset_are_taken_as_instants() -> None:
    there = timezone(timedelta(hours=14))
    found = periods(
        DAY, datetime(2026, 3, 3, 14, tzinfo=there), datetime(2026, 3, 4, 14, tzinfo=there), ZoneInfo("UTC")
    )
    assert [(one.start, one.end) for one in found] == [(moment("2026-03-03"), moment("2026-03-04"))]
    assert found[0].start.tzinfo is UTC


@pytest.mark.parametrize(("start", "end"), [("2026-03-02", "2026-03-02"), ("2026-03-03", "2026-03-02")])
def test_a_stretch_must_end_after_it_starts(start: str, end: str) -> None:
    with pytest.raises(Invalid, match="before"):
        of(DAY, start, end)


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """02:30 is half an hour before 02:10, if that is the second one."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    (one,) = periods(DAY, first, second, ZoneInfo("Europe/Berlin"))
    assert one.end - one.start == timedelta(minutes=40)
    with pytest.raises(Invalid):
        periods(DAY, second, first, ZoneInfo("Europe/Berlin"))


def test_there_is_a_most_of_points() -> None:
    start = moment("2020-01-01")
    assert len(periods(DAY, start, start + timedelta(days=MOST_PERIODS), ZoneInfo("UTC"))) == MOST_PERIODS
    with pytest.raises(Invalid, match="1000"):
        periods(DAY, start, start + timedelta(days=MOST_PERIODS, microseconds=1), ZoneInfo("UTC"))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Honolulu"])
@pytest.mark.parametrize("kind", list(PeriodKind))
def test_years_that_calendar_windows_do_not_fit_into_are_invalid(kind: PeriodKind, zone: str) -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for start, end in ((last - timedelta(days=3), last), (first, last)):
        with pytest.raises(Invalid):
            periods(kind, start, end, ZoneInfo(zone))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Honolulu"])
def test_the_year_before_the_first_is_invalid(zone: str) -> None:
    with pytest.raises(Invalid, match="years"):
        periods(DAY, datetime.min.replace(tzinfo=UTC), datetime(1, 1, 4, tzinfo=UTC), ZoneInfo(zone))


def test_a_time_that_leaves_the_calendar_in_utc_is_invalid() -> None:
    east = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(Invalid, match="years"):
        periods(MONTH, east, moment("2026-01-01"), ZoneInfo("UTC"))


@given(st.sampled_from(PeriodKind), MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=120)), ZONES)
def test_periods_partition_time(kind: PeriodKind, start: datetime, length: timedelta, zone: ZoneInfo) -> None:
    end = start + length
    found = periods(kind, start, end, zone)
    assert (found[0].start, found[-1].end) == (start, end)
    assert all(one.end == following.start for one, following in pairwise(found))
    assert all(one.whole for one in found[1:-1])
    wanted = {DAY: WindowKind.DAILY, WEEK: WindowKind.WEEKLY, MONTH: WindowKind.MONTHLY}[kind]
    for one in found:
        assert one.window.start <= one.start < one.end <= one.window.end
        for inside in (one.start, one.end - timedelta.resolution):
            assert window_containing(wanted, inside, zone) == one.window
