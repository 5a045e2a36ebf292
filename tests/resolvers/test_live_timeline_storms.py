"""Arrivals under six writers of the same sessions and cut connections: each comes once, in one order, to all."""

import asyncio
import random
import sys
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

import persistence.arrivals
import persistence.ingest
from domain.access import Scope
from domain.errors import Unavailable
from domain.ingest.batch import Batch, SessionFacts
from domain.live import BEGINNING, Arrival
from domain.timeline import Event, Kind
from domain.values import EventId, SessionId
from persistence.bus import session_channel
from persistence.sessions import sessions
from resolvers.context import Context, Services
from resolvers.ingest import save_batch
from resolvers.live import watch_timeline
from tests.history import session_id
from tests.make import event
from tests.make_context import DEVELOPER, context_of, make_context
from tests.make_live import SOON_S, arrive, cut, one_by_one

STORM_S = 2.0


@dataclass
class Writer:
    """Stores batches in one session or two at once, late events and known ones among them; some hesitate or fail."""

    ctx: Context
    sessions: list[SessionId]
    random: random.Random
    sent: list[Event] = field(default_factory=list[Event])

    async def run(self, until: float) -> None:
        while asyncio.get_running_loop().time() < until:
            batch = self._batch()
            try:
                if self.random.random() < 0.3:
                    await self._hesitate(batch)
                else:
                    await save_batch(self.ctx.services, self.ctx.caller, batch)
            except (Unavailable, ZeroDivisionError):
                pass
            await asyncio.sleep(self.random.uniform(0, 0.02))

    def _batch(self) -> Batch:
        mine = self.random.sample(self.sessions, self.random.randint(1, 2))
        new = [event(Kind.COMMAND, self.random.uniform(-1_000, 1_000)) for _ in range(self.random.randint(1, 4))]
        again = self.random.sample(self.sent, min(2, len(self.sent)))
        self.sent += new
        events = tuple(replace(one, session_id=id) for id in mine for one in (*new, *again))
        return Batch("test", {id: SessionFacts() for id in mine}, events)

    async def _hesitate(self, batch: Batch) -> None:
        caller = self.ctx.caller
        async with self.ctx.write() as db:
            await persistence.ingest.save(db, caller.org_id, caller.user_id, [batch])
            await asyncio.sleep(self.random.uniform(0, 0.1))
            if self.random.random() < 0.5:
                raise ZeroDivisionError
        for id in batch.sessions:
            self.ctx.services.bus.announce(session_channel(caller.org_id, id))


async def collect(ctx: Context, session: SessionId, cursor: str, last: EventId, resumes: bool) -> list[EventId]:
    """All arrivals after the cursor to `last`; who resumes leaves again and again. All come back when cut off."""
    seen: list[EventId] = []
    while last not in seen:
        left = random.Random(len(seen)).randint(1, 30) if resumes else sys.maxsize
        try:
            async with aclosing(one_by_one(watch_timeline(ctx.uncached(), session, cursor))) as arrivals:
                async for told in arrivals:
                    assert isinstance(told, Arrival), "nothing was lost"
                    seen.append(told.event_id)
                    cursor = str(told.cursor)
                    left -= 1
                    if not left or seen[-1] == last:
                        break
        except Unavailable:
            await asyncio.sleep(0.05)
    return seen


async def log_of(ctx: Context, session: SessionId) -> list[EventId]:
    async with ctx.read() as db:
        log = await persistence.arrivals.after(db, ctx.caller.org_id, session, BEGINNING, 1_000_000)
    return [arrival.event_id for arrival in log]


async def stored(ctx: Context, session: SessionId) -> int:
    async with ctx.read() as db:
        found = await db.row(sa.select(sessions.c.event_count).where(sessions.c.id == session))
    assert found is not None
    return found["event_count"]


async def test_six_writers_of_two_sessions_lose_nothing_and_repeat_nothing(fresh_services: Services) -> None:
    ctx = await make_context(fresh_services)
    lead = context_of(fresh_services, replace(ctx.caller, scopes=DEVELOPER | {Scope.ORG_READ}))
    mine = [session_id(), session_id()]
    for id in mine:
        await arrive(ctx, id, event(Kind.COMMAND))
    last = event(Kind.COMMAND)
    watchers = [
        asyncio.create_task(collect(one, id, await beginning(ctx, id), last.id, resumes))
        for id in mine
        for one, resumes in ((ctx, False), (ctx, True), (lead, False), (lead, True))
    ]
    until = asyncio.get_running_loop().time() + STORM_S
    writers = [asyncio.create_task(Writer(ctx, mine, random.Random(name)).run(until)) for name in range(6)]
    for name in ("goalarc-wakes", "goalarc", "goalarc-wakes"):
        await asyncio.sleep(STORM_S / 4)
        await cut(fresh_services.database, name)
    await asyncio.gather(*writers)
    for id in mine:
        await arrive(ctx, id, last)
    async with asyncio.timeout(2 * SOON_S):
        seen = await asyncio.gather(*watchers)
    for number, id in enumerate(mine):
        log = await log_of(ctx, id)
        assert seen[4 * number : 4 * number + 4] == [log] * 4
        assert len(set(log)) == len(log) == await stored(ctx, id) > 20


async def beginning(ctx: Context, session: SessionId) -> str:
    async with ctx.read() as db:
        now = await persistence.arrivals.newest(db, ctx.caller.org_id, session)
    return str(replace(now, place=BEGINNING))
