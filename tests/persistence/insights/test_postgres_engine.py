"""What holds for every query that PostgreSQL computes: its walls, its bounds, and that it can be stopped."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from domain.insights.buckets import (
    Interval,
)
from domain.insights.errors import InsightFault, InvalidQuery, TooCostly
from domain.insights.filters import (
    Matched,
)
from domain.insights.plans import (
    Breakdown,
    LifecyclePlan,
    Math,
    Series,
    StickinessPlan,
    Subject,
    TrendsPlan,
)
from domain.values import OrgId
from persistence.database import Database, Tenant, Urls, driver_of
from persistence.insights.conditions import Binds
from persistence.insights.postgres import Limits, PostgresEngine, explained
from tests.make import START
from tests.make_insights import Made, developer, history, put_events
from tests.persistence.insights import counted_oracle as oracle
from tests.persistence.insights.counted_plans import AGENT

WITHIN = oracle.cut(START.replace(hour=0, tzinfo=oracle.ZoneInfo("UTC")), 10, Interval.DAY)
TRENDS = TrendsPlan(tuple(Series(Matched(None), math) for math in (Math.TOTAL, Math.DAU, Math.WEEKLY_ACTIVE)), WITHIN)
BROKEN_DOWN = replace(TRENDS, breakdown=Breakdown((AGENT,)))
LIFECYCLE = LifecyclePlan(Matched("edit"), WITHIN, START - timedelta(days=1))
STICKINESS = StickinessPlan((Matched("edit"),), WITHIN, subject=Subject.SESSION)


@pytest.fixture(scope="module")
def engine(database: Database) -> PostgresEngine:
    return PostgresEngine(database)


@pytest.fixture(scope="module")
async def told(database: Database) -> tuple[Tenant, list[Made]]:
    """Two organisations that did the same, but for one of which there is more."""
    tenant, events = Tenant(OrgId(uuid4())), history(7)
    for org_id, some in ((tenant.org_id, events), (OrgId(uuid4()), history(7, size=90))):
        async with database.write(Tenant(org_id)) as db:
            await put_events(db, org_id, some)
    return tenant, events


@pytest.mark.parametrize("user", [None, developer("user 1")])
async def test_row_level_security_holds_where_a_rule_is_forgotten(
    engine: PostgresEngine, told: tuple[Tenant, list[Made]], user: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Binds, "whose", lambda self, row="e": "TRUE")
    tenant = Tenant(told[0].org_id, None if user is None else developer("user 1"))
    seen = oracle.of_user(told[1], tenant.user_id)
    for plan in (TRENDS, BROKEN_DOWN):
        assert list(await engine.trends(tenant, plan)) == oracle.trends(seen, plan)
    assert await engine.lifecycle(tenant, LIFECYCLE) == oracle.lifecycle(seen, LIFECYCLE)
    assert await engine.stickiness(tenant, STICKINESS) == oracle.stickiness(seen, STICKINESS)


async def test_nobody_else_is_counted(engine: PostgresEngine, told: tuple[Tenant, list[Made]]) -> None:
    for tenant in (
        Tenant(OrgId(uuid4())),
        Tenant(told[0].org_id, developer("nobody")),
        Tenant(OrgId(uuid4()), developer("user 1")),
    ):
        assert {value for line in await engine.trends(tenant, TRENDS) for value in line.values} == {0.0}


@asynccontextmanager
async def _locked(urls: Urls) -> AsyncGenerator[None]:
    """Queries of insights wait until the block is left."""
    connection = await asyncpg.connect(urls.owner.replace("+asyncpg", ""))
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE insight_events, insight_quarters IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def test_what_takes_too_long_says_what_to_ask_less_of(
    database: Database, urls: Urls, told: tuple[Tenant, list[Made]]
) -> None:
    impatient = PostgresEngine(database, Limits(timeout_s=0.02))
    async with _locked(urls):
        with pytest.raises(TooCostly, match="shorter date range") as raised:
            await impatient.trends(told[0], TRENDS)
    assert [fault.code for fault in raised.value.faults] == [InsightFault.TOO_COSTLY]
    assert await impatient.trends(told[0], TRENDS)  # the connection is fit for the next one


async def test_cancelling_reaches_postgres(
    engine: PostgresEngine, database: Database, urls: Urls, told: tuple[Tenant, list[Made]]
) -> None:
    async with _locked(urls):
        asked = asyncio.create_task(engine.trends(told[0], TRENDS))
        while not await _running(database):
            await asyncio.sleep(0.005)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        async with asyncio.timeout(5):
            while await _running(database):
                await asyncio.sleep(0.005)
    assert await engine.trends(told[0], TRENDS)


async def _running(database: Database) -> int:
    """How many queries of insights PostgreSQL works on, in this database."""
    async with database.unbound() as db:
        return await driver_of(db.connection).fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
            " AND pid <> pg_backend_pid() AND query LIKE '%insight_quarters%'"
        )


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ("53200", TooCostly, "memory"),
        ("53400", TooCostly, "memory"),
        ("54001", TooCostly, "memory"),
        ("57014", TooCostly, "too long"),
        ("22003", InvalidQuery, "too large"),
        ("2201B", InvalidQuery, "regular expression"),
        ("42P01", asyncpg.UndefinedTableError, "42P01"),
    ],
)
async def test_bounds_are_told_in_words(database: Database, state: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        await _raise(database, state)


async def _raise(database: Database, state: str) -> None:
    async with database.unbound() as db:
        with explained:
            await driver_of(db.connection).execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")


async def test_limits_end_with_the_query(
    engine: PostgresEngine, database: Database, told: tuple[Tenant, list[Made]]
) -> None:
    async with database.unbound() as db:
        before = await driver_of(db.connection).fetch(
            "SELECT name, setting FROM pg_settings WHERE name = ANY ($1)", _SET
        )
    await engine.trends(told[0], TRENDS)
    async with database.unbound() as db:
        after = await driver_of(db.connection).fetch(
            "SELECT name, setting FROM pg_settings WHERE name = ANY ($1)", _SET
        )
    assert before == after


_SET = ["statement_timeout", "work_mem", "hash_mem_multiplier", "plan_cache_mode", "max_parallel_workers_per_gather"]
