"""A window's score as a whole: its headline, and where it is wanted everything else, from one reading."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.access import Scope
from domain.scores.alignment import previous_so_far
from domain.scores.board import Board
from domain.scores.changes import ScoreChange
from domain.scores.headline import Headline
from domain.scores.windows import Window, WindowKind, last_windows, zone_named
from domain.values import UserId
from resolvers.context import Context
from resolvers.pillars import board_of
from resolvers.scores import developer_and_zone, headline_of


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """The headline of the last of `windows`, and what its pillars are made of, None where nobody wanted them.

    `aligned` is what deltas compare with instead of the window before, if anything.
    """

    headline: Headline
    user_id: UserId
    as_of: datetime
    windows: tuple[Window, ...]
    aligned: Window | None = None
    board: Board | None = None

    @property
    def compared(self) -> Window:
        """What deltas compare with."""
        return self.aligned or self.windows[-2]


async def get_scoreboard(
    ctx: Context,
    kind: WindowKind,
    time_zone: str | None = None,
    user_id: UserId | None = None,
    day_aligned: bool = False,
    whole: bool = True,
) -> Scoreboard:
    """Of the current window, as `resolvers.scores.get_score`; `day_aligned` as in `resolvers.pillars.get_board`.

    The headline alone, unless `whole`, is read for less.
    """
    wanted, zone = await developer_and_zone(ctx, user_id)
    own_zone, now = zone_named(zone), ctx.now()
    windows = last_windows(kind, now, own_zone if time_zone is None else zone_named(time_zone))
    aligned = previous_so_far(windows[-1], now) if day_aligned else None
    return await _read(ctx, wanted, own_zone, now, windows, whole, aligned)


async def get_changed_scoreboard(ctx: Context, change: ScoreChange, whole: bool = True) -> Scoreboard:
    """Of the windows that were told of, as it is now."""
    ctx.caller.require(Scope.SCORES_READ)
    return await _read(ctx, change.user_id, change.windows[-1].zone, ctx.now(), change.windows, whole)


async def _read(
    ctx: Context,
    user_id: UserId,
    own_zone: ZoneInfo,
    now: datetime,
    windows: tuple[Window, ...],
    whole: bool,
    aligned: Window | None = None,
) -> Scoreboard:
    """All of it from a single statement, so that no figure is younger than another."""
    if not whole:
        return Scoreboard(await headline_of(ctx, user_id, own_zone, windows), user_id, now, windows, aligned)
    board = await board_of(ctx, user_id, own_zone, now, windows, aligned)
    return Scoreboard(board.headline, user_id, now, windows, aligned, board)
