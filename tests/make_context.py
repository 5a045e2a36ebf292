"""Builders of who asks: an organisation, its developers, a caller and a context, each in one line."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa

from domain.access import Caller, KeyKind, Org, OrgSettings, Scope, User
from domain.judging.arcs import Arc
from domain.judging.judge import Verdict
from domain.values import KeyId, OrgId, UserId
from persistence.access import orgs, revoke_key, users
from persistence.bus import Bus
from persistence.database import Database, Tenant, Urls, owner_scope
from persistence.insights.postgres import PostgresEngine
from persistence.live_feeds import LiveFeeds
from resolvers.context import Context, Services
from resolvers.loaders import Loaders

DEVELOPER = frozenset(
    {Scope.SESSIONS_READ, Scope.SESSIONS_WRITE, Scope.EVENTS_WRITE, Scope.SCORES_READ, Scope.LABELS_WRITE}
)
"""The scopes of a caller unless told: reads and writes what is the developer's own."""

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def make_org(urls: Urls) -> Org:
    """A new organisation, committed."""
    id = OrgId(uuid4())
    insert = sa.insert(orgs).values(id=id, slug=f"org-{id}").returning(orgs.c.environment_id)
    async with owner_scope(urls) as db:
        environment_id = (await db.execute(insert)).scalar_one()
    return Org(id, f"org-{id}", environment_id, OrgSettings())


async def make_user(urls: Urls, org: Org, *, time_zone: str = "UTC") -> User:
    """A new developer of `org`, committed."""
    user = User(UserId(uuid4()), "", time_zone)
    email = f"{user.id}@example.org"
    async with owner_scope(urls) as db:
        await db.bind(Tenant(org.id))
        await db.execute(sa.insert(users).values(org_id=org.id, id=user.id, email=email, time_zone=time_zone))
    return User(user.id, email, time_zone)


async def end_key(urls: Urls, org_id: OrgId, id: KeyId, at: datetime) -> None:
    """Revokes it. What operators do looks for it in all organisations, of which tests leave thousands: a second."""
    async with owner_scope(urls) as db:
        await db.bind(Tenant(org_id))
        assert await revoke_key(db, org_id, id, at)


def make_caller(
    org: Org, user: User, *, scopes: frozenset[str] = DEVELOPER, kind: KeyKind = KeyKind.DEVELOPER
) -> Caller:
    return Caller(org.id, org.environment_id, user.id, user.time_zone, KeyId(uuid4()), kind, scopes, org.settings)


def make_services(database: Database, bus: Bus, *, now: datetime = NOW) -> Services:
    """Services whose clock stands still at `now` and whose judge must not be asked."""
    live, engine = LiveFeeds(database, bus), PostgresEngine(database)
    return Services(database=database, bus=bus, judge=_NoJudge(), now=lambda: now, live=live, engine=engine)


async def make_context(
    services: Services, *, org: Org | None = None, user: User | None = None, scopes: frozenset[str] = DEVELOPER
) -> Context:
    """A context of a new developer, in a new organisation unless told."""
    urls = services.database.urls
    org = org or await make_org(urls)
    return context_of(services, make_caller(org, user or await make_user(urls, org), scopes=scopes))


def context_of(services: Services, caller: Caller) -> Context:
    return Context(services, caller, Loaders(services.database, Tenant(caller.org_id, caller.visible_user)))


class _NoJudge:
    version = "none"

    def judge(self, arc: Arc) -> Verdict:
        raise AssertionError("this test judges nothing")
