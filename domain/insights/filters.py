"""Which events a plan is about: conditions on their properties, and names of events with them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class PropertySource(StrEnum):
    """What a property is told of: the event, its developer, its session."""

    EVENT = "event"
    PERSON = "person"
    SESSION = "session"


class PropertyType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Property:
    source: PropertySource
    key: str
    type: PropertyType


class Operator(StrEnum):
    """The names are those of the wire. Texts are compared as they are written by `EXACT`, ignoring case by
    `ICONTAINS`; regular expressions are RE2's common subset."""

    EXACT = "exact"
    IS_NOT = "is_not"
    ICONTAINS = "icontains"
    NOT_ICONTAINS = "not_icontains"
    REGEX = "regex"
    NOT_REGEX = "not_regex"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IS_SET = "is_set"
    IS_NOT_SET = "is_not_set"
    IS_DATE_BEFORE = "is_date_before"
    IS_DATE_AFTER = "is_date_after"


Value: TypeAlias = str | float | bool | datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """One of `values` holds for `EXACT`, none for `IS_NOT`; the other operators have one value, or none at all.

    An event without the property fails every condition but the negated ones (`IS_NOT`, `NOT_…`, `IS_NOT_SET`).
    """

    property: Property
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Filter", ...]


Filter: TypeAlias = Condition | AllOf | AnyOf
EVERYTHING = AllOf()


@dataclass(frozen=True, slots=True)
class Matched:
    """Which events are meant: those of a name (None: of any) that pass a filter."""

    event: str | None
    where: Filter = EVERYTHING
