"""A list costs as many statements as one item: no edge is loaded item by item."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

import resolvers.ingest
from domain.ingest.batch import Batch, SessionFacts
from domain.judging.records import Evidence, FileEdits, Flag, FlagKind, Rework, ReworkKind, State, SubSession
from domain.values import SubSessionId
from persistence.database import Tenant
from persistence.derivation import Update, save_arcs
from resolvers.context import Services
from tests.history import Recorded, bug_fix, recorded
from tests.make import sub_session
from tests.schema.asking import Asker, make_asker

MANY = 30

EVENT = "id kind session { id developer { id } }"
ARC = "id title tokens { total } habits { habit } verdict { rationale }"

_SESSIONS = {
    "developer": "developer { email }",
    "timeline": f"timeline(first: 3) {{ nodes {{ {EVENT} }} }}",
    "prompts": "prompts(first: 3) { totalCount nodes { text } }",
    "subSessions": f"subSessions {{ {ARC} }}",
}
_SUB_SESSIONS = {
    "facts": ARC,
    "session": "session { title } developer { email }",
    "files": "files { path }",
    "flags": f"flags {{ kind events {{ {EVENT} }} }}",
    "prompts": "prompts { text event { id } }",
    "timeline": f"timeline(first: 2) {{ nodes {{ {EVENT} }} }}",
    "timeline.totalCount": "timeline(first: 1) { totalCount }",
    "evidence": f"verdict {{ evidence {{ events {{ {EVENT} }} }} }}",
    "rework": "rework { kind by { title session { id } } }",
    "fragments": "fragments { id state session { id } }",
}
FIELDS = {
    **{f"sessions.{name}": f"{{ sessions(first: 100) {{ nodes {{ {edge} }} }} }}" for name, edge in _SESSIONS.items()},
    **{
        f"subSessions.{name}": f"{{ subSessions(first: 100) {{ totalCount edges {{ node {{ {edge} }} }} }} }}"
        for name, edge in _SUB_SESSIONS.items()
    },
    "merged": "{ subSessions(first: 100, filter: {state: MERGED}) { nodes { mergedInto { id } } } }",
}


@contextmanager
def statements() -> Generator[list[str]]:
    """Every statement that any engine of this process sends."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def _arcs(told: Recorded, asker: Asker) -> list[SubSession]:
    """An arc with everything a list can show, a fragment merged into it, and a later arc that undid it."""
    own, part, later = (SubSessionId(uuid4()) for _ in range(3))
    ids = tuple(event.id for event in told.events)
    begun = told.events[0].ts
    whole = sub_session(
        id=own,
        session_id=told.id,
        user_id=asker.ctx.caller.user_id,
        started_at=begun,
        ended_at=told.events[-1].ts,
        last_event_at=told.events[-1].ts,
        fragment_ids=(own, part),
        prompt_ids=ids[:2],
        files=(FileEdits("a.py", 1, 0), FileEdits("b.py", 2, 1)),
        flags=(Flag(uuid4(), FlagKind.TINY_PROMPT_BURST, own, begun, "info", "many", ids[2:4]),),
        evidence=(Evidence("outcome", "accepted", 20, ids[4:6]), Evidence("outcome", "checked", 25, ids[6:])),
        rework=Rework(ReworkKind.REVERT, later, begun),
    )
    bare = replace(whole, files=(), flags=(), evidence=(), rework=None)
    merged = replace(bare, id=part, state=State.MERGED, merged_into_id=own, fragment_ids=())
    return [whole, merged, replace(bare, id=later, fragment_ids=(later,))]


async def _fill(asker: Asker, count: int) -> None:
    """Recorded sessions with the arcs above."""
    ctx = asker.ctx
    told = [recorded(*bug_fix(60 * number)) for number in range(count)]
    facts = {one.id: SessionFacts(source_service="claude-code", title="Totals") for one in told}
    events = tuple(event for one in told for event in one.events)
    await resolvers.ingest.save_batch(ctx.services, ctx.caller, Batch("test", facts, events))
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await save_arcs(db, ctx.caller.org_id, [Update(None, arc) for one in told for arc in _arcs(one, asker)])


@pytest.fixture(scope="module")
async def askers(services: Services) -> tuple[Asker, Asker]:
    """Somebody with one session, and somebody with many."""
    few, many = await make_asker(services), await make_asker(services)
    await _fill(few, 1)
    await _fill(many, MANY)
    return few, many


@pytest.mark.parametrize("field", FIELDS)
async def test_a_list_costs_as_many_statements_as_one_item(askers: tuple[Asker, Asker], field: str) -> None:
    sent: list[list[str]] = []
    lengths: list[int] = []
    for asker in askers:
        with statements() as seen:
            data = await asker.data(FIELDS[field])
        [page] = data.values()
        lengths.append(len(page.get("nodes") or page["edges"]))
        sent.append(seen)
    assert lengths[1] == MANY * lengths[0] > 0
    assert len(sent[0]) == len(sent[1]), "\n".join(sent[1])


async def test_objects_asked_for_one_by_one_are_read_together(askers: tuple[Asker, Asker]) -> None:
    _, many = askers
    nodes = (await many.data("{ subSessions(first: 40) { nodes { id session { id } } } }"))["subSessions"]["nodes"]
    ids = [node["id"] for node in nodes] + [node["session"]["id"] for node in nodes]
    counts: list[int] = []
    for some in (ids[:1] + ids[-1:], ids):
        with statements() as seen:
            await many.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=some)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    several = " ".join(f's{n}: session(id: "{id}") {{ id }}' for n, id in enumerate(ids[-20:]))
    with statements() as seen:
        await many.data("{ " + several + " }")
    assert sum("FROM sessions" in one for one in seen) == 1


async def test_what_is_not_asked_for_is_not_counted(askers: tuple[Asker, Asker]) -> None:
    with statements() as seen:
        await askers[0].data("{ sessions { nodes { id } } subSessions { nodes { id } } }")
    assert not [one for one in seen if "count(" in one]


async def test_every_item_of_a_batch_gets_its_own(askers: tuple[Asker, Asker]) -> None:
    """Batches answer by key, not by place."""
    query = """{ subSessions(first: 100) { nodes { rawId startedAt lastEventAt
      session { rawId prompts { nodes { ts } } timeline(first: 2) { nodes { session { rawId } } } }
      timeline(first: 3) { totalCount nodes { ts session { rawId } } } prompts { ts } files { path } } } }"""
    for node in (await askers[1].data(query))["subSessions"]["nodes"]:
        own = node["session"]["rawId"]
        assert [e["session"]["rawId"] for e in node["session"]["timeline"]["nodes"]] == [own, own]
        assert [e["session"]["rawId"] for e in node["timeline"]["nodes"]] == [own] * 3
        assert node["timeline"]["totalCount"] == 7
        assert node["timeline"]["nodes"][0]["ts"] == node["startedAt"]
        assert all(node["startedAt"] <= one["ts"] <= node["lastEventAt"] for one in node["session"]["prompts"]["nodes"])
