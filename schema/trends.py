"""Figures over calendar periods, as series for charts."""

from datetime import datetime
from typing import Annotated

import strawberry

import domain.scores.composite
import domain.scores.trends
import resolvers.composite
import resolvers.pillars
from domain.scores.periods import MOST_PERIODS, PeriodKind
from domain.scores.windows import Bounds
from resolvers.pillars import Series
from schema import nodes
from schema.composite import CompositeScore
from schema.pillars import ExclusionReasonCount, FlagKindCount
from schema.timeline import Tokens
from schema.values import Info, TimeRangeInput, describe, plain, span

describe(
    PeriodKind,
    "The calendar unit of a point.",
    {"day": "From midnight to midnight.", "week": "From Monday on.", "month": "From the first of the month on."},
    name="TrendPeriod",
)


@strawberry.type
class Point:
    period__start: datetime = strawberry.field(
        name="from", description="Its first moment. Arcs belong where they began."
    )
    period__end: datetime = strawberry.field(name="to", description="The first moment after it.")
    period__whole: bool = strawberry.field(
        name="whole",
        description="Whether it is a whole day, week or month: the first and the last may be cut by what was asked"
        " for.",
    )


@strawberry.type(description="How many goals of a period were reached and lasted.")
class ScorePoint(Point):
    prism_score: float | None = strawberry.field(
        description="100 * crushedCount / totalCount, one decimal; null where nothing qualifies."
    )
    crushed_count: int = strawberry.field(description="Qualifying arcs whose goal was reached and that lasted.")
    total_count: int = strawberry.field(description="Qualifying arcs.")


@strawberry.type(description="What the goals of a period cost: as in TokensPillar.")
class TokensPoint(Point):
    crush_weight: float | None = strawberry.field(
        description="Share of the tokens that crushed arcs spent, 0-1 with two decimals; null without tokens."
    )
    median_tokens_per_crush: float | None = strawberry.field(
        description="Of all four classes, one decimal; null without a crushed arc."
    )
    tet: float | None = strawberry.field(
        description="`medianTokensPerCrush` divided by that of the point before, of the first by that of the whole"
        " period before it; two decimals, null where either is."
    )
    tpt: float | None = strawberry.field(
        description="Input and output tokens for each qualifying arc, one decimal; null without any."
    )
    crushed_count: int = strawberry.field(description="Qualifying arcs whose goal was reached and that lasted.")
    total_count: int = strawberry.field(description="Qualifying arcs.")
    breakdown: Tokens = strawberry.field(description="Tokens of all qualifying arcs by class; zeros without any.")


@strawberry.type(description="What was left out of the score in a period: as in TriviaCounts.")
class TriviaPoint(Point):
    total: int = strawberry.field(name="totalCount", description="Arcs left out.")
    exclusion_rate: float | None = strawberry.field(
        description="Share left out: totalCount / (totalCount + qualifying arcs), 0-1 with two decimals; null where"
        " both are 0."
    )
    by_reason: list[ExclusionReasonCount] = strawberry.field(
        description="The most frequent first; reasons that were never met are left out."
    )


@strawberry.type(description="Integrity flags of a period: as in IntegrityCounts.")
class IntegrityPoint(Point):
    total: int = strawberry.field(name="totalCount", description="All flags; an arc may bear several.")
    by_kind: list[FlagKindCount] = strawberry.field(
        description="The most frequent first; kinds without a flag are left out."
    )


Asked = strawberry.Parent[resolvers.pillars.Trends]


@strawberry.type(
    description="Series over the same calendar periods, a point each, oldest first, also where nothing happened. What"
    " is asked for together is read once."
)
class Trends:
    @strawberry.field(description="The headline score.", graphql_type=list[ScorePoint])
    @staticmethod
    async def scores(parent: Asked, info: Info) -> tuple[domain.scores.trends.ScorePoint, ...]:
        return await resolvers.pillars.score_points(info.context, parent)

    @strawberry.field(description="What goals cost.", graphql_type=list[TokensPoint])
    @staticmethod
    async def tokens(parent: Asked, info: Info) -> tuple[domain.scores.trends.TokensPoint, ...]:
        return await resolvers.pillars.tokens_points(info.context, parent)

    @strawberry.field(description="What was left out of the score.", graphql_type=list[TriviaPoint])
    @staticmethod
    async def trivia(parent: Asked, info: Info) -> tuple[domain.scores.trends.TriviaPoint, ...]:
        return await resolvers.pillars.trivia_points(info.context, parent)

    @strawberry.field(description="Integrity flags.", graphql_type=list[IntegrityPoint])
    @staticmethod
    async def integrity(parent: Asked, info: Info) -> tuple[domain.scores.trends.IntegrityPoint, ...]:
        return await resolvers.pillars.integrity_points(info.context, parent)

    @strawberry.field(description="What version 2.1 makes of each period.", graphql_type=list[CompositeScore])
    @staticmethod
    async def composite(parent: Asked, info: Info) -> tuple[domain.scores.composite.Composite, ...]:
        bounds = [Bounds(period.start, period.end) for period in parent.periods]
        zone = parent.periods[0].window.zone
        return await resolvers.composite.composites_in(info.context, parent.user_id, bounds, zone)


@strawberry.type
class TrendQueries:
    @strawberry.field(
        description=f"How figures develop: a point for each calendar period, {MOST_PERIODS:,} at most.",
        graphql_type=Trends | None,
    )
    @staticmethod
    async def trends(
        info: Info,
        period: Annotated[PeriodKind, strawberry.argument(description="A point for each of these.")] = PeriodKind.DAY,
        within: Annotated[
            TimeRangeInput | None,
            strawberry.argument(description="From when to when: to now, and from 30 days before the end, if left out."),
        ] = None,
        time_zone: Annotated[
            str | None, strawberry.argument(description="IANA zone to cut it in; the developer's own if left out.")
        ] = None,
        developer: Annotated[
            strawberry.ID | None, strawberry.argument(description="Whose figures; the caller's own if left out.")
        ] = None,
    ) -> resolvers.pillars.Trends:
        asked = span(within)
        series = Series(period, asked.start, asked.end, plain(time_zone))
        user_id = None if developer is None else nodes.user_id(developer)
        return await resolvers.pillars.get_trends(info.context, series, user_id)
