"""PRISM Score v3.0: goal arcs that the substance floor left out of the score."""

from pydantic import ConfigDict, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.pillars
import resolvers.score_rows
from domain.judging.records import TriviaReason
from domain.scores.trivia import LeftOut
from rest_compat import prism_asked
from rest_compat.prism_score import DIALECT, Count, Summary, Title, Uuid
from rest_compat.wire import Time, plain


@with_config(ConfigDict(extra="forbid"))
class TriviaBody(TypedDict):
    """A goal arc without real work, or without an intent (`other`). `created_at` is when it started."""

    score_v3_sub_session_id: Uuid
    reason: TriviaReason
    created_at: Time
    title: Title | None
    summary: Summary | None


@with_config(ConfigDict(extra="forbid"))
class TriviaPointBody(TypedDict):
    """How many were left out of a calendar period, as far as it lies between `from` and `to`."""

    period_start: Time
    total: Count


@with_config(ConfigDict(extra="forbid"))
class TriviaTrendBody(TypedDict):
    """Oldest first and without gaps."""

    points: list[TriviaPointBody]


async def list_trivia(request: Request) -> Response:
    ctx, window = DIALECT.context(request), prism_asked.window(request)

    async def make() -> object:
        return [_item(arc) for arc in await resolvers.score_rows.list_left_out(ctx, window)]

    return await DIALECT.kept(ctx, ("trivia", window), make)


def _item(arc: LeftOut) -> TriviaBody:
    return {
        "score_v3_sub_session_id": str(arc.id),
        "reason": arc.reason,
        "created_at": plain(arc.started_at),
        "title": arc.title,
        "summary": arc.summary,
    }


async def get_trivia_trend(request: Request) -> Response:
    ctx, series = DIALECT.context(request), prism_asked.series(request)

    async def make() -> object:
        points = await resolvers.pillars.get_trivia_trend(ctx, series)
        return {"points": [{"period_start": plain(one.period.window.start), "total": one.total} for one in points]}

    return await DIALECT.kept(ctx, ("trivia trend", series) if series.is_fixed else None, make)
