"""Recorded coding sessions: their identity, extent and totals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.timeline import Tokens
from domain.values import JsonObject, OrgId, SessionId, Span, UserId

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
    tokens: Tokens
    cost_usd: Decimal | None
    ai_attribution_pct: float | None
    metadata: JsonObject
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions: all given conditions must hold; `within` is tested against `started_at`."""

    within: Span = Span()
    user_id: UserId | None = None
    source_service: str | None = None
    assessment_id: str | None = None
    only: SessionId | None = None
