"""Results of queries: kept ones, computed ones, and runs that can be asked after and cancelled.

Of equal queries one is computed at a time, in all processes; who asks meanwhile waits for that one, woken by the bus
and looking once a second besides.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import persistence.insights.cache
import persistence.insights.runs
import persistence.jobs
from domain.access import Scope
from domain.errors import Fault, Invalid, NotFound
from domain.insights.errors import InsightFault, TooCostly
from domain.insights.freshness import freshness
from domain.insights.query_models import Query
from domain.insights.results import RESULT, Result
from domain.insights.runs import CANCELLED, WENT_WRONG, Age, Refresh, RunId, RunState, RunStatus, Way, way
from domain.jobs import LeaseLost
from persistence.bus import JOBS, Wakes, insight_channel
from persistence.database import Reading, Tenant, Writing
from persistence.insights.cache import Kept, key_of
from persistence.insights.runs import Going, Lead, Name, Named, Wanted
from resolvers import cursors
from resolvers.aside import aside
from resolvers.context import Context, Services
from resolvers.insight_computing import compute as compute
from resolvers.insight_computing import document, read_again
from resolvers.insight_leading import Withdrawn, Work, announce, compute_run

MOST_S = 120.0
"""So long a request waits for a result."""
LONGEST_NAME = 200

_LOOK_S, _FOLLOW_S = 1.0, 5.0
_LIST = "insight results"
_TOO_LONG = "It takes longer than two minutes. Ask in the background (refresh async), or for a shorter range."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request comes to. `result` is None where there is none yet; then `status` may say that one is coming.

    `cache_target_age` is until when the result is fresh. `cursor` names this result to `follow`.
    """

    result: Result | None
    is_cached: bool
    last_refresh: datetime | None
    cache_target_age: datetime | None
    next_allowed_client_refresh: datetime | None
    status: RunStatus | None
    cursor: str | None = None


NOTHING = Outcome(None, False, None, None, None, None)


@dataclass(frozen=True, slots=True)
class _Asked:
    query: Query
    zone: ZoneInfo
    wanted: Wanted
    name: Name | None = None

    @property
    def org(self) -> Tenant:
        return Tenant(self.wanted.tenant.org_id)

    def age(self, kept: Kept | None, now: datetime) -> Age:
        return Age.MISSING if kept is None else freshness(self.query, kept.computed_at, self.zone).age(now)

    async def outcome(self, services: Services, kept: Kept | None, is_cached: bool) -> Outcome:
        if kept is None:
            return NOTHING
        fresh = freshness(self.query, kept.computed_at, self.zone)
        return Outcome(
            result=await _read(services, kept),
            is_cached=is_cached,
            last_refresh=kept.computed_at,
            cache_target_age=fresh.fresh_until,
            next_allowed_client_refresh=fresh.next_client_refresh,
            status=None,
            cursor=cursors.encode(_LIST, str(kept.run_id)),
        )


async def _read(services: Services, kept: Kept) -> Result:
    """A result never changes under the run that computed it, so what was read once need not be read again."""
    known = services.insight_results.get(kept.run_id)
    if known is None:
        size = len(kept.payload)
        known = await aside(size, lambda: RESULT.validate_json(kept.payload))
        services.insight_results.put(kept.run_id, known, _WEIGHT * size)
    return known


_WEIGHT = 8
"""So many times the bytes of its JSON a result takes in memory."""


def _asked(ctx: Context, query: Query) -> _Asked:
    tenant = Tenant(ctx.caller.org_id, ctx.caller.insights_of)
    told, zone = document(query), ctx.caller.time_zone
    return _Asked(query, ZoneInfo(zone), Wanted(tenant, key_of(tenant, zone, told), zone, told))


async def run(
    ctx: Context, query: Query, refresh: Refresh, client_query_id: str | None = None, insight_id: int | None = None
) -> Outcome:
    """Answers a query in one of the seven modes, over the events that the caller's insights count.

    Needs `query:read` or `insight:read`, which the caller of this has checked. Raises InvalidQuery (also for a run
    that was cancelled), TooCostly, TooMany, and Invalid for an id that is too long.
    """
    asked, user_id = _asked(ctx, query), ctx.caller.user_id
    name = _name(client_query_id)
    kept = await _kept(ctx, asked)
    chosen = way(refresh, asked.age(kept, ctx.now()))
    if chosen is Way.ANSWER:
        return await asked.outcome(ctx.services, kept, is_cached=kept is not None)
    if chosen is Way.COMPUTE:
        named = None if name is None else Name(user_id, name, query_async=False, insight_id=insight_id)
        return await _Waiting(ctx, replace(asked, name=named), kept, refresh is Refresh.FORCE_BLOCKING).answer()
    forced = refresh is Refresh.FORCE_ASYNC
    status = await _in_background(ctx, asked, name, insight_id, forced)
    shown = NOTHING if forced else await asked.outcome(ctx.services, kept, is_cached=kept is not None)
    return replace(shown, status=status)


def _name(text: str | None) -> str | None:
    if text is not None and not _can_be_name(text):
        message = f"client_query_id must have 1 to {LONGEST_NAME} characters that can be printed"
        raise Invalid(message, (), (Fault(InsightFault.INVALID, message, ("client_query_id",)),))
    return text


def _can_be_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


async def _kept(ctx: Context, asked: _Asked) -> Kept | None:
    key = asked.wanted.key
    return (await persistence.insights.cache.find(ctx.services.database, asked.wanted.tenant, [key])).get(key)


async def cached(ctx: Context, queries: Sequence[Query]) -> list[Outcome]:
    """As `run` with FORCE_CACHE, of a page of insights in one statement, in the order of `queries`."""
    if not queries:
        return []
    all_asked = [_asked(ctx, query) for query in queries]
    keys = [asked.wanted.key for asked in all_asked]
    found = await persistence.insights.cache.find(ctx.services.database, all_asked[0].wanted.tenant, keys)
    return [
        await asked.outcome(ctx.services, kept, kept is not None)
        for asked in all_asked
        for kept in (found.get(asked.wanted.key),)
    ]


class _Waiting:
    """One request that is answered once there is a result."""

    def __init__(self, ctx: Context, asked: _Asked, kept: Kept | None, forced: bool) -> None:
        self._ctx = ctx
        self._asked = asked
        self._forced = forced
        self._strict = forced
        self._old = set[RunId]() if kept is None else {kept.run_id}
        """Runs whose results do not count: they are stale, or began before they were asked for."""

    async def answer(self) -> Outcome:
        wanted = self._asked.wanted
        try:
            async with (
                asyncio.timeout(MOST_S),
                self._ctx.services.bus.listen(insight_channel(wanted.tenant.org_id, wanted.key)) as wakes,
            ):
                while (kept := await self._turn(wakes)) is None:
                    pass
        except TimeoutError:
            raise TooCostly(_TOO_LONG) from None
        return await self._asked.outcome(self._ctx.services, kept, is_cached=False)

    async def _turn(self, wakes: Wakes) -> Kept | None:
        """None where it has to be asked again: who computed it stopped, or it was another's old run."""
        found = await self._claim()
        self._strict = False
        if isinstance(found, Lead):
            return await self._compute(found)
        if found is not None:
            await self._until_over(found.id, wakes)
        kept = await _kept(self._ctx, self._asked)
        return None if kept is None or kept.run_id in self._old else kept

    async def _claim(self) -> Lead | Going | None:
        """The run that is ours to compute, or that others do; None where a result came meanwhile."""
        asked, wanted = self._asked, self._asked.wanted
        async with self._ctx.services.database.write(asked.org) as db:
            await persistence.insights.runs.lock(db, asked.org.org_id, wanted.key)
            going, free = await persistence.insights.runs.going(db, wanted)
            if going is None and await self._is_made(db):
                return None
            found = going or await _take_or_add(db, wanted, free)
            if going is not None and going.old and self._forced:
                self._old.add(going.id)
            elif asked.name is not None:
                await persistence.insights.runs.name(db, asked.org.org_id, found.id, asked.name)
        return found

    async def _is_made(self, db: Writing) -> bool:
        org_id = self._asked.org.org_id
        made = await persistence.insights.cache.made_by(db, org_id, self._asked.wanted.key)
        if made is None or made in self._old:
            return False
        return not self._strict or await persistence.insights.runs.began_just_now(db, org_id, made)

    async def _compute(self, lead: Lead) -> Kept | None:
        work = Work(lead, self._asked.query, stoppable=self._asked.name is not None)
        try:
            return await compute_run(self._ctx.services, work)
        except LeaseLost:
            return None
        except Withdrawn:
            raise CANCELLED.error() from None

    async def _until_over(self, id: RunId, wakes: Wakes) -> None:
        """Or until it may be taken over. Raises what it failed with, unless it is not the one that is waited for."""
        while True:
            async with self._ctx.services.database.read(self._asked.org) as db:
                found = await persistence.insights.runs.find(db, self._asked.org.org_id, id)
                await self._check_withdrawn(db, id)
            if found is None or found.lapsed or found.state.over:
                break
            await wakes.wait(_LOOK_S)
        if found is not None and found.state is RunState.FAILED and id not in self._old:
            raise (found.failure or WENT_WRONG).error()

    async def _check_withdrawn(self, db: Reading, id: RunId) -> None:
        name = self._asked.name
        if name is None:
            return
        named = await persistence.insights.runs.find_named(db, self._asked.org.org_id, name.user_id, name.name)
        if named is not None and named.run.id == id and named.status.state is RunState.CANCELLED:
            raise CANCELLED.error()


async def _take_or_add(db: Writing, wanted: Wanted, free: RunId | None) -> Lead:
    taken = None if free is None else await persistence.insights.runs.take(db, wanted, free)
    return taken or await persistence.insights.runs.add(db, wanted, RunState.RUNNING)


async def _in_background(
    ctx: Context, asked: _Asked, name: str | None, insight_id: int | None, forced: bool
) -> RunStatus:
    """Joins a run that is going, unless that is old and a new one is asked for; else has a worker begin one."""
    wanted, org_id, user_id = asked.wanted, asked.org.org_id, ctx.caller.user_id
    async with ctx.services.database.write(asked.org) as db:
        await persistence.insights.runs.lock(db, org_id, wanted.key)
        going, free = await persistence.insights.runs.going(db, wanted)
        if going is not None and not (forced and going.old):
            id = going.id
        else:
            id = free or (await persistence.insights.runs.add(db, wanted, RunState.WAITING)).id
        called = Name(user_id, name or str(id), query_async=True, insight_id=insight_id)
        await persistence.insights.runs.name(db, org_id, id, called)
        await persistence.jobs.enqueue_run(db, wanted.tenant, id)
        named = await persistence.insights.runs.find_named(db, org_id, user_id, called.name)
    ctx.services.bus.announce(JOBS)
    assert named is not None
    return named.status


@dataclass(frozen=True, slots=True)
class Reported:
    """How a run stands, what was asked, and once it is completed what is kept of it: nothing where it is gone again."""

    status: RunStatus
    query: Query
    outcome: Outcome


async def status(ctx: Context, query_id: str) -> Reported:
    """A run that the caller asked for by this id. Needs `query:read`.

    Raises NotFound for one that is unknown, forgotten, or somebody else's.
    """
    ctx.caller.require(Scope.QUERY_READ)
    org, found = Tenant(ctx.caller.org_id), None
    if _can_be_name(query_id):
        async with ctx.services.database.write(org) as db:
            found = await _named(db, ctx, query_id)
    if found is None:
        raise NotFound("no such query, or it is forgotten")
    wanted, query = found.run.wanted, read_again(found.run.wanted.query)
    if found.status.state is not RunState.COMPLETED:
        return Reported(found.status, query, NOTHING)
    asked = _Asked(query, ZoneInfo(wanted.time_zone), wanted)
    return Reported(found.status, query, await asked.outcome(ctx.services, await _kept(ctx, asked), is_cached=True))


async def _named(db: Writing, ctx: Context, name: str) -> Named | None:
    """As it is now: one that nobody computes any more has failed."""
    org_id, user_id = ctx.caller.org_id, ctx.caller.user_id
    found = await persistence.insights.runs.find_named(db, org_id, user_id, name)
    if found is not None and found.run.overdue:
        await persistence.insights.runs.fail_overdue(db, org_id, found.run.id)
        return await persistence.insights.runs.find_named(db, org_id, user_id, name)
    return found


async def cancel(ctx: Context, client_query_id: str) -> None:
    """The caller wants a run of theirs no longer; who else waits for the same result still gets it.

    Needs `insight:write`. An unknown id, or a run that is over, is no error.
    """
    ctx.caller.require(Scope.INSIGHT_WRITE)
    if not _can_be_name(client_query_id):
        return
    org = Tenant(ctx.caller.org_id)
    async with ctx.services.database.write(org) as db:
        key = await persistence.insights.runs.withdraw(db, org.org_id, ctx.caller.user_id, client_query_id)
    if key is not None:
        announce(ctx.services, org, key)


async def follow(ctx: Context, query: Query, after: str | None = None) -> AsyncGenerator[Outcome]:
    """The result after the one that the cursor `after` names, then each newer one as soon as it is kept, for good.

    A result that nobody else refreshes is computed anew in the background once it is stale. Of several results that
    follow each other fast only the newest need come. Raises Invalid for a forged cursor, and InvalidQuery where the
    query cannot be computed any more.
    """
    asked, last = _asked(ctx, query), None if after is None else _run_of(after)
    begun: str | None = None
    async with ctx.services.bus.listen(insight_channel(asked.org.org_id, asked.wanted.key)) as wakes:
        while True:
            kept = await _kept(ctx, asked)
            if kept is not None and kept.run_id != last:
                last = kept.run_id
                yield await asked.outcome(ctx.services, kept, is_cached=True)
            if begun is not None and await _is_over(ctx, begun):
                begun = None
            elif begun is None and asked.age(kept, ctx.now()) is not Age.FRESH:
                begun = (await _in_background(ctx, asked, None, None, forced=False)).id
            await wakes.wait(_FOLLOW_S)


async def _is_over(ctx: Context, name: str) -> bool:
    """Raises what it failed with."""
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        found = await _named(db, ctx, name)
    if found is not None and found.status.failure is not None:
        raise found.status.failure.error()
    return found is None or found.status.complete


def _run_of(cursor: str) -> RunId:
    [id] = cursors.decode(cursor, _LIST, 1)
    try:
        return RunId(UUID(str(id)))
    except ValueError:
        raise cursors.forged() from None
