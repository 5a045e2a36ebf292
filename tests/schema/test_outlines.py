"""A timeline from afar: pages anywhere in it, pauses, what stands out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

import resolvers.ingest
from domain.ingest.batch import Batch, SessionFacts
from domain.timeline import Event, Kind
from domain.values import JsonValue, SessionId
from persistence.database import Tenant, driver_of
from persistence.outlines import outlines
from resolvers.context import Services
from tests.history import recorded
from tests.make import event, prompt
from tests.schema.asking import Asker, make_asker
from tests.sent import telling

OUTLINE = """
query ($id: ID!, $kinds: [EventKind!]) {
  session(id: $id) {
    outline(kinds: $kinds) {
      eventCount markCount places { index cursor } stretches { from to } marks { kind index eventId agentId }
    }
  }
}
"""
PAGE = """
query ($id: ID!, $after: String, $kinds: [EventKind!]) {
  session(id: $id) { timeline(first: 100, after: $after, kinds: $kinds) { nodes { id data } } }
}
"""
SESSION = SessionId("seen-from-afar")


def told() -> list[Event]:
    """250 events, one a second, but for an hour's pause after the 120th; the pairs of a second have one time."""
    many = [event(Kind.AI_RESPONSE, (n // 2) / 30 + (60 if n >= 120 else 0), data={"n": n}) for n in range(245)]
    end = many[-1].ts
    failed = {"call_id": "c", "succeeded": False, "ts": end, "tool": "Bash"}
    return [
        replace(prompt("Make it so"), ts=many[0].ts, ordinal=-1),
        *many,
        replace(event(Kind.COMMAND, data={"command": "npm test"}), **failed),
        replace(event(Kind.TOOL_RESULT), **failed),
        replace(event(Kind.GIT_ACTION, agent_id="a1", data={"action": "commit"}), ts=end),
        replace(event(Kind.TEST_RUN, data={"passed": 3, "failed": 0}), ts=end),
    ]


@pytest.fixture(scope="module")
async def asker(services: Services) -> Asker:
    asker = await make_asker(services)
    session = recorded(*told(), id=SessionId(f"{asker.slug}-{SESSION}"))
    batch = Batch("test", {session.id: SessionFacts()}, session.events)
    await resolvers.ingest.save_batch(asker.ctx.services, asker.ctx.caller, batch)
    return asker


async def _asked(asker: Asker, query: str, **variables: JsonValue) -> dict[str, Any]:
    return (await asker.data(query, id=f"{asker.slug}-{SESSION}", **variables))["session"]


async def test_each_page_begins_where_the_outline_says(asker: Asker) -> None:
    outline = (await _asked(asker, OUTLINE))["outline"]
    assert outline["eventCount"] == 250
    assert [place["index"] for place in outline["places"]] == [0, 100, 200]
    pages = [await _asked(asker, PAGE, after=place["cursor"]) for place in outline["places"]]
    ids = [node["id"] for page in pages for node in page["timeline"]["nodes"]]
    assert len(ids) == len(set(ids)) == 250
    for mark in outline["marks"]:
        assert ids[mark["index"]] == mark["eventId"]


async def test_pauses_and_marks_are_told(asker: Asker) -> None:
    outline = (await _asked(asker, OUTLINE))["outline"]
    assert len(outline["stretches"]) == 2
    assert [(mark["kind"], mark["agentId"]) for mark in outline["marks"]] == [
        ("PROMPT", None),
        ("TEST_FAILURE", None),
        ("COMMIT", "a1"),
    ]
    assert outline["markCount"] == 3


async def test_an_outline_of_some_kinds_counts_them_alone(asker: Asker) -> None:
    outline = (await _asked(asker, OUTLINE, kinds=["AI_RESPONSE"]))["outline"]
    assert (outline["eventCount"], outline["marks"]) == (245, [])
    [*_, third] = outline["places"]
    page = await _asked(asker, PAGE, kinds=["AI_RESPONSE"], after=third["cursor"])
    assert [node["data"]["n"] for node in page["timeline"]["nodes"]] == list(range(200, 245))


async def test_no_event_is_looked_up_by_itself(asker: Asker) -> None:
    """Without statistics, as before the first ANALYZE after an import, each such look-up walked the whole session."""
    ctx, sent = asker.ctx, list[tuple[str, Sequence[object]]]()
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        with telling(lambda _, sql, values: sent.append((sql, values))):
            [found] = await outlines(db, ctx.caller.org_id, [(SessionId(f"{asker.slug}-{SESSION}"), ())])
        [(sql, values)] = sent
        plan = [row[0] for row in await driver_of(db.connection).fetch(f"EXPLAIN {sql}", *values)]
    assert found.mark_count == 3
    assert [line for line in plan if "SubPlan" in line] == []
    assert sum(" on events" in line for line in plan) == 1, plan
