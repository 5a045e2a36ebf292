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
    """What the serving connection meets. `walled`: its role can pass neither row-level security nor the schema."""

    server_version: int
    now: datetime
    walled: bool


async def facts(services: Services) -> Facts:
    query = sa.text(
        "SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now,"
        " NOT (rolsuper OR rolbypassrls) AS walled FROM pg_roles WHERE rolname = current_user"
    )
    async with services.database.single() as db:
        [row] = await db.rows(query)
        return Facts(row["version"], row["now"], row["walled"])
