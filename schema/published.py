"""The schema as clients see it: what the library builds, without its rough edges."""

from collections.abc import Callable, Iterable

import strawberry
from graphql import GraphQLArgument, GraphQLError, GraphQLInputField, GraphQLSchema, Undefined
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from schema.elements import elements
from schema.since import known_versions, say_versions, version_under_way


class Schema(strawberry.Schema):
    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        extensions: Iterable[type[SchemaExtension] | Callable[[], SchemaExtension]] = (),
        config: StrawberryConfig | None = None,
    ) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - the library says too little of what is not given
            query, mutation, subscription, extensions=extensions, config=config
        )
        leave_out_null_defaults(self._schema)
        say_versions(self._schema, known_versions(), version_under_way())

    @property
    def graphql_schema(self) -> GraphQLSchema:
        """What graphql-core validates and executes against."""
        return self._schema

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: what is worth a line in the log is logged where errors are shown (`schema.errors`)."""


def leave_out_null_defaults(schema: GraphQLSchema) -> None:
    """A Python default of None is no default of GraphQL: what is left out arrives as None all the same.

    `= null` would only tell clients that leaving out and null are different things, where they are not.
    """
    for element in elements(schema):
        match element.definition:
            case GraphQLArgument(default_value=None) | GraphQLInputField(default_value=None):
                element.definition.default_value = Undefined
            case _:
                pass
