"""Funnels, retention and paths on the same rows as DuckDB, whose statements are written another way."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import duckdb
import pytest

import persistence.insights.funnels
import persistence.insights.paths
import persistence.insights.retention
from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    Condition,
    Matched,
    Operator,
    Property,
    PropertySource,
    PropertyType,
)
from domain.insights.plans import (
    FunnelOrder,
    FunnelPlan,
    PathsPlan,
    RetentionKind,
    RetentionPlan,
    Subject,
)
from domain.values import OrgId
from persistence.database import Database, Tenant
from tests.make import START
from tests.make_insights import Made, history, put_events

DAY = timedelta(days=1)
AGENT = Property(PropertySource.EVENT, "agent", PropertyType.TEXT)
MIDNIGHT = START.replace(hour=0, minute=0, second=0, microsecond=0)
DAYS = Buckets(tuple(MIDNIGHT + DAY * number for number in range(1, 9)), MIDNIGHT + 9 * DAY, Interval.DAY)
FUNNEL = FunnelPlan((Matched("prompt"), Matched("edit"), Matched("commit")), DAYS, window=timedelta(hours=30))
SUBJECTS = {Subject.DEVELOPER: "person", Subject.SESSION: "session", Subject.ARC: "arc"}


@dataclass(frozen=True)
class Told:
    tenant: Tenant
    oracle: duckdb.DuckDBPyConnection

    def ask(self, statement: str, subject: Subject) -> list[tuple[object, ...]]:
        """The rows of a statement over `e`: the events within the days, by the place `pos` they have with a subject."""
        events = (
            f"select {SUBJECTS[subject]} as subject, event, ts, agent, row_number() over"
            f" (partition by {SUBJECTS[subject]} order by ts, ordinal, id) as pos from told"
            f" where {SUBJECTS[subject]} is not null"
            f" and ts >= timestamp '{DAYS.starts[0]:%Y-%m-%d}' and ts < timestamp '{DAYS.end:%Y-%m-%d}'"
        )
        return self.oracle.execute(f"with e as ({events}), {statement}").fetchall()


@pytest.fixture(scope="module")
async def told(database: Database) -> AsyncGenerator[Told]:
    tenant, events = Tenant(OrgId(uuid4())), history(11, size=2_000, users=40, days=10, step=timedelta(minutes=10))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, events)
    oracle = duckdb.connect()
    oracle.execute(
        "create table told"
        " (id uuid, event text, ts timestamp, ordinal int, agent text, person text, session text, arc text)"
    )
    columns = [list(column) for column in zip(*(_row(one) for one in events), strict=True)]
    oracle.execute(f"insert into told select {', '.join(['unnest(?)'] * len(columns))}", columns)
    yield Told(tenant, oracle)
    oracle.close()


def _row(one: Made) -> list[object]:
    ids = [str(one.user_id), one.session_id, one.arc_id and str(one.arc_id)]
    return [str(one.id), one.event, one.ts.replace(tzinfo=None), one.ordinal, one.agent, *ids]


_NEXT = "(select min(n.pos) from e n where n.subject = x.subject and n.pos > x.{0} and n.event = '{1}')"
_TIMES = (
    "timed as (select p.subject, p.p1, a.ts as t1,"
    " case when b.ts <= a.ts + interval 30 hour then b.ts end as t2,"
    " case when c.ts <= a.ts + interval 30 hour then c.ts end as t3 from placed p"
    " join e a on a.subject = p.subject and a.pos = p.p1 left join e b on b.subject = p.subject and b.pos = p.p2"
    " left join e c on c.subject = p.subject and c.pos = p.p3),"
    " best as (select subject, arg_max({'t1': t1, 't2': t2, 't3': t3},"
    " {'reach': (t2 is not null)::int + (t3 is not null)::int, 'pos': p1}) as x from timed group by subject)"
    " select count(*), count(x.t2), count(x.t3), avg(epoch(x.t2 - x.t1)), avg(epoch(x.t3 - x.t2)) from best"
)
_FUNNELS = {
    FunnelOrder.ORDERED: (
        f"seconds as (select x.subject, x.pos as p1, {_NEXT.format('pos', 'edit')} as p2 from e x"
        f" where x.event = 'prompt'), placed as (select x.*, {_NEXT.format('p2', 'commit')} as p3 from seconds x),"
        + _TIMES
    ),
    FunnelOrder.STRICT: (
        "placed as (select x.subject, x.pos as p1, y.pos as p2, z.pos as p3 from e x"
        " left join e y on y.subject = x.subject and y.pos = x.pos + 1 and y.event = 'edit'"
        " left join e z on z.subject = y.subject and z.pos = y.pos + 1 and z.event = 'commit'"
        " where x.event = 'prompt')," + _TIMES
    ),
}
_UNORDERED = (
    "s as (select * from e where event in ('prompt', 'edit', 'commit')), done as (select x.subject, x.pos,"
    " count(distinct y.event) as reach from s x join s y on y.subject = x.subject and y.pos >= x.pos"
    " and y.ts <= x.ts + interval 30 hour group by 1, 2), best as (select subject, max(reach) as reach from done"
    " group by 1) select count(*), count(*) filter (reach >= 2), count(*) filter (reach >= 3) from best"
)


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("order", FunnelOrder)
async def test_funnels(database: Database, told: Told, order: FunnelOrder, subject: Subject) -> None:
    async with database.read(told.tenant) as db:
        plan = replace(FUNNEL, order=order, subject=subject)
        [found] = await persistence.insights.funnels.funnel(db, told.tenant, plan)
    [(*counts,)] = told.ask(_FUNNELS.get(order, _UNORDERED), subject)
    assert list(found.counts) == counts[:3]
    assert found.counts[1] > 5
    if order in _FUNNELS:
        assert list(found.average_s[1:]) == pytest.approx(counts[3:])


_RETENTION = (
    "d as (select distinct subject, event, datediff('day', timestamp '{start}', ts) as day from e),"
    " cohorts as ({cohorts}) select c.day, r.day - c.day, count(*) from cohorts c"
    " join d r on r.subject = c.subject and r.event = 'commit' and r.day >= c.day group by all"
)
_COHORTS = {
    RetentionKind.RECURRING: (
        "select distinct subject, datediff('day', timestamp '{start}', ts) as day from e"
        " where event = 'prompt' and {rule}"
    ),
    RetentionKind.FIRST_TIME: (
        "select {subject} as subject, datediff('day', timestamp '{start}', min(ts)) as day from told"
        " where event = 'prompt' and {rule} and {subject} is not null group by 1 having day >= 0"
    ),
    RetentionKind.FIRST_EVER: (
        "select subject, day from (select {subject} as subject, datediff('day', timestamp '{start}', ts) as day,"
        " {rule} as fits from told where event = 'prompt' and {subject} is not null"
        " qualify row_number() over (partition by {subject} order by ts, ordinal, id) = 1) where fits and day >= 0"
    ),
}
_TARGETS = {"true": Matched("prompt"), "agent is not null": Matched("prompt", Condition(AGENT, Operator.IS_SET))}


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("kind", RetentionKind)
@pytest.mark.parametrize("rule", _TARGETS)
async def test_retention(database: Database, told: Told, rule: str, kind: RetentionKind, subject: Subject) -> None:
    plan = RetentionPlan(_TARGETS[rule], Matched("commit"), DAYS, kind, subject=subject)
    async with database.read(told.tenant) as db:
        [found] = await persistence.insights.retention.retention(db, told.tenant, plan)
    start = f"{DAYS.starts[0]:%Y-%m-%d}"
    cohorts = _COHORTS[kind].format(subject=SUBJECTS[subject], start=start, rule=rule)
    expected = told.ask(_RETENTION.format(start=start, cohorts=cohorts), subject)
    cells = {(cohort, period): count for cohort, row in enumerate(found.returned) for period, count in enumerate(row)}
    assert {place: count for place, count in cells.items() if count} == {(c, p): n for c, p, n in expected}


_PATHS = (
    "marked as (select *, coalesce(ts - lag(ts) over w >= interval {rest}, true) as fresh, lag(event) over w as last"
    " from e window w as (partition by subject order by pos)),"
    " walks as (select subject, event, ts, pos, fresh, last, sum(fresh::int) over (partition by subject order by pos)"
    " as walk from marked), lists as (select subject, walk, list(event order by pos) filter (fresh or event <> last) as"
    " names from walks group by 1, 2), steps as (select unnest(range(1, least(len(names), 5))) as n, names from lists)"
    " select n, names[n], names[n + 1], count(*) from steps group by all"
)


@pytest.mark.parametrize("subject", Subject)
async def test_paths(database: Database, told: Told, subject: Subject) -> None:
    async with database.read(told.tenant) as db:
        plan = PathsPlan(DAYS, edge_limit=1_000, subject=subject)
        found = await persistence.insights.paths.paths(db, told.tenant, plan)
    asked = _PATHS.format(rest="30 minute" if subject is Subject.DEVELOPER else "1000 day")
    assert {(one.step, one.source, one.target, one.count) for one in found} == set(told.ask(asked, subject))
    assert found
