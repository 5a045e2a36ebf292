"""The role that requests run under, on a database whose owner is an ordinary login."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from domain.insights.sql import guard
from domain.values import OrgId
from persistence.database import Database, Tenant, Urls
from persistence.identifiers import new_id
from persistence.insights.sql import run
from persistence.migrate import RoleMissing, migrate
from tests.conftest import TestCluster

APP = "goalarc_app"


@pytest.fixture
async def login(bare_cluster: TestCluster, request: pytest.FixtureRequest) -> AsyncIterator[Urls]:
    """An empty database that belongs to a login with the rights the test names."""
    name = f"{bare_cluster.prefix}{request.param}".lower()
    await bare_cluster.run(f'CREATE ROLE "{name}" LOGIN {request.param}', f'CREATE DATABASE "{name}" OWNER "{name}"')
    url = bare_cluster.server.url(name, name)
    yield Urls(url, url, APP)
    await bare_cluster.run(f'DROP DATABASE "{name}" WITH (FORCE)', f'DROP ROLE "{name}"')


@pytest.mark.parametrize("login", ["NOCREATEROLE"], indirect=True)
async def test_a_login_that_may_not_take_on_the_role_is_told_what_to_do(login: Urls) -> None:
    with pytest.raises(RoleMissing, match=f"GRANT {APP} TO"):
        await migrate(login)


@pytest.mark.parametrize("login", ["NOCREATEROLE"], indirect=True)
async def test_a_login_that_was_granted_the_role_migrates_and_serves(login: Urls, bare_cluster: TestCluster) -> None:
    name = login.owner.partition("://")[2].partition("@")[0]
    await bare_cluster.run(f'GRANT {APP} TO "{name}"')
    assert (await migrate(login)).up_to_date
    await _serves(login)


@pytest.mark.parametrize("login", ["NOCREATEROLE"], indirect=True)
async def test_a_maker_of_the_role_takes_it_on(login: Urls, bare_cluster: TestCluster) -> None:
    """From PostgreSQL 16 on, CREATE ROLE leaves its author a member with ADMIN but without SET."""
    name = login.owner.partition("://")[2].partition("@")[0]
    await bare_cluster.run(f'GRANT {APP} TO "{name}" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE')
    await migrate(login)
    await _serves(login)


async def _serves(urls: Urls) -> None:
    database = Database(urls)
    try:
        async with database.read(Tenant(OrgId(new_id()))) as db:
            row = await db.row(sa.text("SELECT current_user AS role, count(*) AS n FROM sessions"))
        assert row is not None
        assert (row["role"], row["n"]) == (APP, 0)
        assert (await run(database, Tenant(OrgId(new_id())), guard("select count() from events"))).rows == ((0,),)
    finally:
        await database.close()
