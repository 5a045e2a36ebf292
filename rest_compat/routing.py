"""From a path to one of the methods that it has."""

from collections.abc import Callable, Sequence
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from rest_compat.dialect import Dialect, Operation, Refused


class SentPath(Route):
    """Matches a path as it was sent, because an id may hold an encoded slash."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        raw: bytes = scope.get("raw_path", b"")
        if b"%" not in raw:
            # Each request is held against one path after the other, most of which have nothing to fill in.
            other = not self.param_convertors and not scope["path"].endswith(self.path)
            return (Match.NONE, {}) if other else super().matches(scope)
        segments = raw.decode("latin-1").split("/")
        spelled = "/".join(quote(unquote(segment), safe="") for segment in segments)
        match, found = super().matches({**scope, "path": spelled})
        found["path_params"] = {name: unquote(text) for name, text in found.get("path_params", {}).items()}
        return match, found


class Path:
    """All methods of one path. Whoever asks for another hears of every one that there is."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._dialect = operations[0].dialect
        self._by_method = {operation.method: operation for operation in operations}
        if get := self._by_method.get("GET"):
            self._by_method["HEAD"] = get
        self._allow = {"allow": ", ".join(sorted({*self._by_method, "OPTIONS"}))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        operation = self._by_method.get(request.method)
        if operation is None:
            other = Response(status_code=204 if request.method == "OPTIONS" else 405, headers=self._allow)
            return self._dialect.sealed(request, other)
        response = await operation.dialect.run(operation, request)
        if request.method == "HEAD":
            response.body = b""  # Content-Length stays that of the answer to GET
        return response


class Nothing:
    """A path that is none: 404 in the words of the system that it would belong to."""

    def __init__(self, owner: Callable[[str], Dialect]) -> None:
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        owner = self._owner(scope["path"])
        response = owner.sealed(Request(scope, receive), owner.error(Refused(404, "Not found")))
        await response(scope, receive, send)


def routes(operations: Sequence[Operation]) -> list[Route]:
    """One route for each path, in the order of the first operation that each has."""
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        for path in (operation.path, *operation.aliases):
            by_path.setdefault(path, []).append(operation)
    return [SentPath(path, Path(found)) for path, found in by_path.items()]
