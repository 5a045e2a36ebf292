"""The pillars of a developer's score: windows, series, and the arcs behind each figure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.scores.alignment import previous_so_far
from domain.scores.board import Board
from domain.scores.periods import Period, PeriodKind, periods
from domain.scores.totals import Totals
from domain.scores.trends import (
    IntegrityPoint,
    TokensPoint,
    TriviaPoint,
    integrity_trend,
    tokens_trend,
    trivia_trend,
)
from domain.scores.windows import Bounds, WindowKind, last_windows, zone_named
from domain.values import UserId
from persistence.score_days import Wanted
from resolvers.context import Context
from resolvers.scores import developer_and_zone

_SERIES = timedelta(days=30)


async def get_board(
    ctx: Context,
    kind: WindowKind,
    time_zone: str | None = None,
    user_id: UserId | None = None,
    day_aligned: bool = False,
) -> Board:
    """The current window, cut in `time_zone` or else the developer's own, with the three before it.

    `day_aligned` compares with the part of the window before that had passed at this point of it. Raises as
    `resolvers.scores.get_score`.
    """
    wanted, own_zone = await developer_and_zone(ctx, user_id)
    now = ctx.now()
    windows = last_windows(kind, now, zone_named(time_zone or own_zone))
    earlier = [previous_so_far(windows[-1], now)] if day_aligned else []
    found = await _totals(ctx, wanted, zone_named(own_zone), [window.bounds for window in (*windows, *earlier)])
    before = (earlier[0], found[-1]) if earlier else None
    return Board(wanted, now, windows, tuple(found[: len(windows)]), before)


@dataclass(frozen=True, slots=True)
class Series:
    """Which points: those of [start, end) by `kind`; a side left out is now, or thirty days before the end."""

    kind: PeriodKind = PeriodKind.DAY
    start: datetime | None = None
    end: datetime | None = None
    time_zone: str | None = None


async def get_tokens_trend(ctx: Context, series: Series, user_id: UserId | None = None) -> tuple[TokensPoint, ...]:
    """Raises Invalid for a series that cannot be, NotFound, Forbidden."""
    return tokens_trend(*await _series(ctx, series, user_id, before=True))


async def get_trivia_trend(ctx: Context, series: Series, user_id: UserId | None = None) -> tuple[TriviaPoint, ...]:
    """Raises as `get_tokens_trend`."""
    cut, parts, _ = await _series(ctx, series, user_id)
    return trivia_trend(cut, parts)


async def get_integrity_trend(
    ctx: Context, series: Series, user_id: UserId | None = None
) -> tuple[IntegrityPoint, ...]:
    """Raises as `get_tokens_trend`."""
    cut, parts, _ = await _series(ctx, series, user_id)
    return integrity_trend(cut, parts)


async def _series(
    ctx: Context, series: Series, user_id: UserId | None, before: bool = False
) -> tuple[tuple[Period, ...], list[Totals], Totals | None]:
    """The periods, the totals of each, and those of the whole one before the first where a point compares with it."""
    wanted, own_zone = await developer_and_zone(ctx, user_id)
    end = series.end or ctx.now()
    try:
        start = series.start or end - _SERIES
    except OverflowError:
        raise Invalid("to lies too early") from None
    cut = periods(series.kind, start, end, zone_named(series.time_zone or own_zone))
    bounds = [Bounds(period.start, period.end) for period in cut]
    if before:
        bounds.append(cut[0].window.previous().bounds)
    found = await _totals(ctx, wanted, zone_named(own_zone), bounds)
    return cut, found[: len(cut)], found[-1] if before else None


async def _totals(ctx: Context, user_id: UserId, own_zone: ZoneInfo, bounds: list[Bounds]) -> list[Totals]:
    return await ctx.loaders.totals.load_many([Wanted(user_id, own_zone, one) for one in bounds])
