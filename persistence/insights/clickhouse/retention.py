"""Retention computed by ClickHouse: of each subject the buckets it was seen in, as two lists side by side."""

from collections.abc import Sequence
from itertools import accumulate

from domain.insights.plans import (
    BreakdownValue,
    RetentionCounts,
    RetentionKind,
    RetentionPlan,
)
from persistence.database import Tenant
from persistence.insights.clickhouse.client import Client, Row
from persistence.insights.clickhouse.conditions import Binds, matches
from persistence.insights.clickhouse.ranked import named, ranked, value_of
from persistence.insights.clickhouse.source import any_of, events


async def retention(client: Client, tenant: Tenant, plan: RetentionPlan) -> Sequence[RetentionCounts]:
    """As `Engine.retention`."""
    binds = Binds(tenant)
    members = ranked(_members(plan, binds), plan.breakdown, binds)
    # -1 stands for being in the cohort at all.
    buckets = "arrayJoin(arrayConcat([toInt64(-1)], arrayFilter(one -> one >= cohort, back)))"
    statement = (
        f"SELECT rank, any(value) AS told, cohort, bucket, count() AS number"
        f" FROM (SELECT rank, value, cohort, {buckets} AS bucket FROM ({members}) AS members) AS came"
        " GROUP BY rank, cohort, bucket ORDER BY rank"
    )
    found: dict[int, list[Row]] = {}
    for row in await binds.rows(client, statement):
        found.setdefault(row["rank"], []).append(row)
    if plan.breakdown is None:
        return [_counts((), found.get(1, []), plan)]
    return [_counts(named(rows[0]["told"], rank, plan.breakdown), rows, plan) for rank, rows in found.items()]


def _counts(label: BreakdownValue, rows: Sequence[Row], plan: RetentionPlan) -> RetentionCounts:
    size = len(plan.within.starts)
    sizes, returned = [0] * size, [[0] * (size - cohort) for cohort in range(size)]
    for row in rows:
        cohort, bucket = row["cohort"], row["bucket"]
        if bucket < 0:
            sizes[cohort] = row["number"]
        else:
            returned[cohort][bucket - cohort] = row["number"]
    if plan.cumulative:
        returned = [list(accumulate(reversed(counts)))[::-1] for counts in returned]
    return RetentionCounts(label, tuple(sizes), tuple(tuple(counts) for counts in returned))


def _members(plan: RetentionPlan, binds: Binds) -> str:
    """Each subject in each of its cohorts: `cohort`, the `value` it came with, the buckets that it came `back` in."""
    begun = {
        RetentionKind.RECURRING: "arrayJoin(groupArrayIf(tuple(bucket, value, fits), begins))",
        RetentionKind.FIRST_TIME: "argMinIf(tuple(bucket, value, fits), bucket, begins)",
        RetentionKind.FIRST_EVER: "argMinIf(tuple(bucket, value, fits), bucket, begins)",
    }[plan.kind]
    back = "groupArrayIf(bucket, returns)"
    if plan.cumulative:
        back = "if(countIf(returns) > 0, [maxIf(bucket, returns)], [])"
    each = f"SELECT {begun} AS begun, {back} AS back FROM ({_seen(plan, binds)}) AS seen GROUP BY subject"
    each += " HAVING countIf(begins) > 0"
    return f"SELECT begun.1 AS cohort, begun.2 AS value, back FROM ({each}) AS each WHERE begun.1 >= 0 AND begun.3"


def _seen(plan: RetentionPlan, binds: Binds) -> str:
    """Each bucket (from 0; -1 for what was before) of each subject, with the value of the first entry in it, and
    whether this one `fits` the target."""
    more = [
        f"{value_of(plan.breakdown, binds)} AS value",
        f"{matches(plan.entry, binds)} AS is_entry",
        f"{matches(plan.target, binds)} AS is_target",
        f"{matches(plan.returning, binds)} AS is_return",
    ]
    which = any_of([plan.entry, plan.returning], binds)
    source = events(binds, which, plan.where, plan.subject, plan.entry_span, more, all=False)
    bucket = f"toInt64({binds.place('ts', plan.within.starts)}) - 1"
    return (
        f"SELECT subject, {bucket} AS bucket, max(is_entry) AS begins, max(is_return) AS returns,"
        " argMinIf(value, tuple(ts, ordinal, id), is_entry) AS value,"
        " argMinIf(is_target, tuple(ts, ordinal, id), is_entry) AS fits"
        f" FROM ({source}) AS found GROUP BY subject, bucket"
    )
