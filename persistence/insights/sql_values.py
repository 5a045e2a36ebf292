"""What rows of SQL hold, as values of JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import cast
from zoneinfo import ZoneInfo

import orjson

from domain.insights.errors import TooCostly

MOST_BYTES = 16_000_000
"""Of one result, about; also what is kept of it and sent."""
_EXACT = 2**53
"""Whole numbers beyond this are told as texts: readers of JSON would round them."""

_TYPES = {
    "int2": "integer", "int4": "integer", "int8": "integer", "float4": "number", "float8": "number",
    "numeric": "number", "bool": "boolean", "timestamptz": "timestamp", "timestamp": "timestamp", "date": "date",
    "time": "time", "interval": "interval", "uuid": "uuid", "json": "json", "jsonb": "json",
}  # fmt: skip


def named_type(of: str) -> str:
    """The simple name of a type of PostgreSQL's: text, integer, number, boolean, timestamp, date, interval, uuid, json
    or list."""
    return "list" if of.endswith("[]") else _TYPES.get(of, "text")


@dataclass(slots=True)
class JsonRows:
    """Times are told in `zone`."""

    zone: str
    kept: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    bytes: int = 0

    def add(self, types: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
        """Raises TooCostly when all of them become too large."""
        zone = ZoneInfo(self.zone)
        for row in rows:
            values = tuple(_json(value, type, zone) for type, value in zip(types, row.values(), strict=True))
            self.bytes += sum(_size(value) for value in values)
            if self.bytes > MOST_BYTES:
                raise TooCostly(
                    f"the result is larger than {MOST_BYTES // 1_000_000} MB: ask for fewer rows or columns"
                )
            self.kept.append(values)


def _size(value: object) -> int:
    match value:
        case str():
            return len(value) + 2
        case list() | dict():
            return len(orjson.dumps(value))
        case _:
            return 8


def _json(value: object, type: str, zone: ZoneInfo) -> object:
    if type == "json" and isinstance(value, str):
        return _plain(orjson.loads(value), zone)
    return _plain(value, zone)


def _plain(value: object, zone: ZoneInfo) -> object:
    match value:
        case bool() | None | str():
            return value
        case int():
            return value if abs(value) <= _EXACT else str(value)
        case float():
            return value if isfinite(value) else None
        case Decimal():
            return _number(value)
        case list():
            return [_plain(item, zone) for item in cast("list[object]", value)]
        case dict():
            return {str(key): _plain(item, zone) for key, item in cast("dict[object, object]", value).items()}
        case timedelta():
            return value.total_seconds()
        case datetime():
            return (value.astimezone(zone) if value.tzinfo else value).isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _number(value: Decimal) -> object:
    if not value.is_finite():
        return None
    if value == value.to_integral_value():
        return int(value) if abs(value) <= _EXACT else str(value)
    return float(value)
