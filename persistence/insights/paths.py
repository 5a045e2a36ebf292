"""Paths computed by PostgreSQL: what each subject did one after the other, numbered by window functions."""

from collections.abc import Sequence

from domain.insights.drill_downs import (
    DrillDown,
    PathsPoint,
)
from domain.insights.patterns import to_postgres
from domain.insights.plans import (
    Edge,
    PathsPlan,
)
from persistence.database import Reading, Tenant
from persistence.insights.arcs import newest
from persistence.insights.conditions import Binds, condition
from persistence.insights.counted import SUBJECTS, within
from persistence.insights.engine import FoundArc

_REST = "interval '30 minutes'"
"""So long without an event, and the next one begins a new path."""
_IN_ORDER = "(PARTITION BY subject ORDER BY ts, ordinal, id)"


async def paths(db: Reading, tenant: Tenant, plan: PathsPlan) -> Sequence[Edge]:
    """As `Engine.paths`."""
    binds = Binds(tenant)
    low = "" if plan.min_edge is None else f" AND count(*) >= {binds.integer(plan.min_edge)}"
    high = "" if plan.max_edge is None else f" AND count(*) <= {binds.integer(plan.max_edge)}"
    statement = (
        "SELECT step, name, target, count(*) AS count, avg(extract(epoch FROM target_ts - ts)::float8) AS average"
        f" FROM ({_edges(plan, binds)}) edges GROUP BY step, name, target HAVING TRUE{low}{high}"
        f' ORDER BY count(*) DESC, step, name COLLATE "C", target COLLATE "C" LIMIT {binds.integer(plan.edge_limit)}'
    )
    rows = await binds.rows(db, statement)
    return [Edge(row["step"], row["name"], row["target"], row["count"], row["average"]) for row in rows]


async def arcs(db: Reading, tenant: Tenant, plan: PathsPlan, point: PathsPoint, ask: DrillDown) -> Sequence[FoundArc]:
    """The arcs of the events that an edge leads to."""
    binds = Binds(tenant)
    behind = (
        f"SELECT target_arc FROM ({_edges(plan, binds)}) edges WHERE step = {binds.integer(point.step)}"
        f" AND name = {binds.text(point.source)} AND target = {binds.text(point.target)}"
    )
    return await newest(db, binds, behind, ask)


def _edges(plan: PathsPlan, binds: Binds) -> str:
    """A row for each two steps that follow each other; `step` is the number of the first one, from 1."""
    next = ", ".join(f"lead({column}) OVER later AS target_{column}" for column in ("ts", "arc"))
    return (
        f"SELECT * FROM (SELECT step, name, ts, lead(name) OVER later AS target, {next}"
        f" FROM ({_cut(plan, binds)}) cut WHERE step BETWEEN 1 AND {binds.integer(plan.step_limit)}"
        " WINDOW later AS (PARTITION BY subject, path ORDER BY place)) pairs WHERE target IS NOT NULL"
    )


def _cut(plan: PathsPlan, binds: Binds) -> str:
    """The steps of paths that have the points asked for, numbered from where each is to begin."""
    found = _steps(plan, binds)
    if plan.start is None and plan.end is None:
        return f"SELECT *, place - path + 1 AS step FROM ({found}) steps"
    start, first = "path", "path"
    if plan.start is not None:
        start, first = f"min(place) FILTER (WHERE name = {binds.text(plan.start)}) OVER whole", "start + 1"
    found = f"SELECT *, {start} AS start FROM ({found}) steps WINDOW whole AS (PARTITION BY subject, path)"
    if plan.end is None:
        return f"SELECT *, place - start + 1 AS step FROM ({found}) begun"
    end = f"min(place) FILTER (WHERE name = {binds.text(plan.end)} AND place >= {first}) OVER whole"
    found = f"SELECT *, {end} AS stop FROM ({found}) begun WINDOW whole AS (PARTITION BY subject, path)"
    begin = "start" if plan.start is not None else f"GREATEST(start, stop - {binds.integer(plan.step_limit)} + 1)"
    return f"SELECT *, place - {begin} + 1 AS step FROM ({found}) ended WHERE place <= stop"


def _steps(plan: PathsPlan, binds: Binds) -> str:
    """Each step with its `place` among all of its subject, and that of the step which its `path` begins with."""
    rested = f" OR ts - lag(ts) OVER before >= {_REST}" if plan.is_cut_by_rests else ""
    looked = (
        f"SELECT *, lag(ts) OVER before IS NULL{rested} AS is_first,"
        " name IS DISTINCT FROM lag(name) OVER before AS is_other"
        f" FROM ({_events(plan, binds)}) events WINDOW before AS {_IN_ORDER}"
    )
    placed = f"SELECT *, row_number() OVER {_IN_ORDER} AS place FROM ({looked}) looked WHERE is_first OR is_other"
    return (
        "SELECT *, max(place) FILTER (WHERE is_first) OVER (PARTITION BY subject ORDER BY ts, ordinal, id"
        f" ROWS UNBOUNDED PRECEDING) AS path FROM ({placed}) placed"
    )


def _events(plan: PathsPlan, binds: Binds) -> str:
    subject = f"e.{SUBJECTS[plan.subject]}"
    named = "" if not plan.events else f" AND e.event = ANY ({binds.texts(plan.events)})"
    others = "" if not plan.excluded else f" AND e.event <> ALL ({binds.texts(plan.excluded)})"
    return (
        f"SELECT {subject} AS subject, e.ts, e.ordinal, e.id, e.sub_session_id AS arc, {_name(plan, binds)} AS name"
        f" FROM insight_events e WHERE {binds.whose()}{within(binds, 'e.ts', plan.within.span)}{named}{others}"
        f" AND {subject} IS NOT NULL AND {condition(plan.where, binds)}"
    )


def _name(plan: PathsPlan, binds: Binds) -> str:
    """The first rule that fits says what an event is called."""
    rules = [
        f"WHEN e.event ~ {binds.text(to_postgres(one.regex))} THEN {binds.text(one.alias)}" for one in plan.cleaning
    ]
    return f"CASE {' '.join(rules)} ELSE e.event END" if rules else "e.event"
