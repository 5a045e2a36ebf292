"""What holds for funnels, retention and paths whatever they ask: nobody else is counted, and they end in time."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.errors import TooCostly
from domain.insights.filters import (
    Matched,
    Property,
    PropertySource,
    PropertyType,
)
from domain.insights.plans import (
    Breakdown,
    Exclusion,
    FunnelOrder,
    FunnelPlan,
    PathsPlan,
    RetentionKind,
    RetentionPlan,
)
from domain.values import OrgId
from persistence.database import Database, Tenant
from persistence.insights.conditions import Binds
from persistence.insights.postgres import Limits, PostgresEngine
from tests.make import START
from tests.make_insights import Made, developer, history, put_events
from tests.persistence.insights import funnel_oracle, paths_oracle, retention_oracle

WITHIN = Buckets(tuple(START + timedelta(days=day) for day in range(11)), START + timedelta(days=11), Interval.DAY)
FUNNEL = FunnelPlan((Matched("prompt"), Matched("edit")), WITHIN)
RETENTION = RetentionPlan(Matched("prompt"), Matched("prompt"), WITHIN, RetentionKind.FIRST_EVER)
PATHS = PathsPlan(WITHIN)
AGENT = Breakdown((Property(PropertySource.EVENT, "agent", PropertyType.TEXT),))
Told = tuple[Tenant, list[Made]]


@pytest.fixture(scope="module")
async def told(database: Database) -> Told:
    """Two organisations whose developers have the same ids."""
    tenant, events = Tenant(OrgId(uuid4())), history(7, size=150)
    for org_id, some in ((tenant.org_id, events), (OrgId(uuid4()), history(8, size=90))):
        async with database.write(Tenant(org_id)) as db:
            await put_events(db, org_id, some)
    return tenant, events


def _everybodys(binds: Binds, row: str = "e") -> str:
    return "TRUE"


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("user", [None, "user 1"])
async def test_nobody_else_is_counted(
    database: Database, told: Told, user: str | None, forgotten: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row-level security holds where a statement forgets whose rows are meant."""
    if forgotten:
        monkeypatch.setattr(Binds, "whose", _everybodys)
    tenant, events = told
    if user is not None:
        tenant, events = Tenant(tenant.org_id, developer(user)), [e for e in events if e.user_id == developer(user)]
    engine = PostgresEngine(database)
    [found] = await engine.funnel(tenant, FUNNEL)
    assert found.counts == funnel_oracle.counts(FUNNEL, events)[0].counts
    assert await engine.retention(tenant, RETENTION) == retention_oracle.counts(RETENTION, events)
    split = replace(RETENTION, breakdown=AGENT)
    assert await engine.retention(tenant, split) == retention_oracle.counts(split, events)
    paths = [replace(edge, average_s=0) for edge in await engine.paths(tenant, PATHS)]
    assert paths == [replace(edge, average_s=0) for edge in paths_oracle.edges(PATHS, events)]


@pytest.mark.parametrize("order", FunnelOrder)
async def test_twenty_steps_with_ten_exclusions_are_computed(
    database: Database, told: Told, order: FunnelOrder
) -> None:
    exclusions = tuple(Exclusion(Matched(f"never {number}"), 0, 19) for number in range(10))
    steps = tuple(Matched(name) for _ in range(10) for name in ("prompt", "edit"))
    plan = replace(FUNNEL, steps=steps, order=order, exclusions=exclusions, breakdown=AGENT)
    found = await PostgresEngine(database).funnel(told[0], plan)
    expected = funnel_oracle.counts(plan, told[1])
    assert [(one.breakdown, one.counts) for one in found] == [(one.breakdown, one.counts) for one in expected]


async def test_what_takes_too_long_says_what_to_ask_less_of(database: Database, told: Told) -> None:
    hasty = PostgresEngine(database, Limits(timeout_s=0.001))
    plan = replace(FUNNEL, steps=(Matched(None),) * 20, breakdown=AGENT)
    with pytest.raises(TooCostly, match="fewer series and steps"):
        await hasty.funnel(told[0], plan)
