"""An organisation with its keys, reached through the REST face; every answer is held against the contract."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

import resolvers.access
from domain.access import KeyKind
from domain.judging.records import SubSession
from domain.values import SessionId
from persistence.database import Tenant
from persistence.derivation import Update, save_arcs
from resolvers.access import KeyWish, NewKey
from resolvers.context import Context, Services
from resolvers.derivation import derive_now
from rest_compat.openapi import DOCS
from rest_compat.routes import ROUTES
from server.auth import Authenticate
from tests.hiring import create_assessment
from tests.history import Recorded, derive, judging, store
from tests.make_context import context_of
from tests.rest_compat import contract

BASE = "http://rest.test"
ANSWERED_EMPTY = {204, 405}


def app_of(services: Services, stopping: asyncio.Event | None = None) -> ASGIApp:
    """The REST face alone, over services that are open already."""
    state = {"services": services, "stopping": stopping or asyncio.Event()}
    face = Starlette(routes=[*ROUTES, *DOCS], middleware=[Middleware(Authenticate)])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await face({**scope, "state": dict(state)}, receive, send)

    return app


async def _hold_against_contract(response: httpx2.Response) -> None:
    request = response.request
    endpoint = contract.endpoint_of("GET" if request.method == "HEAD" else request.method, request.url.path)
    await response.aread()
    if endpoint is None or request.method == "HEAD" or response.status_code in ANSWERED_EMPTY:
        return
    if response.headers.get("content-type", "").startswith(("text/event-stream", "text/csv")):
        return
    if not response.content and None in [answer["schema"] for answer in endpoint.spec["success"]]:
        return
    if isinstance(body := response.json(), dict) and "results" in body and "/hooks/" in endpoint.path:
        return  # an array of events: more than the contract knows
    endpoint.check(response.status_code, body)
    assert response.headers["content-type"] == "application/json"


def client_of(
    services: Services, headers: dict[str, str] | None = None, address: str = "192.0.2.7"
) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app_of(services), client=(address, 4711)),
        base_url=BASE,
        headers=headers,
        event_hooks={"response": [_hold_against_contract]},
    )


@dataclass
class House:
    """One organisation. Its clock stands still; nothing is counted against a rate limit unless told."""

    services: Services
    slug: str

    async def key(self, kind: KeyKind = KeyKind.DEVELOPER, email: str = "ada@example.org", **wish: object) -> NewKey:
        if kind is KeyKind.CANDIDATE and "assessment_id" not in wish:
            wish["assessment_id"] = await self.assessment()
        asked = KeyWish(self.slug, email, kind, **wish)
        return await resolvers.access.create_key(self.services.database.urls, asked, self.services.now())

    async def assessment(self) -> object:
        return await create_assessment(self.services.database.urls, self.slug, "task")

    def client(self, key: NewKey | str | None = None, header: str = "authorization") -> httpx2.AsyncClient:
        if key is None:
            return client_of(self.services)
        secret = key if isinstance(key, str) else key.secret
        return client_of(self.services, {header: f"Bearer {secret}" if header == "authorization" else secret})

    async def developer(self, email: str = "ada@example.org", **wish: object) -> "Developer":
        key = await self.key(email=email, **wish)
        caller = await resolvers.access.authenticate(self.services, key.secret)
        return Developer(self.client(key), context_of(self.services, caller), key)

    async def reviewer(self) -> httpx2.AsyncClient:
        return self.client(await self.key(KeyKind.REVIEWER, "rev@example.org"))

    async def candidate(self, **wish: object) -> httpx2.AsyncClient:
        return self.client(await self.key(KeyKind.CANDIDATE, "cand@example.org", **wish), "x-api-key")

    async def derived(self, *sessions: str) -> None:
        """Derives sessions now, as the worker would in a moment."""
        key = await self.key(KeyKind.SERVICE)
        for id in sessions:
            await derive_now(self.services, key.org.id, SessionId(id))

    def at(self, now: datetime) -> "House":
        return replace(self, services=replace(self.services, now=lambda: now))


@dataclass
class Developer:
    """A developer at work: a client, and what is recorded of them."""

    client: httpx2.AsyncClient
    context: Context
    key: NewKey

    async def worked(self, *told: Recorded) -> None:
        """Stores sessions and derives their arcs."""
        await store(self.context, *told)
        await derive(self.context, *told)

    async def has(self, *arcs: SubSession) -> None:
        """Stores arcs as they are, as this developer's."""
        caller = self.context.caller
        mine = [Update(None, replace(arc, user_id=caller.user_id)) for arc in arcs]
        async with self.context.services.database.write(Tenant(caller.org_id)) as db:
            await save_arcs(db, caller.org_id, mine)


def house_of(services: Services, now: datetime) -> House:
    return House(replace(judging(services, now), rate_limits=False), f"house-{uuid4().hex[:12]}")
