"""How a document is made ready: parsed once, weighed each time (its variables count), validated once."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import strawberry
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from strawberry.extensions import ParserCache, ValidationCache

from schema.errors import UNRESOLVED
from schema.limits import find_excess
from schema.shapes import Shapes, shapes_of

MAX_TOKENS = 2_000
MOST_KEPT = 500
"""Documents in either cache. A token takes about 600 bytes, so they stay below 600 MB whoever fills them."""


class Parsed(ParserCache):
    def __init__(self) -> None:
        super().__init__(maxsize=MOST_KEPT)

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        with suppress(GraphQLError):  # the library parses once more, and meets the error where it expects it
            context.graphql_document = self.cached_parse_document(context.query, **context.parse_options)
        yield


class Weighed(ValidationCache):
    """Refuses what is too much before the costlier validation, and what does not say which operation is meant."""

    def __init__(self) -> None:
        super().__init__(maxsize=MOST_KEPT)
        self._named = False

    def on_operation(self) -> Iterator[None]:
        # Nothing is parsed yet, so this is the client's own word; later the library fills in the first operation's.
        self._named = self.execution_context.operation_name is not None
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        assert context.graphql_document is not None
        refusal = self._refusal(context.graphql_document)
        if refusal is None:
            yield from super().on_validate()
        else:
            context.pre_execution_errors = [refusal]
            yield

    def _refusal(self, document: DocumentNode) -> GraphQLError | None:
        context = self.execution_context
        if not self._named and _count_operations(document) > 1:
            message = "the document holds several operations: say in operationName which one to run"
            return GraphQLError(message, extensions={"code": UNRESOLVED})
        excess = find_excess(_shapes(context.schema), document, context.variables or {})
        return None if excess is None else GraphQLError(excess, extensions={"code": "QUERY_TOO_COMPLEX"})


def _count_operations(document: DocumentNode) -> int:
    return sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions)


@cache
def _shapes(schema: strawberry.Schema) -> Shapes:
    return shapes_of(schema.as_str())
