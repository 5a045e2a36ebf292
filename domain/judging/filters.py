"""Which goal arcs a list shows."""

from dataclasses import dataclass

from domain.judging.records import Intent, State
from domain.values import SessionId, Span, UserId


@dataclass(frozen=True, slots=True)
class SubSessionFilter:
    """All given conditions must hold; `within` is tested against `started_at`.

    Fragments that were merged away are left out unless `include_merged`, or `state` asks for them.
    """

    within: Span = Span()
    user_id: UserId | None = None
    source_service: str | None = None
    intent: Intent | None = None
    state: State | None = None
    session_id: SessionId | None = None
    include_merged: bool = False
