"""What deliveries are compared with: a bare ASGI application that sends the same frames to everybody.

No operations, no keys, no cursors, nobody waits for anybody: what is posted to `/tell` is handed to the web server for
each connection in turn.
"""

from collections.abc import Awaitable, Callable

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_Tell = Callable[[list[str]], Awaitable[None]]


class LiveFloor:
    def __init__(self) -> None:
        self._told: set[_Tell] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await self._socket(receive, send)
        elif scope["path"] == "/stream":
            await self._stream(receive, send)
        else:
            await self._tell(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})

    async def _socket(self, receive: Receive, send: Send) -> None:
        async def tell(texts: list[str]) -> None:
            for text in texts:
                await send({"type": "websocket.send", "text": text})

        await receive()
        await send({"type": "websocket.accept"})
        await self._stay(tell, receive)

    async def _stream(self, receive: Receive, send: Send) -> None:
        async def tell(texts: list[str]) -> None:
            for text in texts:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await self._stay(tell, receive)

    async def _stay(self, tell: _Tell, receive: Receive) -> None:
        self._told.add(tell)
        while not (await receive())["type"].endswith(".disconnect"):
            pass
        self._told.remove(tell)

    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everybody has been told when the answer comes. An empty body is somebody who asks whether all is ready."""
        body = await _whole(receive)
        texts: list[str] = orjson.loads(body) if body else []
        for tell in list(self._told):
            await tell(texts)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message: Message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def from_environment() -> ASGIApp:
    """What `tests.bench.serve` calls in a process of its own."""
    return LiveFloor()
