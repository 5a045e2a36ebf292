"""Expected failures of a change are data of its payload; every other error is one of the answer (`schema.errors`).

The exception handlers of the library are not used: they make a member of a union of a failure, not a list beside the
changed object.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import strawberry

from domain.errors import DomainError, Fault, Invalid

K = TypeVar("K")


@strawberry.interface(description="Something in the input, or about the object it names, that stands against a change.")
class UserError:
    field: list[str] | None = strawberry.field(
        description='The path in `input`, positions in lists as text: `["events", "3", "ts"]`. Null: the whole of it.'
    )
    message: str = strawberry.field(description="What is wrong, for people.")

    @classmethod
    def is_type_of(cls, obj: object, info: object) -> bool:
        return isinstance(obj, Fault)


def read_id(read: Callable[[str], K], id: str, code: StrEnum, *field: str) -> K:
    """What `read` makes of an id in the input, at the path `field`. Raises Invalid with a fault of that code."""
    try:
        return read(id)
    except Invalid as error:
        raise Invalid(str(error), faults=(Fault(code, str(error), field),)) from None


def expected(error: DomainError) -> tuple[Fault, ...]:
    """What `userErrors` says of a failed change. Raises an error without faults again: no input explains it."""
    if not error.faults:
        raise error
    return error.faults
