"""Insights computed by PostgreSQL: each in one read-only scope with limits of its own."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

import persistence.insights.drill_down
import persistence.insights.funnels
import persistence.insights.lifecycle
import persistence.insights.paths
import persistence.insights.retention
import persistence.insights.sql
import persistence.insights.stickiness
import persistence.insights.trends
from domain.insights.drill_downs import (
    DrillDown,
)
from domain.insights.errors import LEVERS, InvalidQuery, TooCostly
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
from persistence.database import Database, Reading, Tenant, command, driver_of
from persistence.insights.engine import FoundArc


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take of the server: each sort `work_mem_mb` and each hash twice that, in each of its
    processes, of which there are `workers` and one more."""

    timeout_s: float = 30.0
    work_mem_mb: int = 64
    workers: int = 2

    @property
    def settings(self) -> str:
        """Statements that hold until the transaction ends. Plans are made for the values: how many rows a stretch of
        time has is all that counts."""
        return (
            f"SET LOCAL statement_timeout = {round(self.timeout_s * 1000)};"
            f"SET LOCAL work_mem = '{self.work_mem_mb}MB';"
            "SET LOCAL hash_mem_multiplier = 2; SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_custom_plan;"
            f"SET LOCAL max_parallel_workers_per_gather = {self.workers}; SET LOCAL TimeZone = 'UTC'"
        )


class PostgresEngine:
    """An `Engine` over the tables insight_events and insight_quarters."""

    def __init__(self, database: Database, limits: Limits | None = None) -> None:
        self._database = database
        self._settings = (limits or Limits()).settings

    @asynccontextmanager
    async def _scope(self, tenant: Tenant) -> AsyncGenerator[Reading]:
        async with self._database.read(tenant) as db:
            await command(driver_of(db.connection), self._settings)
            with explained:
                yield db

    async def trends(self, tenant: Tenant, plan: TrendsPlan) -> Sequence[Line]:
        async with self._scope(tenant) as db:
            return await persistence.insights.trends.trends(db, tenant, plan)

    async def funnel(self, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelCounts]:
        async with self._scope(tenant) as db:
            return await persistence.insights.funnels.funnel(db, tenant, plan)

    async def funnel_times(
        self, tenant: Tenant, plan: FunnelPlan, first: int, last: int, bins: int | None
    ) -> FunnelTimes:
        async with self._scope(tenant) as db:
            return await persistence.insights.funnels.funnel_times(db, tenant, plan, first, last, bins)

    async def funnel_trend(self, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelTrend]:
        async with self._scope(tenant) as db:
            return await persistence.insights.funnels.funnel_trend(db, tenant, plan)

    async def retention(self, tenant: Tenant, plan: RetentionPlan) -> Sequence[RetentionCounts]:
        async with self._scope(tenant) as db:
            return await persistence.insights.retention.retention(db, tenant, plan)

    async def paths(self, tenant: Tenant, plan: PathsPlan) -> Sequence[Edge]:
        async with self._scope(tenant) as db:
            return await persistence.insights.paths.paths(db, tenant, plan)

    async def lifecycle(self, tenant: Tenant, plan: LifecyclePlan) -> LifecycleCounts:
        async with self._scope(tenant) as db:
            return await persistence.insights.lifecycle.lifecycle(db, tenant, plan)

    async def stickiness(self, tenant: Tenant, plan: StickinessPlan) -> Sequence[Sequence[int]]:
        async with self._scope(tenant) as db:
            return await persistence.insights.stickiness.stickiness(db, tenant, plan)

    async def sql(self, tenant: Tenant, plan: SqlPlan) -> Table:
        return await persistence.insights.sql.run(self._database, tenant, plan)

    async def arcs(self, tenant: Tenant, ask: DrillDown) -> Sequence[FoundArc]:
        async with self._scope(tenant) as db:
            return await persistence.insights.drill_down.arcs(db, tenant, ask)


_TIMED_OUT, _BAD_REGEX, _OUT_OF_RANGE = "57014", "2201B", "22003"
_OVER_LIMIT = ("53200", "53400", "54")
"""SQLSTATE of memory that is not there, of configured limits and of statements too long or too nested."""


class _Explained:
    """Raises TooCostly and InvalidQuery for what PostgreSQL says of a query that cannot be computed."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, asyncpg.PostgresError):
            return
        state = error.sqlstate or ""
        if state == _TIMED_OUT:
            raise TooCostly(f"this took too long: ask for {LEVERS}") from error
        if state.startswith(_OVER_LIMIT):
            raise TooCostly(f"this needs more memory than one query may have: ask for {LEVERS}") from error
        if state == _BAD_REGEX:
            raise InvalidQuery(f"PostgreSQL cannot read a regular expression: {error}") from error
        if state == _OUT_OF_RANGE:
            raise InvalidQuery("the numbers are too large to be summed up") from error


explained = _Explained()
"""Around the statements of one query."""
