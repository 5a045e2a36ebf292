"""The copy in ClickHouse itself: right after a replay, a change and an erasure both engines say the same."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    Matched,
)
from domain.insights.plans import (
    Math,
    Series,
    TrendsPlan,
)
from domain.values import OrgId
from persistence.database import Tenant
from persistence.insights import outbox
from persistence.insights.clickhouse import copy
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.engine import ClickHouseEngine
from persistence.insights.engine import Engine
from persistence.insights.postgres import PostgresEngine
from resolvers.context import Services
from resolvers.insight_copying import begin_copying
from tests.copying import begun, copied, erase, save
from tests.make import START
from tests.make_context import make_org
from tests.make_insights import Made, history

DAYS = Buckets(tuple(START + timedelta(days=day) for day in range(10)), START + timedelta(days=10), Interval.DAY)
PLAN = TrendsPlan((Series(Matched(None)), Series(Matched(None), Math.DAU)), DAYS)


def _sessions(events: list[Made]) -> dict[str, list[Made]]:
    found: dict[str, list[Made]] = {}
    for one in events:
        found.setdefault(one.session_id, []).append(replace(one, agent="codex", project=None))
    return found


async def _numbers(engine: Engine, tenant: Tenant, plan: TrendsPlan = PLAN) -> list[tuple[object, ...]]:
    return [(line.series, line.breakdown, line.values) for line in await engine.trends(tenant, plan)]


class Nobody(PostgresEngine):
    """Is not to be asked."""

    async def trends(self, tenant: Tenant, plan: TrendsPlan) -> list[object]:  # type: ignore[override]
        raise AssertionError("the copy is whole")


async def _org(services: Services) -> Tenant:
    return Tenant((await make_org(services.database.urls)).id)


async def test_replays_changes_and_erasures_are_told_at_once(fresh_services: Services, clickhouse: Client) -> None:
    tenant, random = await _org(fresh_services), Random(11)
    services = await begun(fresh_services, clickhouse)
    await copied(services)
    postgres = PostgresEngine(services.database)
    engine = ClickHouseEngine(clickhouse, services.database, Nobody(services.database))
    sessions = _sessions(history(11, size=200))
    for _ in range(8):
        for id in random.sample(sorted(sessions), 3):
            own = [one for one in sessions[id] if random.random() < 0.8]
            moved = [replace(one, ts=one.ts + timedelta(minutes=random.choice((0, 0, 7, 3000)))) for one in own]
            sessions[id] = moved or sessions[id][:1]
            await save(services, tenant.org_id, sessions[id])
        await copied(services)
        assert await _numbers(engine, tenant) == await _numbers(postgres, tenant)
    assert await _numbers(engine, Tenant(OrgId(tenant.org_id), next(iter(sessions.values()))[0].user_id))

    gone = sorted(sessions)[:4]
    await erase(services, tenant.org_id, gone)
    with pytest.raises(AssertionError, match="whole"):  # PostgreSQL is asked until it is gone there
        await engine.trends(tenant, PLAN)
    await copied(services)
    assert await _numbers(engine, tenant) == await _numbers(postgres, tenant)


async def test_nothing_of_what_is_erased_is_left_in_the_files(fresh_services: Services, clickhouse: Client) -> None:
    tenant = await _org(fresh_services)
    services = await begun(fresh_services, clickhouse)
    sessions = _sessions(history(12, size=60))
    for own in sessions.values():
        await save(services, tenant.org_id, own)
    await copied(services)
    gone, *kept = sorted(sessions)
    await erase(services, tenant.org_id, [gone])
    await copied(services)
    stored = "SELECT DISTINCT session_id FROM insight_events WHERE org_id = {org:UUID}"
    await _purged(clickhouse)
    rows = await clickhouse.rows(stored, {"org": str(tenant.org_id)})
    assert {row["session_id"] for row in rows} == set(kept)
    await copy.purge(clickhouse, tenant.org_id)
    await _purged(clickhouse)
    assert await clickhouse.rows(stored, {"org": str(tenant.org_id)}) == []


async def _purged(clickhouse: Client) -> None:
    async with asyncio.timeout(30):
        while await clickhouse.rows("SELECT 1 AS n FROM system.mutations WHERE NOT is_done", {}):
            await asyncio.sleep(0.05)


async def test_the_same_again_changes_nothing(fresh_services: Services, clickhouse: Client) -> None:
    tenant = await _org(fresh_services)
    services = await begun(fresh_services, clickhouse)
    await save(services, tenant.org_id, [one for own in _sessions(history(13)).values() for one in own])
    await copied(services)
    expected = await _numbers(PostgresEngine(services.database), tenant)
    engine = ClickHouseEngine(clickhouse, services.database, Nobody(services.database))
    for _ in range(2):
        async with services.database.write(tenant) as db:
            await outbox.put_all(db, tenant.org_id)
        await copied(services)
        assert await _numbers(engine, tenant) == expected
    await begin_copying(services.database.urls, clickhouse)
    assert await _numbers(engine, tenant) == expected
