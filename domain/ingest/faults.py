"""What is wrong with a posted event, for programs: codes and places instead of sentences."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from domain.errors import Fault
from domain.ingest.envelope import OUT_OF_RANGE, Source, WireUuid
from domain.values import JsonValue


class IngestErrorCode(StrEnum):
    """Why an event, or a whole batch, is not stored."""

    NO_EVENTS = "no_events"
    TOO_MANY_EVENTS = "too_many_events"
    SESSION_FORBIDDEN = "session_forbidden"
    MISSING = "missing"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    OUT_OF_RANGE = "out_of_range"
    NOT_ALLOWED = "not_allowed"
    INVALID = "invalid"


_CODES: Mapping[str, IngestErrorCode] = {
    "missing": IngestErrorCode.MISSING,
    "string_too_short": IngestErrorCode.TOO_SHORT,
    "string_too_long": IngestErrorCode.TOO_LONG,
    "greater_than_equal": IngestErrorCode.OUT_OF_RANGE,
    "less_than_equal": IngestErrorCode.OUT_OF_RANGE,
    "finite_number": IngestErrorCode.OUT_OF_RANGE,
    OUT_OF_RANGE: IngestErrorCode.OUT_OF_RANGE,
    "literal_error": IngestErrorCode.NOT_ALLOWED,
}
"""By pydantic's types of errors; every other one means something of another form."""

_UUID: TypeAdapter[UUID] = TypeAdapter(WireUuid)


def faults(error: ValidationError, event: tuple[str, ...]) -> Iterator[Fault]:
    """All that is wrong with the event at the path `event` of the input."""
    for detail in error.errors(include_url=False):
        place = detail["loc"]
        if place[:1] != ("source",) or place[1:2] == (Source.__name__,):  # of both forms of a source only the object
            yield _fault(detail, event)


def _fault(detail: ErrorDetails, event: tuple[str, ...]) -> Fault:
    inner: ErrorDetails = detail.get("ctx", {}).get("inner", detail)
    place = (*detail["loc"], *(("data", *inner["loc"]) if inner is not detail else ()))
    code = _CODES.get(inner["type"], IngestErrorCode.INVALID)
    message = "none of the values that may be sent" if code is IngestErrorCode.NOT_ALLOWED else inner["msg"]
    return Fault(code, message, (*event, *(str(part) for part in place if part != Source.__name__)))


def readable_id(item: JsonValue) -> UUID | None:
    """The id of what was posted, good or not; None where it is none."""
    try:
        return _UUID.validate_python(item.get("id")) if isinstance(item, dict) else None
    except ValidationError:
        return None
