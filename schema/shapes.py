"""What the limits must know of the schema: which type a field has, and how many objects it answers with."""

from collections.abc import Mapping, Sized
from dataclasses import dataclass

from graphql import (
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    IntValueNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    parse,
)

_LIST = 5
"""Guessed length of a list that is not paged."""
_MOST_LISTED = 2_000


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A `paged` field takes `first`; `default` is the size of its page where that is left out."""

    type: str
    is_list: bool
    paged: bool = False
    default: int | None = None

    def items(self, arguments: Mapping[str, object]) -> int:
        """How many objects it may answer with."""
        if self.paged:
            first = arguments.get("first", self.default)
            return min(max(first, 1), _MOST_LISTED) if isinstance(first, int) else _MOST_LISTED
        ids = arguments.get("ids")
        if isinstance(ids, Sized) and not isinstance(ids, str):
            return len(ids)
        return _LIST if self.is_list else 1


Shapes = Mapping[str, Mapping[str, FieldShape]]
"""By type and field."""


def shapes_of(sdl: str) -> Shapes:
    """Of every type that has fields. Raises GraphQLSyntaxError for text that is no schema."""
    types = [d for d in parse(sdl).definitions if isinstance(d, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)]
    return {node.name.value: _fields(node) for node in types}


def _fields(node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) -> dict[str, FieldShape]:
    # What a connection lists was counted where the connection was asked for.
    counted = node.name.value.endswith("Connection")
    return {field.name.value: _shape(field, counted) for field in node.fields or ()}


def _shape(field: FieldDefinitionNode, counted: bool) -> FieldShape:
    defaults = {argument.name.value: argument.default_value for argument in field.arguments or ()}
    first = defaults.get("first")
    return FieldShape(
        type=_named(field.type),
        is_list=not counted and _is_list(field.type),
        paged="first" in defaults,
        default=int(first.value) if isinstance(first, IntValueNode) else None,
    )


def _is_list(node: TypeNode) -> bool:
    return isinstance(node, ListTypeNode) or (isinstance(node, NonNullTypeNode) and _is_list(node.type))


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    assert isinstance(node, NamedTypeNode)
    return node.name.value
