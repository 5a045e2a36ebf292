"""What ClickHouse is asked, and when it is asked at all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.errors import Unavailable
from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.drill_downs import (
    DrillDown,
    TrendsPoint,
)
from domain.insights.filters import (
    Matched,
    Property,
    PropertySource,
    PropertyType,
)
from domain.insights.plans import (
    Breakdown,
    FunnelOrder,
    FunnelPlan,
    LifecyclePlan,
    Math,
    PathsPlan,
    RetentionKind,
    RetentionPlan,
    Series,
    StickinessPlan,
    TrendsPlan,
)
from domain.values import OrgId
from persistence.database import Tenant
from persistence.insights.clickhouse import funnels, lifecycle, paths, retention, stickiness, trends
from persistence.insights.clickhouse.client import Client, Row, Settings
from persistence.insights.clickhouse.engine import ClickHouseEngine
from persistence.insights.postgres import PostgresEngine
from resolvers.context import Services
from tests.copying import FakeClickHouse, begun, copied, save
from tests.make import START
from tests.make_context import make_org
from tests.make_insights import developer, made

DAY = Buckets((START,), START + timedelta(days=1), Interval.DAY)
A, B = Matched("a"), Matched("b")
BY_AGENT = Breakdown((Property(PropertySource.EVENT, "agent", PropertyType.TEXT),))
TRENDS = TrendsPlan(tuple(Series(A, math) for math in (Math.TOTAL, Math.DAU, Math.WEEKLY_ACTIVE)), DAY)
FUNNEL = FunnelPlan((A, B), DAY)


class Recorded(FakeClickHouse):
    """Has nothing to say, and notes what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Mapping[str, object], Mapping[str, int]]] = []

    async def rows(self, statement: str, values: Mapping[str, object], settings: Settings | None = None) -> list[Row]:
        if "insight_events AS e" not in statement:
            return await super().rows(statement, values, settings)
        self._answer()
        self.asked.append((statement, values, settings or {}))
        return []


async def _ask_everything(client: Client, tenant: Tenant) -> None:
    await trends.trends(client, tenant, TRENDS)
    await trends.trends(client, tenant, replace(TRENDS, breakdown=BY_AGENT))
    await lifecycle.lifecycle(client, tenant, LifecyclePlan(A, DAY, START - timedelta(days=1)))
    await stickiness.stickiness(client, tenant, StickinessPlan((A, B), DAY))
    for kind in RetentionKind:
        await retention.retention(client, tenant, RetentionPlan(A, B, DAY, kind))
    await paths.paths(client, tenant, PathsPlan(DAY, start="a", end="b"))
    for order in FunnelOrder:
        plan = replace(FUNNEL, order=order)
        await funnels.funnel(client, tenant, replace(plan, breakdown=BY_AGENT))
        await funnels.funnel_times(client, tenant, plan, 0, 1, None)
        await funnels.funnel_trend(client, tenant, plan)


@pytest.mark.parametrize("user", [None, developer("ada")])
async def test_each_part_reads_the_newest_rows_of_its_tenant(user: Any) -> None:
    recorded, tenant = Recorded(), Tenant(OrgId(uuid4()), user)
    await _ask_everything(recorded, tenant)
    assert len(recorded.asked) == 17
    for statement, values, settings in recorded.asked:
        of_user = r" AND e\.user_id = \{(p\d+):UUID\}" if user else ""
        parts = re.findall(rf"FROM insight_events AS e FINAL WHERE e\.org_id = \{{(p\d+):UUID\}}{of_user}", statement)
        assert len(parts) == statement.count("insight_events")
        named = {name for part in parts for name in ([part] if isinstance(part, str) else part)}
        assert {values[name] for name in named} == {str(one) for one in (tenant.org_id, user) if one is not None}
        assert settings["max_execution_time"] == 30
        assert settings["max_memory_usage"] <= 2**31


class _Postgres(PostgresEngine):
    """Says that it was asked."""

    async def trends(self, tenant: Tenant, plan: TrendsPlan) -> Sequence[Any]:
        return ["PostgreSQL"]

    async def arcs(self, tenant: Tenant, ask: DrillDown) -> Sequence[Any]:
        return ["PostgreSQL"]


async def test_a_copy_is_asked_once_it_is_whole_and_answers(fresh_services: Services) -> None:
    recorded = Recorded()
    tenant = Tenant((await make_org(fresh_services.database.urls)).id)
    await save(fresh_services, tenant.org_id, [made("a")])
    services = await begun(fresh_services, recorded)
    engine = ClickHouseEngine(recorded, services.database, _Postgres(services.database))
    assert await engine.trends(tenant, TRENDS) == ["PostgreSQL"]
    await copied(services)
    assert len(await engine.trends(tenant, TRENDS)) == 3
    assert len(recorded.asked) == 1
    assert await engine.arcs(tenant, DrillDown(TRENDS, TrendsPoint(0))) == ["PostgreSQL"]
    recorded.away = True
    assert await engine.trends(tenant, TRENDS) == ["PostgreSQL"]
    with pytest.raises(Unavailable):
        await trends.trends(recorded, tenant, TRENDS)
