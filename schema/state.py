"""What authentication leaves in the state of a request: a `context`, or in `refused` or `failure` why there is none.

`authenticate` turns a secret into a context: one that came later, in the first message of a socket, or that of
`credential` once more, because a socket outlives its first look at the key. `stopping` is set when the server stops.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypedDict, cast

from starlette.types import Scope

from domain.errors import Unauthenticated
from resolvers.context import Context


class Credential(Protocol):
    """What came in a header."""

    @property
    def secret(self) -> str: ...


class State(TypedDict, total=False):
    context: Context
    refused: Unauthenticated
    failure: Exception
    authenticate: Callable[[str], Awaitable[Context]]
    credential: Credential | None
    stopping: asyncio.Event


def state_of(scope: Scope) -> State:
    return cast(State, scope.get("state", {}))


def context_of(scope: Scope) -> Context:
    """Raises Unauthenticated, or what went wrong while looking."""
    state = state_of(scope)
    if "context" in state:
        return state["context"]
    if "failure" in state:
        raise state["failure"]
    raise state.get("refused", Unauthenticated("missing"))


def authenticator(scope: Scope, given: str | None) -> Callable[[], Awaitable[Context]]:
    """Looks the key up anew each time: the one `given`, or else that of the headers. Raises as `context_of` does."""
    state = state_of(scope)
    credential = state.get("credential")
    secret = given or (None if credential is None else credential.secret)

    async def authenticate() -> Context:
        if secret is None or "authenticate" not in state:
            return context_of(scope)
        return await state["authenticate"](secret)

    return authenticate


def stopping_of(scope: Scope) -> asyncio.Event:
    """Set when the server stops; where nobody says so, never."""
    return state_of(scope).get("stopping") or asyncio.Event()
