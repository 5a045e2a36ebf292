"""The elements of a schema by their coordinates: `Session`, `Session.title`, `Query.node(id:)`, `Intent.PLAN`."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

Definition: TypeAlias = (
    GraphQLNamedType | GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue | GraphQLDirective
)


class Element(NamedTuple):
    coordinate: str
    owner: str | None
    """The coordinate of the type, field or directive that it belongs to; None for a type and a directive."""
    definition: Definition

    @property
    def name(self) -> str:
        """As a document writes it."""
        return self.coordinate.rstrip(":)").replace("(", ".").rpartition(".")[2]

    @property
    def deprecation_reason(self) -> str | None:
        return getattr(self.definition, "deprecation_reason", None)


def elements(schema: GraphQLSchema) -> Iterator[Element]:
    """All of the schema's own, owners before what they own; nothing that every schema has."""
    for name, type in schema.type_map.items():
        if not is_introspection_type(type) and not is_specified_scalar_type(type):
            yield Element(name, None, type)
            yield from _members(type)
    for directive in schema.directives:
        if not is_specified_directive(directive):
            place = f"@{directive.name}"
            yield Element(place, None, directive)
            yield from _arguments(place, directive.args)


def _members(type: GraphQLNamedType) -> Iterator[Element]:
    match type:
        case GraphQLObjectType() | GraphQLInterfaceType():
            for name, field in type.fields.items():
                place = f"{type.name}.{name}"
                yield Element(place, type.name, field)
                yield from _arguments(place, field.args)
        case GraphQLInputObjectType():
            for name, field in type.fields.items():
                yield Element(f"{type.name}.{name}", type.name, field)
        case GraphQLEnumType():
            for name, value in type.values.items():
                yield Element(f"{type.name}.{name}", type.name, value)
        case _:
            pass


def _arguments(owner: str, arguments: Mapping[str, GraphQLArgument]) -> Iterator[Element]:
    for name, argument in arguments.items():
        yield Element(f"{owner}({name}:)", owner, argument)
