"""Scopes of work on PostgreSQL: each tells the database which organisation and developer it serves."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError, DisconnectionError, MultipleResultsFound
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.base import Executable
from sqlalchemy.util.concurrency import in_greenlet

from domain.errors import Unavailable
from domain.values import OrgId, UserId
from persistence.statements import ready

T = TypeVar("T")

metadata = sa.MetaData()

Row: TypeAlias = Mapping[str, Any]
Params: TypeAlias = Mapping[str, object] | Sequence[Mapping[str, object]] | None


ORG = sa.bindparam("org_id", type_=UUID)


def among(column: sa.Column[T]) -> sa.ColumnElement[bool]:
    """Whether the column holds one of the `ids` bound at execution; unlike `in_` the same statement for any number.

    With `ORG` it makes statements that are built once: building one takes longer than executing it.
    """
    return column == sa.any_(sa.bindparam("ids", type_=ARRAY(column.type)))


class Xid8(sa.types.UserDefinedType[int]):
    """The 64-bit transaction id that commit-safe cursors are made of."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


@dataclass(frozen=True, slots=True)
class Urls:
    """Where PostgreSQL is: `owner` migrates and creates organisations, `app` serves under row-level security.

    With one login for both (an external database), `app_role` is taken on when a serving connection opens.
    """

    owner: str
    app: str
    app_role: str | None = None


@dataclass(frozen=True, slots=True)
class Tenant:
    """Whose rows a scope may touch: those of one developer, or with `user_id` None of the whole organisation."""

    org_id: OrgId
    user_id: UserId | None = None


class Reading:
    """A read scope: one read-only transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def execute(self, statement: Executable, params: Params = None) -> CursorResult[Any]:
        return await self.connection.execute(statement, params)

    async def rows(self, statement: Executable, params: Mapping[str, object] | None = None) -> Sequence[Row]:
        """With `params` a statement is one that lives as long as the process, and goes to the driver directly."""
        if params is None:
            return cast("Sequence[Row]", (await self.execute(statement)).mappings().all())
        sent = ready(statement)
        return await fetch(self._driver, sent.sql, sent.values(params))

    async def row(self, statement: Executable, params: Mapping[str, object] | None = None) -> Row | None:
        return _only(await self.rows(statement, params))

    @property
    def _driver(self) -> asyncpg.Connection:
        return driver_of(self.connection)


def _only(rows: Sequence[Row]) -> Row | None:
    if len(rows) > 1:
        raise MultipleResultsFound(f"{len(rows)} rows where one at most was expected")
    return rows[0] if rows else None


class Writing(Reading):
    """A write scope: one transaction, committed when the scope closes without an error."""


class Owning(Writing):
    """The table owner's write scope. It passes row-level security only as a tenant it has bound."""

    async def bind(self, tenant: Tenant) -> None:
        await command(self._driver, _binding(tenant))


async def fetch(driver: asyncpg.Connection, sql: str, values: Sequence[object]) -> Sequence[Row]:
    return cast("Sequence[Row]", await driver.fetch(sql, *values))


async def command(driver: asyncpg.Connection, sql: str) -> None:
    """Runs statements without values, several in one round trip."""
    await driver.execute(sql)


def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    pooled = cast(_Pooled, cast(sa.Connection, connection.sync_connection).connection)
    return pooled.driver_connection


def _binding(tenant: Tenant) -> str:
    """Tells who is served until the transaction ends. One process works on each statement: who wants more says so."""
    org, user = binding(tenant).values()
    return (
        f"SELECT set_config('app.org_id', '{org}', true), set_config('app.user_id', '{user}', true),"
        " set_config('max_parallel_workers_per_gather', '0', true)"
    )


def binding(tenant: Tenant) -> dict[str, str]:
    """The values that `BOUND` takes, made of a UUID's hexadecimal digits and nothing else."""
    user = "*" if tenant.user_id is None else str(uuid.UUID(int=tenant.user_id.int))
    return {"bound_org": str(uuid.UUID(int=tenant.org_id.int)), "bound_user": user}


BOUND = (
    "(SELECT CAST(set_config('app.org_id', :bound_org, true) AS uuid) AS org_id,"
    " set_config('app.user_id', :bound_user, true) AS user_id) AS bound"
)
"""A row that says who is served until the statement ends. PostgreSQL neither drops nor repeats such calls; rows are to
be read in a LATERAL part that aggregates and names `bound.org_id`, because that cannot begin before this row is there.
"""


class Database:
    """The process's connections. Scopes are short and never nested."""

    def __init__(self, urls: Urls, pool_size: int = 10) -> None:
        self.urls = urls
        self._engine = serving_engine(urls, pool_size)

    @asynccontextmanager
    async def read(self, tenant: Tenant) -> AsyncGenerator[Reading]:
        async with self._transaction(f"BEGIN READ ONLY; {_binding(tenant)}") as connection:
            yield Reading(connection)

    @asynccontextmanager
    async def write(self, tenant: Tenant) -> AsyncGenerator[Writing]:
        async with self._transaction(f"BEGIN; {_binding(tenant)}") as connection:
            yield Writing(connection)

    @asynccontextmanager
    async def undone(self, tenant: Tenant) -> AsyncGenerator[Writing]:
        """As `write`, leaving nothing behind, whatever was set or written."""
        with _passing_is_unavailable:
            async with self._engine.connect() as connection:
                driver = driver_of(connection)
                try:
                    await command(driver, f"BEGIN; {_binding(tenant)}")
                    yield Writing(connection)
                finally:
                    await _roll_back(driver)

    @asynccontextmanager
    async def unbound(self) -> AsyncGenerator[Writing]:
        """A scope that sees no tenant's rows: for finding a key by its digest and for tables of the machinery."""
        async with self._transaction("BEGIN") as connection:
            yield Writing(connection)

    @asynccontextmanager
    async def single(self) -> AsyncGenerator[Writing]:
        """As `unbound`, for work that is one statement: without BEGIN and COMMIT around it, two round trips less."""
        with _passing_is_unavailable:
            async with self._engine.connect() as connection:
                yield Writing(connection)

    async def look(self, statement: Executable, params: Mapping[str, object]) -> Row | None:
        """As `look_for_all`, where there is one row at most."""
        return _only(await self.look_for_all(statement, params))

    async def look_for_all(self, statement: Executable, params: Mapping[str, object]) -> Sequence[Row]:
        """The rows of a statement that lives as long as the process and needs no scope: the least that a read can cost.
        As in `single` no tenant's rows are seen, unless the statement itself says whose to see, as with `BOUND`."""
        sent = ready(statement)
        with _passing_is_unavailable:
            pooled = await self._pooled()
            try:
                return await fetch(cast(_Pooled, pooled).driver_connection, sent.sql, sent.values(params))
            finally:
                pooled.close()

    async def _pooled(self) -> sa.PoolProxiedConnection:
        """One that lies ready is taken without the way through a greenlet, which is there for waiting."""
        pool = cast(sa.QueuePool, self._engine.sync_engine.pool)
        if pool.checkedin():
            with suppress(_NothingOpen):
                pooled = pool.connect()
                if not cast(_Pooled, pooled).driver_connection.is_closed():
                    return pooled
                pooled.invalidate()
        return await self._engine.raw_connection()

    @asynccontextmanager
    async def _transaction(self, begin: str) -> AsyncGenerator[AsyncConnection]:
        with _passing_is_unavailable:
            async with self._engine.connect() as connection, transaction(connection, begin):
                yield connection

    async def close(self) -> None:
        await self._engine.dispose()


@asynccontextmanager
async def transaction(connection: AsyncConnection, begin: str) -> AsyncGenerator[None]:
    """One transaction of a connection that commits by itself otherwise; `begin` opens it, in a single round trip."""
    driver, committed = driver_of(connection), False
    try:
        await command(driver, begin)
        yield
        await command(driver, "COMMIT")
        committed = True
    finally:
        if not committed:
            await _roll_back(driver)


async def _roll_back(driver: asyncpg.Connection) -> None:
    """Ends a transaction that may be open: nothing that is bound goes back to the pool, whoever cancels this."""
    try:
        await asyncio.shield(command(driver, "ROLLBACK"))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        driver.terminate()  # lost anyway; what went wrong first is what is told
    except asyncio.CancelledError:
        driver.terminate()
        raise


_CONNECT_S = 10.0
"""A host that swallows packets would otherwise hold a command for a minute."""


def serving_engine(urls: Urls, pool_size: int) -> AsyncEngine:
    """Connections under the application role, which owns nothing and cannot pass row-level security."""
    settings = {"application_name": "goalarc"}
    if urls.app_role is not None:
        settings["role"] = urls.app_role
    engine = create_async_engine(
        urls.app,
        pool_size=pool_size,
        max_overflow=0,
        pool_use_lifo=True,
        pool_timeout=5,
        connect_args={"server_settings": settings, "timeout": _CONNECT_S},
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",  # transactions are begun and ended here, without a round trip for each step
        json_deserializer=orjson.loads,  # also turns whole numbers of more than 64 bits into floats
    )
    event.listen(engine.sync_engine, "checkout", _refuse_lost)
    event.listen(engine.sync_engine, "do_connect", _refuse_to_wait)
    return engine


class _Pooled(Protocol):
    driver_connection: asyncpg.Connection


def _refuse_lost(pooled: _Pooled, record: object, proxy: object) -> None:
    """Has the pool connect anew where the server hung up. The driver knows that: a ping would be three round trips.

    Outside a greenlet nothing can be waited for: whoever asks there looks for themselves.
    """
    if in_greenlet() and pooled.driver_connection.is_closed():
        raise DisconnectionError


class _NothingOpen(Exception):
    """What lies in the pool has to be opened first."""


def _refuse_to_wait(dialect: object, record: object, args: object, params: object) -> None:
    """A place in the pool holds no connection after the server was away; opening one is for greenlets."""
    if not in_greenlet():
        raise _NothingOpen


def owner_engine(urls: Urls) -> AsyncEngine:
    """Connections of the table owner, for migrations and for making organisations; no pool is kept."""
    return create_async_engine(
        urls.owner,
        poolclass=sa.pool.NullPool,
        connect_args={"server_settings": {"application_name": "goalarc-owner"}, "timeout": _CONNECT_S},
        hide_parameters=True,
    )


@asynccontextmanager
async def owner_scope(urls: Urls) -> AsyncGenerator[Owning]:
    """One transaction of the table owner, on a connection of its own."""
    engine = owner_engine(urls).execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection, transaction(connection, "BEGIN"):
        yield Owning(connection)


_PASSING = ("08", "25P03", "40", "53100", "53300", "57P")
"""SQLSTATE of lost connections, transactions ended for idling or for another one, full disks, taken connections and
shutdowns."""


class _PassingIsUnavailable:
    """Raises Unavailable for whatever may be gone when the same work is tried again."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and _is_passing(error):
            raise Unavailable("the database does not answer: try again in a moment") from error


_passing_is_unavailable = _PassingIsUnavailable()


def _is_passing(error: BaseException) -> bool:
    """Whether the trouble lies with the connection or another transaction, so that the same work may succeed later."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _is_passing_state(getattr(error.orig, "sqlstate", None))
    if isinstance(error, asyncpg.PostgresError | AsyncAdapt_asyncpg_dbapi.Error):
        return _is_passing_state(getattr(error, "sqlstate", None))
    return isinstance(error, OSError | PoolTimeout | asyncpg.InterfaceError | asyncpg.InternalClientError)


def _is_passing_state(code: str | None) -> bool:
    return code is not None and code.startswith(_PASSING)
