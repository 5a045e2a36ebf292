"""Lifecycle computed by PostgreSQL."""

from collections.abc import Sequence

from domain.insights.drill_downs import (
    DrillDown,
    LifecyclePoint,
)
from domain.insights.plans import (
    LifecycleCounts,
    LifecyclePlan,
    LifecycleStatus,
)
from domain.values import Span
from persistence.database import Reading, Tenant
from persistence.insights.arcs import check_place, newest
from persistence.insights.conditions import Binds
from persistence.insights.counted import SUBJECTS, chosen, counted, within
from persistence.insights.engine import FoundArc


async def lifecycle(db: Reading, tenant: Tenant, plan: LifecyclePlan) -> LifecycleCounts:
    """As `Engine.lifecycle`."""
    binds = Binds(tenant)
    statement = f"SELECT status, place, count(*) AS number FROM ({_statuses(plan, binds)}) AS s GROUP BY 1, 2"
    found: dict[tuple[str, int], int] = {}
    for row in await binds.rows(db, statement):
        found[row["status"], row["place"]] = row["number"]
    return LifecycleCounts(*(_counts(found, status, len(plan.within.starts)) for status in LifecycleStatus))


def _counts(found: dict[tuple[str, int], int], status: LifecycleStatus, size: int) -> tuple[int, ...]:
    return tuple(found.get((status.value, place), 0) for place in range(size))


def _statuses(plan: LifecyclePlan, binds: Binds) -> str:
    """`status` of each `subject` in each bucket (its `place`) where it has one.

    Buckets are counted on: -1 is the one before the first, -2 all the time before that.
    """
    bounds = (plan.before, *plan.within.starts)
    counts = counted(
        binds, plan.matched, plan.where, plan.subject, Span(None, plan.within.end), (*bounds, plan.within.end)
    )
    place = f"width_bucket(ts, {binds.instants(bounds)}) - 2"
    seen = f"SELECT subject, {place} AS place FROM ({counts}) AS c GROUP BY 1, 2"
    beside = (
        "SELECT subject, place, lag(place) OVER apart AS before, lead(place) OVER apart AS after"
        f" FROM ({seen}) AS seen WINDOW apart AS (PARTITION BY subject ORDER BY place)"
    )
    return (
        f"SELECT subject, status, at AS place FROM ({beside}) AS beside, LATERAL (VALUES"
        " (place, CASE WHEN before IS NULL THEN 'new' WHEN before = place - 1 THEN 'returning'"
        " ELSE 'resurrecting' END),"
        " (place + 1, CASE WHEN after IS DISTINCT FROM place + 1 THEN 'dormant' END)"
        f") AS told (at, status) WHERE at BETWEEN 0 AND {len(plan.within.starts) - 1} AND status IS NOT NULL"
    )


async def arcs(
    db: Reading, tenant: Tenant, plan: LifecyclePlan, point: LifecyclePoint, ask: DrillDown
) -> Sequence[FoundArc]:
    """The arcs of a status' subjects in a bucket; of those gone dormant in the bucket before."""
    check_place(point.bucket, len(plan.within.starts), "bucket")
    binds = Binds(tenant)
    subjects = (
        f"SELECT subject FROM ({_statuses(plan, binds)}) AS s"
        f" WHERE status = {binds.text(point.status.value)} AND place = {binds.integer(point.bucket)}"
    )
    behind = (
        f"SELECT e.sub_session_id FROM insight_events e WHERE {chosen(binds, plan.matched, plan.where)}"
        f"{within(binds, 'e.ts', _seen(plan, point))} AND e.{SUBJECTS[plan.subject]} IN ({subjects})"
    )
    return await newest(db, binds, behind, ask)


def _seen(plan: LifecyclePlan, point: LifecyclePoint) -> Span:
    bounds = (plan.before, *plan.within.bounds)
    place = point.bucket if point.status is LifecycleStatus.DORMANT else point.bucket + 1
    return Span(bounds[place], bounds[place + 1])
