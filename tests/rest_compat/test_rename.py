"""PATCH /v1/score_v3/sub-sessions/{id}."""

import asyncio
from uuid import uuid4

import httpx2
import pytest
import sqlalchemy as sa

from domain.values import JsonValue
from persistence.database import Tenant
from persistence.live import live_events
from tests.history import bug_fix, derive, ended, recorded
from tests.make import arc_id, sub_session
from tests.rest_compat.house import Developer, House

REALTIME = "/v1/score_v3/realtime/sub-sessions"
BAD = "Invalid request body"


async def rename(who: Developer, id: object, body: JsonValue) -> httpx2.Response:
    return await who.client.patch(f"/v1/score_v3/sub-sessions/{id}", json=body)


async def with_arc(house: House) -> tuple[Developer, str]:
    ada = await house.developer()
    one = recorded(*bug_fix(0), ended(8))
    await ada.worked(one)
    [row] = (await ada.client.get(REALTIME)).json()
    return ada, row["id"]


async def test_sub_sessions_rename_user_edited(house: House) -> None:
    ada, id = await with_arc(house)
    body = (await rename(ada, id, {"title": "Round half up", "summary": "Totals."})).json()
    assert (body["id"], body["title"], body["summary"], body["title_source"]) == (
        id, "Round half up", "Totals.", "user_edited",
    )  # fmt: skip
    [row] = (await ada.client.get(REALTIME)).json()
    assert {name: row[name] for name in body} == body


async def test_sub_sessions_rename_locked(house: House) -> None:
    ada = await house.developer()
    one = recorded(*bug_fix(0))
    await ada.worked(one)
    [row] = (await ada.client.get(REALTIME)).json()
    await rename(ada, row["id"], {"title": "Mine"})
    await ada.worked(recorded(ended(9), id=one.id))
    await derive(ada.context, one)
    [later] = (await ada.client.get(REALTIME)).json()
    assert (later["title"], later["title_source"], later["status"]) == ("Mine", "user_edited", "scored")


async def test_sub_sessions_rename_ownership(house: House, other_house: House) -> None:
    ada, bob, eve = (
        await house.developer(), await house.developer("bob@example.org"), await other_house.developer(),
    )  # fmt: skip
    admin = await house.developer("boss@example.org", admin=True)
    await ada.has(sub_session("a"))
    unknown = await rename(ada, uuid4(), {"title": "x"})
    assert (unknown.status_code, unknown.json()) == (404, {"code": 404, "message": "Sub-session not found"})
    for who in (bob, eve, admin):
        answer = await rename(who, arc_id("a"), {"title": "stolen"})
        assert (answer.status_code, answer.json()) == (404, unknown.json())
    assert (await ada.client.get(REALTIME)).json()[0]["title_source"] == "rubric"


async def test_sub_sessions_rename_keep_summary(house: House) -> None:
    ada, id = await with_arc(house)
    first = (await rename(ada, id, {"title": "A", "summary": "Kept."})).json()
    assert (await rename(ada, id, {"title": "B"})).json() == {**first, "title": "B"}
    for nothing in (None, "", " \n", "\x15\u2028"):
        await rename(ada, id, {"title": "A", "summary": "Kept."})
        assert (await rename(ada, id, {"title": "C", "summary": nothing})).json()["summary"] is None


async def test_sub_sessions_rename_event(house: House) -> None:
    ada, id = await with_arc(house)
    await rename(ada, id, {"title": "Heard"})
    org_id = ada.context.caller.org_id
    async with house.services.database.read(Tenant(org_id)) as db:
        query = sa.select(live_events).where(live_events.c.org_id == org_id).order_by(live_events.c.id.desc()).limit(1)
        [event] = await db.rows(query)
    assert event["name"] == "prism.score_v3.sub_session.updated"
    assert str(event["sub_session_id"]) == id


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, f"{BAD}: title: Field required"),
        ({"summary": "no title"}, f"{BAD}: title: Field required"),
        ({"title": ""}, f"{BAD}: title: String should have at least 1 character"),
        ({"title": "x" * 61}, f"{BAD}: title: String should have at most 60 characters"),
        ({"title": "x", "summary": "y" * 241}, f"{BAD}: summary: String should have at most 240 characters"),
        ({"title": None}, f"{BAD}: title: Input should be a valid string"),
        ({"title": 7}, f"{BAD}: title: Input should be a valid string"),
        ({"title": "x", "titel": "y"}, f"{BAD}: titel: Extra inputs are not permitted"),
        ({"title": " \t\n "}, "title must not be empty"),
        ([], f"{BAD}: body: Input should be a valid dictionary"),
        ("x", f"{BAD}: body: Input should be a valid dictionary"),
    ],
)  # fmt: skip
async def test_a_body_that_breaks_a_rule_is_refused(house: House, body: JsonValue, message: str) -> None:
    ada = await house.developer()
    await ada.has(sub_session("a"))
    answer = await ada.client.patch(f"/v1/score_v3/sub-sessions/{arc_id('a')}", json=body)
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": message})
    assert (await ada.client.get(REALTIME)).json()[0]["title"] == sub_session().label.title


async def test_lengths_are_characters(house: House) -> None:
    ada = await house.developer()
    await ada.has(sub_session("a"))
    title, summary = "é" * 30 + "🧭" * 30, "👩‍💻" * 80
    body = (await rename(ada, arc_id("a"), {"title": title, "summary": summary})).json()
    assert (body["title"], body["summary"]) == (title, summary)


@pytest.mark.parametrize("id", ["1", "not-a-uuid", "{id}", "%00", "a%2Fb", "x" * 10_000, "0" * 32])
async def test_an_id_that_cannot_be_is_not_found(house: House, id: str) -> None:
    ada = await house.developer()
    answer = await rename(ada, id, {"title": "x"})
    assert (answer.status_code, answer.json()) == (404, {"code": 404, "message": "Sub-session not found"})


async def test_an_id_may_be_spelled_in_capitals(house: House) -> None:
    ada = await house.developer()
    await ada.has(sub_session("a"))
    assert (await rename(ada, str(arc_id("a")).upper(), {"title": "x"})).json()["id"] == str(arc_id("a"))


async def test_renames_at_once_leave_one_of_them(house: House) -> None:
    ada, id = await with_arc(house)
    answers = await asyncio.gather(*(rename(ada, id, {"title": f"T{n}", "summary": f"S{n}"}) for n in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    [row] = (await ada.client.get(REALTIME)).json()
    assert row["title"][1:] == row["summary"][1:]
