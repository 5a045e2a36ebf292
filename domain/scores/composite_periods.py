"""What a period is compared with: the periods of its kind before it, and how long it is by the calendar (domain
reference, section 19)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.scores.windows import Bounds, WindowKind, window_containing

NEW_FOR = timedelta(weeks=4)
TRAILING_AT_FIRST = 2
TRAILING = 8
"""Of so many periods the median is usual; of two in a developer's first four weeks."""
WEEK = 7
FORTNIGHT = 14


def elapsed(period: Bounds, now: datetime) -> Bounds:
    """What of it is over: it ends now, and is empty where it lies in the future."""
    end = min(period.end, now)
    return Bounds(min(period.start, end), end)


def trailing(period: Bounds, zone: ZoneInfo) -> list[Bounds]:
    """The eight periods of its kind before it, the latest first; fewer where the calendar begins.

    A day, week or month of `zone`, or the beginning of one, follows such; any other stretch others of its length.
    """
    found: list[Bounds] = []
    kind = _kind(period, zone)
    try:
        while len(found) < TRAILING:
            found.append(_before(found[-1] if found else period, kind, zone))
    except OverflowError:
        pass
    return found


def how_many(first_at: datetime | None, period: Bounds) -> int:
    """Of the trailing periods, for a developer whose first activity was at `first_at`."""
    return TRAILING_AT_FIRST if first_at is None or period.start - first_at < NEW_FOR else TRAILING


def _kind(period: Bounds, zone: ZoneInfo) -> WindowKind | None:
    """The shortest that begins when the period does and is not over before it."""
    windows = (window_containing(kind, period.start, zone) for kind in WindowKind)
    return next((one.kind for one in windows if one.start == period.start and period.end <= one.end), None)


def _before(period: Bounds, kind: WindowKind | None, zone: ZoneInfo) -> Bounds:
    if kind is None:
        return Bounds(period.start - (period.end - period.start), period.start)
    return window_containing(kind, period.start - timedelta.resolution, zone).bounds


def days_long(period: Bounds, zone: ZoneInfo) -> float:
    """By the clock on the wall: a week in which clocks change has seven days."""
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in period)
    return (end - start) / timedelta(days=1)


def at_least(period: Bounds, days: int, zone: ZoneInfo) -> Bounds:
    """The period itself, or so many days that end with it if it is shorter."""
    if days_long(period, zone) >= days:
        return period
    try:
        return Bounds((period.end.astimezone(zone) - timedelta(days=days)).astimezone(UTC), period.end)
    except OverflowError:
        return period
