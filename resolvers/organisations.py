"""Settings of an organisation: changed over the graph by whoever administers it, or by who operates the server."""

from collections.abc import Mapping

import persistence.access
import persistence.jobs
from domain.access import Org, Scope, Setting
from domain.errors import NotFound
from domain.organisations import SettingsChange, changed, checked
from persistence.bus import JOBS
from persistence.database import Tenant, Writing
from resolvers.context import Context


async def update_settings(ctx: Context, change: SettingsChange) -> Org:
    """Raises Forbidden for a key that may not administer, Invalid for settings that cannot be."""
    ctx.caller.require(Scope.ADMIN)
    values = checked(change).values
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        org = await persistence.access.locked_org(db, ctx.caller.org_id)
        if org is None:
            raise NotFound("no such organisation")
        org = await change_settings(db, org, values)
    ctx.services.bus.announce(JOBS)
    ctx.loaders.forget()
    return org


async def change_settings(db: Writing, org: Org, values: Mapping[str, Setting]) -> Org:
    """Stores settings; where verdicts depend on one, all sessions are derived again, and what is no longer kept goes.
    Needs a scope of the organisation."""
    settings = changed(org.settings, values)
    await persistence.access.save_settings(db, org.id, settings)
    if settings.split_on_commit != org.settings.split_on_commit:
        await persistence.jobs.enqueue_org(db, org.id)
    if settings.retention_days is not None:
        await persistence.jobs.enqueue_expiry(db, org.id)
    return Org(org.id, org.slug, org.environment_id, settings)
