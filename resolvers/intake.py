"""Where batches wait to be stored: what arrives at the same time for the same caller goes into one transaction.

A commit is a write to the disk that somebody has to wait for; many small batches share it. The next group is taken as
soon as the one before is committed, so nobody waits for company.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field

from domain.errors import Unavailable
from domain.ingest.batch import Batch
from persistence.ingest import Saved

MOST_EVENTS, MOST_BYTES = 50_000, 64 * 2**20
"""So much may wait in a process, by the raw lines behind it; what comes beyond that is told to come again."""
_GROUP_EVENTS = 1_000
_LARGE_EVENTS = 100
"""A batch that is worth a transaction of its own, beside those of its caller that are under way."""

Store = Callable[[Sequence[Batch]], Awaitable[Sequence[Saved]]]
"""Stores batches of one caller, all or none, and returns once that is committed."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    batch: Batch
    store: Store
    saved: asyncio.Future[Saved]


@dataclass(slots=True)
class Intake:
    """That of one process."""

    most_events: int = MOST_EVENTS
    most_bytes: int = MOST_BYTES
    _events: int = 0
    _bytes: int = 0
    _lanes: dict[Hashable, deque[_Waiting]] = field(default_factory=dict[Hashable, deque[_Waiting]])
    """Of each caller, while something of theirs is under way."""
    _working: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def save(self, whose: Hashable, batch: Batch, store: Store) -> Saved:
        """What `store` says of the batch, once it is committed; others of the same caller may be stored with it.

        Raises Unavailable when too much waits already. Whoever stops waiting for the answer takes nothing from others.
        """
        events, size = len(batch.events), sum(len(line.body) for line in batch.raw)
        if (self._events or self._bytes) and (
            self._events + events > self.most_events or self._bytes + size > self.most_bytes
        ):
            raise Unavailable("too much is waiting to be stored: try again in a moment")
        self._events += events
        self._bytes += size
        try:
            if events >= _LARGE_EVENTS:
                [saved] = await store([batch])
                return saved
            return await self._with_others(whose, batch, store)
        finally:
            self._events -= events
            self._bytes -= size

    async def _with_others(self, whose: Hashable, batch: Batch, store: Store) -> Saved:
        waiting = _Waiting(batch, store, asyncio.get_running_loop().create_future())
        if (lane := self._lanes.get(whose)) is not None:
            lane.append(waiting)
        else:
            self._lanes[whose] = deque([waiting])
            task = asyncio.create_task(self._work(whose), name="intake")
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return await waiting.saved

    async def _work(self, whose: Hashable) -> None:
        lane = self._lanes[whose]
        try:
            while group := _next(lane):
                await _save(group)
        finally:
            del self._lanes[whose]
            for left in lane:  # the process ends
                _refuse(left, Unavailable("the server stops: try again in a moment"))

    async def drain(self) -> None:
        """Returns once everything that waits is stored, or refused."""
        while self._working:
            await asyncio.wait(self._working)


def _next(lane: deque[_Waiting]) -> list[_Waiting]:
    """The first ones that somebody still waits for, as many as fit into a transaction."""
    group: list[_Waiting] = []
    events = 0
    while lane and (not group or events + len(lane[0].batch.events) <= _GROUP_EVENTS):
        one = lane.popleft()
        if not one.saved.done():
            group.append(one)
            events += len(one.batch.events)
    return group


async def _save(group: Sequence[_Waiting]) -> None:
    """Together; where that fails each by itself, so that a bad one fails alone."""
    try:
        saved = await group[0].store([one.batch for one in group])
    except Unavailable as error:  # to each of them, too
        for one in group:
            _refuse(one, error)
    except Exception as error:
        if len(group) == 1:
            _refuse(group[0], error)
            return
        for one in group:
            await _save([one])
    except BaseException:
        for one in group:
            _refuse(one, Unavailable("the server stops: try again in a moment"))
        raise
    else:
        for one, what in zip(group, saved, strict=True):
            if not one.saved.done():
                one.saved.set_result(what)


def _refuse(one: _Waiting, error: Exception) -> None:
    if not one.saved.done():
        one.saved.set_exception(error)
