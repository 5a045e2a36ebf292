"""Paths: from the query to the plan, and from what an engine found to the result."""

from collections.abc import Sequence

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    AllOf,
    AnyOf,
    Filter,
)
from domain.insights.plans import (
    Cleaning,
    Edge,
    PathsPlan,
)
from domain.insights.query_dates import Frame, span
from domain.insights.query_filters import filter_of, subject_of
from domain.insights.query_models import PathsFilter, PathsQuery
from domain.insights.results import PathEdge, PathsResult, Resolved

_NOTHING = AnyOf(())


def plan(query: PathsQuery, frame: Frame) -> PathsPlan:
    """Raises InvalidQuery."""
    filter = query.paths_filter
    return PathsPlan(
        within=_whole(query, frame).until(frame.now),
        excluded=filter.exclude_events or (),
        start=filter.start_point or None,
        end=filter.end_point or None,
        step_limit=filter.step_limit or 5,
        edge_limit=filter.edge_limit or 50,
        min_edge=filter.min_edge_weight,
        max_edge=filter.max_edge_weight,
        cleaning=tuple(Cleaning(one.regex, one.alias) for one in filter.local_path_cleaning_filters or ()),
        where=AllOf((_included(filter), filter_of(query.properties, frame))),
        subject=subject_of(query),
    )


def _included(filter: PathsFilter) -> Filter:
    """All events here are custom ones."""
    types = filter.include_event_types
    return AllOf() if not types or "custom_event" in types else _NOTHING


def _whole(query: PathsQuery, frame: Frame) -> Buckets:
    within = span(query.date_range, frame)
    assert within.start is not None
    assert within.end is not None
    return Buckets((within.start,), within.end, Interval.DAY, frame.zone.key)


def result(query: PathsQuery, frame: Frame, found: Sequence[Edge]) -> PathsResult:
    within = _whole(query, frame)
    edges = tuple(PathEdge(one.step, one.source, one.target, one.count, one.average_s) for one in found)
    return PathsResult("paths", Resolved(within.starts[0], within.end, within.zone), edges)
