"""`/graphql`: GET, HEAD, POST and WebSocket; single answers as JSON, subscriptions as streams, a page for browsers.

The bundled view of the library is not used: it answers some malformed bodies with 500, has errors in plain text, and
closes a socket over a syntax error.
"""

from collections.abc import AsyncGenerator, Callable

from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from resolvers.context import Context
from schema.accept import EVENT_STREAM, JSON, Accept
from schema.budgets import budget_headers
from schema.documents import Prepared, RequestError
from schema.events import MULTIPART, SERVER_SENT, Events
from schema.execution import Engine
from schema.persisted import NotPersisted
from schema.requests import READING, Refused, read_operation
from schema.responses import failure, json_response, once, told
from schema.socket import Socket
from schema.state import confirmer, context_of, stopping_of
from schema.values import encoded

BODY_LIMIT = 16 * 2**20
_METHODS = (*READING, "POST")
_ASKING = ("query", "documentId", "extensions")
"""Parameters of a URL: one that has any of them asks for an answer."""


class GraphQLEndpoint:
    """An ASGI application for one schema. Who asks stands in the state of the request: see `schema.state`.

    `page` is what a browser gets that asks for nothing but HTML.
    """

    def __init__(
        self,
        engine: Engine,
        body_limit: int = BODY_LIMIT,
        page: Callable[[Request], Response] | None = None,
    ) -> None:
        self._engine = engine
        self._body_limit = body_limit
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await Socket(self._engine, WebSocket(scope, receive, send)).run()
            return
        request = Request(scope, receive)
        accept = Accept(", ".join(request.headers.getlist("accept")))
        try:
            answer = await self._answer(request, accept)
        except (RequestError, NotPersisted) as error:
            answer = _not_executed(request, error, accept)
        except ClientDisconnect:
            answer = Response(status_code=400)  # nobody reads it
        except Exception as error:
            answer = failure(error, _json(accept))
        await answer(scope, receive, send)

    async def _answer(self, request: Request, accept: Accept) -> ASGIApp:
        if request.method not in _METHODS:
            raise Refused(405, "send GET or POST", {"allow": ", ".join(_METHODS)})
        if self._page is not None and _is_for_page(request, accept):
            return self._page(request)
        context = context_of(request.scope)
        operation = await read_operation(request, self._body_limit)
        prepared = await self._engine.prepare(operation, context.services)
        if request.method in READING and prepared.type is OperationType.MUTATION:
            raise Refused(405, "mutations are served over POST", {"allow": "POST"})
        if prepared.type is OperationType.SUBSCRIPTION:
            return await self._stream(prepared, context, request, accept)
        return await self._single(prepared, context, request, accept)

    async def _single(self, prepared: Prepared, context: Context, request: Request, accept: Accept) -> ASGIApp:
        type = accept.for_result()
        answer = await self._engine.answer(prepared, context)
        if type == EVENT_STREAM:
            return _events(request, once(encoded(answer.body).decode()), type)
        headers = None if answer.budget is None else budget_headers(answer.budget, context.now())
        return json_response(answer.body, type, headers=headers)

    async def _stream(self, prepared: Prepared, context: Context, request: Request, accept: Accept) -> ASGIApp:
        type = accept.for_stream()
        if type is None:
            raise Refused(406, _NO_STREAM)
        if request.method == "HEAD":  # nothing would be read of it
            return _events(request, once(""), type)
        return _events(request, await self._engine.follow(prepared, context.uncached()), type)


def _is_for_page(request: Request, accept: Accept) -> bool:
    asks = any(request.query_params.get(name) for name in _ASKING)
    return request.method in READING and not asks and accept.for_page()


_NO_STREAM = (
    "subscriptions are served as text/event-stream, as multipart/mixed;subscriptionSpec=1.0,"
    " and over WebSocket (graphql-transport-ws)"
)


def _events(request: Request, payloads: AsyncGenerator[str], type: str) -> Events:
    framing = SERVER_SENT if type == EVENT_STREAM else MULTIPART
    return Events(framing, payloads, confirmer(request.scope, None), stopping_of(request.scope))


def _not_executed(request: Request, error: RequestError | NotPersisted, accept: Accept) -> ASGIApp:
    """Clients of event streams read why only in one."""
    if accept.for_result() == EVENT_STREAM:
        return _events(request, once(encoded({"errors": [*told(error)]}).decode()), EVENT_STREAM)
    return failure(error, accept.for_result())


def _json(accept: Accept) -> str:
    """How is told that nobody may ask, or that nothing was asked."""
    type = accept.for_result()
    return JSON if type == EVENT_STREAM else type
