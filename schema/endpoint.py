"""`/graphql`: GET, POST and WebSocket, on the public entry points of the schema (`execute`, `stream`).

The bundled view of the library is not used: it answers some malformed bodies with 500, has errors in plain text, and
closes a socket over a syntax error.
"""

import strawberry
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from domain.errors import Unauthenticated, Unavailable
from resolvers.context import Context
from schema.errors import UNRESOLVED, internal, refusal, unresolved
from schema.requests import Operation, Refused, error_response, media_type, read_operation, refuse, respond
from schema.socket import Socket
from schema.state import context_of

BODY_LIMIT = 16 * 2**20

_ALLOWED = {"GET": {OperationType.QUERY}, "POST": {OperationType.QUERY, OperationType.MUTATION}}


class GraphQLEndpoint:
    """An ASGI application for one schema. Who asks stands in the state of the request: see `schema.state`."""

    def __init__(self, schema: strawberry.Schema, body_limit: int = BODY_LIMIT) -> None:
        self._schema = schema
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await Socket(self._schema, WebSocket(scope, receive, send)).run()
            return
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        type = media_type(request)
        try:
            if request.method not in _ALLOWED:
                raise Refused(405, "send GET or POST", {"allow": ", ".join(_ALLOWED)})
            context = context_of(request.scope)
            operation = await read_operation(request, self._body_limit)
            return respond(await self._execute(operation, context, request.method), type)
        except Unauthenticated as error:
            return error_response(401, refusal(error), type, {"www-authenticate": "Bearer"})
        except Unavailable as error:
            return error_response(503, refusal(error), type, {"retry-after": "1"})
        except Refused as refused:
            return refuse(refused, type)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except Exception as error:
            return error_response(500, internal(error), type, {})

    async def _execute(self, operation: Operation, context: Context, method: str) -> ExecutionResult:
        try:
            return await self._schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.name,
                allowed_operation_types=_ALLOWED[method],
            )
        except CannotGetOperationTypeError as error:
            raise Refused(400, unresolved(error.operation_name).message, code=UNRESOLVED) from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                raise Refused(400, "subscriptions are served over WebSocket (graphql-transport-ws)") from None
            raise Refused(405, "mutations are served over POST", {"allow": "POST"}) from None
