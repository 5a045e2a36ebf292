"""What must hold between the fields of a query, beyond each one's type."""

from collections.abc import Sequence
from typing import assert_never

from domain.insights.errors import InsightFault
from domain.insights.plans import (
    Attribution,
    Math,
)
from domain.insights.query_dates import check_range, window
from domain.insights.query_errors import Place, invalid
from domain.insights.query_filters import breakdown_of, check_filters, check_pattern, number_of
from domain.insights.query_models import (
    FunnelExclusion,
    FunnelsFilter,
    FunnelsQuery,
    HogQLQuery,
    LifecycleQuery,
    PathsQuery,
    Query,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from domain.insights.query_parts import EventsNode
from domain.insights.trends import formulas

_COUNTING_SUBJECTS = frozenset({Math.TOTAL, Math.DAU})
"""Maths that say nothing where subjects are counted, whatever they did how often."""


def check(query: Query, place: Place) -> None:
    """Raises InvalidQuery for the first rule that is broken; `place` is where the query stands in its document."""
    if isinstance(query, HogQLQuery):
        if query.filters:
            check_range(query.filters.date_range, (*place, "filters", "dateRange"))
        return
    check_range(query.date_range, (*place, "dateRange"))
    check_filters(query.properties, (*place, "properties"))
    match query:
        case TrendsQuery():
            _trends(query, place)
        case FunnelsQuery():
            _funnels(query, place)
        case RetentionQuery():
            _retention(query, place)
        case PathsQuery():
            _paths(query, place)
        case StickinessQuery() | LifecycleQuery():
            _series(query.series, (*place, "series"), counts_subjects=True)
        case _:
            assert_never(query)


def _series(nodes: Sequence[EventsNode], place: Place, *, counts_subjects: bool) -> None:
    for position, node in enumerate(nodes):
        here = (*place, str(position))
        check_filters(node.properties, (*here, "properties"))
        check_filters(node.fixed_properties, (*here, "fixedProperties"))
        if counts_subjects and node.counted not in _COUNTING_SUBJECTS:
            message = f"“{node.counted}” is not supported where each one counts once. Leave it out."
            raise invalid(message, (*here, "math"), InsightFault.NOT_SUPPORTED)
        number_of(node, here)


def _trends(query: TrendsQuery, place: Place) -> None:
    _series(query.series, (*place, "series"), counts_subjects=False)
    formulas(query, place)
    breakdown_of(query.breakdown_filter, (*place, "breakdownFilter"))


def _funnels(query: FunnelsQuery, place: Place) -> None:
    _series(query.series, (*place, "series"), counts_subjects=True)
    breakdown_of(query.breakdown_filter, (*place, "breakdownFilter"))
    if query.funnels_filter is not None:
        _steps(query.funnels_filter, len(query.series), (*place, "funnelsFilter"))


def _steps(filter: FunnelsFilter, steps: int, place: Place) -> None:
    window(filter, place)
    exclusions = filter.exclusions or ()
    _series(exclusions, (*place, "exclusions"), counts_subjects=True)
    for position, exclusion in enumerate(exclusions):
        _exclusion(exclusion, steps, (*place, "exclusions", str(position)))
    first, last = filter.funnel_from_step, filter.funnel_to_step
    for name, step in (("funnelFromStep", first), ("funnelToStep", last)):
        if step is not None and step >= steps:
            raise invalid(f"there is no step {step}, the last one is {steps - 1}", (*place, name))
    if first is not None and last is not None and first >= last:
        raise invalid("must be a step after funnelFromStep", (*place, "funnelToStep"))
    if filter.breakdown_attribution_type is Attribution.STEP and (filter.breakdown_attribution_value or 0) >= steps:
        raise invalid(f"there are steps 0 to {steps - 1} only", (*place, "breakdownAttributionValue"))


def _exclusion(exclusion: FunnelExclusion, steps: int, place: Place) -> None:
    if exclusion.funnel_from_step >= exclusion.funnel_to_step:
        raise invalid("must be a step after funnelFromStep", (*place, "funnelToStep"))
    if exclusion.funnel_to_step >= steps:
        message = f"there is no step {exclusion.funnel_to_step}, the last one is {steps - 1}"
        raise invalid(message, (*place, "funnelToStep"))


def _retention(query: RetentionQuery, place: Place) -> None:
    breakdown_of(query.breakdown_filter, (*place, "breakdownFilter"))
    entities = (
        ("targetEntity", query.retention_filter.target_entity),
        ("returningEntity", query.retention_filter.returning_entity),
    )
    for name, entity in entities:
        here = (*place, "retentionFilter", name)
        if entity is not None:
            check_filters(entity.properties, (*here, "properties"))
            if isinstance(entity.id, int):
                raise invalid("must be the name of an event", (*here, "id"))


def _paths(query: PathsQuery, place: Place) -> None:
    filter = query.paths_filter
    for position, cleaning in enumerate(filter.local_path_cleaning_filters or ()):
        check_pattern(cleaning.regex, (*place, "pathsFilter", "localPathCleaningFilters", str(position), "regex"))
    low, high = filter.min_edge_weight, filter.max_edge_weight
    if low is not None and high is not None and low > high:
        raise invalid("must not be smaller than minEdgeWeight", (*place, "pathsFilter", "maxEdgeWeight"))
