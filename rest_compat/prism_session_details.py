"""PRISM Insights: one session turn by turn, what its tools did, its scores."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.summaries
from domain.scores.session import SessionScores
from domain.session_parts import ToolUsed
from domain.session_turns import TurnTaken
from resolvers.summaries import SessionDetails
from rest_compat.prism_insights import DIALECT
from rest_compat.prism_score import Count, Uuid
from rest_compat.prism_summaries import session_id
from rest_compat.wire import Time, number, plain

Ms = Annotated[float, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]


class TurnToolBody(TypedDict):
    tool: str
    calls: Count


class TurnBody(TypedDict):
    """What followed a prompt until the next one; `tools` and `files` are the twenty busiest."""

    turn_index: Count
    started_at: Time
    duration_ms: Ms
    model: str | None
    input_tokens: Count
    output_tokens: Count
    cache_read_tokens: Count
    cache_write_tokens: Count
    cost_usd: Amount | None
    tool_calls: Count
    errors: Count
    tools: list[TurnToolBody]
    files: list[str]
    lines_added: Count
    lines_removed: Count


class ToolActivityBody(TypedDict):
    """`mutating_calls` are those that changed something."""

    tool: str
    calls: Count
    errors: Count
    mutating_calls: Count
    total_duration_ms: Ms | None


class SessionDetailsBody(TypedDict):
    """A session as last judged, also one that runs. `scores` are those of its goal arcs, null where nothing counts."""

    session_id: str
    user_id: Uuid
    started_at: Time | None
    ended_at: Time | None
    total_tokens: Count
    cost_usd: Amount | None
    turns: list[TurnBody]
    tool_activity: list[ToolActivityBody]
    scores: dict[str, float | None]


async def get_session_details(request: Request) -> Response:
    ctx, id = DIALECT.context(request), session_id(request)
    found = await resolvers.summaries.get_details(ctx.services, resolvers.summaries.everybody(ctx), id)
    return DIALECT.answer(_details(found))


def _details(details: SessionDetails) -> dict[str, object]:
    session = details.session
    return {
        "session_id": session.id,
        "user_id": str(session.user_id),
        "started_at": None if session.started_at is None else plain(session.started_at),
        "ended_at": None if session.ended_at is None else plain(session.ended_at),
        "total_tokens": session.tokens.total,
        "cost_usd": number(session.cost_usd),
        "turns": [_turn(turn) for turn in details.turns],
        "tool_activity": [_tool(tool) for tool in details.tools],
        "scores": _scores(details.scores),
    }


def _turn(turn: TurnTaken) -> dict[str, object]:
    return {
        "turn_index": turn.index,
        "started_at": plain(turn.started_at),
        "duration_ms": turn.elapsed_ms,
        "model": turn.model,
        "input_tokens": turn.tokens.input,
        "output_tokens": turn.tokens.output,
        "cache_read_tokens": turn.tokens.cache_read,
        "cache_write_tokens": turn.tokens.cache_write,
        "cost_usd": number(turn.cost_usd),
        "tool_calls": turn.call_count,
        "errors": turn.error_count,
        "tools": [{"tool": tool.name, "calls": tool.call_count} for tool in turn.tools],
        "files": list(turn.files),
        "lines_added": turn.lines_added,
        "lines_removed": turn.lines_removed,
    }


def _tool(tool: ToolUsed) -> dict[str, object]:
    return {
        "tool": tool.name,
        "calls": tool.call_count,
        "errors": tool.error_count,
        "mutating_calls": tool.mutating_count,
        "total_duration_ms": tool.duration_ms,
    }


def _scores(scores: SessionScores) -> dict[str, float | None]:
    return {
        "prism_score": number(scores.prism_score),
        "crush_weight": number(scores.crush_weight),
        "apg": number(scores.apg),
        "crushed_count": scores.crushed_count,
        "total_count": scores.total_count,
    }
