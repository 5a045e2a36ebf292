"""Trends, lifecycle and stickiness computed event by event, in the plainest Python there is."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import fmean
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    AllOf,
    AnyOf,
    Condition,
    Filter,
    Matched,
    Operator,
    Property,
    PropertySource,
)
from domain.insights.plans import (
    OTHER,
    BreakdownValue,
    LifecycleCounts,
    LifecyclePlan,
    Line,
    Math,
    Series,
    StickinessPlan,
    Subject,
    TrendsPlan,
)
from domain.values import UserId
from tests.make_insights import Made

_STEPS = {
    Interval.MINUTE: timedelta(minutes=1),
    Interval.HOUR: timedelta(hours=1),
    Interval.DAY: timedelta(days=1),
    Interval.WEEK: timedelta(days=7),
}
_SHARES = {Math.MEDIAN: 0.5, Math.P75: 0.75, Math.P90: 0.9, Math.P95: 0.95, Math.P99: 0.99}


def cut(start: datetime, count: int, interval: Interval, until: datetime | None = None) -> Buckets:
    """`count` buckets from a wall-clock time of a zone on; the last ends `until` where that is told."""
    zone = start.tzinfo
    assert isinstance(zone, ZoneInfo)
    short = interval in (Interval.MINUTE, Interval.HOUR)
    first = start.astimezone(UTC) if short else start
    bounds = [(first + step * _STEPS[interval]).astimezone(UTC) for step in range(count + 1)]
    return Buckets(tuple(bounds[:-1]), until or bounds[-1], interval, zone.key)


def value_of(event: Made, property: Property) -> object:
    if property.source is PropertySource.PERSON:
        return str(event.user_id)
    if property.key == "session_id":
        return event.session_id
    if property.key == "arc_id":
        return None if event.arc_id is None else str(event.arc_id)
    return event.told(property.key)


def passes(event: Made, filter: Filter) -> bool:
    match filter:
        case AllOf():
            return all(passes(event, part) for part in filter.parts)
        case AnyOf():
            return any(passes(event, part) for part in filter.parts)
        case Condition():
            return _holds(value_of(event, filter.property), filter)


_TESTS: dict[Operator, Callable[[object, object], bool]] = {
    Operator.EXACT: lambda value, bound: value == bound,
    Operator.ICONTAINS: lambda value, bound: str(bound).lower() in str(value).lower(),
    Operator.REGEX: lambda value, bound: re.search(str(bound), str(value)) is not None,
    Operator.GT: lambda value, bound: value > bound,  # type: ignore[operator]
    Operator.GTE: lambda value, bound: value >= bound,  # type: ignore[operator]
    Operator.LT: lambda value, bound: value < bound,  # type: ignore[operator]
    Operator.LTE: lambda value, bound: value <= bound,  # type: ignore[operator]
}
_NEGATED = {
    Operator.IS_NOT: Operator.EXACT,
    Operator.NOT_ICONTAINS: Operator.ICONTAINS,
    Operator.NOT_REGEX: Operator.REGEX,
}


def _holds(value: object, rule: Condition) -> bool:
    if rule.operator is Operator.IS_SET:
        return value is not None
    if rule.operator is Operator.IS_NOT_SET:
        return value is None
    if rule.operator in _NEGATED:
        return value is None or not any(_TESTS[_NEGATED[rule.operator]](value, one) for one in rule.values)
    return value is not None and any(_TESTS[rule.operator](value, one) for one in rule.values)


def matching(events: Iterable[Made], matched: Matched, where: Filter) -> list[Made]:
    return [
        one
        for one in events
        if matched.event in (None, one.event) and passes(one, matched.where) and passes(one, where)
    ]


def of_user(events: Iterable[Made], user: UserId | None) -> list[Made]:
    return [one for one in events if user in (None, one.user_id)]


def subject(event: Made, kind: Subject) -> object:
    return {Subject.DEVELOPER: event.user_id, Subject.SESSION: event.session_id, Subject.ARC: event.arc_id}[kind]


def trends(events: Sequence[Made], plan: TrendsPlan) -> list[Line]:
    return [line for place, series in enumerate(plan.series) for line in _lines(place, series, events, plan)]


def _lines(place: int, series: Series, events: Sequence[Made], plan: TrendsPlan) -> list[Line]:
    windows = [_window(series.math, number, plan.within) for number in range(len(plan.within.starts))]
    counting = _counting(series, events, plan, min(start for start, _ in windows))
    values = _top([_told(one, plan) for one in counting], plan) if plan.breakdown else [()]
    lines = []
    for value in values:
        among = [one for one in counting if _stands_for(_told(one, plan), values) == value]
        if plan.only_first and series.math in (Math.DAU, Math.UNIQUE_SESSION):
            among = _first_of_each(among, Subject.SESSION if series.math is Math.UNIQUE_SESSION else plan.subject)
        numbers = [_number(series, [one for one in among if start <= one.ts < end], plan) for start, end in windows]
        lines.append(Line(place, value, tuple(numbers)))
    return lines


def _window(kind: Math, number: int, within: Buckets) -> tuple[datetime, datetime]:
    start, end = within.bounds[number : number + 2]
    days = {Math.WEEKLY_ACTIVE: 7, Math.MONTHLY_ACTIVE: 30}.get(kind)
    if days is None:
        return start, end
    local = end.astimezone(ZoneInfo(within.zone))
    return (local - timedelta(days=days)).astimezone(UTC), end


def _counting(series: Series, events: Sequence[Made], plan: TrendsPlan, since: datetime) -> list[Made]:
    found = [one for one in matching(events, series.matched, plan.where) if one.ts < plan.within.end]
    if series.of is not None:
        found = [one for one in found if isinstance(_number_of(one, series), int | float)]
    if series.math in (Math.DAU, Math.WEEKLY_ACTIVE, Math.MONTHLY_ACTIVE, Math.FIRST_TIME_FOR_USER):
        found = [one for one in found if subject(one, plan.subject) is not None]
    if series.math is Math.FIRST_TIME_FOR_USER:
        found = _first_of_each(found, plan.subject)
    return [one for one in found if one.ts >= since]


def _first_of_each(events: list[Made], kind: Subject) -> list[Made]:
    first: dict[object, Made] = {}
    for one in sorted(events, key=lambda one: (one.ts, one.ordinal, one.id)):
        first.setdefault(subject(one, kind), one)
    return list(first.values())


def _number_of(event: Made, series: Series) -> object:
    assert series.of is not None
    value = value_of(event, series.of)
    return None if isinstance(value, bool) else value


def _told(event: Made, plan: TrendsPlan) -> BreakdownValue:
    assert plan.breakdown is not None or not plan.breakdown
    properties = () if plan.breakdown is None else plan.breakdown.properties
    return tuple(_text(value_of(event, one)) for one in properties)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def _top(values: list[BreakdownValue], plan: TrendsPlan) -> list[BreakdownValue]:
    """The most frequent first; missing values behind all others of the same frequency."""
    assert plan.breakdown is not None
    counts = Counter(values)
    order = sorted(counts, key=lambda value: (-counts[value], [(one is None, one or "") for one in value]))
    rest = [(OTHER,) * len(plan.breakdown.properties)] if len(order) > plan.breakdown.limit else []
    return order[: plan.breakdown.limit] + rest


def _stands_for(value: BreakdownValue, values: Sequence[BreakdownValue]) -> BreakdownValue:
    return value if value in values else (OTHER,) * len(value)


def _number(series: Series, events: list[Made], plan: TrendsPlan) -> float | None:
    if series.math in (Math.TOTAL, Math.FIRST_TIME_FOR_USER):
        return float(len(events))
    if series.math is Math.UNIQUE_SESSION:
        return float(len({one.session_id for one in events}))
    if series.of is None:
        return float(len({subject(one, plan.subject) for one in events}))
    numbers = sorted(float(str(_number_of(one, series))) for one in events)
    if series.math is Math.SUM:
        return math.fsum(numbers)
    return _mean(series.math, numbers) if numbers else None


def _mean(kind: Math, numbers: list[float]) -> float:
    if kind in _SHARES:
        at = _SHARES[kind] * (len(numbers) - 1)
        low, high = numbers[math.floor(at)], numbers[math.ceil(at)]
        return low + (high - low) * (at - math.floor(at))
    return {Math.AVG: fmean, Math.MIN: min, Math.MAX: max}[kind](numbers)


def _active_in(events: Sequence[Made], kind: Subject, bounds: Sequence[datetime]) -> list[set[object]]:
    return [{subject(one, kind) for one in events if start <= one.ts < end} - {None} for start, end in pairwise(bounds)]


def lifecycle(events: Sequence[Made], plan: LifecyclePlan) -> LifecycleCounts:
    found = matching(events, plan.matched, plan.where)
    bounds = [datetime(1970, 1, 1, tzinfo=UTC), plan.before, *plan.within.bounds]
    active = _active_in(found, plan.subject, bounds)
    counts: list[tuple[int, int, int, int]] = []
    for place in range(2, len(active)):
        now, before, ever = active[place], active[place - 1], set[object]().union(*active[:place])
        counts.append((len(now - ever), len(now & before), len(now & ever - before), len(before - now)))
    return LifecycleCounts(*zip(*counts, strict=True))


def stickiness(events: Sequence[Made], plan: StickinessPlan) -> list[list[int]]:
    found = []
    for series in plan.series:
        active = _active_in(matching(events, series, plan.where), plan.subject, plan.within.bounds)
        days = Counter(one for each in active for one in each)
        sizes = range(1, len(active) + 1)
        found.append([sum(n >= size if plan.cumulative else n == size for n in days.values()) for size in sizes])
    return found


def arcs(events: Iterable[Made]) -> set[UUID]:
    return {one.arc_id for one in events if one.arc_id is not None}
