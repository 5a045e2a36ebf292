"""When alerts are checked: once in each hour, day, week or month, soon after it began.

A check comes some minutes after its hour or day begins, each alert at a moment of its own, so that those of a day do
not all come at midnight. After an outage one check is made, not one for each that was missed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.insights.alerts import Alert, AlertInterval
from domain.scores.windows import WindowKind, window_containing

SPREAD_S = 600
"""Checks come within so many seconds."""
FARTHEST = timedelta(days=40)
"""No check lies farther ahead: one that seems to was set by a clock that was wrong."""

_HOUR = timedelta(hours=1)
_CALENDAR: Mapping[AlertInterval, WindowKind] = {
    AlertInterval.DAILY: WindowKind.DAILY,
    AlertInterval.WEEKLY: WindowKind.WEEKLY,
    AlertInterval.MONTHLY: WindowKind.MONTHLY,
}
_SATURDAY = 5


class Rhythm(NamedTuple):
    """How often, in whose zone, and whether Saturdays and Sundays are left out."""

    interval: AlertInterval
    zone: ZoneInfo
    skip_weekend: bool = False


def rhythm_of(alert: Alert) -> Rhythm:
    return Rhythm(alert.interval, ZoneInfo(alert.time_zone), alert.skip_weekend)


def next_check(after: datetime, rhythm: Rhythm, id: UUID) -> datetime:
    """The first moment for a check later than `after`, in UTC."""
    moment = after - _spread(id)
    while (at := _begin(moment, rhythm) + _spread(id)) <= after:
        moment += _HOUR
    return at


def _begin(after: datetime, rhythm: Rhythm) -> datetime:
    """Where the next hour, day, week or month begins, or the first working day in it or in the one that goes on."""
    start, end = _unit(after, rhythm)
    now = _working(start, rhythm)
    return now if now > after else _working(end, rhythm)


def _unit(moment: datetime, rhythm: Rhythm) -> tuple[datetime, datetime]:
    if rhythm.interval is AlertInterval.HOURLY:
        start = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return start, start + _HOUR
    return window_containing(_CALENDAR[rhythm.interval], moment, rhythm.zone).bounds


def _working(start: datetime, rhythm: Rhythm) -> datetime:
    if rhythm.skip_weekend and start.astimezone(rhythm.zone).weekday() >= _SATURDAY:
        return window_containing(WindowKind.WEEKLY, start, rhythm.zone).end
    return start


def _spread(id: UUID) -> timedelta:
    return timedelta(seconds=id.int % SPREAD_S)
