"""Retention computed by PostgreSQL: of each subject the buckets it was seen in, then which of them follow which."""

from collections.abc import Sequence
from itertools import accumulate

from domain.insights.drill_downs import (
    DrillDown,
    RetentionPoint,
)
from domain.insights.filters import (
    Matched,
)
from domain.insights.plans import (
    BreakdownValue,
    RetentionCounts,
    RetentionKind,
    RetentionPlan,
)
from domain.values import Span
from persistence.database import Reading, Row, Tenant
from persistence.insights.arcs import check_place, newest
from persistence.insights.conditions import Binds, condition
from persistence.insights.counted import SUBJECTS, chosen, counted, within
from persistence.insights.engine import FoundArc
from persistence.insights.joins import avoid_loops
from persistence.insights.ranked import is_labelled, label_of, ranked, values_of, written


async def retention(db: Reading, tenant: Tenant, plan: RetentionPlan) -> Sequence[RetentionCounts]:
    """As `Engine.retention`."""
    binds = Binds(tenant)
    last = "max(bucket)" if plan.cumulative else "bucket"
    parts = {**_named(plan, binds), "returns": f"SELECT subject, {last} AS bucket FROM seen WHERE returns"}
    if plan.cumulative:
        parts["returns"] += " GROUP BY subject"
    statement = (
        f"WITH {written(parts)} SELECT place, cohort, NULL AS bucket, count(*) AS number, min(label) AS label"
        " FROM named GROUP BY place, cohort UNION ALL"
        " SELECT n.place, n.cohort, r.bucket, count(*), NULL FROM named n JOIN returns r"
        " ON r.subject = n.subject AND r.bucket >= n.cohort GROUP BY 1, 2, 3"
    )
    await avoid_loops(db)
    rows = await binds.rows(db, statement)
    labels = {row["place"]: label_of(row) for row in rows if row["bucket"] is None}
    places = sorted(labels) if plan.breakdown else [1]
    return [_counts(labels.get(place, ()), [row for row in rows if row["place"] == place], plan) for place in places]


def _counts(label: BreakdownValue, rows: Sequence[Row], plan: RetentionPlan) -> RetentionCounts:
    size = len(plan.within.starts)
    sizes, returned = [0] * size, [[0] * (size - cohort) for cohort in range(size)]
    for row in rows:
        cohort, bucket = row["cohort"], row["bucket"]
        if bucket is None:
            sizes[cohort] = row["number"]
        else:
            returned[cohort][bucket - cohort] = row["number"]
    if plan.cumulative:
        returned = [list(accumulate(reversed(counts)))[::-1] for counts in returned]
    return RetentionCounts(label, tuple(sizes), tuple(tuple(counts) for counts in returned))


def _named(plan: RetentionPlan, binds: Binds) -> dict[str, str]:
    """`seen`: the buckets of each subject, and of which events (returning ones alone, where no cohort is told by it);
    `named`: its cohorts."""
    return {
        "seen": _seen(plan, binds),
        "cohorts": _cohorts(plan, binds),
        **ranked("cohorts", plan.breakdown, binds),
    }


def _bucket(plan: RetentionPlan, binds: Binds) -> str:
    """From 0; -1 for what was before."""
    return f"width_bucket(ts, {binds.instants(plan.within.starts)}) - 1"


def _seen(plan: RetentionPlan, binds: Binds) -> str:
    if plan.target == plan.returning or not _begins_where_seen(plan):
        found = _in_buckets(plan, plan.returning, binds)
        return f"SELECT subject, bucket, TRUE AS begins, TRUE AS returns FROM ({found}) one"
    both = [
        f"SELECT *, {begins} AS begins, {returns} AS returns FROM ({_in_buckets(plan, matched, binds)}) one"
        for matched, begins, returns in ((plan.target, "TRUE", "FALSE"), (plan.returning, "FALSE", "TRUE"))
    ]
    return (
        "SELECT subject, bucket, bool_or(begins) AS begins, bool_or(returns) AS returns"
        f" FROM ({' UNION ALL '.join(both)}) both_kinds GROUP BY 1, 2"
    )


def _in_buckets(plan: RetentionPlan, matched: Matched, binds: Binds) -> str:
    found = counted(binds, matched, plan.where, plan.subject, plan.within.span, plan.within.bounds)
    return f"SELECT subject, {_bucket(plan, binds)} AS bucket FROM ({found}) found GROUP BY 1, 2"


def _begins_where_seen(plan: RetentionPlan) -> bool:
    """Whether the buckets in which target events were seen say all about the cohorts."""
    return plan.kind is RetentionKind.RECURRING and plan.breakdown is None


def _cohorts(plan: RetentionPlan, binds: Binds) -> str:
    if _begins_where_seen(plan):
        return "SELECT subject, bucket AS cohort FROM seen WHERE begins"
    if plan.breakdown is not None or plan.entry != plan.target:
        return _cohorts_by_event(plan, binds)
    found = counted(binds, plan.target, plan.where, plan.subject, plan.entry_span, plan.within.bounds)
    first = f"SELECT subject, min(ts) AS ts FROM ({found}) found GROUP BY 1"
    cohorts = f"SELECT subject, {_bucket(plan, binds)} AS cohort FROM ({first}) firsts"
    return f"SELECT * FROM ({cohorts}) ever WHERE cohort >= 0"


def _cohorts_by_event(plan: RetentionPlan, binds: Binds) -> str:
    """By the event itself that the subject came into the cohort with, where more than its time is asked of it."""
    column = SUBJECTS[plan.subject]
    value = "NULL::text[]" if plan.breakdown is None else values_of(plan.breakdown, binds)
    events = (
        f"SELECT e.{column} AS subject, {_bucket(plan, binds)} AS cohort, e.ts, e.ordinal, e.id, {value} AS value,"
        f" {condition(plan.target.where, binds)} AS fits FROM insight_events e WHERE"
        f" {chosen(binds, plan.entry, plan.where)}{within(binds, 'e.ts', plan.entry_span)} AND e.{column} IS NOT NULL"
    )
    keys = "subject, cohort" if plan.kind is RetentionKind.RECURRING else "subject"
    firsts = f"SELECT DISTINCT ON ({keys}) * FROM ({events}) found ORDER BY {keys}, ts, ordinal, id"
    return f"SELECT subject, cohort, value FROM ({firsts}) firsts WHERE cohort >= 0 AND fits"


async def arcs(
    db: Reading, tenant: Tenant, plan: RetentionPlan, point: RetentionPoint, ask: DrillDown
) -> Sequence[FoundArc]:
    """The arcs of a cohort's returning events in a period, or without one of the target events it began with."""
    size = len(plan.within.starts)
    check_place(point.cohort, size, "cohort")
    check_place(point.period, size - point.cohort, "period")
    binds = Binds(tenant)
    label = is_labelled(point.breakdown, plan.breakdown, binds)
    members = (
        f"WITH {written(_named(plan, binds))} SELECT subject FROM named"
        f" WHERE cohort = {binds.integer(point.cohort)}{label}"
    )
    matched = plan.target if point.period is None else plan.returning
    behind = (
        f"SELECT e.sub_session_id FROM insight_events e WHERE {chosen(binds, matched, plan.where)}"
        f"{within(binds, 'e.ts', _span(plan, point))} AND e.{SUBJECTS[plan.subject]} IN ({members})"
    )
    await avoid_loops(db)
    return await newest(db, binds, behind, ask)


def _span(plan: RetentionPlan, point: RetentionPoint) -> Span:
    bucket = point.cohort + (point.period or 0)
    start, end = plan.within.bounds[bucket : bucket + 2]
    return Span(start, plan.within.end if plan.cumulative and point.period is not None else end)
