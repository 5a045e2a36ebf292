"""GET /v1/score_v3/realtime/events."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

import persistence.live
from domain.live import Cursor, Place, read_cursor
from persistence.database import Database, Tenant, Urls
from rest_compat import event_streams
from tests.history import bug_fix, clear, ended, recorded
from tests.make_context import end_key
from tests.make_live import settled, tell
from tests.rest_compat.contract import endpoints
from tests.rest_compat.house import Developer, House
from tests.rest_compat.listening import PATH, listening

REALTIME = "/v1/score_v3/realtime/sub-sessions"
FAMILY = "prism.score_v3.sub_session."


async def works(who: Developer, at: float = 0) -> str:
    """One goal arc from its beginning to its verdict; the id of its session. It is told in two events."""
    one = recorded(*bug_fix(at), ended(at + 8))
    await who.worked(one)
    return one.id


async def test_realtime_events_developer_scope(house: House, other_house: House) -> None:
    ada, bob, eve = (
        await house.developer(admin=True), await house.developer("bob@example.org"), await other_house.developer(),
    )  # fmt: skip
    async with listening(ada) as stream:
        await stream.begun()
        for who in (bob, eve, ada):
            await works(who)
        told = await stream.events(2)
    async with listening(ada, stream.last_id) as stream:
        await works(bob)
        await works(ada, 60)
        told += await stream.events(2)
    assert {one.data["developer_id"] for one in told} == {str(ada.context.caller.user_id)}


async def test_realtime_events_name(house: House) -> None:
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
        await works(ada)
        told = await stream.events(2)
        [row] = (await ada.client.get(REALTIME)).json()
        await ada.client.patch(f"/v1/score_v3/sub-sessions/{row['id']}", json={"title": "Round half up"})
        told += await stream.events(1)
    assert [one.name for one in told] == [FAMILY + "opened", FAMILY + "scored", FAMILY + "updated"]
    assert all(one.data["type"] == one.name for one in told)


async def test_realtime_events_thin(house: House) -> None:
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
        session = await works(ada)
        told = await stream.events(2)
    [row] = (await ada.client.get(REALTIME)).json()
    for one in told:
        assert one.data == {
            "type": one.name,
            "sub_session_id": row["id"],
            "claude_session_id": session,
            "developer_id": str(ada.context.caller.user_id),
            "ts": one.data["ts"],
        }
        if endpoint := endpoints().get("prism_score_v3.realtime.events"):
            endpoint.check(200, one.data)


async def test_realtime_events_heartbeat(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert event_streams.BEAT_S < 15
    monkeypatch.setattr(event_streams, "BEAT_S", 0.01)
    async with listening(await house.developer()) as stream:
        await stream.begun()
        assert [await stream.text() for _ in range(3)] == [":\n\n"] * 3


async def test_it_begins_with_where_to_go_on_and_tells_nothing_old(house: House) -> None:
    ada = await house.developer()
    await works(ada)
    await settled(house.services.database)
    async with listening(ada) as stream:
        assert await stream.text() == "retry: 1000\n\n"
        text = await stream.text()
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["cache-control"] == "no-store"
    id = text.removeprefix("id: ").removesuffix("\n\n")
    assert str(read_cursor(id, ada.context.caller.org_id)) == id
    async with listening(ada, id) as stream:
        session = await works(ada, 60)
        assert [one.data["claude_session_id"] for one in await stream.events(2)] == [session] * 2


async def test_lines_end_in_line_feeds_alone(house: House) -> None:
    ada = await house.developer()
    async with listening(ada) as stream:
        texts = [await stream.text(), await stream.text()]
        await works(ada)
        texts.append(await stream.text())
    assert all("\r" not in text and text.endswith("\n\n") for text in texts)


async def test_who_comes_back_is_told_what_came_after_its_last_event_and_that_once(house: House) -> None:
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
        await ada.worked(recorded(*bug_fix(0), clear(20), *bug_fix(60, "shop/tax.py"), ended(80)))
        whole = await stream.events(4)
    for seen in range(4):
        async with listening(ada, whole[seen].id) as stream:
            session = await works(ada, 200.0 + 20 * seen)
            told = await stream.events(3 - seen + 2 * (seen + 1))
        assert told[: 3 - seen] == whole[seen + 1 :]
        assert told[-1].data["claude_session_id"] == session


async def test_an_empty_last_event_id_is_none(house: House) -> None:
    async with listening(await house.developer(), "") as stream:
        await stream.begun()


@pytest.mark.parametrize("after", ["forged", "0", "A" * 39, "é", "x" * 10_000, "-1"])
async def test_a_last_event_id_that_cannot_be_is_refused(house: House, after: str) -> None:
    ada = await house.developer()
    answer = await ada.client.get(PATH, headers={"last-event-id": after.encode()})
    message = "this cursor was not made by this server for what is followed here"
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": message})


async def test_an_id_of_another_organisation_is_refused(house: House, other_house: House) -> None:
    async with listening(await other_house.developer()) as stream:
        await stream.begun()
    answer = await (await house.developer()).client.get(PATH, headers={"last-event-id": stream.last_id})
    assert answer.status_code == 400


async def test_a_key_that_may_not_read_scores_is_refused(house: House) -> None:
    answer = await (await house.developer(scopes=("sessions:read",))).client.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (403, 403)


async def lost(house: House, ada: Developer) -> Cursor:
    """A place after which events are gone."""
    caller = ada.context.caller
    await works(ada)
    async with house.services.database.write(Tenant(caller.org_id)) as db:
        await persistence.live.prune(db, caller.org_id, timedelta(hours=-1))
    async with house.services.database.read(Tenant(caller.org_id)) as db:
        newest = await persistence.live.newest(db, caller.org_id)
    return replace(newest, place=Place(0, 1))


async def test_a_gap_is_told_as_an_update_of_any_arc_and_the_stream_goes_on(house: House) -> None:
    ada = await house.developer()
    async with listening(ada, str(await lost(house, ada))) as stream:
        [gap] = await stream.events(1)
        session = await works(ada, 60)
        told = await stream.events(2)
    assert (gap.change, gap.data["sub_session_id"]) == ("updated", str(UUID(int=0)))
    if endpoint := endpoints().get("prism_score_v3.realtime.events"):
        endpoint.check(200, gap.data)
    assert [one.data["claude_session_id"] for one in told] == [session] * 2
    async with listening(ada, gap.id) as stream:
        assert await stream.events(2) == told


async def test_a_key_that_is_revoked_ends_the_stream(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "BEAT_S", 0.01)
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
        await end_key(house.services.database.urls, ada.key.key.org_id, ada.key.key.id, house.services.now())
        await stream.rest()
    assert stream.ended
    answer = await ada.client.get(PATH, headers={"last-event-id": stream.last_id})
    assert (answer.status_code, answer.json()["message"]) == (401, "API key not active or expired")


async def test_a_database_that_is_away_does_not_end_the_stream(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "BEAT_S", 0.01)
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
        nowhere = "postgresql+asyncpg://a@localhost:1/a"
        monkeypatch.setattr(house.services.database, "single", Database(Urls(owner=nowhere, app=nowhere)).single)
        assert [await stream.text() for _ in range(3)] == [":\n\n"] * 3


async def test_who_does_not_read_is_cut_and_misses_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "SEND_S", 0.05)
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
        stream.reading.clear()
        session = await works(ada)
        assert await stream.rest() == ""
    assert not stream.ended
    async with listening(ada, stream.last_id) as stream:
        assert [one.data["claude_session_id"] for one in await stream.events(2)] == [session] * 2


async def test_a_server_that_stops_ends_the_stream_without_an_event(house: House) -> None:
    async with listening(await house.developer()) as stream:
        await stream.begun()
        stream.stopping.set()
        assert await stream.rest() == ""
    assert stream.ended


async def test_a_stream_that_fails_ends_so_that_its_client_comes_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(house.services.live, "now", fail)
    async with listening(await house.developer()) as stream:
        assert await stream.rest() == "retry: 1000\n\n"
    assert stream.ended


async def test_who_goes_away_leaves_nothing_running(house: House) -> None:
    before = asyncio.all_tasks()
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
        await tell(house.services.database, ada.context.caller.org_id, ada.context.caller.user_id, 1)
        await stream.events(1)
    assert not asyncio.all_tasks() - before


async def test_head_tells_what_a_stream_would_begin_with(house: House) -> None:
    async with listening(await house.developer(), method="HEAD") as stream:
        assert await stream.rest() == ""
    assert (stream.status, stream.ended) == (200, True)
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"


async def test_a_thousand_events_come_in_order_and_once(house: House) -> None:
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
    caller = ada.context.caller
    await tell(house.services.database, caller.org_id, caller.user_id, *range(1_000))
    ids: list[str] = []
    async with listening(ada, stream.last_id) as stream:
        for _ in range(10):
            ids += [one.id for one in await stream.events(100)]
    places = [read_cursor(id, caller.org_id).place for id in ids]
    assert places == sorted(set(places))
    assert len(places) == 1_000
