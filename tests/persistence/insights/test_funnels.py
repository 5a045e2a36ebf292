"""Funnels by PostgreSQL against trying every start, on random histories of many small subjects at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from math import ceil
from random import Random
from statistics import fmean
from uuid import uuid4

import pytest

import persistence.insights.funnels
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
    Attribution,
    Breakdown,
    Exclusion,
    FunnelCounts,
    FunnelOrder,
    FunnelPlan,
    FunnelTimes,
    FunnelTrend,
    Subject,
)
from domain.values import OrgId
from persistence.database import Database, Tenant
from tests.make import START
from tests.make_insights import Made, made, put_events
from tests.persistence.insights import funnel_oracle

HOUR = timedelta(hours=1)
PERSON = Property(PropertySource.PERSON, "user_id", PropertyType.TEXT)
AGENT = Property(PropertySource.EVENT, "agent", PropertyType.TEXT)
INTENT = Property(PropertySource.EVENT, "intent", PropertyType.TEXT)
A, B, C, D = (Matched(name) for name in "abcd")
CODEX = Condition(AGENT, Operator.EXACT, ("codex",))
B_CODEX = Matched("b", AllOf((CODEX,)))
ANY = Matched(None)
DAY = Buckets(tuple(START + 6 * HOUR * number for number in range(4)), START + 24 * HOUR, Interval.HOUR)
PLAN = FunnelPlan((A, B, C), DAY, window=4 * HOUR)
SUBJECTS = 500


def history(seed: int) -> list[Made]:
    """Subjects of a few events each, at few different times within a day and a little more."""
    random = Random(seed)
    found: list[Made] = []
    for number in range(SUBJECTS):
        for ordinal in range(random.randint(1, 10)):
            session = f"{number} {random.randrange(2)}"
            found.append(
                made(
                    random.choice("aaabbbccd"),
                    START + timedelta(minutes=30 * random.randint(-3, random.choice((8, 50)))),
                    f"user {number}",
                    session=session,
                    arc=random.choice((None, f"{session} x")),
                    ordinal=ordinal % 3,
                    id=(seed, number, ordinal),
                    agent=random.choice(("codex", "claude-code", None)),
                    intent=random.choice(("bug_fix", "feature", None)),
                )
            )
    return found


@pytest.fixture(scope="module")
async def told(database: Database) -> tuple[Tenant, list[Made]]:
    """Rows of an organisation of their own."""
    tenant, events = Tenant(OrgId(uuid4())), history(1)
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, events)
    return tenant, events


Told = tuple[Tenant, list[Made]]
BETWEEN = (Exclusion(D, 0, 1),)
PLANS = {
    "ordered": PLAN,
    "two steps": replace(PLAN, steps=(A, C)),
    "repeated steps": replace(PLAN, steps=(A, B, A, B)),
    "the same step three times": replace(PLAN, steps=(A, A, A)),
    "any event": replace(PLAN, steps=(A, ANY, C)),
    "steps that overlap": replace(PLAN, steps=(B_CODEX, B, C)),
    "short window": replace(PLAN, window=timedelta(minutes=30)),
    "no window": replace(PLAN, window=timedelta(0)),
    "filtered": replace(PLAN, where=AllOf((CODEX,))),
    "sessions": replace(PLAN, subject=Subject.SESSION),
    "arcs": replace(PLAN, subject=Subject.ARC),
    "excluded at once": replace(PLAN, exclusions=BETWEEN),
    "excluded later": replace(PLAN, exclusions=(Exclusion(D, 1, 2),)),
    "excluded anywhere": replace(PLAN, exclusions=(Exclusion(D, 0, 2),), window=8 * HOUR),
    "two exclusions": replace(PLAN, exclusions=(Exclusion(D, 1, 2), Exclusion(B_CODEX, 0, 1)), steps=(A, C, B)),
    "a step excludes": replace(PLAN, exclusions=(Exclusion(A, 0, 2),)),
    "strict": replace(PLAN, order=FunnelOrder.STRICT),
    "strict and filtered": replace(PLAN, order=FunnelOrder.STRICT, where=AllOf((CODEX,)), window=12 * HOUR),
    "strict and excluded": replace(PLAN, order=FunnelOrder.STRICT, exclusions=(Exclusion(D, 0, 1), Exclusion(A, 1, 2))),
    "strict and repeated": replace(PLAN, order=FunnelOrder.STRICT, steps=(A, ANY, B, B)),
    "unordered": replace(PLAN, order=FunnelOrder.UNORDERED),
    "unordered and repeated": replace(PLAN, order=FunnelOrder.UNORDERED, steps=(A, B, A, A, B)),
    "unordered and overlapping": replace(PLAN, order=FunnelOrder.UNORDERED, steps=(B_CODEX, B, C)),
    "unordered and excluded": replace(PLAN, order=FunnelOrder.UNORDERED, exclusions=(Exclusion(D, 0, 2),)),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
async def test_each_subject_counts_for_its_farthest_attempt(database: Database, told: Told, plan: FunnelPlan) -> None:
    tenant, events = told
    each = replace(plan, breakdown=Breakdown((PERSON,), limit=2 * SUBJECTS))
    async with database.read(tenant) as db:
        [all] = await persistence.insights.funnels.funnel(db, tenant, plan)
        found = await persistence.insights.funnels.funnel(db, tenant, each)
    assert all == funnel_oracle.counts(plan, events)[0]
    assert all.counts[0] > 0
    assert _by_label(found) == _by_label(funnel_oracle.counts(each, events))


def _by_label(found: Sequence[FunnelCounts]) -> dict[tuple[str | None, ...], FunnelCounts]:
    return {one.breakdown: one for one in found}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
async def test_a_funnel_over_time_counts_who_began_in_each_bucket(
    database: Database, told: Told, plan: FunnelPlan
) -> None:
    tenant, events = told
    async with database.read(tenant) as db:
        [found] = await persistence.insights.funnels.funnel_trend(db, tenant, plan)
    assert found == funnel_oracle.trend(plan, events)


ATTRIBUTED = {
    "first touch": replace(PLAN, breakdown=Breakdown((AGENT,))),
    "last touch": replace(PLAN, breakdown=Breakdown((AGENT,)), attribution=Attribution.LAST_TOUCH),
    "all events": replace(PLAN, breakdown=Breakdown((AGENT,)), attribution=Attribution.ALL_EVENTS),
    "step": replace(PLAN, breakdown=Breakdown((AGENT,)), attribution=Attribution.STEP, attribution_step=1),
    "two properties": replace(PLAN, breakdown=Breakdown((AGENT, INTENT)), attribution=Attribution.LAST_TOUCH),
    "a rest": replace(PLAN, breakdown=Breakdown((INTENT, AGENT), limit=2)),
    "strict": replace(PLAN, breakdown=Breakdown((INTENT,)), order=FunnelOrder.STRICT, steps=(A, B)),
    "unordered": replace(PLAN, breakdown=Breakdown((AGENT,)), order=FunnelOrder.UNORDERED, steps=(C, A, B, A)),
    "unordered, by its last": replace(
        PLAN, breakdown=Breakdown((AGENT,)), order=FunnelOrder.UNORDERED, attribution=Attribution.LAST_TOUCH
    ),
    "unordered, by a step": replace(
        PLAN,
        breakdown=Breakdown((AGENT,)),
        order=FunnelOrder.UNORDERED,
        attribution=Attribution.STEP,
        attribution_step=2,
    ),
    "arcs": replace(PLAN, breakdown=Breakdown((AGENT,)), attribution=Attribution.ALL_EVENTS, subject=Subject.ARC),
}


@pytest.mark.parametrize("plan", ATTRIBUTED.values(), ids=ATTRIBUTED)
async def test_subjects_belong_to_the_value_that_the_attribution_names(
    database: Database, told: Told, plan: FunnelPlan
) -> None:
    tenant, events = told
    async with database.read(tenant) as db:
        found = await persistence.insights.funnels.funnel(db, tenant, plan)
    expected = funnel_oracle.counts(plan, events)
    assert [(one.breakdown, one.counts) for one in found] == [(one.breakdown, one.counts) for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.average_s == pytest.approx(other.average_s)
        assert one.median_s == pytest.approx(other.median_s)


@pytest.mark.parametrize(("first", "last", "bins"), [(0, 2, None), (0, 1, 7), (1, 2, 1), (0, 2, 200)])
@pytest.mark.parametrize("order", FunnelOrder)
async def test_times_to_convert_fall_into_equal_bins(
    database: Database, told: Told, order: FunnelOrder, first: int, last: int, bins: int | None
) -> None:
    tenant, events = told
    plan = replace(PLAN, order=order)
    async with database.read(tenant) as db:
        found = await persistence.insights.funnels.funnel_times(db, tenant, plan, first, last, bins)
    seconds = funnel_oracle.times(plan, events, first, last)
    assert found.average_s == pytest.approx(fmean(seconds))
    assert found.starts_s[0] == min(seconds)
    assert len(found.counts) == min(bins or ceil(len(seconds) ** (1 / 3)), 90)
    edges = [*found.starts_s, max(seconds) + 1]
    assert found.counts == tuple(sum(low <= one < high for one in seconds) for low, high in pairwise(edges))


async def test_nobody_converts_where_nothing_happened(database: Database) -> None:
    tenant = Tenant(OrgId(uuid4()))
    async with database.read(tenant) as db:
        assert await persistence.insights.funnels.funnel(db, tenant, PLAN) == [
            FunnelCounts((), (0, 0, 0), (None, None, None), (None, None, None))
        ]
        assert await persistence.insights.funnels.funnel(db, tenant, ATTRIBUTED["step"]) == []
        assert await persistence.insights.funnels.funnel_trend(db, tenant, PLAN) == [
            FunnelTrend((), (0, 0, 0, 0), (0, 0, 0, 0))
        ]
        assert await persistence.insights.funnels.funnel_trend(db, tenant, ATTRIBUTED["step"]) == []
        times = await persistence.insights.funnels.funnel_times(db, tenant, PLAN, 0, 2, None)
    assert times == FunnelTimes((), (), None)


async def test_all_who_take_equally_long_are_in_one_bin(database: Database) -> None:
    tenant = Tenant(OrgId(uuid4()))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, [made(name, at, who) for who in "xy" for at, name in enumerate("abc")])
        times = await persistence.insights.funnels.funnel_times(db, tenant, PLAN, 0, 2, 10)
    assert times == FunnelTimes((120.0,), (2,), 120.0)
