"""Paths computed by ClickHouse: what each subject did one after the other, numbered by window functions."""

from collections.abc import Sequence

from domain.insights.patterns import to_re2
from domain.insights.plans import (
    Edge,
    PathsPlan,
)
from persistence.database import Tenant
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.conditions import Binds, Elsewhere
from persistence.insights.clickhouse.source import ORDERED, events

_REST_US = 30 * 60 * 1_000_000
"""So long without an event, and the next one begins a new path."""
_IN_ORDER = f"PARTITION BY subject ORDER BY {ORDERED}"
_SO_FAR = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
_FROM_HERE = "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING"


async def paths(client: Client, tenant: Tenant, plan: PathsPlan) -> Sequence[Edge]:
    """As `Engine.paths`."""
    binds = Binds(tenant)
    low = "" if plan.min_edge is None else f" AND count() >= {binds.integer(plan.min_edge)}"
    high = "" if plan.max_edge is None else f" AND count() <= {binds.integer(plan.max_edge)}"
    statement = (
        "SELECT step, name, target, count() AS number, avg((target_ts - ts) / 1000000.) AS average"
        f" FROM ({_edges(plan, binds)}) AS edges GROUP BY step, name, target HAVING 1{low}{high}"
        f" ORDER BY number DESC, step, name, target LIMIT {binds.integer(plan.edge_limit)}"
    )
    return [
        Edge(row["step"], row["name"], row["target"], row["number"], float(row["average"]))
        for row in await binds.rows(client, statement)
    ]


def _edges(plan: PathsPlan, binds: Binds) -> str:
    """A row for each two steps that follow each other; `step` is the number of the first one, from 1."""
    later = f"OVER (PARTITION BY subject, path ORDER BY place {_FROM_HERE})"
    pairs = (
        f"SELECT step, name, ts, leadInFrame(toNullable(name)) {later} AS target,"
        f" leadInFrame(toNullable(ts)) {later} AS target_ts FROM ({_cut(plan, binds)}) AS cut"
        f" WHERE ifNull(step BETWEEN 1 AND {binds.integer(plan.step_limit)}, 0)"
    )
    return f"SELECT * FROM ({pairs}) AS pairs WHERE isNotNull(target)"


def _cut(plan: PathsPlan, binds: Binds) -> str:
    """The steps of paths that have the points asked for, numbered from where each is to begin."""
    found = _steps(plan, binds)
    if plan.start is None and plan.end is None:
        return f"SELECT *, place - path + 1 AS step FROM ({found}) AS steps"
    whole = "OVER (PARTITION BY subject, path)"
    start, first = "toNullable(path)", "path"
    if plan.start is not None:
        start = f"min(if(name = {binds.text(plan.start)}, toNullable(place), NULL)) {whole}"
        first = "start + 1"
    found = f"SELECT *, {start} AS start FROM ({found}) AS steps"
    if plan.end is None:
        return f"SELECT *, place - start + 1 AS step FROM ({found}) AS begun"
    is_end = f"name = {binds.text(plan.end)} AND ifNull(place >= {first}, 0)"
    found = f"SELECT *, min(if({is_end}, toNullable(place), NULL)) {whole} AS stop FROM ({found}) AS begun"
    begin = "start" if plan.start is not None else f"greatest(start, stop - {binds.integer(plan.step_limit)} + 1)"
    return f"SELECT *, place - {begin} + 1 AS step FROM ({found}) AS ended WHERE ifNull(place <= stop, 0)"


def _steps(plan: PathsPlan, binds: Binds) -> str:
    """Each step with its `place` among all of its subject, and that of the step which its `path` begins with."""
    before = f"OVER ({_IN_ORDER} {_SO_FAR})"
    rest = f" >= {_REST_US}" if plan.is_cut_by_rests else " < 0"
    looked = (
        f"SELECT *, ifNull(ts - lagInFrame(toNullable(ts)) {before}{rest}, 1) AS is_first,"
        f" ifNull(name != lagInFrame(toNullable(name)) {before}, 1) AS is_other"
        f" FROM ({_events(plan, binds)}) AS events"
    )
    placed = (
        f"SELECT *, toInt64(row_number() OVER ({_IN_ORDER})) AS place FROM ({looked}) AS looked"
        " WHERE is_first OR is_other"
    )
    return f"SELECT *, max(if(is_first, place, 0)) OVER ({_IN_ORDER} {_SO_FAR}) AS path FROM ({placed}) AS placed"


def _events(plan: PathsPlan, binds: Binds) -> str:
    named = "1" if not plan.events else f"has({binds.texts(plan.events)}, e.event)"
    others = "" if not plan.excluded else f" AND NOT has({binds.texts(plan.excluded)}, e.event)"
    more = [f"{_name(plan, binds)} AS name"]
    return events(binds, named + others, plan.where, plan.subject, plan.within.span, more, all=False)


def _name(plan: PathsPlan, binds: Binds) -> str:
    """The first rule that fits says what an event is called."""
    name = "toString(e.event)"
    if not all(one.regex.isascii() for one in plan.cleaning):
        raise Elsewhere
    rules = "".join(
        f"match({name}, {binds.text(to_re2(one.regex))}), {binds.text(one.alias)}, " for one in plan.cleaning
    )
    return f"multiIf({rules}{name})" if rules else name
