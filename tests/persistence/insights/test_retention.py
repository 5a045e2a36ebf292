"""Retention by PostgreSQL against looking at every subject and bucket, and against itself on other rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

import persistence.insights.retention
from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    AllOf,
    Condition,
    Matched,
    Operator,
    Property,
    PropertySource,
    PropertyType,
)
from domain.insights.plans import (
    Breakdown,
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
FEATURE = Condition(INTENT, Operator.EXACT, ("feature",))
MIDNIGHT = START.replace(hour=0, minute=0, second=0, microsecond=0)
DAYS = Buckets(tuple(MIDNIGHT + DAY * number for number in range(2, 8)), MIDNIGHT + 8 * DAY, Interval.DAY)
UNEVEN = Buckets(
    tuple(MIDNIGHT + DAY * number + timedelta(minutes=7) for number in (1, 3, 4)),
    MIDNIGHT + 9 * DAY + timedelta(seconds=1),
    Interval.DAY,
)
PLAN = RetentionPlan(Matched("prompt"), Matched("commit"), DAYS)
RETURNING = replace(PLAN, returning=PLAN.target)
OF_FEATURES = replace(PLAN, target=Matched("prompt", FEATURE), kind=RetentionKind.FIRST_TIME)
EVER_OF_FEATURES = replace(OF_FEATURES, kind=RetentionKind.FIRST_EVER)
PLANS = {
    "recurring": PLAN,
    "the same event": RETURNING,
    "any event": replace(PLAN, target=Matched(None), returning=Matched(None)),
    "then any event": replace(PLAN, returning=Matched(None)),
    "first time": replace(PLAN, kind=RetentionKind.FIRST_TIME),
    "first ever": replace(PLAN, kind=RetentionKind.FIRST_EVER),
    "first time, filtered target": OF_FEATURES,
    "first ever, filtered target": EVER_OF_FEATURES,
    "first time, filtered": replace(OF_FEATURES, where=HAS_INTENT),
    "first ever, filtered": replace(EVER_OF_FEATURES, where=HAS_INTENT),
    "first ever, the same filtered event": replace(EVER_OF_FEATURES, returning=EVER_OF_FEATURES.target),
    "first ever, filtered event of any name": replace(
        EVER_OF_FEATURES, target=Matched(None, FEATURE), subject=Subject.SESSION
    ),
    "first ever, arcs": replace(EVER_OF_FEATURES, subject=Subject.ARC, cumulative=True),
    "cumulative": replace(PLAN, cumulative=True),
    "cumulative, first ever": replace(RETURNING, cumulative=True, kind=RetentionKind.FIRST_EVER),
    "filtered": replace(PLAN, where=HAS_INTENT),
    "filtered return": replace(PLAN, returning=Matched("commit", HAS_INTENT)),
    "sessions": replace(PLAN, subject=Subject.SESSION, kind=RetentionKind.FIRST_TIME),
    "arcs": replace(PLAN, subject=Subject.ARC),
    "within quarters": replace(PLAN, within=UNEVEN),
    "within quarters, first time": replace(RETURNING, within=UNEVEN, kind=RetentionKind.FIRST_TIME),
    "within quarters, first ever": replace(RETURNING, within=UNEVEN, kind=RetentionKind.FIRST_EVER),
    "breakdown": replace(PLAN, breakdown=Breakdown((AGENT,))),
    "breakdown, first time": replace(PLAN, breakdown=Breakdown((AGENT,)), kind=RetentionKind.FIRST_TIME),
    "breakdown, first ever": replace(
        RETURNING, breakdown=Breakdown((AGENT, INTENT)), kind=RetentionKind.FIRST_EVER, cumulative=True
    ),
    "breakdown, first time, filtered target": replace(OF_FEATURES, breakdown=Breakdown((AGENT,), limit=2)),
    "breakdown, first ever, filtered target": replace(
        EVER_OF_FEATURES, breakdown=Breakdown((AGENT, INTENT)), subject=Subject.SESSION
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
    assert sum(sum(one.sizes) for one in found) > 3


FIRSTS = [
    plan
    for one in (OF_FEATURES, EVER_OF_FEATURES)
    for plan in (one, replace(one, where=HAS_INTENT), replace(one, target=PLAN.target))
    for plan in (plan, replace(plan, breakdown=Breakdown((AGENT,))))
]


def crowded(seed: int) -> list[Made]:
    """A history of few instants: what comes first is told by ordinals, and then by ids."""
    events = history(seed, size=120, users=25, names=("prompt", "commit"), step=timedelta(hours=30))
    return [replace(one, ordinal=one.ordinal % 2) for one in events]


@pytest.mark.parametrize("seed", range(6))
async def test_the_first_of_many_at_once_counts(database: Database, seed: int) -> None:
    events = crowded(seed)
    tenant = Tenant(OrgId(uuid4()))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, events)
        for plan in FIRSTS:
            assert await persistence.insights.retention.retention(db, tenant, plan) == retention_oracle.counts(
                plan, events
            )


def _told(*events: str) -> list[Made]:
    """Prompts of one developer, each as its day, ordinal and intent, and one commit on the last day."""
    found = [made("commit", MIDNIGHT + 7 * DAY)]
    for text in events:
        day, ordinal, intent = text.split()
        found.append(made("prompt", MIDNIGHT + int(day) * DAY, ordinal=int(ordinal), intent=intent))
    return found


@pytest.mark.parametrize(("events", "time", "ever"), [
    (["3 0 feature", "5 0 feature"], 1, 1),
    (["3 0 bug_fix", "5 0 feature"], 3, None),  # the first of all is another one
    (["1 0 bug_fix", "5 0 feature"], 3, None),  # and long before
    (["1 0 feature", "5 0 feature"], None, None),  # a first one before the days is the first
    (["3 1 feature", "3 0 bug_fix"], 1, None),
    (["3 0 feature", "3 1 bug_fix"], 1, 1),
    (["5 0 bug_fix"], None, None),
])  # fmt: skip
async def test_a_first_one_is_the_first_ever(
    database: Database, events: list[str], time: int | None, ever: int | None
) -> None:
    tenant = Tenant(OrgId(uuid4()))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, _told(*events))
        for plan, cohort in ((OF_FEATURES, time), (EVER_OF_FEATURES, ever)):
            [found] = await persistence.insights.retention.retention(db, tenant, plan)
            assert found.sizes == tuple(int(place == cohort) for place in range(6))


@pytest.mark.parametrize(
    "plan", [PLAN, RETURNING, *(PLANS[name] for name in ("first time", "first ever", "within quarters"))]
)
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
