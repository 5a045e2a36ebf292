"""The headline score of a window."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import strawberry

import domain.scores.headline
import resolvers.scores
from domain.scores.windows import WindowKind
from schema import nodes
from schema.values import Info, describe, plain

describe(
    WindowKind,
    "The calendar unit that now lies in.",
    {
        "daily": "From midnight on.",
        "weekly": "From Monday on.",
        "monthly": "From the first of the month on.",
    },
    name="ScoreWindow",
)


class PersonalTier(StrEnum):
    STARTING = "starting"
    BUILDING = "building"
    SCALING = "scaling"
    LEADING = "leading"
    ELITE = "elite"


describe(
    PersonalTier,
    "How far somebody has come, by the score.",
    {
        "starting": "Below 30.",
        "building": "From 30.",
        "scaling": "From 50.",
        "leading": "From 70.",
        "elite": "From 90.",
    },
)


@strawberry.type(description="Wilson's score interval at 95 %: where the rate may really lie.")
class Interval:
    low: float = strawberry.field(description="The lower end, 0-100.")
    high: float = strawberry.field(description="The upper end, 0-100.")


@strawberry.type(description="How many goals of a window were reached and lasted.")
class Score:
    window__kind: WindowKind = strawberry.field(name="window", description="Day, week or month.")
    window__start: datetime = strawberry.field(
        name="from", description="Its first moment. Arcs belong where they began."
    )
    window__end: datetime = strawberry.field(name="to", description="The first moment after it.")
    window__zone__key: str = strawberry.field(name="timeZone", description="The IANA zone that it is cut in.")
    prism_score: float | None = strawberry.field(
        description="100 * crushedCount / totalCount, one decimal; null where nothing qualifies."
    )
    letter_grade: str | None = strawberry.field(
        description="A+ from 95, A 86, A- 78, B+ 70, B 60, B- 52, C+ 45, C 35, D 20, F; null with the score."
    )
    personal_tier: PersonalTier | None = strawberry.field(description="Null with the score.")
    crushed_count: int = strawberry.field(
        description="Qualifying arcs whose goal was reached and that were not reworked."
    )
    total_count: int = strawberry.field(description="Qualifying arcs: scored, with an intent and an outcome.")
    pending_count: int = strawberry.field(description="Closed arcs that are not judged yet; they are in neither count.")
    crush_weight: float | None = strawberry.field(
        description="Share of the qualifying arcs' tokens that crushed arcs spent, 0-1; null without tokens."
    )
    interval: Interval | None = strawberry.field(description="How sure the score is; null with the score.")
    too_few: bool = strawberry.field(description="Fewer than five qualifying arcs: the score says little.")
    sparkline: list[float | None] = strawberry.field(
        description="Scores of the last four windows, this one last; null where nothing qualified."
    )


@strawberry.type
class ScoreQueries:
    @strawberry.field(description="The score of the window that now lies in.", graphql_type=Score)
    @staticmethod
    async def score(
        info: Info,
        window: Annotated[WindowKind, strawberry.argument(description="Which calendar unit.")] = WindowKind.WEEKLY,
        time_zone: Annotated[
            str | None, strawberry.argument(description="IANA zone to cut it in; the developer's own if left out.")
        ] = None,
        developer: Annotated[
            strawberry.ID | None, strawberry.argument(description="Whose score; the caller's own if left out.")
        ] = None,
    ) -> domain.scores.headline.Headline:
        user_id = None if developer is None else nodes.user_id(developer)
        return await resolvers.scores.get_score(info.context, window, plain(time_zone), user_id)
