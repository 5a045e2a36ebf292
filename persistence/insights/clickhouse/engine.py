"""Insights computed by ClickHouse, from the copy of their events; by PostgreSQL what ClickHouse must not answer."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from domain.errors import Unavailable
from domain.insights.drill_downs import (
    DrillDown,
)
from domain.insights.plans import (
    Edge,
    FunnelCounts,
    FunnelPlan,
    FunnelTimes,
    FunnelTrend,
    LifecycleCounts,
    LifecyclePlan,
    Line,
    PathsPlan,
    RetentionCounts,
    RetentionPlan,
    SqlPlan,
    StickinessPlan,
    Table,
    TrendsPlan,
)
from persistence.database import Database, Tenant
from persistence.insights import outbox
from persistence.insights.clickhouse import funnels, lifecycle, paths, retention, stickiness, trends
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.conditions import Elsewhere
from persistence.insights.engine import Engine, FoundArc

T = TypeVar("T")

_log = structlog.get_logger("goalarc.insights")


class ClickHouseEngine:
    """An `Engine` that asks `elsewhere` as long as an organisation's copy is not whole or has something erased in it,
    as long as ClickHouse is away, and for what only PostgreSQL knows: SQL of users, arcs, some conditions. Both give
    the same answers."""

    def __init__(self, client: Client, database: Database, elsewhere: Engine) -> None:
        self._client = client
        self._database = database
        self._elsewhere = elsewhere

    async def trends(self, tenant: Tenant, plan: TrendsPlan) -> Sequence[Line]:
        return await self._ask(
            tenant,
            lambda: trends.trends(self._client, tenant, plan),
            lambda: self._elsewhere.trends(tenant, plan),
        )

    async def funnel(self, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelCounts]:
        return await self._ask(
            tenant,
            lambda: funnels.funnel(self._client, tenant, plan),
            lambda: self._elsewhere.funnel(tenant, plan),
        )

    async def funnel_times(
        self, tenant: Tenant, plan: FunnelPlan, first: int, last: int, bins: int | None
    ) -> FunnelTimes:
        return await self._ask(
            tenant,
            lambda: funnels.funnel_times(self._client, tenant, plan, first, last, bins),
            lambda: self._elsewhere.funnel_times(tenant, plan, first, last, bins),
        )

    async def funnel_trend(self, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelTrend]:
        return await self._ask(
            tenant,
            lambda: funnels.funnel_trend(self._client, tenant, plan),
            lambda: self._elsewhere.funnel_trend(tenant, plan),
        )

    async def retention(self, tenant: Tenant, plan: RetentionPlan) -> Sequence[RetentionCounts]:
        return await self._ask(
            tenant,
            lambda: retention.retention(self._client, tenant, plan),
            lambda: self._elsewhere.retention(tenant, plan),
        )

    async def paths(self, tenant: Tenant, plan: PathsPlan) -> Sequence[Edge]:
        return await self._ask(
            tenant,
            lambda: paths.paths(self._client, tenant, plan),
            lambda: self._elsewhere.paths(tenant, plan),
        )

    async def lifecycle(self, tenant: Tenant, plan: LifecyclePlan) -> LifecycleCounts:
        return await self._ask(
            tenant,
            lambda: lifecycle.lifecycle(self._client, tenant, plan),
            lambda: self._elsewhere.lifecycle(tenant, plan),
        )

    async def stickiness(self, tenant: Tenant, plan: StickinessPlan) -> Sequence[Sequence[int]]:
        return await self._ask(
            tenant,
            lambda: stickiness.stickiness(self._client, tenant, plan),
            lambda: self._elsewhere.stickiness(tenant, plan),
        )

    async def sql(self, tenant: Tenant, plan: SqlPlan) -> Table:
        return await self._elsewhere.sql(tenant, plan)

    async def arcs(self, tenant: Tenant, ask: DrillDown) -> Sequence[FoundArc]:
        return await self._elsewhere.arcs(tenant, ask)

    async def _ask(self, tenant: Tenant, here: Callable[[], Awaitable[T]], there: Callable[[], Awaitable[T]]) -> T:
        async with self._database.read(tenant) as db:
            whole = await outbox.is_whole(db, tenant.org_id)
        if whole:
            try:
                return await here()
            except Elsewhere:
                pass
            except Unavailable:
                _log.warning("ClickHouse does not answer: PostgreSQL is asked")
        return await there()
