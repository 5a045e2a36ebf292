"""Recorded coding sessions: their identity, extent and totals."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import Fault, Invalid
from domain.search import Search
from domain.timeline import Tokens
from domain.values import AssessmentId, JsonObject, OrgId, SessionId, Span, UserId

N = TypeVar("N", int, float)

IDLE_END = timedelta(hours=1)
"""A session without `session_end` counts as ended once it rested this long (a killed terminal sends no end)."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a coding tool. Totals are those of the last derivation.

    `stopped_at` is the end that somebody told; `ended_at` is that or, without one, the end by rest.
    """

    id: SessionId
    org_id: OrgId
    user_id: UserId
    source_service: str | None
    project: str | None
    title: str | None
    branch: str | None
    started_at: datetime | None
    ended_at: datetime | None
    stopped_at: datetime | None
    last_activity_at: datetime | None
    event_count: int
    decision_count: int
    prompt_count: int
    tool_call_count: int
    tool_error_count: int
    api_error_count: int
    commit_count: int
    pull_request_count: int
    tokens: Tokens
    cost_usd: Decimal | None
    tokens_are_lower_bound: bool
    ai_attribution_pct: float | None
    metadata: JsonObject
    created_at: datetime
    updated_at: datetime


TITLE_CHARS = 200
"""So long may a title be that a person gives."""


class SessionErrorCode(StrEnum):
    """Why a session is not made, changed or deleted."""

    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    INVALID_METADATA = "invalid_metadata"
    BLANK = "blank"
    TOO_LONG = "too_long"
    NOTHING_TO_CHANGE = "nothing_to_change"


def clean_title(text: str) -> str:
    """A title as a person typed it, on one line. Raises Invalid with a fault if it is empty or too long."""
    title = " ".join(text.split())
    if not title:
        raise _refused(SessionErrorCode.BLANK, "title must not be empty")
    if len(title) > TITLE_CHARS:
        raise _refused(SessionErrorCode.TOO_LONG, f"title must have at most {TITLE_CHARS} characters, not {len(title)}")
    return title


def _refused(code: SessionErrorCode, message: str) -> Invalid:
    return Invalid(message, (message,), (Fault(code, message, ("title",)),))


class SessionOrder(StrEnum):
    """What a list of sessions is sorted by. `relevance` needs a search."""

    START = "start"
    ACTIVITY = "activity"
    DURATION = "duration"
    TOKENS = "tokens"
    COST = "cost"
    ERRORS = "errors"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class SessionSort:
    """Sessions without a value come last either way."""

    by: SessionOrder = SessionOrder.START
    falling: bool = True


class ArcOutcome(StrEnum):
    """How work on a goal came out; `pending`: past the floor, closed, and not yet judged."""

    CRUSHED = "crushed"
    MISSED = "missed"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Bounds(Generic[N]):
    """Both belong to it; either may be open."""

    least: N | None = None
    most: N | None = None


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions: all given conditions must hold; `within` is tested against `started_at`.

    Figures are those of the last derivation. `searches_arcs`: the search is for the labels of arcs, too. `any_arc`: at
    least one goal arc came out in one of these ways. `crushed_share`: of the arcs that qualify, 0-1; sessions without
    such arcs have none.
    """

    within: Span = Span()
    user_id: UserId | None = None
    source_service: str | None = None
    assessment_id: AssessmentId | None = None
    only: SessionId | None = None
    project: str | None = None
    repository: str | None = None
    branch: str | None = None
    search: Search | None = None
    searches_arcs: bool = True
    active: Span = Span()
    tokens: Bounds[int] = Bounds()
    cost_usd: Bounds[float] = Bounds()
    tool_errors: Bounds[int] = Bounds()
    api_errors: Bounds[int] = Bounds()
    any_arc: tuple[ArcOutcome, ...] = ()
    crushed_share: Bounds[float] = Bounds()
    has_commits: bool | None = None
    has_pull_request: bool | None = None

    @property
    def asks_for_figures(self) -> bool:
        """Whether the sessions themselves do not tell all that is asked."""
        plain = SessionFilter(
            self.within,
            self.user_id,
            self.source_service,
            self.assessment_id,
            self.only,
            self.project,
            None,
            self.branch,
        )
        return self != replace(plain, searches_arcs=self.searches_arcs)


def repository_of(url: str) -> str:
    """One spelling for where a repository is cloned from."""
    return re.sub(r"(\.git)?/*$", "", url)
