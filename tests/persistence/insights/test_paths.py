"""Paths by PostgreSQL against going through events one by one."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

import persistence.insights.paths
from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    AllOf,
    AnyOf,
    Condition,
    Operator,
    Property,
    PropertySource,
    PropertyType,
)
from domain.insights.plans import (
    Cleaning,
    Edge,
    PathsPlan,
    Subject,
)
from domain.values import OrgId
from persistence.database import Database, Tenant
from tests.make import START
from tests.make_insights import Made, history, made, put_events
from tests.persistence.insights import paths_oracle

WITHIN = Buckets((START,), START + timedelta(days=3), Interval.DAY)
PLAN = PathsPlan(WITHIN)
HAS_AGENT = AllOf((Condition(Property(PropertySource.EVENT, "agent", PropertyType.TEXT), Operator.IS_SET),))
PLANS = {
    "all": PLAN,
    "many steps": replace(PLAN, step_limit=20, edge_limit=1_000),
    "two steps": replace(PLAN, step_limit=2),
    "few edges": replace(PLAN, edge_limit=3),
    "from": replace(PLAN, start="edit"),
    "to": replace(PLAN, end="commit"),
    "the last two steps": replace(PLAN, end="arc_reworked", step_limit=3),
    "from and to": replace(PLAN, start="edit", end="commit"),
    "from and to, cut off": replace(PLAN, start="edit", end="commit", step_limit=3),
    "from and to the same": replace(PLAN, start="edit", end="edit"),
    "some events": replace(PLAN, events=("prompt", "edit", "commit")),
    "without some": replace(PLAN, excluded=("prompt", "edit")),
    "heavy edges": replace(PLAN, min_edge=8),
    "light edges": replace(PLAN, max_edge=8, edge_limit=200),
    "between": replace(PLAN, min_edge=3, max_edge=6, edge_limit=200),
    "cleaned": replace(PLAN, cleaning=(Cleaning("^test_", "tests"), Cleaning("_passed$|^commit$", "done"))),
    "cleaned, to": replace(PLAN, cleaning=(Cleaning("test_(passed|failed)", "tests"),), end="tests"),
    "filtered": replace(PLAN, where=HAS_AGENT),
    "sessions": replace(PLAN, subject=Subject.SESSION),
    "arcs": replace(PLAN, subject=Subject.ARC, start="prompt"),
}
Told = tuple[Tenant, list[Made]]


@pytest.fixture(scope="module")
async def told(database: Database) -> Told:
    tenant = Tenant(OrgId(uuid4()))
    events = history(3, size=2_500, users=25, days=3.2, step=timedelta(minutes=5))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, events)
    return tenant, events


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
async def test_steps_follow_each_other_until_there_is_a_rest(database: Database, told: Told, plan: PathsPlan) -> None:
    tenant, events = told
    async with database.read(tenant) as db:
        found = await persistence.insights.paths.paths(db, tenant, plan)
    expected = paths_oracle.edges(plan, events)
    assert [replace(one, average_s=0) for one in found] == [replace(one, average_s=0) for one in expected]
    assert [one.average_s for one in found] == pytest.approx([one.average_s for one in expected])
    assert found


async def test_half_an_hour_without_events_begins_another_path(database: Database) -> None:
    tenant = Tenant(OrgId(uuid4()))
    events = [made(name, minute) for name, minute in (("a", 0), ("b", 29.9), ("c", 59.9), ("d", 60), ("d", 61))]
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, events)
        found = await persistence.insights.paths.paths(db, tenant, PLAN)
    assert [(one.step, one.source, one.target, one.count) for one in found] == [(1, "a", "b", 1), (1, "c", "d", 1)]
    assert [one.average_s for one in found] == pytest.approx([29.9 * 60, 6])


async def test_a_goal_arc_is_one_path_however_long_it_rests(database: Database) -> None:
    tenant = Tenant(OrgId(uuid4()))
    events = [made("edit", 0, arc="x"), made("arc_reworked", 3_000, arc="x"), made("edit", 3_000, arc="y")]
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, events)
        found = await persistence.insights.paths.paths(db, tenant, replace(PLAN, subject=Subject.ARC))
    assert found == [Edge(1, "edit", "arc_reworked", 1, 3_000 * 60.0)]


async def test_there_are_no_paths_where_nothing_counts(database: Database, told: Told) -> None:
    async with database.read(told[0]) as db:
        assert await persistence.insights.paths.paths(db, told[0], replace(PLAN, where=AnyOf(()))) == []
        assert await persistence.insights.paths.paths(db, told[0], replace(PLAN, step_limit=1)) == []
        assert await persistence.insights.paths.paths(db, told[0], replace(PLAN, start="never seen")) == []
        assert await persistence.insights.paths.paths(db, Tenant(OrgId(uuid4())), PLAN) == []
