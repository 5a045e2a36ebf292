"""Opaque places in keyset lists: what a cursor says is checked, never trusted."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from domain.errors import Invalid
from domain.values import JsonValue

MOST = 100
"""So many items fit on one page."""


def encode(*parts: "JsonValue | datetime") -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode(cursor: str, size: int) -> Sequence[JsonValue]:
    """The `size` parts of a cursor. Raises Invalid for text that this server did not make."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts: JsonValue = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        raise Invalid("this cursor was not made by this server") from None
    if not isinstance(parts, list) or len(parts) != size:
        raise Invalid("this cursor was not made by this server")
    return parts


def page_size(first: int | None, default: int = 20) -> int:
    """Raises Invalid outside 1-100."""
    size = default if first is None else first
    if not 1 <= size <= MOST:
        raise Invalid(f"first must lie between 1 and {MOST}")
    return size


def moment(part: JsonValue) -> datetime:
    """A time inside a cursor, in UTC. Raises Invalid."""
    try:
        at = datetime.fromisoformat(str(part))
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid("this cursor was not made by this server")
