"""The whole server behind a port, in the loop of the tests, and what they fill it with."""

import asyncio
import socket
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx2
import uvicorn

from domain.access import Caller, KeyKind, Scope
from persistence.database import Tenant, Urls
from resolvers.access import KeyWish, authenticate, create_key
from resolvers.context import Context, Services
from resolvers.loaders import Loaders
from resolvers.ready_made import create_ready_made
from resolvers.transcripts import find_transcripts, import_transcripts, wait_until_judged
from server.app import create_app
from server.sample import write_sample
from server.settings import Settings


@dataclass
class Site:
    """A server that can be stopped and started again at the same address, as `goalarc serve` would be."""

    urls: Urls
    settings: Settings
    _server: uvicorn.Server | None = None
    _running: asyncio.Task[None] | None = None
    _listening: socket.socket | None = None

    _port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def services(self) -> Services:
        assert self._server is not None
        return self._server.lifespan.state["services"]

    async def start(self) -> None:
        listening = self._listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        app = create_app(self.settings)
        config = uvicorn.Config(app, lifespan="on", log_level="error", access_log=False, timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        self._running = asyncio.create_task(self._server._serve([listening]))
        while not self._server.started:
            assert not self._running.done(), "the server did not start"
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        assert self._server is not None
        assert self._running is not None
        assert self._listening is not None
        self._server.should_exit = True
        await self._running
        self._listening.close()

    def client(self) -> httpx2.AsyncClient:
        """It reads no certificates: that took longer than what is asked."""
        return httpx2.AsyncClient(base_url=self.address, verify=False)

    async def team(self, email: str = "developer@example.org", *, sample: bool = True, zone: str = "UTC") -> "Team":
        """A new organisation, with the sample's sessions judged unless it shall begin empty."""
        team = Team(self, f"team-{uuid4().hex[:12]}", email, zone)
        team.key = await team.key_of(KeyKind.DEVELOPER)
        if sample:
            await team.take_sample()
        return team


@dataclass
class Team:
    """An organisation that no other test uses, seen by its developer."""

    site: Site
    slug: str
    email: str
    zone: str
    key: str = ""

    async def key_of(self, kind: KeyKind, *scopes: str, admin: bool = False, email: str | None = None) -> str:
        """A key of the developer, or of a colleague."""
        wish = KeyWish(self.slug, email or self.email, kind, scopes, admin, time_zone=self.zone)
        return (await create_key(self.site.urls, wish, datetime.now(UTC))).secret

    async def caller(self) -> Caller:
        return await authenticate(self.site.services, self.key)

    async def take_sample(self, now: datetime | None = None) -> None:
        """The sample that `make run` imports, as if it had happened lately."""
        folder = write_sample(Path(self.site.settings.data_dir) / self.slug, now or datetime.now(UTC))
        await self.take(folder)

    async def take(self, *paths: Path) -> None:
        """Imports transcripts and waits until they are judged."""
        services, caller = self.site.services, await self.caller()
        summary = await import_transcripts(services, caller, find_transcripts(paths), lambda size: None)
        assert not summary.errors, summary.errors
        await wait_until_judged(services, Tenant(caller.org_id), summary)

    async def take_ready_made(self) -> None:
        """Saves the insights that `make run` saves."""
        caller = await self.caller()
        whole = replace(caller, scopes=caller.scopes | {Scope.ORG_READ})
        loaders = Loaders(self.site.services.database, Tenant(caller.org_id))
        await create_ready_made(Context(self.site.services, whole, loaders))

    async def post(self, path: str, body: object, key: str | None = None) -> httpx2.Response:
        """Asks over HTTP, as clients elsewhere do."""
        async with self.site.client() as client:
            return await client.post(path, json=body, headers={"authorization": f"Bearer {key or self.key}"})

    async def graph(self, query: str, **variables: object) -> dict[str, object]:
        """The data of a query; no errors are expected."""
        answer = (await self.post("/graphql", {"query": query, "variables": variables})).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]
