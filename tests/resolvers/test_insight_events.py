"""The events that insights count, as deriving sessions stores them."""

import asyncio
import json
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

import persistence.derivation
import persistence.insights.events
import persistence.transcripts
import resolvers.cohorts
import resolvers.transcripts
from domain.insights.arc_facts import HELD_AFTER
from domain.judging.records import Flag, FlagKind, State
from domain.judging.turns import prompt_text
from domain.timeline import Event, Kind, Tokens
from persistence.database import Database, Reading, Row, Tenant
from persistence.derivation import arcs_of_sessions
from persistence.insights.events import insight_events, insight_quarters
from persistence.sessions import sessions
from persistence.timeline import events_of_session
from resolvers.appeals import appeal_verdict, withdraw_appeal
from resolvers.context import Context, Services
from resolvers.derivation import derive_now
from tests.history import Recorded, arcs, bug_fix, derive, ended, judging, recorded, store
from tests.make import event_id
from tests.make_context import make_context, make_org, make_user
from tests.make_insights import EPOCH, QUARTER

DATA = Path(__file__).parents[2].parent / "shared" / "data"
DAY = 24 * 60.0
CRUSHED = ["arc_opened", "arc_completed", "arc_crushed", "arc_closed", "arc_judged", "arc_held"]


@pytest.fixture
async def ctx(services: Services) -> Context:
    return await make_context(judging(services))


async def rows(ctx: Context, *told: Recorded) -> list[Row]:
    """What is stored of these sessions, or of all, in the order in which it is counted; quarters add up to it."""
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        await check_quarters(db)
        query = sa.select(insight_events).order_by(insight_events.c.ts, insight_events.c.ordinal)
        ids = {one.id for one in told}
        return [row for row in await db.rows(query) if not ids or row["session_id"] in ids]


async def check_quarters(db: Reading) -> None:
    counted = Counter(
        (row["session_id"], row["event"], EPOCH + (row["ts"] - EPOCH) // QUARTER * QUARTER, row["user_id"])
        for row in await db.rows(sa.select(insight_events))
    )
    kept = {
        (row["session_id"], row["event"], row["quarter"], row["user_id"]): row["count"]
        for row in await db.rows(sa.select(insight_quarters))
    }
    assert kept == counted


def of_arcs(found: list[Row]) -> list[str]:
    return [row["event"] for row in found if row["event"].startswith("arc_")]


async def writers(ctx: Context) -> list[Row]:
    """The transactions that wrote each row last."""
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        of_events = sa.text("SELECT id::text, xmin::text FROM insight_events ORDER BY id")
        of_quarters = sa.text("SELECT event, quarter, xmin::text FROM insight_quarters ORDER BY event, quarter")
        return [*await db.rows(of_events), *await db.rows(of_quarters)]


async def test_a_session_tells_what_happened(ctx: Context) -> None:
    one = recorded(*(replace(each, ordinal=number) for number, each in enumerate(bug_fix(0))), ended(8))
    await store(ctx, one)
    await derive(ctx, one)
    found, [arc] = await rows(ctx), await arcs(ctx, one)
    assert [row["event"] for row in found] == [
        *("session_started", "arc_opened", "prompt", "tool_use"),
        *("file_diff", "edit", "tool_result", "command", "test_passed", "ai_response", "prompt"),
        *("arc_completed", "arc_crushed"),
        *("session_end", "arc_closed", "arc_judged", "session_ended", "arc_held"),
    ]
    assert {(row["user_id"], row["agent"], row["project"]) for row in found} == {
        (ctx.caller.user_id, "claude-code", "shop")
    }
    outside = {"session_started", "session_ended"}
    assert {row["sub_session_id"] for row in found if row["event"] not in outside} == {arc.id}
    assert arc.outcome.goal_completed_at is not None
    assert found[-1]["ts"] == arc.outcome.goal_completed_at + HELD_AFTER


async def test_deriving_again_writes_nothing(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(12), ended(20))
    await store(ctx, one, two)
    await derive(ctx, one, two)
    before = await writers(ctx)
    await derive(ctx, one, two)
    assert await writers(ctx) == before


async def test_a_new_event_writes_only_what_it_changes(ctx: Context) -> None:
    one = recorded(*bug_fix(0))
    await store(ctx, one)
    await derive(ctx, one)
    before = {row["id"]: row for row in await rows(ctx)}
    untouched = {tuple(row.values()) for row in await writers(ctx)}
    await store(ctx, recorded(*bug_fix(20), id=one.id))
    await derive(ctx, one)
    after = {row["id"]: row for row in await rows(ctx)}
    same = {str(id) for id in before.keys() & after.keys() if before[id] == after[id]}
    assert {"prompt", "edit", "command"} <= {before[id]["event"] for id in before if str(id) in same}
    assert same <= {row[0] for row in untouched & {tuple(row.values()) for row in await writers(ctx)}}


async def test_rework_found_later_changes_what_an_older_session_told(ctx: Context) -> None:
    lines = [f"line_{n} = compute({n})" for n in range(8)]
    made = recorded(*bug_fix(0, added=lines), ended(8))
    await store(ctx, made)
    await derive(ctx, made)
    assert sorted(of_arcs(await rows(ctx))) == sorted(CRUSHED)
    undone = recorded(*bug_fix(DAY, added=["other = 1"], removed=lines), ended(DAY + 8))
    await store(ctx, undone)
    await derive(ctx, undone)
    found, [arc] = await rows(ctx, made), await arcs(ctx, made)
    assert arc.rework is not None
    assert of_arcs(found) == ["arc_opened", "arc_completed", "arc_closed", "arc_judged", "arc_reworked"]
    assert (found[-1]["ts"], found[-1]["properties"]["rework_kind"]) == (arc.rework.detected_at, "rewrite")
    assert {row["properties"]["crushed"] for row in found if row["event"].startswith("arc_")} == {False}
    before = await writers(ctx)
    await derive(ctx, made)
    assert await writers(ctx) == before


async def test_an_appeal_and_its_withdrawal_show(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await store(ctx, one)
    await derive(ctx, one)
    [arc], before = await arcs(ctx, one), await rows(ctx)
    await appeal_verdict(ctx, arc.id, goal_complete=False, reason="I watched it fail.")
    assert sorted(of_arcs(await rows(ctx))) == ["arc_appealed", "arc_closed", "arc_judged", "arc_opened"]
    await withdraw_appeal(ctx, arc.id)
    assert await rows(ctx) == before


async def test_a_flag_that_another_job_gives_shows(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await store(ctx, one)
    await derive(ctx, one)
    [arc], before = await arcs(ctx, one), await rows(ctx)
    kind = FlagKind.MEDIAN_SUBSTANCE_OUTLIER
    flag = Flag(event_id("flag"), kind, arc.id, arc.started_at, "info", "substance 1.0")
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.derivation.replace_flags(db, ctx.caller.org_id, kind, [flag])
    [told] = [row for row in await rows(ctx) if row["event"] == "integrity_flag"]
    assert (told["properties"]["flag"], told["ts"], told["agent"]) == (kind, arc.started_at, "claude-code")
    await derive(ctx, one)
    assert len(await rows(ctx)) == len(before) + 1, "deriving keeps the flag"
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.derivation.replace_flags(db, ctx.caller.org_id, kind, [])
    assert await rows(ctx) == before


async def test_events_of_a_merged_fragment_count_for_the_arc(ctx: Context) -> None:
    first, second = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(12), ended(20))
    await store(ctx, first, second)
    await derive(ctx, first, second)
    head, _ = await arcs(ctx, first, second)
    assert sorted(of_arcs(await rows(ctx))) == sorted(CRUSHED)
    of_second = [row for row in await rows(ctx, second) if not row["event"].startswith("session_")]
    assert {row["sub_session_id"] for row in of_second} == {head.id}


async def test_a_copied_line_counts_once(ctx: Context) -> None:
    first = recorded(*bug_fix(0), ended(8))
    second = recorded(*first.events[1:4], *bug_fix(60, "shop/tax.py"), ended(70))
    await store(ctx, first, second)
    await derive(ctx, first, second)
    ids = [row["id"] for row in await rows(ctx)]
    assert len(ids) == len(set(ids))
    assert {row["session_id"] for row in await rows(ctx) if row["id"] == first.events[1].id} == {first.id}


async def test_a_session_that_another_developer_has_now_moves(services: Services) -> None:
    urls = services.database.urls
    made = await make_org(urls)
    user, ctx = await make_user(urls, made), await make_context(judging(services), org=made)
    one = recorded(*bug_fix(0), ended(8))
    await store(ctx, one)
    await derive(ctx, one)
    org = ctx.caller.org_id
    async with ctx.services.database.read(Tenant(org)) as db:
        assert {row["user_id"] for row in await db.rows(sa.select(insight_quarters))} == {ctx.caller.user_id}
    async with ctx.services.database.write(Tenant(org)) as db:
        await db.execute(sa.update(sessions).where(sessions.c.id == one.id).values(user_id=user.id))
    await derive(ctx, one)
    assert {row["user_id"] for row in await rows(ctx)} == {user.id}


async def test_a_derivation_that_fails_leaves_what_was(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks off after the rows were written takes them along."""
    one = recorded(*bug_fix(0), ended(8))
    await store(ctx, one)
    await derive(ctx, one)
    before = await writers(ctx)

    async def breaks(*_: object) -> None:
        raise ValueError("killed")

    monkeypatch.setattr(resolvers.cohorts, "refresh", breaks)
    await store(ctx, recorded(*bug_fix(6), id=one.id))
    with pytest.raises(ValueError, match="killed"):
        await derive(ctx, one)
    assert await writers(ctx) == before


async def test_erasing_takes_rows_and_quarters(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(DAY), ended(DAY + 8))
    await store(ctx, one, two)
    await derive(ctx, one, two)
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.insights.events.erase(db, ctx.caller.org_id, [one.id])
    assert {row["session_id"] for row in await rows(ctx)} == {two.id}
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        nothing = await persistence.insights.events.save(db, ctx.caller.org_id, {}, await arcs(ctx, one))
    assert nothing == []


async def test_what_is_erased_does_not_come_back(ctx: Context) -> None:
    """Another job that wants to write of an arc waits for the erasure, and finds that there is nothing any more."""
    one, org = recorded(*bug_fix(0), ended(8)), ctx.caller.org_id
    await store(ctx, one)
    await derive(ctx, one)
    found, database = await arcs(ctx, one), ctx.services.database

    async def write() -> None:
        async with database.write(Tenant(org)) as db:
            await persistence.insights.events.save(db, org, {}, [replace(arc, state=State.EXCLUDED) for arc in found])

    async with database.write(Tenant(org)) as db:
        await persistence.insights.events.erase(db, org, [one.id])
        writing = asyncio.create_task(write())
        while not (writing.done() or await _somebody_waits(database)):
            await asyncio.sleep(0.005)
    await writing
    assert await rows(ctx) == []


async def _somebody_waits(database: Database) -> bool:
    async with database.unbound() as db:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return (await db.execute(sa.text(waits))).scalar_one() > 0


SAMPLES = (
    "JanDeDobbeleer__oh-my-posh/32e7c00e-d1f8-463c-8090-dacd6ba51385.jsonl",
    "PackmindHub__context-evaluator/b03b1822-6b0a-407a-822f-deb5ef18c9d6.jsonl",
)


@pytest.mark.skipif(not DATA.exists(), reason="the development set does not lie beside the repository")
async def test_what_real_sessions_tell(ctx: Context) -> None:
    """Every event once, sums that are the session's, arcs as they are judged, and not a word of anybody."""
    paths = persistence.transcripts.find([DATA / "claude-code" / name for name in SAMPLES])
    await resolvers.transcripts.import_transcripts(ctx.services, ctx.caller, paths, lambda _: None)
    org = ctx.caller.org_id
    async with ctx.services.database.read(Tenant(org)) as db:
        known = await db.rows(sa.select(sessions))
    assert known
    for session in known:
        await derive_now(ctx.services, org, session["id"])
    found = await rows(ctx)
    async with ctx.services.database.read(Tenant(org)) as db:
        events = [one for row in known for one in await events_of_session(db, org, row["id"])]
        judged = await arcs_of_sessions(db, org, [row["id"] for row in known])
        total = await db.rows(sa.select(*(sa.func.sum(sessions.c[f"{key}_tokens"]).label(key) for key in _CLASSES)))
    counts = Counter(row["event"] for row in found)
    assert {kind: counts[kind] for kind in Kind} == {kind: _many(events, kind) for kind in Kind}
    assert counts["arc_crushed"] == sum(arc.crushed for arc in judged)
    assert counts["arc_opened"] == sum(arc.state is not State.MERGED for arc in judged) > 0
    used = [row["properties"] for row in found if row["event"] in set(Kind)]
    assert {key: sum(one.get(f"{key}_tokens", 0) for one in used) for key in _CLASSES} == dict(total[0])
    written = json.dumps([row["properties"] for row in found])
    said = [text for one in events if one.kind is Kind.PROMPT if len(text := prompt_text(one)) > 20]
    assert said
    assert not [text for text in (*said, *(one.path for one in events if one.path)) if text[:20] in written]


_CLASSES = [field.name for field in fields(Tokens)]


def _many(events: list[Event], kind: Kind) -> int:
    return sum(one.kind is kind for one in events)
