"""The log of live events: its commit-safe cursor, its walls and its pruning."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import Executable

import persistence.live
from domain.access import Org, User
from domain.live import BEGINNING, Cursor, Place
from domain.values import OrgId, UserId
from persistence.database import Database, Params, Reading, Row, Tenant, Urls, owner_engine
from tests.make_context import make_org, make_user
from tests.make_live import make_news, number_of, settled, tell


@pytest.fixture
async def org(urls: Urls) -> Org:
    return await make_org(urls)


@pytest.fixture
async def user(urls: Urls, org: Org) -> User:
    return await make_user(urls, org)


async def numbers(
    database: Database, tenant: Tenant, place: Place = BEGINNING, limit: int = 100, user_id: UserId | None = None
) -> list[object]:
    async with database.read(tenant) as db:
        return [number_of(event) for event in await persistence.live.after(db, tenant.org_id, place, limit, user_id)]


async def now(database: Database, org_id: OrgId, user_id: UserId | None = None) -> Cursor:
    async with database.read(Tenant(org_id, user_id)) as db:
        return await persistence.live.newest(db, org_id, user_id)


async def lost(database: Database, cursor: Cursor) -> bool:
    async with database.read(Tenant(cursor.org_id)) as db:
        return (await persistence.live.standing(db, cursor)).lost


async def prune(
    database: Database,
    org_id: OrgId,
    limit: int = 10_000,
    kept: timedelta = timedelta(days=-1),
) -> int:
    """Of whatever age, unless told."""
    async with database.write(Tenant(org_id)) as db:
        return await persistence.live.prune(db, org_id, kept, limit)


async def test_an_event_comes_back_as_it_was_told(database: Database, org: Org, user: User) -> None:
    news = make_news(user.id, 7)
    started = datetime.now(UTC) - timedelta(seconds=5)
    async with database.write(Tenant(org.id)) as db:
        await persistence.live.append(db, org.id, [news])
    await settled(database)
    async with database.read(Tenant(org.id)) as db:
        [event] = await persistence.live.after(db, org.id, BEGINNING, 10)
    assert event.cursor.org_id == org.id
    assert started < event.at < datetime.now(UTC) + timedelta(seconds=5)
    told = (event.name, event.session_id, event.sub_session_id, event.user_id, event.payload)
    assert told == (news.name, news.session_id, news.sub_session_id, news.user_id, news.payload)


async def test_nothing_is_told_without_news(database: Database, org: Org) -> None:
    await tell(database, org.id, UserId(org.id))
    assert await numbers(database, Tenant(org.id)) == []


async def test_pages_follow_one_another_without_gap_or_overlap(database: Database, org: Org, user: User) -> None:
    for first in range(0, 25, 5):
        await tell(database, org.id, user.id, *range(first, first + 5))
    seen: list[object] = []
    place = BEGINNING
    for _ in range(4):
        async with database.read(Tenant(org.id)) as db:
            page = await persistence.live.after(db, org.id, place, 7)
        seen += [number_of(event) for event in page]
        place = page[-1].cursor.place
    assert seen == list(range(25))
    assert await numbers(database, Tenant(org.id), place) == []


# What is not committed, or may still be overtaken


@asynccontextmanager
async def unfinished(database: Database, org: Org, user: User, number: int) -> AsyncGenerator[None]:
    async with database.write(Tenant(org.id)) as db:
        await persistence.live.append(db, org.id, [make_news(user.id, number)])
        yield


async def test_an_event_that_began_first_and_ends_last_is_not_stepped_over(
    fresh_database: Database, org_of_fresh: tuple[Org, User]
) -> None:
    org, user = org_of_fresh
    async with unfinished(fresh_database, org, user, 1):
        await tell(fresh_database, org.id, user.id, 2, settle=False)
        assert await numbers(fresh_database, Tenant(org.id)) == []
        before = await now(fresh_database, org.id)
    await settled(fresh_database)
    assert await numbers(fresh_database, Tenant(org.id)) == [1, 2]
    assert await numbers(fresh_database, Tenant(org.id), before.place) == [1, 2]


async def test_a_rolled_back_event_was_never_told(fresh_database: Database, org_of_fresh: tuple[Org, User]) -> None:
    org, user = org_of_fresh
    with pytest.raises(ZeroDivisionError):
        async with unfinished(fresh_database, org, user, 1):
            raise ZeroDivisionError
    await tell(fresh_database, org.id, user.id, 2)
    assert await numbers(fresh_database, Tenant(org.id)) == [2]


@pytest.fixture
async def org_of_fresh(fresh_urls: Urls) -> tuple[Org, User]:
    org = await make_org(fresh_urls)
    return org, await make_user(fresh_urls, org)


async def test_a_writer_in_another_database_holds_events_back_and_a_reader_does_not(
    database: Database, fresh_database: Database, org_of_fresh: tuple[Org, User]
) -> None:
    """What the module says about the watermark, measured: it is that of the whole cluster."""
    org, user = org_of_fresh
    async with database.unbound() as elsewhere:
        await elsewhere.execute(sa.text("SELECT count(*) FROM orgs"))
        await tell(fresh_database, org.id, user.id, 1)
        assert await numbers(fresh_database, Tenant(org.id)) == [1]
        await elsewhere.execute(sa.text("SELECT pg_current_xact_id()"))
        await tell(fresh_database, org.id, user.id, 2, settle=False)
        assert await numbers(fresh_database, Tenant(org.id)) == [1]
    await settled(fresh_database)
    assert await numbers(fresh_database, Tenant(org.id)) == [1, 2]


async def are_settling(database: Database, org_id: OrgId) -> bool:
    async with database.read(Tenant(org_id)) as db:
        beginning = replace(await persistence.live.newest(db, org_id), place=BEGINNING)
        return (await persistence.live.standing(db, beginning)).settling


async def test_events_settle_when_the_last_transaction_before_them_has_ended(
    fresh_database: Database, org_of_fresh: tuple[Org, User]
) -> None:
    org, user = org_of_fresh
    async with unfinished(fresh_database, org, user, 1):
        assert not await are_settling(fresh_database, org.id)
        await tell(fresh_database, org.id, user.id, 2, settle=False)
        assert await are_settling(fresh_database, org.id)
        assert await prune(fresh_database, org.id) == 0
    await settled(fresh_database)
    assert not await are_settling(fresh_database, org.id)
    assert await prune(fresh_database, org.id) == 2


# Now, the past, and what is gone


async def test_now_in_an_empty_log_is_its_beginning(database: Database, org: Org) -> None:
    assert (await now(database, org.id)).place == BEGINNING


async def test_only_later_events_come_after_now(database: Database, org: Org, user: User) -> None:
    await tell(database, org.id, user.id, 1, 2)
    cursor = await now(database, org.id)
    await tell(database, org.id, user.id, 3)
    assert await numbers(database, Tenant(org.id), cursor.place) == [3]


async def test_now_of_a_developer_is_their_own_newest_event(
    database: Database, urls: Urls, org: Org, user: User
) -> None:
    other = await make_user(urls, org)
    await tell(database, org.id, user.id, 1)
    of_user = await now(database, org.id)
    await tell(database, org.id, other.id, 2)
    assert await now(database, org.id, user.id) == of_user
    assert await now(database, org.id) != of_user


async def test_nothing_is_lost_while_nothing_was_pruned(database: Database, org: Org, user: User) -> None:
    empty = await now(database, org.id)
    await tell(database, org.id, user.id, 1)
    assert not await lost(database, empty)
    assert not await lost(database, await now(database, org.id))


async def test_pruning_takes_the_old_events_and_only_this_organisation_s(
    database: Database, urls: Urls, org: Org, user: User
) -> None:
    other = await make_org(urls)
    await tell(database, other.id, (await make_user(urls, other)).id, 9)
    await tell(database, org.id, user.id, 1, 2)
    assert await prune(database, org.id, kept=timedelta(hours=1)) == 0
    assert await prune(database, org.id) == 2
    assert await numbers(database, Tenant(org.id)) == []
    assert await numbers(database, Tenant(other.id)) == [9]


async def test_who_has_seen_what_was_pruned_has_lost_nothing(database: Database, org: Org, user: User) -> None:
    await tell(database, org.id, user.id, 1)
    behind = await now(database, org.id)
    await tell(database, org.id, user.id, 2)
    there = await now(database, org.id)
    await prune(database, org.id)
    await tell(database, org.id, user.id, 3)
    assert await lost(database, behind)
    assert not await lost(database, there)
    assert await numbers(database, Tenant(org.id), there.place) == [3]


async def test_now_in_a_pruned_log_has_lost_nothing(database: Database, org: Org, user: User) -> None:
    await tell(database, org.id, user.id, 1)
    await prune(database, org.id)
    assert not await lost(database, await now(database, org.id))
    assert not await lost(database, await now(database, org.id, user.id))


async def test_pruning_goes_on_where_its_limit_stopped_it(database: Database, org: Org, user: User) -> None:
    for number in range(5):
        await tell(database, org.id, user.id, number)
    newest = await now(database, org.id)
    assert [await prune(database, org.id, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert (await now(database, org.id)) == newest


async def test_a_cursor_of_another_history_has_lost(database: Database, org: Org, user: User) -> None:
    await tell(database, org.id, user.id, 1)
    cursor = await now(database, org.id)
    assert await lost(database, replace(cursor, epoch=cursor.epoch ^ 1))
    assert await lost(database, replace(cursor, place=Place(2**64 - 1, 2**63 - 1)))
    assert await lost(database, replace(cursor, place=Place(2**40, 0)))


async def test_events_restored_from_another_cluster_pass_and_do_not_spoil_the_log(
    database: Database, org: Org, user: User
) -> None:
    """Their transactions may lie far ahead here; a week later they are pruned."""
    async with database.write(Tenant(org.id)) as db:
        row: dict[str, object] = {
            "org_id": org.id,
            "xid": 2**50,
            "user_id": user.id,
            "name": "n",
            "session_id": "s",
            "payload": {},
        }
        await db.execute(sa.insert(persistence.live.live_events).values(**row, sub_session_id=org.id))
    await tell(database, org.id, user.id, 1)
    assert await numbers(database, Tenant(org.id)) == [1]
    assert not await are_settling(database, org.id)
    cursor = await now(database, org.id)
    assert await prune(database, org.id) == 2
    assert not await lost(database, cursor)
    assert not await lost(database, await now(database, org.id))


# Walls


async def test_another_organisation_sees_nothing(database: Database, urls: Urls, org: Org, user: User) -> None:
    await tell(database, org.id, user.id, 1)
    await prune(database, org.id)
    await tell(database, org.id, user.id, 2)
    other = await make_org(urls)
    async with database.read(Tenant(other.id)) as db:
        assert await persistence.live.after(db, org.id, BEGINNING, 10) == []
        assert (await persistence.live.newest(db, org.id)).place == BEGINNING


async def test_another_developer_sees_nothing_even_if_the_query_forgets_who_asks(
    database: Database, urls: Urls, org: Org, user: User
) -> None:
    other = await make_user(urls, org)
    await tell(database, org.id, user.id, 1)
    await tell(database, org.id, other.id, 2)
    assert await numbers(database, Tenant(org.id, other.id)) == [2]
    assert await numbers(database, Tenant(org.id, other.id), user_id=user.id) == []
    assert await numbers(database, Tenant(org.id), user_id=user.id) == [1]
    assert await numbers(database, Tenant(org.id)) == [1, 2]


async def test_a_developer_s_scope_cannot_tell_for_another(
    database: Database, urls: Urls, org: Org, user: User
) -> None:
    other = await make_user(urls, org)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.write(Tenant(org.id, other.id)) as db:
            await persistence.live.append(db, org.id, [make_news(user.id)])


async def test_the_log_cannot_be_rewritten(database: Database, org: Org, user: User) -> None:
    await tell(database, org.id, user.id, 1)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.write(Tenant(org.id)) as db:
            await db.execute(sa.update(persistence.live.live_events).values(name="rewritten"))


# What the index does


class Explained(Reading):
    """Collects the plans of what is asked instead of the rows."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.plan = ""

    async def rows(self, statement: Executable, params: Params = None) -> Sequence[Row]:
        assert isinstance(statement, sa.Select)
        compiled = statement.compile(dialect=self.connection.dialect)
        values = tuple(compiled.params[name] for name in compiled.positiontup or ())
        plan = await self.connection.exec_driver_sql(f"EXPLAIN {compiled}", values)
        self.plan += "\n".join(plan.scalars())
        return []


_FILL = sa.text(
    "INSERT INTO live_events (org_id, xid, user_id, name, session_id, sub_session_id, payload)"
    " SELECT CAST(:org_id AS uuid), CAST(CAST(n / 10 AS text) AS xid8),"
    " CAST(lpad(CAST(n % 50 AS text), 32, '0') AS uuid), 'n', 's', gen_random_uuid(), '{}'"
    " FROM generate_series(1, 5000) AS n"
)


@pytest.fixture
async def full_log(fresh_urls: Urls, fresh_database: Database) -> OrgId:
    """One of three organisations with 5,000 events of 50 developers each."""
    orgs = [OrgId(uuid4()) for _ in range(3)]
    for org_id in orgs:
        async with fresh_database.write(Tenant(org_id)) as db:
            await db.execute(_FILL, {"org_id": str(org_id)})
    engine = owner_engine(fresh_urls)
    async with engine.begin() as connection:
        await connection.execute(sa.text("ANALYZE live_events"))
    return orgs[1]


async def test_a_page_is_read_from_the_index_at_the_place(fresh_database: Database, full_log: OrgId) -> None:
    async with fresh_database.read(Tenant(full_log)) as db:
        explained = Explained(db.connection)
        await persistence.live.after(explained, full_log, Place(490, 0), 100)
    assert "live_events_pkey" in explained.plan
    [condition] = [line for line in explained.plan.splitlines() if "Index Cond" in line]
    assert "ROW(xid, id) > ROW" in condition
    assert "xid < pg_snapshot_xmin" in condition
    assert "Seq Scan" not in explained.plan


async def test_a_page_of_one_developer_is_read_from_their_index(fresh_database: Database, full_log: OrgId) -> None:
    user = UserId(UUID(int=7))
    async with fresh_database.read(Tenant(full_log, user)) as db:
        explained = Explained(db.connection)
        await persistence.live.after(explained, full_log, Place(10, 0), 100, user)
    assert "live_events_of_user" in explained.plan
    assert "Seq Scan" not in explained.plan


async def test_now_is_read_from_the_end_of_an_index(fresh_database: Database, full_log: OrgId) -> None:
    async with fresh_database.read(Tenant(full_log)) as db:
        explained = Explained(db.connection)
        with pytest.raises(IndexError):  # there are no rows in a plan
            await persistence.live.newest(explained, full_log)
    assert "Index Only Scan Backward" in explained.plan or "Index Scan Backward" in explained.plan
    assert "Seq Scan on live_events" not in explained.plan
