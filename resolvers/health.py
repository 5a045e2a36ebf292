"""Whether this process can do its work."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

import persistence.jobs
from resolvers.context import Services


async def check(services: Services) -> None:
    """Asks the database something only a migrated one can answer; raises whatever goes wrong."""
    async with services.database.single() as db:
        await db.execute(sa.text("SELECT 1 FROM sessions LIMIT 1"))


async def queue(services: Services) -> dict[str, float]:
    """The background queue over all organisations; see `domain.jobs.QueueCounts`."""
    async with persistence.jobs.scope(services.database) as db:
        return asdict(await persistence.jobs.counts(db))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the serving connection meets. `walled`: its role cannot pass row-level security; `mighty_login`: whoever
    logged in to take that role on could."""

    server_version: int
    now: datetime
    walled: bool
    mighty_login: bool


async def facts(services: Services) -> Facts:
    query = sa.text(
        "SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now,"
        " NOT (role.rolsuper OR role.rolbypassrls) AS walled, login.rolsuper OR login.rolbypassrls AS mighty_login"
        " FROM pg_roles role, pg_roles login WHERE role.rolname = current_user AND login.rolname = session_user"
    )
    async with services.database.single() as db:
        [row] = await db.rows(query)
        return Facts(row["version"], row["now"], row["walled"], row["mighty_login"])
