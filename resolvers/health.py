"""Whether this process can do its work."""

from dataclasses import asdict

import sqlalchemy as sa

import persistence.jobs
from resolvers.context import Services


async def check(services: Services) -> None:
    """Asks the database something only a migrated one can answer; raises whatever goes wrong."""
    async with services.database.unbound() as db:
        await db.execute(sa.text("SELECT 1 FROM sessions LIMIT 1"))


async def queue(services: Services) -> dict[str, float]:
    """The background queue over all organisations; see `domain.jobs.QueueCounts`."""
    async with persistence.jobs.scope(services.database) as db:
        return asdict(await persistence.jobs.counts(db))
