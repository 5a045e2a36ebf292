"""Scopes: what they see, and what becomes of connections that the server gave up."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
import sqlalchemy as sa

from domain.errors import Unavailable
from persistence.access import orgs
from persistence.database import Database, Tenant, Urls, Writing
from tests.conftest import TestCluster
from tests.make_context import make_org, make_user

_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'goalarc'"


async def cut(cluster: TestCluster, urls: Urls) -> None:
    await cluster.run(_CUT.format(sa.make_url(urls.app).database))
    await asyncio.sleep(0.05)


async def pids(database: Database, number: int) -> set[int]:
    """Of the connections that so many scopes take at the same time."""
    all_open = asyncio.Barrier(number)

    async def pid() -> int:
        async with database.unbound() as db:
            [row] = await db.rows(sa.text("SELECT pg_backend_pid() AS pid"))
            await all_open.wait()
            return row["pid"]

    return set(await asyncio.gather(*(pid() for _ in range(number))))


async def test_a_lost_connection_is_replaced_before_it_is_used(
    cluster: TestCluster, fresh_urls: Urls, fresh_database: Database
) -> None:
    before = await pids(fresh_database, 5)
    await cut(cluster, fresh_urls)
    after = await pids(fresh_database, 5)
    assert len(before | after) == 10
    async with fresh_database.single() as db:
        assert await db.row(sa.text("SELECT 1 AS one")) == {"one": 1}


async def test_losing_the_connection_within_a_scope_is_unavailable(
    cluster: TestCluster, fresh_urls: Urls, fresh_database: Database
) -> None:
    async def lose(scope: AbstractAsyncContextManager[Writing]) -> None:
        async with scope as db:
            await db.execute(sa.text("SELECT 1"))
            await cut(cluster, fresh_urls)
            await db.execute(sa.text("SELECT 1"))

    for scope in (fresh_database.unbound(), fresh_database.single()):
        with pytest.raises(Unavailable):
            await lose(scope)


async def test_a_single_statement_is_committed_and_leaves_nothing_behind(fresh_database: Database) -> None:
    async with fresh_database.single() as db:
        await db.execute(sa.text("INSERT INTO session_ids (digest) VALUES ('\\x01')"))
        await db.execute(sa.text("SELECT set_config('app.org_id', 'gone', true)"))
    async with fresh_database.unbound() as db:
        assert await db.row(sa.text("SELECT count(*) AS n FROM session_ids")) == {"n": 1}
        assert await db.row(sa.text("SELECT current_setting('app.org_id', true) AS org")) in (
            {"org": ""},
            {"org": None},
        )


async def test_transactions_go_on_after_single_statements(fresh_database: Database) -> None:
    """The same pooled connection serves both: an autocommit that stuck to it would break the next rollback."""

    async def fail() -> None:
        async with fresh_database.unbound() as db:
            await db.execute(sa.text("INSERT INTO session_ids (digest) VALUES ('\\x02')"))
            raise ZeroDivisionError

    async with fresh_database.single() as db:
        await db.execute(sa.text("SELECT 1"))
    with pytest.raises(ZeroDivisionError):
        await fail()
    async with fresh_database.single() as db:
        assert await db.row(sa.text("SELECT count(*) AS n FROM session_ids")) == {"n": 0}


async def test_a_single_statement_sees_no_tenant(urls: Urls, database: Database) -> None:
    org = await make_org(urls)
    user = await make_user(urls, org)
    async with database.read(Tenant(org.id, user.id)) as db:
        assert await db.row(sa.select(orgs.c.id).where(orgs.c.id == org.id)) == {"id": org.id}
    async with database.single() as db:
        assert await db.rows(sa.select(orgs.c.id).where(orgs.c.id == org.id)) == []
