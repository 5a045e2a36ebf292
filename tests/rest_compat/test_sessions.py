"""POST and GET /v1/sessions, GET /v1/sessions/{id}."""

from urllib.parse import quote
from uuid import UUID, uuid4

import httpx2
import pytest

from domain.access import KeyKind
from domain.values import JsonValue
from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import House

PATH = "/v1/sessions"
NOT_FOUND = {"error": "Session not found"}


async def create(client: httpx2.AsyncClient, body: JsonValue) -> httpx2.Response:
    return await client.post(PATH, json=body)


async def ids(client: httpx2.AsyncClient, **params: object) -> list[str]:
    return [row["id"] for row in (await client.get(PATH, params=params)).json()["sessions"]]


async def test_create_no_overwrite(house: House) -> None:
    rev, id = await house.reviewer(), new_id()
    first = (await create(rev, {"id": id, "metadata": {"k": 1}})).json()
    again = await create(rev, {"id": id, "sourceService": "other", "metadata": {"k": 2}})
    assert (again.status_code, again.json()) == (409, {"error": "Session already exists", "id": id})
    assert (await rev.get(f"{PATH}/{id}")).json() == first


async def test_create_generated_id(house: House) -> None:
    rev = await house.reviewer()
    made = {(await create(rev, {})).json()["session"]["id"] for _ in range(3)}
    assert len({UUID(id) for id in made}) == 3
    assert set(await ids(rev)) == made


async def test_create_foreign_id(house: House, other_house: House) -> None:
    mine, theirs, id = await house.reviewer(), await other_house.reviewer(), new_id()
    await create(theirs, {"id": id})
    assert (await create(mine, {"id": id})).json() == {"error": "Session already exists", "id": id}
    assert (await mine.get(f"{PATH}/{id}")).json() == NOT_FOUND


async def test_create_org(house: House) -> None:
    key = await house.key(KeyKind.REVIEWER)
    session = (await create(house.client(key), {})).json()["session"]
    assert session["orgId"] == str(key.org.id)


async def test_a_new_session_is_as_it_was_asked_for(house: House) -> None:
    rev = await house.reviewer()
    body = {"id": new_id(), "sourceService": "claude-code", "metadata": {"deep": [{"ü": None}, 1.5, True]}}
    answer = await create(rev, body)
    session = answer.json()["session"]
    assert answer.status_code == 201
    assert {name: session[name] for name in body} == body
    nothing_yet = ("startedAt", "endedAt", "lastActivityAt", "aiAttributionPct")
    assert [session[name] for name in nothing_yet] == [None] * 4
    assert (session["eventCount"], session["decisionFlagCount"], session["totalCostUsd"]) == (0, 0, 0)


async def test_an_id_stays_as_it_is_spelled_so_that_events_meet_it(house: House) -> None:
    key = await house.key(KeyKind.CANDIDATE)
    cand, id = house.client(key, "x-api-key"), new_id().upper()
    assert (await create(cand, {"id": id})).json()["session"]["id"] == id
    assert (await cand.post(INGEST, json=posted(id))).status_code == 201
    assert (await cand.get(f"{PATH}/{id}")).json()["session"]["eventCount"] == 1


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"id": "not-a-uuid"}, "id: String should match pattern"),
        ({"id": None}, "id: Input should be a valid string"),
        ({"id": str(uuid4()).replace("-", "")}, "id: String should match pattern"),
        ({"id": f"{uuid4()}\n"}, "id: String should match pattern"),
        ({"sourceService": None}, "sourceService: Input should be a valid string"),
        ({"sourceService": ""}, "sourceService: String should have at least 1 character"),
        ({"sourceService": "x" * 129}, "sourceService: String should have at most 128 characters"),
        ({"metadata": "text"}, "metadata: Input should be a valid dictionary"),
        ({"metadata": None}, "metadata: Input should be a valid dictionary"),
        ({"metadata": []}, "metadata: Input should be a valid dictionary"),
        ({"sourceservice": "x"}, "sourceservice: Extra inputs are not permitted"),
        ({"k" * 5_000: 1}, "k" * 200 + ": Extra inputs are not permitted"),
        ([], "body: Input should be a valid dictionary"),
        ("text", "body: Input should be a valid dictionary"),
    ],
)
async def test_a_body_that_breaks_a_rule_is_refused(house: House, body: JsonValue, detail: str) -> None:
    rev = await house.reviewer()
    answer = await create(rev, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid request body")
    assert [text.startswith(detail) for text in answer.json()["details"]] == [True]
    assert await ids(rev) == []


async def test_a_body_with_many_faults_names_a_few(house: House) -> None:
    answer = await create(await house.reviewer(), {str(n): n for n in range(1_000)})
    assert len(answer.json()["details"]) == 20


async def test_secrets_in_metadata_are_not_stored(house: House) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    answer = await create(await house.reviewer(), {"metadata": {"token": secret, "note": f"use {secret}"}})
    assert secret not in answer.text


async def test_numbers_too_large_for_64_bits_come_back_as_numbers(house: House) -> None:
    rev = await house.reviewer()
    body = b'{"metadata": {"big": 123456789012345678901234567890, "small": 1e-300, "int": 9007199254740993}}'
    made = await rev.post(PATH, content=body, headers={"content-type": "application/json"})
    session = made.json()["session"]
    assert session["metadata"] == {"big": 123456789012345678901234567890.0, "small": 1e-300, "int": 9007199254740993}
    assert (await rev.get(f"{PATH}/{session['id']}")).json()["session"] == session


async def test_list_order(house: House) -> None:
    """Newest start first; those without a start last, ties by id."""
    ada, rev = await house.developer(), await house.reviewer()
    started = {minute: sorted(new_id() for _ in range(2)) for minute in (5, 9, 1)}
    for minute, pair in started.items():
        for id in reversed(pair):
            await ada.client.post(INGEST, json=posted(id, minute))
    waiting = sorted([(await create(rev, {})).json()["session"]["id"] for _ in range(2)])
    assert await ids(rev) == [*started[9], *started[5], *started[1], *waiting]


async def test_list_echo(house: House) -> None:
    rev = await house.reviewer()
    for params, echoed in [
        ({}, (20, 0)), ({"limit": 7, "offset": 3}, (7, 3)), ({"limit": 0}, (1, 0)), ({"limit": 101}, (100, 0)),
        ({"limit": -5, "offset": -5}, (1, 0)), ({"limit": "ten", "offset": "ten"}, (20, 0)), ({"limit": ""}, (20, 0)),
        ({"limit": "9" * 5_000}, (100, 0)), ({"limit": "1.5"}, (20, 0)), ({"limit": "5\x00"}, (20, 0)),
        ({"limit": "007", "offset": "0012"}, (7, 12)),
    ]:  # fmt: skip
        body = (await rev.get(PATH, params=params)).json()
        assert (body["limit"], body["offset"]) == echoed, params


async def test_list_total(house: House) -> None:
    rev = await house.reviewer()
    made = {(await create(rev, {})).json()["session"]["id"] for _ in range(5)}
    pages = [(await rev.get(PATH, params={"limit": 2, "offset": offset})).json() for offset in (0, 2, 4, 6, 10**30)]
    assert [page["total"] for page in pages] == [5] * 5
    assert [len(page["sessions"]) for page in pages] == [2, 2, 1, 0, 0]
    assert {row["id"] for page in pages for row in page["sessions"]} == made


async def test_list_organization(house: House, other_house: House) -> None:
    mine, theirs = await house.reviewer(), await other_house.reviewer()
    id = (await create(mine, {})).json()["session"]["id"]
    await create(theirs, {})
    assert await ids(mine) == [id]
    assert (await theirs.get(f"{PATH}/{id}")).json() == NOT_FOUND


async def test_a_reviewer_sees_every_developer(house: House) -> None:
    rev = await house.reviewer()
    for email in ("ada@example.org", "bob@example.org"):
        await (await house.developer(email)).client.post(INGEST, json=posted(email))
    assert set(await ids(rev)) == {"ada@example.org", "bob@example.org"}


async def test_list_candidate_scope(house: House) -> None:
    cand, rev, mine = await house.candidate(), await house.reviewer(), new_id()
    await create(rev, {})
    assert await ids(cand) == []
    await cand.post(INGEST, json=posted(mine))
    body = (await cand.get(PATH)).json()
    assert ([row["id"] for row in body["sessions"]], body["total"]) == ([mine], 1)
    assert len(await ids(rev)) == 2


async def test_sessions_are_found_by_assessment(house: House) -> None:
    rev, task = await house.reviewer(), await house.assessment()
    mine = {new_id(), new_id()}
    for id in mine:
        await (await house.candidate(assessment_id=task)).post(INGEST, json=posted(id))
    await (await house.candidate()).post(INGEST, json=posted(new_id()))
    assert set(await ids(rev, assessmentId=task)) == mine
    assert set(await ids(rev, assessmentId=str(task).upper())) == mine
    for unknown in (new_id(), "no-uuid", "", "\x00"):
        assert await ids(rev, assessmentId=unknown) == []


async def test_sessions_are_found_by_tool(house: House) -> None:
    rev = await house.reviewer()
    id = (await create(rev, {"sourceService": "claude_code"})).json()["session"]["id"]
    await create(rev, {"sourceService": "cursor"})
    await create(rev, {})
    for spelled in ("claude-code", "claude_code"):
        assert await ids(rev, sourceService=spelled) == [id]
    for unknown in ("claude", "", "cursor\x00", "%", "🧭"):
        assert await ids(rev, sourceService=unknown) == []


async def test_of_a_repeated_parameter_the_last_counts(house: House) -> None:
    body = (await (await house.reviewer()).get(f"{PATH}?limit=3&limit=5&unknown=1&limit=4")).json()
    assert body["limit"] == 4


async def test_get_organization(house: House, other_house: House) -> None:
    mine, theirs = await house.reviewer(), await other_house.reviewer()
    id = (await create(theirs, {})).json()["session"]["id"]
    answer, unknown = await mine.get(f"{PATH}/{id}"), await mine.get(f"{PATH}/{new_id()}")
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert (unknown.status_code, unknown.json()) == (404, NOT_FOUND)


async def test_get_candidate_scope(house: House) -> None:
    """Not even a colleague's of the same assessment, nor one of the same developer."""
    task = await house.assessment()
    one, two, ada = await house.candidate(assessment_id=task), await house.candidate(assessment_id=task), new_id()
    await one.post(INGEST, json=posted(ada))
    assert (await one.get(f"{PATH}/{ada}")).status_code == 200
    assert (await two.get(f"{PATH}/{ada}")).json() == NOT_FOUND
    assert (await one.get(f"{PATH}/{new_id()}")).json() == NOT_FOUND


async def test_get_wrapped(house: House) -> None:
    rev = await house.reviewer()
    made = (await create(rev, {"metadata": {"k": 1}})).json()
    assert (await rev.get(f"{PATH}/{made['session']['id']}")).json() == made
    assert list(made) == ["session"]


@pytest.mark.parametrize("id", ["a/b", "ü §", "..", "a%2Fb", "?x=1#y", "x" * 255, "a\\b", "timeline"])
async def test_any_session_id_can_be_asked_for(house: House, id: str) -> None:
    ada, rev = await house.developer(), await house.reviewer()
    id = f"{id[:200]}{house.slug}"
    assert (await ada.client.post(INGEST, json=posted(id))).status_code == 201
    path = f"{PATH}/{quote(id, safe='')}"
    assert (await rev.get(path)).json()["session"]["id"] == id
    assert (await rev.get(f"{path}/timeline")).json()["events"][0]["sessionId"] == id


@pytest.mark.parametrize(
    "id", ["%00", "a%00b", "x" * 10_000, "%F0%9F%A7%AD", "%FF%FE", "%", "%zz", "..%2F..%2Fetc", "%2e%2e"]
)
async def test_an_id_that_cannot_be_is_not_found(house: House, id: str) -> None:
    rev = await house.reviewer()
    for path in (f"{PATH}/{id}", f"{PATH}/{id}/timeline"):
        answer = await rev.get(path)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


async def test_a_candidate_key_registers_one_session(house: House) -> None:
    cand = await house.candidate()
    assert (await create(cand, {"id": new_id()})).status_code == 201
    answer = await create(cand, {"id": new_id()})
    assert (answer.status_code, answer.json()) == (403, {"error": "this key is tied to another session"})
    assert len(await ids(cand)) == 1


async def test_a_key_without_the_scope_is_told_so(house: House) -> None:
    rev = house.client(await house.key(KeyKind.REVIEWER, scopes=("sessions:read",)))
    answer = await create(rev, {})
    assert (answer.status_code, answer.json()) == (403, {"error": "this key lacks the scope sessions:write"})
