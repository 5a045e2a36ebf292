"""One WebSocket that speaks graphql-transport-ws: every frame is checked, an error in one operation ends only that.

A client that does not read is not buffered for: sending waits, and after a while the socket is closed. The key is
looked up for each operation, and now and then while one runs: when it is revoked, the socket ends.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from uuid import uuid4

import orjson
import structlog
from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.errors import TooMany, Unauthenticated, Unavailable
from domain.values import JsonObject, JsonValue
from resolvers.context import Context
from schema.execution import Engine, Operation
from schema.outlet import Outlet
from schema.requests import Refused, operation_from
from schema.responses import once, told
from schema.state import authenticator, confirmer
from schema.values import encoded

PROTOCOL = "graphql-transport-ws"

INIT_S = 10.0
SEND_S = 15.0
KEY_S = 30.0
"""A revoked key may go on following for so long."""
LOOK_S = 5.0
"""Sockets of one key share a look at it for so long."""
MOST_OPERATIONS = 50
"""At a time, on one socket."""
_MOST_REASON = 123
"""Bytes that fit into a closing frame."""

_log = structlog.get_logger("goalarc.graphql")


class Closed(Exception):
    """The socket must be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason.encode()[:_MOST_REASON].decode(errors="ignore"))
        self.code = code


class Socket:
    def __init__(self, engine: Engine, websocket: WebSocket) -> None:
        self._engine = engine
        self._websocket = websocket
        self._authenticate: Callable[[], Awaitable[Context]] | None = None
        self._tasks = asyncio.TaskGroup()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._outlet = Outlet(websocket.send)

    async def run(self) -> None:
        """Serves until either side closes; then nothing of it is left running."""
        known = PROTOCOL in self._websocket.scope.get("subprotocols", ())
        await self._websocket.accept(subprotocol=PROTOCOL if known else None)
        try:
            if not known:
                raise Closed(4406, "Subprotocol not acceptable")
            async with self._tasks:
                await self._converse()
        except* WebSocketDisconnect:
            pass
        except* Closed as ended:
            await self._close(first_of(ended))
        except* Exception as errors:
            _log.exception("unexpected error on a socket", exc_info=errors)
            await self._close(Closed(4500, "Internal server error"))

    async def _converse(self) -> None:
        self._tasks.create_task(self._watch_sending())
        try:
            async with asyncio.timeout(INIT_S):
                while self._authenticate is None:
                    await self._handle(await self._receive())
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        while True:
            await self._handle(await self._receive())

    async def _receive(self) -> JsonObject:
        frame = await self._websocket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code", 1005))
        try:
            message: JsonValue = orjson.loads(frame.get("text") or b"")
        except orjson.JSONDecodeError:
            raise Closed(4400, "Messages must be JSON in text frames") from None
        if not isinstance(message, dict):
            raise Closed(4400, "Messages must be JSON objects")
        return message

    async def _handle(self, message: JsonObject) -> None:
        match message.get("type"):
            case "connection_init":
                await self._init(_payload(message))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(_id(message), _payload(message))
            case "complete":
                self._complete(_id(message))
            case _:
                raise Closed(4400, "Unknown message type")

    async def _init(self, given: JsonObject) -> None:
        if self._authenticate is not None:
            raise Closed(4429, "Too many initialisation requests")
        secret = _secret(given)
        self._authenticate = authenticator(self._websocket.scope, secret)
        try:
            await self._open()
        except Unavailable:
            raise Closed(1013, "The database does not answer: try again in a moment") from None
        self._tasks.create_task(self._watch_key(confirmer(self._websocket.scope, secret)))
        await self._send({"type": "connection_ack"})

    async def _open(self) -> Context:
        """Who asks, as of now. Raises Closed for a key that is not good, or no longer; Unavailable."""
        if self._authenticate is None:
            raise Closed(4401, "Unauthorized")
        try:
            return await self._authenticate()
        except Unauthenticated:
            raise Closed(4403, "Forbidden") from None

    async def _watch_key(self, confirm: Callable[[float], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(KEY_S - LOOK_S)
            if self._operations:
                try:
                    await confirm(LOOK_S)
                except Unauthenticated:
                    raise Closed(4403, "Forbidden") from None
                except Unavailable:
                    pass

    async def _watch_sending(self) -> None:
        await self._outlet.unread(SEND_S)
        raise Closed(1013, "Too slow: what was sent is not being read")

    async def _subscribe(self, id: str, given: JsonObject) -> None:
        if self._authenticate is None:
            raise Closed(4401, "Unauthorized")
        if id in self._operations:
            raise Closed(4409, f"Subscriber for {id} already exists")
        try:
            operation = operation_from(given)
        except Refused as refused:
            raise Closed(4400, str(refused)) from None
        if len(self._operations) < MOST_OPERATIONS:
            self._operations[id] = self._tasks.create_task(self._operate(id, operation))
        else:  # told here, so that who sends on without reading is not read any more
            excess = TooMany(f"at most {MOST_OPERATIONS} operations at a time on one socket", 1)
            await self._send({"id": id, "type": "error", "payload": [*told(excess)]})

    def _complete(self, id: str) -> None:
        if task := self._operations.pop(id, None):
            task.cancel()

    async def _operate(self, id: str, operation: Operation) -> None:
        """Runs one operation to its end. Whatever goes wrong in it, the socket lives on."""
        structlog.contextvars.bind_contextvars(request_id=str(uuid4()))
        last: JsonObject = {"type": "complete"}
        try:
            before = f'{{"id":{encoded(id).decode()},"type":"next","payload":'
            async with aclosing(await self._payloads(operation, await self._open())) as payloads:
                async for payload in payloads:
                    await self._outlet.send({"type": "websocket.send", "text": f"{before}{payload}}}"})
        except (Closed, WebSocketDisconnect):
            raise
        except Exception as error:
            last = {"type": "error", "payload": [*told(error)]}
        if self._operations.get(id) is asyncio.current_task():
            await self._send({"id": id, **last}, ends=id)

    async def _payloads(self, operation: Operation, context: Context) -> AsyncGenerator[str]:
        prepared = await self._engine.prepare(operation, context.services)
        if prepared.type is OperationType.SUBSCRIPTION:
            return await self._engine.follow(prepared, context.uncached())
        answer = await self._engine.answer(prepared, context)
        return once(encoded(answer.body).decode())

    async def _send(self, message: JsonObject, ends: str | None = None) -> None:
        """With the last message of an operation, that id `ends`: it is free again before the client hears of it."""
        # Not earlier: else operations that wait for their turn would be as many as a client likes.
        first = None if ends is None else lambda: self._operations.pop(ends, None)
        await self._outlet.send({"type": "websocket.send", "text": encoded(message).decode()}, first)

    async def _close(self, closed: Closed) -> None:
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):  # the client may have gone in the meantime
            async with asyncio.timeout(SEND_S):
                await self._websocket.close(closed.code, str(closed))


def first_of(ended: BaseExceptionGroup[Closed]) -> Closed:
    first = ended.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first


def _id(message: JsonObject) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= 200:
        raise Closed(4400, "id must be a string of 1-200 characters")
    return id


def _payload(message: JsonObject) -> JsonObject:
    """A left out or null one is empty."""
    given = message.get("payload")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Closed(4400, "payload must be an object")
    return given


def _secret(given: JsonObject) -> str | None:
    """The key in the first message: `{"Authorization": "Bearer …"}` or `{"apiKey": "…"}`, in whatever case."""
    members = {name.lower(): text.strip() for name, text in given.items() if isinstance(text, str)}
    scheme, _, token = members.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    return bearer or members.get("apikey") or members.get("x-api-key") or None
