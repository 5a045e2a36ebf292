"""graphql-transport-ws: every frame is checked, an error ends only its operation, nothing is lost."""

import asyncio
from dataclasses import replace

import orjson
import pytest
from structlog.testing import capture_logs
from websockets import Subprotocol
from websockets.asyncio.client import connect

import persistence.access
import persistence.live
import resolvers.access
from domain.errors import Unavailable
from domain.live import BEGINNING
from domain.values import JsonValue
from persistence.bus import live_channel
from resolvers.context import Services
from schema import socket as socket_module
from tests.history import bug_fix, derive, ended, recorded, store
from tests.make_context import end_key
from tests.make_live import tell
from tests.schema.asking import SOON_S, Asker, make_asker, serving, socket

FOLLOW = """subscription ($after: String) { subSessionEvents(after: $after) {
  cursor resync change at sessionId subSessionId subSession { id state session { rawId } } data } }"""


async def _work(asker: Asker) -> str:
    """A recorded and judged bug fix; the id of its session."""
    one = recorded(*bug_fix(0), ended(8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    return one.id


async def _beginning(asker: Asker) -> str:
    """A cursor before the first event."""
    async with asker.ctx.read() as db:
        now = await persistence.live.newest(db, asker.ctx.caller.org_id)
    return str(replace(now, place=BEGINNING))


async def test_a_subscription_replays_from_its_cursor_and_then_follows(ada: Asker) -> None:
    session = await _work(ada)
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW, after=await _beginning(ada))
        first = (await ws.next())["subSessionEvents"]
        assert first["change"] == "OPENED"
        assert (first["resync"], first["subSession"]["id"]) == (False, first["subSessionId"])
        assert (first["subSession"]["state"], first["subSession"]["session"]["rawId"]) == ("SCORED", session)
        seen = [first["cursor"]]
        later = await _work(ada)
        while first["subSession"]["session"]["rawId"] != later:
            first = (await ws.next())["subSessionEvents"]
            seen.append(first["cursor"])
    assert len(set(seen)) == len(seen)
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW, after=seen[0])
        assert [(await ws.next())["subSessionEvents"]["cursor"] for _ in seen[1:]] == seen[1:]


async def test_events_of_others_are_not_told(ada: Asker, judged: Services) -> None:
    colleague = await make_asker(judged, ada.slug)
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW, after=await _beginning(ada))
        await _work(colleague)
        session = await _work(ada)
        assert (await ws.next())["subSessionEvents"]["subSession"]["session"]["rawId"] == session


async def test_a_gap_is_told(ada: Asker) -> None:
    async with ada.ctx.read() as db:
        now = await persistence.live.newest(db, ada.ctx.caller.org_id)
    elsewhere = str(replace(now, epoch=now.epoch + 1))
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW, after=elsewhere)
        told = (await ws.next())["subSessionEvents"]
        assert told["cursor"]
        assert {name: value for name, value in told.items() if name != "cursor"} == {
            "resync": True,
            **dict.fromkeys(("change", "at", "sessionId", "subSessionId", "subSession", "data")),
        }


async def test_an_event_of_an_arc_that_is_gone_is_told_without_it(ada: Asker) -> None:
    caller = ada.ctx.caller
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW, after=await _beginning(ada))
        await tell(ada.ctx.services.database, caller.org_id, caller.user_id, 7)
        ada.ctx.services.bus.announce(live_channel(caller.org_id))
        told = (await ws.next())["subSessionEvents"]
        assert (told["subSession"], told["data"], told["change"]) == (None, {"number": 7}, "UPDATED")


async def test_a_forged_cursor_is_an_error_of_that_operation_only(ada: Asker, eve: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        for id, after in (("1", "forged"), ("2", ""), ("3", await _beginning(eve))):
            await ws.subscribe(FOLLOW, id, after=after)
            message = await ws.receive()
            assert (message["type"], message["id"]) == ("error", id)
            assert message["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        await ws.subscribe("{ __typename }", "1")
        assert await ws.next() == {"__typename": "Query"}


async def test_queries_and_mutations_run_on_the_socket_too(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe("{ viewer { timeZone } }", "q")
        assert await ws.next("q") == {"viewer": {"timeZone": "UTC"}}
        assert await ws.receive() == {"id": "q", "type": "complete"}
        await ws.subscribe("{ viewer { timeZone } }", "q")  # the id is free again
        assert await ws.next("q")
        assert (await ws.receive())["type"] == "complete"
        await _work(ada)
        [arc] = (await ada.data("{ subSessions { nodes { id } } }"))["subSessions"]["nodes"]
        rename = (
            f'mutation {{ renameSubSession(input: {{id: "{arc["id"]}", title: "T"}}) {{ subSession {{ title }} }} }}'
        )
        await ws.subscribe(rename, "m")
        assert await ws.next("m") == {"renameSubSession": {"subSession": {"title": "T"}}}


async def test_a_socket_sees_what_changed_since_its_last_query(ada: Asker) -> None:
    """Its loaders remember nothing from one operation to the next."""
    session = await _work(ada)
    query = f'{{ session(id: "{session}") {{ eventCount }} }}'
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(query, "a")
        assert (await ws.next("a"))["session"]["eventCount"] == 8
        await ws.receive()
        more = recorded(*bug_fix(500), id=ada.ctx.caller.session_id)
        await store(
            ada.ctx, replace(more, id=session, events=tuple(replace(e, session_id=session) for e in more.events))
        )
        await ws.subscribe(query, "b")
        assert (await ws.next("b"))["session"]["eventCount"] == 15


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { sessions(first: $n) { totalCount } }", "BAD_USER_INPUT"),
        ("fragment F on Query { __typename }", None),
        ("{ " + "rework { by { " * 20 + "id" + " } }" * 20 + " }", "QUERY_TOO_COMPLEX"),
    ],
)
async def test_an_operation_that_cannot_run_leaves_the_socket_alive(ada: Asker, query: str, code: str | None) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(query)
        message = await ws.receive()
        assert (message["type"], message["id"]) == ("error", "1")
        assert code in (None, message["payload"][0]["extensions"]["code"])
        await ws.subscribe("{ __typename }")
        assert await ws.next() == {"__typename": "Query"}


async def test_an_operation_that_is_not_there_is_the_clients_fault(ada: Asker) -> None:
    with capture_logs() as logs:
        async with socket(ada.app, ada.headers) as ws:
            await ws.init()
            for query, name in (
                ("query A { __typename }", "B"),
                ("query A { __typename } query B { __typename }", None),
                ("fragment F on Query { __typename }", None),
            ):
                await ws.send({"type": "subscribe", "id": "1", "payload": {"query": query, "operationName": name}})
                message = await ws.receive()
                assert message["type"] == "error"
                assert message["payload"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"
    assert not [line for line in logs if line["log_level"] == "error"]


async def test_without_a_cursor_the_first_word_is_where_the_stream_begins(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW)
        begun = (await ws.next())["subSessionEvents"]
        assert (begun["resync"], begun["subSession"]) == (True, None)
    session = await _work(ada)  # while nobody listens
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW, after=begun["cursor"])
        assert (await ws.next())["subSessionEvents"]["subSession"]["session"]["rawId"] == session


@pytest.mark.parametrize("in_header", [True, False])
async def test_a_revoked_key_runs_no_more_operations(ada: Asker, in_header: bool) -> None:
    async with socket(ada.app, ada.headers if in_header else None) as ws:
        await ws.init(None if in_header else {"apiKey": ada.secret})
        await end_key(ada.ctx.services.database.urls, ada.ctx.caller.org_id, ada.key_id, ada.ctx.now())
        await ws.subscribe("{ __typename }")
        assert await ws.closed() == (4403, "Forbidden")


async def test_a_revoked_key_is_followed_no_longer(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "KEY_S", 0.1)
    monkeypatch.setattr(socket_module, "LOOK_S", 0.02)
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW)
        assert (await ws.next())["subSessionEvents"]["resync"]
        await asyncio.sleep(0.3)
        await end_key(ada.ctx.services.database.urls, ada.ctx.caller.org_id, ada.key_id, ada.ctx.now())
        assert await ws.closed() == (4403, "Forbidden")


async def test_while_the_database_is_away_a_socket_is_told_to_come_again(
    ada: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()

        async def away(*_: object) -> None:
            raise Unavailable("the database does not answer")

        monkeypatch.setattr(persistence.access, "find_key", away)
        await ws.subscribe("{ __typename }")
        message = await ws.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "UNAVAILABLE")
        async with socket(ada.app) as other:
            await other.send({"type": "connection_init", "payload": {"apiKey": ada.secret}})
            assert (await other.closed())[0] == 1013


async def test_completing_stops_an_operation(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        for id in ("1", "2"):
            await ws.subscribe(FOLLOW, id, after=await _beginning(ada))
        await ws.send({"type": "complete", "id": "1"})
        await ws.send({"type": "complete", "id": "unknown"})
        await _work(ada)
        assert await ws.next("2")
        await ws.subscribe("{ __typename }", "1")
        message = await ws.receive()
        while message["id"] == "2":
            message = await ws.receive()
        assert (message["id"], message["payload"]["data"]) == ("1", {"__typename": "Query"})


async def test_ping_is_answered_at_any_time(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.send({"type": "ping"})
        assert await ws.receive() == {"type": "pong"}
        await ws.send({"type": "pong", "payload": {"x": 1}})
        await ws.init({"anything": [1]})
        await ws.send({"type": "ping", "payload": None})
        assert await ws.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "null",
        "[]",
        '"ping"',
        "{}",
        '{"type": 1}',
        '{"type": "start"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 1}}',
        '{"type": "complete"}',
        "[" * 100_000,
    ],
    ids=lambda frame: frame[:60],
)
async def test_a_frame_that_is_no_message_closes_with_a_reason(ada: Asker, frame: str) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.send_text(frame)
        code, reason = await ws.closed()
        assert code == 4400
        assert 0 < len(reason.encode()) <= 123


async def test_a_binary_frame_closes_with_a_reason(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.to_server.put({"type": "websocket.receive", "bytes": b"{}"})
        assert (await ws.closed())[0] == 4400


@pytest.mark.parametrize("payload", [[], 1, "x", False])
async def test_an_init_payload_is_an_object_or_nothing(ada: Asker, payload: JsonValue) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.send({"type": "connection_init", "payload": payload})
        assert (await ws.closed())[0] == 4400


async def test_the_key_may_come_with_the_first_message(ada: Asker) -> None:
    for payload in ({"Authorization": f"Bearer {ada.secret}"}, {"apiKey": ada.secret}, {"X-API-Key": ada.secret}):
        async with socket(ada.app) as ws:
            await ws.init(payload)
            await ws.subscribe("{ viewer { developer { rawId } } }")
            assert (await ws.next())["viewer"]["developer"]["rawId"] == str(ada.ctx.caller.user_id)


async def test_a_key_in_the_first_message_goes_before_the_header(ada: Asker, eve: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init({"apiKey": eve.secret})
        await ws.subscribe("{ viewer { developer { rawId } } }")
        assert (await ws.next())["viewer"]["developer"]["rawId"] == str(eve.ctx.caller.user_id)


@pytest.mark.parametrize("payload", [None, {}, {"apiKey": "gck_nobody"}, {"Authorization": "Bearer x"}, {"apiKey": 7}])
async def test_without_a_good_key_the_socket_is_closed(ada: Asker, payload: JsonValue) -> None:
    async with socket(ada.app) as ws:
        await ws.send({"type": "connection_init", "payload": payload})
        assert await ws.closed() == (4403, "Forbidden")


async def test_a_bad_key_in_the_header_is_refused_at_init(ada: Asker) -> None:
    async with socket(ada.app, {"x-api-key": "gck_nobody"}) as ws:
        await ws.send({"type": "connection_init"})
        assert await ws.closed() == (4403, "Forbidden")


async def test_nothing_runs_before_init(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.subscribe("{ __typename }")
        assert await ws.closed() == (4401, "Unauthorized")


async def test_a_second_init_closes(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.send({"type": "connection_init"})
        assert await ws.closed() == (4429, "Too many initialisation requests")


async def test_an_id_in_use_closes(ada: Asker) -> None:
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(FOLLOW)
        await ws.subscribe(FOLLOW)
        assert await ws.closed() == (4409, "Subscriber for 1 already exists")


async def test_who_does_not_begin_is_closed(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "INIT_S", 0.05)
    async with socket(ada.app, ada.headers) as ws:
        assert await ws.closed() == (4408, "Connection initialisation timeout")


async def test_another_protocol_is_not_spoken(ada: Asker) -> None:
    for protocols in ((), ("graphql-ws",)):
        async with socket(ada.app, ada.headers, protocols) as ws:
            assert await ws.closed() == (4406, "Subprotocol not acceptable")
    async with socket(ada.app, ada.headers, ("graphql-ws", "graphql-transport-ws")) as ws:
        await ws.init()


async def test_operations_on_one_socket_are_limited(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "MOST_OPERATIONS", 2)
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        for id in ("1", "2", "3"):
            await ws.subscribe(FOLLOW, id)
        message = await ws.receive()
        assert (message["type"], message["id"]) == ("error", "3")
        assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"


async def test_an_unknown_error_ends_the_operation_masked(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(ctx: object) -> None:
        raise RuntimeError("password is hunter2")

    monkeypatch.setattr(resolvers.access, "get_viewer", broken)
    with capture_logs() as logs:
        async with socket(ada.app, ada.headers) as ws:
            await ws.init()
            await ws.subscribe("{ viewer { email } }")
            message = await ws.receive()
    assert message["payload"]["errors"][0]["message"] == "Internal error"
    assert "hunter2" not in str(message)
    assert [line for line in logs if line["log_level"] == "error"]


async def test_who_does_not_read_is_ended_and_leaves_nothing_running(
    ada: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "SEND_S", 0.05)
    await _work(ada)
    before = asyncio.all_tasks()
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        ws.stop_reading()
        await ws.subscribe(FOLLOW, after=await _beginning(ada))
        async with asyncio.timeout(SOON_S):
            await ws.server
    assert not [task for task in asyncio.all_tasks() - before if "Socket" in repr(task)]


@pytest.mark.parametrize("query", ["{", "{ __typename }", FOLLOW])
async def test_who_asks_without_reading_is_not_read_any_more(ada: Asker, query: str) -> None:
    """Else answers would wait in memory, as many as a client likes."""
    before = len(asyncio.all_tasks())
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        ws.stop_reading()
        for number in range(socket_module.MOST_OPERATIONS + 10):
            await ws.subscribe(query, str(number))
        await ws.stuck.wait()
        await asyncio.sleep(0.3)
        assert ws.to_server.qsize() >= 5
        assert len(asyncio.all_tasks()) - before < 2 * socket_module.MOST_OPERATIONS
        ws.read_on()


async def test_a_message_that_is_given_up_does_not_end_the_socket(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "SEND_S", 0.2)
    await _work(ada)
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        ws.stop_reading()
        await ws.subscribe(FOLLOW, after=await _beginning(ada))
        await ws.stuck.wait()
        await ws.send({"id": "1", "type": "complete"})
        await asyncio.sleep(0.5)
        ws.read_on()
        await ws.subscribe("{ __typename }", "2")
        assert await ws.next("2") == {"__typename": "Query"}


async def test_over_a_real_server(ada: Asker) -> None:
    async with serving(ada.app) as host:
        url = f"ws://{host}/graphql"
        protocol = Subprotocol("graphql-transport-ws")
        async with connect(url, subprotocols=[protocol], additional_headers=ada.headers) as ws:
            assert ws.subprotocol == protocol
            await ws.send('{"type": "connection_init"}')
            assert orjson.loads(await ws.recv()) == {"type": "connection_ack"}
            start = {"query": FOLLOW, "variables": {"after": await _beginning(ada)}}
            await ws.send(orjson.dumps({"type": "subscribe", "id": "1", "payload": start}).decode())
            session = await _work(ada)
            told = orjson.loads(await ws.recv())["payload"]["data"]["subSessionEvents"]
            assert told["subSession"]["session"]["rawId"] == session
            await ws.send("nonsense")
            await ws.wait_closed()
        assert (ws.close_code, ws.close_reason) == (4400, "Messages must be JSON in text frames")
