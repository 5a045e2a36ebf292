"""Fair comparison: a running window beside the same part of the one before (domain reference, section 11)."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from domain.scores.windows import Window


def previous_so_far(window: Window, now: datetime) -> Window:
    """The window before `window`, cut where its calendar and clock stood as they stand `now`.

    Wednesday 15:00 cuts the week before at its Wednesday 15:00, the 31st leaves a shorter month whole. A clock time
    that was skipped when clocks were put forward counts on from the skip. Whole if `window` is over.
    """
    before = window.previous()
    if now >= window.end:
        return before
    wall = (_midnight(before) + _elapsed(window, now)).replace(tzinfo=window.zone)
    return replace(before, end=min(max(wall.astimezone(UTC), before.start), before.end))


def _elapsed(window: Window, now: datetime) -> timedelta:
    """What has gone by on calendar and clock, where every day has 24 hours."""
    return now.astimezone(window.zone).replace(tzinfo=None) - _midnight(window)


def _midnight(window: Window) -> datetime:
    """The start of the window's first date as the clock shows it, also where that midnight was skipped."""
    return datetime.combine(window.start.astimezone(window.zone).date(), time())
