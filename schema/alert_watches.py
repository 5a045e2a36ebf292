"""Which number of an insight an alert watches."""

from typing import Annotated, Union

import strawberry

import domain.insights.watching as watching
from domain.insights.plans import (
    meant,
    named,
)
from domain.insights.watching import (
    FunnelWatch,
    LifecycleWatch,
    PathsWatch,
    RetentionWatch,
    SqlWatch,
    StickinessWatch,
    TrendsWatch,
    Watch,
)
from schema.insight_enums import LifecycleStatus
from schema.values import Info


@strawberry.type(name="TrendsWatch", description="A series or formula of trends, in the last bucket that is over.")
class ShownTrendsWatch:
    series: int = strawberry.field(description="Which one, from 0.")
    ongoing: bool = strawberry.field(description="Whether in the bucket that goes on instead.")

    @strawberry.field(description="Of which value of a breakdown; empty: of each, and one is enough.")
    @staticmethod
    def breakdown(parent: strawberry.Parent[watching.TrendsWatch]) -> list[str | None]:
        return [*meant(parent.breakdown or ())]

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, watching.TrendsWatch)


@strawberry.type(
    name="FunnelWatch",
    description="The percentage that gets through a funnel; of times to convert the mean in seconds.",
)
class ShownFunnelWatch:
    step: int | None = strawberry.field(
        description="From the step before to this one, from 1; null: through the whole."
    )
    ongoing: bool = strawberry.field(description="Whether in the bucket that goes on, of a funnel over time.")

    @strawberry.field(description="Of which value of a breakdown; empty: of each, and one is enough.")
    @staticmethod
    def breakdown(parent: strawberry.Parent[watching.FunnelWatch]) -> list[str | None]:
        return [*meant(parent.breakdown or ())]

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, watching.FunnelWatch)


@strawberry.type(name="RetentionWatch", description="The percentage of a cohort that comes back.")
class ShownRetentionWatch:
    period: int = strawberry.field(description="So many periods later.")
    average: bool = strawberry.field(
        description="Whether of all cohorts that had the time; else of the last one that had."
    )

    @strawberry.field(description="Of which value of a breakdown; empty: of each, and one is enough.")
    @staticmethod
    def breakdown(parent: strawberry.Parent[watching.RetentionWatch]) -> list[str | None]:
        return [*meant(parent.breakdown or ())]

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, watching.RetentionWatch)


@strawberry.type(name="PathsWatch", description="How many paths go from one event to another.")
class ShownPathsWatch:
    source: str = strawberry.field(description="The event before.")
    target: str = strawberry.field(description="The event after.")
    step: int | None = strawberry.field(description="At which step, from 1; null: at any.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, watching.PathsWatch)


@strawberry.type(name="LifecycleWatch", description="How many stand so in the last bucket that is over.")
class ShownLifecycleWatch:
    status: LifecycleStatus = strawberry.field(description="How they stand; dormant ones count above zero here.")
    ongoing: bool = strawberry.field(description="Whether in the bucket that goes on instead.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, watching.LifecycleWatch)


@strawberry.type(name="StickinessWatch", description="The percentage that does something regularly.")
class ShownStickinessWatch:
    series: int = strawberry.field(description="Of which series, from 0.")
    intervals: int = strawberry.field(name="bucketCount", description="In at least so many buckets.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, watching.StickinessWatch)


@strawberry.type(name="SqlWatch", description="The first number in a column of what a statement answers.")
class ShownSqlWatch:
    column: str | None = strawberry.field(description="Which column; null: the first that has one in the first row.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, watching.SqlWatch)


InsightWatch = Annotated[
    Union[  # noqa: UP007 - a union of the graph
        ShownTrendsWatch,
        ShownFunnelWatch,
        ShownRetentionWatch,
        ShownPathsWatch,
        ShownLifecycleWatch,
        ShownStickinessWatch,
        ShownSqlWatch,
    ],
    strawberry.union("InsightWatch", description="Which number of an insight an alert watches, by the insight's kind."),
]


def _of(breakdown: list[str | None] | None) -> tuple[str, ...] | None:
    return named(tuple(breakdown or ()))


_VALUES = (
    "Of which value of a breakdown, one text for each property and null for a missing one; of each if left out, and one"
    " is enough."
)


@strawberry.input(description="A series or formula of trends, in the last bucket that is over.")
class TrendsWatchInput:
    series: int = strawberry.field(default=0, description="Which one, from 0.")
    breakdown: list[str | None] | None = strawberry.field(default=None, description=_VALUES)
    ongoing: bool = strawberry.field(default=False, description="Whether in the bucket that goes on instead.")

    def watch(self) -> Watch:
        return TrendsWatch(series=self.series, breakdown=_of(self.breakdown), ongoing=self.ongoing)


@strawberry.input(description="The percentage that gets through a funnel; of times to convert the mean in seconds.")
class FunnelWatchInput:
    step: int | None = strawberry.field(
        default=None, description="From the step before to this one, from 1; through the whole if left out."
    )
    breakdown: list[str | None] | None = strawberry.field(default=None, description=_VALUES)
    ongoing: bool = strawberry.field(
        default=False, description="Whether in the bucket that goes on, of a funnel over time."
    )

    def watch(self) -> Watch:
        return FunnelWatch(step=self.step, breakdown=_of(self.breakdown), ongoing=self.ongoing)


@strawberry.input(description="The percentage of a cohort that comes back.")
class RetentionWatchInput:
    period: int = strawberry.field(default=1, description="So many periods later.")
    average: bool = strawberry.field(
        default=False, description="Whether of all cohorts that had the time; else of the last one that had."
    )
    breakdown: list[str | None] | None = strawberry.field(default=None, description=_VALUES)

    def watch(self) -> Watch:
        return RetentionWatch(period=self.period, average=self.average, breakdown=_of(self.breakdown))


@strawberry.input(description="How many paths go from one event to another.")
class PathsWatchInput:
    source: str = strawberry.field(description="The event before.")
    target: str = strawberry.field(description="The event after.")
    step: int | None = strawberry.field(default=None, description="At which step, from 1; at any if left out.")

    def watch(self) -> Watch:
        return PathsWatch(source=self.source, target=self.target, step=self.step)


@strawberry.input(description="How many stand so in the last bucket that is over.")
class LifecycleWatchInput:
    status: LifecycleStatus = strawberry.field(description="How they stand; dormant ones count above zero here.")
    ongoing: bool = strawberry.field(default=False, description="Whether in the bucket that goes on instead.")

    def watch(self) -> Watch:
        return LifecycleWatch(status=self.status, ongoing=self.ongoing)


@strawberry.input(description="The percentage that does something regularly.")
class StickinessWatchInput:
    series: int = strawberry.field(default=0, description="Of which series, from 0.")
    bucket_count: int = strawberry.field(default=2, description="In at least so many buckets.")

    def watch(self) -> Watch:
        return StickinessWatch(series=self.series, intervals=self.bucket_count)


@strawberry.input(description="The first number in a column of what a statement answers.")
class SqlWatchInput:
    column: str | None = strawberry.field(
        default=None, description="Which column; the first that has one in the first row if left out."
    )

    def watch(self) -> Watch:
        return SqlWatch(column=self.column)


@strawberry.input(description="Which number of an insight to watch, by the insight's kind.", one_of=True)
class InsightWatchInput:
    trends: TrendsWatchInput | None = strawberry.field(
        default=strawberry.UNSET, description="Of how much there is over time."
    )
    funnel: FunnelWatchInput | None = strawberry.field(default=strawberry.UNSET, description="Of who gets through.")
    retention: RetentionWatchInput | None = strawberry.field(default=strawberry.UNSET, description="Of who comes back.")
    paths: PathsWatchInput | None = strawberry.field(default=strawberry.UNSET, description="Of what follows what.")
    lifecycle: LifecycleWatchInput | None = strawberry.field(
        default=strawberry.UNSET, description="Of who is new, stays, comes back or falls silent."
    )
    stickiness: StickinessWatchInput | None = strawberry.field(
        default=strawberry.UNSET, description="Of how regularly something is done."
    )
    sql: SqlWatchInput | None = strawberry.field(default=strawberry.UNSET, description="Of a statement.")

    def watch(self) -> Watch:
        kinds = (self.trends, self.funnel, self.retention, self.paths, self.lifecycle, self.stickiness, self.sql)
        [given] = [kind for kind in kinds if kind]
        return given.watch()
