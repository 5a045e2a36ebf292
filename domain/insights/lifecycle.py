"""Lifecycle: from the query to the plan, and from what an engine found to the result."""

from collections.abc import Sequence

from domain.insights.buckets import (
    Buckets,
)
from domain.insights.plans import (
    LifecycleCounts,
    LifecyclePlan,
    LifecycleStatus,
)
from domain.insights.query_dates import Frame, bucket_before, buckets, days, labels
from domain.insights.query_filters import filter_of, matched, subject_of
from domain.insights.query_models import LifecycleQuery
from domain.insights.results import LifecycleLine, LifecycleResult, Resolved


def plan(query: LifecycleQuery, frame: Frame) -> LifecyclePlan:
    """Raises InvalidQuery."""
    within = _whole(query, frame)
    return LifecyclePlan(
        matched(query.series[0], frame, ("series", "0")),
        within.until(frame.now),
        bucket_before(within),
        filter_of(query.properties, frame),
        subject_of(query),
    )


def _whole(query: LifecycleQuery, frame: Frame) -> Buckets:
    return buckets(query.date_range, query.interval, frame)


def result(query: LifecycleQuery, frame: Frame, found: LifecycleCounts) -> LifecycleResult:
    """A line for each status; nothing is told of what is yet to come."""
    within, event = _whole(query, frame), query.series[0].event
    counts = {
        LifecycleStatus.NEW: found.new,
        LifecycleStatus.RETURNING: found.returning,
        LifecycleStatus.RESURRECTING: found.resurrecting,
        LifecycleStatus.DORMANT: [-count for count in found.dormant],
    }
    name = query.series[0].custom_name or event or "All events"
    lines = tuple(_line(status, name, within, counts[status]) for status in LifecycleStatus)
    resolved = Resolved(within.starts[0], within.end, within.zone, within.interval)
    return LifecycleResult("lifecycle", resolved, event, lines)


def _line(status: LifecycleStatus, name: str, within: Buckets, counts: Sequence[int]) -> LifecycleLine:
    data = (*map(float, counts), *[0.0] * (len(within.starts) - len(counts)))
    return LifecycleLine(status, f"{name} - {status}", days(within), labels(within), data, sum(data))
