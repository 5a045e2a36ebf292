"""How a document is made ready: parsed once, weighed each time (its variables count), validated once."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import strawberry
from graphql import GraphQLError
from strawberry.extensions import ParserCache, ValidationCache

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
    """Refuses what is too much before the costlier validation."""

    def __init__(self) -> None:
        super().__init__(maxsize=MOST_KEPT)

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        assert context.graphql_document is not None
        excess = find_excess(_shapes(context.schema), context.graphql_document, context.variables or {})
        if excess is None:
            yield from super().on_validate()
        else:
            context.pre_execution_errors = [GraphQLError(excess, extensions={"code": "QUERY_TOO_COMPLEX"})]
            yield


@cache
def _shapes(schema: strawberry.Schema) -> Shapes:
    return shapes_of(schema.as_str())
