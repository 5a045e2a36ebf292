"""Following the score of a developer as it changes."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.live import Cursor, LiveEvent, Resync, read_cursor
from domain.scores.changes import SCORE_CHANGED, ScoreChange, ScoreResync, concerns
from domain.scores.windows import Window, WindowKind, last_windows, zone_named
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
    """Tells whenever the headline of the developer's current window is another one, and when the next window begins.

    Lists of one. Several changes on one page are told once. Without a cursor, and when changes after it are gone, a
    `resync` comes first. Raises as `developer_and_zone`, and Invalid for a cursor of another score's stream.
    """
    user_id, zone = await developer_and_zone(ctx, user_id)
    watch = _Watch(ctx, f"score:{user_id}:{kind}", kind, user_id, zone_named(zone))
    log, tenant = ChangeLog(ctx.caller.org_id), Tenant(ctx.caller.org_id, user_id)
    if after is None:
        first = watch.resync(await ctx.services.live.now(log, tenant), watch.windows())
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


@dataclass(frozen=True, slots=True)
class _Watch:
    """What stays the same along one stream. Cursors note when the window that was shown last ends."""

    ctx: Context
    stream: str
    kind: WindowKind
    user_id: UserId
    zone: ZoneInfo

    def windows(self) -> tuple[Window, ...]:
        return last_windows(self.kind, self.ctx.now(), self.zone)

    def resync(self, cursor: Cursor, windows: tuple[Window, ...]) -> ScoreChange:
        return ScoreResync(self._noted(cursor, windows), None, self.user_id, windows)

    def _change(self, cursor: Cursor, at: datetime, windows: tuple[Window, ...]) -> ScoreChange:
        return ScoreChange(self._noted(cursor, windows), at, self.user_id, windows)

    def _noted(self, cursor: Cursor, windows: Sequence[Window]) -> Cursor:
        return replace(cursor, log=self.stream, note=_end(windows))

    def patience_s(self, shown: int) -> float:
        """For how long the window that is shown will do."""
        left_s = shown - self.ctx.now().timestamp()
        return min(max(left_s, 0.0), LOOK_S)

    def worth_telling(
        self, page: Sequence[LiveEvent | Resync], reader: Reader[LiveEvent], shown: int
    ) -> ScoreChange | None:
        windows = self.windows()
        rested_on = Span(windows[0].start, windows[-1].end)
        for told in reversed(page):
            if isinstance(told, Resync):
                return self.resync(told.cursor, windows)
            if concerns(told, rested_on):
                return self._change(told.cursor, told.at, windows)
        if _end(windows) != shown:
            return self._change(reader.cursor, windows[-1].start, windows)
        return None


def _end(windows: Sequence[Window]) -> int:
    return int(windows[-1].end.timestamp())
