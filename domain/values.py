"""Small values that every area shares: identifiers, JSON, pages, spans of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Generic, NewType, TypeAlias, TypeVar
from uuid import UUID

OrgId = NewType("OrgId", UUID)
UserId = NewType("UserId", UUID)
KeyId = NewType("KeyId", UUID)
AssessmentId = NewType("AssessmentId", UUID)
SessionId = NewType("SessionId", str)
"""The agent's own session id: mostly a UUID, but any non-empty text is accepted on ingest."""
EventId = NewType("EventId", UUID)
SubSessionId = NewType("SubSessionId", UUID)

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, "JsonValue"]


class Unset(Enum):
    """Stands for an argument that was not given where None means something."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET

T = TypeVar("T")
P = TypeVar("P")
Q = TypeVar("Q")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time [start, end); either side may be open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window(Generic[P]):
    """Which part of a list is wanted: its first `size` items between two places, or its last ones if `backwards`.

    The items at the places are left out. Faces name places by cursors, which resolvers read.
    """

    size: int
    after: P | None = None
    before: P | None = None
    backwards: bool = False

    def placed(self, read: "Callable[[P], Q]") -> "Window[Q]":
        """The same window with its places read."""
        after = None if self.after is None else read(self.after)
        before = None if self.before is None else read(self.before)
        return Window(self.size, after, before, self.backwards)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One keyset page: `cursors[i]` is the place of `items[i]`; items may follow it, and others may precede it."""

    items: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool = False

    @property
    def start_cursor(self) -> str | None:
        return self.cursors[0] if self.cursors else None

    @property
    def end_cursor(self) -> str | None:
        return self.cursors[-1] if self.cursors else None
