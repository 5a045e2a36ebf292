"""Retention by PostgreSQL against looking at every subject and bucket, and against itself on other rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

import persistence.insights.retention
from domain.insights.plans import (
    AllOf,
    Breakdown,
    Buckets,
    Condition,
    Interval,
    Matched,
    Operator,
    Property,
    PropertySource,
    PropertyType,
    RetentionCounts,
    RetentionKind,
    RetentionPlan,
    Subject,
)
from domain.values import OrgId
from persistence.database import Database, Tenant
from tests.make import START
from tests.make_insights import Made, history, made, put_events
from tests.persistence.insights import retention_oracle

DAY = timedelta(days=1)
AGENT = Property(PropertySource.EVENT, "agent", PropertyType.TEXT)
INTENT = Property(PropertySource.EVENT, "intent", PropertyType.TEXT)
HAS_INTENT = AllOf((Condition(INTENT, Operator.IS_SET),))
MIDNIGHT = START.replace(hour=0, minute=0, second=0, microsecond=0)
DAYS = Buckets(tuple(MIDNIGHT + DAY * number for number in range(2, 8)), MIDNIGHT + 8 * DAY, Interval.DAY)
UNEVEN = Buckets(
    tuple(MIDNIGHT + DAY * number + timedelta(minutes=7) for number in (1, 3, 4)),
    MIDNIGHT + 9 * DAY + timedelta(seconds=1),
    Interval.DAY,
)
PLAN = RetentionPlan(Matched("prompt"), Matched("commit"), DAYS)
RETURNING = replace(PLAN, returning=PLAN.target)
PLANS = {
    "recurring": PLAN,
    "the same event": RETURNING,
    "any event": replace(PLAN, target=Matched(None), returning=Matched(None)),
    "then any event": replace(PLAN, returning=Matched(None)),
    "first time": replace(PLAN, kind=RetentionKind.FIRST_TIME),
    "first ever": replace(PLAN, kind=RetentionKind.FIRST_EVER),
    "cumulative": replace(PLAN, cumulative=True),
    "cumulative, first ever": replace(RETURNING, cumulative=True, kind=RetentionKind.FIRST_EVER),
    "filtered": replace(PLAN, where=HAS_INTENT),
    "filtered return": replace(PLAN, returning=Matched("commit", HAS_INTENT)),
    "sessions": replace(PLAN, subject=Subject.SESSION, kind=RetentionKind.FIRST_TIME),
    "arcs": replace(PLAN, subject=Subject.ARC),
    "within quarters": replace(PLAN, within=UNEVEN),
    "within quarters, first ever": replace(RETURNING, within=UNEVEN, kind=RetentionKind.FIRST_EVER),
    "breakdown": replace(PLAN, breakdown=Breakdown((AGENT,))),
    "breakdown, first time": replace(PLAN, breakdown=Breakdown((AGENT,)), kind=RetentionKind.FIRST_TIME),
    "breakdown, first ever": replace(
        RETURNING, breakdown=Breakdown((AGENT, INTENT)), kind=RetentionKind.FIRST_EVER, cumulative=True
    ),
    "breakdown with a rest": replace(PLAN, breakdown=Breakdown((INTENT, AGENT), limit=3), subject=Subject.SESSION),
}
Told = tuple[Tenant, list[Made]]


@pytest.fixture(scope="module")
async def told(database: Database) -> Told:
    tenant, events = Tenant(OrgId(uuid4())), history(7, size=1_500, users=60, days=10)
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, events)
    return tenant, events


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
async def test_each_cohort_counts_who_came_back(database: Database, told: Told, plan: RetentionPlan) -> None:
    tenant, events = told
    async with database.read(tenant) as db:
        found = await persistence.insights.retention.retention(db, tenant, plan)
    assert found == retention_oracle.counts(plan, events)
    assert sum(sum(one.sizes) for one in found) > 5


@pytest.mark.parametrize("plan", [PLAN, RETURNING, PLANS["first ever"], PLANS["within quarters"]])
async def test_sums_by_quarters_say_the_same_as_events(database: Database, told: Told, plan: RetentionPlan) -> None:
    """A filter that all events pass has the events themselves be read."""
    all_pass = AllOf((Condition(Property(PropertySource.PERSON, "user_id", PropertyType.TEXT), Operator.IS_SET),))
    async with database.read(told[0]) as db:
        by_quarters = await persistence.insights.retention.retention(db, told[0], plan)
        by_events = await persistence.insights.retention.retention(db, told[0], replace(plan, where=all_pass))
    assert by_quarters == by_events


async def test_days_are_those_of_the_zone_when_clocks_change(database: Database) -> None:
    """Berlin, 25 October 2026: a day of 25 hours; half past eleven at night is still that day."""
    zone = ZoneInfo("Europe/Berlin")
    starts = tuple(datetime(2026, 10, day, tzinfo=zone).astimezone(UTC) for day in (24, 25, 26))
    within = Buckets(starts, datetime(2026, 10, 27, tzinfo=zone).astimezone(UTC), Interval.DAY, zone.key)
    at = [datetime(2026, 10, day, 23, 30, tzinfo=zone).astimezone(UTC) for day in (24, 25, 26)]
    tenant = Tenant(OrgId(uuid4()))
    plan = RetentionPlan(Matched("prompt"), Matched("prompt"), within)
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, [made("prompt", instant, "ada") for instant in at[:2]])
        found = await persistence.insights.retention.retention(db, tenant, plan)
    assert found == [RetentionCounts((), (1, 1, 0), ((1, 1, 0), (1, 0), (0,)))]


async def test_there_are_cohorts_of_nobody_where_nothing_happened(database: Database) -> None:
    tenant = Tenant(OrgId(uuid4()))
    plan = replace(PLAN, within=Buckets(DAYS.starts[:2], DAYS.starts[2], Interval.DAY))
    async with database.read(tenant) as db:
        assert await persistence.insights.retention.retention(db, tenant, plan) == [
            RetentionCounts((), (0, 0), ((0, 0), (0,)))
        ]
        split = replace(plan, breakdown=Breakdown((AGENT,)))
        assert await persistence.insights.retention.retention(db, tenant, split) == []


async def test_a_developer_sees_nobody_else(database: Database, told: Told) -> None:
    tenant, events = told
    one = events[0].user_id
    async with database.read(tenant) as db:  # the statement itself says whose rows are meant
        found = await persistence.insights.retention.retention(db, Tenant(tenant.org_id, one), PLAN)
    assert found == retention_oracle.counts(PLAN, [each for each in events if each.user_id == one])
