"""Insights for a team that starts today."""

import pytest

from domain.access import Scope
from domain.errors import Forbidden
from domain.insights.query import read
from domain.insights.ready_made import TAG, ready_made
from domain.insights.runs import Refresh
from domain.insights.saved import InsightChange
from persistence.database import Tenant
from resolvers.context import Services
from resolvers.insight_runs import run
from resolvers.insights import update_insight
from resolvers.ready_made import create_ready_made
from tests.make_context import make_context
from tests.make_insights import made, put_events

SCOPES = frozenset({Scope.INSIGHT_READ, Scope.INSIGHT_WRITE})


async def test_they_are_made_once(services: Services) -> None:
    ctx = await make_context(services, scopes=SCOPES)
    first = await create_ready_made(ctx, folder="Start here")
    assert [one.name for one in first] == [one.name for one in ready_made([])]
    assert {(one.tags, one.folder, one.saved) for one in first} == {((TAG,), "Start here", True)}
    assert await create_ready_made(ctx) == []
    await update_insight(ctx, first[0].id, InsightChange(deleted=True))
    assert [one.name for one in await create_ready_made(ctx)] == [first[0].name]


async def test_agents_at_work_have_one_each(services: Services) -> None:
    ctx = await make_context(services, scopes=SCOPES)
    async with services.database.write(Tenant(ctx.caller.org_id)) as db:
        events = [made("session_started", 0, ctx.caller.user_id, agent=agent) for agent in ("codex", "claude-code")]
        await put_events(db, ctx.caller.org_id, events)
    names = [one.name for one in await create_ready_made(ctx)]
    assert [name.rpartition(": ")[2] for name in names[-2:]] == ["claude-code", "codex"]


async def test_each_can_be_run(services: Services) -> None:
    ctx = await make_context(services, scopes=SCOPES)
    for one in await create_ready_made(ctx):
        source = read(one.query).source
        assert source is not None
        assert (await run(ctx, source, Refresh.FORCE_BLOCKING)).result is not None


@pytest.mark.parametrize("scope", [Scope.INSIGHT_READ, Scope.INSIGHT_WRITE])
async def test_both_scopes_are_needed(services: Services, scope: Scope) -> None:
    ctx = await make_context(services, scopes=frozenset({scope}))
    with pytest.raises(Forbidden):
        await create_ready_made(ctx)
