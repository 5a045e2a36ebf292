"""The time a query is about, and how it is cut into minutes, hours, days, weeks and months of a zone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, repeat
from zoneinfo import ZoneInfo

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.query_calendar import FORMS, Told, floor, following, moved, told
from domain.insights.query_errors import Place, invalid, quoted
from domain.insights.query_models import FunnelsFilter, RetentionFilter
from domain.insights.query_parts import CompareFilter, DateRange
from domain.values import Span

MOST_BUCKETS = 1_000
MOST_COHORTS = 100
LONGEST_WINDOW = timedelta(days=5 * 366)
_SHORT = (Interval.MINUTE, Interval.HOUR)
_PLACE: Place = ("dateRange",)
_UNIT = {Interval.MINUTE: "M", Interval.HOUR: "h", Interval.DAY: "d", Interval.WEEK: "w", Interval.MONTH: "m"}
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Frame:
    """When and where a query is run: `first_event` is where "all" begins."""

    now: datetime
    zone: ZoneInfo
    first_event: datetime | None = None


ANY_FRAME = Frame(datetime(2026, 1, 1, 12, tzinfo=UTC), ZoneInfo("UTC"))
"""For checks of a query that is not run."""


def span(
    range: DateRange | None,
    frame: Frame,
    default: str = "-7d",
    interval: Interval | None = None,
    place: Place = _PLACE,
) -> Span:
    """The instants [start, end) that a range means; both are set.

    Days are meant whole, `explicitDate` or not where they are dates; without an end it is that of the current day, for
    hours and minutes that of the current one. Raises InvalidQuery for texts that are no date and for ranges that end
    before they begin.
    """
    range = range or DateRange()
    start = _start(range, frame, default, place)
    end = _end(range, frame, interval, place)
    if start >= end:
        text = f"the range is empty: it begins {_written(start, frame)} and ends {_written(end, frame)}"
        raise invalid(text, (*place, "date_to" if range.date_to else "date_from"))
    return Span(start, end)


def check_range(range: DateRange | None, place: Place) -> None:
    """Raises InvalidQuery where a text of the range is no date."""
    if range is not None:
        if range.date_from and range.date_from != "all":
            _told(range.date_from, ANY_FRAME, (*place, "date_from"))
        if range.date_to:
            _told(range.date_to, ANY_FRAME, (*place, "date_to"))


def _start(range: DateRange, frame: Frame, default: str, place: Place) -> datetime:
    if range.date_from == "all":
        return min(frame.first_event or frame.now, floor(frame.now, Interval.DAY, frame.zone))
    found = _told(range.date_from or default, frame, (*place, "date_from"))
    return floor(found.at, Interval.DAY, frame.zone) if _means_day(found, range) else found.at


def _end(range: DateRange, frame: Frame, interval: Interval | None, place: Place) -> datetime:
    if not range.date_to:
        cut = interval if interval is not None and interval in _SHORT else Interval.DAY
        return following(frame.now, cut, frame.zone)
    found = _told(range.date_to, frame, (*place, "date_to"))
    return following(found.at, Interval.DAY, frame.zone) if _means_day(found, range) else found.at


def _means_day(found: Told, range: DateRange) -> bool:
    return found.whole_day and (found.is_date or not range.explicit_date)


def _told(text: str, frame: Frame, place: Place) -> Told:
    try:
        return told(text, frame.now, frame.zone)
    except ValueError as error:
        raise invalid(f"{quoted(text)} is no date; write it like one of {FORMS}", place) from error


def _written(at: datetime, frame: Frame) -> str:
    return at.astimezone(frame.zone).isoformat(" ", "minutes")


def buckets(
    range: DateRange | None,
    interval: Interval | None,
    frame: Frame,
    default: str = "-7d",
    most: int = MOST_BUCKETS,
    place: Place = _PLACE,
) -> Buckets:
    """The range cut into intervals, days without one. It begins with a whole one unless `explicitDate` says that it
    begins in the midst; the last one ends with the range, also where that is after now.

    Raises InvalidQuery where there would be more than `most`, saying what to ask less of.
    """
    cut = interval or Interval.DAY
    within = span(range, frame, default, cut, place)
    assert within.start is not None
    assert within.end is not None
    exact = range is not None and range.explicit_date
    start = within.start if exact else floor(within.start, cut, frame.zone)
    starts = tuple(islice(_starts(start, within.end, cut, frame.zone), most + 1))
    if len(starts) > most:
        raise invalid(f"that is more than {most} times a {cut}: ask for a longer interval or a shorter range", place)
    return Buckets(starts, within.end, cut, frame.zone.key)


def _starts(start: datetime, end: datetime, interval: Interval, zone: ZoneInfo) -> Iterator[datetime]:
    while start < end:
        yield start
        start = following(start, interval, zone)


def retention_buckets(range: DateRange | None, filter: RetentionFilter, frame: Frame, place: Place = _PLACE) -> Buckets:
    """A bucket a cohort. Without `date_from` there are `totalIntervals` (8) periods up to the one with `date_to`; with
    it those from its period on. Either way a cohort shows `totalIntervals` values at most."""
    interval = filter.interval
    if range is not None and range.date_from:
        return buckets(range, interval, frame, most=MOST_COHORTS, place=place)
    end = _end(range or DateRange(), frame, interval, place)
    first = floor(end - timedelta.resolution, interval, frame.zone)
    for _ in repeat(None, (filter.total_intervals or 8) - 1):
        first = floor(first - timedelta.resolution, interval, frame.zone)
    return Buckets(tuple(_starts(first, end, interval, frame.zone)), end, interval, frame.zone.key)


def before(buckets: Buckets, compare: CompareFilter | None) -> Buckets | None:
    """As many buckets for the time that `buckets` are compared with; None where nothing is compared."""
    if compare is None or not compare.compare:
        return None
    zone, interval, count = ZoneInfo(buckets.zone), buckets.interval, len(buckets.starts)
    amount, unit = (count, _UNIT[interval]) if not compare.compare_to else _ago(compare.compare_to)
    try:
        start = moved(buckets.starts[0], -amount, unit, zone)
    except ValueError as error:
        raise invalid("reaches too far back", ("compareFilter", "compare_to")) from error
    if floor(buckets.starts[0], interval, zone) == buckets.starts[0]:
        start = floor(start, interval, zone)
    starts = [start]
    while len(starts) < count:
        starts.append(following(starts[-1], interval, zone))
    return replace(buckets, starts=tuple(starts), end=_end_like(buckets, starts[-1], zone))


def _ago(text: str) -> tuple[int, str]:
    return int(text[1:-1]), text[-1]


def _end_like(buckets: Buckets, last: datetime, zone: ZoneInfo) -> datetime:
    """Where the bucket that begins at `last` ends, if it is cut off as the last of `buckets` is."""
    whole = following(last, buckets.interval, zone)
    if following(buckets.starts[-1], buckets.interval, zone) <= buckets.end:
        return whole
    return min(whole, last + (buckets.end - buckets.starts[-1]))


def bucket_before(buckets: Buckets) -> datetime:
    """Where the bucket before the first one begins."""
    return floor(buckets.starts[0] - timedelta.resolution, buckets.interval, ZoneInfo(buckets.zone))


def days(buckets: Buckets) -> tuple[str, ...]:
    """The start of each for programs: 2026-05-25, or 2026-05-25 14:00:00 for hours and minutes, in its zone."""
    form = "%Y-%m-%d %H:%M:%S" if buckets.interval in _SHORT else "%Y-%m-%d"
    return tuple(start.strftime(form) for start in _local_starts(buckets))


def labels(buckets: Buckets) -> tuple[str, ...]:
    """The start of each for people: 25-May-2026, 25-May 14:00 for hours and minutes, May 2026 for months."""
    return tuple(_label(start, buckets.interval) for start in _local_starts(buckets))


def _label(start: datetime, interval: Interval) -> str:
    month = _MONTH_NAMES[start.month - 1]
    if interval in _SHORT:
        return f"{start.day}-{month} {start:%H:%M}"
    return f"{month} {start.year}" if interval is Interval.MONTH else f"{start.day}-{month}-{start.year}"


def _local_starts(buckets: Buckets) -> Iterator[datetime]:
    """By the clock of the zone; one that begins in the midst of its interval is called by where that begins."""
    zone = ZoneInfo(buckets.zone)
    return (floor(start, buckets.interval, zone).astimezone(zone) for start in buckets.starts)


def window(filter: FunnelsFilter | None, place: Place = ("funnelsFilter",)) -> timedelta:
    """How long a subject has from the first step to the last: 14 days if nothing is said; a month is 30 days.

    Raises InvalidQuery where it is longer than five years.
    """
    amount = (filter and filter.funnel_window_interval) or 14
    unit = timedelta(seconds=_SECONDS[(filter and filter.funnel_window_interval_unit) or "day"])
    if amount > LONGEST_WINDOW // unit:
        raise invalid(f"a window of {amount} is too long: five years at most", (*place, "funnelWindowInterval"))
    return amount * unit


_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400}
