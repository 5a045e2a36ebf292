"""Stickiness computed by ClickHouse: one statement a plan, with a part for each series."""

from collections.abc import Sequence
from itertools import accumulate

from domain.insights.plans import (
    StickinessPlan,
)
from persistence.database import Tenant
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.conditions import Binds
from persistence.insights.clickhouse.source import seen


async def stickiness(client: Client, tenant: Tenant, plan: StickinessPlan) -> Sequence[Sequence[int]]:
    """As `Engine.stickiness`."""
    binds = Binds(tenant)
    parts = [f"({_counted(plan, place, binds)})" for place in range(len(plan.series))]
    found: dict[tuple[int, int], int] = {}
    for row in await binds.rows(client, " UNION ALL ".join(parts)):
        found[row["series"], row["intervals"]] = row["number"]
    return [_counts(found, place, plan) for place in range(len(plan.series))]


def _counted(plan: StickinessPlan, place: int, binds: Binds) -> str:
    source = seen(binds, plan.series[place], plan.where, plan.subject, plan.within.span)
    bucket = binds.place("ts", plan.within.starts)
    each = f"SELECT subject, uniqExact({bucket}) AS intervals FROM ({source}) AS found GROUP BY subject"
    return f"SELECT {place} AS series, intervals, count() AS number FROM ({each}) AS each GROUP BY intervals"


def _counts(found: dict[tuple[int, int], int], place: int, plan: StickinessPlan) -> Sequence[int]:
    exact = [found.get((place, intervals), 0) for intervals in range(1, len(plan.within.starts) + 1)]
    return list(accumulate(reversed(exact)))[::-1] if plan.cumulative else exact
