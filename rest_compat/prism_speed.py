"""PRISM Score v3.0: the speed pillar."""

from typing import Annotated

from pydantic import ConfigDict, Field, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.pillars
import resolvers.score_rows
from domain.judging.records import CloseReason, Intent, JudgeStatus, SubSession, TitleSource
from domain.scores.board import Board
from domain.scores.windows import WindowKind
from rest_compat import prism_asked
from rest_compat.prism_score import DIALECT, Count, Grade, Summary, Title, Uuid
from rest_compat.wire import Time, number, plain

Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0)]


@with_config(ConfigDict(extra="forbid"))
class SpeedBody(TypedDict):
    """Crushed arcs for each working day of the current window so far.

    `delta_cspw` is the difference to the window before, null where nothing qualified in that. `ttc_median_seconds`
    is the median from first prompt to goal, null where nothing was crushed. `sparkline` holds the rates of the last
    four windows, this one last.
    """

    window: WindowKind
    cspw: Rate
    delta_cspw: float | None
    ttc_median_seconds: Seconds | None
    sparkline: Annotated[list[Rate], Field(min_length=4, max_length=4)]


class SpeedSessionBody(TypedDict):
    """A goal arc that the score counts.

    `time_to_crush_seconds` runs from its first prompt to its goal, `duration_seconds` until it was closed.
    """

    score_v3_sub_session_id: Uuid
    claude_session_id: str
    title: Title | None
    summary: Summary | None
    title_source: TitleSource
    started_at: Time
    ended_at: Time | None
    duration_seconds: Seconds | None
    close_reason: CloseReason | None
    turn_count: Count
    net_loc: Count
    total_tokens: Count
    intent_class: Intent | None
    letter_grade: Grade | None
    confidence: Share | None
    judge_status: JudgeStatus
    substance_floor_passed: bool
    goal_complete: bool | None
    rework: bool
    crushed: bool
    time_to_crush_seconds: Seconds | None


async def get_speed(request: Request) -> Response:
    ctx, window = DIALECT.context(request), prism_asked.window(request)

    async def make() -> object:
        return _speed(await resolvers.pillars.get_board(ctx, window))

    return await DIALECT.kept(ctx, ("speed", window), make)


def _speed(board: Board) -> dict[str, object]:
    speed = board.speed
    return {
        "window": board.window.kind,
        "cspw": number(speed.cspw),
        "delta_cspw": number(speed.delta_cspw),
        "ttc_median_seconds": number(speed.ttc_median_seconds),
        "sparkline": [number(rate) for rate in speed.sparkline],
    }


async def list_speed_sessions(request: Request) -> Response:
    ctx = DIALECT.context(request)
    arcs = await resolvers.score_rows.list_qualifying(ctx, prism_asked.window(request))
    return DIALECT.answer([_session(arc) for arc in arcs])


def _session(arc: SubSession) -> dict[str, object]:
    return {
        "score_v3_sub_session_id": str(arc.id),
        "claude_session_id": arc.session_id,
        "title": arc.label.title,
        "summary": arc.label.summary,
        "title_source": arc.label.title_source,
        "started_at": plain(arc.started_at),
        "ended_at": None if arc.ended_at is None else plain(arc.ended_at),
        "duration_seconds": None if arc.ended_at is None else (arc.ended_at - arc.started_at).total_seconds(),
        "close_reason": arc.close_reason,
        "turn_count": arc.measures.turn_count,
        "net_loc": arc.measures.net_loc,
        "total_tokens": arc.measures.tokens.total,
        "intent_class": arc.rubric.intent,
        "letter_grade": arc.rubric.letter_grade,
        "confidence": arc.rubric.confidence,
        "judge_status": arc.rubric.judge_status,
        "substance_floor_passed": arc.substance_floor_passed is True,
        "goal_complete": arc.outcome.goal_complete,
        "rework": arc.rework is not None,
        "crushed": arc.crushed,
        "time_to_crush_seconds": arc.time_to_crush_seconds,
    }
