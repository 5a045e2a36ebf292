"""What authentication leaves in the state of a request: a `context`, or in `refused` or `failure` why there is none.

`authenticate` turns a secret that came later, in the first message of a socket, into a context.
"""

from collections.abc import Awaitable, Callable
from typing import TypedDict, cast

from starlette.types import Scope

from domain.errors import Unauthenticated
from resolvers.context import Context


class State(TypedDict, total=False):
    context: Context
    refused: Unauthenticated
    failure: Exception
    authenticate: Callable[[str], Awaitable[Context]]


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
