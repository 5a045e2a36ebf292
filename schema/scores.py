"""The score of a window: its headline, and below it the pillars."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import strawberry

import domain.access
import domain.judging.records as records
import domain.scores.composite
import resolvers.composite
import resolvers.scoreboards
from domain.errors import NotFound
from domain.judging.arcs import RULESET_VERSION
from domain.judging.filters import FlagFilter, SubSessionFilter
from domain.scores.windows import WindowKind
from resolvers import cursors
from resolvers.scoreboards import Scoreboard
from schema import nodes
from schema.composite import CompositeScore
from schema.developers import Developer
from schema.flags import list_flags
from schema.judging import FigureFilterInput, SubSession, list_arcs
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.pillars import IntegrityCounts, SkillPillar, SpeedPillar, TokensPillar, TriviaCounts, VerdictCounts
from schema.values import Info, describe, plain
from schema.verdicts import Flag, FlagShown

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


class ScoreArcs(StrEnum):
    QUALIFYING = "qualifying"
    CRUSHED = "crushed"
    MISSED = "missed"
    PENDING = "pending"
    PAST_FLOOR = "past_floor"
    GRADED = "graded"
    FLAGGED = "flagged"
    TRIVIA = "trivia"


describe(
    ScoreArcs,
    "The arcs that a figure of a score rests on.",
    {
        "qualifying": "Those of `totalCount`, of `tpt` and of the breakdown of tokens.",
        "crushed": "Those of `crushedCount`, of `cspw` and of all medians.",
        "missed": "Qualifying ones that were not crushed.",
        "pending": "Those of `pendingCount`.",
        "past_floor": "Those of `verdicts.totalCount`.",
        "graded": "Those of `gradedCount`, of `apg` and of the habits.",
        "flagged": "Those with integrity flags; one may bear several.",
        "trivia": "Those that were left out of the score.",
    },
)
_BEHIND: Mapping[ScoreArcs, SubSessionFilter] = {
    ScoreArcs.QUALIFYING: SubSessionFilter(qualifying=True),
    ScoreArcs.CRUSHED: SubSessionFilter(crushed=True),
    ScoreArcs.MISSED: SubSessionFilter(qualifying=True, crushed=False),
    ScoreArcs.PENDING: SubSessionFilter(state=records.State.CLOSED, past_floor=True),
    ScoreArcs.PAST_FLOOR: SubSessionFilter(past_floor=True),
    ScoreArcs.GRADED: SubSessionFilter(graded=True),
    ScoreArcs.FLAGGED: SubSessionFilter(flagged=True),
    ScoreArcs.TRIVIA: SubSessionFilter(state=records.State.EXCLUDED),
}


@strawberry.type(description="Wilson's score interval at 95 %: where the rate may really lie.")
class Interval:
    low: float = strawberry.field(description="The lower end, 0-100.")
    high: float = strawberry.field(description="The upper end, 0-100.")


@strawberry.type(description="A half-open stretch of time.")
class Stretch:
    start: datetime = strawberry.field(name="from", description="Its first moment.")
    end: datetime = strawberry.field(name="to", description="The first moment after it.")


PILLARS = frozenset({"speed", "tokens", "skill", "verdicts", "integrity", "trivia"})
"""The fields of a score that take more reading than its headline."""

Asked = strawberry.Parent[Scoreboard]


@strawberry.type(
    description="How many goals of a window were reached and lasted, how fast, at what cost, how well put."
)
class Score:
    headline__window__kind: WindowKind = strawberry.field(name="window", description="Day, week or month.")
    headline__window__start: datetime = strawberry.field(
        name="from", description="Its first moment. Arcs belong where they began."
    )
    headline__window__end: datetime = strawberry.field(name="to", description="The first moment after it.")
    headline__window__zone__key: str = strawberry.field(name="timeZone", description="The IANA zone that it is cut in.")
    as_of: datetime = strawberry.field(description="When it was worked out: later verdicts are not in it.")
    compared: Stretch = strawberry.field(
        name="comparedWith",
        description="What deltas and trends compare with: the window before, or with `dayAligned` what had passed of it"
        " at this point.",
    )
    headline__prism_score: float | None = strawberry.field(
        name="prismScore",
        description="100 * crushedCount / totalCount, one decimal; null where nothing qualifies.",
    )
    headline__letter_grade: str | None = strawberry.field(
        name="letterGrade",
        description="A+ from 95, A 86, A- 78, B+ 70, B 60, B- 52, C+ 45, C 35, D 20, F; null with the score.",
    )
    headline__personal_tier: PersonalTier | None = strawberry.field(
        name="personalTier", description="Null with the score."
    )
    headline__crushed_count: int = strawberry.field(
        name="crushedCount", description="Qualifying arcs whose goal was reached and that were not reworked."
    )
    headline__total_count: int = strawberry.field(
        name="totalCount", description="Qualifying arcs: scored, with an intent and an outcome."
    )
    headline__pending_count: int = strawberry.field(
        name="pendingCount", description="Closed arcs that are not judged yet; they are in neither count."
    )
    headline__crush_weight: float | None = strawberry.field(
        name="crushWeight",
        description="Share of the qualifying arcs' tokens that crushed arcs spent, 0-1; null without tokens.",
    )
    headline__interval: Interval | None = strawberry.field(
        name="interval", description="How sure the score is; null with the score."
    )
    headline__too_few: bool = strawberry.field(
        name="tooFew", description="Fewer than five qualifying arcs: the score says little."
    )
    headline__sparkline: list[float | None] = strawberry.field(
        name="sparkline",
        description="Scores of the last four windows, this one last; null where nothing qualified.",
    )

    board__speed: SpeedPillar = strawberry.field(name="speed", description="How fast goals were reached.")
    board__tokens: TokensPillar = strawberry.field(name="tokens", description="What goals cost.")
    board__skill: SkillPillar = strawberry.field(name="skill", description="How well prompts were written.")
    board__summary: VerdictCounts = strawberry.field(name="verdicts", description="What the judge came to, counted.")
    board__integrity: IntegrityCounts = strawberry.field(name="integrity", description="Integrity flags, counted.")
    board__trivia: TriviaCounts = strawberry.field(
        name="trivia", description="What was left out of the score, counted."
    )

    @strawberry.field(description="The rules that arcs are judged by now; each arc says which it was judged by.")
    @staticmethod
    def ruleset_version() -> str:
        return RULESET_VERSION

    @strawberry.field(
        description="What version 2.1 makes of the same window. It is read by itself.", graphql_type=CompositeScore
    )
    @staticmethod
    async def composite(parent: Asked, info: Info) -> domain.scores.composite.Composite:
        [found] = await resolvers.composite.composites_in(
            info.context, parent.user_id, [parent.headline.window.bounds], parent.headline.window.zone
        )
        return found

    @strawberry.field(description="Whose score.", graphql_type=Developer)
    @staticmethod
    async def developer(parent: Asked, info: Info) -> domain.access.User:
        user = await info.context.loaders.user.load(parent.user_id)
        if user is None:
            raise NotFound("no such developer")
        return user

    @strawberry.field(
        description="The arcs of the window behind a figure, newest first. With `of`, those behind one of several"
        " habits, kinds, grades or reasons.",
        graphql_type=Connection[SubSession],
    )
    @staticmethod
    async def sub_sessions(
        parent: Asked,
        info: Info,
        which: Annotated[ScoreArcs, strawberry.argument(description="Behind which.")] = ScoreArcs.QUALIFYING,
        of: Annotated[
            FigureFilterInput | None, strawberry.argument(description="Only these of them; all if left out.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[records.SubSession]:
        span = parent.headline.window.span
        wanted = replace(_BEHIND[which], within=span, user_id=parent.user_id)
        narrowed = wanted if of is None else of.narrowed(wanted)
        return await list_arcs(info.context, narrowed, cursors.window(first, after, last, before))

    @strawberry.field(
        description="The integrity flags of the window, those on the arcs that began last first.",
        graphql_type=Connection[Flag],
    )
    @staticmethod
    async def flags(
        parent: Asked,
        info: Info,
        kind: Annotated[
            records.FlagKind | None, strawberry.argument(description="Those of a kind; all if left out.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[FlagShown]:
        wanted = FlagFilter(parent.headline.window.span, parent.user_id, kind=kind)
        return await list_flags(info.context, wanted, cursors.window(first, after, last, before))


@strawberry.type
class ScoreQueries:
    @strawberry.field(
        description="The score of the window that now lies in, with its pillars. What is not asked for is not read.",
        graphql_type=Score | None,
    )
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
        day_aligned: Annotated[
            bool,
            strawberry.argument(
                description="Compare with the window before only up to the weekday, date and hour that it is now."
            ),
        ] = False,
    ) -> Scoreboard:
        user_id = None if developer is None else nodes.user_id(developer)
        whole = info.asks_for(PILLARS)
        return await resolvers.scoreboards.get_scoreboard(
            info.context, window, plain(time_zone), user_id, day_aligned, whole
        )

    @strawberry.field(
        description="The score of version 2.1 of all who are at work in the window that now lies in: each figure is the"
        " mean of those who have it, weighted by their prompts; hours and counts are added up. Needs the scope"
        " `org:read`.",
        graphql_type=CompositeScore | None,
    )
    @staticmethod
    async def organisation_composite(
        info: Info,
        window: Annotated[WindowKind, strawberry.argument(description="Which calendar unit.")] = WindowKind.WEEKLY,
        time_zone: Annotated[
            str | None, strawberry.argument(description="IANA zone to cut it in; one's own if left out.")
        ] = None,
    ) -> domain.scores.composite.Composite:
        return await resolvers.composite.get_organisation_composite(info.context, window, plain(time_zone))
