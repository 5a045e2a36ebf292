"""The parts that queries of all kinds share: ranges, filters, series, breakdowns. Names are those of the wire."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from domain.insights.plans import (
    Math,
)
from domain.insights.query_fields import SHOWN, Anything, Node, OneOf, Refused, Shown, SnakeNode

Text: TypeAlias = Annotated[str, Field(max_length=1_000)]
Scalar: TypeAlias = bool | int | float | Text
"""What a property can be compared with."""

Operator: TypeAlias = Annotated[
    Literal[
        "exact", "is_not", "icontains", "not_icontains", "regex", "not_regex", "gt", "gte", "lt", "lte", "is_set",
        "is_not_set", "is_date_exact", "is_date_before", "is_date_after", "between", "not_between", "in", "not_in",
        "min", "max", "is_cleaned_path_exact", "flag_evaluates_to",
    ],
    OneOf(
        frozenset({
            "exact", "is_not", "icontains", "not_icontains", "regex", "not_regex", "gt", "gte", "lt", "lte", "is_set",
            "is_not_set", "is_date_exact", "is_date_before", "is_date_after", "between", "not_between", "in", "not_in",
        })
    ),
]  # fmt: skip
FilterType: TypeAlias = Annotated[
    Literal[
        "event", "person", "session", "event_metadata", "empty", "element", "cohort", "group", "feature", "flag",
        "hogql", "recording", "log_entry", "data_warehouse", "data_warehouse_person_property", "meta", "log",
        "error_tracking_issue", "error_tracking_issue_property", "revenue_analytics",
    ],
    OneOf(frozenset({"event", "person", "session", "event_metadata", "empty"})),
]  # fmt: skip


class PropertyFilter(SnakeNode):
    """One condition on the events. `empty` is no condition at all; without a type it is one on the event."""

    type: FilterType | None = None
    key: Text | None = None
    operator: Operator | None = None
    value: Scalar | Annotated[tuple[Scalar, ...], Field(max_length=1_000, fail_fast=True)] | None = None
    label: Annotated[Text | None, SHOWN] = None
    group_type_index: Annotated[Anything, Refused(instead="There are no groups.")] = None


class PropertyGroup(SnakeNode):
    """Conditions that hold all together, or of which one holds."""

    type: Literal["AND", "OR"]
    values: "Annotated[tuple[AnyFilter, ...], Field(max_length=200, fail_fast=True)]"


def _filter_tag(value: object) -> str:
    grouped = isinstance(value, dict) and "values" in value
    return "group" if grouped or isinstance(value, PropertyGroup) else "property"


AnyFilter: TypeAlias = Annotated[
    Annotated[PropertyFilter, Tag("property")] | Annotated[PropertyGroup, Tag("group")], Discriminator(_filter_tag)
]
PropertyGroup.model_rebuild()
Properties: TypeAlias = Annotated[
    Annotated[Annotated[tuple[AnyFilter, ...], Field(max_length=200, fail_fast=True)], Tag("list")]
    | Annotated[PropertyGroup, Tag("group")]
    | Annotated[None, Tag("none")],
    Discriminator(lambda value: "none" if value is None else "list" if isinstance(value, (list, tuple)) else "group"),
]


class DateRange(SnakeNode):
    """`date_from` and `date_to` are dates, times, or told from now: see query_dates.

    With `explicitDate` a relative start is not moved to the beginning of its day, hour and so on.
    """

    date_from: Text | None = None
    date_to: Text | None = None
    explicit_date: Annotated[bool | None, Field(alias="explicitDate")] = None


MathName: TypeAlias = Annotated[
    Literal[
        "total", "dau", "weekly_active", "monthly_active", "unique_session", "first_time_for_user", "sum", "avg",
        "median", "min", "max", "p75", "p90", "p95", "p99", "first_matching_event_for_user",
        "first_time_for_user_with_filters", "unique_group", "hogql", "avg_count_per_actor", "min_count_per_actor",
        "max_count_per_actor", "median_count_per_actor", "p75_count_per_actor", "p90_count_per_actor",
        "p95_count_per_actor", "p99_count_per_actor",
    ],
    OneOf(frozenset(math.value for math in Math)),
]  # fmt: skip


class EventsNode(SnakeNode):
    """Events of a name (null: any) that pass its properties, and what is counted of them.

    `fixedProperties` are conditions like `properties`: both hold.
    """

    kind: Annotated[
        Literal["EventsNode", "ActionsNode", "DataWarehouseNode", "GroupNode"], OneOf(frozenset({"EventsNode"}))
    ]
    event: Text | None = None
    name: Text | None = None
    custom_name: Text | None = None
    properties: Properties = None
    fixed_properties: Annotated[Properties, Field(alias="fixedProperties")] = None
    math: MathName | None = None
    math_property: Text | None = None
    math_property_type: (
        Literal["event_properties", "person_properties", "session_properties", "numerical_event_properties"] | None
    ) = None
    math_hogql: Annotated[Anything, Refused(instead="Ask with a HogQLQuery.")] = None
    math_group_type_index: Annotated[
        Anything, Refused(instead="Use aggregation_group_type_index of the query: 0 is sessions, 1 goal arcs.")
    ] = None
    math_multiplier: Annotated[float | None, Refused((1.0,), "Use a formula.")] = None
    math_property_revenue_currency: Annotated[Anything, Refused(instead="Costs are in US dollars.")] = None
    optional_in_funnel: Annotated[
        bool | None, Refused((False,), "Leave the step out."), Field(alias="optionalInFunnel")
    ] = None
    limit: Annotated[int | None, Shown("Counts are never cut off.")] = None
    order_by: Annotated[tuple[Text, ...] | None, Shown("Counts have no order."), Field(alias="orderBy")] = None
    version: Annotated[float | None, SHOWN] = None
    response: Annotated[Anything, SHOWN] = None

    @property
    def counted(self) -> Math:
        return Math(self.math) if self.math else Math.TOTAL


BreakdownType: TypeAlias = Annotated[
    Literal[
        "event", "person", "session", "event_metadata", "cohort", "group", "hogql", "data_warehouse",
        "data_warehouse_person_property", "revenue_analytics",
    ],
    OneOf(frozenset({"event", "person", "session", "event_metadata"})),
]  # fmt: skip
_NO_GROUPS = Refused(instead="There are no groups.")
_NO_BINS = Refused(instead="Values of a breakdown are not put into bins.")
_NO_URLS = Refused((False,), "There are no addresses of pages.")


class Breakdown(SnakeNode):
    type: BreakdownType | None = None
    property: Text
    normalize_url: Annotated[bool | None, _NO_URLS] = None
    group_type_index: Annotated[Anything, _NO_GROUPS] = None
    histogram_bin_count: Annotated[Anything, _NO_BINS] = None


class BreakdownFilter(SnakeNode):
    """By up to three properties: `breakdowns`, or the older `breakdown` with `breakdown_type`."""

    breakdown: Text | Annotated[tuple[Text, ...], Field(max_length=3)] | None = None
    breakdown_type: BreakdownType | None = None
    breakdowns: Annotated[tuple[Breakdown, ...], Field(max_length=3)] | None = None
    breakdown_limit: Annotated[int, Field(ge=1, le=200)] | None = None
    breakdown_hide_other_aggregation: bool | None = None
    breakdown_normalize_url: Annotated[bool | None, _NO_URLS] = None
    breakdown_path_cleaning: Annotated[bool | None, _NO_URLS] = None
    breakdown_group_type_index: Annotated[Anything, _NO_GROUPS] = None
    breakdown_histogram_bin_count: Annotated[Anything, _NO_BINS] = None


class CompareFilter(SnakeNode):
    """With the time before it of equal length, or with the same time so much earlier (`compare_to`, such as -1y)."""

    compare: bool | None = None
    compare_to: Annotated[str, Field(pattern=r"^-[0-9]{1,4}[hdwmqy]$")] | None = None


class InsightQuery(Node):
    """What all queries but SQL have.

    Subjects are developers, or with `aggregation_group_type_index` sessions (0) or goal arcs (1).
    """

    date_range: DateRange | None = None
    properties: Properties = None
    filter_test_accounts: Annotated[bool | None, Shown("There are no test accounts.")] = None
    aggregation_group_type_index: Annotated[Literal[0, 1] | None, Field(alias="aggregation_group_type_index")] = None
    sampling_factor: Annotated[
        Annotated[float, Field(ge=0, le=1)] | None, Refused((1.0,), "Everything is counted, nothing is sampled.")
    ] = None
    modifiers: Annotated[Anything, Refused(({},), "Leave it out.")] = None
    data_color_theme: Annotated[int | None, SHOWN] = None
    tags: Annotated[Anything, SHOWN] = None
    version: Annotated[float | None, SHOWN] = None
    response: Annotated[Anything, SHOWN] = None
