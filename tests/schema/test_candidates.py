"""A candidate's key sees the one session that it is tied to, on every way through the graph."""

from dataclasses import replace
from uuid import uuid4

import pytest

import persistence.live
from domain.access import KeyKind
from domain.judging.changes import is_of_sub_session
from domain.live import BEGINNING
from resolvers.context import Services
from schema import nodes
from tests.hiring import create_assessment
from tests.history import bug_fix, derive, ended, recorded, store
from tests.make_live import settled
from tests.schema.asking import Asker, make_asker, socket

SCOPES = ("sessions:read", "events:write", "scores:read", "labels:write")
MINE, THEIRS = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(10), ended(18))

FOLLOW = """subscription ($after: String) { subSessionEvents(after: $after) {
  resync cursor sessionId subSession { session { rawId } } } }"""


async def _key(lead: Asker, *scopes: str) -> Asker:
    """One of several keys of the same person."""
    services = lead.ctx.services
    assessment = await create_assessment(services.database.urls, lead.slug, "Rounding")
    return await make_asker(
        services, lead.slug, KeyKind.CANDIDATE, "hire@example.org", assessment_id=assessment, scopes=scopes
    )


@pytest.fixture
async def lead(judged: Services) -> Asker:
    return await make_asker(judged, admin=True)


@pytest.fixture
async def candidate(lead: Asker) -> Asker:
    """Tied to MINE, whose arc goes on in THEIRS, a session of another key of the same person."""
    one, two = await _key(lead, *SCOPES), await _key(lead, *SCOPES)
    await store(one.ctx, MINE)
    await store(two.ctx, THEIRS)
    await derive(one.ctx, MINE, THEIRS)
    return one


ARCS = """{ subSessions { totalCount nodes { rawId session { rawId }
  prompts { event { session { rawId } } } fragments { rawId }
  timeline(first: 100) { totalCount nodes { session { rawId } } }
  verdict { evidence { events { session { rawId } } } } } } }"""


async def test_an_arc_that_goes_on_elsewhere_shows_only_what_happened_in_the_own_session(
    candidate: Asker, lead: Asker
) -> None:
    [whole] = (await lead.data(ARCS))["subSessions"]["nodes"]
    assert (len(whole["prompts"]), len(whole["fragments"]), whole["timeline"]["totalCount"]) == (4, 2, 16)
    [arc] = (await candidate.data(ARCS))["subSessions"]["nodes"]
    assert [one["event"]["session"]["rawId"] for one in arc["prompts"]] == [MINE.id] * 2
    assert [one["session"]["rawId"] for one in arc["timeline"]["nodes"]] == [MINE.id] * 8
    assert (arc["timeline"]["totalCount"], len(arc["fragments"])) == (8, 1)
    shown = [event["session"]["rawId"] for one in arc["verdict"]["evidence"] for event in one["events"]]
    assert set(shown) == {MINE.id}


async def test_nothing_else_is_found(candidate: Asker, lead: Asker) -> None:
    query = "query ($s: ID!) { session(id: $s) { id timeline { nodes { id } } } }"
    session = (await lead.data(query, s=THEIRS.id))["session"]
    merged = "{ subSessions(filter: {state: MERGED}) { nodes { id } } }"
    [part] = (await lead.data(merged))["subSessions"]["nodes"]
    ids = [session["id"], session["timeline"]["nodes"][0]["id"], part["id"]]
    assert (await candidate.data("query ($i: [ID!]!) { nodes(ids: $i) { id } }", i=ids))["nodes"] == [None] * 3
    assert (await candidate.data(merged))["subSessions"]["nodes"] == []
    assert await candidate.code(query, s=THEIRS.id) == "NOT_FOUND"
    assert await candidate.code("query ($i: ID!) { subSession(id: $i) { id } }", i=part["id"]) == "NOT_FOUND"
    assert await candidate.code("{ score { totalCount } }") == "FORBIDDEN"


async def test_only_events_of_the_own_session_are_told(candidate: Asker, lead: Asker) -> None:
    other = recorded(*bug_fix(500), ended(508))
    await store((await _key(lead, *SCOPES)).ctx, other)
    await derive(lead.ctx, other)
    [arc] = (await candidate.data(ARCS))["subSessions"]["nodes"]
    rename = 'mutation ($id: ID!) { renameSubSession(input: {id: $id, title: "Last"}) { subSession { id } } }'
    await candidate.data(rename, id=arc["rawId"])
    await settled(lead.ctx.services.database)
    async with lead.ctx.read() as db:
        told = await persistence.live.after(db, lead.ctx.caller.org_id, BEGINNING, 100)
    of_arcs = [event for event in told if is_of_sub_session(event.name)]
    own = [str(event.cursor) for event in of_arcs if event.session_id == MINE.id]
    assert 0 < len(own) < len(of_arcs)
    async with socket(candidate.app, candidate.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW, after=str(replace(told[0].cursor, place=BEGINNING)))
        assert [(await ws.next())["subSessionEvents"]["cursor"] for _ in own] == own


async def test_a_key_without_a_session_is_told_so(lead: Asker) -> None:
    fresh = await _key(lead, *SCOPES)
    async with socket(fresh.app, fresh.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW)
        message = await ws.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "NOT_FOUND")
        one = recorded(*bug_fix(0))
        await store(fresh.ctx, one)
        await ws.subscribe(FOLLOW)  # the key is looked up anew, and is tied now
        assert (await ws.next())["subSessionEvents"]["resync"] is True
        await derive(fresh.ctx, one)
        assert nodes.session_id((await ws.next())["subSessionEvents"]["sessionId"]) == one.id


async def test_the_first_event_of_a_key_is_shown_to_it(lead: Asker) -> None:
    new = await _key(lead, *SCOPES)
    event = {"rawId": str(uuid4()), "sessionId": f"s-{uuid4()}", "ts": "2026-03-02T10:00:00Z", "kind": "PROMPT"}
    query = """mutation ($event: EventInput!) {
      ingestEvents(input: {events: [$event]}) { results { event { rawId } } } }"""
    answer = await new.data(query, event={**event, "data": {"text": "hello"}})
    assert answer["ingestEvents"]["results"] == [{"event": {"rawId": event["rawId"]}}]
