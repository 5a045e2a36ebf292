"""Retention: from the query to the plan, and from what an engine found to the result."""

from collections.abc import Sequence

from domain.insights.plans import (
    OTHER,
    RetentionCounts,
    RetentionKind,
    RetentionPlan,
    named,
)
from domain.insights.query_dates import Frame, days, retention_buckets
from domain.insights.query_filters import breakdown_of, filter_of, matched, subject_of
from domain.insights.query_models import RetentionQuery
from domain.insights.results import Cohort, Resolved, RetentionResult


def plan(query: RetentionQuery, frame: Frame) -> RetentionPlan:
    """Without a target or a returning event any event is one. Raises InvalidQuery."""
    filter = query.retention_filter
    return RetentionPlan(
        target=matched(filter.target_entity, frame, ("retentionFilter", "targetEntity")),
        returning=matched(filter.returning_entity, frame, ("retentionFilter", "returningEntity")),
        within=retention_buckets(query.date_range, filter, frame).until(frame.now),
        kind=filter.retention_type or RetentionKind.RECURRING,
        cumulative=bool(filter.cumulative),
        where=filter_of(query.properties, frame),
        breakdown=breakdown_of(query.breakdown_filter),
        subject=subject_of(query),
    )


def result(query: RetentionQuery, frame: Frame, found: Sequence[RetentionCounts]) -> RetentionResult:
    """Cohorts in the order of time, those of the most frequent value of a breakdown first; none that is yet to come."""
    within = plan(query, frame).within
    name = within.interval.capitalize()
    labels = tuple(f"{name} {number}" for number, _ in enumerate(within.starts))
    most = query.retention_filter.total_intervals or len(labels)
    cohorts = tuple(
        Cohort(day, label, size, values[:most], named(counts.breakdown))
        for counts in found
        if not _is_hidden(query, counts)
        for day, label, size, values in zip(days(within), labels, counts.sizes, counts.returned, strict=True)
    )
    resolved = Resolved(within.starts[0], within.end, within.zone, within.interval)
    return RetentionResult("retention", resolved, cohorts, labels[:most])


def _is_hidden(query: RetentionQuery, found: RetentionCounts) -> bool:
    filter = query.breakdown_filter
    return filter is not None and bool(filter.breakdown_hide_other_aggregation) and OTHER in found.breakdown
