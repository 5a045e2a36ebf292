"""Following the log of live events: from any cursor, without a gap, at the cost of one poller per organisation."""

import asyncio
import contextvars
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

import persistence.live
from domain.live import Cursor, LiveEvent, Place, Resync
from domain.values import OrgId
from persistence.bus import Bus, live_channel
from persistence.bus_backends import end
from persistence.database import Database, Tenant

_log = logging.getLogger(__name__)

Told: TypeAlias = LiveEvent | Resync

PAGE = 100
"""Events that one reader holds at a time at most."""

_POLL_S = 1.0
"""A wake-up may be lost with the connection it travels on; the log is looked at this often in any case."""

_SETTLING_S = 0.01
"""The wake-up has come, but an older transaction still runs and may tell something first; it mostly ends soon."""


@dataclass(frozen=True, slots=True)
class _Page:
    """All events of the organisation after `start` up to and with `end`."""

    start: Place
    events: list[LiveEvent]
    end: Place


class _Feed:
    """Reads the end of one organisation's log, once for everybody who has kept up with it."""

    def __init__(self, org_id: OrgId, database: Database, bus: Bus) -> None:
        self.watchers = 0
        self._org_id = org_id
        self._database = database
        self._bus = bus
        self._latest: _Page | None = None
        self._turned = asyncio.Event()
        self._settling_s = _SETTLING_S
        # Not in the context of whoever came first: its request id has nothing to do with the log lines.
        self._poller = asyncio.create_task(self._poll(), context=contextvars.Context())

    async def latest(self) -> _Page:
        while self._latest is None:
            await self._turned.wait()
        return self._latest

    async def beyond(self, place: Place) -> _Page:
        """The newest page, once it ends after `place`; who was slow finds that it starts there, too."""
        while (page := await self.latest()).end <= place:
            await self._turned.wait()
        return page

    async def stop(self) -> None:
        await end(self._poller)

    async def _poll(self) -> None:
        async with self._bus.listen(live_channel(self._org_id)) as wakes:
            while True:
                try:
                    pause_s = await self._advance()
                except Exception as error:  # the database is away: look again
                    _log.warning("live events could not be read, trying again: %s", error)
                    pause_s = _POLL_S
                if pause_s:
                    await wakes.wait(pause_s)

    async def _advance(self) -> float:
        """Reads the next page, if any. Returns after how many seconds to look again."""
        async with self._database.read(Tenant(self._org_id)) as db:
            if self._latest is None:
                now = (await persistence.live.newest(db, self._org_id)).place
                self._turn(_Page(now, [], now))
                return 0.0
            start = self._latest.end
            events = await persistence.live.after(db, self._org_id, start, PAGE)
            last = events[-1].cursor.place if events else start
            settling = len(events) < PAGE and await persistence.live.are_settling(db, self._org_id, last)
        if events:
            self._turn(_Page(start, events, last))
        return 0.0 if len(events) == PAGE else self._pause_s(settling)

    def _pause_s(self, settling: bool) -> float:
        if not settling:
            self._settling_s = _SETTLING_S
            return _POLL_S
        self._settling_s = min(2 * self._settling_s, _POLL_S)
        return self._settling_s

    def _turn(self, page: _Page) -> None:
        self._latest = page
        self._turned.set()
        self._turned = asyncio.Event()


class _Reader:
    """One subscriber's place in the log."""

    def __init__(self, database: Database, feed: _Feed, tenant: Tenant, cursor: Cursor) -> None:
        self._database = database
        self._feed = feed
        self._tenant = tenant
        self._cursor = cursor
        self._keeps_up = False

    async def next_page(self) -> list[Told]:
        """What comes next, at most a page of it; waits while the subscriber has seen everything. May be empty."""
        if self._keeps_up:
            page = await self._feed.beyond(self._cursor.place)
            if page.start <= self._cursor.place:
                events: list[Told] = [event for event in page.events if self._is_new(event)]
                self._move(page.end)
                return events
        return await self._read()

    def _is_new(self, event: LiveEvent) -> bool:
        return event.cursor.place > self._cursor.place and self._tenant.user_id in (None, event.user_id)

    async def _read(self) -> list[Told]:
        org_id, user_id = self._tenant.org_id, self._tenant.user_id
        latest = await self._feed.latest()
        async with self._database.read(self._tenant) as db:
            events = await persistence.live.after(db, org_id, self._cursor.place, PAGE, user_id)
            if await persistence.live.has_lost(db, self._cursor):
                self._cursor = await persistence.live.newest(db, org_id, user_id)
                return [Resync(self._cursor)]
        if events:
            self._move(events[-1].cursor.place)
        self._keeps_up = len(events) < PAGE
        if self._keeps_up:
            # The feed had read up to here before this read began, which found nothing more: nothing lies between.
            self._move(latest.end)
        return [*events]

    def _move(self, place: Place) -> None:
        self._cursor = replace(self._cursor, place=max(place, self._cursor.place))


class LiveFeeds:
    """The live readers of this process."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._feeds: dict[OrgId, _Feed] = {}

    async def follow(self, tenant: Tenant, after: Cursor) -> AsyncGenerator[list[Told]]:
        """What `tenant` may see of the log after the cursor, each event once: pages without end, none of them empty.

        A reader that keeps up is handed the pages that its organisation's poller reads; one that lags behind reads
        for itself. Yields a Resync, and goes on from there, when events that it had still to see are gone.
        """
        async with self._watched(tenant.org_id) as feed:
            reader = _Reader(self._database, feed, tenant, after)
            while True:
                if page := await reader.next_page():
                    yield page

    async def now(self, tenant: Tenant) -> Cursor:
        """The cursor after which only later events come."""
        async with self._database.read(tenant) as db:
            return await persistence.live.newest(db, tenant.org_id, tenant.user_id)

    @asynccontextmanager
    async def _watched(self, org_id: OrgId) -> AsyncGenerator[_Feed]:
        feed = self._feeds.get(org_id)
        if feed is None:
            feed = self._feeds[org_id] = _Feed(org_id, self._database, self._bus)
        feed.watchers += 1
        try:
            yield feed
        finally:
            feed.watchers -= 1
            if not feed.watchers:
                del self._feeds[org_id]
                await feed.stop()
