"""Retention: ClickHouse answers as PostgreSQL does."""

import pytest

from domain.insights.plans import (
    RetentionPlan,
)
from persistence.database import Database, Tenant
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.retention import retention
from persistence.insights.postgres import PostgresEngine
from tests.clickhouse.conftest import Put
from tests.make_insights import developer, history
from tests.persistence.insights.test_retention import FIRSTS, PLANS, crowded


@pytest.fixture(scope="module")
async def told(put: Put) -> Tenant:
    return await put(history(7, size=1_500, users=60, days=10))


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
async def test_cohorts_are_those_of_postgresql(
    database: Database, clickhouse: Client, told: Tenant, plan: RetentionPlan
) -> None:
    other = PostgresEngine(database)
    assert await retention(clickhouse, told, plan) == await other.retention(told, plan)
    one = Tenant(told.org_id, developer("user 3"))
    assert await retention(clickhouse, one, plan) == await other.retention(one, plan)
    nobody = Tenant(told.org_id, developer("nobody"))
    assert await retention(clickhouse, nobody, plan) == await other.retention(nobody, plan)


@pytest.mark.parametrize("seed", range(3))
async def test_the_first_of_many_at_once_is_that_of_postgresql(
    database: Database, clickhouse: Client, put: Put, seed: int
) -> None:
    tenant = await put(crowded(seed))
    for plan in FIRSTS:
        assert await retention(clickhouse, tenant, plan) == await PostgresEngine(database).retention(tenant, plan)
