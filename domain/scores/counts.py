"""How often each of several kinds was met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True)
class Count(Generic[K]):
    key: K
    count: int


def ranked(counts: Mapping[Name, int]) -> tuple[Count[Name], ...]:
    """The most frequent first, of equal ones by name; what was never met is left out."""
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(name, count) for name, count in order if count)
