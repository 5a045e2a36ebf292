"""From every number of an insight to the goal arcs behind it."""

from typing import Annotated

import strawberry

import domain.judging.records as records
import resolvers.insight_arcs
from domain.insights.drill_downs import (
    FunnelPoint,
    LifecyclePoint,
    PathsPoint,
    Point,
    RetentionPoint,
    StickinessPoint,
    TrendsPoint,
)
from resolvers.cursors import window
from resolvers.insight_arcs import MOST, Asked
from schema import nodes
from schema.insight_enums import LifecycleStatus
from schema.insight_query_inputs import InsightQueryInput
from schema.judging import SubSession
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.values import Info

_VALUES = "Which value of a breakdown, one text for each property as the result has it; null for a missing one."


def _value(given: list[str | None] | None) -> tuple[str | None, ...]:
    return tuple(given or ())


@strawberry.input(description="A number of trends.")
class TrendsPointInput:
    series: int = strawberry.field(default=0, description="Of which series, from 0; never of a formula.")
    bucket: int | None = strawberry.field(default=None, description="In which bucket, from 0; in all if left out.")
    breakdown: list[str | None] | None = strawberry.field(default=None, description=_VALUES)
    previous: bool = strawberry.field(default=False, description="Whether of the time before that is compared.")

    def point(self) -> Point:
        return TrendsPoint(self.series, self.bucket, _value(self.breakdown), self.previous)


@strawberry.input(description="A number of a funnel.")
class FunnelPointInput:
    step: int = strawberry.field(description="Those who reached this step, from 0.")
    dropped: bool = strawberry.field(
        default=False, description="Those who reached the step before and not this one instead."
    )
    breakdown: list[str | None] | None = strawberry.field(default=None, description=_VALUES)
    bucket: int | None = strawberry.field(
        default=None, description="Only those who began in this bucket of a funnel over time, from 0."
    )
    least_s: float | None = strawberry.field(
        name="leastSeconds", default=None, description="Only those who took no less: where a bin of times starts."
    )
    below_s: float | None = strawberry.field(
        name="belowSeconds", default=None, description="Only those who took less: where the next bin starts."
    )

    def point(self) -> Point:
        value = _value(self.breakdown)
        return FunnelPoint(self.step, self.dropped, value, self.bucket, self.least_s, self.below_s)


@strawberry.input(description="A number of retention.")
class RetentionPointInput:
    cohort: int = strawberry.field(description="Of which cohort, from 0.")
    period: int | None = strawberry.field(
        default=None, description="Those who came back so many periods later; all of it if left out."
    )
    breakdown: list[str | None] | None = strawberry.field(default=None, description=_VALUES)

    def point(self) -> Point:
        return RetentionPoint(self.cohort, self.period, _value(self.breakdown))


@strawberry.input(description="An edge of paths.")
class PathsPointInput:
    step: int = strawberry.field(description="Which step it leaves, from 1.")
    source: str = strawberry.field(description="The event before.")
    target: str = strawberry.field(description="The event after.")

    def point(self) -> Point:
        return PathsPoint(self.step, self.source, self.target)


@strawberry.input(description="A number of a lifecycle.")
class LifecyclePointInput:
    status: LifecycleStatus = strawberry.field(description="Those who stand so.")
    bucket: int = strawberry.field(description="In which bucket, from 0.")

    def point(self) -> Point:
        return LifecyclePoint(self.status, self.bucket)


@strawberry.input(description="A number of stickiness.")
class StickinessPointInput:
    series: int = strawberry.field(default=0, description="Of which series, from 0.")
    bucket_count: int = strawberry.field(description="Those who did it in so many buckets.")

    def point(self) -> Point:
        return StickinessPoint(self.series, self.bucket_count)


@strawberry.input(description="Which number, by the kind of the insight.", one_of=True)
class InsightPointInput:
    trends: TrendsPointInput | None = strawberry.field(
        default=strawberry.UNSET, description="Of how much there is over time."
    )
    funnel: FunnelPointInput | None = strawberry.field(default=strawberry.UNSET, description="Of who gets through.")
    retention: RetentionPointInput | None = strawberry.field(default=strawberry.UNSET, description="Of who comes back.")
    paths: PathsPointInput | None = strawberry.field(default=strawberry.UNSET, description="Of what follows what.")
    lifecycle: LifecyclePointInput | None = strawberry.field(
        default=strawberry.UNSET, description="Of who is new, stays, comes back or falls silent."
    )
    stickiness: StickinessPointInput | None = strawberry.field(
        default=strawberry.UNSET, description="Of how regularly something is done."
    )

    def point(self) -> Point:
        kinds = (self.trends, self.funnel, self.retention, self.paths, self.lifecycle, self.stickiness)
        [given] = [kind for kind in kinds if kind]
        return given.point()


@strawberry.type(description="What stands behind a number.")
class DrillDown:
    @strawberry.field(
        description=f"The arcs that this key sees, the ones that began last first; forwards only, of the first {MOST}.",
        graphql_type=Connection[SubSession],
    )
    @staticmethod
    async def sub_sessions(
        parent: strawberry.Parent[Asked],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[records.SubSession]:
        async def count() -> int:
            return (await resolvers.insight_arcs.count_arcs(info.context, parent)).visible

        page = await resolvers.insight_arcs.list_arcs(info.context, parent, window(first, after, last, before))
        return Listing(page, count)

    @strawberry.field(description=f"How many of the first {MOST} arcs are others', which this key does not see.")
    @staticmethod
    async def hidden_count(parent: strawberry.Parent[Asked], info: Info) -> int:
        return (await resolvers.insight_arcs.count_arcs(info.context, parent)).hidden


@strawberry.type
class DrillDownQueries:
    @strawberry.field(
        description="The goal arcs behind a number of an insight, or of a query. Buckets and cohorts are counted as in"
        " the result of now: a query whose times are told from now may mean others tomorrow.",
        graphql_type=DrillDown,
    )
    @staticmethod
    async def drill_down(
        info: Info,
        point: Annotated[InsightPointInput, strawberry.argument(description="Which number.")],
        id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="An insight: its global id, its number or its short id. Either this or `query`."
            ),
        ] = None,
        query: Annotated[
            InsightQueryInput | None, strawberry.argument(description="What to ask. Either this or `id`.")
        ] = None,
    ) -> Asked:
        key = None if id is None else nodes.insight_key(id)
        document = None if query is None else query.document()
        return await resolvers.insight_arcs.drill_down(info.context, key, document, point.point())
