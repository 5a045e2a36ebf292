"""Batched edges of the graph: each loader is one line over a batch query and lives as long as one request."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from aiodataloader import DataLoader

import persistence.access
import persistence.judging
import persistence.sessions
import persistence.stretches
import persistence.timeline
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
        self._clear: list[Callable[[], object]] = []
        self.session = self._loader(persistence.sessions.sessions_by_id)
        self.user = self._loader(persistence.access.users_by_id)
        self.sub_session = self._loader(persistence.judging.sub_sessions_by_id)
        self.sub_sessions_by_session = self._loader(persistence.judging.sub_sessions_by_session)
        self.files_by_sub_session = self._loader(persistence.judging.files_by_sub_session)
        self.flags_by_sub_session = self._loader(persistence.judging.flags_by_sub_session)
        self.event = self._loader(persistence.timeline.events_by_id)
        self.events_of_session = self._loader(persistence.stretches.events_of_sessions)
        self.events_of_arc = self._loader(persistence.stretches.events_of_arcs)
        self.event_count_of_arc = self._loader(persistence.stretches.event_counts_of_arcs)

    def forget(self) -> None:
        """What was loaded may have changed: everything is read anew from here on."""
        for clear in self._clear:
            clear()

    def _loader(self, batch: Batch[K, V], size: int = 500) -> DataLoader[K, V]:
        async def load(keys: list[K]) -> list[V]:
            async with self._database.read(self._tenant) as db:
                return list(await batch(db, self._tenant.org_id, keys))

        loader = DataLoader(load, max_batch_size=size, cache=self._cache)
        self._clear.append(loader.clear_all)
        return loader
