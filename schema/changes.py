"""What clients may rely on: what a release promised stays as it is, unless its end was announced in time.

An end is announced in a deprecation: "… Use `Query.sessions`. Removed after 2027-03-31." names what does the same, by
its coordinate, and the last day on which the old one is served.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)
from graphql.utilities import (
    BreakingChangeType,
    DangerousChangeType,
    SchemaChange,
    find_schema_changes,
)

from schema.elements import elements

NOTICE = timedelta(days=90)
"""At least so long lies between the release that announces an end and that end."""

_ANNOUNCED = re.compile(r"Use `([^`]+)`\. Removed after (\d{4}-\d\d-\d\d)\.$")


class Announced(NamedTuple):
    replacement: str
    last_day: date


def announced(reason: str | None) -> Announced | None:
    """What the reason of a deprecation announces; None if it does not say it as it should."""
    found = _ANNOUNCED.search(reason or "")
    try:
        return Announced(found[1], date.fromisoformat(found[2])) if found else None
    except ValueError:  # such as the 31st of June
        return None


def find_unclear(schema: GraphQLSchema) -> list[str]:
    """Coordinates of what is deprecated without a day, or without a replacement that is there to stay."""
    reasons = {element.coordinate: element.deprecation_reason for element in elements(schema)}
    stay = {coordinate for coordinate, reason in reasons.items() if reason is None}
    ends = {coordinate: announced(reason) for coordinate, reason in reasons.items() if reason is not None}
    return [coordinate for coordinate, end in ends.items() if end is None or end.replacement not in stay]


def find_hasty(promised: str, schema: GraphQLSchema, today: date) -> list[str]:
    """Coordinates of what would end too soon if the schema were released today: before notice, or before the day told.

    `promised` is the SDL of the release before.
    """
    told = _last_days(build_schema(promised, assume_valid=True))
    return [
        coordinate
        for coordinate, last_day in _last_days(schema).items()
        if last_day < told.get(coordinate, today + NOTICE)
    ]


def _last_days(schema: GraphQLSchema) -> dict[str, date]:
    ends = {element.coordinate: announced(element.deprecation_reason) for element in elements(schema)}
    return {coordinate: end.last_day for coordinate, end in ends.items() if end is not None}


def find_breaks(promised: str, schema: GraphQLSchema, today: date) -> list[str]:
    """A sentence for each promise that the schema does not keep.

    `promised` is the SDL of a release. Other defaults break clients, too, as they change what an old document means.
    """
    return [change.description for change in _changes(promised, schema, today) if _breaks(change)]


def find_dangers(promised: str, schema: GraphQLSchema, today: date) -> list[str]:
    """A sentence for each change that careless clients may stumble over, such as another value of an enum."""
    return [
        change.description
        for change in _changes(promised, schema, today)
        if isinstance(change.type, DangerousChangeType) and not _breaks(change)
    ]


def _changes(promised: str, schema: GraphQLSchema, today: date) -> list[SchemaChange]:
    return find_schema_changes(_still_promised(promised, today), schema)


def _breaks(change: SchemaChange) -> bool:
    return isinstance(change.type, BreakingChangeType) or change.type in (
        DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE,
        DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE,
    )


def _still_promised(sdl: str, today: date) -> GraphQLSchema:
    """Without what has come to its announced end, and without the types that only this led to."""
    schema = build_schema(sdl, assume_valid=True)
    for type in schema.type_map.values():
        _drop_ended(type, today)
    implementing = [
        type for type in schema.type_map.values() if isinstance(type, GraphQLObjectType) and type.interfaces
    ]
    return GraphQLSchema(
        schema.query_type, schema.mutation_type, schema.subscription_type, implementing, schema.directives
    )


def _drop_ended(type: GraphQLNamedType, today: date) -> None:
    match type:
        case GraphQLObjectType() | GraphQLInterfaceType():
            _drop(type.fields, today)
            for field in type.fields.values():
                _drop(field.args, today)
        case GraphQLInputObjectType():
            _drop(type.fields, today)
        case GraphQLEnumType():
            _drop(type.values, today)
        case _:
            pass


_Member = TypeVar("_Member", GraphQLField, GraphQLArgument, GraphQLInputField, GraphQLEnumValue)


def _drop(members: dict[str, _Member], today: date) -> None:
    ended = [name for name, member in members.items() if _has_ended(member.deprecation_reason, today)]
    for name in ended:
        del members[name]


def _has_ended(reason: str | None, today: date) -> bool:
    end = announced(reason)
    return end is not None and end.last_day < today
