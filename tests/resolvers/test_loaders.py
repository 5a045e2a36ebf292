"""Edges are read in batches, and batches that come up together in one scope."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from domain.errors import Unavailable
from domain.sessions import Session
from domain.values import OrgId, SessionId, UserId
from persistence.database import Database, Reading, Tenant
from resolvers.context import Context
from resolvers.loaders import Loaders


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Tenant]:
    """Whom read scopes were opened for."""
    tenants: list[Tenant] = []
    read = Database.read

    @asynccontextmanager
    async def noted(self: Database, tenant: Tenant) -> AsyncGenerator[Reading]:
        tenants.append(tenant)
        async with read(self, tenant) as db:
            yield db

    monkeypatch.setattr(Database, "read", noted)
    return tenants


async def test_siblings_share_one_scope(context: Context, opened: list[Tenant]) -> None:
    loaders, own = context.loaders, context.caller.user_id
    found = await asyncio.gather(
        loaders.user.load(own),
        loaders.user.load(UserId(uuid4())),
        loaders.session.load(SessionId("none")),
        loaders.sub_sessions_by_session.load(SessionId("none")),
    )
    assert found[0] is not None
    assert [found[0].id, *found[1:]] == [own, None, None, []]
    assert opened == [context.tenant]
    assert await loaders.session.load(SessionId("other")) is None
    assert len(opened) == 2


async def test_what_goes_wrong_reaches_everybody_who_waits(context: Context) -> None:
    async def away(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> list[Session | None]:
        raise Unavailable("away")

    loaders = Loaders(context.services.database, context.tenant)
    results = await asyncio.gather(
        loaders.make(away).load(SessionId("x")), loaders.user.load(context.caller.user_id), return_exceptions=True
    )
    assert [type(result) for result in results] == [Unavailable, Unavailable]
    assert await loaders.user.clear(context.caller.user_id).load(context.caller.user_id)


async def test_a_reader_who_goes_away_leaves_the_others(context: Context) -> None:
    gone = asyncio.ensure_future(context.loaders.session.load(SessionId("x")))
    stays = asyncio.ensure_future(context.loaders.user.load(context.caller.user_id))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays) is not None
