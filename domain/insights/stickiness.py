"""Stickiness: from the query to the plan, and from what an engine found to the result."""

from collections.abc import Sequence

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.plans import (
    StickinessPlan,
)
from domain.insights.query_dates import Frame, buckets
from domain.insights.query_filters import filter_of, matched, subject_of
from domain.insights.query_models import StickinessQuery
from domain.insights.query_parts import EventsNode
from domain.insights.results import Resolved, StickinessLine, StickinessResult


def plan(query: StickinessQuery, frame: Frame) -> StickinessPlan:
    """Raises InvalidQuery."""
    return StickinessPlan(
        tuple(matched(node, frame, ("series", str(place))) for place, node in enumerate(query.series)),
        _whole(query, frame).until(frame.now),
        filter_of(query.properties, frame),
        is_cumulative(query),
        subject_of(query),
    )


def is_cumulative(query: StickinessQuery) -> bool:
    """Whether who is counted for more intervals is counted for fewer, too."""
    return query.stickiness_filter is not None and query.stickiness_filter.computed_as == "cumulative"


def _whole(query: StickinessQuery, frame: Frame) -> Buckets:
    return buckets(query.date_range, query.interval, frame)


def result(query: StickinessQuery, frame: Frame, found: Sequence[Sequence[int]]) -> StickinessResult:
    """A line for each series, with a number for each interval that the range has, those to come too."""
    within = _whole(query, frame)
    lines = tuple(_line(place, query.series[place], within, counts) for place, counts in enumerate(found))
    resolved = Resolved(within.starts[0], within.end, within.zone, within.interval)
    return StickinessResult("stickiness", resolved, lines, is_cumulative(query))


def _line(place: int, node: EventsNode, within: Buckets, counts: Sequence[int]) -> StickinessLine:
    intervals = tuple(range(1, len(within.starts) + 1))
    data = (*map(float, counts), *[0.0] * (len(intervals) - len(counts)))
    labels = tuple(_label(number, within.interval) for number in intervals)
    label = node.event or "All events"
    return StickinessLine(place, node.event, label, intervals, labels, data, sum(data), node.custom_name)


def _label(number: int, interval: Interval) -> str:
    return f"{number} {interval}{'' if number == 1 else 's'}"
