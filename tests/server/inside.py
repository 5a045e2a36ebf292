"""Routes asked without a server around them."""

from collections.abc import Sequence

import httpx2
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from resolvers.context import Services


def client_of(services: Services, routes: Sequence[Route], address: str = "127.0.0.1") -> httpx2.AsyncClient:
    """A client of these routes alone, over these services, that asks from this address."""
    app: ASGIApp = Starlette(routes=routes)

    async def with_services(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {"services": services}}, receive, send)

    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(with_services, client=(address, 4711)), base_url="http://test"
    )
