"""The log of a session's arrivals: its order, its cursor and its walls."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import Executable

import persistence.arrivals
from domain.live import BEGINNING, Cursor, Place
from domain.timeline import Kind
from domain.values import EventId, OrgId, SessionId
from persistence.database import Database, Params, Reading, Row, Tenant, Urls, owner_engine
from persistence.live import Standing
from persistence.sessions import sessions
from persistence.timeline import events
from resolvers.context import Context, Services
from tests.history import session_id
from tests.make import event
from tests.make_context import make_context
from tests.make_live import arrive


@pytest.fixture
def session() -> SessionId:
    return session_id()


async def ids(
    ctx: Context, session: SessionId, place: Place = BEGINNING, limit: int = 100, tenant: Tenant | None = None
) -> list[EventId]:
    async with ctx.services.database.read(tenant or ctx.tenant) as db:
        arrivals = await persistence.arrivals.after(db, ctx.caller.org_id, session, place, limit)
    return [arrival.event_id for arrival in arrivals]


async def now(ctx: Context, session: SessionId) -> Cursor:
    async with ctx.read() as db:
        return await persistence.arrivals.newest(db, ctx.caller.org_id, session)


async def standing(ctx: Context, session: SessionId, cursor: Cursor) -> Standing:
    async with ctx.read() as db:
        return await persistence.arrivals.standing(db, session, cursor)


async def test_events_stand_in_the_order_of_their_arrival(context: Context, session: SessionId) -> None:
    first = await arrive(context, session, event(Kind.COMMAND, 50), event(Kind.COMMAND, 60))
    late = await arrive(context, session, event(Kind.COMMAND, 1))
    found = await ids(context, session)
    assert (sorted(found[:2]), found[2:]) == (sorted(first), late)


async def test_an_event_that_is_sent_again_arrives_once(context: Context, session: SessionId) -> None:
    once = event(Kind.COMMAND, 5)
    await arrive(context, session, once)
    await arrive(context, session, replace(once, ts=event(Kind.COMMAND, 9).ts), event(Kind.COMMAND, 7))
    found = await ids(context, session)
    assert (found[0], len(found)) == (once.id, 2)


async def test_pages_follow_one_another_without_gap_or_overlap(context: Context, session: SessionId) -> None:
    await arrive(context, session, *(event(Kind.COMMAND, at) for at in range(25)))
    seen: list[EventId] = []
    place = BEGINNING
    for _ in range(4):
        async with context.read() as db:
            page = await persistence.arrivals.after(db, context.caller.org_id, session, place, 7)
        seen += [arrival.event_id for arrival in page]
        place = page[-1].cursor.place
    assert seen == await ids(context, session)
    assert len(set(seen)) == 25


async def test_only_later_arrivals_come_after_now(context: Context, session: SessionId) -> None:
    empty = await now(context, session)
    assert empty.place == BEGINNING
    await arrive(context, session, event(Kind.COMMAND, 5))
    cursor = await now(context, session)
    last = await arrive(context, session, event(Kind.COMMAND, 1))
    assert await ids(context, session, cursor.place) == last
    assert await standing(context, session, empty) == await standing(context, session, cursor) == Standing()


async def test_what_arrives_in_another_session_is_not_shown(context: Context, session: SessionId) -> None:
    await arrive(context, session_id(), event(Kind.COMMAND, 5))
    mine = await arrive(context, session, event(Kind.COMMAND, 5))
    assert await ids(context, session) == mine


async def test_a_cursor_of_another_history_is_lost(context: Context, session: SessionId) -> None:
    await arrive(context, session, event(Kind.COMMAND, 5))
    cursor = await now(context, session)
    assert await standing(context, session, replace(cursor, epoch=cursor.epoch ^ 1)) == Standing(lost=True)
    ahead = replace(cursor, place=Place(0, cursor.place.id + 1_000_000))
    assert await standing(context, session, ahead) == Standing(lost=True)


async def test_without_its_session_the_log_is_over(context: Context, session: SessionId) -> None:
    await arrive(context, session, event(Kind.COMMAND, 5))
    cursor = await now(context, session)
    async with context.write() as db:
        for table, column in ((events, events.c.session_id), (sessions, sessions.c.id)):
            await db.execute(sa.delete(table).where(table.c.org_id == context.caller.org_id, column == session))
    assert await standing(context, session, cursor) == Standing(lost=True, over=True)


async def test_neither_another_developer_nor_another_organisation_sees_anything(
    services: Services, context: Context, session: SessionId
) -> None:
    await arrive(context, session, event(Kind.COMMAND, 5))
    stranger, org_id = await make_context(services), context.caller.org_id
    assert await ids(context, session, tenant=stranger.tenant) == []
    assert await ids(context, session, tenant=Tenant(org_id, stranger.caller.user_id)) == []
    assert len(await ids(context, session, tenant=Tenant(org_id))) == 1
    async with services.database.read(stranger.tenant) as db:
        beginning = replace(await persistence.arrivals.newest(db, org_id, session), place=BEGINNING)
        assert (await persistence.arrivals.standing(db, session, beginning)).over


# What the index does


class Explained(Reading):
    """Collects the plans of what is asked instead of the rows."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.plan = ""

    async def rows(self, statement: Executable, params: Params = None) -> Sequence[Row]:
        assert isinstance(statement, sa.Select)
        assert isinstance(params, dict)
        compiled = statement.compile(dialect=self.connection.dialect)
        values = tuple(params.get(name, compiled.params[name]) for name in compiled.positiontup or ())
        self.plan += "\n".join((await self.connection.exec_driver_sql(f"EXPLAIN {compiled}", values)).scalars())
        return []


_FILL = sa.text(
    "INSERT INTO events (org_id, session_id, ts, id, user_id, kind, ordinal, actor, attribution, confidence,"
    " observability, source, data)"
    " SELECT CAST(:org_id AS uuid), 's' || n % 20, now() - n * interval '1 minute', gen_random_uuid(),"
    " gen_random_uuid(), 'command', 0, 'ai', 'unknown', 0.5, 'full', '{}', '{}' FROM generate_series(1, 5000) AS n"
)


@pytest.fixture
async def full_log(fresh_urls: Urls, fresh_database: Database) -> OrgId:
    """One of three organisations with 20 sessions of 250 events each."""
    orgs = [OrgId(uuid4()) for _ in range(3)]
    for org_id in orgs:
        async with fresh_database.write(Tenant(org_id)) as db:
            await db.execute(_FILL, {"org_id": str(org_id)})
    engine = owner_engine(fresh_urls)
    async with engine.begin() as connection:
        await connection.execute(sa.text("ANALYZE events"))
    return orgs[1]


async def test_a_page_is_read_from_the_index_at_the_place(fresh_database: Database, full_log: OrgId) -> None:
    async with fresh_database.read(Tenant(full_log)) as db:
        explained = Explained(db.connection)
        await persistence.arrivals.after(explained, full_log, SessionId("s7"), Place(0, 4_000), 100)
    [condition] = [line for line in explained.plan.splitlines() if "Index Cond" in line]
    assert "events_arrival" in explained.plan
    assert "seq >" in condition
    assert "Sort" not in explained.plan


async def test_now_is_read_from_the_end_of_the_index(fresh_database: Database, full_log: OrgId) -> None:
    async with fresh_database.read(Tenant(full_log)) as db:
        explained = Explained(db.connection)
        with pytest.raises(ValueError, match="unpack"):  # there are no rows in a plan
            await persistence.arrivals.newest(explained, full_log, SessionId("s7"))
    assert "Backward using events_arrival" in explained.plan
