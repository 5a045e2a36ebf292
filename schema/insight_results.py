"""Results of insights, one type a kind."""

from datetime import datetime
from typing import Annotated, Union

import orjson
import strawberry

import domain.insights.results as results
from domain.insights.buckets import (
    Interval,
)
from domain.insights.plans import (
    OTHER,
    LifecycleStatus,
    Math,
    meant,
)
from domain.insights.trends import FORMULA, label_in_words
from schema.values import Info


@strawberry.type(description="The time that a query came to be about.")
class ResolvedRange:
    date_from: datetime = strawberry.field(name="from", description="Its first moment.")
    date_to: datetime = strawberry.field(name="to", description="The first moment after it.")
    time_zone: str = strawberry.field(description="Whose days it was cut in, by its IANA name.")
    interval: Interval | None = strawberry.field(description="What it was cut into; null: it was not.")


_DAYS = "Where buckets begin: days, or times where buckets are shorter."
_LABELS = "The same for people."
_NAME = "What the query calls it; null: nothing of its own."


_BrokenDown = results.TrendsLine | results.FunnelSteps | results.FunnelTrendLine | results.Cohort


@strawberry.type
class _ByBreakdown:
    @strawberry.field(
        description="One text for each property that is told apart, null for a missing one; empty where nothing is. As"
        " `drillDown` takes it."
    )
    @staticmethod
    def breakdown(parent: strawberry.Parent[_BrokenDown]) -> list[str | None]:
        return [*meant(parent.breakdown or ())]

    @strawberry.field(description="Whether it is of all values that stand together; `breakdown` only names them then.")
    @staticmethod
    def of_rest(parent: strawberry.Parent[_BrokenDown]) -> bool:
        return OTHER in (parent.breakdown or ())


@strawberry.type(description="A series or formula, for one value of the breakdown and one of the times compared.")
class TrendsLine(_ByBreakdown):
    series: int = strawberry.field(description="Of which series or formula, from 0.")
    event: str | None = strawberry.field(description="What it counts; null: any event, or a formula.")
    custom_name: str | None = strawberry.field(name="name", description=_NAME)
    days: list[str] = strawberry.field(description=_DAYS)
    labels: list[str] = strawberry.field(description=_LABELS)
    data: list[float | None] = strawberry.field(
        name="values", description="A number for each bucket; null where there is nothing to take a mean of."
    )
    count: float = strawberry.field(description="Their sum.")
    aggregated_value: float | None = strawberry.field(
        description="The number for the whole time, where the display asks for one."
    )

    @strawberry.field(description="What it is called without a name, by its value where there is a breakdown.")
    @staticmethod
    def label(parent: strawberry.Parent[results.TrendsLine]) -> str:
        return label_in_words(parent)

    @strawberry.field(description="How events become its numbers; null: a formula makes them.")
    @staticmethod
    def math(parent: strawberry.Parent[results.TrendsLine]) -> Math | None:
        return None if parent.math == FORMULA else Math(parent.math)

    @strawberry.field(description="Whether it is of the time before.")
    @staticmethod
    def previous(parent: strawberry.Parent[results.TrendsLine]) -> bool:
        return parent.compare == "previous"


@strawberry.type(description="How much of something there is over time.")
class TrendsResult:
    resolved: ResolvedRange = strawberry.field(description="Of when.")
    lines: list[TrendsLine] = strawberry.field(description="In the order of series, the most frequent values first.")
    has_more: bool = strawberry.field(
        name="moreHidden", description="Whether values of the breakdown stand together as the rest."
    )

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.TrendsResult)


@strawberry.type(description="How many reached a step.")
class FunnelStep:
    order: int = strawberry.field(name="step", description="Which one, from 0.")
    event: str | None = strawberry.field(description="What it takes; null: any event.")
    count: int = strawberry.field(description="How many got here.")
    average_conversion_s: float | None = strawberry.field(
        name="averageConversionSeconds", description="From the step before; null for the first, and where nobody did."
    )
    median_conversion_s: float | None = strawberry.field(
        name="medianConversionSeconds", description="From the step before; null for the first, and where nobody did."
    )

    @strawberry.field(description="What the step is called: what the query calls it, else its event.")
    @staticmethod
    def name(parent: strawberry.Parent[results.FunnelStep]) -> str:
        return parent.custom_name or parent.name


@strawberry.type(description="A funnel, for one value of the breakdown.")
class FunnelGroup(_ByBreakdown):
    steps: list[FunnelStep] = strawberry.field(description="In their order.")


@strawberry.type(description="How many get from one step to the next.")
class FunnelResult:
    resolved: ResolvedRange = strawberry.field(description="When the first step happened.")
    groups: list[FunnelGroup] = strawberry.field(description="One, or one for each value of the breakdown.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.FunnelResult)


@strawberry.type(description="So many took about so long.")
class FunnelTimeBin:
    start_s: float = strawberry.field(name="startSeconds", description="No less than this.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How long it takes to get through a funnel.")
class FunnelTimesResult:
    resolved: ResolvedRange = strawberry.field(description="When the first step happened.")
    bins: list[FunnelTimeBin] = strawberry.field(description="The shortest times first.")
    average_s: float | None = strawberry.field(
        name="averageSeconds", description="Of all who got through; null where nobody did."
    )

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.FunnelTimesResult)


@strawberry.type(description="Which share converts over time, for one value of the breakdown.")
class FunnelTrendLine(_ByBreakdown):
    days: list[str] = strawberry.field(description=_DAYS)
    labels: list[str] = strawberry.field(description=_LABELS)
    entered: list[int] = strawberry.field(name="enteredCounts", description="How many began in each bucket.")
    converted: list[int] = strawberry.field(name="convertedCounts", description="How many of them got through.")
    rates: list[float | None] = strawberry.field(
        description="The percentage that did, 0 to 100; null where nobody began."
    )


@strawberry.type(description="Which share gets through a funnel over time.")
class FunnelTrendsResult:
    resolved: ResolvedRange = strawberry.field(description="When the first step happened.")
    lines: list[FunnelTrendLine] = strawberry.field(description="One, or one for each value of the breakdown.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.FunnelTrendsResult)


@strawberry.type(description="Those who did something in the same bucket, and how many came back.")
class RetentionCohort(_ByBreakdown):
    date: str = strawberry.field(name="day", description="Where the bucket begins.")
    label: str = strawberry.field(description=_LABELS)
    size: int = strawberry.field(name="count", description="How many they are.")
    values: list[int] = strawberry.field(
        name="returnedCounts", description="How many came back in the same period, in the next one, and so on."
    )


@strawberry.type(description="How many come back.")
class RetentionResult:
    resolved: ResolvedRange = strawberry.field(description="Of when.")
    cohorts: list[RetentionCohort] = strawberry.field(description="The oldest first.")
    period_labels: list[str] = strawberry.field(description="What periods are called.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.RetentionResult)


@strawberry.type(description="What follows what, and how often.")
class PathEdge:
    step: int = strawberry.field(description="Which step of a path it leaves, from 1.")
    source: str = strawberry.field(description="The event before.")
    target: str = strawberry.field(description="The event after.")
    count: int = strawberry.field(description="How many paths go there.")
    average_conversion_s: float = strawberry.field(
        name="averageConversionSeconds", description="How long they take from one to the other."
    )


@strawberry.type(description="What follows what.")
class PathsResult:
    resolved: ResolvedRange = strawberry.field(description="Of when.")
    edges: list[PathEdge] = strawberry.field(name="pathEdges", description="The most frequent first.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.PathsResult)


@strawberry.type(description="How many stand so in each bucket.")
class LifecycleLine:
    status: LifecycleStatus = strawberry.field(description="How they stand.")
    label: str = strawberry.field(description="What the line is called.")
    days: list[str] = strawberry.field(description=_DAYS)
    labels: list[str] = strawberry.field(description=_LABELS)
    data: list[float] = strawberry.field(
        name="counts", description="A number for each bucket; dormant ones count below zero."
    )
    count: float = strawberry.field(description="Their sum.")


@strawberry.type(description="Who is new, stays, comes back or falls silent.")
class LifecycleResult:
    resolved: ResolvedRange = strawberry.field(description="Of when.")
    event: str | None = strawberry.field(description="What shows that somebody is there; null: any event.")
    lines: list[LifecycleLine] = strawberry.field(description="One for each way to stand.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.LifecycleResult)


@strawberry.type(description="In how many buckets something is done.")
class StickinessLine:
    series: int = strawberry.field(description="Of which series, from 0.")
    event: str | None = strawberry.field(description="What it counts; null: any event.")
    custom_name: str | None = strawberry.field(name="name", description=_NAME)
    label: str = strawberry.field(description="What it is called without a name.")
    intervals: list[int] = strawberry.field(name="bucketCounts", description="In so many.")
    labels: list[str] = strawberry.field(description=_LABELS)
    data: list[float] = strawberry.field(name="counts", description="How many do it in so many.")
    count: float = strawberry.field(description="How many do it at all.")


@strawberry.type(description="How regularly something is done.")
class StickinessResult:
    resolved: ResolvedRange = strawberry.field(description="Of when.")
    lines: list[StickinessLine] = strawberry.field(description="In the order of series.")
    cumulative: bool = strawberry.field(
        description="Whether who is counted for more buckets is counted for fewer, too."
    )

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.StickinessResult)


@strawberry.type(description="A column of what a statement answered.")
class SqlColumn:
    name: str = strawberry.field(description="What the statement calls it.")
    type: str = strawberry.field(description="What it holds, as the documented views name it.")


@strawberry.type(description="A value of what a statement answered.")
class SqlCell:
    text: str | None = strawberry.field(description="As text, whatever it is; null where there is no value.")
    number: float | None = strawberry.field(description="As a number, where it is one.")
    truth: bool | None = strawberry.field(description="Whether it is true, where it says so.")


@strawberry.type(description="A row of what a statement answered.")
class SqlRow:
    cells: list[SqlCell] = strawberry.field(description="One for each column.")


@strawberry.type(description="What a statement answered.")
class SqlResult:
    statement: str = strawberry.field(description="What was run.")
    has_more: bool = strawberry.field(name="moreHidden", description="Whether rows were cut off.")

    @strawberry.field(description="In the order of the statement.")
    @staticmethod
    def columns(parent: strawberry.Parent[results.SqlResult]) -> list[SqlColumn]:
        pairs = zip(parent.columns, parent.types, strict=True)
        return [SqlColumn(name=name, type=type) for name, type in pairs]

    @strawberry.field(description="In the order of the statement.")
    @staticmethod
    def rows(parent: strawberry.Parent[results.SqlResult]) -> list[SqlRow]:
        return [SqlRow(cells=[_cell(value) for value in row]) for row in parent.rows]

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, results.SqlResult)


def _cell(value: object) -> SqlCell:
    if value is None:
        return SqlCell(text=None, number=None, truth=None)
    if isinstance(value, bool):
        return SqlCell(text="true" if value else "false", number=None, truth=value)
    if isinstance(value, int | float):
        return SqlCell(text=orjson.dumps(value).decode(), number=float(value), truth=None)
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return SqlCell(text=text, number=None, truth=None)


InsightResult = Annotated[
    Union[  # noqa: UP007 - a union of the graph
        TrendsResult,
        FunnelResult,
        FunnelTimesResult,
        FunnelTrendsResult,
        RetentionResult,
        PathsResult,
        LifecycleResult,
        StickinessResult,
        SqlResult,
    ],
    strawberry.union("InsightResult", description="What an insight comes to, by the kind of its query."),
]
