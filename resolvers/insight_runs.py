"""Results of queries: kept ones, computed ones, and runs that can be asked after and cancelled."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel as Query  # until domain.insights.query is there

from domain.insights.results import Result
from domain.insights.runs import Refresh, RunStatus
from persistence.database import Tenant
from resolvers.context import Context, Services


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


async def compute(services: Services, tenant: Tenant, query: Query, zone: ZoneInfo) -> Result:
    """The result of a query as of now, over the events of `tenant`, with days cut in `zone`; nothing is kept.

    Raises InvalidQuery, TooCostly.
    """
    raise NotImplementedError


async def run(
    ctx: Context, query: Query, refresh: Refresh, client_query_id: str | None = None, insight_id: int | None = None
) -> Outcome:
    """Answers a query in one of the seven modes, over the events that the caller's insights count.

    Needs `query:read` or `insight:read`, which the caller of this has checked. Raises InvalidQuery (also for a run
    that was cancelled), TooCostly, TooMany.
    """
    raise NotImplementedError


async def cached(ctx: Context, queries: Sequence[Query]) -> list[Outcome]:
    """As `run` with FORCE_CACHE, of a page of insights in one statement, in the order of `queries`."""
    raise NotImplementedError


async def status(ctx: Context, query_id: str) -> tuple[RunStatus, Query, Outcome | None]:
    """A run that the caller asked for, what was asked, and once it is completed what is kept of it.

    Needs `query:read`. Raises NotFound for one that is unknown, forgotten, or somebody else's.
    """
    raise NotImplementedError


async def cancel(ctx: Context, client_query_id: str) -> None:
    """The caller wants a run of theirs no longer; who else waits for the same result still gets it.

    Needs `insight:write`. An unknown id, or a run that is over, is no error.
    """
    raise NotImplementedError


async def follow(ctx: Context, query: Query, after: str | None = None) -> AsyncGenerator[Outcome]:
    """The result after the one that the cursor `after` names, then each newer one as soon as it is kept, for good.

    A result that nobody else refreshes is computed anew in the background once it is stale. Of several results that
    follow each other fast only the newest need come. Raises Invalid for a forged cursor.
    """
    raise NotImplementedError
    yield
