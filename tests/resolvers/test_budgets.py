"""A key's minute: spent by all processes together, seldom counted in the database, and never passed."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest

from domain.errors import Invalid, TooMany, Unavailable
from domain.values import KeyId
from persistence.database import Database, Urls
from resolvers.budgets import Budget, charge, settle
from resolvers.context import Context
from resolvers.leases import Leases
from tests.sent import telling

NOON = datetime(2026, 3, 2, 12, 0, 20, tzinfo=UTC)
NEXT = datetime(2026, 3, 2, 12, 1, tzinfo=UTC)


@pytest.fixture
def ctx(context: Context) -> Context:
    """A key with a budget of 1,000, in a process that has charged nobody yet."""
    own = replace(context, caller=replace(context.caller, budget=1_000))
    return elsewhere(own)


def elsewhere(ctx: Context, moment: datetime = NOON) -> Context:
    """The same key in another process."""
    return replace(ctx, services=replace(ctx.services, leases=Leases(), now=lambda: moment))


def at(ctx: Context, moment: datetime) -> Context:
    return replace(ctx, services=replace(ctx.services, now=lambda: moment))


async def charged(ctx: Context, cost: int) -> Budget:
    budget = await charge(ctx, cost)
    assert budget is not None
    return budget


async def refused(ctx: Context, cost: int) -> TooMany:
    with pytest.raises(TooMany) as error:
        await charge(ctx, cost)
    return error.value


@contextmanager
def counting() -> Generator[list[str]]:
    """The statements of the block."""
    seen: list[str] = []

    def note(_connection: object, sql: str, _values: object) -> None:
        if sql not in ("COMMIT", "ROLLBACK"):
            seen.append(sql)

    with telling(note):
        yield seen


async def test_each_request_takes_its_cost_until_the_minute_is_spent(ctx: Context) -> None:
    assert [(await charged(ctx, cost)).remaining for cost in (300, 1, 600)] == [700, 699, 99]
    assert (await refused(ctx, 100)).retry_after_s == 40
    assert await charged(ctx, 99) == Budget(1_000, 0, NEXT)
    await refused(ctx, 1)


async def test_a_new_minute_begins_anew(ctx: Context) -> None:
    await charged(ctx, 1_000)
    last = at(ctx, NEXT - timedelta(microseconds=1))
    assert (await refused(last, 1)).retry_after_s == 1
    assert await charged(at(ctx, NEXT), 1) == Budget(1_000, 999, NEXT + timedelta(minutes=1))


async def test_a_key_without_a_budget_has_that_of_the_server(context: Context) -> None:
    ctx = replace(context, services=replace(context.services, graphql_budget=70))
    assert (await charged(ctx, 50)).limit == 70
    await refused(ctx, 50)
    other = replace(ctx, caller=replace(ctx.caller, key_id=KeyId(uuid4())))
    assert (await charged(other, 50)).remaining == 20


async def test_a_cost_that_no_minute_could_bear_is_refused_for_good(ctx: Context) -> None:
    with pytest.raises(Invalid, match="a cost of 1001 is more than this key's budget of 1000 a minute"):
        await charge(ctx, 1_001)
    assert (await charged(ctx, 1_000)).remaining == 0


async def test_a_budget_may_be_larger_than_32_bits(ctx: Context) -> None:
    rich = replace(ctx, caller=replace(ctx.caller, budget=10**12))
    assert (await charged(rich, 10**11)).remaining == 9 * 10**11
    assert (await charged(elsewhere(rich), 9 * 10**11)).remaining == 0


async def test_what_was_not_used_comes_back(ctx: Context) -> None:
    budget = await charged(ctx, 900)
    assert settle(ctx, budget, 900, 200) == Budget(1_000, 800, NEXT)
    assert (await charged(ctx, 800)).remaining == 0


async def test_a_request_costs_a_tenth_of_what_it_asked_for_at_least(ctx: Context) -> None:
    budget = await charged(ctx, 900)
    assert settle(ctx, budget, 900, 0).remaining == 910


async def test_a_dearer_answer_is_paid_by_what_is_left(ctx: Context) -> None:
    budget = await charged(ctx, 10)
    assert settle(ctx, budget, 10, 700).remaining == 300
    await refused(ctx, 301)
    budget = await charged(ctx, 300)
    assert settle(ctx, budget, 300, 5_000).remaining == 0
    await refused(ctx, 1)
    assert (await charged(at(ctx, NEXT), 1)).remaining == 999


async def test_what_comes_back_late_is_not_given_to_the_next_minute(ctx: Context) -> None:
    budget = await charged(ctx, 900)
    late = at(ctx, NEXT)
    await charged(late, 1_000)
    assert settle(late, budget, 900, 100) == Budget(1_000, 900, NEXT)
    await refused(late, 1)


async def test_most_requests_ask_no_database(ctx: Context) -> None:
    with counting() as statements:
        for _ in range(50):
            settle(ctx, await charged(ctx, 1), 1, 1)
    assert len(statements) == 1 + 1  # a share of 50, and old counters swept as it is the first of the minute
    with counting() as statements:
        await charged(ctx, 1)
    assert len(statements) == 1


async def test_many_requests_at_once_ask_once(ctx: Context) -> None:
    with counting() as statements:
        budgets = await asyncio.gather(*(charged(ctx, 1) for _ in range(40)))
    assert len(statements) == 2
    assert min(budget.remaining for budget in budgets) == 960


async def test_a_spent_minute_is_refused_without_asking(ctx: Context) -> None:
    other = elsewhere(ctx)
    await charged(ctx, 990)
    with counting() as statements:
        await refused(other, 100)
        await refused(other, 100)
        await refused(other, 500)
    assert len(statements) == 1
    with counting() as statements:
        await refused(other, 20)  # might have fitted, a share of what 100 had left to hope for would not
        assert (await charged(other, 10)).remaining == 0
    assert len(statements) == 2
    with counting() as statements:
        for process in (ctx, other):
            await refused(process, 11)
    assert statements == []


async def test_processes_spend_one_minute_together(ctx: Context) -> None:
    other = elsewhere(ctx)
    await charged(ctx, 600)
    await refused(other, 500)
    assert (await charged(other, 400)).remaining == 0
    await refused(ctx, 1)


async def test_little_lies_idle_in_another_process(ctx: Context) -> None:
    """Each process that holds a share of the end of the minute holds a small one."""
    processes = [elsewhere(ctx) for _ in range(4)]
    spent = 0
    for turn in range(2_000):
        try:
            await charged(processes[turn % 3], 1)  # the fourth took its share, and asks no more
            spent += 1
        except TooMany:
            continue
        if turn == 0:
            await charged(processes[3], 1)
            spent += 1
    assert 1_000 - 1_000 // 20 <= spent <= 1_000


@pytest.mark.parametrize("seed", range(3))
async def test_no_more_is_spent_than_there_is(ctx: Context, seed: int) -> None:
    """Whatever is asked, given back and asked elsewhere."""
    random = Random(seed)
    processes = [elsewhere(ctx) for _ in range(3)]
    spent = 0
    for _ in range(300):
        process, cost = random.choice(processes), random.choice([1, 5, 20, 200])
        actual = random.randint(0, cost)
        try:
            settle(process, await charged(process, cost), cost, actual)
        except TooMany:
            continue
        spent += max(actual, cost // 10)
    assert 800 < spent <= 1_000


async def test_switched_off_nothing_is_counted(ctx: Context) -> None:
    off = replace(ctx, services=replace(ctx.services, rate_limits=False))
    with counting() as statements:
        assert [await charge(off, 10_000) for _ in range(3)] == [None] * 3
    assert statements == []


async def test_without_a_database_nobody_is_let_in(ctx: Context) -> None:
    nowhere = "postgresql+asyncpg://nobody@127.0.0.1:1/none"
    database = Database(Urls(nowhere, nowhere))
    away = replace(ctx, services=replace(ctx.services, database=database))
    for _ in range(2):
        with pytest.raises(Unavailable):
            await charge(away, 1)
    await database.close()
    assert (await charged(ctx, 1_000)).remaining == 0


def test_few_leases_are_kept() -> None:
    leases, keys = Leases(most=2), [KeyId(uuid4()) for _ in range(3)]
    first = leases.open(keys[0], NEXT, 10)
    leases.open(keys[1], NEXT, 10)
    assert leases.open(keys[0], NEXT, 10) is first
    leases.open(keys[2], NEXT, 10)
    assert [leases.get(key, NEXT) is not None for key in keys] == [True, False, True]
    assert leases.get(keys[0], NEXT + timedelta(minutes=1)) is None
