"""GET /v1/sessions/{id}/timeline."""

import random
from uuid import uuid4

import httpx2

from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import House


def path(session: str) -> str:
    return f"/v1/sessions/{session}/timeline"


async def send(client: httpx2.AsyncClient, *events: object) -> None:
    answer = await client.post(INGEST, json=list(events))
    assert answer.status_code == 201


async def walk(client: httpx2.AsyncClient, session: str, limit: int, after: str | None = None) -> list[str]:
    """Ids of all events that follow `after`, page by page."""
    walked: list[str] = []
    while True:
        params = {"limit": limit} | ({"after": after} if after else {})
        page = (await client.get(path(session), params=params)).json()
        walked += [event["id"] for event in page["events"]]
        if not page["hasMore"]:
            return walked
        after = walked[-1]


async def test_timeline_order(house: House) -> None:
    """By time, then by arrival."""
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    events = [posted(session, minute) for minute in (3, 1, 2, 1, 3, 1)]
    for event in events:
        await send(ada.client, event)
    expected = [event["id"] for event in sorted(events, key=lambda event: event["ts"])]
    assert await walk(rev, session, 500) == expected


async def test_timeline_cursor(house: House) -> None:
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    events = [posted(session, minute // 3) for minute in range(20)]
    random.Random(1).shuffle(events)
    await send(ada.client, *events)
    whole = await walk(rev, session, 2000)
    assert sorted(whole) == sorted(event["id"] for event in events)
    for size in (1, 3, 7, 20):
        assert await walk(rev, session, size) == whole
    for place, id in enumerate(whole):
        assert await walk(rev, session, 500, after=id) == whole[place + 1 :]


async def test_timeline_has_more(house: House) -> None:
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    await send(ada.client, *(posted(session, n) for n in range(3)))
    for limit, more in ((1, True), (2, True), (3, False), (4, False)):
        body = (await rev.get(path(session), params={"limit": limit})).json()
        assert (len(body["events"]), body["hasMore"]) == (min(limit, 3), more)
    last = body["events"][-1]["id"]
    assert (await rev.get(path(session), params={"after": last})).json() == {"events": [], "hasMore": False}


async def test_timeline_append_stable(house: House) -> None:
    """Late events come in anywhere: a walk over them repeats none and misses none of the old."""
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    old = [posted(session, n) for n in range(6)]
    await send(ada.client, *old)
    seen: list[str] = []
    for late in (0, -1, 2, 2.5, 4, 9):
        page = (await rev.get(path(session), params={"limit": 1} | ({"after": seen[-1]} if seen else {}))).json()
        seen += [event["id"] for event in page["events"]]
        await send(ada.client, posted(session, late))
    seen += await walk(rev, session, 1, after=seen[-1])
    assert len(seen) == len(set(seen))
    assert {event["id"] for event in old} <= set(seen)


async def test_timeline_candidate_scope(house: House) -> None:
    one, two, session = await house.candidate(), await house.candidate(), new_id()
    await one.post(INGEST, json=posted(session))
    assert len((await one.get(path(session))).json()["events"]) == 1
    answer = await two.get(path(session))
    assert (answer.status_code, answer.json()) == (404, {"error": "Session not found"})


async def test_a_session_of_another_organisation_is_unknown(house: House, other_house: House) -> None:
    theirs, session = await other_house.developer(), new_id()
    event = posted(session)
    await send(theirs.client, event)
    rev = await house.reviewer()
    for params in ({}, {"after": event["id"]}):
        answer = await rev.get(path(session), params=params)
        assert (answer.status_code, answer.json()) == (404, {"error": "Session not found"})


async def test_an_event_of_another_session_is_no_cursor(house: House) -> None:
    ada, rev, session, other = await house.developer(), await house.reviewer(), new_id(), posted(new_id())
    await send(ada.client, posted(session), other)
    for after in (other["id"], str(uuid4()), "", "1", "\x00", "x" * 10_000, f"{{{other['id']}}}"):
        answer = await rev.get(path(session), params={"after": after})
        assert (answer.status_code, answer.json()) == (400, {"error": "Invalid cursor"})


async def test_a_limit_is_moved_or_left_out(house: House) -> None:
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    await send(ada.client, *(posted(session, n) for n in range(600)))
    for limit, count in (
        (None, 500), ("ten", 500), ("", 500), ("0", 1), ("-1", 1), ("2000", 600), ("2001", 600), ("7", 7),
    ):  # fmt: skip
        body = (await rev.get(path(session), params={} if limit is None else {"limit": limit})).json()
        assert (len(body["events"]), body["hasMore"]) == (count, count < 600), limit


async def test_an_event_is_as_it_was_sent(house: House) -> None:
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    provenance = {"attribution": "likely_ai", "confidence": 0.25, "observability": "high"}
    data = {"command": "pnpm test", "exitCode": 0, "durationMs": 4200, "ü": ["🧭", None, 0.5]}
    event = posted(session, 0.5, "command", provenance=provenance, data=data)
    await send(ada.client, event)
    [shown] = (await rev.get(path(session))).json()["events"]
    assert shown.pop("createdAt").endswith("Z")
    assert shown == {
        "id": event["id"], "sessionId": session, "kind": "command", "ts": "2026-03-02T09:00:30.000Z", "data": data,
        "provenance": provenance,
    }  # fmt: skip


async def test_a_session_without_events_has_an_empty_timeline(house: House) -> None:
    rev = await house.reviewer()
    id = (await rev.post("/v1/sessions", json={})).json()["session"]["id"]
    assert (await rev.get(path(id))).json() == {"events": [], "hasMore": False}
