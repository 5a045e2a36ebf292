"""Lifecycle computed by ClickHouse."""

from domain.insights.plans import (
    LifecycleCounts,
    LifecyclePlan,
    LifecycleStatus,
)
from domain.values import Span
from persistence.database import Tenant
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.conditions import Binds
from persistence.insights.clickhouse.source import seen

_ALL = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"


async def lifecycle(client: Client, tenant: Tenant, plan: LifecyclePlan) -> LifecycleCounts:
    """As `Engine.lifecycle`."""
    binds = Binds(tenant)
    statement = f"SELECT status, place, count() AS number FROM ({_statuses(plan, binds)}) AS s GROUP BY status, place"
    found: dict[tuple[str, int], int] = {}
    for row in await binds.rows(client, statement):
        found[row["status"], row["place"]] = row["number"]
    places = range(len(plan.within.starts))
    return LifecycleCounts(*(tuple(found.get((each, place), 0) for place in places) for each in LifecycleStatus))


def _statuses(plan: LifecyclePlan, binds: Binds) -> str:
    """`status` of each subject in each bucket (its `place`) where it has one.

    Buckets are counted on: -1 is the one before the first, -2 all the time before that.
    """
    source = seen(binds, plan.matched, plan.where, plan.subject, Span(None, plan.within.end))
    place = f"{binds.place('ts', (plan.before, *plan.within.starts))} - 2"
    active = f"SELECT subject, {place} AS at FROM ({source}) AS found GROUP BY subject, at"
    beside = (
        "SELECT subject, at, lagInFrame(toNullable(at)) OVER apart AS before, leadInFrame(toNullable(at)) OVER apart"
        f" AS after FROM ({active}) AS active WINDOW apart AS (PARTITION BY subject ORDER BY at {_ALL})"
    )
    was = "multiIf(isNull(before), 'new', before = at - 1 AND before > -2, 'returning', 'resurrecting')"
    then = "if(at > -2 AND ifNull(after != at + 1, 1), 'dormant', '')"
    told = f"arrayJoin([tuple(at, {was}), tuple(at + 1, {then})])"
    return (
        f"SELECT told.1 AS place, told.2 AS status FROM (SELECT {told} AS told FROM ({beside}) AS beside) AS told_of"
        f" WHERE told.1 BETWEEN 0 AND {len(plan.within.starts) - 1} AND told.2 != ''"
    )
