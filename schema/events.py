"""Subscriptions as one long HTTP answer: Server-Sent Events, or the parts that Apollo's clients read.

A client that does not read is not buffered for: sending waits, and after a while the connection is cut. The key is
looked up now and then, so that a revoked one ends the stream.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from starlette.types import Receive, Scope, Send

from domain.errors import Unauthenticated, Unavailable
from schema.outlet import Outlet
from schema.responses import HEADERS, told
from schema.values import encoded

BEAT_S = 10.0
"""So often something is sent, also for proxies that cut what looks dead; the key is looked up as often."""
SEND_S = 15.0

_log = structlog.get_logger("goalarc.graphql")


class Framing(NamedTuple):
    """How payloads stand in the body: JSON text takes the place of `%s`. A refusal concerns the whole answer."""

    content_type: str
    opening: str
    payload: str
    refusal: str
    beat: str
    closing: str
    interrupted: str
    """Ends the body so that a client takes it for a failure of the connection."""


SERVER_SENT = Framing(
    content_type="text/event-stream; charset=utf-8",
    opening=":\n\n",
    payload="event: next\ndata: %s\n\n",
    refusal='event: next\ndata: {"errors":%s}\n\n',
    beat=":\n\n",
    closing="event: complete\ndata:\n\n",
    interrupted="",
)

# A part ends with the boundary, because clients wait for it before they look at a part.
_PART = "\r\ncontent-type: application/json\r\n\r\n{}\r\n--graphql"
MULTIPART = Framing(
    content_type="multipart/mixed;boundary=graphql;subscriptionSpec=1.0",  # some clients look for just this text
    opening="--graphql",
    payload=_PART.format('{"payload":%s}'),
    refusal=_PART.format('{"payload":null,"errors":%s}'),
    beat=_PART.format("{}"),
    closing="--\r\n",
    interrupted=_PART.format('{"payload":null,"errors":[{"message":"the server stops"}]}') + "--\r\n",
)


@dataclass(frozen=True, slots=True)
class Events:
    """An ASGI answer of many payloads.

    `confirm` raises Unauthenticated once the key is no longer good, as found at most so many seconds ago.
    """

    framing: Framing
    payloads: AsyncGenerator[str]
    confirm: Callable[[float], Awaitable[None]]
    stopping: asyncio.Event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(send)
        headers = {**HEADERS, "content-type": self.framing.content_type, "x-accel-buffering": "no"}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        async with aclosing(self.payloads):
            await _until_first(
                self._deliver(body), self._beat(body), _gone(receive), self._stop(body), body.unread(SEND_S)
            )

    async def _deliver(self, body: "_Body") -> None:
        await body.write(self.framing.opening)
        try:
            async for payload in self.payloads:
                await body.write(self.framing.payload % payload)
        except Exception as error:
            await body.write(self.framing.payload % f'{{"errors":{_errors(error)}}}')
        await body.end(self.framing.closing)

    async def _beat(self, body: "_Body") -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await self.confirm(BEAT_S / 2)
            except Unavailable:
                pass
            except Unauthenticated as error:
                await body.write(self.framing.refusal % _errors(error))
                await body.end(self.framing.closing)
                return
            await body.write(self.framing.beat)

    async def _stop(self, body: "_Body") -> None:
        """In such a way that a client comes back after the restart, to go on from its cursor."""
        await self.stopping.wait()
        await body.end(self.framing.interrupted)


def _errors(error: Exception) -> str:
    return encoded([*told(error)]).decode()


class _Body(Outlet):
    async def write(self, text: str) -> None:
        await self.send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def end(self, text: str) -> None:
        await self.send({"type": "http.response.body", "body": text.encode(), "more_body": False})

    async def unread(self, limit_s: float) -> None:
        await super().unread(limit_s)
        _log.info("a stream was cut: what was sent is not being read")


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_first(*work: Coroutine[object, object, None]) -> None:
    """Runs all until the first of them ends, however it ends; nothing of the others is left running."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
