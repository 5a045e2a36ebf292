"""PRISM Score v3.0: the tokens pillar."""

from typing import Annotated

from pydantic import ConfigDict, Field, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.pillars
from domain.scores.board import Board
from domain.scores.trends import TokensPoint
from domain.scores.windows import WindowKind
from domain.timeline import Tokens
from rest_compat import prism_asked
from rest_compat.prism_score import DIALECT, Count
from rest_compat.wire import Time, number, plain

Number = Annotated[float, Field(ge=0)]


@with_config(ConfigDict(extra="forbid"))
class BreakdownBody(TypedDict):
    """Tokens by class."""

    input: Count
    output: Count
    cache_read: Count
    cache_write: Count


@with_config(ConfigDict(extra="forbid"))
class TokensBody(TypedDict):
    """What the goals of the current window cost; null where there is nothing to divide by.

    `crush_weight`: share of tokens that went into crushed arcs. `tet`: median tokens of a crushed arc as a multiple of
    those in the window before. `tpt`: input and output for each arc. `cpcs_estimate`: median US dollars of a crushed
    arc. `breakdown` adds up all arcs that count. `sparkline` holds the weights of the last four windows, this one last.
    """

    window: WindowKind
    crush_weight: Number | None
    tet: Number | None
    tpt: Number | None
    cpcs_estimate: Number | None
    sparkline: Annotated[list[Number | None], Field(min_length=4, max_length=4)]
    breakdown: BreakdownBody


@with_config(ConfigDict(extra="forbid"))
class TokensPointBody(BreakdownBody):
    """A calendar period from `period_start` on, as far as it lies between `from` and `to`; `tet` compares with the
    point before."""

    period_start: Time
    crush_weight: Number | None
    tet: Number | None
    tpt: Number | None


@with_config(ConfigDict(extra="forbid"))
class TokensTrendBody(TypedDict):
    """Oldest first and without gaps."""

    points: list[TokensPointBody]


async def get_tokens(request: Request) -> Response:
    ctx, window = DIALECT.context(request), prism_asked.window(request)

    async def make() -> object:
        return _tokens(await resolvers.pillars.get_board(ctx, window))

    return await DIALECT.kept(ctx, ("tokens", window), make)


def _tokens(board: Board) -> dict[str, object]:
    tokens = board.tokens
    return {
        "window": board.window.kind,
        "crush_weight": number(tokens.crush_weight),
        "tet": number(tokens.tet),
        "tpt": number(tokens.tpt),
        "cpcs_estimate": number(tokens.cpcs_estimate),
        "sparkline": [number(weight) for weight in tokens.sparkline],
        "breakdown": _breakdown(tokens.breakdown),
    }


async def get_tokens_trend(request: Request) -> Response:
    ctx, series = DIALECT.context(request), prism_asked.series(request)

    async def make() -> object:
        points = await resolvers.pillars.get_tokens_trend(ctx, series)
        return {"points": [_point(point) for point in points]}

    return await DIALECT.kept(ctx, ("tokens trend", series) if series.is_fixed else None, make)


def _point(point: TokensPoint) -> dict[str, object]:
    return {
        "period_start": plain(point.period.window.start),
        "crush_weight": number(point.crush_weight),
        "tet": number(point.tet),
        "tpt": number(point.tpt),
        **_breakdown(point.breakdown),
    }


def _breakdown(tokens: Tokens) -> BreakdownBody:
    return {
        "input": tokens.input,
        "output": tokens.output,
        "cache_read": tokens.cache_read,
        "cache_write": tokens.cache_write,
    }
