"""Dates of a time zone and the working days among them (domain reference, section 10.2)."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.scores.windows import Window, WindowKind, window_containing

_SATURDAY = 5


def date_of(moment: datetime, zone: ZoneInfo) -> date:
    """The date whose daily window an aware `moment` lies in."""
    return window_containing(WindowKind.DAILY, moment, zone).start.astimezone(zone).date()


def working_days(window: Window, now: datetime) -> int:
    """Dates from Monday to Friday in the part of `window` that has begun by `now`, the date of `now` included.

    At least 1. A past window counts all of them; a date that the zone skipped is none.
    """
    last = min(now, window.end - timedelta.resolution)
    return max(1, _weekdays(date_of(window.start, window.zone), date_of(last, window.zone), window.zone))


@lru_cache(maxsize=4096)
def _weekdays(first: date, last: date, zone: ZoneInfo) -> int:
    """Kept, because all developers of a zone ask for the same windows."""
    dates = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(day.weekday() < _SATURDAY and _exists(day, zone) for day in dates)


def _exists(day: date, zone: ZoneInfo) -> bool:
    """False for a date that the zone jumped over, such as 30 December 2011 in Samoa."""
    midnight, following = (datetime.combine(day + timedelta(days=n), time(), zone).timestamp() for n in (0, 1))
    return midnight < following
