"""What is worked out once for a document, and kept as long as the document itself."""

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import finalize

from graphql import DocumentNode

T = TypeVar("T")


class PerDocument(Generic[T]):
    """Calls `make` for each document once. Documents are told apart as objects: to compare them would walk them."""

    def __init__(self, make: Callable[[DocumentNode], T]) -> None:
        self._make = make
        self._made: dict[int, T] = {}

    def __call__(self, document: DocumentNode) -> T:
        key = id(document)
        if key not in self._made:
            self._made[key] = self._make(document)
            finalize(document, self._made.pop, key).atexit = False
        return self._made[key]
