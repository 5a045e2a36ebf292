"""Calendar windows in a developer's time zone (domain reference, section 11).

Windows are half-open and follow each other without gap or overlap, also where clocks are set back across midnight;
a date that a zone skipped is in no window of its own. Working with years close to 1 or 9999 raises OverflowError.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.values import Span


class Bounds(NamedTuple):
    """A half-open stretch of time with both of its ends."""

    start: datetime
    end: datetime


class Cut(NamedTuple):
    """A stretch of time as whole days, if it holds any, and what it cuts off the days before and after."""

    whole: Bounds | None
    edges: tuple[Bounds, ...]


class WindowKind(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Window:
    """[start, end), both in UTC: a calendar day, a week from Monday on, or a calendar month of `zone`."""

    kind: WindowKind
    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def bounds(self) -> "Bounds":
        return Bounds(self.start, self.end)

    def previous(self) -> "Window":
        """The calendar unit right before."""
        return window_containing(self.kind, self.start - timedelta.resolution, self.zone)


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name such as Europe/Berlin. Raises Invalid if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid(f"no time zone {name!r}", ("timeZone",)) from None


def window_containing(kind: WindowKind, moment: datetime, zone: ZoneInfo) -> Window:
    """The window in which an aware `moment` lies."""
    day = moment.astimezone(zone).date()
    window = _window(kind, day, zone)
    while moment < window.start:  # a date that came back for an hour, after clocks were set back across midnight
        day -= timedelta(days=1)
        window = _window(kind, day, zone)
    while moment >= window.end:
        day += timedelta(days=1)
        window = _window(kind, day, zone)
    return window


def last_windows(kind: WindowKind, now: datetime, zone: ZoneInfo, count: int = 4) -> tuple[Window, ...]:
    """The window of `now` and those before it, `count` in all, oldest first."""
    windows = [window_containing(kind, now, zone)]
    while len(windows) < count:
        windows.append(windows[-1].previous())
    return tuple(reversed(windows))


@lru_cache(maxsize=4096)
def cut_days(span: Bounds, zone: ZoneInfo) -> Cut:
    """Where the days of `zone` lie in a stretch of time that is not empty. Kept, as the same are asked for again."""
    first = window_containing(WindowKind.DAILY, span.start, zone)
    last = window_containing(WindowKind.DAILY, span.end - timedelta.resolution, zone)
    start = first.start if first.start == span.start else first.end
    end = last.end if last.end == span.end else last.start
    if start >= end:
        return Cut(None, (span,))
    edges = (Bounds(span.start, start), Bounds(end, span.end))
    return Cut(Bounds(start, end), tuple(edge for edge in edges if edge.start < edge.end))


def _window(kind: WindowKind, day: date, zone: ZoneInfo) -> Window:
    return _window_from(kind, _first_day(kind, day), zone)


@lru_cache(maxsize=4096)
def _window_from(kind: WindowKind, first: date, zone: ZoneInfo) -> Window:
    """Kept, because all developers of a zone ask for the same ones."""
    return Window(kind, _start_of(first, zone), _start_of(_next_first_day(kind, first), zone), zone)


def _first_day(kind: WindowKind, day: date) -> date:
    if kind is WindowKind.WEEKLY:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if kind is WindowKind.MONTHLY else day


def _next_first_day(kind: WindowKind, first: date) -> date:
    if kind is WindowKind.MONTHLY:
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if kind is WindowKind.WEEKLY else 1)


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a date: of two midnights the first, of a skipped one the moment of the skip."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
