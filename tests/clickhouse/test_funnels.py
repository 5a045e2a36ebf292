"""Funnels: ClickHouse answers as PostgreSQL does, whatever the order, the exclusions and the attribution."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    AllOf,
)
from domain.insights.plans import (
    Attribution,
    Breakdown,
    Exclusion,
    FunnelCounts,
    FunnelOrder,
    FunnelPlan,
    Subject,
)
from persistence.database import Database, Tenant
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.funnels import funnel, funnel_times, funnel_trend
from persistence.insights.postgres import PostgresEngine
from tests.clickhouse.conftest import Put
from tests.make import START
from tests.make_insights import developer
from tests.persistence.insights.test_funnels import (
    AGENT,
    ANY,
    ATTRIBUTED,
    B_CODEX,
    CODEX,
    INTENT,
    PERSON,
    PLAN,
    PLANS,
    SUBJECTS,
    A,
    B,
    C,
    D,
    history,
)


@pytest.fixture(scope="module")
async def told(put: Put) -> Tenant:
    return await put(history(1))


@pytest.fixture(scope="module")
def other(database: Database) -> PostgresEngine:
    return PostgresEngine(database)


ALL = {**PLANS, **{f"by value, {name}": plan for name, plan in ATTRIBUTED.items()}}


@pytest.mark.parametrize("plan", ALL.values(), ids=ALL)
async def test_steps_are_reached_as_in_postgresql(
    clickhouse: Client, other: PostgresEngine, told: Tenant, plan: FunnelPlan
) -> None:
    assert _near(await funnel(clickhouse, told, plan)) == _near(await other.funnel(told, plan))
    assert await funnel_trend(clickhouse, told, plan) == await other.funnel_trend(told, plan)
    nobody = Tenant(told.org_id, developer("nobody"))
    assert await funnel(clickhouse, nobody, plan) == await other.funnel(nobody, plan)
    assert await funnel_trend(clickhouse, nobody, plan) == await other.funnel_trend(nobody, plan)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
async def test_each_subject_counts_for_the_same_attempt(
    clickhouse: Client, other: PostgresEngine, told: Tenant, plan: FunnelPlan
) -> None:
    each = replace(plan, breakdown=Breakdown((PERSON,), limit=2 * SUBJECTS))
    assert _near(await funnel(clickhouse, told, each)) == _near(await other.funnel(told, each))


@pytest.mark.parametrize("name", ["ordered", "strict", "unordered"])
async def test_those_who_reached_a_later_step_entered(
    clickhouse: Client, other: PostgresEngine, told: Tenant, name: str
) -> None:
    plan = replace(PLANS[name], entered=1)
    assert await funnel_trend(clickhouse, told, plan) == await other.funnel_trend(told, plan)


@pytest.mark.parametrize(("first", "last", "bins"), [(0, 2, None), (0, 1, 7), (1, 2, 1), (0, 2, 200)])
@pytest.mark.parametrize("order", FunnelOrder)
async def test_times_to_convert_fall_into_the_same_bins(
    clickhouse: Client, other: PostgresEngine, told: Tenant, order: FunnelOrder, first: int, last: int, bins: int | None
) -> None:
    plan = replace(PLAN, order=order)
    found = await funnel_times(clickhouse, told, plan, first, last, bins)
    expected = await other.funnel_times(told, plan, first, last, bins)
    assert (found.starts_s, found.counts) == (expected.starts_s, expected.counts)
    assert found.average_s == pytest.approx(expected.average_s)
    nobody = Tenant(told.org_id, developer("nobody"))
    assert await funnel_times(clickhouse, nobody, plan, first, last, bins) == await other.funnel_times(
        nobody, plan, first, last, bins
    )


@pytest.mark.parametrize("seed", range(12))
async def test_any_plan_is_computed_alike(clickhouse: Client, other: PostgresEngine, told: Tenant, seed: int) -> None:
    plan = _any_plan(Random(seed))
    assert _near(await funnel(clickhouse, told, plan)) == _near(await other.funnel(told, plan)), plan
    assert await funnel_trend(clickhouse, told, plan) == await other.funnel_trend(told, plan), plan


def _any_plan(random: Random) -> FunnelPlan:
    steps = tuple(random.choice((A, B, C, D, B_CODEX, ANY)) for _ in range(random.randint(2, 6)))
    order, last = random.choice(tuple(FunnelOrder)), len(steps) - 1
    starts = tuple(START + timedelta(minutes=minutes) for minutes in (7, 250, 611))
    breakdown = random.choice((None, Breakdown((AGENT,), 1), Breakdown((INTENT, AGENT), random.choice((2, 25)))))
    return FunnelPlan(
        steps,
        Buckets(starts, starts[-1] + timedelta(hours=random.randint(1, 20)), Interval.HOUR),
        timedelta(minutes=random.choice((0, 30, 45, 300, 2000))),
        order,
        tuple(
            Exclusion(random.choice((D, B_CODEX, A)), *_between(random, order, last))
            for _ in range(random.choice((0, 0, 1, 2)))
        ),
        random.choice((AllOf(), AllOf(), AllOf((CODEX,)))),
        breakdown,
        random.choice(tuple(Attribution)),
        random.randint(0, last),
        random.choice(tuple(Subject)),
        random.randint(0, last),
    )


def _between(random: Random, order: FunnelOrder, last: int) -> tuple[int, int]:
    if order is FunnelOrder.UNORDERED:
        return 0, last
    after = random.randrange(last)
    return after, random.randint(after + 1, last)


def _near(found: Sequence[FunnelCounts]) -> list[FunnelCounts]:
    return [replace(one, average_s=_round(one.average_s), median_s=_round(one.median_s)) for one in found]


def _round(numbers: tuple[float | None, ...]) -> tuple[float | None, ...]:
    return tuple(None if one is None else round(one, 6) for one in numbers)
