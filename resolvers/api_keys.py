"""Keys of an organisation: list, make and revoke them, for whoever administers it."""

from dataclasses import dataclass
from datetime import datetime

import persistence.access
import persistence.api_keys
import persistence.erasures
import resolvers.candidates
from domain.access import ApiKey, KeyKind, Scope, User
from domain.api_keys import (
    KeyFilter,
    KeyRequest,
    KeyState,
    check_revocable,
    checked,
    no_such_key,
    owner_being_erased,
    state_of,
)
from domain.values import KeyId, OrgId, Page, UserId, Window
from persistence.database import Tenant, Writing
from persistence.identifiers import new_id
from resolvers import cursors
from resolvers.access import digest, new_secret
from resolvers.context import Context

_LIST = "apiKeys"


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key just made, with its secret: the only time it is shown."""

    key: ApiKey
    secret: str


def _administered(ctx: Context) -> Tenant:
    """The whole organisation, for who may administer it."""
    ctx.caller.require(Scope.ADMIN)
    return Tenant(ctx.caller.org_id)


async def list_keys(ctx: Context, wanted: KeyFilter, window: Window[str]) -> Page[ApiKey]:
    """Newest first. Raises Forbidden for a key that may not administer, Invalid for a forged cursor."""
    tenant, asked = _administered(ctx), window.placed(_place)
    async with ctx.services.database.read(tenant) as db:
        found = await persistence.api_keys.page(db, tenant.org_id, wanted, asked, ctx.now())
    return cursors.page(found, window, lambda key: cursors.encode(_LIST, key.created_at, str(key.id)))


def _place(cursor: str) -> persistence.api_keys.Place:
    return cursors.time_and_id(cursor, _LIST)


async def count_keys(ctx: Context, wanted: KeyFilter) -> int:
    """How many `list_keys` would show in all."""
    async with ctx.services.database.read(_administered(ctx)) as db:
        return await persistence.api_keys.count(db, ctx.caller.org_id, wanted, ctx.now())


async def find_key(ctx: Context, id: KeyId) -> ApiKey | None:
    """Raises Forbidden for a key that may not administer."""
    async with ctx.services.database.read(_administered(ctx)) as db:
        return await persistence.api_keys.find(db, ctx.caller.org_id, id)


async def create_key(ctx: Context, wish: KeyRequest) -> MadeKey:
    """A key for a developer, who is made when new. Nobody grants what their own key may not do, nor to others what
    they may see of themselves alone: that needs `org:read` as well.

    Raises Forbidden without these rights, Invalid with all that stands against it.
    """
    tenant, now = _administered(ctx), ctx.now()
    ctx.caller.require(Scope.ORG_READ)
    wish = checked(wish, ctx.caller.scopes, now)
    async with ctx.services.database.write(tenant) as db:
        user = await _developer(db, tenant.org_id, wish)
        key, secret = _new_key(wish, tenant.org_id, user.id, now), new_secret(wish.kind)
        await persistence.access.save_key(db, tenant.org_id, key, digest(secret))
    ctx.loaders.forget()
    return MadeKey(key, secret)


async def _developer(db: Writing, org_id: OrgId, wish: KeyRequest) -> User:
    """Raises Invalid for one who is being erased."""
    user = await persistence.access.find_user_by_email(db, org_id, wish.address)
    if user is None:
        return await persistence.access.ensure_user(db, org_id, wish.address, wish.time_zone)
    if await persistence.erasures.is_going_on(db, org_id, user.id):
        raise owner_being_erased()
    return user


def _new_key(wish: KeyRequest, org_id: OrgId, user_id: UserId, now: datetime) -> ApiKey:
    return ApiKey(
        id=KeyId(new_id()),
        org_id=org_id,
        user_id=user_id,
        kind=wish.kind,
        scopes=wish.granted,
        created_at=now,
        expires_at=wish.expires_at,
        revoked_at=None,
        last_used_at=None,
    )


async def revoke_key(ctx: Context, id: KeyId) -> ApiKey:
    """Ends a key at once; revoking twice changes nothing. Raises Forbidden for a key that may not administer, Invalid
    for an unknown key and for the last one that may administer."""
    tenant, now = _administered(ctx), ctx.now()
    async with ctx.services.database.write(tenant) as db:
        locked = await persistence.api_keys.locked_with_administrators(db, tenant.org_id, id)
        if id not in locked:
            raise no_such_key()
        if state_of(locked[id], now) is not KeyState.REVOKED:
            check_revocable(locked[id], list(locked.values()), now)
            await _end(db, locked[id], now)
        revoked = await persistence.api_keys.find(db, tenant.org_id, id)
    assert revoked is not None
    return revoked


async def _end(db: Writing, key: ApiKey, now: datetime) -> None:
    """With a candidate's key the session leaves its cohort."""
    if key.kind is KeyKind.CANDIDATE:
        await resolvers.candidates.end(db, key.org_id, key.id, now)
    else:
        await persistence.access.revoke_key(db, key.org_id, key.id, now)
