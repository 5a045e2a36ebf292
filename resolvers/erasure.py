"""Having what was recorded erased, for good: asked for here, done by `resolvers.erasing`."""

from datetime import datetime, timedelta
from uuid import UUID

import persistence.access
import persistence.erasures
import persistence.jobs
import persistence.sessions
from domain.access import KeyKind, Org, Scope
from domain.erasure import (
    NO_ORG,
    AskedBy,
    Erasure,
    ErasureId,
    ErasureKind,
    no_such_session,
    unknown_developer,
    yourself,
)
from domain.errors import Forbidden, NotFound
from domain.values import OrgId, Page, SessionId, UserId, Window
from persistence.bus import JOBS
from persistence.database import Owning, Tenant, Urls, Writing, owner_scope
from resolvers import cursors
from resolvers.access import orgs_named
from resolvers.context import Context, Services
from resolvers.erasing import advance
from resolvers.sessions import within_reach

_IN_CASE = timedelta(seconds=30)
"""Whoever erases a session at once has it done by a worker, should the process end meanwhile."""


async def delete_session(ctx: Context, id: SessionId) -> None:
    """Erases a session and everything that was made of it; whatever rested on it is derived anew in the background.

    The key of a candidate stays without its session. The id is free again: events that still come for it begin a new
    session. Raises Forbidden without the scope and for every candidate, NotFound for a session of another tenant and
    for one that is gone.
    """
    ctx.caller.require(Scope.SESSIONS_DELETE)
    if ctx.caller.kind is KeyKind.CANDIDATE:
        raise Forbidden("a candidate's key deletes nothing")
    async with ctx.read() as db:
        found = await persistence.sessions.find(db, ctx.caller.org_id, id) if within_reach(ctx, id) else None
    if found is None:
        raise no_such_session()
    later = ctx.now() + _IN_CASE
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        erasure = await _begin(db, ctx.caller.org_id, ErasureKind.SESSION, id, AskedBy.API, later)
    while not await advance(ctx.services, erasure):
        pass
    ctx.loaders.forget()


async def _begin(
    db: Writing,
    org_id: OrgId,
    kind: ErasureKind,
    target: str | None,
    asked_by: AskedBy,
    run_after: datetime | None = None,
) -> Erasure:
    """Asks for an erasure, or for the one that goes on to go on; needs a scope of the organisation."""
    erasure = await persistence.erasures.save(db, org_id, kind, target, asked_by)
    await persistence.jobs.enqueue_erasures(db, org_id, run_after)
    return erasure


async def erase_developer(ctx: Context, user_id: UserId) -> Erasure:
    """Has a developer erased in the background with all that is theirs; their keys end at once.

    Asked for again while it goes on, it is the same erasure. Raises Forbidden for a key that may not administer,
    Invalid for an unknown developer and for the caller themselves.
    """
    tenant = _administered(ctx)
    if user_id == ctx.caller.user_id:
        raise yourself()
    async with ctx.services.database.write(tenant) as db:
        [user] = await persistence.access.users_by_id(db, tenant.org_id, [user_id])
        if user is None:
            raise unknown_developer()
        erasure = await _begin_developer(db, tenant.org_id, user_id, AskedBy.API, ctx.now())
    ctx.services.bus.announce(JOBS)
    return erasure


async def _begin_developer(db: Writing, org_id: OrgId, user_id: UserId, asked_by: AskedBy, now: datetime) -> Erasure:
    await persistence.access.revoke_keys(db, org_id, user_id, now)
    return await _begin(db, org_id, ErasureKind.DEVELOPER, str(user_id), asked_by)


def _administered(ctx: Context) -> Tenant:
    """The whole organisation, for who may administer it."""
    ctx.caller.require(Scope.ADMIN)
    return Tenant(ctx.caller.org_id)


async def find_erasure(ctx: Context, id: ErasureId) -> Erasure | None:
    """Raises Forbidden for a key that may not administer."""
    async with ctx.services.database.read(_administered(ctx)) as db:
        return await persistence.erasures.find(db, ctx.caller.org_id, id)


async def list_erasures(ctx: Context, window: Window[str]) -> Page[Erasure]:
    """Newest first, those that are done as well. Raises Forbidden for a key that may not administer, Invalid for a
    forged cursor."""
    tenant, asked = _administered(ctx), window.placed(_place)
    async with ctx.services.database.read(tenant) as db:
        found = await persistence.erasures.page(db, ctx.caller.org_id, asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


async def count_erasures(ctx: Context) -> int:
    """How many `list_erasures` would show in all."""
    async with ctx.services.database.read(_administered(ctx)) as db:
        return await persistence.erasures.count(db, ctx.caller.org_id)


_LIST = "erasures"


def _place(cursor: str) -> persistence.erasures.Place:
    created_at, id = cursors.decode(cursor, _LIST, 2)
    try:
        return cursors.moment(created_at), ErasureId(UUID(str(id)))
    except ValueError:
        raise cursors.forged() from None


# What follows is done by whoever operates the server, over the owner's connection.


async def find_target(urls: Urls, slug: str, kind: ErasureKind, name: str) -> tuple[Org, str | None]:
    """The organisation of that slug, and the session or developer of it by id or e-mail address. Raises NotFound."""
    async with owner_scope(urls) as db:
        [org] = await orgs_named(db, slug)
        await db.bind(Tenant(org.id))
        match kind:
            case ErasureKind.SESSION:
                return org, await _session(db, org, SessionId(name))
            case ErasureKind.DEVELOPER:
                return org, await _developer(db, org, name.strip().lower())
            case _:
                return org, None


async def _session(db: Owning, org: Org, id: SessionId) -> str:
    if "\x00" in id or await persistence.sessions.find(db, org.id, id) is None:
        raise NotFound(f"no session {id} in {org.slug}")
    return id


async def _developer(db: Owning, org: Org, email: str) -> str:
    user = await persistence.access.find_user_by_email(db, org.id, email)
    if user is None:
        raise NotFound(f"no developer {email} in {org.slug}")
    return str(user.id)


async def begin_erasure(services: Services, org_id: OrgId, kind: ErasureKind, target: str | None) -> Erasure:
    """Has a worker erase a session, a developer or an organisation; the keys of whom it concerns end at once."""
    way = AskedBy.COMMAND_LINE
    async with services.database.write(Tenant(org_id)) as db:
        if kind is ErasureKind.DEVELOPER:
            erasure = await _begin_developer(db, org_id, UserId(UUID(target)), way, services.now())
        else:
            if kind is ErasureKind.ORGANISATION:
                await persistence.access.revoke_keys(db, org_id, None, services.now())
            erasure = await _begin(db, org_id, kind, target, way)
    services.bus.announce(JOBS)
    return erasure


async def look_at(services: Services, erasure: Erasure) -> Erasure:
    """How far it is now; that of an organisation which is gone is found among the traces."""
    for org_id in (erasure.org_id, NO_ORG):
        async with services.database.read(Tenant(org_id)) as db:
            found = await persistence.erasures.find(db, org_id, erasure.id)
        if found is not None:
            return found
    return erasure
