"""Batched edges of the graph: each loader is one line over a batch query and lives as long as one request."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from aiodataloader import DataLoader

from domain.values import OrgId
from persistence.database import Database, Reading, Tenant

K = TypeVar("K")
V = TypeVar("V")

Batch = Callable[[Reading, OrgId, Sequence[K]], Awaitable[Sequence[V]]]


class Loaders:
    """Made anew for each request inside the running loop; each batch opens a read scope of its own."""

    def __init__(self, database: Database, tenant: Tenant, cache: bool = True) -> None:
        self._database = database
        self._tenant = tenant
        self._cache = cache

    def _loader(self, batch: Batch[K, V], size: int = 500) -> DataLoader[K, V]:
        async def load(keys: list[K]) -> list[V]:
            async with self._database.read(self._tenant) as db:
                return list(await batch(db, self._tenant.org_id, keys))

        return DataLoader(load, max_batch_size=size, cache=self._cache)
