"""Runs of queries: when a kept result still serves, when one is computed anew, and how a run stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import NewType
from uuid import UUID

from domain.insights.errors import InsightFault, InvalidQuery

RunId = NewType("RunId", UUID)

KEPT_FOR = timedelta(hours=1)
"""So long one can ask after a run."""

VERSION = 2
"""Of what results say: those that were kept under another one are never read."""


class Refresh(StrEnum):
    """How much a caller leaves to kept results; the names are those of the wire."""

    FORCE_CACHE = "force_cache"
    BLOCKING = "blocking"
    ASYNC = "async"
    LAZY_ASYNC = "lazy_async"
    ASYNC_EXCEPT_ON_CACHE_MISS = "async_except_on_cache_miss"
    FORCE_BLOCKING = "force_blocking"
    FORCE_ASYNC = "force_async"


class Age(Enum):
    """Of a kept result: `TOLERABLE` is stale to everybody but `LAZY_ASYNC`."""

    FRESH = auto()
    TOLERABLE = auto()
    STALE = auto()
    MISSING = auto()


class Way(Enum):
    """What is done about a request: answer with what is kept, compute first, or have it computed meanwhile."""

    ANSWER = auto()
    COMPUTE = auto()
    BACKGROUND = auto()


def way(refresh: Refresh, age: Age) -> Way:
    """The table of the seven modes."""
    match refresh:
        case Refresh.FORCE_CACHE:
            return Way.ANSWER
        case Refresh.FORCE_BLOCKING:
            return Way.COMPUTE
        case Refresh.FORCE_ASYNC:
            return Way.BACKGROUND
        case Refresh.LAZY_ASYNC if age is Age.TOLERABLE:
            return Way.ANSWER
        case _ if age is Age.FRESH:
            return Way.ANSWER
        case Refresh.BLOCKING:
            return Way.COMPUTE
        case Refresh.ASYNC_EXCEPT_ON_CACHE_MISS if age is Age.MISSING:
            return Way.COMPUTE
        case _:
            return Way.BACKGROUND


class RunState(StrEnum):
    """`waiting` -> `running` -> one of the others. A waiting run is nobody's: whoever comes first computes it."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self not in (RunState.WAITING, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class RunFailure:
    """Why a run has no result, in words that are safe to show."""

    code: InsightFault
    message: str

    def error(self) -> InvalidQuery:
        return InvalidQuery(self.message, code=self.code)


CANCELLED = RunFailure(InsightFault.CANCELLED, "The query was cancelled.")
DIED = RunFailure(InsightFault.INVALID, "The server that computed this stopped. Ask again.")
WENT_WRONG = RunFailure(InsightFault.INVALID, "The query could not be computed. The server's log says why.")


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run as the one who asked for it sees it. `id` is the caller's `client_query_id`, or ours.

    `expires_at` is when it is forgotten.
    """

    id: str
    query_async: bool
    state: RunState
    failure: RunFailure | None
    started_at: datetime
    picked_up_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime
    insight_id: int | None = None

    @property
    def complete(self) -> bool:
        return self.state.over
