"""What is measured: the application as users run it, its clock stopped at the invented now."""

import os
from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from persistence.score_days import added_up
from resolvers.answers import Answers
from resolvers.figures import Figures
from server.app import create_app, spare_what_stays
from server.logs import set_up_logs
from server.settings import Settings
from tests.bench.invented import NOW

FRESH = "GOALARC_BENCH_FRESH"
"""`answers`: none is kept, each is made anew of the figures that are. `figures`: these are read anew, too, as after a
change. `all`: and added up anew, days gone by as well, as by a process that has just begun."""
_NONE_KEPT = {"answers": Answers(0)}
_NO_FIGURES = {sort: Figures[object](lambda one: 1, 0) for sort in ("tallies", "totals")}
_CHANGES = {"answers": _NONE_KEPT} | dict.fromkeys(("figures", "all"), _NONE_KEPT | _NO_FIGURES)


class Stopped:
    """An application that takes every moment for `NOW`. Costs its requests nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._fresh = os.environ.get(FRESH, "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def started(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                scope["state"]["services"] = replace(
                    scope["state"]["services"], now=lambda: NOW, **_CHANGES.get(self._fresh, {})
                )
            await send(message)

        if self._fresh == "all":
            added_up.cache_clear()
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
