"""What is measured: the application as users run it, its clock stopped at the invented now."""

import os
from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resolvers.answers import Answers
from server.app import create_app, spare_what_stays
from server.logs import set_up_logs
from server.settings import Settings
from tests.bench.invented import NOW

FRESH = "GOALARC_BENCH_FRESH"
"""Set to anything: no answer is kept, each is made anew."""


class Stopped:
    """An application that takes every moment for `NOW`. Costs its requests nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._changes: dict[str, Answers] = {"answers": Answers(0)} if FRESH in os.environ else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def started(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                scope["state"]["services"] = replace(scope["state"]["services"], now=lambda: NOW, **self._changes)
            await send(message)

        await self._app(scope, receive, started if scope["type"] == "lifespan" else send)


def subject(settings: Settings) -> ASGIApp:
    return Stopped(create_app(settings))


def from_environment() -> ASGIApp:
    """What `tests.bench.serve` calls in a process of its own."""
    settings = Settings()
    set_up_logs(settings.log_format)
    app = subject(settings)
    spare_what_stays()
    return app
