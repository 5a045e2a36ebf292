"""What saved insights come to: their queries, run or looked up in one of the seven modes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

from aiodataloader import DataLoader

import resolvers.insight_runs
from domain.access import Scope
from domain.errors import DomainError
from domain.insights.errors import InvalidQuery
from domain.insights.query import StoredQuery, override, read
from domain.insights.runs import Refresh
from domain.insights.saved import SavedInsight
from domain.values import JsonObject
from resolvers.context import Context
from resolvers.insight_runs import NOTHING, Outcome

_MOST_S = 60.0
"""So long a list has things computed."""
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """An insight with its result; with filters of a reader laid over it, `insight.query` is what was asked then."""

    insight: SavedInsight
    outcome: Outcome


async def result_of(
    ctx: Context,
    insight: SavedInsight,
    refresh: Refresh,
    filters: JsonObject | None = None,
    variables: JsonObject | None = None,
) -> Shown:
    """The insight with its result, as `run` answers; `filters` and `variables` hold for this time only. There is none
    for an insight whose query is nothing to compute. Needs `insight:read`. Raises InvalidQuery, TooCostly, TooMany."""
    ctx.caller.require(Scope.INSIGHT_READ)
    stored = _stored(insight, refresh)
    if stored is None:
        return Shown(insight, NOTHING)
    asked = override(stored, filters, variables)
    if asked is not stored:
        insight = replace(insight, query=asked.document)
    if asked.source is None:
        return Shown(insight, NOTHING)
    outcome = await resolvers.insight_runs.run(ctx, asked.source, refresh, insight_id=insight.id)
    return Shown(insight, outcome)


def _stored(insight: SavedInsight, refresh: Refresh) -> StoredQuery | None:
    """The query; None without one. One that an older release took and this one does not shows no result, and is an
    error only to who wants it computed."""
    try:
        return None if insight.query is None else read(insight.query)
    except InvalidQuery:
        if refresh is Refresh.FORCE_CACHE:
            return None
        raise


async def kept_result_of(ctx: Context, insight: SavedInsight) -> Outcome:
    """What is kept of an insight; asked of many at once in one statement. Needs `insight:read`."""

    async def load(insights: list[SavedInsight]) -> list[Outcome]:
        return [one.outcome for one in await results_of(ctx, insights, Refresh.FORCE_CACHE)]

    batch: DataLoader[SavedInsight, Outcome] = ctx.loaders.batched("kept_result", load)
    return await batch.load(insight)


async def new_result_of(ctx: Context, insight: SavedInsight, refresh: Refresh) -> Outcome:
    """As `result_of`; of many at once few at a time, and what a minute did not suffice for is what is kept. One that
    fails lets the others be. Needs `insight:read`."""

    async def load(insights: list[SavedInsight]) -> list[Outcome | DomainError]:
        slots, ends_at = asyncio.Semaphore(_AT_ONCE), monotonic() + _MOST_S

        async def one(insight: SavedInsight) -> Outcome | DomainError:
            async with slots:
                now = refresh if monotonic() < ends_at else Refresh.FORCE_CACHE
                try:
                    return (await result_of(ctx, insight, now)).outcome
                except DomainError as error:
                    return error

        return await asyncio.gather(*(one(insight) for insight in insights))

    batch: DataLoader[SavedInsight, Outcome | DomainError] = ctx.loaders.batched(f"result {refresh}", load)
    found = await batch.load(insight)
    if isinstance(found, DomainError):
        raise found
    return found


async def results_of(ctx: Context, insights: Sequence[SavedInsight], refresh: Refresh) -> list[Shown]:
    """As `result_of` for each, kept ones in one statement; what cannot be computed has none, and what a minute did not
    suffice for what is kept. Raises TooMany."""
    ctx.caller.require(Scope.INSIGHT_READ)
    if refresh is not Refresh.FORCE_CACHE:
        ends_at = monotonic() + _MOST_S
        return [await _or_nothing(ctx, insight, refresh, ends_at) for insight in insights]
    stored = [_stored(insight, refresh) for insight in insights]
    sources = [None if one is None else one.source for one in stored]
    found = iter(await resolvers.insight_runs.cached(ctx, [source for source in sources if source is not None]))
    return [
        Shown(insight, NOTHING if source is None else next(found))
        for insight, source in zip(insights, sources, strict=True)
    ]


async def _or_nothing(ctx: Context, insight: SavedInsight, refresh: Refresh, ends_at: float) -> Shown:
    try:
        return await result_of(ctx, insight, refresh if monotonic() < ends_at else Refresh.FORCE_CACHE)
    except InvalidQuery:
        return Shown(insight, NOTHING)
