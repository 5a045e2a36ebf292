"""Values of conditions as engines bind them, whatever the type of the property they are held against."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from domain.insights.errors import InvalidQuery
from domain.insights.filters import (
    PropertyType,
    Value,
)


def storable(text: str) -> str:
    """Raises InvalidQuery for what PostgreSQL's texts cannot be, and so no property is."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidQuery(f"no text is {text!r}") from error
    if "\0" in text:
        raise InvalidQuery(f"no text is {text!r}")
    return text


def typed(value: Value, type: PropertyType) -> float | bool | datetime:
    """Raises InvalidQuery where the value can never be equal to one of the type."""
    if type is PropertyType.NUMBER and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if type is PropertyType.BOOLEAN and isinstance(value, bool):
        return value
    if type is PropertyType.TIME and isinstance(value, datetime):
        return value
    read = _READ[type](value) if isinstance(value, str) else None
    if read is None:
        raise InvalidQuery(f"{value!r} is no {type}")
    return read


def _number_in(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _instant_in(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


_READ: Mapping[PropertyType, Callable[[str], float | bool | datetime | None]] = {
    PropertyType.NUMBER: _number_in,
    PropertyType.BOOLEAN: lambda text: {"true": True, "false": False}.get(text),
    PropertyType.TIME: _instant_in,
}


def written(value: Value) -> str:
    """As the JSON of an event has it, so that 5.0 is the text 5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, datetime) else str(value)
