"""What our answers are compared with: the same bytes from bare Starlette handlers over asyncpg.

No keys, no tenants, no row-level security, no checks, one connection taken and given back as it is: about the least
that could answer. It is a yardstick, not a server.
"""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bench import floor_ingest, floor_lists, floor_pillars, floor_reads, floor_scores

NAME = "goalarc-floor"
"""Of its connections, in `pg_stat_activity`."""

Answer = Callable[[Request, asyncpg.Connection], Awaitable[object]]

_READS: tuple[Answer, ...] = (
    floor_reads.graphql_session,
    floor_reads.rest_session,
    floor_reads.graphql_sessions,
    floor_reads.rest_sessions,
    floor_lists.graphql_sessions_by_cost,
    floor_lists.graphql_sessions_found,
    floor_reads.rest_arcs,
    floor_scores.graphql_score,
    floor_scores.rest_score,
    floor_pillars.rest_speed,
    floor_pillars.rest_tokens,
    floor_pillars.rest_skill,
    floor_pillars.rest_insight,
    floor_pillars.rest_integrity,
    floor_pillars.rest_trivia,
    floor_pillars.rest_tokens_trend,
    floor_pillars.graphql_dashboard,
    floor_reads.graphql_timeline,
    floor_reads.rest_timeline,
)
_WRITES: tuple[Answer, ...] = (floor_ingest.rest_ingest, floor_ingest.graphql_ingest)


def floor(dsn: str) -> Starlette:
    """Each function above at `/` and its name; `dsn` must pass row-level security."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[dict[str, object]]:
        async with asyncpg.create_pool(
            dsn, min_size=1, max_size=10, init=_prepare, reset=_keep, server_settings={"application_name": NAME}
        ) as pool:
            yield {"pool": pool}

    reads = [Route(f"/{answer.__name__}", _endpoint(answer, 200)) for answer in _READS]
    writes = [
        Route(f"/{answer.__name__}", _endpoint(answer, 201 if "rest" in answer.__name__ else 200), methods=["POST"])
        for answer in _WRITES
    ]
    return Starlette(routes=[*reads, *writes, Route("/readyz", _ready)], lifespan=lifespan)


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_dump, decoder=orjson.loads)


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


async def _keep(connection: asyncpg.Connection) -> None:
    """Gives a connection back without the usual round trip: no handler leaves anything behind."""


def _endpoint(answer: Answer, status: int) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        async with request.state.pool.acquire() as connection:
            body = await answer(request, connection)
        return Response(orjson.dumps(body), status, media_type="application/json")

    return endpoint


async def _ready(request: Request) -> Response:
    return Response("ok")


def from_environment() -> Starlette:
    """What `tests.bench.serve` calls in a process of its own."""
    return floor(os.environ["FLOOR_DSN"])
