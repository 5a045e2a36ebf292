"""From raw bytes to JSON that PostgreSQL can hold, and to excerpts that stay small."""

import json
import re
from enum import StrEnum
from math import isfinite

import orjson

from domain.values import JsonValue

MAX_DEPTH = 128
"""Lists and objects inside each other; real lines stay below 30."""
MAX_LINE_BYTES = 32 * 2**20
MOST_VALUES = 2_000_000
"""Of one JSON text: a value of two bytes takes a hundred once it is parsed. Real ones have one in twenty bytes."""

_BEFORE_VALUES = b",[{"
_OTHER_BYTES = bytes({*range(256)} - {*_BEFORE_VALUES, *b'"'})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


class Reason(StrEnum):
    """Why a line could not be read."""

    NOT_JSON = "not a JSON text"
    HALF_WRITTEN = "half written: the file ends inside this line"
    NOT_AN_OBJECT = "not a JSON object"
    TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
    TOO_LONG = f"longer than {MAX_LINE_BYTES} bytes"
    TOO_MANY = f"more than {MOST_VALUES} values"
    NO_TIMESTAMP = "no timestamp here or on any line before"


class Unreadable(Exception):
    """Costs the line, never the file."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(raw: bytes) -> JsonValue:
    """The JSON of one line, fit for PostgreSQL. Raises Unreadable.

    NUL, lone surrogates and bytes that are no UTF-8 become U+FFFD. A whole number of more than 64 bits becomes a
    float, NaN and what overflows a float become null.
    """
    if len(raw) > MAX_LINE_BYTES:
        raise Unreadable(Reason.TOO_LONG)
    _check_number(raw)
    try:
        value: JsonValue = orjson.loads(raw)
        suspicious = b"\\u0000" in raw
    except orjson.JSONDecodeError:
        value, suspicious = _parse_anyhow(raw), True
    return _fit(value, suspicious)


def parse_strictly(raw: bytes, levels: int = MAX_DEPTH) -> JsonValue:
    """As `parse` for who can be told: text that is no UTF-8 or holds a lone surrogate, NaN and what overflows a float
    are refused. Raises Unreadable.
    """
    _check_number(raw)
    try:
        return _fit(orjson.loads(raw), b"\\u0000" in raw, levels)
    except orjson.JSONDecodeError:
        raise Unreadable(Reason.NOT_JSON) from None


def _check_number(raw: bytes) -> None:
    if len(raw) > MOST_VALUES and _values(raw) > MOST_VALUES:
        raise Unreadable(Reason.TOO_MANY)


def _values(raw: bytes) -> int:
    """How many values there are at most, without making one: what stands before them, outside of strings."""
    bare = raw.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _OTHER_BYTES)
    return sum(map(len, bare.split(b'"')[::2]))


def _fit(value: JsonValue, suspicious: bool, levels: int = MAX_DEPTH) -> JsonValue:
    if _deeper_than(value, levels):
        raise Unreadable(Reason.TOO_DEEP)
    return storable(value) if suspicious else value


def _parse_anyhow(raw: bytes) -> JsonValue:
    """For lone surrogates, broken UTF-8, NaN and huge numbers, which the fast parser refuses."""
    text = raw.decode("utf-8-sig", "replace")
    try:
        return json.loads(text, strict=False, parse_int=_whole, parse_float=_real, parse_constant=_null)
    except RecursionError:
        raise Unreadable(Reason.TOO_DEEP) from None
    except ValueError:
        raise Unreadable(Reason.NOT_JSON) from None


def _whole(digits: str) -> JsonValue:
    return int(digits) if len(digits) < 19 else _real(digits)


def _real(digits: str) -> JsonValue:
    value = float(digits)
    return value if isfinite(value) else None


def _null(_name: str) -> JsonValue:
    return None


def _deeper_than(value: JsonValue, levels: int) -> bool:
    if isinstance(value, dict):
        return levels == 0 or any(_deeper_than(v, levels - 1) for v in value.values() if isinstance(v, dict | list))
    if isinstance(value, list):
        return levels == 0 or any(_deeper_than(v, levels - 1) for v in value if isinstance(v, dict | list))
    return False


def storable(value: JsonValue) -> JsonValue:
    """`value` with U+FFFD for every NUL and lone surrogate, in keys too, and a float for a whole number of more than
    64 bits; recurses as deep as the value is."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(_REPLACEMENT, value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return _real(str(value)) if abs(value) < 10**400 else None
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {_UNSTORABLE.sub(_REPLACEMENT, key): storable(item) for key, item in value.items()}
    return value


def written(value: JsonValue) -> tuple[JsonValue, bytes]:
    """As `storable`, with its JSON text, which mostly shows that nothing has to be changed."""
    try:
        text = orjson.dumps(value)
        if b"\\u0000" not in text:
            return value, text
    except orjson.JSONEncodeError:  # a lone surrogate, or a whole number of more than 64 bits
        pass
    value = storable(value)
    return value, orjson.dumps(value)


def excerpt(text: str, limit: int) -> str:
    """`text`, or its head and tail with the number of characters left out between them."""
    if len(text) <= limit:
        return text
    head = limit // 2
    tail = limit - head
    return f"{text[:head]}\n[{len(text) - limit} characters left out]\n{text[-tail:]}"


def bounded(value: JsonValue, limit: int) -> JsonValue:
    """`value` if it takes at most `limit` characters; else a copy of about that size.

    Long strings become excerpts; once `limit` is used up, further members of lists and objects are left out.
    """
    return value if _size(value, limit) <= limit else _shrink(value, limit)[0]


def _size(value: JsonValue, limit: int) -> int:
    """Characters of strings and keys plus one for each value; stops counting beyond `limit`."""
    if isinstance(value, str):
        return 1 + len(value)
    size = 1
    if isinstance(value, dict):
        for key, item in value.items():
            size += len(key) + _size(item, limit)
            if size > limit:
                break
    elif isinstance(value, list):
        for item in value:
            size += _size(item, limit)
            if size > limit:
                break
    return size


def _shrink(value: JsonValue, limit: int) -> tuple[JsonValue, int]:
    """A smaller `value` and what is left of `limit`."""
    if isinstance(value, str):
        short = excerpt(value, max(limit // 4, 64))
        return short, limit - len(short) - 1
    if isinstance(value, list):
        items: list[JsonValue] = []
        for item in value:
            if limit <= 0:
                break
            small, limit = _shrink(item, limit)
            items.append(small)
        return items, limit - 1
    if isinstance(value, dict):
        members: dict[str, JsonValue] = {}
        for key, item in value.items():
            if limit <= 0:
                break
            members[excerpt(key, 200)], limit = _shrink(item, limit - len(key))
        return members, limit - 1
    return value, limit - 1
