"""The kinds of queries as they stand on the wire: what each may say, and which of it counts."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from domain.insights.buckets import (
    Interval,
)
from domain.insights.plans import (
    Attribution,
    FunnelOrder,
    LifecycleStatus,
    RetentionKind,
)
from domain.insights.query_fields import SHOWN, Anything, Node, Refused, Shown, SnakeNode
from domain.insights.query_parts import (
    BreakdownFilter,
    CompareFilter,
    DateRange,
    EventsNode,
    InsightQuery,
    Properties,
    Text,
)

Display: TypeAlias = Literal[
    "ActionsLineGraph", "ActionsBar", "ActionsUnstackedBar", "ActionsStackedBar", "ActionsAreaGraph",
    "ActionsLineGraphCumulative", "BoldNumber", "ActionsPie", "ActionsBarValue", "ActionsTable", "WorldMap",
    "CalendarHeatmap", "Auto",
]  # fmt: skip
AGGREGATED: frozenset[str] = frozenset({"BoldNumber", "ActionsPie", "ActionsBarValue", "ActionsTable", "WorldMap"})
"""Displays of one number for the whole time instead of a line."""
Formula: TypeAlias = Annotated[str, Field(min_length=1, max_length=400)]
SeriesNodes: TypeAlias = Annotated[tuple[EventsNode, ...], Field(min_length=1, max_length=26)]
Steps: TypeAlias = Annotated[tuple[EventsNode, ...], Field(min_length=1, max_length=20)]


class FormulaNode(SnakeNode):
    formula: Formula
    custom_name: Text | None = None


class TrendsFilter(Node):
    """Of `formulaNodes`, `formulas` and `formula` the first one that is given counts."""

    display: Display | None = None
    formula: Formula | None = None
    formulas: Annotated[tuple[Formula, ...], Field(max_length=10)] | None = None
    formula_nodes: Annotated[tuple[FormulaNode, ...], Field(max_length=10)] | None = None
    smoothing_intervals: Annotated[int | None, Refused((1,), "Use a longer interval.")] = None
    breakdown_histogram_bin_count: Annotated[
        Anything,
        Refused(instead="Values of a breakdown are not put into bins."),
        Field(alias="breakdown_histogram_bin_count"),
    ] = None
    show_legend: Annotated[bool | None, SHOWN] = None
    show_alert_threshold_lines: Annotated[bool | None, SHOWN] = None
    aggregation_axis_format: Annotated[Text | None, SHOWN] = None
    aggregation_axis_prefix: Annotated[Text | None, SHOWN] = None
    aggregation_axis_postfix: Annotated[Text | None, SHOWN] = None
    decimal_places: Annotated[float | None, SHOWN] = None
    min_decimal_places: Annotated[float | None, SHOWN] = None
    show_values_on_series: Annotated[bool | None, SHOWN] = None
    show_labels_on_series: Annotated[bool | None, SHOWN] = None
    show_percent_stack_view: Annotated[bool | None, SHOWN] = None
    y_axis_scale_type: Annotated[Text | None, SHOWN] = None
    show_multiple_y_axes: Annotated[bool | None, SHOWN, Field(alias="showMultipleYAxes")] = None
    hidden_legend_indexes: Annotated[Anything, SHOWN] = None
    result_customization_by: Annotated[Text | None, SHOWN] = None
    result_customizations: Annotated[Anything, SHOWN] = None
    goal_lines: Annotated[Anything, SHOWN] = None
    show_confidence_intervals: Annotated[bool | None, SHOWN] = None
    confidence_level: Annotated[float | None, SHOWN] = None
    show_trend_lines: Annotated[bool | None, SHOWN] = None
    show_moving_average: Annotated[bool | None, SHOWN] = None
    moving_average_intervals: Annotated[float | None, SHOWN] = None
    detailed_results_aggregation_type: Annotated[Text | None, SHOWN] = None

    @property
    def all_formulas(self) -> tuple[FormulaNode, ...]:
        """Those that count, in their order; () where series are shown as they are."""
        if self.formula_nodes:
            return self.formula_nodes
        texts = self.formulas or ((self.formula,) if self.formula else ())
        return tuple(FormulaNode(formula=text) for text in texts)


class TrendsQuery(InsightQuery):
    kind: Literal["TrendsQuery"]
    series: SeriesNodes
    interval: Interval | None = None
    trends_filter: TrendsFilter | None = None
    breakdown_filter: BreakdownFilter | None = None
    compare_filter: CompareFilter | None = None
    conversion_goal: Annotated[Anything, Refused(instead="Use a FunnelsQuery.")] = None


class FunnelExclusion(EventsNode):
    """Who has such an event between the two steps (from 0) leaves the funnel."""

    funnel_from_step: Annotated[int, Field(ge=0, le=19, alias="funnelFromStep")]
    funnel_to_step: Annotated[int, Field(ge=0, le=19, alias="funnelToStep")]


class FunnelsFilter(Node):
    """`funnelFromStep` and `funnelToStep` (from 0) are for trends and times to convert: the first and last by default.

    `breakdownAttributionValue` is the step (from 0) for the attribution `step`.
    """

    funnel_viz_type: Literal["steps", "time_to_convert", "trends"] | None = None
    funnel_order_type: FunnelOrder | None = None
    funnel_window_interval: Annotated[int, Field(ge=1)] | None = None
    funnel_window_interval_unit: Literal["second", "minute", "hour", "day", "week", "month"] | None = None
    breakdown_attribution_type: Attribution | None = None
    breakdown_attribution_value: Annotated[int, Field(ge=0, le=19)] | None = None
    exclusions: Annotated[tuple[FunnelExclusion, ...], Field(max_length=10)] | None = None
    funnel_from_step: Annotated[int, Field(ge=0, le=19)] | None = None
    funnel_to_step: Annotated[int, Field(ge=0, le=19)] | None = None
    bin_count: Annotated[int, Field(ge=1, le=90)] | None = None
    funnel_aggregate_by_hogql: Annotated[
        Anything,
        Refused(instead="Use aggregation_group_type_index: 0 is sessions, 1 goal arcs."),
        Field(alias="funnelAggregateByHogQL"),
    ] = None
    layout: Annotated[Text | None, SHOWN] = None
    hidden_legend_breakdowns: Annotated[Anything, SHOWN] = None
    funnel_step_reference: Annotated[Literal["total", "previous"] | None, SHOWN] = None
    use_udf: Annotated[bool | None, Shown("There is one way of computing.")] = None
    result_customizations: Annotated[Anything, SHOWN] = None
    goal_lines: Annotated[Anything, SHOWN] = None
    show_values_on_series: Annotated[bool | None, SHOWN] = None
    show_trend_lines: Annotated[bool | None, SHOWN] = None


class FunnelsQuery(InsightQuery):
    """`interval` is for funnels over time (`funnelVizType` trends)."""

    kind: Literal["FunnelsQuery"]
    series: Steps
    interval: Interval | None = None
    funnels_filter: FunnelsFilter | None = None
    breakdown_filter: BreakdownFilter | None = None


class RetentionEntity(SnakeNode):
    """Events of a name: `id` null or absent means any event."""

    id: Text | int | None = None
    kind: Annotated[Literal["EventsNode", "ActionsNode"] | None, Refused(("EventsNode",), "Use EventsNode.")] = None
    name: Text | None = None
    custom_name: Text | None = None
    type: Annotated[
        Literal["events", "actions", "data_warehouse", "new_entity", "groups"] | None,
        Refused(("events",), "Use the type events."),
    ] = None
    properties: Properties = None
    order: Annotated[int | None, SHOWN] = None
    uuid: Annotated[Text | None, SHOWN] = None


class RetentionFilter(Node):
    period: Literal["Hour", "Day", "Week", "Month"] | None = None
    total_intervals: Annotated[int, Field(ge=1, le=100)] | None = None
    retention_type: RetentionKind | None = None
    target_entity: RetentionEntity | None = None
    returning_entity: RetentionEntity | None = None
    cumulative: bool | None = None
    minimum_occurrences: Annotated[int | None, Refused((1,), "One event counts.")] = None
    time_window_mode: Annotated[
        Literal["strict_calendar_dates", "24_hour_windows"] | None,
        Refused(("strict_calendar_dates",), "Periods are those of the calendar."),
    ] = None
    retention_custom_brackets: Annotated[Anything, Refused(instead="Use period and totalIntervals.")] = None
    aggregation_type: Annotated[Text | None, Refused(("count",), "Use a TrendsQuery.")] = None
    aggregation_property: Annotated[Text | None, Refused(instead="Use a TrendsQuery.")] = None
    retention_reference: Annotated[Literal["total", "previous"] | None, SHOWN] = None
    mean_retention_calculation: Annotated[Text | None, SHOWN] = None
    display: Annotated[Display | None, SHOWN] = None
    dashboard_display: Annotated[Text | None, SHOWN] = None
    show_trend_lines: Annotated[bool | None, SHOWN] = None
    goal_lines: Annotated[Anything, SHOWN] = None

    @property
    def interval(self) -> Interval:
        return Interval((self.period or "Day").lower())


class RetentionQuery(InsightQuery):
    kind: Literal["RetentionQuery"]
    retention_filter: RetentionFilter
    breakdown_filter: BreakdownFilter | None = None


class PathCleaning(SnakeNode):
    regex: Annotated[str, Field(min_length=1, max_length=400)]
    alias: Text
    order: Annotated[float | None, SHOWN] = None


class PathsFilter(Node):
    """All events of Goalarc are custom ones: `includeEventTypes` without `custom_event` finds nothing."""

    include_event_types: (
        tuple[
            Annotated[
                Literal["$pageview", "$screen", "custom_event", "hogql"],
                Refused(("$pageview", "$screen", "custom_event"), "Use custom_event."),
            ],
            ...,
        ]
        | None
    ) = None
    start_point: Text | None = None
    end_point: Text | None = None
    exclude_events: Annotated[tuple[Text, ...], Field(max_length=200)] | None = None
    step_limit: Annotated[int, Field(ge=1, le=20)] | None = None
    edge_limit: Annotated[int, Field(ge=1, le=1_000)] | None = None
    min_edge_weight: Annotated[int, Field(ge=0)] | None = None
    max_edge_weight: Annotated[int, Field(ge=0)] | None = None
    local_path_cleaning_filters: Annotated[tuple[PathCleaning, ...], Field(max_length=50)] | None = None
    path_groupings: Annotated[Anything, Refused(([],), "Use localPathCleaningFilters.")] = None
    paths_hogql_expression: Annotated[
        Anything, Refused(instead="Use localPathCleaningFilters."), Field(alias="pathsHogQLExpression")
    ] = None
    path_replacements: Annotated[bool | None, Shown("There are no cleaning rules of a project.")] = None
    path_start_key: Annotated[Text | None, Refused(instead="Use drillDown.")] = None
    path_end_key: Annotated[Text | None, Refused(instead="Use drillDown.")] = None
    path_dropoff_key: Annotated[Text | None, Refused(instead="Use drillDown.")] = None


class PathsQuery(InsightQuery):
    kind: Literal["PathsQuery"]
    paths_filter: PathsFilter
    funnel_paths_filter: Annotated[Anything, Refused(instead="Use startPoint and endPoint.")] = None


class StickinessCriteria(SnakeNode):
    operator: Literal["gte", "lte", "exact"]
    value: Annotated[int, Field(ge=1)]


class StickinessFilter(Node):
    computed_as: Literal["non_cumulative", "cumulative"] | None = None
    stickiness_criteria: Annotated[
        StickinessCriteria | None,
        Refused((StickinessCriteria(operator="gte", value=1),), "One event in an interval counts."),
    ] = None
    display: Annotated[Display | None, SHOWN] = None
    show_legend: Annotated[bool | None, SHOWN] = None
    show_values_on_series: Annotated[bool | None, SHOWN] = None
    show_multiple_y_axes: Annotated[bool | None, SHOWN, Field(alias="showMultipleYAxes")] = None
    hidden_legend_indexes: Annotated[Anything, SHOWN] = None
    result_customization_by: Annotated[Text | None, SHOWN] = None
    result_customizations: Annotated[Anything, SHOWN] = None


class StickinessQuery(InsightQuery):
    kind: Literal["StickinessQuery"]
    series: SeriesNodes
    interval: Interval | None = None
    stickiness_filter: StickinessFilter | None = None
    interval_count: Annotated[int | None, Refused((1,), "Use a longer interval.")] = None
    compare_filter: Annotated[
        CompareFilter | None,
        Refused((CompareFilter(), CompareFilter(compare=False)), "Run it again with another dateRange."),
    ] = None


class LifecycleFilter(Node):
    """`toggledLifecycles` says which lines a chart shows; all are computed."""

    toggled_lifecycles: Annotated[tuple[LifecycleStatus, ...] | None, SHOWN] = None
    show_values_on_series: Annotated[bool | None, SHOWN] = None
    show_legend: Annotated[bool | None, SHOWN] = None
    stacked: Annotated[bool | None, SHOWN] = None


class LifecycleQuery(InsightQuery):
    kind: Literal["LifecycleQuery"]
    series: Annotated[tuple[EventsNode, ...], Field(min_length=1, max_length=1)]
    interval: Interval | None = None
    lifecycle_filter: LifecycleFilter | None = None


class HogQLFilters(Node):
    """What stands for {filters} in the statement."""

    properties: Annotated[Properties, Refused(((),), "Say it in the statement.")] = None
    date_range: DateRange | None = None
    filter_test_accounts: Annotated[bool | None, Shown("There are no test accounts.")] = None


class HogQLVariable(SnakeNode):
    """A value for {variables.code_name}; `isNull` says that it is null."""

    variable_id: Annotated[Text, Field(alias="variableId")]
    code_name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
    value: Anything = None
    is_null: Annotated[bool | None, Field(alias="isNull")] = None


class HogQLQuery(Node):
    """`values` stand for {name}, `variables` for {variables.name}."""

    kind: Literal["HogQLQuery"]
    query: Annotated[str, Field(min_length=1, max_length=20_000)]
    values: Annotated[dict[Text, Anything], Field(max_length=100)] | None = None
    variables: Annotated[dict[Text, HogQLVariable], Field(max_length=100)] | None = None
    filters: HogQLFilters | None = None
    explain: Annotated[bool | None, Refused((False,), "Answers say the statement that was run.")] = None
    modifiers: Annotated[Anything, Refused(({},), "Leave it out.")] = None
    name: Annotated[Text | None, SHOWN] = None
    tags: Annotated[Anything, SHOWN] = None
    version: Annotated[float | None, SHOWN] = None
    response: Annotated[Anything, SHOWN] = None


Insight: TypeAlias = TrendsQuery | FunnelsQuery | RetentionQuery | PathsQuery | LifecycleQuery | StickinessQuery
Query: TypeAlias = Insight | HogQLQuery
"""What can be run."""
