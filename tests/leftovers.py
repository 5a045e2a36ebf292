"""What the database holds of somebody: every row of every table in PostgreSQL's catalogue, whole, as text.

A table that is added later is looked through as well. `fill` puts a row into each table of a tenant in which the names
of its columns say whom it is about, so that nothing is missing because a test did not happen to use it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID, uuid4

import asyncpg

from domain.values import OrgId, SessionId, SubSessionId, UserId
from persistence.database import Urls

Rows: TypeAlias = dict[str, list[str]]
"""By table."""

_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " ORDER BY relname"
)
_COLUMNS = (
    "SELECT column_name, data_type, udt_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND table_name = $1 AND is_identity = 'NO' AND is_generated = 'NEVER'"
)


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what rows are about."""

    org_id: OrgId
    user_id: UserId
    session_id: SessionId
    arc_id: SubSessionId


async def connect(urls: Urls) -> asyncpg.Connection:
    """As a superuser: row-level security hides nothing, and keys of other tables need not be there."""
    url = urls.owner.replace("postgresql+asyncpg", "postgresql").replace("goalarc_owner@", "goalarc_admin@")
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    return connection


async def rows(connection: asyncpg.Connection) -> Rows:
    found: Rows = {}
    for (table,) in await connection.fetch(_TABLES):
        found[table] = [row[0] for row in await connection.fetch(f'SELECT t::text FROM "{table}" t ORDER BY 1')]
    return found


def naming(found: Rows, names: Iterable[object]) -> Rows:
    """The rows that hold one of these texts anywhere."""
    wanted = [str(name) for name in names]
    kept = {table: [row for row in each if any(name in row for name in wanted)] for table, each in found.items()}
    return {table: each for table, each in kept.items() if each}


def without(found: Rows, names: Iterable[object]) -> Rows:
    """The rows that hold none of them."""
    gone = naming(found, names)
    return {table: [row for row in each if row not in gone.get(table, [])] for table, each in found.items()}


async def fill(connection: asyncpg.Connection, about: About) -> None:
    """A row in each table that names a tenant, about all that its columns have names for."""
    for (table,) in await connection.fetch(_TABLES):
        columns = await connection.fetch(_COLUMNS, table)
        names = {column["column_name"] for column in columns}
        if "org_id" in names:
            row = _Row(table, about, any("session" in name for name in names) or table in ("sessions", "jobs"))
            values = {column["column_name"]: row.value(*column) for column in columns}
            await _insert(connection, table, {name: value for name, value in values.items() if value is not None})


async def _insert(connection: asyncpg.Connection, table: str, values: dict[str, object]) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    names = ", ".join(f'"{name}"' for name in values)
    await connection.execute(
        f'INSERT INTO "{table}" ({names}) VALUES ({places}) ON CONFLICT DO NOTHING', *values.values()
    )


_BACKFILL = uuid4()
_GIVEN: dict[tuple[str, str], object] = {
    ("backfill_sessions", "backfill_id"): _BACKFILL,
    ("backfills", "id"): _BACKFILL,
    ("backfills", "finished_at"): None,
    ("activity", "changes"): "[]",
    ("erasures", "kind"): "retention",
    ("erasures", "target"): None,
    ("insight_sharing", "settings"): None,
    # What is saved is the organisation's.
    ("insights", "filters"): "{}",
    ("insights", "query"): None,
    ("jobs", "kind"): "derive_session",
    ("jobs", "state"): "idle",
    ("users", "score_version"): None,
    ("users", "time_zone"): "UTC",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """How the columns of a new row are filled. `of_session`: it is about a session, not only about a developer."""

    table: str
    about: About
    of_session: bool

    def value(self, name: str, type: str, udt: str) -> object:
        if (self.table, name) in _GIVEN:
            return _GIVEN[self.table, name]
        match type:
            case "uuid":
                return self._uuid(name)
            case "text":
                return self._text(name)
            case "jsonb":
                return json.dumps({"ids": self._ids()})
            case "ARRAY":
                return self._list(name, udt)
            case "bytea":
                return uuid4().bytes
            case "smallint" | "integer" | "bigint" | "numeric" | "double precision":
                return 0
            case "boolean":
                return False
            case "timestamp with time zone":
                return datetime.now(UTC)
            case "date":
                return datetime.now(UTC).date()
            case "xid8":
                return 3
            case "tsvector":
                return "word"
            case _:
                raise AssertionError(f"{self.table}.{name}: what is a {type} to hold?")

    def _ids(self) -> list[str]:
        named = [self.about.org_id, self.about.user_id]
        return [str(id) for id in (*named, *([self.about.session_id, self.about.arc_id] if self.of_session else []))]

    def _uuid(self, name: str) -> UUID:
        if name == "org_id":
            return self.about.org_id
        if "user" in name or name.endswith("_by") or (self.table, name) == ("users", "id"):
            return self.about.user_id
        if "sub_session" in name or (self.table, name) == ("sub_sessions", "id"):
            return self.about.arc_id
        return uuid4()

    def _text(self, name: str) -> str:
        is_id = "session" in name or (self.table, name) in (("sessions", "id"), ("jobs", "key"))
        return self.about.session_id if is_id else "x"

    def _list(self, name: str, udt: str) -> list[object]:
        if udt == "_uuid":
            return [self.about.arc_id] if self.of_session else []
        return [self.about.session_id] if udt == "_text" and "session" in name else []
