"""What authentication leaves in the state of a request: a `context`, or in `refused` or `failure` why there is none.

`authenticate` turns a secret into a context: one that came later, in the first message of a socket, or that of
`credential` once more, because a socket outlives its first look at the key. `confirm` raises once a secret is no longer
good; a look of so many seconds ago will do. `stopping` is set when the server stops.
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
    confirm: Callable[[str, float], Awaitable[None]]
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
    state, secret = state_of(scope), _secret(scope, given)

    async def authenticate() -> Context:
        if secret is None or "authenticate" not in state:
            return context_of(scope)
        return await state["authenticate"](secret)

    return authenticate


def confirmer(scope: Scope, given: str | None) -> Callable[[float], Awaitable[None]]:
    """Raises Unauthenticated once that key is no longer good, as found by somebody at most so many seconds ago."""
    state, secret = state_of(scope), _secret(scope, given)

    async def confirm(age_s: float) -> None:
        if secret is not None and "confirm" in state:
            await state["confirm"](secret, age_s)

    return confirm


def _secret(scope: Scope, given: str | None) -> str | None:
    credential = state_of(scope).get("credential")
    return given or (None if credential is None else credential.secret)


def stopping_of(scope: Scope) -> asyncio.Event:
    """Set when the server stops; where nobody says so, never."""
    return state_of(scope).get("stopping") or asyncio.Event()
