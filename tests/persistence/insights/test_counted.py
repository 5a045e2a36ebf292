"""Trends, lifecycle and stickiness by PostgreSQL against plain Python, on random histories."""

from dataclasses import replace
from random import Random
from uuid import uuid4

import pytest

from domain.insights.plans import Line
from domain.values import OrgId
from persistence.database import Database, Tenant
from persistence.insights.postgres import PostgresEngine
from tests.make_insights import Made, developer, put_events
from tests.persistence.insights import counted_oracle as oracle
from tests.persistence.insights.counted_plans import WORLDS, World, lifecycle_plan, stickiness_plan, trends_plan

PLANS = 40


@pytest.fixture(scope="module")
def engine(database: Database) -> PostgresEngine:
    return PostgresEngine(database)


async def _put(database: Database, events: list[Made]) -> Tenant:
    tenant = Tenant(OrgId(uuid4()))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, events)
    return tenant


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
async def test_counts_are_those_of_plain_python(engine: PostgresEngine, database: Database, world: World) -> None:
    events = world.events(WORLDS.index(world))
    org = await _put(database, events)
    random = Random(world.name)
    for _ in range(PLANS):
        user = random.choice((None, None, None, developer("user 3")))
        tenant, seen = replace(org, user_id=user), oracle.of_user(events, user)
        plan = trends_plan(random, world.buckets(random))
        assert _near(await engine.trends(tenant, plan)) == _near(oracle.trends(seen, plan)), plan
        lifecycle = lifecycle_plan(random, world.buckets(random))
        assert await engine.lifecycle(tenant, lifecycle) == oracle.lifecycle(seen, lifecycle), lifecycle
        stickiness = stickiness_plan(random, world.buckets(random))
        assert await engine.stickiness(tenant, stickiness) == oracle.stickiness(seen, stickiness), stickiness


def _near(lines: list[Line]) -> list[Line]:
    return [replace(line, values=tuple(one if one is None else round(one, 6) for one in line.values)) for line in lines]
