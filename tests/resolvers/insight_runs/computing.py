"""What tests of insights' runs share: a stand-in for the engines, and a look at the tables."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from domain.access import Scope
from domain.insights.query_models import Query
from domain.insights.results import Result, SqlResult
from domain.values import JsonValue
from persistence.bus import open_bus
from persistence.database import Database, Row, Tenant, Urls
from resolvers.context import Context, Services
from resolvers.insight_computing import read_again
from resolvers.insight_runs import Outcome
from tests.make_context import NOW, make_services

ANALYST = frozenset({Scope.INSIGHT_READ, Scope.INSIGHT_WRITE, Scope.QUERY_READ})
ORG = ANALYST | {Scope.ORG_READ}
Compute = Callable[[Services, Tenant], Coroutine[object, object, Result]]


def query(event: str = "prompt", **fields: JsonValue) -> Query:
    return read_again({"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": event}], **fields})


def told(number: object) -> SqlResult:
    return SqlResult("sql", ("n",), ("Int64",), ((number,),), False, "SELECT")


@dataclass
class Computing:
    """Stands for the engines: counts what is computed, and waits where a test holds it up."""

    calls: list[Tenant] = field(default_factory=list[Tenant])
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    instead: Compute | None = None

    async def compute(self, services: Services, tenant: Tenant, query: Query, zone: ZoneInfo) -> Result:
        self.calls.append(tenant)
        number = len(self.calls)
        self.begun.set()
        if self.instead is not None:
            return await self.instead(services, tenant)
        await self.go_on.wait()
        return told(number)

    def stop(self) -> None:
        """Whatever is computed from here on waits."""
        self.go_on.clear()
        self.begun.clear()

    async def has_begun(self) -> None:
        async with asyncio.timeout(10):
            await self.begun.wait()
        self.begun.clear()


def at(ctx: Context, later: timedelta) -> Context:
    return replace(ctx, services=replace(ctx.services, now=lambda: NOW + later))


def number(outcome: Outcome) -> object:
    return outcome.result.rows[0][0] if isinstance(outcome.result, SqlResult) else None


async def changed(ctx: Context, sql: str) -> None:
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await db.execute(sa.text(sql).bindparams(org=ctx.caller.org_id))


async def rows(ctx: Context, sql: str) -> list[Row]:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        return [*await db.rows(sa.text(sql).bindparams(org=ctx.caller.org_id))]


async def lapse(ctx: Context) -> None:
    """As a process leaves it that was killed a while ago."""
    await changed(ctx, "UPDATE insight_runs SET lease_until = now() - interval '1 s' WHERE org_id = :org")


@asynccontextmanager
async def elsewhere(ctx: Context, urls: Urls) -> AsyncGenerator[Context]:
    """The same caller in a process whose wake-ups do not come here."""
    database = Database(urls, pool_size=3)
    try:
        async with open_bus("memory://", database) as bus:
            yield replace(ctx, services=make_services(database, bus))
    finally:
        await database.close()
