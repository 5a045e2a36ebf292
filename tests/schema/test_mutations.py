"""What the graph changes."""

from uuid import uuid4

import pytest

from domain.access import KeyKind
from domain.values import JsonValue
from resolvers.context import Services
from schema import nodes
from tests.history import bug_fix, derive, ended, recorded, store
from tests.schema.asking import Asker, make_asker
from tests.schema.test_sql_counts import statements

RENAME = """mutation ($input: RenameSubSessionInput!) { renameSubSession(input: $input) {
  subSession { id title summary titleSource } userErrors { field code message } } }"""
RESET = """mutation ($input: ResetSubSessionLabelInput!) { resetSubSessionLabel(input: $input) {
  subSession { id title summary titleSource } userErrors { field code message } } }"""
INGEST = """mutation ($events: [EventInput!]!) { ingestEvents(input: {events: $events}) {
  results { index rawId status userErrors { field code message } } userErrors { field code message } } }"""


async def _arc(asker: Asker) -> str:
    one = recorded(*bug_fix(0), ended(8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    return (await asker.data("{ subSessions { nodes { id } } }"))["subSessions"]["nodes"][0]["id"]


async def _refused(asker: Asker, query: str, **variables: JsonValue) -> list[tuple[object, str]]:
    """What `userErrors` say of a change of a label that is not made; nothing else may have gone wrong."""
    [payload] = (await asker.data(query, **variables)).values()
    assert payload["subSession"] is None
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


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


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, [(None, "NOTHING_TO_CHANGE")]),
        ({"title": None}, [(None, "NOTHING_TO_CHANGE")]),
        ({"title": "  "}, [(["title"], "BLANK")]),
        ({"title": "\n\x00"}, [(["title"], "BLANK")]),
        ({"title": "x" * 61}, [(["title"], "TOO_LONG")]),
        ({"summary": ""}, [(["summary"], "BLANK")]),
        ({"title": "fine", "summary": "x" * 241}, [(["summary"], "TOO_LONG")]),
        ({"title": "x" * 61, "summary": " "}, [(["title"], "TOO_LONG"), (["summary"], "BLANK")]),
    ],
)
async def test_labels_that_are_none_are_refused(ada: Asker, wrong: dict[str, JsonValue], told: list[object]) -> None:
    id = await _arc(ada)
    assert await _refused(ada, RENAME, input={"id": id, **wrong}) == told
    assert (await ada.data("{ subSessions { nodes { titleSource } } }"))["subSessions"]["nodes"] == [
        {"titleSource": "RUBRIC"}
    ]


async def test_nobody_renames_anothers_arc(ada: Asker, eve: Asker, judged: Services) -> None:
    id = await _arc(ada)
    lead = await make_asker(judged, ada.slug, admin=True)
    for asker in (eve, lead):
        assert await _refused(asker, RENAME, input={"id": id, "title": "mine"}) == [(["id"], "NOT_FOUND")]
        assert await _refused(asker, RESET, input={"id": id}) == [(["id"], "NOT_FOUND")]


@pytest.mark.parametrize("id", ["x", "", "ÿ", nodes.encode("Session", "s"), nodes.encode("SubSession", "no uuid")])
async def test_what_is_no_id_of_an_arc_changes_nothing(ada: Asker, id: str) -> None:
    assert await _refused(ada, RENAME, input={"id": id, "title": "y"}) == [(["id"], "INVALID_ID")]
    assert await _refused(ada, RESET, input={"id": id}) == [(["id"], "INVALID_ID")]


async def test_a_key_that_only_writes_labels_can_rename_and_reset(ada: Asker, judged: Services) -> None:
    id = await _arc(ada)
    email = (await ada.data("{ viewer { email } }"))["viewer"]["email"]
    writer = await make_asker(judged, ada.slug, KeyKind.PERSONAL, email, scopes=("labels:write",))
    for query, change in ((RENAME, {"title": "mine"}), (RESET, {})):
        answer = (await writer.data(query, input={"id": id, **change})).popitem()[1]
        assert (answer["subSession"]["id"], answer["userErrors"]) == (id, [])


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
        "rawId": str(uuid4()),
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
    assert results[0] == {"index": 0, "rawId": good["rawId"], "status": "ACCEPTED", "userErrors": []}
    again = (await ada.data(INGEST, events=[good]))["ingestEvents"]
    assert again == {
        "results": [{"index": 0, "rawId": good["rawId"], "status": "SKIPPED", "userErrors": []}],
        "userErrors": [],
    }
    query = (
        "query ($id: ID!) { session(id: $id) { timeline { nodes { rawId ts kind data provenance { confidence } } } } }"
    )
    nodes = (await ada.data(query, id=session))["session"]["timeline"]["nodes"]
    assert {node["rawId"] for node in nodes} == {good["rawId"], other["rawId"]}
    assert nodes[0]["ts"] == "2026-03-02T09:00:00.500Z"
    assert nodes[0]["provenance"]["confidence"] == 0.5
    [text] = [node["data"] for node in nodes if node["kind"] == "PROMPT"]
    assert text == {"text": "hello", "tokenCount": 2}


STORED = """mutation ($events: [EventInput!]!) { ingestEvents(input: {events: $events}) {
  results { status event { rawId kind data session { rawId } } } } }"""


async def test_what_was_stored_is_shown_as_it_stands(ada: Asker) -> None:
    session = f"s-{uuid4()}"
    first, bad = _event(sessionId=session), _event(sessionId=session, kind="COMMAND", data={"command": 7})
    changed = {**first, "data": {"text": "something else"}}
    more = [_event(sessionId=f"{session}-{n}") for n in range(20)]
    with statements() as seen:
        answer = await ada.data(STORED, events=[first, bad, changed, *more])
    accepted, refused, skipped, *others = answer["ingestEvents"]["results"]
    told = {"rawId": first["rawId"], "kind": "PROMPT", "session": {"rawId": session}}
    assert accepted == {"status": "ACCEPTED", "event": {**told, "data": {"text": "hello", "tokenCount": 2}}}
    assert refused == {"status": "REFUSED", "event": None}
    assert skipped == {"status": "SKIPPED", "event": accepted["event"]}
    assert [one["event"]["session"]["rawId"] for one in others] == [one["sessionId"] for one in more]
    assert sum(one.startswith("SELECT events.") for one in seen) == 1, "all are read together"


async def test_a_key_that_only_sends_is_not_shown_what_it_sent(ada: Asker, judged: Services) -> None:
    sender = await make_asker(judged, ada.slug, KeyKind.PERSONAL, scopes=("events:write",))
    answer = await sender.ask(STORED, events=[_event(sessionId=f"s-{uuid4()}")])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert answer["data"]["ingestEvents"]["results"] == [{"status": "ACCEPTED", "event": None}]


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
    assert await ada.code(INGEST, events=[_event(ts="2026-03-02T10:00:00")]) == "BAD_USER_INPUT"
    assert await ada.code(INGEST, events=[_event(ts="0001-01-01T00:00:00+14:00")]) == "BAD_USER_INPUT"
    assert await ada.code(INGEST, events=[_event(data=None)]) == "BAD_USER_INPUT"
    assert await ada.code(INGEST, events=[_event(kind="NOISE")]) == "BAD_USER_INPUT"
    huge = 'mutation { ingestEvents(input: {events: [{rawId: "1", sessionId: "s", ts: "2026-03-02T10:00:00Z",'
    huge += f" kind: PROMPT, data: {{n: 1{'0' * 30}}}}}]}}) {{ results {{ status }} }} }}"
    assert await ada.code(huge) in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")


async def test_a_refused_event_is_told_by_its_id_its_place_and_the_reason(ada: Asker) -> None:
    command = _event(kind="COMMAND", data={"command": 7})
    payload = (await ada.data(INGEST, events=[_event(), command, _event(rawId="7", sessionId="")]))["ingestEvents"]
    accepted, refused, nameless = payload["results"]
    assert (accepted["status"], refused["status"], nameless["status"]) == ("ACCEPTED", "REFUSED", "REFUSED")
    assert (refused["index"], refused["rawId"]) == (1, command["rawId"])
    assert (nameless["index"], nameless["rawId"]) == (2, None)
    assert refused["userErrors"] == [
        {
            "field": ["events", "1", "data", "command"],
            "code": "INVALID",
            "message": "Input should be a valid string",
        }
    ]
    assert payload["userErrors"] == refused["userErrors"] + nameless["userErrors"]
    assert [(error["field"], error["code"]) for error in nameless["userErrors"]] == [
        (["events", "2", "rawId"], "INVALID"),
        (["events", "2", "sessionId"], "TOO_SHORT"),
    ]


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"rawId": "7"}, ["rawId"], "INVALID"),
        ({"sessionId": ""}, ["sessionId"], "TOO_SHORT"),
        ({"sessionId": "x" * 256}, ["sessionId"], "TOO_LONG"),
        ({"ts": "0001-06-01T00:00:00Z"}, ["ts"], "OUT_OF_RANGE"),
        ({"kind": "INTERRUPTION"}, ["kind"], "NOT_ALLOWED"),
        ({"data": [1]}, ["data"], "INVALID"),
        ({"kind": "COMMAND", "data": {}}, ["data", "command"], "MISSING"),
        ({"kind": "FILE_DIFF", "data": {"path": "a", "linesAdded": -1}}, ["data", "linesAdded"], "OUT_OF_RANGE"),
        ({"source": {"integration": "x" * 129}}, ["source", "integration"], "TOO_LONG"),
        ({"source": {"emitter": "x" * 129}}, ["source", "emitter"], "TOO_LONG"),
        ({"provenance": {"confidence": 1.01}}, ["provenance", "confidence"], "OUT_OF_RANGE"),
    ],
)
async def test_each_rule_of_an_event_has_its_place_and_code(
    ada: Asker, wrong: dict[str, JsonValue], field: list[str], code: str
) -> None:
    [error] = (await ada.data(INGEST, events=[_event(**wrong)]))["ingestEvents"]["userErrors"]
    assert (error["field"], error["code"]) == (["events", "0", *field], code)


@pytest.mark.parametrize(("number", "code"), [(0, "NO_EVENTS"), (1001, "TOO_MANY_EVENTS")])
async def test_a_batch_of_none_or_too_many_is_refused_whole(ada: Asker, number: int, code: str) -> None:
    payload = (await ada.data(INGEST, events=[_event()] * number))["ingestEvents"]
    assert payload["results"] == []
    assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [(["events"], code)]


async def test_a_session_of_somebody_else_takes_no_events(ada: Asker, judged: Services) -> None:
    session = f"s-{uuid4()}"
    await ada.data(INGEST, events=[_event(sessionId=session)])
    colleague = await make_asker(judged, ada.slug)
    sent = [_event(rawId="bad"), _event(), _event(sessionId=session), _event(sessionId=session)]
    payload = (await colleague.data(INGEST, events=sent))["ingestEvents"]
    assert payload["results"] == []
    assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [
        (["events", "2", "sessionId"], "SESSION_FORBIDDEN")
    ]


async def test_a_key_without_the_scope_gets_an_error_and_no_payload(ada: Asker, judged: Services) -> None:
    session = f"s-{uuid4()}"
    reader = await make_asker(judged, ada.slug, KeyKind.SERVICE)
    assert await reader.code(INGEST, events=[_event(sessionId=session)]) == "FORBIDDEN"
