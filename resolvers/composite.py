"""The composite of version 2.1 for any periods: of single developers, and of an organisation."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import persistence.composite
from domain.access import Scope
from domain.errors import Forbidden, Invalid
from domain.scores.composite import Composite, Composites
from domain.scores.composite_developer import Horizon, Work, composite, horizon
from domain.scores.composite_pool import pooled
from domain.scores.windows import Bounds, WindowKind, window_containing, zone_named
from domain.values import UserId
from persistence.composite import Found
from persistence.database import Tenant
from resolvers.context import Context, Services

_AT_ONCE = 25
"""Of so many developers the work is held at a time."""
MOST_POOLED = 500
"""So many are pooled while somebody waits."""


async def composites_of(
    services: Services, tenant: Tenant, user_ids: Sequence[UserId], periods: Sequence[Bounds], zone: ZoneInfo
) -> Composites:
    """Of these developers, each and pooled, in each of these periods: the one asked for, those before it, or a series.

    A period that is the day, week or month of `zone`, or its beginning, is compared with such before it, any other one
    with stretches of its own length. What lies in the future is cut off. Three statements for 25 developers.
    """
    now, wanted = services.now(), list(dict.fromkeys(user_ids))
    exact: dict[UserId, list[Composite]] = {}
    for first in range(0, len(wanted) if periods else 0, _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        found = await _find(services, tenant, some, periods, zone, now)
        exact |= await asyncio.to_thread(_composites, found, some, periods, zone, now)
    together = [
        pooled([each[place] for each in exact.values()], composite(Work(), period, zone, now))
        for place, period in enumerate(periods)
    ]
    return Composites(
        tuple(periods),
        {id: tuple(one.rounded for one in exact.get(id, ())) for id in wanted},
        tuple(one.rounded for one in together),
    )


async def _find(
    services: Services,
    tenant: Tenant,
    user_ids: Sequence[UserId],
    periods: Sequence[Bounds],
    zone: ZoneInfo,
    now: datetime,
) -> Found:
    """As far back as any of the periods needs."""
    each = [horizon(period, zone, now) for period in periods]
    since = Horizon(min(one.rhythm for one in each), min(one.details for one in each), min(one.changes for one in each))
    until = min(now, max(period.end for period in periods))
    async with services.database.read(tenant) as db:
        return await persistence.composite.find(db, tenant.org_id, user_ids, since, until)


def _composites(
    found: Found, user_ids: Sequence[UserId], periods: Sequence[Bounds], zone: ZoneInfo, now: datetime
) -> dict[UserId, list[Composite]]:
    works = ((id, found.work(id)) for id in user_ids)
    return {id: [composite(work, period, zone, now) for period in periods] for id, work in works}


async def get_organisation_composite(ctx: Context, window: WindowKind, time_zone: str | None = None) -> Composite:
    """Of all who were at work in the current window, cut in `time_zone` or else the caller's own.

    Raises Forbidden for who sees their own work only, Invalid for an unknown zone, and where too many were at work.
    """
    ctx.caller.require(Scope.SCORES_READ)
    if ctx.caller.visible_user is not None:
        raise Forbidden("this key sees the work of its developer only")
    zone = zone_named(ctx.caller.time_zone if time_zone is None else time_zone)
    bounds = window_containing(window, ctx.now(), zone).bounds
    async with ctx.read() as db:
        ids = await persistence.composite.at_work(db, ctx.caller.org_id, bounds, MOST_POOLED + 1)
    if len(ids) > MOST_POOLED:
        raise Invalid(f"more than {MOST_POOLED} developers were at work: ask for a report")
    return (await composites_of(ctx.services, ctx.tenant, ids, [bounds], zone)).pooled[0]


async def composites_in(
    ctx: Context, user_id: UserId, periods: Sequence[Bounds], zone: ZoneInfo
) -> tuple[Composite, ...]:
    """As `composites_of`, of one developer within reach."""
    return (await composites_of(ctx.services, ctx.tenant, [user_id], periods, zone)).by_developer[user_id]
