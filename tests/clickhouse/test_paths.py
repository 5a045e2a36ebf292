"""Paths: ClickHouse answers as PostgreSQL does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.insights.filters import (
    AnyOf,
)
from domain.insights.plans import (
    Edge,
    PathsPlan,
)
from persistence.database import Database, Tenant
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.paths import paths
from persistence.insights.postgres import PostgresEngine
from tests.clickhouse.conftest import Put
from tests.make_insights import history, made
from tests.persistence.insights.test_paths import PLAN, PLANS

NONE = {
    "nothing passes": replace(PLAN, where=AnyOf(())),
    "one step": replace(PLAN, step_limit=1),
    "never seen": replace(PLAN, start="never seen"),
}
ALL = {**PLANS, **NONE}


@pytest.fixture(scope="module")
async def told(put: Put) -> Tenant:
    return await put(history(3, size=2_500, users=25, days=3.2, step=timedelta(minutes=5)))


@pytest.mark.parametrize("plan", ALL.values(), ids=ALL)
async def test_steps_follow_each_other_as_in_postgresql(
    database: Database, clickhouse: Client, told: Tenant, plan: PathsPlan
) -> None:
    found = await paths(clickhouse, told, plan)
    assert _near(found) == _near(await PostgresEngine(database).paths(told, plan))


async def test_half_an_hour_without_events_begins_another_path(
    database: Database, clickhouse: Client, put: Put
) -> None:
    events = [made(name, minute) for name, minute in (("a", 0), ("b", 29.9), ("c", 59.9), ("d", 60), ("d", 61))]
    tenant = await put(events)
    found = await paths(clickhouse, tenant, PLAN)
    assert [(one.step, one.source, one.target, one.count) for one in found] == [(1, "a", "b", 1), (1, "c", "d", 1)]
    assert _near(found) == _near(await PostgresEngine(database).paths(tenant, PLAN))


def _near(found: Sequence[Edge]) -> list[Edge]:
    return [replace(one, average_s=round(one.average_s, 6)) for one in found]
