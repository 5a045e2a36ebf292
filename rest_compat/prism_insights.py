"""PRISM Insights: sessions summed up, for every developer of the organisation; no prompt is shown."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.summaries
from domain.errors import Invalid
from domain.languages import Language, Phrases, choose
from domain.scores.windows import Bounds
from domain.summaries_of_many import (
    DailySummary,
    DaySession,
    Highlight,
    HighlightKind,
    TypeStat,
)
from domain.summary_texts import day_text, highlight_title, reason, summary_text
from resolvers.context import Context
from rest_compat import prism_asked
from rest_compat.dialect import Parameter
from rest_compat.prism_reports import INSIGHTS as DIALECT
from rest_compat.prism_score import Count, Percent, Summary, Title, Uuid
from rest_compat.wire import Time, number, plain

Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]

WITHIN = (
    Parameter("from", "Only what started at this time or later; without it, 30 days before `to`.", prism_asked.TIME),
    Parameter("to", "Only what started before this time; without it, now.", prism_asked.TIME),
)
DATE = Parameter("date", "A day in the developer's time zone; without it, today.", TypeAdapter(Day).json_schema())
LANGUAGE = Parameter(
    "Accept-Language",
    "The language of texts, looked up as RFC 4647 says; without it, the organisation's.",
    {"type": "string"},
)


class TypeStatBody(TypedDict):
    """The sessions of one type: the intent that most of their goal arcs have, `unknown` where none has one.

    `total_cost_usd` adds up the sessions that have a price; `unpriced_session_count` used tokens without one.
    """

    session_type: str
    session_count: Count
    share: Share
    sub_session_count: Count
    crushed_count: Count
    crush_rate: Share | None
    total_turns: Count
    avg_turns: Amount
    total_tokens: Count
    total_cost_usd: Amount
    unpriced_session_count: Count
    avg_duration_seconds: Amount | None


@with_config(ConfigDict(extra="forbid"))
class SessionStatsBody(TypedDict):
    """The type with the most sessions first, ties by name."""

    stats: list[TypeStatBody]


class HighlightBody(TypedDict):
    """A session that stands out. `highlight` says by what, `kind` of which sort that is; `value` is, by `highlight`,
    grade points, seconds, seconds, dollars, goals undone, lines, flags, goals in a row.

    `score` is the grade of the prompts of its goal arc, 0-100; null where it is not about one.
    """

    session_id: str
    sub_session_id: Uuid | None
    user_id: Uuid
    kind: Literal["score", "pattern", "anomaly"]
    highlight: HighlightKind
    title: str
    summary: Summary | None
    reason: str
    score: Percent | None
    value: Amount
    started_at: Time


# Its name is no identifier.
_Stretch = TypedDict("_Stretch", {"from": Time, "to": Time})


class SessionHighlightsBody(_Stretch):
    """At most two for each way to stand out. A session wins if it reached a goal; `win_rate` is the share of goals."""

    total_sessions: Count
    total_win_sessions: Count
    win_rate: Share | None
    highlights: list[HighlightBody]


class DaySessionBody(TypedDict):
    """A session that started on the day; `summary` is null while it runs."""

    session_id: str
    user_id: Uuid
    title: Title | None
    summary: Summary | None
    started_at: Time


class DailySummaryBody(TypedDict):
    """A day of the organisation, in the time zone of who asks; `summary` is null where nothing happened.

    Sessions and goal arcs count on the day that each began. `total_cost_usd` adds up the sessions that have a price,
    and is left out where none has one.
    """

    date: Day
    session_count: Count
    sub_session_count: Count
    qualifying_count: Count
    crushed_count: Count
    prism_score: Percent | None
    total_tokens: Count
    total_cost_usd: NotRequired[Amount]
    unpriced_session_count: Count
    summary: str | None
    language: Language
    highlights: list[HighlightBody]
    sessions: list[DaySessionBody]
    generated_at: Time


def within(ctx: Context, request: Request) -> Bounds:
    asked = prism_asked.time(request, "from"), prism_asked.time(request, "to")
    return resolvers.summaries.stretch(ctx.now(), *asked)


def words(ctx: Context, request: Request) -> Phrases:
    asked = request.headers.get("accept-language")
    return resolvers.summaries.words(ctx, None if asked is None else choose(asked))


async def get_session_stats(request: Request) -> Response:
    ctx = DIALECT.context(request)
    reach, span = resolvers.summaries.everybody(ctx), within(ctx, request)
    found = await resolvers.summaries.session_stats(ctx.services, reach, span)
    return DIALECT.answer({"stats": [_stat(stat) for stat in found]})


def _stat(stat: TypeStat) -> dict[str, object]:
    return {
        "session_type": stat.name,
        "session_count": stat.session_count,
        "share": number(stat.share),
        "sub_session_count": stat.sub_session_count,
        "crushed_count": stat.crushed_count,
        "crush_rate": number(stat.crush_rate),
        "total_turns": stat.turn_count,
        "avg_turns": number(stat.avg_turns),
        "total_tokens": stat.total_tokens,
        "total_cost_usd": _usd(stat.cost_usd),
        "unpriced_session_count": stat.unpriced_count,
        "avg_duration_seconds": number(stat.avg_duration_seconds),
    }


def _usd(sum_of_floats: float) -> float:
    """Without what binary fractions leave behind."""
    return float(round(Decimal(sum_of_floats), 6))


async def get_session_highlights(request: Request) -> Response:
    ctx = DIALECT.context(request)
    reach, span = resolvers.summaries.everybody(ctx), within(ctx, request)
    found = await resolvers.summaries.highlights(ctx.services, reach, span)
    language = words(ctx, request)
    return DIALECT.answer(
        {
            "from": plain(found.start),
            "to": plain(found.end),
            "total_sessions": found.session_count,
            "total_win_sessions": found.win_count,
            "win_rate": number(found.win_rate),
            "highlights": [_highlight(item, language) for item in found.items],
        }
    )


_SORTS = {
    HighlightKind.BEST_SCORE: "score",
    HighlightKind.FASTEST_CRUSH: "score",
    HighlightKind.STREAK: "score",
    HighlightKind.LONGEST_FOCUS: "pattern",
    HighlightKind.BIGGEST_CHANGE: "pattern",
    HighlightKind.MOST_EXPENSIVE: "anomaly",
    HighlightKind.MOST_REWORKED: "anomaly",
    HighlightKind.INTEGRITY: "anomaly",
}


def _highlight(item: Highlight, words: Phrases) -> dict[str, object]:
    return {
        "session_id": item.session_id,
        "sub_session_id": None if item.sub_session_id is None else str(item.sub_session_id),
        "user_id": str(item.user_id),
        "kind": _SORTS[item.kind],
        "highlight": item.kind,
        "title": highlight_title(item, words),
        "summary": None if item.summary is None else summary_text(item.summary, words),
        "reason": reason(item, words),
        "score": item.grade_points,
        "value": item.value,
        "started_at": plain(item.started_at),
    }


async def get_daily_summary(request: Request) -> Response:
    ctx, day = DIALECT.context(request), _day(request)
    found = await resolvers.summaries.get_daily_summary(ctx.services, resolvers.summaries.everybody(ctx), day)
    return DIALECT.answer(_daily(found, words(ctx, request)))


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _day(request: Request) -> date | None:
    given = request.query_params.get(DATE.name)
    if given is None:
        return None
    try:
        return date.fromisoformat(given if _DATE.fullmatch(given) else "")
    except ValueError:
        raise Invalid("Invalid date") from None


def _daily(day: DailySummary, words: Phrases) -> dict[str, object]:
    totals = day.totals
    unpriced = totals.unpriced_count > 0 and totals.cost_usd == 0
    return {
        "date": day.day.isoformat(),
        "session_count": totals.session_count,
        "sub_session_count": totals.sub_session_count,
        "qualifying_count": totals.qualifying_count,
        "crushed_count": totals.crushed_count,
        "prism_score": number(totals.prism_score),
        "total_tokens": totals.total_tokens,
        **({} if unpriced else {"total_cost_usd": _usd(totals.cost_usd)}),
        "unpriced_session_count": totals.unpriced_count,
        "summary": day_text(day, words),
        "language": words.language,
        "highlights": [_highlight(item, words) for item in day.highlights.items],
        "sessions": [_of_day(session, words) for session in day.sessions],
        "generated_at": plain(day.generated_at),
    }


def _of_day(session: DaySession, words: Phrases) -> dict[str, object]:
    summary = session.summary
    return {
        "session_id": session.session_id,
        "user_id": str(session.user_id),
        "title": session.shown_title,
        "summary": None if summary is None else summary_text(summary, words),
        "started_at": plain(session.started_at),
    }
