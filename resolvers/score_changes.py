"""Following the score of a developer as it changes."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.live import Cursor, LiveEvent, Resync, read_cursor
from domain.scores.changes import SCORE_CHANGED, ScoreChange, ScoreResync, concerns
from domain.scores.windows import Window, WindowKind, last_windows, window_containing, zone_named
from domain.values import Span, UserId
from persistence.database import Tenant
from persistence.live_feeds import Reader
from persistence.logs import ChangeLog
from resolvers.context import Context
from resolvers.scores import developer_and_zone

LOOK_S = 60.0
"""The calendar is looked at this often: a clock may be set, and a machine may have slept."""


async def watch_score(
    ctx: Context, kind: WindowKind, user_id: UserId | None, after: str | None
) -> AsyncGenerator[list[ScoreChange]]:
    """Tells whenever the headline of the developer's current window is another one, and at each midnight of theirs.

    Then the next window begins, or the one that goes on has one working day more, by which its speed divides.

    Lists of one. Several changes on one page are told once. Without a cursor, and when changes after it are gone, a
    `resync` comes first. Raises as `developer_and_zone`, and Invalid for a cursor of another score's stream.
    """
    user_id, zone = await developer_and_zone(ctx, user_id)
    watch = _Watch(ctx, f"score:{user_id}:{kind}", kind, user_id, zone_named(zone))
    log, tenant = ChangeLog(ctx.caller.org_id), Tenant(ctx.caller.org_id, user_id)
    if after is None:
        first = watch.resync(await ctx.services.live.now(log, tenant), watch.today())
        yield [first]
        start = first.cursor
    else:
        start = read_cursor(after, ctx.caller.org_id, watch.stream)
    shown = start.note
    async with ctx.services.live.reading(log, tenant, start, _is_of_score) as reader:
        while (page := await reader.next_page(watch.patience_s(shown))) is not None:
            if change := watch.worth_telling(page, reader, shown):
                shown = change.cursor.note
                yield [change]


def _is_of_score(event: LiveEvent) -> bool:
    return event.name == SCORE_CHANGED


class _Today(NamedTuple):
    """What is to be shown on a day of the developer."""

    windows: tuple[Window, ...]
    day: Window


@dataclass(frozen=True, slots=True)
class _Watch:
    """What stays the same along one stream. Cursors note when the day ends on which was told last."""

    ctx: Context
    stream: str
    kind: WindowKind
    user_id: UserId
    zone: ZoneInfo

    def today(self) -> _Today:
        now = self.ctx.now()
        day = window_containing(WindowKind.DAILY, now, self.zone)
        return _Today(last_windows(self.kind, now, self.zone), day)

    def resync(self, cursor: Cursor, today: _Today) -> ScoreChange:
        return ScoreResync(self._noted(cursor, today), None, self.user_id, today.windows)

    def _change(self, cursor: Cursor, at: datetime, today: _Today) -> ScoreChange:
        return ScoreChange(self._noted(cursor, today), at, self.user_id, today.windows)

    def _noted(self, cursor: Cursor, today: _Today) -> Cursor:
        return replace(cursor, log=self.stream, note=_end(today))

    def patience_s(self, shown: int) -> float:
        """For how long the day that is shown will do."""
        left_s = shown - self.ctx.now().timestamp()
        return min(max(left_s, 0.0), LOOK_S)

    def worth_telling(
        self, page: Sequence[LiveEvent | Resync], reader: Reader[LiveEvent], shown: int
    ) -> ScoreChange | None:
        today = self.today()
        rested_on = Span(today.windows[0].start, today.windows[-1].end)
        for told in reversed(page):
            if isinstance(told, Resync):
                return self.resync(told.cursor, today)
            if concerns(told, rested_on):
                return self._change(told.cursor, told.at, today)
        if _end(today) != shown:
            return self._change(reader.cursor, today.day.start, today)
        return None


def _end(today: _Today) -> int:
    return int(today.day.end.timestamp())
