"""The application: opens what the process needs, hands it to both faces, closes it."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypedDict

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute

from resolvers.context import Services
from rest_compat.dialect import RATE_LIMIT_HEADERS
from rest_compat.openapi import DOCS
from rest_compat.routes import ROUTES
from schema.endpoint import GraphQLEndpoint
from schema.execution import Engine
from schema.persisted import Persisted
from schema.root import schema
from server import health, report_links
from server.auth import Authenticate
from server.logs import set_up_logs
from server.pages import graphiql, own_documents, pages
from server.postgres import open_urls
from server.requests import Observe
from server.services import open_services, working
from server.settings import Settings
from server.stopping import told_to_stop


class State(TypedDict):
    services: Services
    stopping: asyncio.Event


def create_app(settings: Settings) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[State]:
        async with (
            open_urls(settings) as urls,
            open_services(settings, urls) as services,
            working(services, settings.worker_concurrency),
        ):
            with told_to_stop() as stopping:
                yield {"services": services, "stopping": stopping}

    graphql = GraphQLEndpoint(_engine(settings), page=graphiql())
    return Starlette(
        routes=[
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            *ROUTES,
            *DOCS,
            *health.ROUTES,
            *report_links.ROUTES,
            *pages(),
        ],
        middleware=[Middleware(Observe), *origins(settings), Middleware(Authenticate)],
        lifespan=lifespan,
    )


def origins(settings: Settings) -> list[Middleware]:
    """Answers what browsers ask before a page of another origin may call. Keys travel in headers, never in cookies."""
    if not settings.origins:
        return []
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    told = ["x-request-id", "retry-after", "ratelimit", "ratelimit-policy", *RATE_LIMIT_HEADERS]
    wanted = ["authorization", "x-api-key", "mappa-api-key", "content-type", "last-event-id", "x-request-id"]
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=methods,
            allow_headers=wanted,
            expose_headers=told,
        )
    ]


def _engine(settings: Settings) -> Engine:
    return Engine(
        schema.graphql_schema,
        Persisted(only_trusted=settings.documents == "trusted", own=own_documents()),
        introspection=settings.introspection == "on",
        suggestions=settings.suggestions == "on",
    )


def from_environment() -> Starlette:
    """What uvicorn calls in each process."""
    settings = Settings()
    set_up_logs(settings.log_format)
    app = create_app(settings)
    spare_what_stays()
    return app


def spare_what_stays() -> None:
    """Has the garbage collector leave alone what was imported, and look less often for what is new.

    Large answers make many objects, none of them in circles: walking through all modules after each few thousand of
    them was a third of the CPU of such an answer. The little garbage of imports stays, too: to look for it took a tenth
    of the server's start.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
