"""Runs queries of SQL that the guard has written, under a role that can read the documented views and nothing else.

Who is served is told thrice: by the settings that row-level security asks for, by a row that the views ask for and no
query can write, and by the values that the statement is given.
"""

import asyncio
import re
import uuid
from typing import cast

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from domain.insights.errors import InvalidQuery, TooCostly
from domain.insights.plans import (
    SqlPlan,
    Table,
)
from persistence.database import Database, Row, Tenant, Xid8, command, driver_of, metadata
from persistence.insights.sql_values import JsonRows, named_type

sql_tenants = sa.Table(
    "sql_tenants",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("xid", Xid8, nullable=False, server_default=sa.func.pg_current_xact_id()),
    sa.Column("user_id", UUID),
    sa.PrimaryKeyConstraint("org_id", "xid"),
    prefixes=["UNLOGGED"],
)
"""Whom a transaction serves: only it sees its row, because it is never committed."""

_LISTS = "SELECT " + ", ".join(
    f"NULL::{type}[]"
    for type in (
        *("text", "int4", "int8", "float8", "numeric", "bool", "uuid", "jsonb"),
        *("date", "timestamp", "timestamptz", "interval"),
    )
)
"""The driver learns of types with a query of its own, which the role is not allowed: it is to know these before."""

TIMEOUT_S = 30.0
_ROWS_AT_ONCE = 50
"""A row has a megabyte at most."""
_LEVERS = "ask for less time, fewer rows or columns, or fewer groups"


async def run(database: Database, tenant: Tenant, plan: SqlPlan, timeout_s: float = TIMEOUT_S) -> Table:
    """The rows as JSON values.

    Raises InvalidQuery where PostgreSQL cannot make sense of it, and TooCostly where a bound on time, memory or size
    was reached.
    """
    async with database.undone(tenant) as db:
        driver = driver_of(db.connection)
        await driver.prepare(_LISTS)
        await command(driver, entering(tenant, plan.zone, timeout_s))
        with _explained:
            # The database's own time-out is begun anew with each few rows.
            async with asyncio.timeout(timeout_s):
                types, rows = await _fetched(driver, tenant, plan)
    names = plan.columns if len(plan.columns) == len(types) else tuple(str(number) for number in range(len(types)))
    return Table(names, types, tuple(rows.kept[: plan.limit]), len(rows.kept) > plan.limit)


def entering(tenant: Tenant, zone: str, timeout_s: float) -> str:
    """Limits that hold until the transaction ends, and last the role, after which nothing can be widened."""
    if not re.fullmatch(r"[A-Za-z0-9_+\-/]{1,60}", zone):
        raise InvalidQuery("the time zone is none")
    org, user = (f"'{uuid.UUID(int=id.int)}'" if id is not None else "NULL" for id in (tenant.org_id, tenant.user_id))
    return (
        f"INSERT INTO sql_tenants (org_id, user_id) VALUES ({org}, {user});"
        # What a query may write to disk can be bounded where the login was granted that: in the embedded database.
        "SELECT set_config('temp_file_limit', '1GB', true)"
        " WHERE has_parameter_privilege(current_user, 'temp_file_limit', 'SET');"
        f"SET LOCAL statement_timeout = {round(timeout_s * 1000)}; SET LOCAL lock_timeout = '1s';"
        "SET LOCAL work_mem = '64MB'; SET LOCAL hash_mem_multiplier = 2; SET LOCAL jit = off;"
        "SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL plan_cache_mode = force_custom_plan;"
        f"SET LOCAL TimeZone = '{zone}'; SET LOCAL search_path = pg_catalog;"
        "SET TRANSACTION READ ONLY; SET LOCAL ROLE goalarc_sql"
    )


async def _fetched(driver: asyncpg.Connection, tenant: Tenant, plan: SqlPlan) -> tuple[tuple[str, ...], JsonRows]:
    """Rows are fetched a few at a time, so that too many of them are known before they are here."""
    cursor = (
        f"DECLARE found NO SCROLL CURSOR FOR SELECT * FROM ({plan.statement}) AS asked"
        " WHERE insights_sql.fits(pg_column_size(asked.*)) AND ($1::uuid IS NOT NULL OR $2::uuid IS NULL)"
    )  # both are named, because a query without views is given them too
    await driver.execute(cursor, tenant.org_id, tenant.user_id)
    fetch = await driver.prepare(f"FETCH {_ROWS_AT_ONCE} FROM found")
    types = tuple(named_type(attribute.type.name) for attribute in fetch.get_attributes())
    rows = JsonRows(plan.zone)
    while len(rows.kept) <= plan.limit and (chunk := await fetch.fetch()):
        rows.add(types, cast("list[Row]", chunk))
    return types, rows


_TOO_LONG = f"this took too long: {_LEVERS}"
_TIMED_OUT = "57014"
_LOCKED = "55P03"
_OVER_LIMIT = ("53", "54")
"""SQLSTATE of what is used up: memory, disk, and the size of what a statement or a value may be."""
_TOLD = ("22", "42803", "42883", "42804", "42P18", "42846", "42725", "42P20", "21000", "42P10", "42601")
"""Of values that do not fit, of types that do not, and of columns that are neither grouped by nor summed up: what
PostgreSQL says of them is about the query alone."""
_NO_FUNCTION = "42883"
_CONVERT = ": toFloat(x), toInt(x), toString(x) and x::date convert values"
_NAMES = re.compile(r'"?\bs\d+"?\."?(\w+)"?')


class _Explained:
    """Raises InvalidQuery or TooCostly for what goes wrong with a query, without what only we are to know."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TimeoutError):
            raise TooCostly(_TOO_LONG) from error
        if isinstance(error, asyncpg.PostgresError):
            if (told := _told(error)) is not None:
                raise told from error
        elif isinstance(error, OverflowError | ValueError):
            raise InvalidQuery("a value of the result cannot be told: is a time before 1 or after 9999?") from error


def _told(error: asyncpg.PostgresError) -> InvalidQuery | None:
    state, said = error.sqlstate or "", str(error.args[0])  # without hints and details
    if state in (_TIMED_OUT, _LOCKED):
        return TooCostly(_TOO_LONG)
    if state.startswith(_OVER_LIMIT):
        return TooCostly(f"this needs more memory than one query may have: {_LEVERS}")
    if state.startswith(_TOLD):
        clean = _NAMES.sub(r"\1", said).replace("insights_sql.", "")[:300]
        return InvalidQuery(clean + (_CONVERT if state == _NO_FUNCTION else ""), ("query",))
    if state.startswith(("42", "0A", "2F", "P0")):
        return InvalidQuery("PostgreSQL does not run such a query", ("query",))
    return None  # a lost connection, and whatever is not about the query


_explained = _Explained()
