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
    ScorePoint,
    TokensPoint,
    TriviaPoint,
    integrity_trend,
    score_trend,
    tokens_trend,
    trivia_trend,
)
from domain.scores.windows import Bounds, Window, WindowKind, last_windows, zone_named
from domain.values import UserId
from persistence.score_days import Wanted
from resolvers.context import Context
from resolvers.scores import developer_and_zone, totals_of

USUAL_STRETCH = timedelta(days=30)
"""How long a series is unless it is said when it begins."""


async def get_board(
    ctx: Context,
    kind: WindowKind,
    time_zone: str | None = None,
    user_id: UserId | None = None,
    day_aligned: bool = False,
    count: int = 4,
) -> Board:
    """The current window, cut in `time_zone` or else the developer's own, with those before it, `count` in all.

    `day_aligned` compares with the part of the window before that had passed at this point of it. Raises as
    `resolvers.scores.get_score`.
    """
    wanted, own_zone = await developer_and_zone(ctx, user_id)
    now = ctx.now()
    windows = last_windows(kind, now, zone_named(own_zone if time_zone is None else time_zone), count)
    before = previous_so_far(windows[-1], now) if day_aligned else None
    return await board_of(ctx, wanted, zone_named(own_zone), now, windows, before)


async def board_of(
    ctx: Context,
    user_id: UserId,
    own_zone: ZoneInfo,
    now: datetime,
    windows: tuple[Window, ...],
    before: Window | None = None,
) -> Board:
    """Of these windows, oldest first, of a developer within reach whose days are kept in `own_zone`."""
    cut = windows if before is None else (*windows, before)
    found = await totals_of(ctx, Wanted(user_id, own_zone, tuple(window.bounds for window in cut)))
    compared = None if before is None else (before, found[-1])
    return Board(user_id, now, windows, tuple(found[: len(windows)]), compared)


@dataclass(frozen=True, slots=True)
class Series:
    """Which points: those of [start, end) by `kind`; a side left out is now, or thirty days before the end."""

    kind: PeriodKind = PeriodKind.DAY
    start: datetime | None = None
    end: datetime | None = None
    time_zone: str | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether it stays the same while time goes by."""
        return self.end is not None


@dataclass(frozen=True, slots=True)
class Trends:
    """The points of a series of a developer within reach whose days are kept in `own_zone`, oldest first."""

    user_id: UserId
    own_zone: ZoneInfo
    periods: tuple[Period, ...]


async def get_trends(ctx: Context, series: Series, user_id: UserId | None = None) -> Trends:
    """Raises Invalid for a series that cannot be, NotFound, Forbidden."""
    wanted, own_zone = await developer_and_zone(ctx, user_id)
    end = series.end or ctx.now()
    try:
        start = series.start or end - USUAL_STRETCH
    except OverflowError:
        raise Invalid("to lies too early") from None
    zone = zone_named(own_zone if series.time_zone is None else series.time_zone)
    return Trends(wanted, zone_named(own_zone), periods(series.kind, start, end, zone))


async def score_points(ctx: Context, trends: Trends) -> tuple[ScorePoint, ...]:
    return score_trend(trends.periods, await _parts(ctx, trends))


async def tokens_points(ctx: Context, trends: Trends) -> tuple[TokensPoint, ...]:
    """The first is compared with the whole calendar unit before it. Raises Invalid where the calendar has none."""
    try:
        bounds = trends.periods[0].window.previous().bounds
    except OverflowError:
        raise Invalid("from lies too early") from None
    earlier, *parts = await _parts(ctx, trends, bounds)
    return tokens_trend(trends.periods, parts, earlier)


async def trivia_points(ctx: Context, trends: Trends) -> tuple[TriviaPoint, ...]:
    return trivia_trend(trends.periods, await _parts(ctx, trends))


async def integrity_points(ctx: Context, trends: Trends) -> tuple[IntegrityPoint, ...]:
    return integrity_trend(trends.periods, await _parts(ctx, trends))


async def get_tokens_trend(ctx: Context, series: Series, user_id: UserId | None = None) -> tuple[TokensPoint, ...]:
    """Raises as `get_trends`."""
    return await tokens_points(ctx, await get_trends(ctx, series, user_id))


async def get_trivia_trend(ctx: Context, series: Series, user_id: UserId | None = None) -> tuple[TriviaPoint, ...]:
    """Raises as `get_trends`."""
    return await trivia_points(ctx, await get_trends(ctx, series, user_id))


async def get_integrity_trend(
    ctx: Context, series: Series, user_id: UserId | None = None
) -> tuple[IntegrityPoint, ...]:
    """Raises as `get_trends`."""
    return await integrity_points(ctx, await get_trends(ctx, series, user_id))


async def _parts(ctx: Context, trends: Trends, *before: Bounds) -> list[Totals]:
    bounds = [Bounds(period.start, period.end) for period in trends.periods]
    return await totals_of(ctx, Wanted(trends.user_id, trends.own_zone, (*before, *bounds)))
