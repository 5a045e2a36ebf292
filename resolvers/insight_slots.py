"""How many queries of insights one process computes at a time: the others wait their turn, up to a number."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from domain.errors import TooMany
from domain.values import OrgId

_AT_A_TIME = 4
_OF_ONE_ORG = 2
_MOST_WAITING = 50


class InsightSlots:
    """Each query that is computed holds a connection of the pool: organisations take a part of it at most."""

    def __init__(self, most: int = _AT_A_TIME, of_one: int = _OF_ONE_ORG, waiting: int = _MOST_WAITING) -> None:
        """`waiting` is how many of one organisation may wait beside those that are computed."""
        self._all = asyncio.Semaphore(most)
        self._of_one = of_one
        self._waiting = waiting
        self._orgs: dict[OrgId, asyncio.Semaphore] = {}
        self._here: Counter[OrgId] = Counter()

    @asynccontextmanager
    async def take(self, org_id: OrgId) -> AsyncGenerator[None]:
        """Raises TooMany where too many wait already."""
        if self._here[org_id] >= self._of_one + self._waiting:
            raise TooMany("too many queries of this organisation wait to be computed: try again", retry_after_s=5)
        self._here[org_id] += 1
        try:
            async with self._orgs.setdefault(org_id, asyncio.Semaphore(self._of_one)), self._all:
                yield
        finally:
            self._here[org_id] -= 1
            if not self._here[org_id]:
                del self._here[org_id], self._orgs[org_id]
