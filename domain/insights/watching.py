"""Which number of an insight an alert looks at.

Buckets of time are looked at once they are over, unless a watch asks for the one that goes on.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from domain.insights.buckets import (
    Interval,
)
from domain.insights.plans import (
    LifecycleStatus,
    in_words,
)
from domain.insights.results import (
    Cohort,
    FunnelResult,
    FunnelStep,
    FunnelTimesResult,
    FunnelTrendsResult,
    LifecycleResult,
    PathsResult,
    Resolved,
    Result,
    RetentionResult,
    SqlResult,
    StickinessLine,
    StickinessResult,
    TrendsLine,
    TrendsResult,
)
from domain.scores.windows import WindowKind, window_containing


@dataclass(frozen=True, slots=True)
class TrendsWatch:
    """A series or formula, from 0. With a breakdown: of which value; None: of each, and one is enough."""

    series: int = 0
    breakdown: tuple[str, ...] | None = None
    ongoing: bool = False
    kind: Literal["trends"] = "trends"


@dataclass(frozen=True, slots=True)
class FunnelWatch:
    """Which percentage got through the whole funnel, or with `step` (from 1) from the step before to this one. Of a
    funnel shown over time it is that of a bucket, of times to convert the average in seconds."""

    step: int | None = None
    breakdown: tuple[str, ...] | None = None
    ongoing: bool = False
    kind: Literal["funnel"] = "funnel"


@dataclass(frozen=True, slots=True)
class RetentionWatch:
    """Which percentage came back `period` periods later: of the last cohort that had the time, or of all that had."""

    period: int = 1
    average: bool = False
    breakdown: tuple[str, ...] | None = None
    kind: Literal["retention"] = "retention"


@dataclass(frozen=True, slots=True)
class PathsWatch:
    """How many went from one to the other, at one step (from 1) or at any."""

    source: str
    target: str
    step: int | None = None
    kind: Literal["paths"] = "paths"


@dataclass(frozen=True, slots=True)
class LifecycleWatch:
    """How many are new, returning, resurrecting or (counted above zero) dormant."""

    status: LifecycleStatus
    ongoing: bool = False
    kind: Literal["lifecycle"] = "lifecycle"


@dataclass(frozen=True, slots=True)
class StickinessWatch:
    """Which percentage of a series was active in `intervals` buckets or more."""

    series: int = 0
    intervals: int = 2
    kind: Literal["stickiness"] = "stickiness"


@dataclass(frozen=True, slots=True)
class SqlWatch:
    """The first number in a column; None: in the first column that has one in the first row."""

    column: str | None = None
    kind: Literal["sql"] = "sql"


Watch: TypeAlias = TrendsWatch | FunnelWatch | RetentionWatch | PathsWatch | LifecycleWatch | StickinessWatch | SqlWatch
WATCH: TypeAdapter[Watch] = TypeAdapter(Watch)
"""Reads and writes watches as they are stored."""


class Reading(NamedTuple):
    """A number that is watched, and the one before it where the result has one. `label`: which of several it is."""

    value: float
    before: float | None = None
    label: str | None = None


class NotThere(Exception):
    """The result has no such number, and will not have one: the insight is of another kind, or of fewer series."""


def readings(watch: Watch, result: Result, now: datetime) -> tuple[Reading, ...]:
    """What the watch sees: one number, or one for each value of a breakdown; none where nothing has happened yet.

    Raises NotThere where the result does not fit the watch.
    """
    return tuple(one for one in _readings(watch, result, now) if math.isfinite(one.value))


def _readings(watch: Watch, result: Result, now: datetime) -> Iterator[Reading]:
    match watch, result:
        case TrendsWatch(), TrendsResult():
            return _of_trends(watch, result, now)
        case FunnelWatch(), FunnelResult():
            return _of_funnel(watch, result)
        case FunnelWatch(), FunnelTimesResult():
            return _number(result.average_s)
        case FunnelWatch(), FunnelTrendsResult():
            return _of_funnel_trends(watch, result, now)
        case RetentionWatch(), RetentionResult():
            return _of_retention(watch, result, now)
        case PathsWatch(), PathsResult():
            return _of_paths(watch, result)
        case LifecycleWatch(), LifecycleResult():
            return _of_lifecycle(watch, result, now)
        case StickinessWatch(), StickinessResult():
            return _of_stickiness(watch, result)
        case SqlWatch(), SqlResult():
            return _of_sql(watch, result)
        case _:
            raise NotThere(f"this alert watches {watch.kind}, but the insight shows {result.kind}")


def _of_trends(watch: TrendsWatch, result: TrendsResult, now: datetime) -> Iterator[Reading]:
    mine = [line for line in result.lines if line.series == watch.series and line.compare != "previous"]
    wanted = [line for line in mine if _is_wanted(line.breakdown, watch.breakdown)]
    if watch.breakdown is not None and not wanted:
        yield Reading(0.0, label=_label(watch.breakdown))  # a value that nothing has any more
    for line in wanted:
        yield from _of_line(line, result.resolved, watch.ongoing, now)


def _of_line(line: TrendsLine, resolved: Resolved, ongoing: bool, now: datetime) -> Iterator[Reading]:
    label = _label(line.breakdown)
    if line.aggregated_value is not None:
        yield Reading(line.aggregated_value, label=label)
    else:
        yield from _last(line.days, line.data, resolved, ongoing, now, label)


def _of_funnel(watch: FunnelWatch, result: FunnelResult) -> Iterator[Reading]:
    for group in result.groups:
        if _is_wanted(group.breakdown, watch.breakdown):
            share = _conversion(group.steps, watch.step)
            yield from _number(share, _label(group.breakdown))


def _conversion(steps: Sequence[FunnelStep], step: int | None) -> float | None:
    if step is not None and not 1 <= step < len(steps):
        raise NotThere(f"this funnel has {len(steps)} steps, and none leads to number {step}")
    first, last = (steps[0], steps[-1]) if step is None else (steps[step - 1], steps[step])
    return _percent(last.count, first.count)


def _of_funnel_trends(watch: FunnelWatch, result: FunnelTrendsResult, now: datetime) -> Iterator[Reading]:
    if watch.step is not None:
        raise NotThere("a funnel that is shown over time has no numbers of its steps")
    for line in result.lines:
        if _is_wanted(line.breakdown, watch.breakdown):
            yield from _last(line.days, line.rates, result.resolved, watch.ongoing, now, _label(line.breakdown))


def _of_retention(watch: RetentionWatch, result: RetentionResult, now: datetime) -> Iterator[Reading]:
    if watch.period >= max(len(result.period_labels), 1):
        raise NotThere(f"this insight looks at {len(result.period_labels)} periods, counted from 0")
    for breakdown in dict.fromkeys(cohort.breakdown for cohort in result.cohorts):
        if _is_wanted(breakdown, watch.breakdown):
            mine = [cohort for cohort in result.cohorts if cohort.breakdown == breakdown]
            yield from _of_cohorts(mine, watch, result.resolved, now, _label(breakdown))


def _of_cohorts(
    cohorts: Sequence[Cohort], watch: RetentionWatch, resolved: Resolved, now: datetime, label: str | None
) -> Iterator[Reading]:
    over = _over([cohort.date for cohort in cohorts], resolved, now)
    had_time = [one for one in cohorts[: max(over - watch.period, 0)] if watch.period < len(one.values)]
    if watch.average:
        came = sum(cohort.values[watch.period] for cohort in had_time)
        yield from _number(_percent(came, sum(cohort.size for cohort in had_time)), label)
        return
    shares = [_percent(cohort.values[watch.period], cohort.size) for cohort in had_time]
    if shares and shares[-1] is not None:
        yield Reading(shares[-1], shares[-2] if len(shares) > 1 else None, label)


def _of_paths(watch: PathsWatch, result: PathsResult) -> Iterator[Reading]:
    """None at all is a number, too."""
    mine = [edge for edge in result.edges if (edge.source, edge.target) == (watch.source, watch.target)]
    yield Reading(float(sum(edge.count for edge in mine if watch.step in (None, edge.step))))


def _of_lifecycle(watch: LifecycleWatch, result: LifecycleResult, now: datetime) -> Iterator[Reading]:
    for line in result.lines:
        if line.status == watch.status:
            yield from _last(line.days, [abs(one) for one in line.data], result.resolved, watch.ongoing, now)


def _of_stickiness(watch: StickinessWatch, result: StickinessResult) -> Iterator[Reading]:
    lines = [line for line in result.lines if line.series == watch.series]
    if not lines:
        raise NotThere(f"there is no series {watch.series}, counted from 0")
    for line in lines:
        yield from _number(_sticky(line, watch.intervals, result.cumulative))


def _sticky(line: StickinessLine, intervals: int, cumulative: bool) -> float | None:
    counts = dict(zip(line.intervals, line.data, strict=True))
    if cumulative:
        return _percent(counts.get(intervals, 0.0), counts.get(1, 0.0))
    return _percent(sum(count for n, count in counts.items() if n >= intervals), sum(counts.values()))


def _of_sql(watch: SqlWatch, result: SqlResult) -> Iterator[Reading]:
    if watch.column is None:
        cells = [cell for row in result.rows[:1] for cell in row]
    elif watch.column in result.columns:
        place = result.columns.index(watch.column)
        cells = [row[place] for row in result.rows]
    else:
        raise NotThere(f"the statement answers with no column {watch.column}")
    numbers = (cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool))
    yield from _number(next(numbers, None))


def _is_wanted(breakdown: tuple[str, ...] | None, wanted: tuple[str, ...] | None) -> bool:
    return wanted is None or breakdown == wanted


def _label(breakdown: tuple[str, ...] | None) -> str | None:
    return in_words(breakdown) or None


def _number(value: float | None, label: str | None = None) -> Iterator[Reading]:
    if value is not None:
        yield Reading(float(value), label=label)


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _last(
    days: Sequence[str],
    values: Sequence[float | None],
    resolved: Resolved,
    ongoing: bool,
    now: datetime,
    label: str | None = None,
) -> Iterator[Reading]:
    """The value of the last bucket that is over, or with `ongoing` of the last that has begun."""
    zone = ZoneInfo(resolved.time_zone)
    count = sum(_moment(day, zone) <= now for day in days) if ongoing else _over(days, resolved, now)
    shown = list(values[:count])
    if shown and shown[-1] is not None:
        yield Reading(shown[-1], shown[-2] if len(shown) > 1 else None, label)


def _over(days: Sequence[str], resolved: Resolved, now: datetime) -> int:
    """How many of the buckets that begin at `days` are over."""
    if not days:
        return 0
    starts = [_moment(day, ZoneInfo(resolved.time_zone)) for day in days]
    ends = [*starts[1:], _end(starts[-1], resolved.interval or Interval.DAY)]
    return sum(end <= now for end in ends)


def _moment(day: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(day)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


_CALENDAR = {
    Interval.DAY: WindowKind.DAILY,
    Interval.WEEK: WindowKind.WEEKLY,
    Interval.MONTH: WindowKind.MONTHLY,
}
_CLOCK = {Interval.MINUTE: timedelta(minutes=1), Interval.HOUR: timedelta(hours=1)}


def _end(start: datetime, interval: Interval) -> datetime:
    if interval in _CLOCK:
        return start.astimezone(UTC) + _CLOCK[interval]
    zone = start.tzinfo if isinstance(start.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    return window_containing(_CALENDAR[interval], start.astimezone(UTC), zone).end
