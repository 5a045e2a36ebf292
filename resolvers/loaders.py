"""Batched edges of the graph: each loader is one line over a batch query and lives as long as one request."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Generic, NamedTuple, TypeVar, cast
from uuid import UUID

from aiodataloader import DataLoader

import persistence.access
import persistence.assessments
import persistence.cohorts
import persistence.developers
import persistence.insights.alert_changes
import persistence.insights.alerts
import persistence.insights.saved
import persistence.insights.sharing
import persistence.judging
import persistence.link_secrets
import persistence.outlines
import persistence.prompts
import persistence.reports
import persistence.score_days
import persistence.session_parts
import persistence.sessions
import persistence.stretches
import persistence.summaries
import persistence.timeline
from domain.values import OrgId
from persistence.database import Database, Reading, Tenant

K = TypeVar("K")
V = TypeVar("V")

Batch = Callable[[Reading, OrgId, Sequence[K]], Awaitable[Sequence[V]]]
Look = Callable[[Database, Tenant, Sequence[K]], Awaitable[Sequence[V]]]


class _Lazy(Generic[K, V]):
    """A loader that is made when it is first asked for: most requests need one or two of them."""

    def __init__(self, batch: Batch[K, V]) -> None:
        self._batch = batch

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, loaders: "Loaders", owner: type) -> DataLoader[K, V]:
        made = loaders.__dict__[self._name] = self._made(loaders)
        return made

    def _made(self, loaders: "Loaders") -> DataLoader[K, V]:
        return loaders.make(self._batch)


class _Alone(_Lazy[K, V]):
    """As that, of what needs no scope and is read sooner without one."""

    def __init__(self, look: Look[K, V]) -> None:
        self._look = look

    def _made(self, loaders: "Loaders") -> DataLoader[K, V]:
        return loaders.make_alone(self._look)


class Loaders:
    """Made anew for each request inside the running loop.

    Batches that come up together, such as those of sibling fields, share one read scope and run one after the other:
    a scope costs three round trips, and a request that held a connection for each field would starve the others.
    """

    session = _Lazy(persistence.sessions.sessions_by_id)
    org = _Lazy(persistence.access.orgs_by_id)
    user = _Lazy(persistence.access.users_by_id)
    activity_of_developer = _Lazy(persistence.developers.activities)
    author = _Alone(persistence.access.authors_by_id)
    sub_session = _Lazy(persistence.judging.sub_sessions_by_id)
    sub_sessions_by_session = _Lazy(persistence.judging.sub_sessions_by_session)
    reworked_by_sub_session = _Lazy(persistence.judging.reworked_by_sub_session)
    files_by_sub_session = _Lazy(persistence.judging.files_by_sub_session)
    flags_by_sub_session = _Lazy(persistence.judging.flags_by_sub_session)
    flag = _Lazy(persistence.judging.flags_by_id)
    tallies = _Alone(persistence.score_days.tallies_of)
    totals = _Alone(persistence.score_days.totals_of)
    event = _Lazy(persistence.timeline.events_by_id)
    judged_prompt = _Lazy(persistence.prompts.prompts_judged)
    assessment = _Lazy(persistence.assessments.assessments_by_id)
    cohort_sums = _Lazy(persistence.cohorts.cohort_sums)
    files_of_session = _Lazy(persistence.session_parts.files_by_session)
    tools_of_session = _Lazy(persistence.session_parts.tools_by_session)
    models_of_session = _Lazy(persistence.session_parts.models_by_session)
    agents_of_session = _Lazy(persistence.session_parts.agents_by_session)
    report = _Lazy(persistence.reports.by_id)
    report_body = _Lazy(persistence.reports.bodies)
    insight = _Lazy(persistence.insights.saved.insights_by_id)
    thresholds_of_insight = _Lazy(persistence.insights.alerts.thresholds_by_insight)
    sharing_of_insight = _Lazy(persistence.insights.sharing.sharing_by_insight)
    alerts_of_insight = _Lazy(persistence.insights.alerts.alerts_by_insight)
    alerts_of_threshold = _Lazy(persistence.insights.alerts.alerts_by_threshold)
    checks_of_alert = _Lazy(persistence.insights.alert_changes.histories)
    alert = _Lazy(persistence.insights.alerts.alerts_by_id)
    threshold = _Lazy(persistence.insights.alerts.thresholds_by_id)
    link_secret = _Alone(persistence.link_secrets.secrets_of)
    turns_of_session = _Lazy(persistence.session_parts.turns_by_session)
    summary_of_session = _Lazy(persistence.summaries.summaries_by_session)
    prompt_texts_of_session = _Lazy(persistence.timeline.prompt_texts_of_sessions)
    events_of_session = _Lazy(persistence.stretches.events_of_sessions)
    outline_of_session = _Lazy(persistence.outlines.outlines)
    events_of_arc = _Lazy(persistence.stretches.events_of_arcs)
    event_count_of_session = _Lazy(persistence.stretches.event_counts_of_sessions)
    event_count_of_arc = _Lazy(persistence.stretches.event_counts_of_arcs)
    tools_of_arc = _Lazy(persistence.stretches.tools_of_arcs)

    def __init__(self, database: Database, tenant: Tenant, cache: bool = True, revision: UUID | None = None) -> None:
        self._database = database
        self._tenant = tenant
        self._cache = cache
        self.revision = revision
        """Of what the caller's own scores rest on, as it was before anything was loaded; None when unknown."""
        self._clear: list[Callable[[], object]] = []
        self._waiting: list[_Batch] = []
        self._reading: asyncio.Task[None] | None = None
        self._batched: dict[str, object] = {}

    def forget(self) -> None:
        """What was loaded may have changed: everything is read anew from here on."""
        self.revision = None
        for clear in self._clear:
            clear()

    def make(self, batch: Batch[K, V], size: int = 500) -> DataLoader[K, V]:
        async def load(keys: list[K]) -> list[V]:
            found: list[V] = []

            async def read(db: Reading) -> None:
                found.extend(await batch(db, self._tenant.org_id, keys))

            await self._read_with_others(read)
            return found

        return self._loader(load, size)

    def make_alone(self, look: Look[K, V], size: int = 500) -> DataLoader[K, V]:
        async def load(keys: list[K]) -> list[V]:
            return [*await look(self._database, self._tenant, keys)]

        return self._loader(load, size)

    def batched(self, name: str, load: Callable[[list[K]], Coroutine[None, None, list[V]]]) -> DataLoader[K, V]:
        """One that is made where it is first asked for, of whatever can be looked up together; it remembers nothing."""
        if name not in self._batched:
            self._batched[name] = DataLoader(load, max_batch_size=100, cache=False)
        return cast("DataLoader[K, V]", self._batched[name])

    def _loader(self, load: Callable[[list[K]], Coroutine[None, None, list[V]]], size: int) -> DataLoader[K, V]:
        loader = DataLoader(load, max_batch_size=size, cache=self._cache)
        self._clear.append(loader.clear_all)
        return loader

    async def _read_with_others(self, read: "Callable[[Reading], Awaitable[None]]") -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Batch(read, done))
        if len(self._waiting) == 1:
            self._reading = asyncio.create_task(self._read_waiting())
        await done

    async def _read_waiting(self) -> None:
        await asyncio.sleep(0)  # siblings come up in the same turn of the loop
        batches, self._waiting = self._waiting, []
        try:
            async with self._database.read(self._tenant) as db:
                for batch in batches:
                    await batch.read(db)
        except Exception as error:
            _end(batches, error)
        else:
            _end(batches, None)


class _Batch(NamedTuple):
    read: Callable[[Reading], Awaitable[None]]
    done: asyncio.Future[None]


def _end(batches: Sequence[_Batch], error: Exception | None) -> None:
    for batch in batches:
        if batch.done.done():  # its request was given up
            continue
        if error is None:
            batch.done.set_result(None)
        else:
            batch.done.set_exception(error)
