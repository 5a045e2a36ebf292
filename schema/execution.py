"""One way for every transport: make the document ready, charge what it costs, execute it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from graphql import ExecutionResult, GraphQLSchema

import resolvers.budgets
from domain.values import JsonObject
from resolvers.budgets import Budget
from resolvers.context import Context, Services
from schema.core import run
from schema.costs import actual_cost
from schema.documents import Documents, Prepared, RequestError
from schema.errors import Code, shown
from schema.persisted import Persisted
from schema.streams import Streams


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks for: a document, or the id of one that the server knows."""

    query: str | None
    variables: JsonObject
    name: str | None = None
    extensions: JsonObject | None = None
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Of a query or mutation that was executed, however well."""

    body: JsonObject
    budget: Budget | None
    """What is left to the key; None where nothing is counted."""


class Engine:
    """Executes the operations of one schema."""

    def __init__(
        self, schema: GraphQLSchema, persisted: Persisted, introspection: bool = True, suggestions: bool = True
    ) -> None:
        self._schema = schema
        self._persisted = persisted
        self._documents = Documents(schema, introspection, suggestions)
        self._streams = Streams(schema)
        self._hide_suggestions = not suggestions

    async def prepare(self, operation: Operation, services: Services) -> Prepared:
        """Raises RequestError, NotPersisted, Unavailable."""
        text = await self._persisted.text(services, operation.query, operation.extensions, operation.document_id)
        return self._documents.prepare(text, operation.name, operation.variables)

    async def answer(self, prepared: Prepared, context: Context) -> Answer:
        """Runs a query or mutation. Raises RequestError for variables that do not fit, and as `charge` does."""
        requested, actual = prepared.cost, 0
        budget = await resolvers.budgets.charge(context, requested)
        try:
            result, fields = await run(self._schema, prepared, context, hide_suggestions=self._hide_suggestions)
            actual = max(fields if result.errors else 0, actual_cost(result.data, prepared.document))
        finally:
            if budget is not None:
                budget = resolvers.budgets.settle(context, budget, requested, actual)
        if result.data is None and all(error.path is None for error in result.errors or ()):
            raise RequestError(result.errors or (), Code.BAD_USER_INPUT)
        remaining = None if budget is None else budget.remaining
        cost: JsonObject = {"requested": requested, "actual": actual, "remaining": remaining}
        return Answer(_body(result, cost), budget)

    async def follow(self, prepared: Prepared, context: Context) -> AsyncGenerator[str]:
        """Runs a subscription: its payloads as JSON text. Raises as `answer` does; reading them, DomainError."""
        await resolvers.budgets.charge(context, prepared.cost)
        return await self._streams.follow(prepared, context)


def _body(result: ExecutionResult, cost: JsonObject) -> JsonObject:
    body: JsonObject = {"data": result.data, "extensions": {"cost": cost}}
    return {"errors": [*shown(result.errors, Code.BAD_USER_INPUT)], **body} if result.errors else body
