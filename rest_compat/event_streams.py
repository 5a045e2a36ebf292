"""Server-Sent Events: an answer that goes on for as long as its client reads, its key is good and the server runs.

However it ends, a browser and every other client of such streams comes back after `RETRY_MS` and names the last id
that it has seen. Nothing is buffered for a client that does not read: sending waits, then the connection is cut.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from domain.errors import Unauthenticated, Unavailable

BEAT_S = 10.0
"""So often something is sent, also for proxies that cut what looks dead; the key is looked up as often."""
SEND_S = 30.0
RETRY_MS = 1_000

_BEAT = ":\n\n"
_OPENING = f"retry: {RETRY_MS}\n\n"
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_log = structlog.get_logger("goalarc.rest")


def event(id: str, name: str, data: str) -> str:
    """One event; `data` is a text of one line."""
    return f"id: {id}\nevent: {name}\ndata: {data}\n\n"


def place(id: str) -> str:
    """Where a client that comes back goes on; nothing is told by it."""
    return f"id: {id}\n\n"


class EventStream(StreamingResponse):
    """Sends each of `texts`, which are made of whole events, as soon as it is there."""

    def __init__(self, request: Request, texts: AsyncGenerator[str]) -> None:
        super().__init__(texts, headers=_HEADERS, media_type="text/event-stream")
        self._texts = texts
        self._state = request.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Not in the task group of the framework: under its cancellation nothing that is closed could wait."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        stopping: asyncio.Event = self._state.stopping
        ends = (asyncio.create_task(_gone(receive)), asyncio.create_task(stopping.wait()))
        try:
            if scope["method"] != "HEAD":
                await self._deliver(send, ends)
            await _write(send, "", more=False)
        except TimeoutError:
            _log.info("a stream was cut: what was sent is not being read")
        finally:
            await _cancel(*ends)
            await self._texts.aclose()

    async def _deliver(self, send: Send, ends: Sequence[asyncio.Task[object]]) -> None:
        await _write(send, _OPENING)
        clock = asyncio.get_running_loop().time
        looked_s = clock()
        turn = asyncio.create_task(self._next())
        try:
            while True:
                await asyncio.wait({turn, *ends}, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED)
                if any(end.done() for end in ends):
                    return
                if clock() - looked_s >= BEAT_S:
                    if not await self._key_is_good():
                        return
                    looked_s = clock()
                if not turn.done():
                    await _write(send, _BEAT)
                elif text := turn.result():
                    turn = asyncio.create_task(self._next())
                    await _write(send, text)
                else:
                    return
        finally:
            await _cancel(turn)

    async def _next(self) -> str:
        """Empty at the end, also one that nobody expected: the client comes back."""
        try:
            return await anext(self._texts, "")
        except Exception:
            _log.exception("a stream failed")
            return ""

    async def _key_is_good(self) -> bool:
        try:
            await self._state.confirm(self._state.credential.secret, BEAT_S / 2)
        except Unavailable:
            return True  # nobody can tell
        except Unauthenticated:
            return False
        return True


async def _write(send: Send, text: str, more: bool = True) -> None:
    """Raises TimeoutError where what was sent is not being read."""
    async with asyncio.timeout(SEND_S):
        await send({"type": "http.response.body", "body": text.encode(), "more_body": more})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancel(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
