"""Pages out of the middle of long lists are found along an index, from either end."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sized

import asyncpg
import pytest
import sqlalchemy as sa

import persistence.judging
import persistence.session_lists
import persistence.stretches
from domain.judging.filters import SubSessionFilter
from domain.sessions import SessionFilter, SessionSort
from domain.values import OrgId, SessionId, SubSessionId, UserId, Window
from persistence.database import Database, Reading, Tenant, Urls, owner_scope
from persistence.stretches import Stretch
from tests.bench.plans import explain
from tests.bench.recorded import Recorder
from tests.make import time
from tests.make_context import make_org, make_user
from tests.sent import telling

ROWS = 6_000
MIDDLE = time(ROWS / 2)
FEW = 10
LONG = SessionId("0")

_OWN = "FROM generate_series(0, :rows - 1) n, (SELECT CAST(:org AS uuid) AS org, CAST(:user AS uuid) AS owner) who"
_AT = "timestamptz '2026-03-02T09:00Z' + n * interval '1 minute'"
FILL = [
    # One in ten has no start; the events are those of the first session.
    f"INSERT INTO sessions (org_id, id, user_id, started_at) SELECT org, n::text, owner,"
    f" CASE WHEN n % 10 > 0 THEN {_AT} END {_OWN}",
    "INSERT INTO sub_sessions (org_id, id, user_id, session_id, started_at, last_event_at, state, fragment_ids,"
    " turn_count, net_loc, lines_added, lines_removed, mutating_tool_calls, read_only_tool_calls, tool_errors,"
    " input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, judge_status, habits, explicit_acceptance,"
    " qualifying, crushed, title_source, prompt_ids, commit_refs, revert_refs, evidence, ruleset_version,"
    f" judge_version) SELECT org, md5(n::text)::uuid, owner, n::text, {_AT}, {_AT}, 'scored',"
    " ARRAY[md5(n::text)::uuid], 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 'ok', '{}', false, true, true, 'rubric', '{}', '{}',"
    f" '{{}}', '[]', '1', '1' {_OWN}",
    "INSERT INTO events (org_id, session_id, ts, id, user_id, kind, ordinal, actor, attribution, confidence,"
    f" observability, source, data) SELECT org, '{LONG}', {_AT}, md5(n::text)::uuid, owner, 'command', 0, 'ai',"
    f" 'unknown', 0.5, 'partial', '{{}}', '{{}}' {_OWN}",
]


class World:
    """An organisation with much work of two people; `asked` is one of them, or None for the whole organisation."""

    def __init__(self, database: Database, app: asyncpg.Connection, org_id: OrgId, asked: UserId | None) -> None:
        self._database, self._app = database, app
        self.org_id, self.asked = org_id, asked

    async def faults(self, read: Callable[[Reading], Awaitable[Sized]]) -> list[str]:
        """What is wrong with how PostgreSQL answers; the page must be full."""
        recorder = Recorder()
        with telling(recorder.told):
            async with self._database.read(Tenant(self.org_id, self.asked)) as db:
                assert len(await read(db)) == FEW + 1
        plans = await explain(self._app, recorder.take(), seqscan=False)
        return [f"{fault}\n{plan.text}" for plan in plans if plan.mode == "custom" for fault in plan.faults]


@pytest.fixture(params=["a developer", "the organisation"])
async def world(request: pytest.FixtureRequest, fresh_urls: Urls, fresh_database: Database) -> AsyncGenerator[World]:
    org = await make_org(fresh_urls)
    people = [await make_user(fresh_urls, org) for _ in range(2)]
    async with owner_scope(fresh_urls) as db:
        await db.bind(Tenant(org.id))
        for statement in FILL:
            await db.execute(sa.text(statement), {"rows": ROWS, "org": str(org.id), "user": str(people[0].id)})
        for table in ("sessions", "sub_sessions", "events"):
            await db.execute(sa.text(f"ANALYZE {table}"))
    url = sa.make_url(fresh_urls.app)
    host = url.query.get("host", url.host)
    app = await asyncpg.connect(
        host=host, port=url.port or int(url.query["port"]), user=url.username, database=url.database
    )
    yield World(fresh_database, app, org.id, people[0].id if request.param == "a developer" else None)
    await app.close()


ID = SessionId("5")
SESSION_WINDOWS = {
    "first": Window(FEW),
    "last": Window(FEW, backwards=True),
    "after": Window(FEW, (MIDDLE, ID)),
    "before": Window(FEW, None, (MIDDLE, ID), backwards=True),
    "range": Window(FEW, (time(ROWS - 10), ID), (MIDDLE, ID), backwards=True),
    "after one without a start": Window(FEW, (None, ID)),
    "before one without a start": Window(FEW, None, (None, ID), backwards=True),
    "from a start to one without": Window(FEW, (MIDDLE, ID), (None, ID), backwards=True),
}


async def test_sessions(world: World) -> None:
    wanted = SessionFilter(user_id=world.asked)
    for name, window in SESSION_WINDOWS.items():

        async def read(db: Reading, window: Window[persistence.session_lists.Place] = window) -> Sized:
            return await persistence.session_lists.page(db, world.org_id, wanted, SessionSort(), window)

        assert await world.faults(read) == [], name


async def test_sub_sessions(world: World) -> None:
    wanted, place = SubSessionFilter(user_id=world.asked), (MIDDLE, SubSessionId(world.org_id))
    for window in (Window(FEW), Window(FEW, place), Window(FEW, None, place, backwards=True)):

        async def read(db: Reading, window: Window[persistence.judging.Place] = window) -> Sized:
            return await persistence.judging.page(db, world.org_id, wanted, window)

        assert await world.faults(read) == [], window


async def test_timelines(world: World) -> None:
    for window in (Window(FEW, (MIDDLE, 1)), Window(FEW, None, (MIDDLE, 1), backwards=True)):

        async def read(db: Reading, window: Window[persistence.stretches.Place] = window) -> Sized:
            [found] = await persistence.stretches.events_of_sessions(db, world.org_id, [Stretch(LONG, window)])
            return found

        assert await world.faults(read) == [], window
