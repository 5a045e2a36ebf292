"""Pages out of the middle of long lists are found along an index, from either end."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sized
from dataclasses import dataclass, replace
from itertools import product

import asyncpg
import pytest
import sqlalchemy as sa

import persistence.judging
import persistence.session_lists
import persistence.stretches
from domain.judging.filters import SubSessionFilter
from domain.search import read
from domain.sessions import ArcOutcome, Bounds, SessionFilter, SessionOrder, SessionSort
from domain.values import OrgId, SessionId, SubSessionId, UserId, Window
from persistence.database import Database, Reading, Tenant, owner_scope
from persistence.stretches import Stretch
from tests.bench.plans import explain
from tests.bench.recorded import Recorder
from tests.conftest import TestCluster
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
    "INSERT INTO sessions (org_id, id, user_id, project, started_at) SELECT org, n::text, owner,"
    f" CASE WHEN n % 2 = 0 THEN 'even' ELSE 'odd' END, CASE WHEN n % 10 > 0 THEN {_AT} END {_OWN}",
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


_COUNTED = "session_id::bigint"
NOTE = [
    f"UPDATE session_figures SET project = s.project, started_at = s.started_at, last_activity_at = s.started_at,"
    f" duration_ms = CASE WHEN {_COUNTED} % 10 > 0 THEN {_COUNTED} END,"
    f" cost_usd = CASE WHEN {_COUNTED} % 10 > 0 THEN {_COUNTED} END, total_tokens = {_COUNTED},"
    f" error_count = {_COUNTED}, tool_error_count = {_COUNTED} % 2, commit_count = {_COUNTED} % 2,"
    f" qualifying_count = 1, crushed_count = {_COUNTED} % 2 FROM sessions s"
    " WHERE s.org_id = CAST(:org AS uuid) AND s.id = session_id AND :rows > 0 AND :mark > ''",
    "INSERT INTO session_texts (org_id, session_id, user_id, words) SELECT org_id, id, user_id,"
    " array_to_tsvector(ARRAY[CAST(:mark AS text) ||"
    "   CASE WHEN id::bigint % 100 = 0 THEN 'rare' ELSE 'often' END]) FROM sessions"
    " WHERE org_id = CAST(:org AS uuid) AND :rows > 0",
    "INSERT INTO arc_texts (org_id, sub_session_id, session_id, user_id, words) SELECT t.org_id, s.id, t.session_id,"
    " t.user_id, t.words FROM session_texts t JOIN sub_sessions s USING (org_id, session_id)"
    " WHERE org_id = CAST(:org AS uuid) AND :rows > 0 AND :mark > ''",
]


@dataclass(frozen=True, slots=True)
class World:
    """An organisation with much work of two people; `asked` is one of them, or None for the whole organisation."""

    database: Database
    app: asyncpg.Connection
    org_id: OrgId
    asked: UserId | None

    async def faults(self, read: Callable[[Reading], Awaitable[Sized]]) -> list[str]:
        """What is wrong with how PostgreSQL answers; the page must be full."""
        recorder = Recorder()
        with telling(recorder.told):
            async with self.database.read(Tenant(self.org_id, self.asked)) as db:
                assert len(await read(db)) == FEW + 1
        plans = await explain(self.app, recorder.take(), seqscan=False, modes=["custom"])
        assert plans
        return [f"{fault}\n{plan.text}" for plan in plans for fault in plan.faults]


@pytest.fixture(scope="module")
async def developer(cluster: TestCluster) -> AsyncGenerator[World]:
    """In a database whose statistics are of nothing else."""
    async with cluster.clone("pages") as urls:
        org = await make_org(urls)
        people = [await make_user(urls, org) for _ in range(2)]
        async with owner_scope(urls) as db:
            await db.bind(Tenant(org.id))
            for statement in FILL:
                await db.execute(sa.text(statement), {"rows": ROWS, "org": str(org.id), "user": str(people[0].id)})
            for statement in NOTE:
                await db.execute(sa.text(statement), {"rows": ROWS, "org": str(org.id), "mark": org.id.hex[-6:]})
            for table in ("sessions", "session_figures", "session_texts", "sub_sessions", "arc_texts", "events"):
                await db.execute(sa.text(f"ANALYZE {table}"))
        url = sa.make_url(urls.app)
        app = await asyncpg.connect(
            host=url.query["host"], port=int(url.query["port"]), user=url.username, database=url.database
        )
        database = Database(urls)
        yield World(database, app, org.id, people[0].id)
        await app.close()
        await database.close()


@pytest.fixture(params=["a developer", "the organisation"])
def world(request: pytest.FixtureRequest, developer: World) -> World:
    return developer if request.param == "a developer" else replace(developer, asked=None)


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


FILTERS = [
    SessionFilter(),
    SessionFilter(project="even"),
    SessionFilter(tokens=Bounds(least=0)),
    SessionFilter(cost_usd=Bounds(least=0.0)),
    SessionFilter(tool_errors=Bounds(least=1)),
    SessionFilter(any_arc=(ArcOutcome.CRUSHED,)),
    SessionFilter(has_commits=True),
    SessionFilter(search=read("rare")),
]
MIDDLES = {
    SessionOrder.ACTIVITY: MIDDLE,
    SessionOrder.DURATION: ROWS // 2,
    SessionOrder.TOKENS: ROWS // 2,
    SessionOrder.COST: ROWS / 2,
    SessionOrder.ERRORS: ROWS // 2,
}


def _sorted() -> Iterator[tuple[SessionFilter, SessionSort, Window[persistence.session_lists.Place]]]:
    """Each order with each condition, and each order out of the middle."""
    for one, by, falling in product(FILTERS, SessionOrder, (True, False)):
        if one.search is not None or by is not SessionOrder.RELEVANCE:
            yield one, SessionSort(by, falling), Window(FEW)
    for (by, key), falling in product(MIDDLES.items(), (True, False)):
        yield SessionFilter(), SessionSort(by, falling), Window(FEW, (key, ID))
        yield SessionFilter(), SessionSort(by, falling), Window(FEW, None, (key, ID), backwards=True)


async def test_sessions_in_any_order(world: World) -> None:
    """At worst the figures of the organisation are read once."""
    for one, sort, window in _sorted():

        async def page(
            db: Reading,
            wanted: SessionFilter = replace(one, user_id=world.asked),  # noqa: B008 - of this turn
            sort: SessionSort = sort,
            window: Window[persistence.session_lists.Place] = window,
        ) -> Sized:
            return await persistence.session_lists.page(db, world.org_id, wanted, sort, window)

        assert await world.faults(page) == [], (one, sort, window)


async def test_sub_sessions(world: World) -> None:
    place = (MIDDLE, SubSessionId(world.org_id))
    windows = (Window(FEW), Window(FEW, place), Window(FEW, None, place, backwards=True))
    for search, window in product((None, read("rare")), windows):
        wanted = SubSessionFilter(user_id=world.asked, search=search)

        async def page(
            db: Reading, wanted: SubSessionFilter = wanted, window: Window[persistence.judging.Place] = window
        ) -> Sized:
            return await persistence.judging.page(db, world.org_id, wanted, window)

        assert await world.faults(page) == [], (wanted, window)


async def test_timelines(world: World) -> None:
    for window in (Window(FEW, (MIDDLE, 1)), Window(FEW, None, (MIDDLE, 1), backwards=True)):

        async def read(db: Reading, window: Window[persistence.stretches.Place] = window) -> Sized:
            [found] = await persistence.stretches.events_of_sessions(db, world.org_id, [Stretch(LONG, window)])
            return found

        assert await world.faults(read) == [], window
