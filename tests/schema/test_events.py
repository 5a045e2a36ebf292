"""Subscriptions over plain HTTP: Server-Sent Events, and the parts that Apollo's clients read."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2
import orjson
import pytest
from starlette.types import Message, Scope

from domain.values import JsonObject
from schema import events as module
from server.auth import Authenticate
from tests.history import bug_fix, derive, ended, recorded, store
from tests.make_context import end_key
from tests.schema.asking import SOON_S, Asker, make_endpoint, serving
from tests.schema.test_socket import FOLLOW

SSE = {"accept": "text/event-stream"}
PARTS = {"accept": "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"}


@asynccontextmanager
async def _answer(
    asker: Asker, query: str, headers: Mapping[str, str], **variables: object
) -> AsyncGenerator[httpx2.Response]:
    async with (
        serving(asker.app) as host,
        httpx2.AsyncClient(trust_env=False) as http,
        asyncio.timeout(SOON_S),
        http.stream(
            "POST",
            f"http://{host}/graphql",
            json={"query": query, "variables": variables},
            headers={**asker.headers, **headers},
        ) as answer,
    ):
        yield answer


async def _told(answer: httpx2.Response) -> AsyncIterator[tuple[str, JsonObject | None]]:
    """The events of a stream, as a browser would take it apart."""
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data:"):
            text = line.removeprefix("data:").strip()
            yield name, orjson.loads(text) if text else None


async def _parts(answer: httpx2.Response) -> AsyncIterator[JsonObject]:
    """The parts of an answer, each as soon as the boundary after it is there; ends with the last boundary."""
    seen = ""
    async for text in answer.aiter_text():
        seen += text
        *whole, seen = seen.split("--graphql")
        for part in whole:
            if part.strip():
                head, _, body = part.partition("\r\n\r\n")
                assert head.strip() == "content-type: application/json"
                yield orjson.loads(body)
        if seen.startswith("--"):
            return


async def _work(asker: Asker) -> str:
    one = recorded(*bug_fix(0), ended(8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    return one.id


async def test_server_sent_events_follow_what_happens(ada: Asker) -> None:
    async with _answer(ada, FOLLOW, SSE) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
        told = _told(answer)
        name, first = await anext(told)
        assert name == "next"
        assert first is not None
        assert first["data"]["subSessionEvents"]["resync"]
        session = await _work(ada)
        _, second = await anext(told)
        assert second is not None
        event = second["data"]["subSessionEvents"]
        assert (event["change"], event["subSession"]["session"]["rawId"]) == ("OPENED", session)


async def test_lines_end_in_line_feeds_alone(ada: Asker) -> None:
    async with _answer(ada, "{ viewer { timeZone } }", SSE) as answer:
        body = await answer.aread()
    assert b"\r" not in body
    assert body.endswith(b"event: complete\ndata:\n\n")


async def test_a_query_is_answered_as_one_event_where_nothing_else_is_taken(ada: Asker) -> None:
    async with _answer(ada, "{ viewer { timeZone } }", SSE) as answer:
        (name, body), last = [event async for event in _told(answer)]
    assert (name, last) == ("next", ("complete", None))
    assert body is not None
    assert body["data"] == {"viewer": {"timeZone": "UTC"}}


async def test_parts_follow_what_happens(ada: Asker) -> None:
    async with _answer(ada, FOLLOW, PARTS) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"
        parts = _parts(answer)
        assert (await anext(parts))["payload"]["data"]["subSessionEvents"]["resync"]
        session = await _work(ada)
        event = (await anext(parts))["payload"]["data"]["subSessionEvents"]
        assert event["subSession"]["session"]["rawId"] == session


@pytest.mark.parametrize(
    ("query", "code"), [("subscription {", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]
)
async def test_what_cannot_begin_is_told_as_its_client_reads_it(ada: Asker, query: str, code: str) -> None:
    async with _answer(ada, query, PARTS) as answer:
        assert answer.headers["content-type"] == "application/json"
        assert orjson.loads(await answer.aread())["errors"][0]["extensions"]["code"] == code
    async with _answer(ada, query, SSE) as answer:
        (name, body), last = [event async for event in _told(answer)]
    assert (name, last) == ("next", ("complete", None))
    assert body is not None
    assert body["errors"][0]["extensions"]["code"] == code


async def test_what_ends_in_an_error_is_told_and_closed(ada: Asker) -> None:
    async with _answer(ada, FOLLOW, SSE, after="forged") as answer:
        (_, body), last = [event async for event in _told(answer)]
    assert body is not None
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert last == ("complete", None)
    async with _answer(ada, FOLLOW, PARTS, after="forged") as answer:
        [part] = [part async for part in _parts(answer)]
    assert part["payload"]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(("headers", "beat"), [(SSE, b":\n\n:\n\n:\n\n"), (PARTS, b"\r\n{}\r\n--graphql\r\n")])
async def test_a_quiet_stream_shows_that_it_lives(
    ada: Asker, headers: Mapping[str, str], beat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)
    seen = b""
    async with _answer(ada, FOLLOW, headers) as answer:
        async for chunk in answer.aiter_bytes():
            seen += chunk
            if beat in seen:
                break
    assert beat in seen


async def test_a_key_that_is_revoked_ends_the_stream(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)
    async with _answer(ada, FOLLOW, SSE) as answer:
        told = _told(answer)
        await anext(told)
        await end_key(ada.ctx.services.database.urls, ada.ctx.caller.org_id, ada.key_id, ada.ctx.now())
        rest = [event async for event in told]
    (_, body), last = rest
    assert body is not None
    assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert last == ("complete", None)


class _Connection:
    """One request in this process whose other end reads, stops reading, or goes away as the test wants it."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.reading = asyncio.Event()
        self.reading.set()
        self.gone = asyncio.Event()
        self.stopping = asyncio.Event()
        self._asked = False

    async def receive(self) -> Message:
        if self._asked:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": orjson.dumps({"query": FOLLOW}), "more_body": False}

    async def send(self, message: Message) -> None:
        await self.reading.wait()
        self.sent.put_nowait(message)

    def serve(self, asker: Asker, headers: Mapping[str, str]) -> asyncio.Future[None]:
        raw = {**asker.headers, **headers, "content-type": "application/json"}
        scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in raw.items()],
            "state": {"services": asker.ctx.services, "stopping": self.stopping},
        }
        return asyncio.ensure_future(Authenticate(make_endpoint())(scope, self.receive, self.send))

    async def until(self, text: bytes) -> Message:
        async with asyncio.timeout(SOON_S):
            while text not in (message := await self.sent.get()).get("body", b""):
                pass
        return message


async def test_who_goes_away_leaves_nothing_running(ada: Asker) -> None:
    before = asyncio.all_tasks()
    connection = _Connection()
    served = connection.serve(ada, SSE)
    await connection.until(b"resync")
    connection.gone.set()
    await asyncio.wait_for(served, SOON_S)
    assert not [task for task in asyncio.all_tasks() - before if "Events" in repr(task)]


async def test_who_does_not_read_is_cut(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEND_S", 0.05)
    connection = _Connection()
    served = connection.serve(ada, SSE)
    await connection.until(b"resync")
    connection.reading.clear()
    await _work(ada)
    await asyncio.wait_for(served, SOON_S)


@pytest.mark.parametrize(("headers", "last"), [(SSE, b""), (PARTS, b"the server stops")])
async def test_a_server_that_stops_ends_its_streams(ada: Asker, headers: Mapping[str, str], last: bytes) -> None:
    connection = _Connection()
    served = connection.serve(ada, headers)
    await connection.until(b"resync")
    connection.stopping.set()
    await asyncio.wait_for(served, SOON_S)
    message = await connection.until(last)
    assert not message["more_body"]
    assert b"complete" not in message["body"]
