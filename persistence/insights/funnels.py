"""Funnels computed by PostgreSQL: of each subject the attempt that counts, and what they add up to."""

from collections.abc import Sequence
from dataclasses import replace

from domain.insights.drill_downs import (
    DrillDown,
    FunnelPoint,
)
from domain.insights.plans import (
    Attribution,
    Breakdown,
    BreakdownValue,
    FunnelCounts,
    FunnelOrder,
    FunnelPlan,
    FunnelTimes,
    FunnelTrend,
)
from persistence.database import Reading, Row, Tenant
from persistence.insights.arcs import check_place, newest
from persistence.insights.conditions import Binds
from persistence.insights.engine import FoundArc
from persistence.insights.funnel_attempts import Attempts
from persistence.insights.joins import avoid_loops
from persistence.insights.ranked import is_labelled, label_of, labels_of, ranked, written


async def funnel(db: Reading, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelCounts]:
    """As `Engine.funnel`."""
    of = Attempts(plan, Binds(tenant), placed=_is_attributed(plan))
    counts = ", ".join(f"count(*) FILTER (WHERE reach >= {step})" for step in of.steps)
    took = [f"extract(epoch FROM t[{step}] - t[{step - 1}])::float8" for step in of.steps[1:]]
    averages = ", ".join(f"avg({seconds})" for seconds in took)
    by_label = " GROUP BY label ORDER BY min(place)" if plan.breakdown else ""
    medians = ", ".join(f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {seconds})" for seconds in took)
    statement = (
        f"WITH {_named(of)} SELECT {'label' if plan.breakdown else 'NULL'} AS label, ARRAY[{counts}] AS counts,"
        f" ARRAY[NULL, {averages}]::float8[] AS averages, ARRAY[NULL, {medians}]::float8[] AS medians"
        f" FROM named{by_label}"
    )
    await avoid_loops(db)
    rows = await of.binds.rows(db, statement)
    return [
        FunnelCounts(label_of(row), tuple(row["counts"]), tuple(row["averages"]), tuple(row["medians"])) for row in rows
    ]


def _named(of: Attempts, bucket: str = "0", with_arcs: bool = False) -> str:
    """`named`: of each subject (and bucket) the attempt that counts, with `reach`, the times `t` in their order, and
    the `label` of its value of the breakdown."""
    parts = {"events": of.events(with_arcs), "picked": _picked(of, bucket)}
    if of.placed:
        parts["touched"] = _touched(of, with_arcs)
    if of.plan.breakdown is not None:
        parts["valued"] = _valued(of, of.plan.breakdown)
    source = "picked" if of.plan.breakdown is None else "valued"
    return written({**parts, **ranked(source, of.plan.breakdown, of.binds)})


def _is_attributed(plan: FunnelPlan) -> bool:
    """Whether it takes the events of steps to know the value of the breakdown."""
    return plan.breakdown is not None and plan.attribution is not Attribution.ALL_EVENTS


def _picked(of: Attempts, bucket: str) -> str:
    """The attempt that got farthest; of several one without an exclusion between, then the one that began last."""
    marks = ", ".join(
        f"ARRAY[{', '.join(f'{mark}{step}' for step in of.steps)}] AS all_{mark}" for mark, _, _ in of.marks
    )
    chosen = (
        f"SELECT DISTINCT ON ({of.keys}, bucket) {of.keys}, bucket, reach, void, {marks}"
        f" FROM (SELECT *, {bucket} AS bucket FROM ({of.all('events')}) attempts) begun"
        f" ORDER BY {of.keys}, bucket, reach DESC, void, ts DESC, ordinal DESC, id DESC"
    )
    if of.plan.order is not FunnelOrder.UNORDERED:
        return f"SELECT *, all_t AS t FROM ({chosen}) chosen WHERE NOT void"
    in_order = "ARRAY(SELECT t FROM unnest(all_t) t WHERE t IS NOT NULL ORDER BY t)"
    return f"SELECT *, {in_order} AS t FROM ({chosen}) chosen WHERE NOT void OFFSET 0"  # sorts each once


def _touched(of: Attempts, with_arcs: bool) -> str:
    """The attempts once for each step that was reached, with its event; `turn` counts the steps in their order of time,
    from 1."""
    same = " AND ".join(f"e.{key} = p.{key}" for key in of.keys.split(", "))
    own = ", ".join(f"p.{key}" for key in (*of.keys.split(", "), "bucket"))
    told = [*(["e.b AS value"] if of.plan.breakdown else []), *(["e.arc"] if with_arcs else [])]
    return (
        f"SELECT p.*, u.step, {', '.join(told)}, row_number() OVER (PARTITION BY {own} ORDER BY u.pos DESC, u.step)"
        " AS turn FROM picked p CROSS JOIN LATERAL unnest(p.all_p) WITH ORDINALITY u (pos, step)"
        f" JOIN events e ON {same} AND e.pos = u.pos"
    )


def _valued(of: Attempts, breakdown: Breakdown) -> str:
    """The value of the breakdown that the attempt counts for: that of the first or last step that has one at all, of
    one step, or of all events."""
    if of.plan.attribution is Attribution.ALL_EVENTS:
        return "SELECT *, b AS value FROM picked"
    value, best, order = "value", "num_nonnulls(VARIADIC value) > 0", "turn"
    if of.plan.attribution is Attribution.STEP:
        best = f"step = {of.binds.integer(of.plan.attribution_step + 1)}"
        value = f"CASE WHEN {best} THEN value ELSE array_fill(NULL::text, ARRAY[{len(breakdown.properties)}]) END"
    if of.plan.attribution is Attribution.LAST_TOUCH:
        order = "turn DESC"
    return (
        f"SELECT DISTINCT ON (subject, bucket) subject, bucket, reach, t, {value} AS value FROM touched"
        f" ORDER BY subject, bucket, {best} DESC, {order}"
    )


async def funnel_times(
    db: Reading, tenant: Tenant, plan: FunnelPlan, first: int, last: int, bins: int | None
) -> FunnelTimes:
    """As `Engine.funnel_times`. Without `bins` there are as many as the cube root of how many converted, 60 at most."""
    of = Attempts(replace(plan, breakdown=None), Binds(tenant))
    wanted = "ceil(cbrt(count(*)))::integer" if bins is None else of.binds.integer(bins)
    statement = (
        f"WITH {_named(of)}, took AS (SELECT extract(epoch FROM t[{last + 1}] - t[{first + 1}])::float8 AS seconds"
        f" FROM named WHERE reach > {last}), told AS (SELECT min(seconds) AS low, avg(seconds) AS average,"
        f" LEAST(GREATEST({wanted}, 1), {MOST_BINS}) AS bins, max(seconds) - min(seconds) AS spread FROM took)"
        " SELECT low, average, bins, spread, bin, count(seconds) AS count FROM told LEFT JOIN LATERAL"
        " (SELECT seconds, CASE WHEN spread > 0 THEN LEAST(floor((seconds - low) / spread * bins)::integer, bins - 1)"
        " ELSE 0 END AS bin FROM took) placed ON TRUE GROUP BY low, average, bins, spread, bin"
    )
    await avoid_loops(db)
    rows = await of.binds.rows(db, statement)
    low, spread = rows[0]["low"], rows[0]["spread"]
    if low is None:
        return FunnelTimes((), (), None)
    size = rows[0]["bins"] if spread else 1
    counts = {row["bin"]: row["count"] for row in rows}
    starts = tuple(low + spread * number / size for number in range(size))
    return FunnelTimes(starts, tuple(counts.get(number, 0) for number in range(size)), rows[0]["average"])


MOST_BINS = 90


async def funnel_trend(db: Reading, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelTrend]:
    """As `Engine.funnel_trend`. A subject counts once in each bucket in which it begins."""
    of = Attempts(plan, Binds(tenant), placed=_is_attributed(plan))
    statement = (
        f"WITH {_named(of, _bucket(of))} SELECT label, min(place) AS place, bucket, count(*) AS entered,"
        f" count(*) FILTER (WHERE reach = {len(plan.steps)}) AS converted"
        f" FROM named WHERE reach > {of.binds.integer(plan.entered)} GROUP BY label, bucket ORDER BY place"
    )
    await avoid_loops(db)
    rows = await of.binds.rows(db, statement)
    return [_trend(label, rows, len(plan.within.starts)) for label in labels_of(rows, plan.breakdown)]


def _bucket(of: Attempts) -> str:
    """In which an attempt begins, from 0."""
    return f"width_bucket(ts, {of.binds.instants(of.plan.within.starts)}) - 1"


def _trend(label: BreakdownValue, rows: Sequence[Row], size: int) -> FunnelTrend:
    entered, converted = [0] * size, [0] * size
    for row in rows:
        if label_of(row) == label:
            entered[row["bucket"]], converted[row["bucket"]] = row["entered"], row["converted"]
    return FunnelTrend(label, tuple(entered), tuple(converted))


async def arcs(db: Reading, tenant: Tenant, plan: FunnelPlan, point: FunnelPoint, ask: DrillDown) -> Sequence[FoundArc]:
    """The arcs behind a step: those in which it happened, or with `dropped` in which the one before it did."""
    check_place(point.step, len(plan.steps), "step")
    check_place(point.bucket, len(plan.within.starts), "bucket")
    of = Attempts(plan, Binds(tenant), placed=True)
    step = of.binds.integer(point.step)
    reached = f"n.reach = {step} AND t.turn = {step}" if point.dropped else f"n.reach > {step} AND t.turn = {step} + 1"
    label = is_labelled(point.breakdown, plan.breakdown, of.binds)
    same = " AND ".join(f"t.{key} = n.{key}" for key in (*of.keys.split(", "), "bucket"))
    named = _named(of, "0" if point.bucket is None else _bucket(of), with_arcs=True)
    rule = f"{reached}{label}{_only(of, point)}"
    behind = f"WITH {named} SELECT t.arc FROM named n JOIN touched t ON {same} WHERE {rule}"
    await avoid_loops(db)
    return await newest(db, of.binds, behind, ask)


def _only(of: Attempts, point: FunnelPoint) -> str:
    """Those who began in the bucket of a point, and took as long as it says: more rules, none where it does not."""
    rule = "" if point.bucket is None else f" AND n.bucket = {of.binds.integer(point.bucket)}"
    seconds = f"extract(epoch FROM n.t[{point.step + 1}] - n.t[{of.plan.entered + 1}])::float8"
    if point.least_s is not None:
        rule += f" AND {seconds} >= {of.binds.add(point.least_s, 'float8')}"
    if point.below_s is not None:
        rule += f" AND {seconds} < {of.binds.add(point.below_s, 'float8')}"
    return rule
