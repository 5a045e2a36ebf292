"""Is the process up, can it do its work, and how much of it: for load balancers and Prometheus."""

import asyncio

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import resolvers.health
from domain.errors import Unavailable
from resolvers.context import Services
from server.requests import REGISTRY

_PATIENCE_S = 3.0


async def healthz(request: Request) -> Response:
    """The process answers; says nothing of the database."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """A real query over the serving connection; 503 while it fails."""
    services: Services = request.state.services
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await resolvers.health.check(services)
    except Exception as error:  # whatever it is, the answer is "not ready"
        structlog.get_logger("goalarc.health").warning("not ready", error=type(error).__name__)
        return JSONResponse({"ready": False}, status_code=503)
    return JSONResponse({"ready": True})


async def metrics(request: Request) -> Response:
    """Prometheus text: requests of this process, jobs of the whole queue while the database answers."""
    queue = CollectorRegistry()
    gauge = Gauge("goalarc_jobs", "Background jobs by state.", ["state"], registry=queue)
    for state, count in (await _queue(request.state.services)).items():
        gauge.labels(state).set(count)
    return Response(generate_latest(REGISTRY) + generate_latest(queue), media_type=CONTENT_TYPE_LATEST)


async def _queue(services: Services) -> dict[str, float]:
    """Empty while the database is away: just then the rest is worth reading."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await resolvers.health.queue(services)
    except (Unavailable, TimeoutError):
        return {}


ROUTES = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
