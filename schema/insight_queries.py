"""Queries of insights as they are shown: what was asked, in the words it can be asked in."""

from collections.abc import Sequence
from typing import Annotated, TypedDict, Union, assert_never

import strawberry

import domain.insights.query as queries
from domain.insights.buckets import (
    Interval,
)
from domain.insights.errors import InvalidQuery
from domain.insights.plans import (
    Attribution,
    FunnelOrder,
    Math,
    RetentionKind,
    Subject,
)
from domain.insights.query_filters import subject_of
from domain.insights.query_models import (
    FunnelExclusion as Excluded,
)
from domain.insights.query_models import (
    FunnelsFilter,
    FunnelsQuery,
    HogQLQuery,
    LifecycleQuery,
    PathsQuery,
    Query,
    RetentionQuery,
    StickinessQuery,
    TrendsFilter,
    TrendsQuery,
)
from domain.insights.query_parts import BreakdownFilter, EventsNode
from domain.values import JsonObject
from schema.insight_conditions import (
    InsightConditionGroup,
    InsightEvents,
    InsightProperty,
    InsightRange,
    shown_events,
    shown_property,
    shown_range,
    shown_where,
)
from schema.insight_enums import FunnelView, FunnelWindowUnit, TrendsDisplay


@strawberry.type(description="What is told apart.")
class InsightBreakdown:
    properties: list[InsightProperty] = strawberry.field(description="By what.")
    value_count: int = strawberry.field(description="So many values, the most frequent ones; the rest stands together.")
    without_rest: bool = strawberry.field(description="Whether the rest is left out.")


@strawberry.type(description="What is counted, and how.")
class TrendsSeries:
    events: InsightEvents = strawberry.field(description="Which events.")
    math: Math = strawberry.field(description="How they become a number.")
    of: InsightProperty | None = strawberry.field(description="Of which property; null where the math needs none.")


@strawberry.type(description="A number made of series, which are A, B, C and so on.")
class InsightFormula:
    formula: str = strawberry.field(description="Such as `A / B * 100`.")
    name: str | None = strawberry.field(description="What the line is called instead.")


@strawberry.type
class _EventQuery:
    range: InsightRange | None = strawberry.field(description="Of when; null: the last seven days.")
    where: InsightConditionGroup | None = strawberry.field(description="Only events that pass; null: all.")
    subject: Subject = strawberry.field(description="Whose events belong together.")


@strawberry.type(name="TrendsQuery", description="How much of something there is over time.")
class ShownTrends(_EventQuery):
    series: list[TrendsSeries] = strawberry.field(description="What is counted.")
    interval: Interval = strawberry.field(description="How time is cut.")
    breakdown: InsightBreakdown | None = strawberry.field(description="What is told apart; null: nothing.")
    formulas: list[InsightFormula] = strawberry.field(description="Shown instead of the series, if there are any.")
    display: TrendsDisplay = strawberry.field(description="How it is drawn.")
    compared: bool = strawberry.field(description="Whether the time before stands beside it.")
    compared_with: str | None = strawberry.field(description="How much earlier that time is; null: right before.")


@strawberry.type(name="FunnelExclusion", description="Events that take somebody out of a funnel between two steps.")
class ShownExclusion:
    events: InsightEvents = strawberry.field(description="Which ones.")
    after_step: int = strawberry.field(description="After which step, from 0.")
    before_step: int = strawberry.field(description="Before which one.")


@strawberry.type(description="How much time there is for a funnel.")
class FunnelWindow:
    count: int = strawberry.field(description="How many units.")
    unit: FunnelWindowUnit = strawberry.field(description="Of what.")


@strawberry.type(name="FunnelQuery", description="How many get from one step to the next.")
class ShownFunnel(_EventQuery):
    steps: list[InsightEvents] = strawberry.field(description="What has to happen.")
    breakdown: InsightBreakdown | None = strawberry.field(description="What is told apart; null: nothing.")
    attribution: Attribution = strawberry.field(description="Which event says what somebody is told apart by.")
    attribution_step: int | None = strawberry.field(description="Of which step, from 0, with STEP.")
    order: FunnelOrder = strawberry.field(description="In which order steps come.")
    window: FunnelWindow = strawberry.field(description="How long the whole may take.")
    exclusions: list[ShownExclusion] = strawberry.field(description="What must not happen between.")
    view: FunnelView = strawberry.field(description="What it shows.")
    interval: Interval = strawberry.field(description="How time is cut, with OVER_TIME.")
    first_step: int | None = strawberry.field(description="Where times and shares begin, from 0; null: the first.")
    last_step: int | None = strawberry.field(description="Where they end; null: the last.")
    bin_count: int | None = strawberry.field(description="Into how many bins times are put; null: as many as suit.")


@strawberry.type(name="RetentionQuery", description="How many come back.")
class ShownRetention(_EventQuery):
    target: InsightEvents = strawberry.field(description="What puts somebody into a cohort.")
    returning: InsightEvents = strawberry.field(description="What counts as coming back.")
    interval: Interval = strawberry.field(description="How long a period is.")
    period_count: int | None = strawberry.field(description="How many there are; null: as many as usual.")
    kind: RetentionKind = strawberry.field(description="Which cohorts somebody is in.")
    cumulative: bool = strawberry.field(description="Whether who comes back later counts for the periods before, too.")
    breakdown: InsightBreakdown | None = strawberry.field(description="What is told apart; null: nothing.")


@strawberry.type(name="PathCleaning", description="Names that are all called the same.")
class ShownCleaning:
    regex: str = strawberry.field(description="Those that match this regular expression.")
    alias: str = strawberry.field(description="What they are called.")


@strawberry.type(name="PathsQuery", description="What follows what.")
class ShownPaths(_EventQuery):
    start_event: str | None = strawberry.field(description="Paths are cut to begin with it; null: with any.")
    end_event: str | None = strawberry.field(description="Paths are cut to end with it; null: with any.")
    excluded_events: list[str] = strawberry.field(description="Events that do not count.")
    step_count: int | None = strawberry.field(description="How long a path is; null: 5.")
    edge_count: int | None = strawberry.field(description="How many edges there are; null: 50.")
    min_edge_count: int | None = strawberry.field(description="Only edges that so many take; null: whichever.")
    max_edge_count: int | None = strawberry.field(description="Only edges that no more take; null: whichever.")
    cleaning: list[ShownCleaning] = strawberry.field(description="How names are put together.")


@strawberry.type(name="LifecycleQuery", description="Who is new, stays, comes back or falls silent.")
class ShownLifecycle(_EventQuery):
    events: InsightEvents = strawberry.field(description="What shows that somebody is there.")
    interval: Interval = strawberry.field(description="How time is cut.")


@strawberry.type(name="StickinessQuery", description="How regularly something is done.")
class ShownStickiness(_EventQuery):
    series: list[InsightEvents] = strawberry.field(description="What is done.")
    interval: Interval = strawberry.field(description="How time is cut.")
    cumulative: bool = strawberry.field(
        description="Whether who is counted for more buckets is counted for fewer, too."
    )


@strawberry.type(description="A value that stands for a name in a statement.")
class SqlValue:
    name: str = strawberry.field(description="It is written {name} there.")
    text: str | None = strawberry.field(description="If it is a text.")
    number: float | None = strawberry.field(description="If it is a number. Neither: a list, or true or false.")


@strawberry.type(name="SqlQuery", description="A statement over the documented views.")
class ShownSql:
    statement: str = strawberry.field(description="As it was written.")
    values: list[SqlValue] = strawberry.field(description="What stands for its names.")
    range: InsightRange | None = strawberry.field(description="What {filters} stands for; null: everything.")


@strawberry.type(description="A query that is stored and not computed here.")
class StoredQuery:
    kind: str = strawberry.field(name="storedKind", description="What it is called where it comes from.")


InsightQuery = Annotated[
    Union[  # noqa: UP007 - a union of the graph
        ShownTrends, ShownFunnel, ShownRetention, ShownPaths, ShownLifecycle, ShownStickiness, ShownSql, StoredQuery
    ],
    strawberry.union("InsightQuery", description="What an insight asks, by its kind."),
]
Shown = (
    ShownTrends | ShownFunnel | ShownRetention | ShownPaths | ShownLifecycle | ShownStickiness | ShownSql | StoredQuery
)


def shown_document(document: JsonObject) -> Shown:
    """What a stored document asks; one that an older release took and this one does not is only stored."""
    try:
        query = queries.read(document).source
    except InvalidQuery:
        query = None
    if query is not None:
        return shown(query)
    source = document.get("source")
    inner = source.get("kind") if isinstance(source, dict) else None
    return StoredQuery(kind=str(inner or document.get("kind")))


def shown(query: Query) -> Shown:
    match query:
        case TrendsQuery():
            return _trends(query)
        case FunnelsQuery():
            return _funnel(query)
        case RetentionQuery():
            return _retention(query)
        case PathsQuery():
            return _paths(query)
        case LifecycleQuery():
            return ShownLifecycle(
                **_common(query), events=shown_events(query.series[0]), interval=query.interval or Interval.DAY
            )
        case StickinessQuery():
            return _stickiness(query)
        case HogQLQuery():
            range = None if query.filters is None else shown_range(query.filters.date_range)
            return ShownSql(statement=query.query, values=_values(query), range=range)
        case _:
            assert_never(query)


def _values(query: HogQLQuery) -> list[SqlValue]:
    return [
        SqlValue(
            name=name,
            text=value if isinstance(value, str) else None,
            number=float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None,
        )
        for name, value in (query.values or {}).items()
    ]


class _Common(TypedDict):
    range: InsightRange | None
    where: InsightConditionGroup | None
    subject: Subject


def _common(query: queries.Insight) -> _Common:
    return {
        "range": shown_range(query.date_range),
        "where": shown_where(query.properties),
        "subject": subject_of(query),
    }


def _trends(query: TrendsQuery) -> ShownTrends:
    filter, compare = query.trends_filter or TrendsFilter(), query.compare_filter
    return ShownTrends(
        **_common(query),
        series=[_series(node) for node in query.series],
        interval=query.interval or Interval.DAY,
        breakdown=_breakdown(query.breakdown_filter),
        formulas=[InsightFormula(formula=one.formula, name=one.custom_name) for one in filter.all_formulas],
        display=_DISPLAYS.get(filter.display or "", TrendsDisplay.LINE),
        compared=compare is not None and bool(compare.compare),
        compared_with=None if compare is None else compare.compare_to,
    )


_DISPLAYS = {display.value: display for display in TrendsDisplay}


def _series(node: EventsNode) -> TrendsSeries:
    key = node.math_property
    of = None if not key else shown_property(key, node.math_property_type)
    return TrendsSeries(events=shown_events(node), math=node.counted, of=of)


def _breakdown(filter: BreakdownFilter | None) -> InsightBreakdown | None:
    if filter is None or not (filter.breakdowns or filter.breakdown):
        return None
    old = filter.breakdown if isinstance(filter.breakdown, tuple) else (filter.breakdown or "",)
    by = [(one.property, one.type or filter.breakdown_type) for one in filter.breakdowns or ()]
    return InsightBreakdown(
        properties=[shown_property(*one) for one in by or [(key, filter.breakdown_type) for key in old]],
        value_count=filter.breakdown_limit or 25,
        without_rest=bool(filter.breakdown_hide_other_aggregation),
    )


def _funnel(query: FunnelsQuery) -> ShownFunnel:
    filter = query.funnels_filter or FunnelsFilter()
    return ShownFunnel(
        **_common(query),
        steps=[shown_events(node) for node in query.series],
        breakdown=_breakdown(query.breakdown_filter),
        attribution=filter.breakdown_attribution_type or Attribution.FIRST_TOUCH,
        attribution_step=filter.breakdown_attribution_value,
        order=filter.funnel_order_type or FunnelOrder.ORDERED,
        window=FunnelWindow(
            count=filter.funnel_window_interval or 14,
            unit=FunnelWindowUnit(filter.funnel_window_interval_unit or "day"),
        ),
        exclusions=_exclusions(filter.exclusions or ()),
        view=FunnelView(filter.funnel_viz_type or "steps"),
        interval=query.interval or Interval.DAY,
        first_step=filter.funnel_from_step,
        last_step=filter.funnel_to_step,
        bin_count=filter.bin_count,
    )


def _exclusions(exclusions: Sequence[Excluded]) -> list[ShownExclusion]:
    return [
        ShownExclusion(events=shown_events(one), after_step=one.funnel_from_step, before_step=one.funnel_to_step)
        for one in exclusions
    ]


def _retention(query: RetentionQuery) -> ShownRetention:
    filter = query.retention_filter
    return ShownRetention(
        **_common(query),
        target=shown_events(filter.target_entity),
        returning=shown_events(filter.returning_entity),
        interval=filter.interval,
        period_count=filter.total_intervals,
        kind=filter.retention_type or RetentionKind.RECURRING,
        cumulative=bool(filter.cumulative),
        breakdown=_breakdown(query.breakdown_filter),
    )


def _paths(query: PathsQuery) -> ShownPaths:
    filter = query.paths_filter
    return ShownPaths(
        **_common(query),
        start_event=filter.start_point,
        end_event=filter.end_point,
        excluded_events=[*(filter.exclude_events or ())],
        step_count=filter.step_limit,
        edge_count=filter.edge_limit,
        min_edge_count=filter.min_edge_weight,
        max_edge_count=filter.max_edge_weight,
        cleaning=[ShownCleaning(regex=one.regex, alias=one.alias) for one in filter.local_path_cleaning_filters or ()],
    )


def _stickiness(query: StickinessQuery) -> ShownStickiness:
    filter = query.stickiness_filter
    return ShownStickiness(
        **_common(query),
        series=[shown_events(node) for node in query.series],
        interval=query.interval or Interval.DAY,
        cumulative=filter is not None and filter.computed_as == "cumulative",
    )
