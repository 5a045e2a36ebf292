"""What the sessions of a stretch of time come to."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, NamedTuple

import strawberry

import domain.judging.records
import domain.sessions
import resolvers.judging
import resolvers.sessions
import resolvers.summaries
from domain.languages import Phrases
from domain.scores.windows import Bounds
from domain.summaries_of_many import (
    LEAST_STREAK,
    MOST_OF_A_KIND,
    DailySummary,
    Highlight,
    HighlightKind,
    Highlights,
    TypeStat,
)
from domain.summary_texts import day_text, highlight_title, reason
from domain.values import Page, Span
from resolvers.cursors import window
from resolvers.summaries import MOST_OF_A_DAY, Reach
from schema import nodes
from schema.judging import SubSession
from schema.judging_enums import Intent
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.report_documents import Language
from schema.sessions import Session
from schema.summaries import InLanguage, SessionSummary, Summed
from schema.values import Info, Long, TimeRangeInput, describe, plain, span

describe(
    HighlightKind,
    "Why a session stands out, and what `value` is then.",
    {
        "best_score": "The prompts of a goal that was reached have the best grade: points, 0-100.",
        "fastest_crush": "A goal was reached soonest after its first prompt: seconds.",
        "longest_focus": "Work went on for longest without a break: seconds.",
        "most_expensive": "It cost most: US dollars.",
        "most_reworked": "Most of its goals were undone later: goals.",
        "biggest_change": "Most lines were changed for one goal: lines.",
        "integrity": "It bears most integrity flags: flags.",
        "streak": f"With it ends the longest row of goals that were all reached, {LEAST_STREAK} or more: goals.",
    },
)


_LOWER_BOUNDS = (
    "Sessions whose source tells too few output tokens: with any, tokens and cost are at least what is shown."
)


@strawberry.type(description="The sessions of one type, which the intent of most of their goal arcs makes.")
class SessionTypeStat:
    intent: Intent | None = strawberry.field(description="The type; null for sessions without an intent.")
    session_count: int = strawberry.field(description="Sessions of it.")
    share: float = strawberry.field(description="Of all sessions, 0-1 with four decimals.")
    sub_session_count: int = strawberry.field(description="Goal arcs that began in them.")
    qualifying_count: int = strawberry.field(description="Those of the arcs that count in a score.")
    crushed_count: int = strawberry.field(description="Those of the arcs whose goal was reached and lasted.")
    crush_rate: float | None = strawberry.field(
        description="Share crushed: crushedCount / qualifyingCount, 0-1, four decimals; null where nothing qualifies."
    )
    turn_count: int = strawberry.field(description="Prompts of the user.")
    avg_turns: float = strawberry.field(name="averageTurns", description="Prompts for each session, two decimals.")
    total_tokens: Long = strawberry.field(name="tokenCount", description="Tokens of all four classes.")
    cost_usd: float = strawberry.field(description="US dollars of the sessions that have a price.")
    unpriced_count: int = strawberry.field(
        name="unpricedCount", description="Sessions that used tokens and have no price."
    )
    lower_bound_count: int = strawberry.field(description=_LOWER_BOUNDS)

    @strawberry.field(description="Mean extent in milliseconds; null where none is known.")
    @staticmethod
    def average_duration_ms(parent: strawberry.Parent[TypeStat]) -> float | None:
        seconds = parent.avg_duration_seconds
        return None if seconds is None else float(1000 * seconds)


class Shown(NamedTuple):
    """Something that stands out, and how it is written."""

    item: Highlight
    words: Phrases


@strawberry.type(description="A session that stands out.")
class SessionInsightHighlight:
    item__kind: HighlightKind = strawberry.field(name="kind", description="By what.")
    item__value: float = strawberry.field(name="value", description="By how much, in the unit of its kind.")
    item__grade_points: float | None = strawberry.field(
        name="gradePoints", description="The grade of the prompts of its goal arc, 0-100; null where there is none."
    )
    item__compared: int = strawberry.field(
        name="comparedCount", description="How many goal arcs or sessions it was chosen among."
    )
    item__started_at: datetime = strawberry.field(name="startedAt", description="When it began.")

    @strawberry.field(description="What its goal arc or session is called.")
    @staticmethod
    def title(parent: strawberry.Parent[Shown]) -> str:
        return highlight_title(*parent)

    @strawberry.field(description="In a sentence, why it stands out.")
    @staticmethod
    def reason(parent: strawberry.Parent[Shown]) -> str:
        return reason(*parent)

    @strawberry.field(description="How its session went; null while that runs.", graphql_type=SessionSummary | None)
    @staticmethod
    def summary(parent: strawberry.Parent[Shown]) -> Summed | None:
        told = parent.item.summary
        return None if told is None else Summed(told, parent.words)

    @strawberry.field(description="The session it is about.", graphql_type=Session)
    @staticmethod
    async def session(parent: strawberry.Parent[Shown], info: Info) -> domain.sessions.Session:
        return await resolvers.sessions.get_session(info.context, parent.item.session_id)

    @strawberry.field(
        description="The goal arc that makes it stand out; null where the session does.",
        graphql_type=SubSession | None,
    )
    @staticmethod
    async def sub_session(parent: strawberry.Parent[Shown], info: Info) -> domain.judging.records.SubSession | None:
        id = parent.item.sub_session_id
        return None if id is None else await resolvers.judging.find_sub_session(info.context, id)


class HighlightsShown(NamedTuple):
    told: Highlights
    words: Phrases


@strawberry.type(description="What stands out among the sessions and goal arcs that began in a stretch of time.")
class SessionInsightHighlights:
    told__session_count: int = strawberry.field(name="sessionCount", description="Sessions that began then.")
    told__win_count: int = strawberry.field(
        name="winSessionCount", description="Sessions in which a goal was reached that lasted."
    )
    told__qualifying_count: int = strawberry.field(
        name="qualifyingCount", description="Goal arcs that count in a score."
    )
    told__crushed_count: int = strawberry.field(
        name="crushedCount", description="Those whose goal was reached and lasted."
    )
    told__win_rate: float | None = strawberry.field(
        name="winRate",
        description="Share crushed: crushedCount / qualifyingCount, 0-1, four decimals; null where nothing qualifies.",
    )

    @strawberry.field(
        description=f"By kind, the most remarkable first, {MOST_OF_A_KIND} at most of each.",
        graphql_type=list[SessionInsightHighlight],
    )
    @staticmethod
    def items(parent: strawberry.Parent[HighlightsShown]) -> list[Shown]:
        return [Shown(item, parent.words) for item in parent.told.items]


class DayShown(NamedTuple):
    told: DailySummary
    words: Phrases


@strawberry.type(
    description="A calendar day. Sessions and goal arcs count where each began; zeros where nothing happened."
)
class SessionInsightDay:
    told__day: date = strawberry.field(name="date", description="Which day.")
    told__start: datetime = strawberry.field(name="from", description="Its first moment.")
    told__end: datetime = strawberry.field(name="to", description="The first moment after it.")
    told__totals__session_count: int = strawberry.field(name="sessionCount", description="Sessions that began.")
    told__totals__sub_session_count: int = strawberry.field(name="subSessionCount", description="Goal arcs that began.")
    told__totals__qualifying_count: int = strawberry.field(
        name="qualifyingCount", description="Those of the arcs that count in a score."
    )
    told__totals__crushed_count: int = strawberry.field(
        name="crushedCount", description="Those of the arcs whose goal was reached and lasted."
    )
    told__totals__prism_score: float | None = strawberry.field(
        name="prismScore", description="100 * crushedCount / qualifyingCount, one decimal; null where nothing counts."
    )
    told__totals__total_tokens: Long = strawberry.field(
        name="tokenCount", description="Tokens of the sessions, of all four classes."
    )
    told__totals__cost_usd: float = strawberry.field(
        name="costUsd", description="US dollars of the sessions that have a price."
    )
    told__totals__unpriced_count: int = strawberry.field(
        name="unpricedCount", description="Sessions that used tokens and have no price."
    )
    told__totals__lower_bound_count: int = strawberry.field(name="lowerBoundCount", description=_LOWER_BOUNDS)
    told__generated_at: datetime = strawberry.field(name="generatedAt", description="When it was added up.")
    words__language: Language = strawberry.field(name="language", description="What it is written in.")

    @strawberry.field(description="The day in a few sentences; null where nothing happened.")
    @staticmethod
    def text(parent: strawberry.Parent[DayShown]) -> str | None:
        return day_text(*parent)

    @strawberry.field(
        description="What stands out, as in SessionInsightHighlights.", graphql_type=list[SessionInsightHighlight]
    )
    @staticmethod
    def highlights(parent: strawberry.Parent[DayShown]) -> list[Shown]:
        return [Shown(item, parent.words) for item in parent.told.highlights.items]

    @strawberry.field(
        description=f"The sessions that began, newest first, {MOST_OF_A_DAY} at most.", graphql_type=list[Session]
    )
    @staticmethod
    async def sessions(parent: strawberry.Parent[DayShown], info: Info) -> Sequence[domain.sessions.Session]:
        found = [resolvers.sessions.find_session(info.context, one.session_id) for one in parent.told.sessions]
        return [session for session in await asyncio.gather(*found) if session is not None]


class Asked(NamedTuple):
    """Whose sessions, of which stretch, and how to write of them."""

    reach: Reach
    within: Bounds
    words: Phrases


@strawberry.type(description="Sessions of a stretch of time summed up.")
class SessionInsights:
    within__start: datetime = strawberry.field(name="from", description="The first moment of the stretch.")
    within__end: datetime = strawberry.field(name="to", description="The first moment after it.")

    @strawberry.field(description="By type, that with the most sessions first.", graphql_type=list[SessionTypeStat])
    @staticmethod
    async def session_stats(parent: strawberry.Parent[Asked], info: Info) -> Sequence[TypeStat]:
        return await resolvers.summaries.session_stats(info.context.services, parent.reach, parent.within)

    @strawberry.field(description="What stands out.", graphql_type=SessionInsightHighlights)
    @staticmethod
    async def highlights(parent: strawberry.Parent[Asked], info: Info) -> HighlightsShown:
        found = await resolvers.summaries.highlights(info.context.services, parent.reach, parent.within)
        return HighlightsShown(found, parent.words)

    @strawberry.field(
        description="How the sessions went that began then and ended, newest first.",
        graphql_type=Connection[SessionSummary],
    )
    @staticmethod
    async def summaries(
        parent: strawberry.Parent[Asked],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[Summed]:
        within, services = Span(*parent.within), info.context.services
        asked = window(first, after, last, before)
        page = await resolvers.summaries.list_summaries(services, parent.reach, within, asked)
        shown = [Summed(told, parent.words) for told in page.items]
        return Listing(
            Page(shown, page.cursors, page.has_next, page.has_previous),
            lambda: resolvers.summaries.count_summaries(services, parent.reach, within),
        )

    @strawberry.field(description="One calendar day, whatever the stretch.", graphql_type=SessionInsightDay)
    @staticmethod
    async def daily_summary(
        parent: strawberry.Parent[Asked],
        info: Info,
        date: Annotated[date | None, strawberry.argument(description="Which day; today if left out.")] = None,
    ) -> DayShown:
        found = await resolvers.summaries.get_daily_summary(info.context.services, parent.reach, date)
        return DayShown(found, parent.words)


@strawberry.type
class SessionInsightQueries:
    @strawberry.field(
        description="Sessions summed up: of all that the key may read, or of one developer.",
        graphql_type=SessionInsights | None,
    )
    @staticmethod
    async def session_insights(
        info: Info,
        within: Annotated[
            TimeRangeInput | None,
            strawberry.argument(description="From when to when: to now, and from 30 days before the end, if left out."),
        ] = None,
        developer: Annotated[
            strawberry.ID | None, strawberry.argument(description="Whose sessions; all in reach if left out.")
        ] = None,
        time_zone: Annotated[
            str | None, strawberry.argument(description="IANA zone of the days; the developer's own if left out.")
        ] = None,
        language: InLanguage = None,
    ) -> Asked:
        ctx, asked = info.context, span(within)
        user_id = None if developer is None else nodes.user_id(developer)
        reach = await resolvers.summaries.within_sight(ctx, user_id, plain(time_zone))
        bounds = resolvers.summaries.stretch(ctx.now(), asked.start, asked.end)
        return Asked(reach, bounds, resolvers.summaries.words(ctx, language, reach.zone))
