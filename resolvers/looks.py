"""Whether a key is still good: many streams of one key ask again and again, the database is asked once for all."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from resolvers.kept import Kept

_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Look:
    found: asyncio.Task[object]
    at: float


class Looks:
    """What came of looking keys up of late, under their digests."""

    def __init__(self) -> None:
        self._looks: Kept[bytes, _Look] = Kept(_MOST_KEPT)

    async def share(self, digest: bytes, age_s: float, look: Callable[[], Coroutine[object, object, object]]) -> None:
        """Looks unless somebody has within `age_s` seconds; ends, or raises, as that look did."""
        now = asyncio.get_running_loop().time()
        last = self._looks.get(digest)
        if last is None or now - last.at > age_s:
            last = _Look(asyncio.create_task(look()), now)
            self._looks.put(digest, last, 1)
        # Shielded: who goes away must not take it from the others.
        await asyncio.shield(last.found)
