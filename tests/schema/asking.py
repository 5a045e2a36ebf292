"""Asking the graph as clients do: over HTTP and over a socket, with a real key, in one process."""

import asyncio
import socket as sockets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from uuid import uuid4

import httpx2
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.access import KeyKind
from domain.values import JsonObject, JsonValue, KeyId
from resolvers.access import KeyWish, create_key
from resolvers.context import Context, Services
from schema.endpoint import GraphQLEndpoint
from schema.execution import Engine
from schema.persisted import Persisted
from schema.root import schema
from server.auth import Authenticate, opener

SOON_S = 5.0


@cache
def _engine() -> Engine:
    """One for all tests, as a server has one for all requests: it remembers what it has checked."""
    return Engine(schema.graphql_schema, Persisted())


def make_endpoint(body_limit: int = 2**20, page: Callable[[Request], Response] | None = None) -> GraphQLEndpoint:
    return GraphQLEndpoint(_engine(), body_limit, page)


def make_app(services: Services, body_limit: int = 2**20) -> ASGIApp:
    """`/graphql` behind authentication, as the server has it."""
    endpoint = make_endpoint(body_limit)
    routes = Starlette(routes=[Route("/graphql", endpoint), WebSocketRoute("/graphql", endpoint)])
    authenticated = Authenticate(routes)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await authenticated({**scope, "state": {"services": services}}, receive, send)

    return app


@dataclass(frozen=True, slots=True)
class Asker:
    """A key at work: `ctx` is what it opens, for putting things in place."""

    app: ASGIApp
    ctx: Context
    secret: str
    key_id: KeyId
    slug: str

    @property
    def headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.secret}"}

    async def post(self, body: "JsonValue | bytes", **headers: str) -> httpx2.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        all_headers = {"content-type": "application/json", **self.headers, **_headers(headers)}
        async with client(self.app) as http:
            return await http.post("/graphql", content=content, headers=all_headers)

    async def get(self, params: Mapping[str, str], **headers: str) -> httpx2.Response:
        async with client(self.app) as http:
            return await http.get("/graphql", params=params, headers={**self.headers, **_headers(headers)})

    async def ask(self, query: str, **variables: JsonValue) -> JsonObject:
        """The whole answer."""
        return (await self.post({"query": query, "variables": variables})).json()

    async def data(self, query: str, **variables: JsonValue) -> dict[str, JsonObject]:
        """What was asked for; nothing may have gone wrong."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def code(self, query: str, **variables: JsonValue) -> str:
        """The code of the one error."""
        [error] = (await self.ask(query, **variables))["errors"]
        return error["extensions"]["code"]


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}


def client(app: ASGIApp) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://goalarc")


async def make_asker(
    services: Services,
    slug: str | None = None,
    kind: KeyKind = KeyKind.DEVELOPER,
    email: str | None = None,
    **wish: object,
) -> Asker:
    """A key of a new developer, in a new organisation, unless they are named."""
    slug, email = slug or f"org-{uuid4().hex}", email or f"{uuid4().hex}@example.org"
    made = await create_key(services.database.urls, KeyWish(slug, email, kind, **wish), services.now())
    ctx = await opener(services)(made.secret)
    return Asker(make_app(services), ctx, made.secret, made.key.id, slug)


class Socket:
    """The client's end of a socket in this process."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[Message] = asyncio.Queue()
        self.to_client: asyncio.Queue[Message] = asyncio.Queue()
        self._reading = asyncio.Event()
        self._reading.set()
        self.stuck = asyncio.Event()
        """A message finds no room."""

    def serve(self, app: ASGIApp, scope: Scope) -> None:
        async def send(message: Message) -> None:
            if not self._reading.is_set():
                self.stuck.set()
            await self._reading.wait()
            await self.to_client.put(message)

        self.to_server.put_nowait({"type": "websocket.connect"})
        self.server = asyncio.ensure_future(app(scope, self.to_server.get, send))

    def stop_reading(self) -> None:
        """From here on the server's messages find no room, as with a connection whose other end does not read."""
        self._reading.clear()

    def read_on(self) -> None:
        self._reading.set()

    async def send(self, message: JsonValue) -> None:
        await self.send_text(orjson.dumps(message).decode())

    async def send_text(self, text: str) -> None:
        await self.to_server.put({"type": "websocket.receive", "text": text})

    async def frame(self) -> Message:
        async with asyncio.timeout(SOON_S):
            return await self.to_client.get()

    async def receive(self) -> JsonObject:
        frame = await self.frame()
        assert frame["type"] == "websocket.send", frame
        return orjson.loads(frame["text"])

    async def closed(self) -> tuple[int, str]:
        frame = await self.frame()
        assert frame["type"] == "websocket.close", frame
        return frame["code"], frame["reason"]

    async def init(self, payload: JsonValue = None) -> None:
        await self.send({"type": "connection_init", "payload": payload})
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, query: str, id: str = "1", **variables: JsonValue) -> None:
        await self.send({"type": "subscribe", "id": id, "payload": {"query": query, "variables": variables}})

    async def next(self, id: str = "1") -> JsonObject:
        """The data of the next result."""
        message = await self.receive()
        assert (message["type"], message.get("id")) == ("next", id), message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]


@asynccontextmanager
async def socket(
    app: ASGIApp, headers: Mapping[str, str] | None = None, protocols: tuple[str, ...] = ("graphql-transport-ws",)
) -> AsyncGenerator[Socket]:
    """An accepted socket. When the block ends the client goes away, and the server must come to an end."""
    ours = Socket()
    scope: Scope = {
        "type": "websocket",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "subprotocols": list(protocols),
        "client": None,
    }
    ours.serve(app, scope)
    try:
        accepted = await ours.frame()
        assert accepted["type"] == "websocket.accept", accepted
        yield ours
    finally:
        await ours.to_server.put({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(SOON_S):
            await ours.server


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[str]:
    """The app on a real server in this loop; yields its `host:port`."""
    listening = sockets.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
    running = asyncio.create_task(server.serve([listening]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()
