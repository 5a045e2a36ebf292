"""Erasing a session, a developer, an organisation: all of it goes, nothing else does, whatever happens meanwhile."""

import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from uuid import uuid4

import asyncpg
import pytest

import persistence.erasure_batches
import persistence.reports
import persistence.uploads
import resolvers.erasing
from domain.access import KeyKind, Org, Scope
from domain.erasure import AT_ONCE, NO_ORG, ErasureKind, ErasureState, batch
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from domain.judging.segmentation import begun_with
from domain.languages import Language
from domain.media import Processing, Upload, UploadId
from domain.reports.records import ReportKind
from domain.values import SessionId, SubSessionId, UserId
from persistence.database import Tenant, metadata
from persistence.sessions import id_digest
from resolvers.access import KeyWish, authenticate, create_key
from resolvers.appeals import appeal_verdict
from resolvers.arc_edits import merge_sub_sessions, split_sub_session
from resolvers.context import Context, Services
from resolvers.erasure import begin_erasure, delete_session, erase_developer, look_at
from resolvers.judging import rename_sub_session
from resolvers.report_writing import DIED
from resolvers.reports import new_report
from tests.history import Recorded, arcs, bug_fix, clear, drain, ended, judging, recorded, session_id, store
from tests.leftovers import About, Rows, connect, fill, naming, rows, without
from tests.make import prompt
from tests.make_context import DEVELOPER, context_of, make_context, make_user

ADMIN = DEVELOPER | {Scope.ADMIN, Scope.ORG_READ, Scope.SESSIONS_DELETE}


@pytest.fixture
async def ctx(fresh_services: Services) -> Context:
    return await make_context(judging(fresh_services), scopes=ADMIN)


@pytest.fixture
async def superuser(fresh_services: Services) -> AsyncGenerator[asyncpg.Connection]:
    connection = await connect(fresh_services.database.urls)
    yield connection
    await connection.close()


async def colleague(ctx: Context) -> Context:
    """Another developer of the organisation, who administers it as well."""
    org = Org(ctx.caller.org_id, "", ctx.caller.environment_id, ctx.caller.settings)
    user = await make_user(ctx.services.database.urls, org)
    return context_of(ctx.services, replace(ctx.caller, user_id=user.id))


async def worked(ctx: Context, day: float = 0) -> Recorded:
    """A judged session in which its developer renamed, appealed, cut and joined."""
    start = day * 24 * 60
    told = recorded(
        *bug_fix(start),
        clear(start + 8),
        *bug_fix(start + 600, "shop/tax.py"),
        ended(start + 610),
        project=f"/shop-{uuid4()}",
    )
    await store(ctx, told)
    await drain(ctx.services)
    first, second = [arc for arc in await arcs(ctx, told) if arc.merged_into_id is None]
    await split_sub_session(ctx, first.id, told.events[3].id)
    await merge_sub_sessions(ctx, [first.id, (await arcs(ctx, told))[1].id])
    await rename_sub_session(ctx, first.id, "Rounding")
    await appeal_verdict(ctx, second.id, False, "the tax is still wrong")
    await drain(ctx.services)
    return told


async def names_of(ctx: Context, told: Recorded) -> list[object]:
    """All ids by which a session may be known."""
    found = await arcs(ctx, told)
    flags = [flag.id for arc in found for flag in arc.flags]
    return [told.id, id_digest(told.id).hex(), *(arc.id for arc in found), *flags, *(one.id for one in told.events)]


async def stranger(ctx: Context) -> Context:
    """A developer of another organisation, who has worked, too."""
    other = await make_context(ctx.services, scopes=ADMIN)
    await worked(other)
    return other


def about(ctx: Context) -> About:
    """Of a session of this developer that nothing else knows."""
    return About(ctx.caller.org_id, ctx.caller.user_id, session_id(), SubSessionId(uuid4()))


def at_rest(found: Rows) -> Rows:
    """Without the tables of what goes on, and of ids that name nobody."""
    return {table: each for table, each in found.items() if table not in ("erasures", "jobs", "session_ids")}


async def test_nothing_of_a_session_is_left(ctx: Context, superuser: asyncpg.Connection) -> None:
    gone, kept = await worked(ctx), await worked(ctx, 30)
    names = await names_of(ctx, gone)
    others = [*await names_of(ctx, kept), (await stranger(ctx)).caller.org_id]
    before = await rows(superuser)
    assert {"events", "sub_sessions", "label_edits", "verdict_appeals", "arc_edits"} <= naming(before, names).keys()
    await delete_session(ctx, gone.id)
    await drain(ctx.services)
    after = await rows(superuser)
    assert naming(after, names) == {}
    assert at_rest(naming(after, others)) == at_rest(naming(before, others))
    with pytest.raises(NotFound):
        await delete_session(ctx, gone.id)


async def test_nothing_of_a_session_is_left_in_any_table(ctx: Context, superuser: asyncpg.Connection) -> None:
    """Every table there is holds a row of it, whatever this suite uses the table for."""
    mine = about(ctx)
    before = await rows(superuser)
    await fill(superuser, mine)
    filled = naming(await rows(superuser), [mine.session_id, mine.arc_id])
    assert {"sessions", "events", "live_events", "jobs", "api_keys", "backfill_sessions", "arc_edits"} <= filled.keys()
    await delete_session(ctx, mine.session_id)
    after = await rows(superuser)
    assert naming(after, [mine.session_id, mine.arc_id]) == {}
    assert [row for row in after["users"] if row in before["users"]] == before["users"]
    assert len(after["api_keys"]) == len(before["api_keys"]) + 1, "a candidate's key stays"


async def test_whatever_was_asked_of_a_medium_goes_with_its_session(
    ctx: Context, superuser: asyncpg.Connection
) -> None:
    gone, kept = await worked(ctx), await worked(ctx, 30)
    upload = uploaded(ctx, gone.id)
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.uploads.save(db, ctx.caller.org_id, upload, BytesIO(b"{}"))
        for medium in (gone.id, upload.media_id, kept.id):
            waiting, failed = [new_report(ctx, ReportKind.MEDIA, medium, Language.EN, None) for _ in range(2)]
            for report in (waiting, replace(failed, label="about it", request={"media_id": medium})):
                await persistence.reports.save(db, report, timedelta(days=1))
            await persistence.reports.fail(db, ctx.caller.org_id, failed.id, DIED)
    await delete_session(ctx, gone.id)
    after = await rows(superuser)
    assert naming(after, [gone.id, upload.media_id]) == {}
    assert len(naming(after, [kept.id])["reports"]) == 2


def uploaded(ctx: Context, id: SessionId) -> Upload:
    """A transcript that was read into that session."""
    sent = {"label": "talk", "name": "a.jsonl", "content_type": "text/plain", "size": 2, "sha256": bytes(32)}
    whose = (UploadId(uuid4()), ctx.caller.user_id, ctx.caller.key_id)
    return Upload(*whose, **sent, status=Processing.COMPLETED, created_at=ctx.now(), session_id=id)  # type: ignore[arg-type]


@pytest.mark.parametrize("at_once", [AT_ONCE, 3])
async def test_what_was_said_of_an_arc_that_has_vanished_goes_as_well(
    ctx: Context, superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """It waits for the arc to come back with another event, and is known by the event that the arc began with, whose
    turn may have come before."""
    monkeypatch.setattr(resolvers.erasing, "AT_ONCE", at_once)
    monkeypatch.setattr(persistence.erasure_batches, "batch", partial(batch, at_once=at_once))
    gone, kept = recorded(*bug_fix(0)), recorded(*bug_fix(600))
    await store(ctx, gone, kept)
    ids = [begun_with(one.events[3].id) for one in (gone, kept)]
    for id in ids:
        said = "INSERT INTO label_edits (org_id, user_id, sub_session_id, title) VALUES ($1, $2, $3, 'Rounding')"
        await superuser.execute(said, ctx.caller.org_id, ctx.caller.user_id, id)
    await delete_session(ctx, gone.id)
    assert [row["sub_session_id"] for row in await superuser.fetch("SELECT * FROM label_edits")] == [ids[1]]


async def test_a_table_that_erasing_forgets_is_noticed(ctx: Context, superuser: asyncpg.Connection) -> None:
    await superuser.execute("CREATE TABLE notes (org_id uuid, about_session text, body jsonb)")
    mine = about(ctx)
    await fill(superuser, mine)
    await delete_session(ctx, mine.session_id)
    assert naming(await rows(superuser), [mine.session_id]).keys() == {"notes"}


def test_erasing_knows_every_table_whoever_calls_it() -> None:
    """A worker imports less than a server does."""
    ask = "import {}, persistence.database; print(*persistence.database.metadata.tables)"
    known = subprocess.run(
        [sys.executable, "-c", ask.format("persistence.erasure_batches")], check=True, capture_output=True, text=True
    )
    assert set(known.stdout.split()) >= {table.name for table in metadata.tables.values() if "org_id" in table.c}


async def test_nothing_of_a_developer_is_left(ctx: Context, superuser: asyncpg.Connection) -> None:
    """Neither of what they did nor of what the tables could hold of them; nothing else is touched."""
    gone = await colleague(ctx)
    told = [await worked(gone), await worked(gone, 30)]
    names = [gone.caller.user_id, *[name for one in told for name in await names_of(gone, one)]]
    await worked(ctx)
    others = [ctx.caller.user_id, (await stranger(ctx)).caller.org_id]
    mine = about(await colleague(ctx))
    await fill(superuser, mine)
    before = await rows(superuser)
    for user_id in (gone.caller.user_id, mine.user_id):
        erasure = await erase_developer(ctx, user_id)
        assert erasure.state is ErasureState.QUEUED
    await drain(ctx.services)
    assert (await look_at(ctx.services, erasure)).state is ErasureState.DONE
    after = await rows(superuser)
    assert naming(after, [*names, mine.user_id, mine.session_id, mine.arc_id]) == {}
    assert at_rest(naming(after, others)) == at_rest(naming(before, others))


async def test_an_administrator_erases_others_and_nobody_of_another_organisation(ctx: Context) -> None:
    theirs = await stranger(ctx)
    for user_id in (ctx.caller.user_id, theirs.caller.user_id, UserId(uuid4())):
        with pytest.raises(Invalid):
            await erase_developer(ctx, user_id)
    plain = context_of(ctx.services, replace(ctx.caller, scopes=DEVELOPER))
    with pytest.raises(Forbidden):
        await erase_developer(plain, theirs.caller.user_id)
    with pytest.raises(Forbidden):
        await delete_session(plain, session_id())
    foreign = await worked(theirs)
    with pytest.raises(NotFound):
        await delete_session(ctx, foreign.id)


async def test_who_is_being_erased_comes_in_no_more(ctx: Context) -> None:
    urls = ctx.services.database.urls
    wish = KeyWish(f"org-{ctx.caller.org_id}", "ada@example.org", KeyKind.DEVELOPER)
    made = await create_key(urls, wish, ctx.now())
    first = await erase_developer(ctx, made.user.id)
    with pytest.raises(Unauthenticated):
        await authenticate(ctx.services, made.secret)
    with pytest.raises(Conflict):
        await create_key(urls, wish, ctx.now())
    assert (await erase_developer(ctx, made.user.id)).id == first.id, "asked for twice, it is the same"
    await drain(ctx.services)
    again = await create_key(urls, wish, ctx.now())
    assert again.user.id != made.user.id


async def test_nothing_of_an_organisation_is_left(ctx: Context, superuser: asyncpg.Connection) -> None:
    gone = await stranger(ctx)
    await worked(await colleague(gone), 30)
    await fill(superuser, about(gone))
    await worked(ctx)
    before = without(await rows(superuser), [gone.caller.org_id])
    erasure = await begin_erasure(ctx.services, gone.caller.org_id, ErasureKind.ORGANISATION, None)
    await drain(ctx.services)
    after = await rows(superuser)
    assert naming(after, [gone.caller.org_id, gone.caller.user_id]) == {}
    trace = await look_at(ctx.services, erasure)
    assert (trace.state, trace.org_id, trace.sessions_erased) == (ErasureState.DONE, NO_ORG, 3)
    assert naming(after, [erasure.id]).keys() == {"erasures"}
    assert at_rest(after) == at_rest(before)


async def test_copied_lines_count_for_the_session_that_is_left(ctx: Context) -> None:
    fix = bug_fix(0)
    first = recorded(prompt("hello", -1), *fix, ended(8))
    copy = recorded(*fix, clear(8), *bug_fix(600, "shop/tax.py"), ended(610))
    await store(ctx, first, copy)
    await drain(ctx.services)
    assert len(await arcs(ctx, copy)) == 1
    await delete_session(ctx, first.id)
    await drain(ctx.services)
    assert [arc.measures.turn_count for arc in await arcs(ctx, copy)] == [2, 2]


async def test_what_was_said_stays_when_a_copy_goes(ctx: Context, superuser: asyncpg.Connection) -> None:
    """It holds the event that the arc begins with, by which arcs are known."""
    fix = bug_fix(0)
    first, copy = recorded(prompt("hello", -9), clear(-8), *fix, ended(8)), recorded(*fix, ended(8))
    await store(ctx, first, copy)
    await drain(ctx.services)
    await rename_sub_session(ctx, begun_with(fix[0].id), "Rounding")
    await delete_session(ctx, copy.id)
    await drain(ctx.services)
    assert [row["title"] for row in await superuser.fetch("SELECT * FROM label_edits")] == ["Rounding"]


async def test_an_arc_that_was_reworked_there_stands_for_itself(ctx: Context) -> None:
    """What rested on the session is as if it had never been."""
    lines = [f"line_{n} = compute({n})" for n in range(8)]
    day = 24 * 60
    told = [recorded(*bug_fix(0, added=lines), ended(8)), recorded(*bug_fix(day, removed=lines), ended(day + 8))]
    await store(ctx, told[0])
    await drain(ctx.services)
    alone = await arcs(ctx, told[0])
    await store(ctx, told[1])
    await drain(ctx.services)
    assert await arcs(ctx, told[0]) != alone
    await delete_session(ctx, told[1].id)
    await drain(ctx.services)
    assert await arcs(ctx, told[0]) == alone
