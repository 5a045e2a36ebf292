"""What costs depend on in the schema: which type a field has, and how many objects it answers with."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import TypeAlias, cast

from graphql import (
    EnumTypeDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    IntValueNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse,
    print_introspection_schema,
    specified_scalar_types,
)

from schema.series import most_points

SIZES = ("first", "last", "ids", "input", "period", "within")
"""The arguments that say how many objects are wanted."""

_PAGES: Mapping[str, int] = {"EventConnection": 100, "PromptConnection": 100}
_PAGE = 20
"""Length of a page where neither the client nor the schema says, of those connections and of all others."""
_MOST_PAGED = 2_000
"""No resolver takes a longer page."""
_LIST = 5
"""Guessed length of a list that nothing is known about."""
_COUNTED = ("Connection", "Payload", "Trends")
"""How types end whose lists are as long as was said where the object itself was asked for."""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """`counted`: a list of an object that was asked for with a length. `page`: the length of its page unless said, None
    where there are no pages. `period`: the calendar unit of a series unless said. `length`: how many objects where
    nobody says."""

    type: str
    is_list: bool = False
    counted: bool = False
    page: int | None = None
    period: str | None = None
    length: float = _LIST

    def told(self, arguments: Mapping[str, object]) -> int | None:
        """How many objects the arguments ask for (`SIZES` by name); None if they do not say."""
        if self.page is not None:
            said = [_bounded(arguments[name]) for name in ("first", "last") if arguments.get(name) is not None]
            return max(said, default=self.page)
        if self.period is not None:
            said = arguments.get("period")
            return most_points(self.period if said is None else said, arguments.get("within"))
        ids, given = arguments.get("ids"), arguments.get("input")
        if ids is not None:
            return _length(ids) or 1  # a single id stands for a list of one
        if isinstance(given, Mapping):
            return max(map(_length, cast(Mapping[str, object], given).values()), default=0) or None
        return None


def _bounded(size: object) -> int:
    """What is no integer counts as the most: it may yet be taken for one, or is refused later."""
    if isinstance(size, bool) or not isinstance(size, int):
        return _MOST_PAGED
    return min(max(size, 1), _MOST_PAGED)


def _length(value: object) -> int:
    return len(value) if isinstance(value, Sized) and not isinstance(value, str | Mapping) else 0


Shapes = Mapping[str, Mapping[str, FieldShape]]
"""By type and field."""

_Fielded: TypeAlias = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
_FIELDED = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)


def shapes_of(sdl: str) -> Shapes:
    """Of every type with fields, those of introspection too. Raises GraphQLSyntaxError for text that is no schema."""
    own, meta = _types(sdl), _types(print_introspection_schema(GraphQLSchema()))
    shapes = {node.name.value: _fields(node, {}) for node in own if isinstance(node, _FIELDED)}
    lengths = _introspected([*own, *meta])
    shapes |= {node.name.value: _fields(node, lengths) for node in meta if isinstance(node, _FIELDED)}
    shapes["Query"] |= {"__schema": FieldShape("__Schema"), "__type": FieldShape("__Type")}
    return shapes


def _types(sdl: str) -> list[TypeDefinitionNode]:
    return [node for node in parse(sdl).definitions if isinstance(node, TypeDefinitionNode)]


def _introspected(types: Sequence[TypeDefinitionNode]) -> Mapping[str, float]:
    """How long the lists of introspection are in this schema: of the types exactly, of the others on average."""
    count = len(types) + len(specified_scalar_types)
    fields = [field for node in types if isinstance(node, _FIELDED) for field in node.fields or ()]
    inputs = sum(len(node.fields or ()) for node in types if isinstance(node, InputObjectTypeDefinitionNode))
    values = sum(len(node.values or ()) for node in types if isinstance(node, EnumTypeDefinitionNode))
    parents = sum(len(node.interfaces or ()) for node in types if isinstance(node, _FIELDED))
    members = sum(len(node.types or ()) for node in types if isinstance(node, UnionTypeDefinitionNode))
    return {
        "types": count,
        "fields": len(fields) / count,
        "args": sum(len(field.arguments or ()) for field in fields) / len(fields),
        "inputFields": inputs / count,
        "enumValues": values / count,
        "interfaces": parents / count,
        "possibleTypes": (parents + members) / count,
    }


def _fields(node: _Fielded, lengths: Mapping[str, float]) -> dict[str, FieldShape]:
    counted = node.name.value.endswith(_COUNTED)
    return {field.name.value: _shape(field, counted, lengths) for field in node.fields or ()}


def _shape(field: FieldDefinitionNode, counted: bool, lengths: Mapping[str, float]) -> FieldShape:
    defaults = {argument.name.value: argument.default_value for argument in field.arguments or ()}
    first, period, is_list = defaults.get("first"), defaults.get("period"), _is_list(field.type)
    type = _named(field.type)
    page = int(first.value) if isinstance(first, IntValueNode) else _PAGES.get(type, _PAGE)
    return FieldShape(
        type=type,
        is_list=is_list and not counted,
        counted=is_list and counted,
        page=page if defaults.keys() & {"first", "last"} else None,
        period=period.value if isinstance(period, EnumValueNode) and "within" in defaults else None,
        length=lengths.get(field.name.value, _LIST),
    )


def _is_list(node: TypeNode) -> bool:
    return isinstance(node, ListTypeNode) or (isinstance(node, NonNullTypeNode) and _is_list(node.type))


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    assert isinstance(node, NamedTypeNode)
    return node.name.value
