"""Scopes of work on PostgreSQL: each tells the database which organisation and developer it serves."""

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.base import Executable

from domain.errors import Unavailable
from domain.values import OrgId, UserId

T = TypeVar("T")

metadata = sa.MetaData()

Row: TypeAlias = sa.RowMapping
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

    async def rows(self, statement: Executable, params: Params = None) -> Sequence[Row]:
        return (await self.execute(statement, params)).mappings().all()

    async def row(self, statement: Executable, params: Params = None) -> Row | None:
        return (await self.execute(statement, params)).mappings().one_or_none()


class Writing(Reading):
    """A write scope: one transaction, committed when the scope closes without an error."""


class Owning(Writing):
    """The table owner's write scope. It passes row-level security only as a tenant it has bound."""

    async def bind(self, tenant: Tenant) -> None:
        await _bind(self.connection, tenant, read_only=False)


_OPEN = (
    "SELECT set_config('app.org_id', $1, true), set_config('app.user_id', $2, true),"
    " set_config('transaction_read_only', $3, true)"
)


async def _bind(connection: AsyncConnection, tenant: Tenant, read_only: bool) -> None:
    user = "*" if tenant.user_id is None else str(tenant.user_id)
    await connection.exec_driver_sql(_OPEN, (str(tenant.org_id), user, "on" if read_only else "off"))


class Database:
    """The process's connections. Scopes are short and never nested."""

    def __init__(self, urls: Urls, pool_size: int = 10) -> None:
        self.urls = urls
        self._engine = serving_engine(urls, pool_size)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def read(self, tenant: Tenant) -> AsyncGenerator[Reading]:
        async with self._transaction() as connection:
            await _bind(connection, tenant, read_only=True)
            yield Reading(connection)

    @asynccontextmanager
    async def write(self, tenant: Tenant) -> AsyncGenerator[Writing]:
        async with self._transaction() as connection:
            await _bind(connection, tenant, read_only=False)
            yield Writing(connection)

    @asynccontextmanager
    async def unbound(self) -> AsyncGenerator[Writing]:
        """A scope that sees no tenant's rows: for finding a key by its digest and for tables of the machinery."""
        async with self._transaction() as connection:
            yield Writing(connection)

    @asynccontextmanager
    async def single(self) -> AsyncGenerator[Writing]:
        """As `unbound`, for work that is one statement: without BEGIN and COMMIT around it, two round trips less."""
        with _passing_is_unavailable():
            async with self._autocommit.connect() as connection:
                yield Writing(connection)

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[AsyncConnection]:
        with _passing_is_unavailable():
            async with self._engine.connect() as connection, connection.begin():
                yield connection

    async def close(self) -> None:
        await self._engine.dispose()


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
        json_deserializer=orjson.loads,  # also turns whole numbers of more than 64 bits into floats
    )
    event.listen(engine.sync_engine, "checkout", _refuse_lost)
    return engine


class _Pooled(Protocol):
    driver_connection: asyncpg.Connection


def _refuse_lost(pooled: _Pooled, record: object, proxy: object) -> None:
    """Has the pool connect anew where the server hung up. The driver knows that: a ping would be three round trips."""
    if pooled.driver_connection.is_closed():
        raise DisconnectionError


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
    engine = owner_engine(urls)
    async with engine.connect() as connection, connection.begin():
        yield Owning(connection)


_PASSING = ("08", "25P03", "40", "53100", "53300", "57P")
"""SQLSTATE of lost connections, transactions ended for idling or for another one, full disks, taken connections and
shutdowns."""


@contextmanager
def _passing_is_unavailable() -> Generator[None]:
    """Raises Unavailable for whatever may be gone when the same work is tried again."""
    try:
        yield
    except Exception as error:
        if _is_passing(error):
            raise Unavailable("the database does not answer: try again in a moment") from error
        raise


def _is_passing(error: BaseException) -> bool:
    """Whether the trouble lies with the connection or another transaction, so that the same work may succeed later."""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlstate", None)
        return error.connection_invalidated or (isinstance(code, str) and code.startswith(_PASSING))
    return isinstance(error, OSError | PoolTimeout | asyncpg.InterfaceError | asyncpg.InternalClientError)
