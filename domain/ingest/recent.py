"""Memory that cannot grow: the newest things, up to a total weight."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Keeps what was used last; the oldest leave once the weights add up to more than `capacity`."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        held = self._items.get(key)
        if held is None:
            return None
        self._items.move_to_end(key)
        return held[0]

    def has(self, key: K) -> bool:
        return key in self._items

    def put(self, key: K, value: V, weight: int = 1) -> list[V]:
        """Takes the place of what stood under `key`. Returns what had to leave, perhaps `value` itself."""
        self.pop(key)
        self._items[key] = (value, weight)
        self._weight += weight
        leaving: list[V] = []
        while self._weight > self._capacity:
            _, (old, freed) = self._items.popitem(last=False)
            self._weight -= freed
            leaving.append(old)
        return leaving

    def pop(self, key: K) -> V | None:
        held = self._items.pop(key, None)
        if held is None:
            return None
        self._weight -= held[1]
        return held[0]

    def drain(self) -> list[V]:
        """Everything, oldest first; nothing stays."""
        values = [value for value, _ in self._items.values()]
        self._items.clear()
        self._weight = 0
        return values
