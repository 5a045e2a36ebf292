"""Funnels computed by ClickHouse: of each subject the attempt that counts, and what they add up to."""

from collections.abc import Sequence
from dataclasses import replace

from domain.insights.plans import (
    Attribution,
    BreakdownValue,
    FunnelCounts,
    FunnelPlan,
    FunnelTimes,
    FunnelTrend,
)
from persistence.database import Tenant
from persistence.insights.clickhouse.client import Client, Row
from persistence.insights.clickhouse.conditions import Binds
from persistence.insights.clickhouse.funnel_attempts import Attempts
from persistence.insights.clickhouse.ranked import named, ranked
from persistence.insights.funnels import MOST_BINS


async def funnel(client: Client, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelCounts]:
    """As `Engine.funnel`."""
    of = Attempts(plan, Binds(tenant), placed=_is_attributed(plan))
    counts = ", ".join(f"countIf(reach >= {step})" for step in of.steps)
    took = [(f"(t[{step}] - t[{step - 1}]) / 1000000.", f"reach >= {step}") for step in of.steps[1:]]
    averages = ", ".join(f"avgOrNullIf({seconds}, {reached})" for seconds, reached in took)
    medians = ", ".join(f"quantileExactInclusiveOrNullIf(0.5)({seconds}, {reached})" for seconds, reached in took)
    by_rank = " GROUP BY rank ORDER BY rank" if plan.breakdown else ""
    statement = (
        f"SELECT {'rank' if plan.breakdown else '1'} AS place, any(value) AS told, [{counts}] AS counts,"
        f" [NULL, {averages}] AS averages, [NULL, {medians}] AS medians FROM ({_named(of)}) AS named{by_rank}"
    )
    return [
        FunnelCounts(
            named(row["told"], row["place"], plan.breakdown),
            tuple(row["counts"]),
            _floats(row["averages"]),
            _floats(row["medians"]),
        )
        for row in await of.binds.rows(client, statement)
    ]


def _floats(numbers: Sequence[float | None]) -> tuple[float | None, ...]:
    return tuple(None if one is None else float(one) for one in numbers)


def _named(of: Attempts, bucket: str = "0") -> str:
    """Of each subject (and bucket) the attempt that counts, with `reach`, the times `t` in their order, the `value` of
    the breakdown and its `rank`."""
    plan, picked = of.plan, _picked(of, bucket)
    if plan.breakdown is None:
        valued = f"SELECT *, '' AS value FROM ({picked}) AS picked"
    elif plan.attribution is Attribution.ALL_EVENTS:
        valued = f"SELECT *, b AS value FROM ({picked}) AS picked"
    else:
        valued = _attributed(of, picked)
    return ranked(valued, plan.breakdown, of.binds)


def _is_attributed(plan: FunnelPlan) -> bool:
    """Whether it takes the events of steps to know the value of the breakdown."""
    return plan.breakdown is not None and plan.attribution is not Attribution.ALL_EVENTS


def _picked(of: Attempts, bucket: str) -> str:
    """The attempt that got farthest; of several one without an exclusion between, then the one that began last."""
    marks = ", ".join(f"[{', '.join(f'{mark}{step}' for step in of.steps)}]" for mark, _, _ in of.marks)
    chosen = (
        f"SELECT {of.keys}, bucket, argMax(tuple(reach, void, {marks}), tuple(reach, NOT void, ts, ordinal, id)) AS one"
        f" FROM (SELECT *, {bucket} AS bucket FROM ({of.all()}) AS attempts) AS begun GROUP BY {of.keys}, bucket"
    )
    places = ", one.4 AS p" if of.placed else ""
    in_order = "arraySort(arrayFilter(x -> isNotNull(x), one.3))"
    return (
        f"SELECT {of.keys}, bucket, one.1 AS reach, {in_order} AS t{places} FROM ({chosen}) AS chosen WHERE NOT one.2"
    )


def _attributed(of: Attempts, picked: str) -> str:
    """The value of the breakdown that the attempt counts for: that of the first or last step that has one at all, or of
    one step. `turns` are the steps that were reached in the order of time, each with the value of its event."""
    plan, none = of.plan, _none(of.plan)
    touched = (
        "SELECT subject, bucket, reach, t, arrayJoin(arrayFilter(x -> isNotNull(x.1), arrayZip(p, arrayEnumerate(p))))"
        f" AS touch FROM ({picked}) AS picked"
    )
    joined = (
        "SELECT n.subject AS subject, n.bucket AS bucket, n.reach AS reach, n.t AS t, n.step AS step, n.pos AS pos,"
        " e.b AS b FROM (SELECT subject, bucket, reach, t, assumeNotNull(touch.1) AS pos, touch.2 AS step"
        f" FROM ({touched}) AS touched) AS n INNER JOIN (SELECT subject, pos, b FROM ({of.events()}) AS placed) AS e"
        " ON e.subject = n.subject AND e.pos = n.pos"
    )
    last_first = "tuple(pos, -toInt64(step))"  # `pos` counts from the last event
    value = {
        Attribution.FIRST_TOUCH: f"if(countIf(b != {none}) > 0, argMaxIf(b, {last_first}, b != {none}), {none})",
        Attribution.LAST_TOUCH: f"if(countIf(b != {none}) > 0, argMinIf(b, {last_first}, b != {none}), {none})",
        Attribution.STEP: f"if(countIf(step = {plan.attribution_step + 1}) > 0,"
        f" anyIf(b, step = {plan.attribution_step + 1}), {none})",
    }[plan.attribution]
    return (
        f"SELECT subject, bucket, any(reach) AS reach, any(t) AS t, {value} AS value FROM ({joined}) AS joined"
        " GROUP BY subject, bucket"
    )


def _none(plan: FunnelPlan) -> str:
    """The value that says of no property what it is."""
    size = 1 if plan.breakdown is None else len(plan.breakdown.properties)
    ones = ", ".join(["'1'"] * size)
    return ones if size == 1 else f"[{ones}]"


async def funnel_times(
    client: Client, tenant: Tenant, plan: FunnelPlan, first: int, last: int, bins: int | None
) -> FunnelTimes:
    """As `Engine.funnel_times`."""
    of = Attempts(replace(plan, breakdown=None), Binds(tenant))
    wanted = "toInt64(ceil(cbrt(count() OVER ())))" if bins is None else of.binds.integer(bins)
    took = f"SELECT (t[{last + 1}] - t[{first + 1}]) / 1000000. AS seconds FROM ({_named(of)}) AS named"
    told = (
        "SELECT seconds, min(seconds) OVER () AS low, avg(seconds) OVER () AS average,"
        f" least(greatest({wanted}, 1), {MOST_BINS}) AS bins, max(seconds) OVER () - min(seconds) OVER () AS spread"
        f" FROM ({took} WHERE reach > {last}) AS took"
    )
    bin = "if(spread > 0, least(toInt64(floor((seconds - low) / spread * bins)), bins - 1), 0)"
    statement = (
        f"SELECT any(low) AS low, any(average) AS average, any(bins) AS bins, any(spread) AS spread, bin,"
        f" count() AS count FROM (SELECT *, {bin} AS bin FROM ({told}) AS told) AS placed GROUP BY bin"
    )
    rows = await of.binds.rows(client, statement)
    if not rows:
        return FunnelTimes((), (), None)
    low, spread = float(rows[0]["low"]), float(rows[0]["spread"])
    size = rows[0]["bins"] if spread else 1
    counts = {row["bin"]: row["count"] for row in rows}
    starts = tuple(low + spread * number / size for number in range(size))
    return FunnelTimes(starts, tuple(counts.get(number, 0) for number in range(size)), float(rows[0]["average"]))


async def funnel_trend(client: Client, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelTrend]:
    """As `Engine.funnel_trend`. A subject counts once in each bucket in which it begins."""
    of = Attempts(plan, Binds(tenant), placed=_is_attributed(plan))
    bucket = f"{of.binds.place('ts', plan.within.starts)} - 1"
    statement = (
        "SELECT rank, any(value) AS told, bucket, count() AS entered,"
        f" countIf(reach = {len(plan.steps)}) AS converted FROM ({_named(of, bucket)}) AS named"
        f" WHERE reach > {of.binds.integer(plan.entered)} GROUP BY rank, bucket ORDER BY rank"
    )
    found: dict[int, list[Row]] = {}
    for row in await of.binds.rows(client, statement):
        found.setdefault(row["rank"], []).append(row)
    size = len(plan.within.starts)
    if plan.breakdown is None:
        return [_trend((), found.get(1, []), size)]
    return [_trend(named(rows[0]["told"], rank, plan.breakdown), rows, size) for rank, rows in found.items()]


def _trend(label: BreakdownValue, rows: Sequence[Row], size: int) -> FunnelTrend:
    entered, converted = [0] * size, [0] * size
    for row in rows:
        entered[row["bucket"]], converted[row["bucket"]] = row["entered"], row["converted"]
    return FunnelTrend(label, tuple(entered), tuple(converted))
