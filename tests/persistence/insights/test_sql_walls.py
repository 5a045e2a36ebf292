"""The same attacks without the guard: what PostgreSQL itself shows to the role that SQL runs under."""

from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest
import sqlalchemy as sa

from domain.errors import Invalid
from domain.insights.plans import (
    SqlPlan,
)
from domain.insights.sql import guard
from domain.insights.sql_views import VIEWS
from domain.values import OrgId
from persistence.database import Database, Tenant, Urls, command, driver_of, owner_engine
from persistence.insights.sql import entering, run, sql_tenants
from persistence.postgres_server import ADMIN
from resolvers.context import Services
from tests.conftest import TestCluster
from tests.history import bug_fix, derive, recorded, store
from tests.make_context import make_context, make_org
from tests.make_insights import made, put_events
from tests.sql_attacks import ATTACKS, OTHER, SIZES


@dataclass(frozen=True, slots=True)
class Two:
    """Two organisations with everything in them; `hidden` is what a query of the first one must never show."""

    mine: Tenant
    other: OrgId
    hidden: tuple[str, ...]


@pytest.fixture(scope="module")
async def two(services: Services) -> Two:
    (mine, _), (other, hidden) = await _filled(services), await _filled(services)
    return Two(Tenant(mine), other, (*hidden, "/home/ada", "@example.org", "rounding"))


async def _filled(services: Services) -> tuple[OrgId, tuple[str, ...]]:
    ctx = await make_context(services)
    told = recorded(*bug_fix(0))
    await store(ctx, told)
    await derive(ctx, told)
    return ctx.caller.org_id, (str(ctx.caller.org_id), str(ctx.caller.user_id), told.id)


def _as_it_is(text: str) -> SqlPlan:
    return SqlPlan(text, 100, ())


async def test_the_walls_leave_what_is_asked_for_rightly(database: Database, two: Two) -> None:
    for view in VIEWS:
        table = await run(database, two.mine, guard(f"select * from {view}"))
        assert table.rows, view
        assert not [mark for mark in two.hidden if mark in repr(table.rows)]


async def test_attacks_that_got_past_the_guard_see_nothing(database: Database, two: Two) -> None:
    for name in ATTACKS.keys() - SIZES.keys():
        plan = _as_it_is(ATTACKS[name].replace(OTHER, str(two.other)))
        try:
            table = await run(database, two.mine, plan, timeout_s=0.1)
        except (Invalid, asyncpg.PostgresError, asyncpg.InterfaceError):
            continue
        assert not [mark for mark in two.hidden if mark in repr(table.rows)], (name, table.rows)


@pytest.mark.parametrize(
    "text",
    [
        "select * from public.users",
        "select * from public.insight_events",
        "select * from insights_sql.served",
        "select public.find_session_texts('rounding'::tsquery, false)",
        "select public.find_arc_texts('rounding'::tsquery)",
        "select public.retell_events('x', '{}', '{}')",
        "select public.find_api_key('x')",
        "select set_config('app.org_id', 'x', true)",
        "select set_config('role', 'goalarc_app', true)",
        "select query_to_xml('select 1', true, true, '')",
        "select ts_stat('select 1')",
        "select pg_sleep(0)",
        "select pg_advisory_lock(1)",
        "select lo_from_bytea(0, 'x')",
        "select pg_notify('x', 'y')",
        "select pg_read_file('PG_VERSION')",
        "select 1) as x; commit; select (1",
    ],
)
async def test_the_role_may_not_call_or_read_it(database: Database, two: Two, text: str) -> None:
    with pytest.raises((Invalid, asyncpg.PostgresError)):
        await run(database, two.mine, _as_it_is(text))


async def _rows(urls: Urls, query: str) -> list[tuple[object, ...]]:
    engine = owner_engine(urls)
    async with engine.connect() as connection:
        return [tuple(row) for row in (await connection.execute(sa.text(query))).all()]


async def test_the_role_reads_the_views_and_nothing_else(urls: Urls) -> None:
    readable = await _rows(
        urls,
        "SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
        " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        " AND CASE relkind WHEN 'S' THEN has_sequence_privilege('goalarc_sql', oid, 'USAGE, SELECT, UPDATE')"
        " ELSE has_any_column_privilege('goalarc_sql', oid, 'SELECT, INSERT, UPDATE, REFERENCES')"
        " OR has_table_privilege('goalarc_sql', oid, 'DELETE, TRUNCATE, TRIGGER') END",
    )
    assert set(readable) == {("insights_sql", view) for view in VIEWS}


async def test_the_role_calls_nothing_that_runs_as_the_owner(urls: Urls) -> None:
    """New functions of migrations are everybody's unless they are taken back."""
    callable_ = await _rows(
        urls,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND has_function_privilege('goalarc_sql', oid, 'EXECUTE')",
    )
    assert {name for (name,) in callable_} == {"app_org", "app_user", "app_sees_all_users"}


async def test_the_role_is_no_member_of_another_and_makes_nothing(urls: Urls) -> None:
    [found] = await _rows(
        urls,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,"
        " EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid),"
        " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid),"
        " EXISTS (SELECT FROM pg_namespace n WHERE has_schema_privilege('goalarc_sql', n.oid, 'CREATE'))"
        " FROM pg_roles r WHERE rolname = 'goalarc_sql'",
    )
    assert not any(found)


async def test_views_have_the_columns_that_are_told_of(urls: Urls) -> None:
    found = await _rows(
        urls,
        "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns"
        " WHERE table_schema = 'insights_sql' AND table_name <> 'served' GROUP BY table_name",
    )
    assert {name: tuple(columns) for name, columns in found} == {  # pyright: ignore[reportArgumentType]
        view.name: ("org_id", *view.names) for view in VIEWS.values()
    }


async def test_settings_do_not_open_another_organisation(cluster: TestCluster, services: Services) -> None:
    """Where nobody could take set_config from the role: an external database whose login is no administrator."""
    name = f"open_{uuid4().hex[:8]}"
    async with cluster.clone(name) as urls:
        admin = owner_engine(Urls(cluster.server.url(ADMIN, cluster.prefix + name), ""))
        async with admin.begin() as connection:
            await connection.exec_driver_sql("GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO PUBLIC")
        database = Database(urls)
        mine, other = await make_org(urls), await make_org(urls)
        for org in (mine, other):
            async with database.write(Tenant(org.id)) as db:
                await put_events(db, org.id, [made("commit")])
        async with database.undone(Tenant(mine.id)) as db:
            driver = driver_of(db.connection)
            await command(driver, entering(Tenant(mine.id), "UTC", 1.0))
            seen = "SELECT count(*) FROM insights_sql.events"
            before = await driver.fetchval(seen)
            await driver.fetchval("SELECT set_config('app.org_id', $1, true)", str(other.id))
            after = await driver.fetchval(seen)
        await database.close()
        assert (before, after) == (1, 0)


async def test_nothing_of_a_run_stays(database: Database, two: Two) -> None:
    async with database.single() as db:
        pid = await driver_of(db.connection).fetchval("SELECT pg_backend_pid()")
    await run(database, two.mine, guard("select 1"))
    with pytest.raises(Invalid):
        await run(database, two.mine, guard("select 1 / 0"))
    async with database.write(two.mine) as db:
        driver = driver_of(db.connection)
        settings = "SELECT current_user, current_setting('statement_timeout'), pg_backend_pid()"
        assert tuple(await driver.fetchrow(settings) or ()) == ("goalarc_app", "0", pid)
        assert await db.rows(sa.select(sql_tenants)) == []
