"""From the headers of a request to the context its resolvers get."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import Unauthenticated
from persistence.database import Tenant
from resolvers.access import authenticate, digest, find_presented
from resolvers.context import Context, Services
from resolvers.loaders import Loaders
from server.requests import header

Header = Literal["authorization", "x-api-key", "mappa-api-key"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret as presented, and the header it came in: the old systems are particular about that."""

    header: Header
    secret: str


_API_KEYS: tuple[tuple[bytes, Header], ...] = ((b"x-api-key", "x-api-key"), (b"mappa-api-key", "mappa-api-key"))


def presented(scope: Scope) -> Credential | None:
    scheme, _, token = header(scope, b"authorization").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return Credential("authorization", token.strip())
    for name, told in _API_KEYS:
        if secret := header(scope, name).strip():
            return Credential(told, secret)
    return None


def opener(services: Services) -> Callable[[str], Awaitable[Context]]:
    """What turns a secret into a context; raises Unauthenticated. A websocket gets its secret late."""

    async def open_context(secret: str) -> Context:
        found = await find_presented(services, secret)
        caller = found.caller
        loaders = Loaders(services.database, Tenant(caller.org_id, caller.visible_user), revision=found.revision)
        return Context(services, caller, loaders)

    return open_context


def confirmer(services: Services) -> Callable[[str, float], Awaitable[None]]:
    """What tells, by raising Unauthenticated, that a secret is no longer good, as found at most so many seconds ago."""

    async def confirm(secret: str, age_s: float) -> None:
        await services.looks.share(digest(secret), age_s, lambda: authenticate(services, secret))

    return confirm


class Authenticate:
    """Puts `context` into the state of each request; where there is none, `refused`, or `failure` if looking failed.

    It never answers by itself: each face does in its own words. A plain ASGI class, because Starlette's base
    class for middleware passes websockets by.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            state = scope["state"]
            state["authenticate"] = opener(state["services"])
            state["confirm"] = confirmer(state["services"])
            credential = presented(scope)
            state["credential"] = credential
            try:
                if credential is None:
                    raise Unauthenticated("missing")
                state["context"] = await state["authenticate"](credential.secret)
            except Unauthenticated as error:
                state["refused"] = error
            except Exception as error:  # such as a database that is away
                state["failure"] = error
        await self._app(scope, receive, send)
