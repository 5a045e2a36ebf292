"""A window's score as a whole: the headline at once, everything else once somebody asks for it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.scores.alignment import previous_so_far
from domain.scores.board import Board
from domain.scores.changes import ScoreChange
from domain.scores.headline import Headline
from domain.scores.windows import Window, WindowKind, last_windows, zone_named
from domain.values import UserId
from resolvers.context import Context
from resolvers.pillars import board_of
from resolvers.scores import developer_and_zone, get_changed_score, headline_of


@dataclass(slots=True)
class Scoreboard:
    """The headline of the last of `windows`, and what its pillars are read by, which is done once.

    `aligned` is what deltas compare with instead of the window before, if anything.
    """

    headline: Headline
    user_id: UserId
    own_zone: ZoneInfo
    as_of: datetime
    windows: tuple[Window, ...]
    aligned: Window | None = None
    _board: asyncio.Future[Board] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def compared(self) -> Window:
        """What deltas compare with."""
        return self.aligned or self.windows[-2]

    async def board(self, ctx: Context) -> Board:
        """Fields that ask at the same time share one reading, also where loaders remember nothing."""
        if self._board is None:
            reading = board_of(ctx, self.user_id, self.own_zone, self.as_of, self.windows, self.aligned)
            self._board = asyncio.ensure_future(reading)
        return await self._board


async def get_scoreboard(
    ctx: Context,
    kind: WindowKind,
    time_zone: str | None = None,
    user_id: UserId | None = None,
    day_aligned: bool = False,
) -> Scoreboard:
    """Of the current window, as `resolvers.scores.get_score`; `day_aligned` as in `resolvers.pillars.get_board`."""
    wanted, zone = await developer_and_zone(ctx, user_id)
    own_zone, now = zone_named(zone), ctx.now()
    windows = last_windows(kind, now, own_zone if time_zone is None else zone_named(time_zone))
    aligned = previous_so_far(windows[-1], now) if day_aligned else None
    return Scoreboard(await headline_of(ctx, wanted, own_zone, windows), wanted, own_zone, now, windows, aligned)


async def get_changed_scoreboard(ctx: Context, change: ScoreChange) -> Scoreboard:
    """Of the windows that were told of, as it is now."""
    told = await get_changed_score(ctx, change)
    return Scoreboard(told, change.user_id, change.windows[-1].zone, ctx.now(), change.windows)
