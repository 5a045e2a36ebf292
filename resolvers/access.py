"""Who asks: from a presented secret to a Caller; making, listing and revoking keys."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

import persistence.access
import persistence.assessments
import persistence.clusters
import persistence.erasures
import persistence.score_days
from domain.access import (
    DEFAULT_SCOPES,
    ApiKey,
    Caller,
    CandidateStatus,
    KeyKind,
    Org,
    User,
    is_email,
    is_scope,
    is_time_zone,
    read_setting,
)
from domain.api_keys import granted
from domain.erasure import being_erased
from domain.errors import Invalid, NotFound, Unauthenticated
from domain.values import AssessmentId, KeyId, OrgId
from persistence.access import Presented
from persistence.database import Database, Owning, Tenant, Urls, Writing, owner_scope
from persistence.identifiers import new_id
from resolvers.context import Context, Services
from resolvers.organisations import change_settings

_TOUCH_EVERY = timedelta(minutes=1)
"""`last_used_at` is exact to this much, so that a busy key does not cost a write per request."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, with its secret: the only time it is shown."""

    key: ApiKey
    secret: str
    org: Org
    user: User


def digest(secret: str) -> bytes:
    """What is stored of a secret. Secrets are random, so a plain SHA-256 cannot be searched back."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


async def authenticate(services: Services, secret: str) -> Caller:
    """The caller whom this secret stands for. Raises Unauthenticated."""
    return (await find_presented(services, secret)).caller


async def find_presented(services: Services, secret: str) -> Presented:
    """The key that this secret is, while it is good.

    Raises Unauthenticated with reason `unknown` or `inactive` (revoked, expired, or an expired candidate).
    """
    found = await persistence.access.find_key(services.database, digest(secret))
    if found is None:
        raise Unauthenticated("unknown")
    now = services.now()
    expired = found.expires_at is not None and found.expires_at <= now
    if expired or found.revoked_at is not None or found.candidate_status is CandidateStatus.EXPIRED:
        raise Unauthenticated("inactive")
    if found.last_used_at is None or now - found.last_used_at >= _TOUCH_EVERY:
        await _touch(services.database, found.caller, now)
    return found


async def _touch(database: Database, caller: Caller, now: datetime) -> None:
    async with database.write(Tenant(caller.org_id, caller.user_id)) as db:
        await persistence.access.touch_key(db, caller.org_id, caller.key_id, now)


async def get_viewer(ctx: Context) -> User:
    """The developer behind the caller's key."""
    user = await ctx.loaders.user.load(ctx.caller.user_id)
    if user is None:
        raise NotFound("no such developer")
    return user


async def get_organisation(ctx: Context) -> Org:
    """The organisation of the caller's key."""
    org = await ctx.loaders.org.load(ctx.caller.org_id)
    if org is None:
        raise NotFound("no such organisation")
    return org


# What follows is done by whoever operates the server, over the owner's connection: no key exists yet.

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MOST_BUDGET = 10**12


def new_secret(kind: KeyKind) -> str:
    """Random, and told apart by people by its kind."""
    match kind:
        case KeyKind.CANDIDATE:  # short enough to be typed; the format is the old system's
            letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
            code = "".join(secrets.choice(letters) for _ in range(8))
            return f"PST-{code[:4]}-{code[4:]}"
        case KeyKind.DEVELOPER:
            return f"gck_{secrets.token_urlsafe(32)}"
        case KeyKind.PERSONAL:
            return f"phx_{secrets.token_urlsafe(32)}"
        case KeyKind.SERVICE:
            return f"gas_{secrets.token_urlsafe(32)}"
        case KeyKind.REVIEWER:
            return f"psk_live_{secrets.token_urlsafe(32)}"


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What an operator asks for; without scopes a key gets those usual for its kind."""

    slug: str
    email: str
    kind: KeyKind
    scopes: tuple[str, ...] = ()
    admin: bool = False
    assessment_id: AssessmentId | None = None
    time_zone: str | None = None
    expires_at: datetime | None = None
    budget: int | None = None


async def create_key(urls: Urls, wish: KeyWish, now: datetime) -> NewKey:
    """Makes organisation, developer and key as needed. Raises Invalid for a name, zone or pairing that cannot be."""
    email = wish.email.strip().lower()
    _check_wish(wish, email)
    secret = new_secret(wish.kind)
    async with owner_scope(urls) as db:
        org = await persistence.access.ensure_org(db, wish.slug)
        await db.bind(Tenant(org.id))
        user = await _ensure_user(db, org.id, email, wish.time_zone)
        await _refuse_erased(db, org, user)
        if wish.assessment_id is not None:
            wish = await _for_assessment(db, org, wish, wish.assessment_id, now)
        key = _new_key(wish, org, user, now)
        await persistence.access.save_key(db, org.id, key, digest(secret))
    return NewKey(key, secret, org, user)


async def _refuse_erased(db: Owning, org: Org, user: User) -> None:
    """Nothing new begins for whom is being erased. Raises Conflict."""
    if await persistence.erasures.is_going_on(db, org.id, user.id):
        raise being_erased(f"{user.email} in {org.slug}")


async def _for_assessment(db: Writing, org: Org, wish: KeyWish, id: AssessmentId, now: datetime) -> KeyWish:
    """Good for as long as the assessment says unless told otherwise. Raises Invalid where there is none."""
    assessment = await persistence.assessments.find(db, org.id, id)
    if assessment is None:
        raise Invalid(f"no assessment {id} in {org.slug}")
    return replace(wish, expires_at=wish.expires_at or assessment.keys_expire_at(now))


def _new_key(wish: KeyWish, org: Org, user: User, now: datetime) -> ApiKey:
    return ApiKey(
        id=KeyId(new_id()),
        org_id=org.id,
        user_id=user.id,
        kind=wish.kind,
        scopes=granted(wish.kind, wish.scopes, wish.admin),
        created_at=now,
        expires_at=wish.expires_at,
        revoked_at=None,
        last_used_at=None,
        assessment_id=wish.assessment_id,
        candidate_status=CandidateStatus.PENDING if wish.kind is KeyKind.CANDIDATE else None,
        budget=wish.budget,
    )


def _check_wish(wish: KeyWish, email: str) -> None:
    check_slug(wish.slug)
    check_email(email)
    for scope in wish.scopes:
        if not is_scope(scope):
            raise Invalid(f"{scope!r} is no scope: they look like sessions:read")
    if (wish.kind is KeyKind.CANDIDATE) != (wish.assessment_id is not None):
        raise Invalid("a candidate key, and only that, needs an assessment")
    if wish.time_zone is not None:
        _check_zone(wish.time_zone)
    if wish.budget is not None and not 1 <= wish.budget <= _MOST_BUDGET:
        raise Invalid(f"a budget has 1-{_MOST_BUDGET} points of cost a minute")


def _check_zone(name: str) -> None:
    if not is_time_zone(name):
        raise Invalid(f"{name!r} is no IANA time zone")


def check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise Invalid("an organisation's slug has 1-63 lower-case letters, digits and hyphens")


def check_email(email: str) -> None:
    if not is_email(email):
        raise Invalid(f"{email!r} is no e-mail address")


async def list_keys(urls: Urls, slug: str | None = None) -> list[tuple[Org, ApiKey, User | None]]:
    """Every key with its organisation and developer, of one organisation or of all. Raises NotFound for a slug."""
    found: list[tuple[Org, ApiKey, User | None]] = []
    async with owner_scope(urls) as db:
        for org in await orgs_named(db, slug):
            await db.bind(Tenant(org.id))
            keys = await persistence.access.keys(db, org.id)
            users = await persistence.access.users_by_id(db, org.id, [key.user_id for key in keys])
            found += [(org, key, user) for key, user in zip(keys, users, strict=True)]
    return found


async def orgs_named(db: Owning, slug: str | None) -> list[Org]:
    """The organisation of that slug, or with None all of them. Raises NotFound."""
    if slug is None:
        return list(await persistence.access.list_orgs(db))
    if (org := await persistence.access.find_org(db, slug)) is None:
        raise NotFound(f"no organisation {slug}")
    return [org]


async def get_org(urls: Urls, slug: str) -> Org:
    """Raises NotFound."""
    async with owner_scope(urls) as db:
        [org] = await orgs_named(db, slug)
        return org


async def set_settings(urls: Urls, slug: str, changes: Mapping[str, str]) -> Org:
    """Changes settings of an organisation; where verdicts depend on one, its sessions are derived again.

    Raises NotFound, and Invalid for a setting or a value that does not exist.
    """
    values = {name: read_setting(name, text) for name, text in changes.items()}
    async with owner_scope(urls) as db:
        [org] = await orgs_named(db, slug)
        await db.bind(Tenant(org.id))
        return await change_settings(db, org, values)


async def set_time_zone(urls: Urls, slug: str, email: str, time_zone: str) -> User:
    """Days and windows of this developer are cut in that zone from now on. Raises NotFound, Invalid."""
    email = email.strip().lower()
    check_email(email)
    _check_zone(time_zone)
    async with owner_scope(urls) as db:
        [org] = await orgs_named(db, slug)
        await db.bind(Tenant(org.id))
        if await persistence.access.find_user_by_email(db, org.id, email) is None:
            raise NotFound(f"no developer {email} in {slug}")
        return await _ensure_user(db, org.id, email, time_zone)


async def _ensure_user(db: Writing, org_id: OrgId, email: str, time_zone: str | None) -> User:
    """As in persistence; what was added up by day is cut anew where the zone becomes another one."""
    old = await persistence.access.find_user_by_email(db, org_id, email)
    user = await persistence.access.ensure_user(db, org_id, email, time_zone)
    if old is not None and old.time_zone != user.time_zone:
        await persistence.clusters.lock(db, org_id, [user.id])
        await persistence.score_days.rebuild(db, org_id, user.id)
    return user


async def revoke_key(urls: Urls, id: KeyId, now: datetime) -> None:
    """Ends a key at once. Raises NotFound for an unknown one; revoking twice changes nothing."""
    async with owner_scope(urls) as db:
        for org in await persistence.access.list_orgs(db):
            await db.bind(Tenant(org.id))
            if await persistence.access.revoke_key(db, org.id, id, now):
                return
    raise NotFound(f"no key {id}")


async def local_caller(urls: Urls, slug: str, email: str) -> Caller:
    """Whoever works on this machine, as the developer of that address; both are made when new."""
    email = email.strip().lower()
    check_slug(slug)
    check_email(email)
    async with owner_scope(urls) as db:
        org = await persistence.access.ensure_org(db, slug)
        await db.bind(Tenant(org.id))
        user = await persistence.access.ensure_user(db, org.id, email, None)
        await _refuse_erased(db, org, user)
    scopes = DEFAULT_SCOPES[KeyKind.DEVELOPER]
    return Caller(
        org.id, org.environment_id, user.id, user.time_zone, KeyId(user.id), KeyKind.DEVELOPER, scopes, org.settings
    )
