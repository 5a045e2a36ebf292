"""POST /v1/hooks/ingest."""

import asyncio
from uuid import uuid4

import httpx2
import pytest

import persistence.jobs
from domain.access import KeyKind
from domain.values import JsonValue, OrgId
from tests.history import bug_fix, recorded
from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import House

AT = "2026-03-02T09:%02d:00.000Z"


async def send(client: httpx2.AsyncClient, event: JsonValue) -> httpx2.Response:
    return await client.post(INGEST, json=event)


async def session(client: httpx2.AsyncClient, id: str) -> dict[str, JsonValue]:
    return (await client.get(f"/v1/sessions/{id}")).json()["session"]


async def event_of(client: httpx2.AsyncClient, id: str) -> dict[str, JsonValue]:
    [event] = (await client.get(f"/v1/sessions/{id}/timeline")).json()["events"]
    return event


async def test_ingest_creates_session(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    assert (await cand.get(f"/v1/sessions/{id}")).status_code == 404
    event = posted(id)
    answer = await send(cand, event)
    assert (answer.status_code, answer.json()) == (201, {"ok": True, "id": event["id"]})
    assert (await session(cand, id))["eventCount"] == 1


async def test_ingest_idempotent(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    event = posted(id, 5, "command", data={"command": "ls"})
    await send(cand, event)
    before, timeline = await session(cand, id), await event_of(cand, id)
    start = {"kind": "session_start", "data": {"candidateName": "Eve"}, "source": "shell"}
    for again in (event, event | {"ts": AT % 50, "kind": "decision_event"}, event | start):
        answer = await send(cand, again)
        assert (answer.status_code, answer.json()) == (200, {"ok": True, "skipped": True})
    assert (await session(cand, id), await event_of(cand, id)) == (before, timeline)


async def test_what_finds_no_room_is_told_to_come_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    cand, id = await house.candidate(), new_id()
    events = [posted(id, minute) for minute in range(6)]
    with monkeypatch.context() as patched:
        patched.setattr(house.services.intake, "most_events", 1)
        answers = await asyncio.gather(*(send(cand, event) for event in events))
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert {answer.status_code for answer in answers} == {201, 503}
    again = await asyncio.gather(*(send(cand, event) for event in events))
    assert [answer.status_code == 200 for answer in again] == [answer.status_code == 201 for answer in answers]
    assert (await session(cand, id))["eventCount"] == 6


async def test_the_same_event_at_once_is_taken_once(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    event = posted(id)
    answers = await asyncio.gather(*(send(cand, event) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert (await session(cand, id))["eventCount"] == 1


async def test_ingest_counters(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    seen = []
    for minute, kind in ((5, "planning"), (2, "decision_event"), (9, "prompt"), (7, "decision_event")):
        await send(cand, posted(id, minute, kind))
        now = await session(cand, id)
        seen.append((now["eventCount"], now["decisionFlagCount"], now["lastActivityAt"]))
    assert seen == [(1, 0, AT % 5), (2, 1, AT % 5), (3, 1, AT % 9), (4, 2, AT % 9)]


async def test_ingest_started(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    starts = []
    for minute in (5, 9, 3):
        await send(cand, posted(id, minute))
        starts.append((await session(cand, id))["startedAt"])
    assert starts == [AT % 5, AT % 5, AT % 3]


async def test_ingest_promote(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    told = {
        "assessmentId": new_id(),
        "candidateName": "Kim",
        "repoUrl": "https://example.org/r.git",
        "cwd": "/home/kim",
    }
    await send(cand, posted(id, 0, "planning", data={"candidateName": "not this"}))
    assert (await session(cand, id))["metadata"].keys() == {"assessmentId"}, "which the key tells"
    await send(cand, posted(id, 1, "session_start", data=told | {"shell": "zsh"}))
    assert (await session(cand, id))["metadata"] == told


async def test_promoted_members_join_what_was_registered(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    await cand.post("/v1/sessions", json={"id": id, "metadata": {"k": 1}})
    await send(cand, posted(id, 1, "session_start", data={"cwd": "/w"}))
    metadata = (await session(cand, id))["metadata"]
    assert metadata == {"k": 1, "cwd": "/w", "assessmentId": metadata["assessmentId"]}


async def test_ingest_end(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    await send(cand, posted(id, 1))
    assert (await session(cand, id))["endedAt"] is None
    await send(cand, posted(id, 6, "session_end"))
    assert (await session(cand, id))["endedAt"] == AT % 6
    assert await _waits_for_scoring(house, OrgId((await _org(house)).id), id)


async def _org(house: House) -> object:
    return (await house.key()).org


async def _waits_for_scoring(house: House, org_id: OrgId, session_id: str) -> bool:
    async with persistence.jobs.scope(house.services.database) as db:
        table = persistence.jobs.jobs
        rows = await db.rows(table.select().where(table.c.org_id == org_id, table.c.key == session_id))
    return [row["state"] for row in rows] == ["queued"]


async def test_a_session_that_only_rests_has_not_ended(house: House) -> None:
    ada = await house.developer()
    await ada.worked(one := recorded(*bug_fix(0)))  # and judged a year later
    assert (await session(await house.reviewer(), one.id))["endedAt"] is None


async def test_events_after_the_end_are_taken_and_move_it_not(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    await send(cand, posted(id, 6, "session_end"))
    assert (await send(cand, posted(id, 9))).status_code == 201
    now = await session(cand, id)
    assert (now["endedAt"], now["lastActivityAt"], now["eventCount"]) == (AT % 6, AT % 9, 2)


@pytest.mark.parametrize(
    ("source", "service"),
    [
        ("hook", "hook"),
        ({"integration": "claude-code", "channel": "hook"}, "claude-code"),
        ({}, None),
        ({"emitter": "x"}, None),
    ],
)  # fmt: skip
async def test_ingest_source_text(house: House, source: JsonValue, service: str | None) -> None:
    cand, id = await house.candidate(), new_id()
    await send(cand, posted(id, source=source))
    assert (await session(cand, id))["sourceService"] == service
    await send(cand, posted(id, source="later"))
    assert (await session(cand, id))["sourceService"] == (service or "later")


async def test_ingest_alias(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    await send(cand, posted(id, kind="tool_call", data={"toolName": "Edit"}))
    assert (await event_of(cand, id))["kind"] == "tool_result"


async def test_ingest_defaults(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    await send(cand, posted(id))
    unknown = {"attribution": "unknown", "confidence": 0.5, "observability": "partial"}
    assert (await event_of(cand, id))["provenance"] == unknown
    for given in ({"confidence": 1}, {"attribution": "mixed"}):
        other = await house.candidate()
        await send(other, posted(other_id := new_id(), provenance=given))
        assert (await event_of(other, other_id))["provenance"] == unknown | given


async def test_a_candidate_key_writes_one_session(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    await send(cand, posted(id))
    answer = await send(cand, posted(new_id()))
    assert (answer.status_code, answer.json()) == (403, {"error": "this key is tied to another session"})
    assert (await session(cand, id))["eventCount"] == 1


async def test_a_session_of_another_developer_is_not_written(house: House) -> None:
    ada, bob, id = await house.developer(), await house.developer("bob@example.org"), new_id()
    await send(ada.client, posted(id))
    answer = await send(bob.client, posted(id))
    assert (answer.status_code, answer.json()) == (403, {"error": "this session belongs to somebody else"})


async def test_an_id_taken_elsewhere_is_a_session_of_ones_own(house: House, other_house: House) -> None:
    ada, eve, id = await house.developer(), await other_house.developer(), new_id()
    await send(eve.client, posted(id))
    await send(ada.client, posted(id))
    for one in (house, other_house):
        assert (await session(await one.reviewer(), id))["eventCount"] == 1


async def test_secrets_are_redacted_and_it_stays_visible(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    await send(cand, posted(id, kind="command", data={"command": f"curl -H 'token: {secret}' x"}))
    data = (await event_of(cand, id))["data"]
    assert secret not in str(data)
    assert data["redacted"] is True


async def test_an_array_answers_for_each_event(house: House) -> None:
    ada, id = await house.developer(), new_id()
    known, new, bad = posted(id), posted(id, 1), posted(id, kind="no_such_kind")
    await send(ada.client, known)
    answer = await send(ada.client, [known, new, bad, new, "text"])
    results = answer.json()["results"]
    assert (answer.status_code, answer.json()["ok"]) == (201, False)
    assert results[:2] == [{"ok": True, "id": known["id"], "skipped": True}, {"ok": True, "id": new["id"]}]
    assert results[3] == {"ok": True, "id": new["id"], "skipped": True}
    assert [result["ok"] for result in results] == [True, True, False, True, False]
    assert results[2]["errors"][0].startswith("kind: ")
    assert (await session(await house.reviewer(), id))["eventCount"] == 2


async def test_of_equal_ids_in_an_array_the_first_counts(house: House) -> None:
    ada, id = await house.developer(), new_id()
    event = posted(id)
    late = event | {"ts": AT % 50, "kind": "session_start", "data": {"candidateName": "Eve"}}
    answer = await send(ada.client, [event, late])
    assert [result.get("skipped") for result in answer.json()["results"]] == [None, True]
    rev = await house.reviewer()
    now = await session(rev, id)
    assert (now["eventCount"], now["metadata"], now["lastActivityAt"]) == (1, {}, AT % 0)
    assert (await event_of(rev, id))["kind"] == "planning"


async def test_an_array_of_known_events_changes_nothing(house: House) -> None:
    ada, id = await house.developer(), new_id()
    events = [posted(id, n) for n in range(3)]
    assert (await send(ada.client, events)).json()["ok"] is True
    answer = await send(ada.client, events)
    assert (answer.status_code, {result["skipped"] for result in answer.json()["results"]}) == (200, {True})


async def test_an_array_without_anything_good_says_so(house: House) -> None:
    ada = await house.developer()
    answer = await send(ada.client, [{}, 1, None])
    assert (answer.status_code, answer.json()["ok"]) == (200, False)
    assert [result["ok"] for result in answer.json()["results"]] == [False] * 3
    assert (await (await house.reviewer()).get("/v1/sessions")).json()["total"] == 0


async def test_an_array_has_between_1_and_1000_events(house: House) -> None:
    ada, id = await house.developer(), new_id()
    for events in ([], [posted(id)] * 1_001):
        answer = await send(ada.client, events)
        assert (answer.status_code, answer.json()) == (400, {"error": "send between 1 and 1000 events"})
    assert (await send(ada.client, [posted(id, n) for n in range(1_000)])).status_code == 201


async def test_events_of_many_sessions_come_in_one_array(house: House) -> None:
    ada = await house.developer()
    made = [new_id() for _ in range(5)]
    await send(ada.client, [posted(id, n) for n, id in enumerate(made * 3)])
    rows = (await (await house.reviewer()).get("/v1/sessions")).json()["sessions"]
    assert {(row["id"], row["eventCount"]) for row in rows} == {(id, 3) for id in made}


@pytest.mark.parametrize(
    "changes",
    [
        {"ts": "0001-01-01T00:00:00+14:00"}, {"ts": "9999-12-31T23:59:59-14:00"}, {"ts": "2026-02-30T00:00:00Z"},
        {"ts": "0001-01-01T00:00:00Z"}, {"ts": "9999-12-31T23:59:59Z"},
        {"sessionId": ""}, {"sessionId": "x" * 256}, {"sessionId": None}, {"sig": 7}, {"prevSig": None},
        {"actor": None},
        {"provenance": None}, {"provenance": {"confidence": None}}, {"source": 1}, {"v": 1.5},
        {"v": True}, {"data": "x"},
        {"kind": "file_diff", "data": {"path": "a", "linesAdded": True}}, {"kind": "session_title"},
    ],
)  # fmt: skip
async def test_an_event_that_breaks_a_rule_is_refused(house: House, changes: dict[str, JsonValue]) -> None:
    ada, id = await house.developer(), new_id()
    answer = await send(ada.client, posted(id, **changes))
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid request body")
    assert answer.json()["details"]
    assert (await (await house.reviewer()).get("/v1/sessions")).json()["total"] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 1.0}, {"sig": "s", "prevSig": "p", "deviceId": "d", "relatedEventIds": [], "rawPayload": {"a": 1}},
        {"ts": "2026-04-01T10:15:00.123456789Z"}, {"ts": "0002-01-01T00:00:00+14:00"},
        {"ts": "9998-12-31T23:59:59.9999999Z"},
        {"id": str(uuid4()).upper()}, {"kind": "command", "data": {"command": "ls", "exitCode": 1e30}},
        {"kind": "ai_response", "data": {"inputTokens": -5, "costUsd": 1e300, "model": 7}},
        {"data": {"a\x00b": ["\x00", "\ufffd"]}}, {"sessionId": "nul \x00 inside"},
        {"actor": {"type": "human", "role": "developer"}, "provenance": {"methods": ["hook"], "confidence": 0}},
    ],
)  # fmt: skip
async def test_an_unusual_event_is_taken(house: House, changes: dict[str, JsonValue]) -> None:
    ada, id = await house.developer(), new_id()
    event = posted(id, **changes)
    assert (await send(ada.client, event)).status_code == 201
    rev = await house.reviewer()
    [row] = (await rev.get("/v1/sessions")).json()["sessions"]
    page = await rev.get(f"/v1/sessions/{row['id']}/timeline")
    assert [shown["id"] for shown in page.json()["events"]] == [event["id"].lower()]
    assert row["startedAt"] is not None


async def test_a_reviewer_cannot_ingest(house: House) -> None:
    answer = await send(await house.reviewer(), posted(new_id()))
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid or missing API key"})


@pytest.mark.parametrize("kind", [KeyKind.CANDIDATE, KeyKind.DEVELOPER])
async def test_the_published_client_says_its_version(house: House, kind: KeyKind) -> None:
    client = house.client(await house.key(kind), "x-api-key")
    answer = await client.post(INGEST, json=posted(new_id()), headers={"X-Promptster-CLI-Version": "1.2.3"})
    assert answer.status_code == 201
