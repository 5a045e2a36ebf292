"""Small values that every area shares: identifiers, JSON, pages, spans of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NewType, TypeAlias, TypeVar
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

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time [start, end); either side may be open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One keyset page: `cursors[i]` is the place of `items[i]`; `has_more` says whether another item follows."""

    items: Sequence[T]
    cursors: Sequence[str]
    has_more: bool
