"""DELETE /v1/sessions/{id}."""

import httpx2
import sqlalchemy as sa

from domain.access import KeyKind
from domain.values import JsonValue
from persistence.database import Tenant, metadata
from resolvers.access import authenticate
from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import House

NOT_FOUND = (404, {"error": "Session not found"})


def path(id: str) -> str:
    return f"/v1/sessions/{id}"


def told(answer: httpx2.Response) -> tuple[int, JsonValue]:
    return answer.status_code, answer.json()


async def rows_naming(house: House, id: str) -> set[str]:
    """The tables with a row of the session."""
    key = await house.key(KeyKind.SERVICE)
    found: set[str] = set()
    async with house.services.database.read(Tenant(key.org.id)) as db:
        for table in metadata.sorted_tables:
            named = [table.c[name] for name in ("session_id", "key") if name in table.c]
            columns = [column for column in named if isinstance(column.type, sa.Text)]
            if table.name == "sessions":
                columns = [table.c.id]
            for column in columns:
                if await db.rows(sa.select(column).where(column == id).limit(1)):
                    found.add(table.name)
    return found


async def worked(house: House) -> tuple[httpx2.AsyncClient, str]:
    """A candidate, and its session with a goal arc."""
    cand, id = await house.candidate(), new_id()
    text = "Fix the wrong rounding in shop/totals.py: 0.125 should give 0.13. Run the tests."
    events = [
        posted(id, 0, "prompt", data={"text": text, "tokenCount": 20}),
        posted(id, 1, "file_diff", data={"path": "shop/totals.py", "linesAdded": 20, "linesRemoved": 2}),
        posted(id, 2, "decision_event", data={"title": "Round half up"}),
        posted(id, 3, "session_end"),
    ]
    assert (await cand.post(INGEST, json=events)).status_code == 201
    await house.derived(id)
    return cand, id


async def test_delete_cascade(house: House) -> None:
    _, id = await worked(house)
    assert {"sessions", "events", "raw_payloads", "sub_sessions", "api_keys"} <= await rows_naming(house, id)
    rev = await house.reviewer()
    assert told(await rev.delete(path(id))) == (200, {"ok": True, "id": id})
    assert await rows_naming(house, id) - {"live_events"} == set(), "the log of live events says that it is gone"
    for of in ("", "/timeline", "/decisions"):
        assert told(await rev.get(path(id) + of)) == NOT_FOUND
    assert (await rev.get("/v1/sessions")).json()["total"] == 0


async def test_delete_key_survives(house: House) -> None:
    key = await house.key(KeyKind.CANDIDATE, "cand@example.org")
    cand, id = house.client(key, "x-api-key"), new_id()
    await cand.post(INGEST, json=posted(id))
    assert (await authenticate(house.services, key.secret)).session_id == id
    await (await house.reviewer()).delete(path(id))
    caller = await authenticate(house.services, key.secret)
    assert (caller.key_id, caller.session_id) == (key.key.id, None)


async def test_delete_reviewer_only(house: House) -> None:
    cand, id = await house.candidate(), new_id()
    await cand.post(INGEST, json=posted(id))
    for mine in (id, new_id()):
        assert (await cand.delete(path(mine))).status_code == 403
    bold = await house.candidate(scopes=("sessions:read", "sessions:delete", "events:write"))
    await bold.post(INGEST, json=posted(other := new_id()))
    assert (await bold.delete(path(other))).status_code == 403
    reader = house.client(await house.key(KeyKind.REVIEWER, scopes=("sessions:read", "org:read")))
    assert (await reader.delete(path(id))).status_code == 403
    assert (await cand.get(path(id))).status_code == 200


async def test_delete_repeat(house: House, other_house: House) -> None:
    rev, other = await house.reviewer(), await other_house.reviewer()
    id = (await rev.post("/v1/sessions", json={})).json()["session"]["id"]
    assert told(await other.delete(path(id))) == NOT_FOUND
    assert (await rev.delete(path(id))).status_code == 200
    assert told(await rev.delete(path(id))) == NOT_FOUND
    assert told(await rev.delete(path(new_id()))) == NOT_FOUND


async def test_delete_irreversible(house: House) -> None:
    cand, id = await worked(house)
    rev = await house.reviewer()
    await rev.delete(path(id))
    assert (await cand.post(INGEST, json=posted(id, 9))).status_code == 201
    session = (await cand.get(path(id))).json()["session"]
    assert (session["eventCount"], session["decisionFlagCount"], session["startedAt"]) == (
        1, 0, "2026-03-02T09:09:00.000Z",
    )  # fmt: skip
    assert (await rev.get(f"{path(id)}/decisions")).json() == {"decisions": []}
