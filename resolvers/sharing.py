"""Sharing of an insight by a link: switching it, and its passwords.

Links show everybody's events. So they are the business of keys that count everybody's: by a link of its own another
key would see what it may not.
"""

import secrets
from dataclasses import replace

import persistence.insights.saved
import persistence.insights.sharing
import persistence.passwords
from domain.access import Scope
from domain.activity import ActivityKind
from domain.errors import Forbidden, NotFound
from domain.insights.saved import InsightId, SavedInsight, invalid
from domain.insights.sharing import (
    MOST_PASSWORDS,
    NewSharePassword,
    SharePassword,
    SharePasswordId,
    Sharing,
    SharingChange,
    check_password,
    known,
)
from domain.values import UNSET
from persistence.database import Reading, Writing
from persistence.identifiers import new_id
from resolvers.context import Context
from resolvers.insights import no_insight, note

_PASSWORD_BYTES = 12


async def get_sharing(ctx: Context, id: InsightId) -> Sharing:
    """Also of an insight that was never shared. Needs `sharing_configuration:read`. Raises NotFound for no insight."""
    ctx.caller.require(Scope.SHARING_READ)
    async with ctx.read() as db:
        await _insight(ctx, db, id)
        return await _sharing(ctx, db, id)


async def changed_sharing(ctx: Context, id: InsightId) -> Sharing:
    """How an insight is shared now, for whoever has just changed that."""
    ctx.caller.require(Scope.SHARING_WRITE)
    async with ctx.read() as db:
        return await _sharing(ctx, db, id)


async def sharing_of(ctx: Context, id: InsightId) -> Sharing:
    """As `get_sharing`, of an insight that was found already."""
    ctx.caller.require(Scope.SHARING_READ)
    return await ctx.loaders.sharing_of_insight.load(id)


async def _insight(ctx: Context, db: Reading, id: InsightId) -> SavedInsight:
    found = await persistence.insights.saved.find(db, ctx.caller.org_id, id)
    if found is None:
        raise no_insight()
    return found


async def _sharing(ctx: Context, db: Reading, id: InsightId) -> Sharing:
    return await persistence.insights.sharing.find(db, ctx.caller.org_id, id)


async def _locked(ctx: Context, db: Writing, id: InsightId) -> SavedInsight:
    """The insight, so that one after the other changes how it is shared."""
    found = await persistence.insights.saved.find(db, ctx.caller.org_id, id, lock=True)
    if found is None:
        raise no_insight()
    return found


def _check_may_share(ctx: Context) -> None:
    ctx.caller.require(Scope.SHARING_WRITE)
    if ctx.caller.insights_of is not None:
        raise Forbidden("a link shows everybody's events, and this key counts those of its developer only")


async def update_sharing(ctx: Context, id: InsightId, change: SharingChange) -> Sharing:
    """Needs `sharing_configuration:write` and everybody's events, as all below. Raises NotFound for no insight."""
    _check_may_share(ctx)
    async with ctx.write() as db:
        insight = await _locked(ctx, db, id)
        old = await _sharing(ctx, db, id)
        new = _changed(old, change)
        if new != old:
            await persistence.insights.sharing.save(db, ctx.caller.org_id, new, ctx.now())
        if new.enabled != old.enabled:
            kind = ActivityKind.SHARING_ENABLED if new.enabled else ActivityKind.SHARING_DISABLED
            await note(ctx, db, insight, kind)
        return await _sharing(ctx, db, id)


def _changed(old: Sharing, change: SharingChange) -> Sharing:
    return replace(
        old,
        enabled=old.enabled if change.enabled is UNSET else change.enabled,
        settings=old.settings if change.settings is UNSET else known(change.settings),
        password_required=old.password_required if change.password_required is UNSET else change.password_required,
    )


async def refresh_sharing(ctx: Context, id: InsightId) -> Sharing:
    """With another token: the one before opens nothing any more. One that was never shared gets its first, and stays
    switched off."""
    _check_may_share(ctx)
    async with ctx.write() as db:
        insight = await _locked(ctx, db, id)
        await persistence.insights.sharing.save(db, ctx.caller.org_id, await _sharing(ctx, db, id), ctx.now())
        await persistence.insights.sharing.rotate(db, ctx.caller.org_id, id)
        await note(ctx, db, insight, ActivityKind.TOKEN_REFRESHED)
        return await _sharing(ctx, db, id)


async def create_share_password(
    ctx: Context, id: InsightId, clear: str | None = None, note: str | None = None
) -> NewSharePassword:
    """Another password that opens the link, made here unless one is given. Raises NotFound, Invalid for one that is too
    short, too many of them, and where no password is required."""
    _check_may_share(ctx)
    check_password(clear, note)
    await _check_room(ctx, id)
    clear = clear or secrets.token_urlsafe(_PASSWORD_BYTES)
    hash = await persistence.passwords.hash_of(clear)
    made = SharePassword(SharePasswordId(new_id()), note, ctx.now(), ctx.caller.user_id)
    async with ctx.write() as db:
        await _locked(ctx, db, id)
        _refuse_full(await _sharing(ctx, db, id))
        await persistence.insights.sharing.add_password(db, ctx.caller.org_id, id, made, hash)
    return NewSharePassword(made, clear)


async def _check_room(ctx: Context, id: InsightId) -> None:
    """Before a hash is made in vain."""
    async with ctx.read() as db:
        await _insight(ctx, db, id)
        _refuse_full(await _sharing(ctx, db, id))


def _refuse_full(sharing: Sharing) -> None:
    if not sharing.password_required:
        raise invalid("password_required", "Turn on password_required first")
    if len(sharing.passwords) >= MOST_PASSWORDS:
        raise invalid("raw_password", f"{MOST_PASSWORDS} passwords are the most that a link may have")


async def delete_share_password(ctx: Context, id: InsightId, password_id: SharePasswordId) -> None:
    """It opens the link no more. Raises NotFound, also for one that was deleted before."""
    _check_may_share(ctx)
    async with ctx.write() as db:
        await _insight(ctx, db, id)
        if not await persistence.insights.sharing.delete_password(db, ctx.caller.org_id, id, password_id):
            raise NotFound("no such password")
