"""Scopes: what they see, and what becomes of connections that the server gave up."""

import asyncio
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from domain.errors import Unavailable
from domain.score_versions import ScoreVersion
from persistence.access import orgs
from persistence.database import Database, Reading, Tenant, Urls, Writing, metadata
from tests.conftest import TestCluster
from tests.make_context import make_org, make_user

_CUT = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    " WHERE datname = '{}' AND application_name = 'goalarc'"
)


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


_ONE = sa.text("SELECT pg_backend_pid() AS pid")


async def test_a_look_takes_a_connection_that_lies_ready_unless_it_is_lost(
    cluster: TestCluster, fresh_urls: Urls, fresh_database: Database
) -> None:
    first, second = [await fresh_database.look(_ONE, {}) for _ in range(2)]
    assert first == second
    await cut(cluster, fresh_urls)
    third, fourth = [await fresh_database.look(_ONE, {}) for _ in range(2)]
    assert first != third == fourth
    found = await asyncio.gather(*(fresh_database.look(_ONE, {}) for _ in range(30)))  # more than there are connections
    assert len({one["pid"] for one in found if one}) <= 10


@pytest.mark.parametrize("away", [ConnectionRefusedError, asyncpg.CannotConnectNowError, TimeoutError])
async def test_a_look_finds_a_server_that_was_away(
    cluster: TestCluster,
    fresh_urls: Urls,
    fresh_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    away: type[Exception],
) -> None:
    """What could not be opened anew lies in the pool without a connection, and on top."""

    async def refuse(*args: object, **options: object) -> None:
        raise away("not now")

    await fresh_database.look(_ONE, {})
    await cut(cluster, fresh_urls)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(asyncpg, "connect", refuse)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await fresh_database.look(_ONE, {})
    assert await fresh_database.look(_ONE, {})


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


async def test_nothing_stays_bound_after_a_scope_whatever_ended_it(urls: Urls) -> None:
    org, database = await make_org(urls), Database(urls, pool_size=1)
    tenant = Tenant(org.id)

    async def fail(scope: AbstractAsyncContextManager[Reading], how: BaseException | str) -> None:
        async with scope as db:
            if isinstance(how, str):
                await db.execute(sa.text(how))
            else:
                raise how

    ends = (ZeroDivisionError(), asyncio.CancelledError(), "SELECT 1", "SELECT 1 / 0", "ROLLBACK")
    for how in ends:
        for scope in (database.read(tenant), database.write(tenant)):
            with suppress(ZeroDivisionError, asyncio.CancelledError, sa.exc.DBAPIError):
                await fail(scope, how)
            async with database.single() as db:
                assert await db.rows(sa.select(orgs.c.id)) == []
                assert await db.row(_BOUND) in ({"org": ""}, {"org": None})
    await database.close()


_BOUND = sa.text("SELECT current_setting('app.org_id', true) AS org")


async def test_nothing_stays_bound_when_a_scope_is_cancelled_at_any_moment(urls: Urls) -> None:
    org, database = await make_org(urls), Database(urls, pool_size=1)

    async def read() -> None:
        async with database.read(Tenant(org.id)) as db:
            assert await db.row(_BOUND) == {"org": str(org.id)}

    await read()
    for turns in range(25):  # more than one takes from its begin to its end
        task = asyncio.create_task(read())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        async with database.single() as db:
            assert await db.row(_BOUND) in ({"org": ""}, {"org": None})
    await database.close()


_SAMPLES = {
    "BIGINT": "9007199254740993",
    "BIGINT[]": "'{1,-2}'",
    "BOOLEAN": "true",
    "BYTEA": "'\\x00ff'",
    "DOUBLE PRECISION": "0.1",
    "FLOAT": "0.1",
    "INTEGER": "-3",
    "INTEGER[]": "'{1,-2}'",
    "JSON": """'{"deep": [1.5, "ü", null, {"n": 12345678901234567890}]}'""",
    "JSONB": """'{"deep": [1.5, "ü", null, {"n": 12345678901234567890}]}'""",
    "NUMERIC": "12.340",
    "DATE": "'2026-03-02'",
    "DATE[]": "'{2026-03-02,0001-01-01}'",
    "SMALLINT": "7",
    "TEXT": "'ü'",
    "TEXT[]": "'{a,b}'",
    "TIMESTAMP WITH TIME ZONE": "'2026-03-29T02:30:00.000001+02:00'",
    "TSVECTOR": "'a:1 b:2A'",
    "UUID": "'0190a6c4-0000-7000-8000-000000000001'",
    "UUID[]": "'{0190a6c4-0000-7000-8000-000000000001}'",
    "xid8": "'4294967297'",
}


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
async def test_what_is_read_directly_is_what_sqlalchemy_reads(database: Database, table: sa.Table) -> None:
    columns: list[sa.ColumnElement[object]] = []
    for column in table.c:
        name = column.type.compile(postgresql.dialect())
        columns.append(sa.literal_column(f"CAST({_SAMPLES[name]} AS {name})", column.type).label(column.name))
        columns.append(sa.literal_column(f"CAST(NULL AS {name})", column.type).label(f"no_{column.name}"))
    read = sa.select(*columns)
    async with database.unbound() as db:
        [by_way], [direct] = await db.rows(read), await db.rows(read, {})
    assert dict(direct) == dict(by_way)
    assert [type(value) for value in direct.values()] == [type(value) for value in by_way.values()]


async def test_values_reach_the_server_as_sqlalchemy_sends_them(database: Database) -> None:
    values = {"json": {"a": [1, "ü", None]}, "ids": [uuid4(), uuid4()], "at": datetime(2026, 3, 29, tzinfo=UTC), "n": 7}
    types = {"json": JSONB(), "ids": ARRAY(UUID), "at": sa.DateTime(timezone=True), "n": sa.BigInteger()}
    read = sa.select(*(sa.bindparam(name, type_=type).label(name) for name, type in types.items()), sa.literal("x"))
    async with database.unbound() as db:
        by_way = (await db.execute(read, values)).mappings().one()
        direct = await db.row(read, values)
    assert direct is not None
    assert tuple(direct.values()) == tuple(by_way.values()) == (*values.values(), "x")


async def test_a_statement_that_needs_sqlalchemy_is_not_sent_directly(database: Database) -> None:
    async with database.unbound() as db:
        with pytest.raises(TypeError, match="arrays"):
            await db.rows(sa.select(orgs.c.id).where(orgs.c.slug.in_(["a"])), {})
        with pytest.raises(TypeError, match="converted"):
            await db.rows(sa.select(sa.literal_column("'v3'", sa.Enum(ScoreVersion)).label("version")), {})
        with pytest.raises(sa.exc.MultipleResultsFound):
            await db.row(sa.text("SELECT 1 AS one UNION SELECT 2"), {})
