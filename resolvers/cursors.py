"""Pages of keyset lists: opaque cursors, which are checked and never trusted, and the windows between two of them."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import orjson

from domain.errors import Invalid
from domain.values import JsonValue, Page, Window

T = TypeVar("T")
P = TypeVar("P")

MOST = 100
"""So many items fit on one page."""


def window(
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    default: int = 20,
) -> Window[str]:
    """What Relay's four arguments ask for, `default` items where neither `first` nor `last` says how many.

    Raises Invalid for both of them, and for a number outside 1-100.
    """
    if first is not None and last is not None:
        raise Invalid("give first or last, not both: first counts from the start, last from the end")
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 1 <= size <= MOST:
            raise Invalid(f"{name} must lie between 1 and {MOST}")
    return Window(first or last or default, after, before, backwards=last is not None)


def page(found: Sequence[T], asked: Window[P], cursor: Callable[[T], str]) -> Page[T]:
    """From what lies in a window, in the order of the list, with one item beyond its size where there are more.

    Whether others lie the other way is not looked up: those at the given place and beyond it do.
    """
    more = len(found) > asked.size
    shown = found[-asked.size :] if asked.backwards else found[: asked.size]
    return Page(
        shown,
        [cursor(item) for item in shown],
        has_next=asked.before is not None if asked.backwards else more,
        has_previous=more if asked.backwards else asked.after is not None,
    )


def encode(of: str, *place: "JsonValue | datetime") -> str:
    """A place in the list `of`."""
    return base64.urlsafe_b64encode(orjson.dumps((of, *place))).decode().rstrip("=")


def decode(cursor: str, of: str, size: int) -> Sequence[JsonValue]:
    """The `size` parts of a place in the list `of`. Raises Invalid for text that `encode` did not make for it."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts: JsonValue = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        raise forged() from None
    if not isinstance(parts, list) or not parts:
        raise forged()
    if parts[0] != of:
        raise Invalid("this cursor is of another list")
    if len(parts) != size + 1:
        raise forged()
    return parts[1:]


def time_and_id(cursor: str, of: str) -> tuple[datetime, UUID]:
    """A place in the list `of`, whose items stand by time and then by id. Raises Invalid."""
    at, id = decode(cursor, of, 2)
    try:
        return moment(at), UUID(str(id))
    except ValueError:
        raise forged() from None


def forged() -> Invalid:
    return Invalid("this cursor was not made by this server")


def moment(part: JsonValue) -> datetime:
    """A time inside a cursor, in UTC. Raises Invalid."""
    try:
        at = datetime.fromisoformat(part) if isinstance(part, str) else None
        if at is not None and at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise forged()
