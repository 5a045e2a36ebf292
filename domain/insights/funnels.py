"""Funnels: from the query to the plan, and from what an engine found to the result."""

from collections.abc import Sequence
from dataclasses import replace

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.errors import InsightFault
from domain.insights.plans import (
    OTHER,
    Attribution,
    BreakdownValue,
    Exclusion,
    FunnelCounts,
    FunnelOrder,
    FunnelPlan,
    FunnelTimes,
    FunnelTrend,
    named,
)
from domain.insights.query_dates import Frame, buckets, days, labels, span, window
from domain.insights.query_errors import Place, invalid
from domain.insights.query_filters import breakdown_of, filter_of, matched, subject_of
from domain.insights.query_models import FunnelExclusion, FunnelsFilter, FunnelsQuery
from domain.insights.query_parts import EventsNode
from domain.insights.results import (
    FunnelResult,
    FunnelStep,
    FunnelSteps,
    FunnelTimesResult,
    FunnelTrendLine,
    FunnelTrendsResult,
    Resolved,
    TimeBin,
)

_FILTER: Place = ("funnelsFilter",)


def plan(query: FunnelsQuery, frame: Frame) -> FunnelPlan:
    """Raises InvalidQuery, also for a single step: it can be stored, not computed."""
    if len(query.series) < 2:
        raise invalid("a funnel needs two steps to be computed", ("series",))
    filter = _filter(query)
    first, last = ends(query)
    whole = FunnelPlan(
        steps=tuple(matched(node, frame, ("series", str(place))) for place, node in enumerate(query.series)),
        within=_whole(query, frame).until(frame.now),
        window=window(filter),
        order=filter.funnel_order_type or FunnelOrder.ORDERED,
        exclusions=_exclusions(query, frame),
        where=filter_of(query.properties, frame),
        breakdown=breakdown_of(query.breakdown_filter),
        attribution=filter.breakdown_attribution_type or Attribution.FIRST_TOUCH,
        attribution_step=filter.breakdown_attribution_value or 0,
        subject=subject_of(query),
    )
    return _over_time(whole, first, last) if is_over_time(query) else whole


def behind(query: FunnelsQuery, frame: Frame) -> FunnelPlan:
    """The plan whose points are the numbers of the result: in times to convert nothing is told apart."""
    whole = plan(query, frame)
    if _filter(query).funnel_viz_type != "time_to_convert":
        return whole
    return replace(whole, breakdown=None, entered=ends(query)[0])


def _filter(query: FunnelsQuery) -> FunnelsFilter:
    return query.funnels_filter or FunnelsFilter()


def is_over_time(query: FunnelsQuery) -> bool:
    return _filter(query).funnel_viz_type == "trends"


def _over_time(whole: FunnelPlan, first: int, last: int) -> FunnelPlan:
    """Over time a funnel ends with the step that counts as converted."""
    exclusions = (replace(one, before=min(one.before, last)) for one in whole.exclusions if one.after < last)
    return replace(whole, steps=whole.steps[: last + 1], entered=first, exclusions=tuple(exclusions))


def ends(query: FunnelsQuery) -> tuple[int, int]:
    """From which step to which (from 0) times to convert and rates over time are: the first and the last by default.

    Raises InvalidQuery where they are no two steps in this order.
    """
    filter, most = _filter(query), len(query.series) - 1
    last = most if filter.funnel_to_step is None else filter.funnel_to_step
    first = filter.funnel_from_step or 0
    if first >= last:
        raise invalid("must be a step before funnelToStep", (*_FILTER, "funnelFromStep"))
    return first, last


def _whole(query: FunnelsQuery, frame: Frame) -> Buckets:
    """The range, only over time cut into intervals, those to come too."""
    if is_over_time(query):
        return buckets(query.date_range, query.interval, frame)
    return _uncut(query, frame)


def _uncut(query: FunnelsQuery, frame: Frame) -> Buckets:
    within = span(query.date_range, frame, interval=query.interval)
    assert within.start is not None
    assert within.end is not None
    return Buckets((within.start,), within.end, query.interval or Interval.DAY, frame.zone.key)


def _exclusions(query: FunnelsQuery, frame: Frame) -> tuple[Exclusion, ...]:
    found = _filter(query).exclusions or ()
    return tuple(_exclusion(query, one, frame, (*_FILTER, "exclusions", str(at))) for at, one in enumerate(found))


def _exclusion(query: FunnelsQuery, one: FunnelExclusion, frame: Frame, place: Place) -> Exclusion:
    after, before, most = one.funnel_from_step, one.funnel_to_step, len(query.series) - 1
    if _filter(query).funnel_order_type is FunnelOrder.UNORDERED and (after, before) != (0, most):
        message = f"unordered funnels have exclusions from step 0 to step {most} only"
        raise invalid(message, (*place, "funnelToStep"), InsightFault.NOT_SUPPORTED)
    return Exclusion(matched(one, frame, place), after, before)


def result(query: FunnelsQuery, frame: Frame, found: Sequence[FunnelCounts]) -> FunnelResult:
    """Of a funnel's steps."""
    groups = tuple(_group(query, counts) for counts in found if not _is_hidden(query, counts.breakdown))
    return FunnelResult("funnel", _resolved(query, frame), groups)


def _is_hidden(query: FunnelsQuery, value: BreakdownValue) -> bool:
    filter = query.breakdown_filter
    return filter is not None and bool(filter.breakdown_hide_other_aggregation) and OTHER in value


def _resolved(query: FunnelsQuery, frame: Frame) -> Resolved:
    whole = _whole(query, frame)
    return Resolved(whole.starts[0], whole.end, whole.zone, whole.interval if is_over_time(query) else None)


def _group(query: FunnelsQuery, found: FunnelCounts) -> FunnelSteps:
    breakdown = named(found.breakdown)
    each = zip(query.series, found.counts, found.average_s, found.median_s, strict=True)
    steps = (_step(order, *told, breakdown) for order, told in enumerate(each))
    return FunnelSteps(breakdown, tuple(steps))


def _step(
    order: int,
    node: EventsNode,
    count: int,
    average_s: float | None,
    median_s: float | None,
    breakdown: tuple[str, ...] | None,
) -> FunnelStep:
    name = node.event or "All events"
    return FunnelStep(order, node.event, name, node.custom_name, count, average_s, median_s, breakdown)


def times_result(query: FunnelsQuery, frame: Frame, found: FunnelTimes) -> FunnelTimesResult:
    """Of times to convert."""
    bins = tuple(TimeBin(start, count) for start, count in zip(found.starts_s, found.counts, strict=True))
    return FunnelTimesResult("funnel_times", _resolved(query, frame), bins, found.average_s)


def trends_result(query: FunnelsQuery, frame: Frame, found: Sequence[FunnelTrend]) -> FunnelTrendsResult:
    """Of a funnel over time; nobody has begun in the buckets that are yet to come."""
    within = _whole(query, frame)
    lines = tuple(_line(within, one) for one in found if not _is_hidden(query, one.breakdown))
    return FunnelTrendsResult("funnel_trends", _resolved(query, frame), lines)


def _line(within: Buckets, found: FunnelTrend) -> FunnelTrendLine:
    to_come = (0,) * (len(within.starts) - len(found.entered))
    entered, converted = (*found.entered, *to_come), (*found.converted, *to_come)
    rates = tuple(100 * done / began if began else None for began, done in zip(entered, converted, strict=True))
    return FunnelTrendLine(named(found.breakdown), days(within), labels(within), entered, converted, rates)
