"""What this process may spend of its keys' minutes before it asks the database again."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from domain.values import KeyId
from resolvers.kept import Kept

_MOST_KEPT = 10_000


@dataclass(slots=True, eq=False)
class Lease:
    """Of one key, in the minute that ends at `resets_at`.

    `left` was taken for this process and is not spent; below zero where answers were dearer than told. No more than
    `room` is there for any process to take, as far as this one knows.
    """

    resets_at: datetime
    room: int
    left: int = 0
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever asks the database, so that many requests at once do not each take a share."""

    @property
    def remaining(self) -> int:
        return max(0, self.room + self.left)


class Leases:
    """Those of the keys that asked last; what is left of a forgotten one is lost for its minute."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._leases: Kept[KeyId, Lease] = Kept(most)

    def get(self, key: KeyId, resets_at: datetime) -> Lease | None:
        """That of this minute; None if there is none, or none any more."""
        lease = self._leases.get(key)
        return lease if lease is not None and lease.resets_at == resets_at else None

    def open(self, key: KeyId, resets_at: datetime, limit: int) -> Lease:
        """That of this minute; a new and empty one if there is none."""
        lease = self.get(key, resets_at)
        if lease is None:
            lease = Lease(resets_at, limit)
            self._leases.put(key, lease, weight=1)
        return lease
