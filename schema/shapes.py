"""What costs depend on in the schema: which type a field has, and how many objects it answers with."""

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import cast

from graphql import (
    EnumValueNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    IntValueNode,
    is_introspection_type,
    specified_scalar_types,
)
from graphql.utilities.get_default_value_ast import get_default_value_ast

from schema.series import most_points

SIZES = ("first", "last", "ids", "input", "period", "within")
"""The arguments that say how many objects are wanted."""

_PAGES: Mapping[str, int] = {"EventConnection": 100, "PromptConnection": 100, "SessionHighlight": 3}
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

_FIELDED = (GraphQLObjectType, GraphQLInterfaceType)


def shapes_of(schema: GraphQLSchema) -> Shapes:
    """Of every type with fields, those of introspection too."""
    lengths = _introspected(schema)
    shapes = {
        type.name: _fields(type, lengths if is_introspection_type(type) else {})
        for type in schema.type_map.values()
        if isinstance(type, _FIELDED)
    }
    shapes["Query"] |= {"__schema": FieldShape("__Schema"), "__type": FieldShape("__Type")}
    return shapes


def _introspected(schema: GraphQLSchema) -> Mapping[str, float]:
    """How long the lists of introspection are in this schema: of the types exactly, of the others on average."""
    types: list[GraphQLNamedType] = list({**schema.type_map, **specified_scalar_types}.values())
    fielded = [type for type in types if isinstance(type, _FIELDED)]
    fields = [field for type in fielded for field in type.fields.values()]
    inputs = sum(len(type.fields) for type in types if isinstance(type, GraphQLInputObjectType))
    values = sum(len(type.values) for type in types if isinstance(type, GraphQLEnumType))
    parents = sum(len(type.interfaces) for type in fielded)
    members = sum(len(type.types) for type in types if isinstance(type, GraphQLUnionType))
    written = [f"{field.type}" for field in fields]  # pyright: ignore[reportUnknownMemberType] - as in `_shape`
    wrappers = sum(type.count("!") + type.count("[") for type in written)
    return {
        "types": len(types),
        "fields": len(fields) / len(types),
        "args": sum(len(field.args) for field in fields) / len(fields),
        "inputFields": inputs / len(types),
        "enumValues": values / len(types),
        "interfaces": parents / len(types),
        "possibleTypes": (parents + members) / len(types),
        "ofType": wrappers / (len(written) + wrappers),
    }


def _fields(type: GraphQLObjectType | GraphQLInterfaceType, lengths: Mapping[str, float]) -> dict[str, FieldShape]:
    counted = type.name.endswith(_COUNTED)
    return {name: _shape(name, field, counted, lengths) for name, field in type.fields.items()}


def _shape(name: str, field: GraphQLField, counted: bool, lengths: Mapping[str, float]) -> FieldShape:
    defaults = {name: get_default_value_ast(argument) for name, argument in field.args.items()}
    first, period = defaults.get("first"), defaults.get("period")
    # As in the language, `[Session!]!`: the library's own types leave open what its lists are of.
    written = f"{field.type}"  # pyright: ignore[reportUnknownMemberType]
    type, is_list = written.strip("[]!"), written.startswith("[")
    page = int(first.value) if isinstance(first, IntValueNode) else _PAGES.get(type, _PAGE)
    return FieldShape(
        type=type,
        is_list=(is_list and not counted) or name in lengths,
        counted=is_list and counted,
        page=page if defaults.keys() & {"first", "last"} else None,
        period=period.value if isinstance(period, EnumValueNode) and "within" in defaults else None,
        length=lengths.get(name, _LIST),
    )
