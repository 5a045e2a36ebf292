"""Stickiness computed by PostgreSQL: one statement a plan, with a part for each series."""

from collections.abc import Sequence
from itertools import accumulate

from domain.insights.drill_downs import (
    DrillDown,
    StickinessPoint,
)
from domain.insights.plans import (
    StickinessPlan,
)
from persistence.database import Reading, Tenant
from persistence.insights.arcs import check_place, newest
from persistence.insights.conditions import Binds
from persistence.insights.counted import SUBJECTS, chosen, counted, within
from persistence.insights.engine import FoundArc


async def stickiness(db: Reading, tenant: Tenant, plan: StickinessPlan) -> Sequence[Sequence[int]]:
    """As `Engine.stickiness`."""
    binds = Binds(tenant)
    parts = [
        f"SELECT {place} AS series, intervals, count(*) AS number FROM ({_active(plan, place, binds)}) AS a GROUP BY 2"
        for place in range(len(plan.series))
    ]
    found: dict[tuple[int, int], int] = {}
    for row in await binds.rows(db, " UNION ALL ".join(parts)):
        found[row["series"], row["intervals"]] = row["number"]
    return [_counts(found, place, plan) for place in range(len(plan.series))]


def _counts(found: dict[tuple[int, int], int], place: int, plan: StickinessPlan) -> Sequence[int]:
    exact = [found.get((place, intervals), 0) for intervals in range(1, len(plan.within.starts) + 1)]
    return list(accumulate(reversed(exact)))[::-1] if plan.cumulative else exact


def _active(plan: StickinessPlan, place: int, binds: Binds) -> str:
    """In how many `intervals` each `subject` of a series was active."""
    within = plan.within
    counts = counted(binds, plan.series[place], plan.where, plan.subject, within.span, within.bounds)
    bucket = f"width_bucket(ts, {binds.instants(within.starts)})"
    each = f"SELECT subject, {bucket} AS bucket FROM ({counts}) AS c GROUP BY 1, 2"
    return f"SELECT subject, count(*) AS intervals FROM ({each}) AS each GROUP BY 1"


async def arcs(
    db: Reading, tenant: Tenant, plan: StickinessPlan, point: StickinessPoint, ask: DrillDown
) -> Sequence[FoundArc]:
    """The arcs of the subjects that were active in so many buckets."""
    check_place(point.series, len(plan.series), "series")
    binds = Binds(tenant)
    compared = ">=" if plan.cumulative else "="
    subjects = (
        f"SELECT subject FROM ({_active(plan, point.series, binds)}) AS a"
        f" WHERE intervals {compared} {binds.integer(point.intervals)}"
    )
    behind = (
        f"SELECT e.sub_session_id FROM insight_events e WHERE {chosen(binds, plan.series[point.series], plan.where)}"
        f"{within(binds, 'e.ts', plan.within.span)} AND e.{SUBJECTS[plan.subject]} IN ({subjects})"
    )
    return await newest(db, binds, behind, ask)
