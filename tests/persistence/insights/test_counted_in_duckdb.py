"""Trends, lifecycle and stickiness by PostgreSQL against what a person would ask of DuckDB over the same rows."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import duckdb
import pytest

from domain.insights.buckets import (
    Interval,
)
from domain.insights.filters import (
    Condition,
    Matched,
    Operator,
)
from domain.insights.plans import (
    OTHER,
    Breakdown,
    LifecyclePlan,
    LifecycleStatus,
    Line,
    Math,
    Series,
    StickinessPlan,
    Subject,
    TrendsPlan,
)
from domain.values import OrgId
from persistence.database import Database, Tenant
from persistence.insights.postgres import PostgresEngine
from tests.make_insights import Made, history, put_events
from tests.persistence.insights.counted_oracle import cut
from tests.persistence.insights.counted_plans import AGENT, DURATION, INTENT, TOOL

BERLIN = ZoneInfo("Europe/Berlin")
WITHIN = cut(datetime(2026, 3, 26, tzinfo=BERLIN), 14, Interval.DAY)
"""Clocks go forward on the fourth day."""
BEFORE = datetime(2026, 3, 25, tzinfo=BERLIN).astimezone(UTC)
EDITS = Matched("edit")
CODEX = Matched("edit", Condition(AGENT, Operator.EXACT, ("codex",)))


def _events() -> list[Made]:
    start = datetime(2026, 3, 20, tzinfo=UTC)
    return history(11, size=1500, users=40, days=24, start=start, step=timedelta(minutes=5))


@pytest.fixture(scope="module")
async def told(database: Database) -> Tenant:
    tenant = Tenant(OrgId(uuid4()))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, _events())
    return tenant


@pytest.fixture(scope="module")
def duck() -> Generator[duckdb.DuckDBPyConnection]:
    """`e`: the events; `b`: the buckets by their `place`, with the one before the first as -1."""
    made = duckdb.connect()
    made.execute("CREATE TABLE e (name TEXT, ts TIMESTAMP, person TEXT, session TEXT, arc TEXT, agent TEXT, tool TEXT,"
                 " intent TEXT, duration DOUBLE)")  # fmt: skip
    rows = [
        (one.event, one.ts.replace(tzinfo=None), str(one.user_id), one.session_id, one.arc_id and str(one.arc_id),
         one.agent, one.tool, one.told("intent"), one.told("duration_ms"))
        for one in _events()
    ]  # fmt: skip
    made.execute(
        f"INSERT INTO e SELECT {', '.join(f'unnest(${n})' for n in range(1, 10))}",
        list(map(list, zip(*rows, strict=True))),
    )
    bounds = [BEFORE, *WITHIN.bounds]
    made.execute("CREATE TABLE b (place INTEGER, low TIMESTAMP, high TIMESTAMP)")
    made.execute(
        "INSERT INTO b SELECT unnest($1), unnest($2), unnest($3)",
        [list(range(-1, 14)), *([bound.replace(tzinfo=None) for bound in some] for some in (bounds[:-1], bounds[1:]))],
    )
    yield made
    made.close()


@dataclass(frozen=True, slots=True)
class Case:
    """`sql` gives the place of a bucket, a number, and with a breakdown its texts."""

    plan: TrendsPlan
    sql: str
    nothing: float | None = 0.0


def _trend(
    matched: Matched, math: Math = Math.TOTAL, by: Breakdown | None = None, subject: Subject = Subject.DEVELOPER
) -> TrendsPlan:
    of = DURATION if math in (Math.SUM, Math.AVG, Math.P75, Math.P99) else None
    return TrendsPlan((Series(matched, math, of),), WITHIN, breakdown=by, subject=subject)


_JOIN = "FROM e JOIN b ON ts >= low AND ts < high WHERE place >= 0 AND name = 'edit'"
_LABEL = "CASE WHEN EXISTS (SELECT 1 FROM top WHERE top.agent IS NOT DISTINCT FROM e.agent) THEN agent ELSE 'rest' END"
CASES = (
    Case(_trend(EDITS), f"SELECT place, count(*) {_JOIN} GROUP BY 1"),
    Case(_trend(EDITS, Math.DAU), f"SELECT place, count(DISTINCT person) {_JOIN} GROUP BY 1"),
    Case(_trend(CODEX, Math.DAU), f"SELECT place, count(DISTINCT person) {_JOIN} AND agent = 'codex' GROUP BY 1"),
    Case(
        _trend(EDITS, Math.DAU, subject=Subject.ARC),
        f"SELECT place, count(DISTINCT arc) {_JOIN} AND arc IS NOT NULL GROUP BY 1",
    ),
    Case(_trend(EDITS, Math.UNIQUE_SESSION), f"SELECT place, count(DISTINCT session) {_JOIN} GROUP BY 1"),
    Case(_trend(EDITS, Math.SUM), f"SELECT place, sum(duration) {_JOIN} GROUP BY 1"),
    Case(_trend(EDITS, Math.AVG), f"SELECT place, avg(duration) {_JOIN} GROUP BY 1", None),
    Case(_trend(EDITS, Math.P75), f"SELECT place, quantile_cont(duration, 0.75) {_JOIN} GROUP BY 1", None),
    Case(_trend(EDITS, Math.P99), f"SELECT place, quantile_cont(duration, 0.99) {_JOIN} GROUP BY 1", None),
    Case(
        _trend(EDITS, Math.FIRST_TIME_FOR_USER),
        "SELECT place, count(*) FROM (SELECT person, min(ts) AS first FROM e WHERE name = 'edit' GROUP BY 1)"
        " JOIN b ON first >= low AND first < high WHERE place >= 0 GROUP BY 1",
    ),
    Case(
        _trend(EDITS, Math.WEEKLY_ACTIVE),
        # Seven days by the clock: an hour less where clocks went forward since.
        "SELECT place, count(DISTINCT person) FROM b JOIN e ON ts < high AND ts >= high - INTERVAL 7 DAY"
        " + CASE WHEN high > '2026-03-29 01:00' AND high - INTERVAL 7 DAY < '2026-03-29 01:00' THEN INTERVAL 1 HOUR"
        " ELSE INTERVAL 0 HOUR END WHERE place >= 0 AND name = 'edit' GROUP BY 1",
    ),
    Case(
        _trend(EDITS, Math.DAU, Breakdown((AGENT,), 2)),
        f"WITH top AS (SELECT agent {_JOIN} GROUP BY 1 ORDER BY count(*) DESC, agent NULLS LAST LIMIT 2)"
        f" SELECT place, count(DISTINCT person), {_LABEL} {_JOIN} GROUP BY 1, 3",
    ),
    Case(
        _trend(EDITS, Math.TOTAL, Breakdown((TOOL, INTENT))),
        f"SELECT place, count(*), tool, intent {_JOIN} GROUP BY 1, 3, 4",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.plan.series[0].math)
async def test_trends_are_those_of_duckdb(
    database: Database, told: Tenant, duck: duckdb.DuckDBPyConnection, case: Case
) -> None:
    lines = await PostgresEngine(database).trends(told, case.plan)
    rows = cast("list[tuple[int, float, *tuple[str | None, ...]]]", duck.execute(case.sql).fetchall())
    expected = {(place, *texts): pytest.approx(number) for place, number, *texts in rows}
    assert {key: value for line in lines for key, value in _numbers(line, case.nothing)} == expected


def _numbers(line: Line, nothing: float | None) -> list[tuple[tuple[object, ...], float | None]]:
    texts = ["rest" if one == OTHER else one for one in line.breakdown]
    return [((place, *texts), value) for place, value in enumerate(line.values) if value != nothing]


_ACTIVE = (
    "active AS (SELECT DISTINCT person, coalesce(place, -2) AS place FROM e LEFT JOIN b ON ts >= low AND ts < high"
)
_STATUSES = {
    LifecycleStatus.NEW: "NOT was AND NOT ever AND here",
    LifecycleStatus.RETURNING: "was AND here",
    LifecycleStatus.RESURRECTING: "NOT was AND ever AND here",
    LifecycleStatus.DORMANT: "was AND NOT here",
}


@pytest.mark.parametrize("status", LifecycleStatus)
async def test_lifecycle_is_that_of_duckdb(
    database: Database, told: Tenant, duck: duckdb.DuckDBPyConnection, status: LifecycleStatus
) -> None:
    found = await PostgresEngine(database).lifecycle(told, LifecyclePlan(Matched("commit"), WITHIN, BEFORE))
    rows = duck.execute(f"""
        WITH {_ACTIVE} WHERE name = 'commit' AND ts < (SELECT max(high) FROM b)),
        people AS (SELECT DISTINCT person FROM active),
        told AS (
            SELECT b.place, EXISTS (SELECT 1 FROM active a WHERE a.person = p.person AND a.place = b.place) AS here,
                EXISTS (SELECT 1 FROM active a WHERE a.person = p.person AND a.place = b.place - 1) AS was,
                EXISTS (SELECT 1 FROM active a WHERE a.person = p.person AND a.place < b.place) AS ever
            FROM b, people p WHERE b.place >= 0
        )
        SELECT count(*) FILTER ({_STATUSES[status]}) FROM told GROUP BY place ORDER BY place
    """).fetchall()
    assert getattr(found, status) == tuple(count for (count,) in rows)


@pytest.mark.parametrize("cumulative", [False, True])
async def test_stickiness_is_that_of_duckdb(
    database: Database, told: Tenant, duck: duckdb.DuckDBPyConnection, cumulative: bool
) -> None:
    plan = StickinessPlan((EDITS, Matched("commit")), WITHIN, cumulative=cumulative)
    found = await PostgresEngine(database).stickiness(told, plan)
    for name, counts in zip(("edit", "commit"), found, strict=True):
        rows = duck.execute(f"""
            WITH days AS (SELECT person, count(DISTINCT place) AS days {_JOIN.replace("edit", name)} GROUP BY person)
            SELECT (SELECT count(*) FROM days WHERE days {">=" if cumulative else "="} n) FROM range(1, 15) r(n)
            ORDER BY n
        """).fetchall()
        assert list(counts) == [count for (count,) in rows]
