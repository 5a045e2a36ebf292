"""The work of erasing: in pieces, over crashes, beside those who go on recording; and what is kept no longer."""

import asyncio
import signal
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa

import persistence.erasure
import persistence.erasure_batches
import persistence.job_runs
import persistence.jobs
import persistence.sessions
import resolvers.erasing
import resolvers.live
from domain.access import read_setting, setting_text
from domain.erasure import Batch, ErasureKind, ErasureState, batch
from domain.errors import Invalid, NotFound, Unauthenticated
from domain.live import Resync
from domain.values import SessionId, Window
from persistence.database import Tenant, Writing, driver_of, fetch
from persistence.statements import ready
from resolvers.access import set_settings
from resolvers.context import Context, Services
from resolvers.erasing import advance
from resolvers.erasure import delete_session, erase_developer, list_erasures, look_at
from resolvers.sessions import create_session
from resolvers.worker import RUNNERS
from tests import forked
from tests.history import Recorded, arcs, bug_fix, drain, ended, judging, recorded, session_id, store
from tests.leftovers import connect, naming, rows
from tests.make import prompt, time
from tests.make_context import make_context
from tests.resolvers import erasing_process
from tests.resolvers.test_erasure import ADMIN, colleague

DAY = 24 * 60


@pytest.fixture
async def ctx(fresh_services: Services) -> Context:
    return await make_context(judging(fresh_services), scopes=ADMIN)


def fixes(count: int) -> list[Recorded]:
    """Small sessions, a day apart."""
    return [
        recorded(*bug_fix(day * DAY), ended(day * DAY + 8), project=f"/shop-{day}-{session_id()}")
        for day in range(count)
    ]


@pytest.mark.parametrize(
    ("found", "next"),
    [
        ([], None),
        ([("a", 3)], Batch((SessionId("a"),))),
        ([("a", 3), ("b", 7), ("c", 1)], Batch((SessionId("a"), SessionId("b")))),
        ([("a", 9), ("b", 7), ("c", 1)], Batch((SessionId("a"),))),
        ([("a", 11), ("b", 1)], Batch((), SessionId("a"))),
        ([("a", 10), ("b", 0)], Batch((SessionId("a"), SessionId("b")))),
    ],
)
def test_a_batch_is_as_large_as_a_transaction_may_be(found: list[tuple[SessionId, int]], next: Batch | None) -> None:
    assert batch(found, at_once=10) == next


async def test_a_large_session_goes_in_parts(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[int] = []
    taken = persistence.erasure.erase_part

    async def erase_part(*args: object) -> persistence.erasure.Remainder:
        gone = await taken(*args)  # pyright: ignore[reportArgumentType] - as they came
        parts.append(gone.events)
        return gone

    monkeypatch.setattr(persistence.erasure, "erase_part", erase_part)
    monkeypatch.setattr(resolvers.erasing, "AT_ONCE", 3)
    monkeypatch.setattr(persistence.erasure_batches, "batch", partial(batch, at_once=3))
    [told] = fixes(1)
    await store(ctx, told)
    await drain(ctx.services)
    await delete_session(ctx, told.id)
    assert parts == [3, 3]
    connection = await connect(ctx.services.database.urls)
    assert naming(await rows(connection), [told.id, *(one.id for one in told.events)]) == {}
    await connection.close()


async def test_who_is_killed_leaves_the_rest_to_the_next(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what was noted of the last piece is gone with it: the counts are those of what is erased."""
    monkeypatch.setattr(persistence.erasure_batches, "MOST_SESSIONS", 1)
    gone, told = await colleague(ctx), fixes(4)
    await store(gone, *told)
    await drain(ctx.services)
    erasure = await erase_developer(ctx, gone.caller.user_id)
    assert await forked.ended(erasing_process.run, ctx.services.database.urls.app, 4) == -signal.SIGKILL
    halfway = await look_at(ctx.services, erasure)
    assert halfway.state is ErasureState.RUNNING
    await drained_after_death(ctx)
    done = await look_at(ctx.services, erasure)
    assert (done.state, done.sessions_erased) == (ErasureState.DONE, 4)
    assert done.events_erased == sum(len(one.events) for one in told)


async def drained_after_death(ctx: Context) -> None:
    """Once the lease of the dead worker is over."""
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(sa.text("UPDATE jobs SET lease_until = now() - interval '1 s' WHERE state = 'running'"))
        await persistence.job_runs.reap(db)
    await drain(ctx.services)


async def test_an_erasure_that_failed_is_tried_anew_without_being_asked_for(ctx: Context) -> None:
    gone = await colleague(ctx)
    await store(gone, *fixes(1))
    erasure = await erase_developer(ctx, gone.caller.user_id)
    for minutes, state in ((4, ErasureState.QUEUED), (6, ErasureState.DONE)):
        async with persistence.jobs.scope(ctx.services.database) as db:
            failed = f"state = 'failed', attempts = 3, run_after = NULL, changed_at = now() - interval '{minutes} min'"
            await db.execute(sa.text(f"UPDATE jobs SET {failed} WHERE kind = 'erase'"))
            await persistence.job_runs.revive(db)
        await drain(ctx.services)
        assert (await look_at(ctx.services, erasure)).state is state


async def test_what_comes_meanwhile_is_erased_or_refused(ctx: Context) -> None:
    """A developer whose agents go on sending, in old and in new sessions, is gone all the same."""
    gone, told = await colleague(ctx), fixes(3)
    await store(gone, *told)
    erasure = await erase_developer(ctx, gone.caller.user_id)
    sent, refused = 0, False
    while not refused:
        over = asyncio.create_task(advance(ctx.services, erasure))
        try:
            again = recorded(*bug_fix(DAY * 30 + sent * 20), id=told[sent % 3].id if sent % 2 else None)
            await store(gone, again)
            sent += 1
        except Unauthenticated:
            refused = True
        if sent > 5 and not refused:  # those who were let in have sent what they had
            while not await advance(ctx.services, erasure):
                pass
        await over
    connection = await connect(ctx.services.database.urls)
    assert naming(await rows(connection), [gone.caller.user_id, *(one.id for one in told)]) == {}
    await connection.close()


async def test_a_session_that_is_sent_to_while_it_is_erased_begins_anew(ctx: Context) -> None:
    [told] = fixes(1)
    for _ in range(5):
        await store(ctx, told)
        await asyncio.gather(delete_session(ctx, told.id), store(ctx, recorded(*bug_fix(60), id=told.id)))
        connection = await connect(ctx.services.database.urls)
        found = await connection.fetch("SELECT event_count, (SELECT count(*) FROM events) AS n FROM sessions")
        assert all(row["event_count"] == row["n"] for row in found)
        await connection.execute("DELETE FROM sessions; DELETE FROM events")
        await connection.close()


async def test_a_session_of_the_same_id_elsewhere_stays(ctx: Context) -> None:
    other = await make_context(ctx.services, scopes=ADMIN)
    [told] = fixes(1)
    await store(ctx, told)
    await store(other, told)
    await delete_session(ctx, told.id)
    await drain(ctx.services)
    assert len(await arcs(other, told)) == 1


async def test_followers_are_told_to_look_anew(ctx: Context) -> None:
    [told] = fixes(1)
    await store(ctx, told)
    await drain(ctx.services)
    pages = resolvers.live.watch_sub_sessions(ctx, None)
    [begin] = await anext(pages)
    await delete_session(ctx, told.id)
    assert [type(one) for one in await anext(pages)] == [Resync]
    await pages.aclose()
    timeline = resolvers.live.watch_timeline(ctx, told.id, None)
    with pytest.raises(NotFound):
        await anext(timeline)
    assert isinstance(begin, Resync)


async def test_sessions_go_once_they_are_older_than_the_organisation_keeps_them(ctx: Context) -> None:
    """And with them their days, so that a score of then is that of what is left."""
    old, young = fixes(2)
    empty = await create_session(ctx, session_id(), None, {})
    await store(ctx, old, young)
    await drain(ctx.services)
    slug, urls = f"org-{ctx.caller.org_id}", ctx.services.database.urls
    on_time = replace(ctx.services, now=lambda: time(DAY * 10))
    await set_settings(urls, slug, {"retention_days": "9"})
    await work_today(on_time)
    assert [await kept(ctx, one.id) for one in (old, young)] == [False, True]
    assert await kept(ctx, empty.id), "registered just now"
    [trace] = (await list_erasures(ctx, Window(5))).items
    assert (trace.kind, trace.state, trace.sessions_erased) == (ErasureKind.RETENTION, ErasureState.DONE, 1)
    assert await days(ctx) == 1
    await work_today(replace(ctx.services, now=lambda: time(DAY * 10.5)))
    assert await kept(ctx, young.id), "it is looked at once a day, not whenever there is work"
    await set_settings(urls, slug, {"retention_days": "off"})
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await db.execute(sa.text("UPDATE jobs SET run_after = now() WHERE state = 'queued'"))  # tomorrow
    await work_today(on_time)
    assert await waiting(ctx) == 0


async def test_a_session_that_goes_on_is_as_young_as_its_last_event(ctx: Context) -> None:
    [told] = fixes(1)
    await store(ctx, told, recorded(prompt("and now the tax", DAY * 5), id=told.id))
    await set_settings(ctx.services.database.urls, f"org-{ctx.caller.org_id}", {"retention_days": "3"})
    await work_today(replace(ctx.services, now=lambda: time(DAY * 7)))
    assert await kept(ctx, told.id)


async def work_today(services: Services) -> None:
    """What is due, as a worker does."""
    async with persistence.jobs.scope(services.database) as db:
        claimed = await persistence.job_runs.claim(db, 10, timedelta(minutes=1), "test")
    for job in claimed:
        await RUNNERS[job.kind](services, job)
    if claimed:
        await work_today(services)


async def kept(ctx: Context, id: SessionId) -> bool:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        return await persistence.sessions.find(db, ctx.caller.org_id, id) is not None


async def count(ctx: Context, statement: str) -> int:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        return (await db.execute(sa.text(statement))).scalar_one()


async def days(ctx: Context) -> int:
    return await count(ctx, "SELECT count(*) FROM score_days")


async def waiting(ctx: Context) -> int:
    return await count(ctx, "SELECT count(*) FROM jobs WHERE kind = 'expire_sessions' AND state <> 'idle'")


@pytest.mark.parametrize(("text", "days"), [("1", 1), ("36500", 36_500), ("off", None)])
def test_days_that_an_organisation_may_keep(text: str, days: int | None) -> None:
    assert read_setting("retention_days", text) == days
    assert setting_text(days) == text


@pytest.mark.parametrize("text", ["0", "-1", "36501", "1.5", "", "ten", "٣", "1" * 5000])
def test_no_number_of_days(text: str) -> None:
    with pytest.raises(Invalid):
        read_setting("retention_days", text)


ELSEWISE = {
    "api_keys": "few, and those of a session are found by an index of their own",
    "backfill_sessions": "found by the few backfills that go on",
    "backfills": "few",
    "jobs": "those of a session are found by their key",
    "live_events": "those of a session are found among its developer's",
    "sql_tenants": "empty: no row of it is ever committed",
}
"""What cannot be looked up by (org_id, session_id) or (org_id, user_id), and why that does."""

_COLUMNS = "SELECT relname, array_agg(attname::text) FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid"
_INDEXES = (
    "SELECT t.relname, (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(x.indkey)"
    "  WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number)"
    " FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid"
    " WHERE t.relnamespace = 'public'::regnamespace AND x.indpred IS NULL"
)


async def test_whatever_is_erased_is_found_by_an_index(ctx: Context) -> None:
    """Also in tables that are added later: what names a session goes by session, all else by developer."""
    connection = await connect(ctx.services.database.urls)
    columns = await connection.fetch(
        f"{_COLUMNS} WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 GROUP BY 1"
    )
    indexes = {(table, *names[:2]) for table, names in await connection.fetch(_INDEXES) if names}
    await connection.close()
    missing = {
        table
        for table, names in columns
        for key in [next((name for name in ("session_id", "user_id") if name in names), None)]
        if key is not None and "org_id" in names and (table, "org_id", key) not in indexes
    }
    assert missing == ELSEWISE.keys()


async def test_no_deletion_reads_a_whole_table(ctx: Context) -> None:
    """On an empty table PostgreSQL would rather do that, so here it is forbidden, as far as there is another way."""
    erasing, batches = vars(persistence.erasure), vars(persistence.erasure_batches)
    statements = [*dict(erasing["_BY_SESSION"]).values(), *batches["_REST_OF_DEVELOPER"], *batches["_REST_OF_ORG"]]
    names = ("_TOLD", "_QUEUED", "_TIED", "_ASKED", "_BACKFILLED", "_SHARING", "_HOLDING", "_ELSEWHERE", "_REWORKED")
    names += ("_PART_OF_EVENTS", "_PART_OF_RAW", "_PART_OF_RETOLD")
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await db.execute(sa.text("SET LOCAL enable_seqscan = off"))
        for statement in [*statements, *(erasing[name] for name in names)]:
            assert "Seq Scan" not in await plan(db, statement), str(statement)


async def plan(db: Writing, statement: sa.Executable) -> str:
    given = {"org_id": uuid4(), "user_id": uuid4(), "limit": 10, "session_id": "a"}
    lists = {"session_ids": ["a"], "users": [uuid4()], "arcs": [uuid4()], "ids": [uuid4()]}
    sent = ready(statement)
    lines = await fetch(driver_of(db.connection), f"EXPLAIN {sent.sql}", sent.values({**given, **lists}))
    return "\n".join(line["QUERY PLAN"] for line in lines)
