"""The other end of an event stream: it reads, stops reading or goes away as the test wants it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import orjson
from starlette.types import ASGIApp, Message, Scope

from domain.values import JsonObject
from tests.rest_compat.house import Developer, app_of

SOON_S = 5.0
PATH = "/v1/score_v3/realtime/events"


class Told(NamedTuple):
    """One event, as a browser takes it apart."""

    id: str
    name: str
    data: JsonObject

    @property
    def change(self) -> str:
        return self.name.removeprefix("prism.score_v3.sub_session.")


class Listener:
    """One request in this process, behind a real connection's order of things."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.last_id = ""
        self.stopping = asyncio.Event()
        self.reading = asyncio.Event()
        self.reading.set()
        self.gone = asyncio.Event()
        self.ended = False
        """The body came to an end of its own, and was not cut."""
        self._sent: asyncio.Queue[str] = asyncio.Queue()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.reading.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.ended = not message.get("more_body", False)
            self._sent.put_nowait(message["body"].decode())

    def listen(self, app: ASGIApp, headers: Mapping[str, str], method: str) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope: Scope = {
            "type": "http", "method": method, "path": PATH, "root_path": "", "query_string": b"", "headers": raw,
        }  # fmt: skip
        self.served = asyncio.ensure_future(app(scope, self.receive, self.send))

    async def text(self) -> str:
        """What is sent next."""
        async with asyncio.timeout(SOON_S):
            return await self._sent.get()

    async def events(self, count: int) -> list[Told]:
        """The next events; beats and hints are passed over, and ids without an event remembered."""
        found: list[Told] = []
        while len(found) < count:
            for block in (await self.text()).split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
                self.last_id = fields.get("id", self.last_id)
                if "data" in fields:
                    found.append(Told(fields["id"], fields["event"], orjson.loads(fields["data"])))
        assert len(found) == count
        return found

    async def begun(self) -> None:
        """Returns once nothing that happens from now on can be missed."""
        while not self.last_id:
            self.last_id = (await self.text()).partition("id: ")[2].strip()

    async def rest(self) -> str:
        """Everything up to the end, which must come soon."""
        async with asyncio.timeout(SOON_S):
            await self.served
        return "".join(self._sent.get_nowait() for _ in range(self._sent.qsize()))


@asynccontextmanager
async def listening(who: Developer, after: str | None = None, method: str = "GET") -> AsyncGenerator[Listener]:
    """A request for the stream. When the block ends the client goes away, and the server must come to an end."""
    ours = Listener()
    headers = {"authorization": f"Bearer {who.key.secret}"}
    if after is not None:
        headers["last-event-id"] = after
    ours.listen(app_of(who.context.services, ours.stopping), headers, method)
    try:
        yield ours
    finally:
        ours.gone.set()
        ours.reading.set()
        async with asyncio.timeout(SOON_S):
            await ours.served
