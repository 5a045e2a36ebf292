"""The one interface behind which insights are computed: by PostgreSQL, or by ClickHouse beyond one machine."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

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
from domain.values import SubSessionId
from persistence.database import Tenant


class FoundArc(NamedTuple):
    """An arc behind a number, and when it began."""

    id: SubSessionId
    started_at: datetime


class Engine(Protocol):
    """Each method reads one organisation's events (with `tenant.user_id` those of one developer) under a time-out and a
    bound on memory. Raises TooCostly when either was reached, saying what to ask less of.
    """

    async def trends(self, tenant: Tenant, plan: TrendsPlan) -> Sequence[Line]:
        """In the order of series, then of the breakdown's values, the most frequent first and the rest last."""
        ...

    async def funnel(self, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelCounts]:
        """One without a breakdown, also where nobody began; else one for each value, the most frequent first."""
        ...

    async def funnel_times(
        self, tenant: Tenant, plan: FunnelPlan, first: int, last: int, bins: int | None
    ) -> FunnelTimes:
        """From step `first` to step `last`, both counted from 0, in equal bins (None: as many as suit)."""
        ...

    async def funnel_trend(self, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelTrend]: ...

    async def retention(self, tenant: Tenant, plan: RetentionPlan) -> Sequence[RetentionCounts]: ...

    async def paths(self, tenant: Tenant, plan: PathsPlan) -> Sequence[Edge]:
        """The most frequent first; equal ones by step, source and target."""
        ...

    async def lifecycle(self, tenant: Tenant, plan: LifecyclePlan) -> LifecycleCounts: ...

    async def stickiness(self, tenant: Tenant, plan: StickinessPlan) -> Sequence[Sequence[int]]:
        """For each series a count for 1, 2, … as many as there are buckets."""
        ...

    async def sql(self, tenant: Tenant, plan: SqlPlan) -> Table: ...

    async def arcs(self, tenant: Tenant, ask: DrillDown) -> Sequence[FoundArc]:
        """The arcs behind one number, those that began last first, `ask.limit` at most."""
        ...
