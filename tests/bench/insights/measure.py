"""Ours and DuckDB in turns over the same rows; and what is kept beside a row that is found by its key."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import duckdb
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

import resolvers.insight_runs
from domain.access import Caller, KeyKind, OrgSettings, Scope
from domain.insights.query import Query, read
from domain.insights.runs import Refresh
from domain.values import KeyId, UserId
from persistence.database import BOUND, Tenant, binding
from resolvers.context import Services
from tests.bench.insights.questions import Question
from tests.bench.insights.world import ASKED, NOW, SINCE
from tests.make_context import context_of

_UTC = ZoneInfo("UTC")
_TENANT = Tenant(ASKED)
_READS = 200


@dataclass(frozen=True, slots=True)
class Turns:
    """Milliseconds: `ours[i]` and `beside[i]` followed each other."""

    name: str
    beside: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    most: float | None

    @property
    def ratios(self) -> list[float]:
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def ms(self) -> float:
        return median(self.ours)

    @property
    def their_ms(self) -> float:
        return median(self.theirs)

    @property
    def ratio(self) -> float:
        return median(self.ratios)


async def measure_cold(services: Services, duck: duckdb.DuckDBPyConnection, ask: Question, rounds: int) -> Turns:
    """Nothing is kept of ours: the query is read, planned, computed and made a result of each time."""
    ours: list[float] = []
    theirs: list[float] = []
    bound = {name: value for name, value in _BOUND.items() if f"${name}" in ask.duck}
    for number in range(rounds + 1):
        mine = await _ms(resolvers.insight_runs.compute(services, _TENANT, _read(ask), _UTC))
        started = time.perf_counter()
        duck.execute(ask.duck, bound).fetchall()
        if number:  # the first turn warms up
            ours.append(mine)
            theirs.append(1000 * (time.perf_counter() - started))
    return Turns(ask.name, "DuckDB", tuple(ours), tuple(theirs), ask.most)


_BOUND: dict[str, object] = {"org": str(ASKED), "since": SINCE, "month": NOW.replace(hour=0) - timedelta(days=29)}


def _read(ask: Question) -> Query:
    source = read(ask.query).source
    assert source is not None
    return source


async def _ms(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return 1000 * (time.perf_counter() - started)


async def measure_cached(services: Services, bare: asyncpg.Connection, ask: Question, rounds: int) -> Turns:
    """What a resolver gives of a result that is kept, beside the same row found by its key: the least that a read of
    a tenant can cost, one statement without a transaction around it."""
    ctx, query = context_of(services, _caller()), _read(ask)
    await resolvers.insight_runs.run(ctx, query, Refresh.FORCE_BLOCKING)
    key = await bare.fetchval(_NEWEST, ASKED)

    async def ours() -> None:
        outcome = await resolvers.insight_runs.run(ctx, query, Refresh.FORCE_CACHE)
        assert outcome.is_cached

    async def theirs() -> None:
        row = await services.database.look(_ROW, {"key": key, **binding(_TENANT)})
        assert row is not None
        assert row["payload"] is not None

    turns = await _in_turns(ours, theirs, rounds)
    return Turns(f"kept: {ask.name}", "primary key", *turns, 2.0)


async def _in_turns(
    ours: Callable[[], Awaitable[None]], theirs: Callable[[], Awaitable[None]], rounds: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The mean of some hundred reads a turn."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for side, times in zip((ours, theirs), found, strict=True):
            started = time.perf_counter()
            for _ in range(_READS):
                await side()
            times.append(1000 * (time.perf_counter() - started) / _READS)
    return tuple(found[0][1:]), tuple(found[1][1:])


_NEWEST = "SELECT key FROM insight_results WHERE org_id = $1 ORDER BY read_at DESC LIMIT 1"
_ROW = sa.text(
    f"SELECT found.* FROM {BOUND} CROSS JOIN LATERAL (SELECT array_agg(computed_at) AS computed_at,"
    " array_agg(payload) AS payload FROM insight_results WHERE org_id = bound.org_id AND key = :key) AS found"
).bindparams(sa.bindparam("key", type_=BYTEA))


def _caller() -> Caller:
    scopes: Sequence[str] = (Scope.INSIGHT_READ, Scope.QUERY_READ)
    user = UserId(uuid4())
    return Caller(ASKED, 1, user, "UTC", KeyId(uuid4()), KeyKind.PERSONAL, frozenset(scopes), OrgSettings())
