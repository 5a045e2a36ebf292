"""How the fields of queries are declared: computed, only shown, or refused because they would change numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Anything: TypeAlias = object
"""JSON that is kept and not looked into."""

NOT_SUPPORTED = "not_supported"
"""The type of the errors of fields that are known and not computed."""


class Node(BaseModel):
    """Part of a query. Read from JSON only: there a list is a tuple, and a text a member of an enum."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
    )


class SnakeNode(Node):
    """Its fields are written with underscores on the wire too."""

    model_config = ConfigDict(alias_generator=None)


@dataclass(frozen=True, slots=True)
class Shown:
    """Marks a field that only says how a result is drawn, or told of: taken, kept, and without effect on numbers."""

    why: str = ""


SHOWN = Shown()


@dataclass(frozen=True, slots=True)
class Refused:
    """Marks a field that would change numbers in a way that is not computed here; `unless` are values that do not.

    Null never does. Raises an error of type NOT_SUPPORTED, which names the field and says what to use instead.
    """

    unless: Sequence[object] = ()
    instead: str = ""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, value: object) -> object:
        if value is None or any(type(value) is type(harmless) and value == harmless for harmless in self.unless):
            return value
        raise PydanticCustomError(NOT_SUPPORTED, "{instead}", _context(self.instead, value))


@dataclass(frozen=True, slots=True)
class OneOf:
    """Of the values that a field has on the wire only `computed` ones are computed; the others are NOT_SUPPORTED."""

    computed: frozenset[str]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, value: object) -> object:
        if value is None or value in self.computed:
            return value
        use = "Use one of " + ", ".join(sorted(self.computed)) + "."
        raise PydanticCustomError(NOT_SUPPORTED, "{instead}", _context(use, value))


def _context(instead: str, value: object) -> dict[str, object]:
    return {"instead": instead, "value": value} if isinstance(value, str) else {"instead": instead}
