"""PATCH /v1/sessions/{id} and /v1/sessions/{id}/metadata."""

import httpx2
import pytest

from domain.access import KeyKind
from domain.values import JsonValue
from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import House

NOT_FOUND = (404, {"error": "Session not found"})
END = "2026-03-02T12:00:00.000Z"
BODIES = {"": {"metadata": {"k": 2}}, "/metadata": {"metadata": {"k": 2}}}


def path(id: str, of: str = "") -> str:
    return f"/v1/sessions/{id}{of}"


async def made(client: httpx2.AsyncClient, **body: JsonValue) -> dict[str, JsonValue]:
    return (await client.post("/v1/sessions", json=body)).json()["session"]


async def patched(client: httpx2.AsyncClient, id: str, of: str = "", **body: JsonValue) -> dict[str, JsonValue]:
    answer = await client.patch(path(id, of), json=body)
    assert answer.status_code == 200, answer.text
    assert (await client.get(path(id))).json() == answer.json()
    return answer.json()["session"]


async def test_update_replace(house: House) -> None:
    rev = await house.reviewer()
    id = (await made(rev, metadata={"a": 1, "deep": {"b": 2}}))["id"]
    assert (await patched(rev, id, metadata={"deep": {"c": 3}}))["metadata"] == {"deep": {"c": 3}}
    assert (await patched(rev, id, metadata={}))["metadata"] == {}


async def test_update_partial(house: House) -> None:
    rev = await house.reviewer()
    id = (await made(rev, metadata={"a": 1}))["id"]
    first = await patched(rev, id, endedAt=END)
    assert (first["endedAt"], first["metadata"]) == (END, {"a": 1})
    second = await patched(rev, id, metadata={"b": 2})
    assert (second["endedAt"], second["metadata"]) == (END, {"b": 2})
    third = await patched(rev, id, endedAt=None)
    assert (third["endedAt"], third["metadata"]) == (None, {"b": 2})


async def test_update_idempotent(house: House) -> None:
    rev = await house.reviewer()
    id = (await made(rev))["id"]
    body = {"endedAt": "2026-03-02T13:00:00.000+01:00", "metadata": {"a": [1]}}
    first = await patched(rev, id, **body)
    assert first["endedAt"] == END
    assert await patched(rev, id, **body) == first


async def test_update_organization(house: House, other_house: House) -> None:
    mine, theirs = await house.reviewer(), await other_house.reviewer()
    session = await made(theirs, metadata={"k": 1})
    for of, body in BODIES.items():
        answer = await mine.patch(path(session["id"], of), json=body)
        assert (answer.status_code, answer.json()) == NOT_FOUND
    assert (await theirs.get(path(session["id"]))).json()["session"] == session


async def test_update_candidate_scope(house: House) -> None:
    one, two, id = await house.candidate(), await house.candidate(), new_id()
    await one.post(INGEST, json=posted(id))
    assert (await patched(one, id, metadata={"k": 1}))["metadata"] == {"k": 1}
    for of, body in BODIES.items():
        answer = await two.patch(path(id, of), json=body)
        assert (answer.status_code, answer.json()) == NOT_FOUND
    assert (await one.get(path(id))).json()["session"]["metadata"] == {"k": 1}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "body: endedAt or metadata is required"),
        ({"endedAt": "yesterday"}, "endedAt: must be an RFC 3339 time with an offset"),
        ({"endedAt": "2026-03-02T12:00:00"}, "endedAt: must be an RFC 3339 time with an offset"),
        ({"endedAt": 1772452800}, "endedAt: must be an RFC 3339 time with an offset"),
        ({"endedAt": "9999-01-01T00:00:00Z"}, "endedAt: must lie in the years 2 to 9998"),
        ({"metadata": None}, "metadata: Input should be a valid dictionary"),
        ({"metadata": "text"}, "metadata: Input should be a valid dictionary"),
        ({"eventCount": 3}, "eventCount: Extra inputs are not permitted"),
        ({"metadata": {}, "id": "x"}, "id: Extra inputs are not permitted"),
        ([], "body: Input should be a valid dictionary"),
    ],
)
async def test_an_update_that_breaks_a_rule_is_refused(house: House, body: JsonValue, detail: str) -> None:
    rev = await house.reviewer()
    session = await made(rev, metadata={"k": 1})
    answer = await rev.patch(path(session["id"]), json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid request body", "details": [detail]})
    assert (await rev.get(path(session["id"]))).json()["session"] == session


async def test_metadata_merge_merge(house: House) -> None:
    rev = await house.reviewer()
    id = (await made(rev, metadata={"a": 1, "b": {"c": 2}}))["id"]
    assert (await patched(rev, id, "/metadata", metadata={"d": 4}))["metadata"] == {"a": 1, "b": {"c": 2}, "d": 4}
    assert (await patched(rev, id, "/metadata", metadata={}))["metadata"] == {"a": 1, "b": {"c": 2}, "d": 4}


async def test_metadata_merge_shallow(house: House) -> None:
    rev = await house.reviewer()
    id = (await made(rev, metadata={"a": 1, "b": {"c": 2}}))["id"]
    merged = await patched(rev, id, "/metadata", metadata={"a": None, "b": {"d": 3}})
    assert merged["metadata"] == {"a": None, "b": {"d": 3}}


async def test_metadata_merge_organization(house: House, other_house: House) -> None:
    """As in `test_update_organization`, of what is unknown as well."""
    rev, id = await house.reviewer(), (await made(await other_house.reviewer()))["id"]
    for unknown in (id, new_id(), "%00", "x" * 300):
        answer = await rev.patch(path(unknown, "/metadata"), json={"metadata": {}})
        assert (answer.status_code, answer.json()) == NOT_FOUND


async def test_metadata_merge_candidate_scope(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    assert (await cand.patch(path(id, "/metadata"), json={"metadata": {}})).status_code == 404
    await cand.post(INGEST, json=posted(id))
    assert (await patched(cand, id, "/metadata", metadata={"k": 1}))["metadata"]["k"] == 1


@pytest.mark.parametrize("body", [{}, {"metadata": None}, {"metadata": []}, {"repoUrl": "x"}, {"metadata": {}, "k": 1}])
async def test_what_is_no_metadata_is_refused(house: House, body: JsonValue) -> None:
    rev = await house.reviewer()
    id = (await made(rev))["id"]
    answer = await rev.patch(path(id, "/metadata"), json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid request body")


async def test_secrets_in_new_metadata_are_not_stored(house: House) -> None:
    rev, secret = await house.reviewer(), "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    id = (await made(rev))["id"]
    for of in BODIES:
        answer = await rev.patch(path(id, of), json={"metadata": {"token": secret}})
        assert secret not in answer.text


async def test_an_end_that_was_told_is_where_the_work_ends(house: House) -> None:
    """However the end lies to the events: they are judged all the same."""
    ada, rev = await house.developer(), await house.reviewer()
    for end in ("2020-01-01T00:00:00.000Z", "2026-03-02T09:00:30.000Z", "2030-01-01T00:00:00.000Z"):
        id = new_id()
        await ada.client.post(INGEST, json=[posted(id, n, text="Fix the rounding in shop/totals.py") for n in range(3)])
        session = await patched(rev, id, endedAt=end)
        assert (session["endedAt"], session["lastActivityAt"]) == (end, "2026-03-02T09:02:00.000Z")
        await house.derived(id)


async def test_a_key_that_only_reads_updates_nothing(house: House) -> None:
    rev = await house.reviewer()
    id = (await made(rev))["id"]
    reader = house.client(await house.key(KeyKind.REVIEWER, scopes=("sessions:read", "org:read")))
    for of, body in BODIES.items():
        answer = await reader.patch(path(id, of), json=body)
        assert (answer.status_code, answer.json()) == (403, {"error": "this key lacks the scope sessions:write"})
