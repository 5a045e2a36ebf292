"""What the graph changes."""

from uuid import uuid4

from domain.access import KeyKind
from domain.values import JsonValue
from resolvers.context import Services
from tests.history import bug_fix, derive, ended, recorded, store
from tests.schema.asking import Asker, make_asker

RENAME = """mutation ($input: RenameSubSessionInput!) { renameSubSession(input: $input) {
  subSession { id title summary titleSource } } }"""
RESET = """mutation ($input: ResetSubSessionLabelInput!) { resetSubSessionLabel(input: $input) {
  subSession { id title summary titleSource } } }"""
INGEST = """mutation ($events: [EventInput!]!) { ingestEvents(input: {events: $events}) {
  results { rawId status errors } } }"""


async def _arc(asker: Asker) -> str:
    one = recorded(*bug_fix(0), ended(8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    return (await asker.data("{ subSessions { nodes { id } } }"))["subSessions"]["nodes"][0]["id"]


async def test_a_label_is_renamed_locked_and_reset(ada: Asker) -> None:
    id = await _arc(ada)
    arc = (await ada.data(RESET, input={"id": id}))["resetSubSessionLabel"]["subSession"]
    renamed = (await ada.data(RENAME, input={"id": id, "title": " Totals\nrounded "}))["renameSubSession"]["subSession"]
    assert renamed == {**arc, "title": "Totals rounded", "titleSource": "USER_EDITED"}
    again = (await ada.data(RESET, input={"id": id}))["resetSubSessionLabel"]["subSession"]
    assert again == arc
    assert arc["titleSource"] == "RUBRIC"


async def test_a_summary_alone_locks_both_and_null_clears_it(ada: Asker) -> None:
    id = await _arc(ada)
    arc = (await ada.data(RENAME, input={"id": id, "summary": "Half up."}))["renameSubSession"]["subSession"]
    assert (arc["summary"], arc["titleSource"]) == ("Half up.", "USER_EDITED")
    assert arc["title"]
    cleared = (await ada.data(RENAME, input={"id": id, "summary": None}))["renameSubSession"]["subSession"]
    assert (cleared["summary"], cleared["title"]) == (None, arc["title"])


async def test_labels_that_are_none_are_refused(ada: Asker) -> None:
    id = await _arc(ada)
    for wrong in ({}, {"title": "  "}, {"title": "x" * 61}, {"summary": "x" * 241}, {"summary": ""}):
        assert await ada.code(RENAME, input={"id": id, **wrong}) == "BAD_USER_INPUT"
    assert (await ada.data("{ subSessions { nodes { titleSource } } }"))["subSessions"]["nodes"] == [
        {"titleSource": "RUBRIC"}
    ]


async def test_nobody_renames_anothers_arc(ada: Asker, eve: Asker, judged: Services) -> None:
    id = await _arc(ada)
    lead = await make_asker(judged, ada.slug, admin=True)
    assert await eve.code(RENAME, input={"id": id, "title": "mine"}) == "NOT_FOUND"
    assert await lead.code(RENAME, input={"id": id, "title": "mine"}) == "NOT_FOUND"
    assert await lead.code(RESET, input={"id": id}) == "NOT_FOUND"


async def test_a_second_change_in_one_operation_shows_in_its_payload(ada: Asker) -> None:
    id = await _arc(ada)
    answer = await ada.data(
        """mutation ($id: ID!) {
          a: renameSubSession(input: {id: $id, title: "one"}) { subSession { session { subSessions { title } } } }
          b: renameSubSession(input: {id: $id, title: "two"}) { subSession { session { subSessions { title } } } }
        }""",
        id=id,
    )
    assert [answer[name]["subSession"]["session"]["subSessions"] for name in "ab"] == [
        [{"title": "one"}],
        [{"title": "two"}],
    ]


def _event(**members: JsonValue) -> dict[str, JsonValue]:
    return {
        "id": str(uuid4()),
        "sessionId": "abc",
        "ts": "2026-03-02T10:00:00.5+01:00",
        "kind": "PROMPT",
        "data": {"text": "hello"},
        **members,
    }


async def test_events_are_stored_once_and_answered_one_by_one(ada: Asker) -> None:
    session = f"s-{uuid4()}"
    good, other = _event(sessionId=session), _event(sessionId=session, kind="CONTEXT_CLEAR", data={})
    bad = _event(sessionId=session, kind="COMMAND", data={"command": 7})
    own = _event(sessionId=session, kind="INTERRUPTION", data={})
    results = (await ada.data(INGEST, events=[good, bad, other, good, own]))["ingestEvents"]["results"]
    assert [result["status"] for result in results] == ["ACCEPTED", "REFUSED", "ACCEPTED", "SKIPPED", "REFUSED"]
    assert results[0] == {"rawId": good["id"], "status": "ACCEPTED", "errors": []}
    assert "command" in results[1]["errors"][0]
    again = (await ada.data(INGEST, events=[good]))["ingestEvents"]["results"]
    assert again == [{"rawId": good["id"], "status": "SKIPPED", "errors": []}]
    query = (
        "query ($id: ID!) { session(id: $id) { timeline { nodes { rawId ts kind data provenance { confidence } } } } }"
    )
    nodes = (await ada.data(query, id=session))["session"]["timeline"]["nodes"]
    assert {node["rawId"] for node in nodes} == {good["id"], other["id"]}
    assert nodes[0]["ts"] == "2026-03-02T09:00:00.500Z"
    assert nodes[0]["provenance"]["confidence"] == 0.5
    [text] = [node["data"] for node in nodes if node["kind"] == "PROMPT"]
    assert text == {"text": "hello", "tokenCount": 2}


async def test_everything_of_an_event_arrives(ada: Asker) -> None:
    session = f"s-{uuid4()}"
    sent = _event(
        sessionId=session,
        kind="FILE_DIFF",
        data={"path": "a.py", "linesAdded": 3_000_000_000, "nested": [{"ü": None}, 1.5, True]},
        source={"channel": "IDE_EXTENSION", "integration": "cursor"},
        actor={"type": "HUMAN", "display": "Ada"},
        provenance={"attribution": "LIKELY_HUMAN", "confidence": 0.9, "observability": "HIGH", "methods": ["seen"]},
    )
    assert (await ada.data(INGEST, events=[sent]))["ingestEvents"]["results"][0]["status"] == "ACCEPTED"
    query = """query ($id: ID!) { session(id: $id) { sourceService timeline { nodes {
      kind path actor linesAdded data source provenance { attribution confidence observability } } } } }"""
    found = (await ada.data(query, id=session))["session"]
    assert found["sourceService"] == "cursor"
    assert found["timeline"]["nodes"] == [
        {
            "kind": "FILE_DIFF",
            "path": "a.py",
            "actor": "HUMAN",
            "linesAdded": 3_000_000_000,
            "data": sent["data"],
            "source": {
                "channel": "ide-extension",
                "integration": "cursor",
                "actor": {"type": "human", "display": "Ada"},
                "provenance": {"methods": ["seen"]},
            },
            "provenance": {"attribution": "LIKELY_HUMAN", "confidence": 0.9, "observability": "HIGH"},
        }
    ]


async def test_what_cannot_be_an_event_is_the_clients_fault(ada: Asker) -> None:
    assert await ada.code(INGEST, events=[]) == "BAD_USER_INPUT"
    assert await ada.code(INGEST, events=[_event(ts="2026-03-02T10:00:00")]) == "BAD_USER_INPUT"
    assert await ada.code(INGEST, events=[_event(ts="0001-01-01T00:00:00+14:00")]) == "BAD_USER_INPUT"
    assert await ada.code(INGEST, events=[_event(kind="NOISE")]) == "BAD_USER_INPUT"
    results = (await ada.data(INGEST, events=[_event(id="7"), _event(sessionId=""), _event(data=[1])]))["ingestEvents"]
    assert [result["status"] for result in results["results"]] == ["REFUSED"] * 3
    huge = (
        'mutation { ingestEvents(input: {events: [{id: "1", sessionId: "s", ts: "2026-03-02T10:00:00Z", kind: PROMPT,'
    )
    huge += f" data: {{n: 1{'0' * 30}}}}}]}}) {{ results {{ status }} }} }}"
    assert await ada.code(huge) in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")


async def test_a_session_of_somebody_else_takes_no_events(ada: Asker, judged: Services) -> None:
    session = f"s-{uuid4()}"
    await ada.data(INGEST, events=[_event(sessionId=session)])
    colleague = await make_asker(judged, ada.slug)
    assert await colleague.code(INGEST, events=[_event(sessionId=session)]) == "FORBIDDEN"
    reader = await make_asker(judged, ada.slug, KeyKind.SERVICE)
    assert await reader.code(INGEST, events=[_event(sessionId=session)]) == "FORBIDDEN"
