"""The REST face behind a real server, on a thread and an event loop of its own: for clients that are not async.

Reports that are asked for are written.
"""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn

from persistence.bus import open_bus
from persistence.database import Database, Urls
from tests.history import judging
from tests.make import time
from tests.make_context import make_services
from tests.reporting import writing
from tests.rest_compat.house import app_of


class _Serving:
    def __init__(self, urls: Urls) -> None:
        self._urls = urls
        self.server: uvicorn.Server | None = None
        self.up = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        database = Database(self._urls)
        async with open_bus("memory://", database) as bus:
            services = replace(judging(make_services(database, bus), time(480)), rate_limits=False)
            config = uvicorn.Config(app_of(services), port=0, log_level="error", access_log=False, lifespan="off")
            self.server = uvicorn.Server(config)
            asyncio.get_running_loop().call_later(0.01, self._look)
            async with writing(services):
                await self.server.serve()
        await database.close()

    def _look(self) -> None:
        assert self.server is not None
        if self.server.started:
            self.up.set()
        else:
            asyncio.get_running_loop().call_later(0.01, self._look)

    @property
    def address(self) -> str:
        assert self.server is not None
        host, port = self.server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"


@contextmanager
def served(urls: Urls) -> Generator[str]:
    """The address of the REST face, for as long as the block runs. Requests are not counted."""
    serving = _Serving(urls)
    thread = threading.Thread(target=serving.run, name="rest face", daemon=True)
    thread.start()
    assert serving.up.wait(10)
    try:
        yield serving.address
    finally:
        assert serving.server is not None
        serving.server.should_exit = True
        thread.join(10)
