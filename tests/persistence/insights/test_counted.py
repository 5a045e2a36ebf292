"""Trends, lifecycle and stickiness by PostgreSQL against plain Python, on random histories."""

from dataclasses import replace
from random import Random
from uuid import uuid4

import pytest

import persistence.insights.counted
from domain.insights.filters import (
    EVERYTHING,
)
from domain.insights.plans import (
    Line,
)
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
    """Every second event comes late, after others that happened later."""
    tenant = Tenant(OrgId(uuid4()))
    for some in (events[::2], events[1::2]):
        async with database.write(tenant) as db:
            await put_events(db, tenant.org_id, some)
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


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
async def test_sums_by_quarters_say_the_same_as_events(
    engine: PostgresEngine, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = await _put(database, world.events(100))
    random = Random(world.name)
    asked = [replace(trends_plan(random, world.buckets(random)), where=EVERYTHING, breakdown=None) for _ in range(8)]
    lifecycles = [replace(lifecycle_plan(random, world.buckets(random)), where=EVERYTHING) for _ in range(4)]
    by_sums = (
        [await engine.trends(org, plan) for plan in asked],
        [await engine.lifecycle(org, one) for one in lifecycles],
    )
    monkeypatch.setattr(persistence.insights.counted, "_MOST_CUTS", -1)
    assert by_sums == (
        [await engine.trends(org, plan) for plan in asked],
        [await engine.lifecycle(org, one) for one in lifecycles],
    )


def _near(lines: list[Line]) -> list[Line]:
    return [replace(line, values=tuple(one if one is None else round(one, 6) for one in line.values)) for line in lines]
