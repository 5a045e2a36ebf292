"""Bringing a database to the newest schema, safely when several processes try at once."""

import asyncio
from dataclasses import dataclass
from functools import cache
from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.database import Urls, owner_engine

_LOCK = 7_311_240_914
"""Any fixed number: the advisory lock that lets one process migrate at a time."""

# From PostgreSQL 16 on, who makes a role is a member of it that may not yet take it on: hence the question for SET.
_ROLE = """
DO $$ BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
            CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- made just now, for another database
    END;
    IF NOT pg_has_role(current_user, '{role}',
        CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
    THEN
        EXECUTE format('GRANT {role} TO %I', current_user);
    END IF;
END $$
"""
_ROLES = ("goalarc_app", "goalarc_sql")
"""Under which requests are served, and queries of SQL within them."""


class RoleMissing(Exception):
    """The login may not make a role that requests are served under, or may not take it on."""

    def __init__(self, login: str, role: str) -> None:
        super().__init__(
            f"the login {login} may not make or take on the role {role}: let an administrator run"
            f" `CREATE ROLE {role} NOLOGIN;` where there is none, and `GRANT {role} TO {login};`"
        )


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """`current` is None for an empty database."""

    current: str | None
    newest: str

    @property
    def up_to_date(self) -> bool:
        return self.current == self.newest


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("persistence") / "migrations"))
    return config


def _upgrade(connection: sa.Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest_revision() -> str:
    """Found among all migrations: to read them takes longer than to ask a database for its own."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


async def status(urls: Urls) -> SchemaStatus:
    """Which schema the database has. Needs no more than a login."""
    engine = owner_engine(urls)
    async with engine.connect() as connection:
        return SchemaStatus(await connection.run_sync(_current), newest_revision())


async def migrate(urls: Urls) -> SchemaStatus:
    """Upgrades to the newest schema; a process that comes second waits and finds nothing to do.

    Raises RoleMissing. The lock is polled: a blocking advisory lock would deadlock with CREATE INDEX CONCURRENTLY.
    """
    engine = owner_engine(urls)
    async with engine.connect() as locker, engine.connect() as connection:
        while not await _try_lock(locker):
            await asyncio.sleep(0.1)
        await connection.execute(sa.text("SET lock_timeout = '10s'"))
        if urls.app_role is not None:  # the embedded database has its roles from the start
            for role in _ROLES:
                await _make_role(connection, role)
        await connection.commit()
        found = await connection.run_sync(_current)
        await connection.commit()
        if found != newest_revision():
            await connection.run_sync(_upgrade)
            await connection.commit()
        return SchemaStatus(await connection.run_sync(_current), newest_revision())


async def _make_role(connection: AsyncConnection, role: str) -> None:
    login = await connection.scalar(sa.text("SELECT quote_ident(current_user)"))
    try:
        await connection.exec_driver_sql(_ROLE.format(role=role))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == "42501":  # insufficient_privilege
            raise RoleMissing(str(login), role) from error
        raise


async def _try_lock(connection: AsyncConnection) -> bool:
    taken = await connection.scalar(sa.text(f"SELECT pg_try_advisory_lock({_LOCK})"))
    await connection.commit()
    return bool(taken)
