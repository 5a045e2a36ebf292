"""The calendar of a zone: where minutes, hours, days, weeks and months begin, and texts that name an instant."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.insights.buckets import (
    Interval,
)

FIRST_YEAR, LAST_YEAR = 1970, 2200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_RELATIVE = re.compile(r"(?:-(?P<number>\d{1,5}))?(?P<unit>[sMhdwmqy])(?P<edge>Start|End)?", re.ASCII)
_EXACT_UNITS = {"s": timedelta(seconds=1), "M": timedelta(minutes=1), "h": timedelta(hours=1)}
_MONTHS = {"m": 1, "q": 3, "y": 12}
FORMS = "-7d, -24h, -2w, -1m, -1q, -1y, dStart, -1dEnd, wStart, mStart, yStart, hStart, 2026-05-25, 2026-05-25T14:00"


@dataclass(frozen=True, slots=True)
class Told:
    """A text that was read. `whole_day`: what it tells is a day, and `at` lies in it; `is_date`: it is written out."""

    at: datetime
    whole_day: bool
    is_date: bool = False


def floor(at: datetime, interval: Interval, zone: ZoneInfo) -> datetime:
    """Where the interval began that `at` lies in."""
    local = at.astimezone(zone)
    match interval:
        case Interval.MINUTE:
            start = local.replace(second=0, microsecond=0)
        case Interval.HOUR:
            start = local.replace(minute=0, second=0, microsecond=0)
        case Interval.DAY:
            return midnight(local.date(), zone)
        case Interval.WEEK:
            return midnight(local.date() - timedelta(days=local.weekday()), zone)
        case Interval.MONTH:
            return midnight(local.date().replace(day=1), zone)
    return start.astimezone(UTC)


def following(start: datetime, interval: Interval, zone: ZoneInfo) -> datetime:
    """Where the interval after the one that `start` lies in begins."""
    match interval:
        case Interval.MINUTE | Interval.HOUR:
            step = timedelta(minutes=1) if interval is Interval.MINUTE else timedelta(hours=1)
            # Clocks that are put by half an hour cut an hour short, or have one that begins twice.
            found = floor(start + step, interval, zone)
            return found if found > start else start + step
        case Interval.DAY | Interval.WEEK | Interval.MONTH:
            day = floor(start, interval, zone).astimezone(zone).date()
            found = midnight(_later(day, interval), zone)
            # A day that a zone left out has no beginning of its own.
            return found if found > start else following(start + timedelta(hours=1), interval, zone)


def _later(day: date, interval: Interval) -> date:
    if interval is Interval.MONTH:
        return months_later(day.replace(day=1), 1)
    return day + timedelta(days=1 if interval is Interval.DAY else 7)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day. Where clocks jump over midnight it begins when they have."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """The same day of a month, or its last one where it has fewer."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def moved(at: datetime, amount: int, unit: str, zone: ZoneInfo) -> datetime:
    """`amount` units later by the clock of the zone, hours and shorter ones by what passes. Raises ValueError outside
    the years that can be asked of."""
    local = at.astimezone(zone)
    try:
        if unit in _EXACT_UNITS:
            found = at + amount * _EXACT_UNITS[unit]
        elif unit in _MONTHS:
            day = months_later(local.date(), amount * _MONTHS[unit])
            found = datetime.combine(day, local.time(), zone)
        else:
            day = local.date() + timedelta(days=amount * (7 if unit == "w" else 1))
            found = datetime.combine(day, local.time(), zone)
    except OverflowError as error:
        raise ValueError from error
    return _within_years(found.astimezone(UTC))


def _within_years(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError
    return at


def told(text: str, now: datetime, zone: ZoneInfo) -> Told:
    """Reads a date, a date with its time, or a text that counts back from now. Raises ValueError for any other."""
    if _DAY.fullmatch(text):
        return Told(_within_years(midnight(date.fromisoformat(text), zone)), whole_day=True, is_date=True)
    if _MOMENT.fullmatch(text):
        at = datetime.fromisoformat(text)
        return Told(_within_years((at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)), whole_day=False)
    found = _RELATIVE.fullmatch(text)
    if found is None or not (found["number"] or found["edge"]):
        raise ValueError
    unit = found["unit"]
    at = moved(now, -int(found["number"] or 0), unit, zone)
    if found["edge"] is None:
        return Told(at, whole_day=unit not in _EXACT_UNITS)
    return Told(_edge(at, unit, found["edge"] == "End", zone), whole_day=False)


def _edge(at: datetime, unit: str, end: bool, zone: ZoneInfo) -> datetime:
    """The beginning or the end of the unit that `at` lies in."""
    if unit == "s":
        start = at.replace(microsecond=0)
        return start + timedelta(seconds=1) if end else start
    if unit in ("q", "y"):
        day = at.astimezone(zone).date()
        months = _MONTHS[unit]
        first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
        return midnight(months_later(first, months) if end else first, zone)
    interval = _INTERVALS[unit]
    return following(at, interval, zone) if end else floor(at, interval, zone)


_INTERVALS = {"M": Interval.MINUTE, "h": Interval.HOUR, "d": Interval.DAY, "w": Interval.WEEK, "m": Interval.MONTH}
