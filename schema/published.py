"""The schema as clients see it: what the library builds, without its rough edges."""

import strawberry
from graphql import GraphQLArgument, GraphQLInputField, GraphQLSchema, Undefined
from strawberry.schema.config import StrawberryConfig

from schema.elements import elements
from schema.since import known_versions, say_versions, version_under_way


class Schema(strawberry.Schema):
    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        config: StrawberryConfig | None = None,
    ) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - the library says too little of what is not given
            query, mutation, subscription, config=config
        )
        leave_out_null_defaults(self._schema)
        say_versions(self._schema, known_versions(), version_under_way())

    @property
    def graphql_schema(self) -> GraphQLSchema:
        """What graphql-core validates and executes against."""
        return self._schema


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
