"""Following logs: from any cursor, without a gap, at the cost of one poller for each log that is followed."""

import asyncio
import contextvars
import logging
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Generic, cast

from domain.live import Cursor, Place, Resync
from persistence.bus import Bus
from persistence.bus_backends import end, happens
from persistence.database import Database, Reading, Tenant
from persistence.logs import E, Entry, Log

_log = logging.getLogger(__name__)

PAGE = 100
"""Entries that one reader holds at a time at most."""

_RETRY_S = 1.0

_SETTLING_S = 0.01
"""The wake-up has come, but an older transaction still runs and may tell something first; it mostly ends soon."""


@dataclass(frozen=True, slots=True)
class _Page(Generic[E]):
    """All entries of the log after `start` up to and with `end`; those of one history follow each other without gap."""

    history: int
    start: Place
    entries: list[E]
    end: Place
    picked: dict[Hashable, list[E | Resync]]
    """What readers get of it, by whose rows they see and what they want: most want the same."""


class _Feed(Generic[E]):
    """Reads the end of one log, once for everybody who has kept up with it."""

    def __init__(self, log: Log[E], database: Database, bus: Bus) -> None:
        self.watchers = 0
        self._followed = log
        self._database = database
        self._bus = bus
        self._end: Cursor | None = None
        self._latest: _Page[E] | None = None
        self.turned = asyncio.Event()
        """Set when the next page is there, and then another one."""
        self._settling_s = _SETTLING_S
        # Not in the context of whoever came first: its request id has nothing to do with the log lines.
        self._poller = asyncio.create_task(self._poll(), context=contextvars.Context())

    async def latest(self) -> _Page[E]:
        while self._latest is None:
            await self.turned.wait()
        return self._latest

    def beyond(self, history: int, place: Place) -> _Page[E] | None:
        """The newest page, if it ends after `place` or another history has begun; else wait until it is `turned`.

        Who was slow finds that it starts after `place`, too.
        """
        page = self._latest
        return None if page is None or (page.history == history and page.end <= place) else page

    async def stop(self) -> None:
        await end(self._poller)

    async def _poll(self) -> None:
        async with self._bus.listen(self._followed.channel) as wakes:
            while True:
                try:
                    pause_s = await self._advance()
                except Exception as error:  # the database is away: look again
                    _log.warning("live events could not be read, trying again: %s", error)
                    pause_s = _RETRY_S
                if pause_s:
                    await wakes.wait(pause_s)

    async def _advance(self) -> float:
        """Reads the next page, if any. Returns after how many seconds to look again."""
        async with self._database.read(Tenant(self._followed.org_id)) as db:
            if self._end is None:
                await self._begin(db)
                return 0.0
            entries = await self._followed.after(db, self._end.place, PAGE)
            standing = await self._followed.standing(db, self._end)
            if standing.lost or standing.over:
                await self._begin(db)
                return self._followed.poll_s
        if entries:
            self._turn(entries, entries[-1].cursor)
        return 0.0 if len(entries) == PAGE else self._pause_s(standing.settling)

    async def _begin(self, db: Reading) -> None:
        """Begins another history: whoever kept up with the one before must look for themselves what became of it."""
        newest = await self._followed.newest(db)
        history = 0 if self._latest is None else self._latest.history + 1
        self._show(_Page(history, newest.place, [], newest.place, {}), newest)

    def _turn(self, entries: list[E], end: Cursor) -> None:
        assert self._latest is not None
        self._show(_Page(self._latest.history, self._latest.end, entries, end.place, {}), end)

    def _show(self, page: _Page[E], end: Cursor) -> None:
        self._latest, self._end = page, end
        self.turned.set()
        self.turned = asyncio.Event()

    def _pause_s(self, settling: bool) -> float:
        if not settling:
            self._settling_s = _SETTLING_S
            return self._followed.poll_s
        self._settling_s = min(2 * self._settling_s, self._followed.poll_s)
        return self._settling_s


class Reader(Generic[E]):
    """One follower's place in a log."""

    def __init__(
        self,
        database: Database,
        feed: _Feed[E],
        log: Log[E],
        tenant: Tenant,
        after: Cursor,
        wanted: Callable[[E], bool],
    ) -> None:
        self._after = after
        self._place = after.place
        self._database = database
        self._feed = feed
        self._followed = log
        self._tenant = tenant
        self._wanted = wanted
        self._history: int | None = None
        """Of the feed that this reader keeps up with; None while it lags behind."""

    @property
    def cursor(self) -> Cursor:
        """The place up to which everything was handed out, or is not wanted."""
        return replace(self._after, place=self._place)

    async def next_page(self, within_s: float | None = None) -> list[E | Resync] | None:
        """What comes next, at most a page of it; None when the log is over. May be empty, and others hold it, too.

        Waits while there is nothing new, but no longer than `within_s`.
        """
        if self._history is not None:
            while (page := self._feed.beyond(self._history, self._place)) is None:
                if within_s is None:  # most wait so, and all that stands between costs each of them
                    await self._feed.turned.wait()
                elif not await happens(self._feed.turned, within_s):
                    return []
            if page.history == self._history and page.start <= self._place:
                return self._taken(page)
        return await self._read()

    def _taken(self, page: _Page[E]) -> list[E | Resync]:
        place, self._place = self._place, page.end
        key = (self._tenant.user_id, self._wanted)
        picked = page.picked.get(key)
        if picked is None:
            shown = [entry for entry in page.entries if self._followed.shows(entry, self._tenant.user_id)]
            picked = page.picked[key] = [entry for entry in shown if self._wanted(entry)]
        return picked if place == page.start else [entry for entry in picked if entry.cursor.place > place]

    async def _read(self) -> list[E | Resync] | None:
        """A page that is this reader's alone."""
        self._history = None
        latest = await self._feed.latest()
        async with self._database.read(self._tenant) as db:
            entries = await self._followed.after(db, self._place, PAGE, self._tenant.user_id)
            standing = await self._followed.standing(db, self.cursor)
            if standing.over:
                return None
            if standing.lost:
                self._after = await self._followed.newest(db, self._tenant.user_id)
                self._place = self._after.place
                return [Resync(self._after)]
        if entries:
            self._move(entries[-1].cursor.place)
        if len(entries) < PAGE:
            # The feed had read up to here before this read began, which found nothing more: nothing lies between.
            self._move(latest.end)
            self._history = latest.history
        return [entry for entry in entries if self._wanted(entry)]

    def _move(self, place: Place) -> None:
        self._place = max(place, self._place)


def everything(_: Entry) -> bool:
    """For who wants all that a log shows."""
    return True


class LiveFeeds:
    """The live readers of this process."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._feeds: dict[Hashable, object] = {}

    @asynccontextmanager
    async def reading(
        self, log: Log[E], tenant: Tenant, after: Cursor, wanted: Callable[[E], bool] = everything
    ) -> AsyncGenerator[Reader[E]]:
        """What of the log after the cursor `tenant` may see and is `wanted`, each entry once, until the log is over.

        There is a Resync, and it goes on from there, when entries that were still to be seen are gone. A reader that
        keeps up is handed the pages that its log's poller reads, picked out once for all whose `wanted` are equal; one
        that lags behind reads for itself.
        """
        async with self._watched(log) as feed:
            yield Reader(self._database, feed, log, tenant, after, wanted)

    async def now(self, log: Log[E], tenant: Tenant) -> Cursor:
        """The cursor after which only later entries come."""
        async with self._database.read(tenant) as db:
            return await log.newest(db, tenant.user_id)

    @asynccontextmanager
    async def _watched(self, log: Log[E]) -> AsyncGenerator[_Feed[E]]:
        feed = self._feed(log)
        feed.watchers += 1
        try:
            yield feed
        finally:
            feed.watchers -= 1
            if not feed.watchers:
                del self._feeds[log]
                await feed.stop()

    def _feed(self, log: Log[E]) -> _Feed[E]:
        if log not in self._feeds:
            self._feeds[log] = _Feed(log, self._database, self._bus)
        return cast("_Feed[E]", self._feeds[log])  # each log's feed holds what the log holds
