"""What every request gets beside its answer: an id, a line in the log, a place in the metrics."""

import os
import re
import time
from functools import lru_cache

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REGISTRY = CollectorRegistry()
_COUNT = Counter("goalarc_requests_total", "Answered requests.", ["method", "route", "status"], registry=REGISTRY)
_SECONDS = Histogram("goalarc_request_seconds", "Time to the end of the answer.", ["route"], registry=REGISTRY)

# Kept: looking one up among the others takes longer than counting it. There are no more of them than series.
_count, _seconds = lru_cache(1_000)(_COUNT.labels), lru_cache(1_000)(_SECONDS.labels)

_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_log = structlog.get_logger("goalarc.request")


def header(scope: Scope, name: bytes) -> str:
    """The first header of that name, in lower case; empty without one."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


class Observe:
    """Outermost middleware. A client's own plain `X-Request-Id` is kept, so that logs of both sides meet."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = header(scope, b"x-request-id")
        request_id = given if _PLAIN_ID.fullmatch(given) else os.urandom(16).hex()
        began, status, answered = time.perf_counter(), 500, False

        async def answer(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, answer)
        except Exception:  # answered here, so that also this answer and its line in the log have the id
            _log.exception("request failed")
            if answered:
                raise  # too late for words: the connection is cut
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, answer)
        finally:
            self._note(scope, status, time.perf_counter() - began)
            structlog.contextvars.reset_contextvars(**bound)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's pattern, not the path: ids would make a series each.
        route = getattr(scope.get("route"), "path", None) or "other"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        _count(method, route, status).inc()
        _seconds(route).observe(seconds)
        _log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
