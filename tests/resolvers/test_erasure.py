"""Erasing a session: all of it goes, nothing else does, and what rested on it is derived anew."""

import pytest

from domain.access import Scope
from domain.errors import NotFound
from resolvers.context import Context, Services
from resolvers.erasure import delete_session
from tests.history import arcs, bug_fix, drain, ended, judging, recorded, store
from tests.make_context import DEVELOPER, make_context

ERASER = DEVELOPER | {Scope.SESSIONS_DELETE}


@pytest.fixture
async def ctx(fresh_services: Services) -> Context:
    return await make_context(judging(fresh_services), scopes=ERASER)


async def test_a_session_is_gone_for_good(ctx: Context) -> None:
    told = recorded(*bug_fix(0), ended(8))
    await store(ctx, told)
    await drain(ctx.services)
    assert await arcs(ctx, told)
    await delete_session(ctx, told.id)
    assert await arcs(ctx, told) == []
    with pytest.raises(NotFound):
        await delete_session(ctx, told.id)
