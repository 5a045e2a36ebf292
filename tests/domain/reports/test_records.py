"""What stretch of time a report is of."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Invalid
from domain.reports.records import LONGEST, PeriodName, ReportChange, ReportId, ReportStatus, Stage, period, seen

BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts: int, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime(*parts, tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [
        (at(2026, 3, 2), at(2026, 3, 3), PeriodName.DAILY),
        (at(2026, 3, 29), at(2026, 3, 30), PeriodName.DAILY),  # of 23 hours
        (at(2026, 3, 23), at(2026, 3, 30), PeriodName.WEEKLY),  # with clocks set forward in it
        (at(2026, 2, 1), at(2026, 3, 1), PeriodName.MONTHLY),
        (at(2026, 3, 3), at(2026, 3, 10), PeriodName.CUSTOM),  # a week, but not from Monday
        (at(2026, 3, 2, 1), at(2026, 3, 3, 1), PeriodName.CUSTOM),
        (at(2026, 3, 2, zone=ZoneInfo("UTC")), at(2026, 3, 3, zone=ZoneInfo("UTC")), PeriodName.CUSTOM),
    ],
)
def test_a_calendar_unit_is_called_by_its_name(start: datetime, end: datetime, name: PeriodName) -> None:
    assert period(start, end, BERLIN).name is name


def test_a_unit_is_compared_with_the_one_before_and_a_stretch_with_as_much_before() -> None:
    march = period(at(2026, 3, 1), at(2026, 4, 1), BERLIN).previous()
    assert (march.start, march.end) == (at(2026, 2, 1), at(2026, 3, 1))
    two_days = period(at(2026, 3, 3), at(2026, 3, 5), BERLIN).previous()
    assert (two_days.start, two_days.end) == (at(2026, 3, 1), at(2026, 3, 3))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (at(2026, 3, 2), at(2026, 3, 2)),
        (at(2026, 3, 3), at(2026, 3, 2)),
        (at(2020, 1, 1), at(2020, 1, 1) + LONGEST + timedelta(seconds=1)),
        (datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC) + timedelta(hours=1)),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 2, 1, tzinfo=UTC)),
        (datetime(1, 6, 1, tzinfo=UTC), datetime(2, 6, 1, tzinfo=UTC)),
        (datetime(9998, 6, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("UTC"), ZoneInfo("America/New_York")])
def test_no_report_is_of_nothing_of_years_on_end_or_of_the_end_of_time(
    start: datetime, end: datetime, zone: ZoneInfo
) -> None:
    with pytest.raises(Invalid):
        period(start, end, zone)


def test_three_states_are_for_good() -> None:
    assert [status.value for status in ReportStatus if status.over] == ["completed", "failed", "cancelled"]


def test_a_cursor_is_read_for_its_own_report_alone() -> None:
    one, other = ReportId(UUID(int=1)), ReportId(UUID(int=2))
    change = ReportChange(one, 7, ReportStatus.RUNNING, Stage.SCORING, 0.5, at(2026, 3, 2))
    assert seen(change.cursor, one) == 7
    for text, id in [(change.cursor, other), ("", one), (f"{one.hex}.-1", one), (f"{one.hex}.{'9' * 16}", one)]:
        with pytest.raises(Invalid):
            seen(text, id)
