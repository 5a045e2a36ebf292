"""The arcs behind one number of trends."""

from collections.abc import Sequence

from domain.insights.drill_downs import (
    DrillDown,
    TrendsPoint,
)
from domain.insights.errors import InvalidQuery
from domain.insights.plans import (
    OTHER,
    Math,
    TrendsPlan,
    meant,
)
from domain.values import Span
from persistence.database import Reading, Tenant
from persistence.insights.arcs import check_place, newest
from persistence.insights.conditions import Binds
from persistence.insights.counted import within
from persistence.insights.engine import FoundArc
from persistence.insights.trends import ACTIVE_DAYS, REST, events_of, first_events, marking, read_span, told_as


async def arcs(db: Reading, tenant: Tenant, plan: TrendsPlan, point: TrendsPoint, ask: DrillDown) -> Sequence[FoundArc]:
    """Those of the events that a number counts."""
    check_place(point.series, len(plan.series), "series")
    check_place(point.bucket, len(plan.within.starts), "bucket")
    binds = Binds(tenant)
    rule = f"TRUE{within(binds, 'ts', _span(plan, point))}{_is_told(plan, point, binds)}"
    events = _counting(plan, point, binds)
    if plan.breakdown is None:
        return await newest(db, binds, f"SELECT arc FROM ({events}) AS c WHERE {rule}", ask)
    marked = f"WITH cells AS ({events}), {marking(plan.breakdown, binds)}"
    return await newest(db, binds, f"{marked} SELECT arc FROM marked WHERE {rule}", ask)


def _counting(plan: TrendsPlan, point: TrendsPoint, binds: Binds) -> str:
    """All events that count for the series: with a breakdown it takes them all to know which values are the rest."""
    series = plan.series[point.series]
    if series.math is not Math.FIRST_TIME_FOR_USER:
        return events_of(plan, series, binds, read_span(plan, series))
    firsts = first_events(events_of(plan, series, binds, Span(None, plan.within.end)))
    return f"SELECT * FROM ({firsts}) AS f WHERE ts >= {binds.instant(plan.within.starts[0])}"


def _span(plan: TrendsPlan, point: TrendsPoint) -> Span:
    """When events count for the number; for a running sum it is all the time until then."""
    if point.bucket is None:
        return read_span(plan, plan.series[point.series])
    days = ACTIVE_DAYS.get(plan.series[point.series].math)
    bounds = plan.within.bounds
    first = 0 if plan.only_first else point.bucket
    start = bounds[first] if days is None else plan.within.active_since(days)[first]
    return Span(start, bounds[point.bucket + 1])


def _is_told(plan: TrendsPlan, point: TrendsPoint, binds: Binds) -> str:
    if plan.breakdown is None:
        return ""
    value = meant(point.breakdown)
    if len(value) != len(plan.breakdown.properties):
        raise InvalidQuery("the breakdown has as many values as it has properties")
    if OTHER in value:
        return f" AND rank = {REST}"
    return f" AND rank < {REST} AND told = {told_as(value, binds)}"
