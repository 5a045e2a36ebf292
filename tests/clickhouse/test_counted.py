"""Trends, lifecycle and stickiness: ClickHouse answers as PostgreSQL does, whatever the plan."""

from dataclasses import replace
from random import Random

import pytest

from domain.insights.plans import (
    Line,
)
from persistence.database import Database
from persistence.insights.clickhouse import lifecycle, stickiness, trends
from persistence.insights.clickhouse.client import Client
from persistence.insights.postgres import PostgresEngine
from tests.clickhouse.conftest import Put
from tests.make_insights import developer
from tests.persistence.insights.counted_plans import WORLDS, World, lifecycle_plan, stickiness_plan, trends_plan

PLANS = 25


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
async def test_counts_are_those_of_postgresql(database: Database, clickhouse: Client, put: Put, world: World) -> None:
    org = await put(world.events(WORLDS.index(world)))
    other, random = PostgresEngine(database), Random(f"{world.name} again")
    for _ in range(PLANS):
        tenant = replace(org, user_id=random.choice((None, None, None, developer("user 3"))))
        plan = trends_plan(random, world.buckets(random))
        assert _near(await trends.trends(clickhouse, tenant, plan)) == _near(await other.trends(tenant, plan)), plan
        cycle = lifecycle_plan(random, world.buckets(random))
        assert await lifecycle.lifecycle(clickhouse, tenant, cycle) == await other.lifecycle(tenant, cycle), cycle
        sticky = stickiness_plan(random, world.buckets(random))
        assert await stickiness.stickiness(clickhouse, tenant, sticky) == await other.stickiness(tenant, sticky), sticky


def _near(lines: list[Line]) -> list[Line]:
    return [replace(line, values=tuple(one if one is None else round(one, 6) for one in line.values)) for line in lines]
