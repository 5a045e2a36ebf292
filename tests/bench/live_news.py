"""Something happens: live events of real goal arcs are committed, as the application does it."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import count, cycle

import asyncpg

import persistence.live
from domain.judging.changes import Change
from domain.live import News
from domain.values import SessionId, SubSessionId, UserId
from persistence.bus import Bus, live_channel, open_bus
from persistence.database import Database, Tenant, Urls
from persistence.embedded import Cluster
from persistence.postgres_server import APP, OWNER
from tests.bench.invented import READ, Org, World


class Newsroom:
    """Each event has a number, which `data` of its message shows as `told`."""

    def __init__(self, database: Database, bus: Bus, org: Org, arcs: Sequence[asyncpg.Record]) -> None:
        self._database = database
        self._bus = bus
        self._org = org
        self._arcs = cycle(arcs)
        self._numbers = count()

    async def tell(self, size: int) -> float:
        """Commits one transaction of `size` events; returns when, by `time.monotonic`."""
        news = [self._news(next(self._arcs), next(self._numbers)) for _ in range(size)]
        async with self._database.write(Tenant(self._org.id)) as db:
            await persistence.live.append(db, self._org.id, news)
        committed = time.monotonic()
        self._bus.announce(live_channel(self._org.id))
        return committed

    def _news(self, arc: asyncpg.Record, number: int) -> News:
        session, id = SessionId(arc["session_id"]), SubSessionId(arc["id"])
        name = Change.UPDATED.event_name
        payload = {"event": name, "sub_session_id": str(id), "claude_session_id": session, "told": number}
        return News(name, session, id, UserId(arc["user_id"]), payload)


@asynccontextmanager
async def newsroom(cluster: Cluster, admin: asyncpg.Connection, world: World) -> AsyncGenerator[Newsroom]:
    """Leaves the log as it was."""
    org = world.orgs[READ]
    arcs = await admin.fetch(
        "SELECT id, session_id, user_id FROM sub_sessions WHERE org_id = $1 ORDER BY id LIMIT 100", org.id
    )
    database = Database(Urls(cluster.url(OWNER), cluster.url(APP)), pool_size=2)
    await forget(admin)
    try:
        async with open_bus(None, database) as bus:
            yield Newsroom(database, bus, org, arcs)
    finally:
        await database.close()
        await forget(admin)


async def forget(admin: asyncpg.Connection) -> None:
    await admin.execute("DELETE FROM live_events WHERE payload ? 'told'")
