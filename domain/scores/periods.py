"""A stretch of time as calendar days, weeks or months, for series (domain reference, sections 11 and 12)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.scores.windows import Window, WindowKind, window_containing

MOST_PERIODS = 1_000


class PeriodKind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_WINDOWS = {
    PeriodKind.DAY: WindowKind.DAILY,
    PeriodKind.WEEK: WindowKind.WEEKLY,
    PeriodKind.MONTH: WindowKind.MONTHLY,
}


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end), in UTC: what a stretch of time holds of the calendar unit `window`."""

    window: Window
    start: datetime
    end: datetime

    @property
    def whole(self) -> bool:
        return (self.start, self.end) == (self.window.start, self.window.end)


def periods(kind: PeriodKind, start: datetime, end: datetime, zone: ZoneInfo) -> tuple[Period, ...]:
    """The calendar units of [start, end), oldest first and without gaps; it may cut the first and the last.

    Raises Invalid unless start < end, for years close to 1 or 9999, and for more than MOST_PERIODS.
    """
    try:
        return _periods(_WINDOWS[kind], start.astimezone(UTC), end.astimezone(UTC), zone)
    except OverflowError:
        raise Invalid("from and to must lie in the years 2 to 9998") from None


def _periods(kind: WindowKind, start: datetime, end: datetime, zone: ZoneInfo) -> tuple[Period, ...]:
    if start >= end:
        raise Invalid("from must lie before to")
    window = window_containing(kind, start, zone)
    found = [Period(window, start, min(end, window.end))]
    while window.end < end:
        if len(found) == MOST_PERIODS:
            raise Invalid(f"more than {MOST_PERIODS} points: ask for longer periods or a shorter stretch of time")
        window = window_containing(kind, window.end, zone)
        found.append(Period(window, window.start, min(end, window.end)))
    return tuple(found)
