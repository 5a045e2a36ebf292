"""What goes out over one connection."""

import asyncio
from collections.abc import Callable

from starlette.types import Message, Send


class Outlet:
    """Sends one message after another: what a client does not read piles up once, not once for each who has to tell."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._turn = asyncio.Lock()
        self._since: float | None = None

    async def send(self, message: Message, first: Callable[[], object] | None = None) -> None:
        """Waits for its turn and until there is room; `first` is called when the turn has come."""
        await self._turn.acquire()
        try:
            if first is not None:
                first()
            self._since = asyncio.get_running_loop().time()
            await self._send(message)
        finally:
            self._since = None
            self._turn.release()

    async def unread(self, limit_s: float) -> None:
        """Returns once a message has waited so long for room. One watch for all: a time limit on each is dear."""
        clock = asyncio.get_running_loop().time
        while True:
            since = self._since
            await asyncio.sleep(limit_s if since is None else since + limit_s - clock())
            if since is not None and since == self._since:
                return
