"""The streams as clients see them: what a payload holds, who gets it, and how a stream ends."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

import persistence.arrivals
from domain.access import KeyKind
from domain.live import BEGINNING
from domain.timeline import Kind
from domain.times import rfc3339
from domain.values import JsonObject, SessionId
from persistence.logs import ArrivalLog
from persistence.sessions import sessions
from schema import nodes
from tests.hiring import create_assessment
from tests.history import bug_fix, derive, ended, recorded, session_id, store
from tests.make import command, event, time
from tests.make_live import arrive
from tests.schema.asking import Asker, Socket, make_asker, socket
from tests.schema.test_sql_counts import statements

TIMELINE = """subscription ($session: ID!, $after: String) { timelineEvents(session: $session, after: $after) {
  cursor resync event { id rawId kind ts receivedAt data session { rawId } } } }"""
SCORE = """subscription ($window: ScoreWindow! = DAILY, $developer: ID, $after: String) {
  scoreChanged(window: $window, developer: $developer, after: $after) {
    cursor resync at score { window from to timeZone totalCount crushedCount sparkline } } }"""


async def refused(ws: Socket, query: str, id: str = "no", **variables: str) -> str:
    """The code of the error that ends an operation before it begins."""
    await ws.subscribe(query, id, **variables)
    message = await ws.receive()
    assert (message["type"], message["id"]) == ("error", id), message
    return message["payload"][0]["extensions"]["code"]


async def candidate_of(lead: Asker) -> Asker:
    services = lead.ctx.services
    assessment = await create_assessment(services.database.urls, lead.slug, "Rounding")
    scopes = ("sessions:read", "events:write", "scores:read")
    return await make_asker(services, lead.slug, KeyKind.CANDIDATE, assessment_id=assessment, scopes=scopes)


async def beginning(asker: Asker, id: SessionId) -> str:
    async with asker.ctx.read() as db:
        now = await persistence.arrivals.newest(db, asker.ctx.caller.org_id, id)
    return str(replace(now, place=BEGINNING))


# The events of a session


async def test_a_timeline_is_replayed_in_the_order_of_arrival_and_then_followed(ada: Asker) -> None:
    id = session_id()
    await arrive(ada.ctx, id, command("make", 10))
    await arrive(ada.ctx, id, late := command("make test", 1))
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(TIMELINE, session=nodes.encode("Session", id), after=await beginning(ada, id))
        told = [(await ws.next())["timelineEvents"] for _ in range(2)]
        assert [one["event"]["data"]["command"] for one in told] == ["make", "make test"]
        shown: JsonObject = told[1]["event"]
        assert told[1]["resync"] is False
        assert (shown["rawId"], shown["kind"], shown["ts"]) == (str(late.id), "COMMAND", rfc3339(time(1)))
        assert shown["session"]["rawId"] == id
        [again] = (await ada.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[shown["id"]]))["nodes"]
        assert again["id"] == shown["id"]
        await arrive(ada.ctx, id, command("make install", 5))
        assert (await ws.next())["timelineEvents"]["event"]["data"] == {"command": "make install"}
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(TIMELINE, session=id, after=told[1]["cursor"])
        assert (await ws.next())["timelineEvents"]["event"]["data"] == {"command": "make install"}


async def test_a_timeline_of_some_kinds_is_followed(ada: Asker) -> None:
    id = session_id()
    await arrive(ada.ctx, id, command("make", 10), event(Kind.PLANNING, 11))
    query = """subscription ($session: ID!, $after: String) {
      timelineEvents(session: $session, after: $after, kinds: [PLANNING, GIT_ACTION]) { cursor event { kind } } }"""
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(query, session=id, after=await beginning(ada, id))
        assert (await ws.next())["timelineEvents"]["event"] == {"kind": "PLANNING"}
        await arrive(ada.ctx, id, command("make test", 12), event(Kind.GIT_ACTION, 13), command("make", 14))
        assert (await ws.next())["timelineEvents"]["event"] == {"kind": "GIT_ACTION"}


async def test_a_timeline_begins_with_a_resync(ada: Asker) -> None:
    id = session_id()
    await arrive(ada.ctx, id, command("make", 10))
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(TIMELINE, session=id)
        first = (await ws.next())["timelineEvents"]
        assert (first["resync"], first["event"], bool(first["cursor"])) == (True, None, True)


async def test_a_page_of_a_timeline_is_loaded_as_one(ada: Asker) -> None:
    id = session_id()
    await arrive(ada.ctx, id, *(event(Kind.COMMAND, at) for at in range(10)))
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        start = await beginning(ada, id)
        with statements() as seen:
            await ws.subscribe(TIMELINE, session=id, after=start)
            for _ in range(10):
                await ws.next()
        by_id = [statement for statement in seen if "FROM events" in statement and "raw_digest" in statement]
        assert len(by_id) == 1


async def test_a_timeline_out_of_reach_is_not_found_and_a_cursor_of_another_is_bad(ada: Asker, eve: Asker) -> None:
    mine, theirs, other = session_id(), session_id(), session_id()
    await arrive(eve.ctx, theirs, command("make"))
    for id in (mine, other):
        await arrive(ada.ctx, id, command("make"))
    candidate = await candidate_of(await make_asker(ada.ctx.services, ada.slug, admin=True))
    async with socket(candidate.app, candidate.headers) as ws:
        await ws.init()
        assert await refused(ws, TIMELINE, session=mine) == "NOT_FOUND"
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        assert await refused(ws, TIMELINE, session=theirs) == "NOT_FOUND"
        assert await refused(ws, TIMELINE, session=mine, after=await beginning(ada, other)) == "BAD_USER_INPUT"
        assert await refused(ws, TIMELINE, session=mine, after="forged") == "BAD_USER_INPUT"
        assert await refused(ws, TIMELINE, session=nodes.encode("Developer", mine)) == "BAD_USER_INPUT"


async def test_a_timeline_completes_when_its_session_is_deleted(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ArrivalLog, "poll_s", 0.05)
    id = session_id()
    await arrive(ada.ctx, id, command("make"))
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(TIMELINE, session=id)
        await ws.next()
        async with ada.ctx.write() as db:
            await db.execute(sa.delete(sessions).where(sessions.c.id == id))
        assert await ws.receive() == {"id": "1", "type": "complete"}


# Scores

TODAY = 60 * 24 * 365 - 60
"""In minutes after START: an hour before the clock of these tests, which stands still."""

ASKED = "{ score(window: DAILY) { window from to timeZone totalCount crushedCount sparkline } }"


async def work(asker: Asker) -> None:
    """A judged bug fix of today."""
    one = recorded(*bug_fix(TODAY), ended(TODAY + 8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)


async def test_a_score_is_told_as_it_is_and_as_it_changes(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(SCORE)
        first = (await ws.next())["scoreChanged"]
        assert (first["resync"], first["at"], first["score"]["totalCount"]) == (True, None, 0)
        assert first["score"] == (await ada.data(ASKED))["score"]
        await work(ada)
        told = (await ws.next())["scoreChanged"]
        assert (told["resync"], told["score"]["totalCount"], told["score"]["crushedCount"]) == (False, 1, 1)
        assert told["at"]
        assert told["score"] == (await ada.data(ASKED))["score"]
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(SCORE, after=first["cursor"])
        assert (await ws.next())["scoreChanged"] == told


async def test_who_reads_the_organisation_follows_anybody_and_is_shown_the_right_one(ada: Asker) -> None:
    """Two who may see the same share what was made for one of them, but not each other's own score."""
    services, scopes = ada.ctx.services, ("scores:read", "sessions:read", "sessions:write", "events:write", "org:read")
    leads = [await make_asker(services, ada.slug, scopes=scopes) for _ in range(2)]
    async with socket(leads[0].app, leads[0].headers) as one, socket(leads[1].app, leads[1].headers) as two:
        for ws in (one, two):
            await ws.init()
            await ws.subscribe(SCORE, "own")
            assert (await ws.next("own"))["scoreChanged"]["score"]["totalCount"] == 0
            await ws.subscribe(SCORE, "hers", developer=nodes.encode("Developer", ada.ctx.caller.user_id))
            assert (await ws.next("hers"))["scoreChanged"]["resync"] is True
        await work(leads[0])
        assert (await one.next("own"))["scoreChanged"]["score"]["totalCount"] == 1
        await work(ada)
        for ws in (one, two):
            assert (await ws.next("hers"))["scoreChanged"]["score"]["totalCount"] == 1


async def test_two_with_the_same_sight_begin_with_their_own_scores(ada: Asker) -> None:
    services, scopes = ada.ctx.services, ("scores:read", "sessions:read", "sessions:write", "events:write", "org:read")
    leads = [await make_asker(services, ada.slug, scopes=scopes) for _ in range(2)]
    await work(leads[1])
    seen: list[int] = []
    async with socket(leads[0].app, leads[0].headers) as one, socket(leads[1].app, leads[1].headers) as two:
        for ws in (one, two):
            await ws.init()
            await ws.subscribe(SCORE)
            seen.append((await ws.next())["scoreChanged"]["score"]["totalCount"])
    assert seen == [0, 1]


async def test_a_score_out_of_reach_is_refused(ada: Asker, eve: Asker) -> None:
    colleague = await make_asker(ada.ctx.services, ada.slug)
    candidate = await candidate_of(await make_asker(ada.ctx.services, ada.slug, admin=True))
    async with socket(candidate.app, candidate.headers) as ws:
        await ws.init()
        assert await refused(ws, SCORE) == "FORBIDDEN"
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        for other in (colleague, eve):
            developer = nodes.encode("Developer", other.ctx.caller.user_id)
            assert await refused(ws, SCORE, developer=developer) == "NOT_FOUND"
        assert await refused(ws, SCORE, after="forged") == "BAD_USER_INPUT"
        await ws.subscribe(SCORE, "day")
        cursor = (await ws.next("day"))["scoreChanged"]["cursor"]
        assert await refused(ws, SCORE, window="MONTHLY", after=cursor) == "BAD_USER_INPUT"
