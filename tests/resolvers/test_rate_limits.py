"""Requests a minute: counted once each, across processes, and forgotten when the minute is over."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from domain.errors import TooMany
from persistence.rate_limits import rate_limits
from resolvers.context import Services
from resolvers.rate_limits import Allowance, spend

NOON = datetime(2026, 3, 2, 12, 0, 20, tzinfo=UTC)
NEXT = datetime(2026, 3, 2, 12, 1, tzinfo=UTC)


def at(services: Services, moment: datetime) -> Services:
    return replace(services, now=lambda: moment)


async def ask(services: Services, subject: str, moment: datetime = NOON, limit: int = 3) -> Allowance:
    return await spend(at(services, moment), "test", subject, limit)


@pytest.fixture
def subject() -> str:
    return str(uuid4())


async def test_each_request_takes_one_and_the_next_is_refused(services: Services, subject: str) -> None:
    allowances = [await ask(services, subject) for _ in range(5)]
    assert [one.remaining for one in allowances] == [2, 1, 0, 0, 0]
    for one in allowances[:3]:
        one.check()
    for one in allowances[3:]:
        with pytest.raises(TooMany) as refused:
            one.check()
        assert refused.value.retry_after_s == 40


async def test_the_minute_is_that_of_the_clock(services: Services, subject: str) -> None:
    assert (await ask(services, subject)).resets_at == NEXT
    last = NEXT - timedelta(microseconds=1)
    assert [(await ask(services, subject, last)).remaining, (await ask(services, subject, NEXT)).remaining] == [1, 2]
    with pytest.raises(TooMany) as refused:
        Allowance(3, 4, last, NEXT).check()
    assert refused.value.retry_after_s == 1


async def test_a_process_whose_clock_is_behind_counts_in_the_newer_minute(services: Services, subject: str) -> None:
    for moment, left in ((NEXT, 2), (NOON, 1), (NEXT, 0)):
        assert (await ask(services, subject, moment)).remaining == left


async def test_subjects_and_limits_are_counted_apart(services: Services, subject: str) -> None:
    await ask(services, subject)
    assert (await ask(services, f"{subject}'")).remaining == 2
    assert (await spend(at(services, NOON), "other", subject, 3)).remaining == 2


async def test_of_many_requests_at_once_none_is_lost(services: Services, subject: str) -> None:
    allowances = await asyncio.gather(*(ask(services, subject, limit=12) for _ in range(20)))
    assert sorted(one.spent for one in allowances) == list(range(1, 21))


async def test_switched_off_nothing_is_counted(services: Services, subject: str) -> None:
    free = replace(services, rate_limits=False)
    for _ in range(5):
        allowance = await ask(free, subject)
        allowance.check()
        assert (allowance.remaining, allowance.resets_at) == (3, NEXT)
    assert (await ask(services, subject)).remaining == 2


async def test_old_counters_go_when_new_ones_come(fresh_services: Services) -> None:
    for n in range(25):
        await ask(fresh_services, f"old {n}", NOON)
    for n in range(5):
        await ask(fresh_services, f"new {n}", NOON + timedelta(minutes=3))
    async with fresh_services.database.unbound() as db:
        left = await db.rows(sa.select(rate_limits.c.ends_at))
    assert [row["ends_at"] for row in left] == [NEXT + timedelta(minutes=3)] * 5


async def test_a_counter_costs_no_flush_and_names_nobody(services: Services, subject: str) -> None:
    await ask(services, subject)
    async with services.database.unbound() as db:
        kind = await db.row(sa.text("SELECT relpersistence FROM pg_class WHERE relname = 'rate_limits'"))
        rows = await db.rows(sa.select(rate_limits.c.subject))
    assert kind is not None
    assert kind["relpersistence"] in ("u", b"u")
    assert {len(row["subject"]) for row in rows} == {32}
