"""What all areas of the graph share: the request's info, scalars, described enums, spans of time."""

import json
import re
from collections.abc import Mapping, Set
from datetime import UTC, date, datetime
from enum import EnumMeta
from functools import lru_cache
from operator import attrgetter
from typing import NewType, TypeVar, cast

import orjson
import strawberry
from graphql import FieldNode, FragmentSpreadNode, GraphQLError, GraphQLResolveInfo, InlineFragmentNode
from strawberry.types.enum import has_enum_definition
from strawberry.types.scalar import ScalarDefinition

from domain.errors import Invalid
from domain.times import rfc3339
from domain.values import JsonValue, Span
from resolvers.context import Context


class Info(strawberry.Info[Context, None]):
    """What a resolver is told: the request's context, and what is asked of its field."""

    def asks_for(self, names: Set[str]) -> bool:
        """Whether any of these fields is asked of the object that the field answers with, in fragments, too."""
        # The library leaves the type of the context open.
        told = cast(GraphQLResolveInfo[object], self._raw_info)  # pyright: ignore[reportUnknownMemberType]
        waiting = [node.selection_set for node in told.field_nodes]
        while waiting:
            selected = waiting.pop()
            for node in () if selected is None else selected.selections:
                match node:
                    case FieldNode():
                        if node.name.value in names:
                            return True
                    case FragmentSpreadNode():
                        waiting.append(told.fragments[node.name.value].selection_set)
                    case _:
                        assert isinstance(node, InlineFragmentNode)
                        waiting.append(node.selection_set)
        return False


Json = NewType("Json", object)
Long = NewType("Long", int)

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _time(text: object) -> datetime:
    try:
        if isinstance(text, str) and _TIME.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError("DateTime must be an RFC 3339 time with an offset, such as 2026-03-02T09:00:00Z")


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _date(text: object) -> date:
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise GraphQLError("Date must be a calendar day, such as 2026-03-02")


def _json(value: object) -> object:
    try:
        orjson.dumps(value)
    except TypeError:  # integers beyond 64 bits, or lists within lists without end
        raise GraphQLError("this JSON is too deep or holds an integer of more than 64 bits") from None
    return value


def _long(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    raise GraphQLError("Long must be an integer of at most 64 bits")


def encoded(value: JsonValue) -> bytes:
    """JSON as it goes over the wire."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits in a stored payload
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment as RFC 3339 text. Answers are in UTC with milliseconds: `2026-03-02T09:00:00.000Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=rfc3339,
        parse_value=_time,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day of some time zone: `2026-03-02`.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=date.isoformat,
        parse_value=_date,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=_json,
    ),
    Long: strawberry.scalar(
        name="Long",
        description="A 64-bit integer, for counts that may pass the 2^31 of Int. A JSON number.",
        serialize=_long,
        parse_value=_long,
    ),
}

_E = TypeVar("_E", bound=EnumMeta)


def describe(enum: _E, description: str, values: Mapping[str, str], name: str | None = None) -> _E:
    """Makes a domain enum an enum of the graph; `values` holds a sentence for each of its values."""
    marked: object = strawberry.enum(enum, name=name, description=description)
    assert has_enum_definition(marked)
    for value in marked.__strawberry_definition__.values:
        value.description = values[value.value]
    return enum


@lru_cache
def _getter(name: str) -> "attrgetter[object]":
    return attrgetter(name.replace("__", "."))


def read(source: object, name: str) -> object:
    """How a plain field reads its domain object: `label__title` is the `title` of its `label`."""
    return _getter(name)(source)


@strawberry.input(description="A half-open stretch of time; a side left out is open.")
class TimeRangeInput:
    start: datetime | None = strawberry.field(name="from", default=None, description="The first moment inside.")
    end: datetime | None = strawberry.field(name="to", default=None, description="The first moment after it.")


def span(given: TimeRangeInput | None) -> Span:
    """Raises Invalid for a stretch that ends before it begins."""
    if given is None:
        return Span()
    if given.start is not None and given.end is not None and given.start >= given.end:
        raise Invalid("from must lie before to")
    return Span(given.start, given.end)


def plain(text: str | None) -> str | None:
    """Text to compare stored text with. Raises Invalid for NUL, which no stored text holds."""
    if text is not None and "\x00" in text:
        raise Invalid("no NUL characters here")
    return text
