"""Reading JSON that nobody promised: what is missing or of another type reads as nothing."""

from domain.values import JsonObject, JsonValue

LARGEST = 2**31 - 1
"""Beyond this a count, a duration or an exit code is nonsense, and no integer column would take it."""

NAME_CHARS = 255
PATH_CHARS = 4096


def text(source: JsonObject, key: str) -> str | None:
    """The non-empty string under `key`."""
    value = source.get(key)
    return value if isinstance(value, str) and value else None


def name(source: JsonObject, key: str) -> str | None:
    """The text under `key` if it is short enough for an id or a name, which are keys of tables and indexes."""
    value = text(source, key)
    return value if value is not None and len(value) <= NAME_CHARS else None


def path(source: JsonObject, key: str) -> str | None:
    """The text under `key` if a file system would take it."""
    value = text(source, key)
    return value if value is not None and len(value) <= PATH_CHARS else None


def whole(source: JsonObject, key: str) -> int | None:
    """The whole number under `key`; 1.0 counts, True does not."""
    value = number(source, key)
    return int(value) if value is not None and value == int(value) else None


def number(source: JsonObject, key: str) -> float | None:
    """The number under `key` if its size is at most LARGEST."""
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -LARGEST <= value <= LARGEST else None


def flag(source: JsonObject, key: str) -> bool:
    return source.get(key) is True


def record(source: JsonObject, key: str) -> JsonObject:
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def records(value: JsonValue) -> list[JsonObject]:
    """The objects in a list; [] for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def strings(value: JsonValue) -> list[str]:
    """The strings in a list; [] for anything else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
