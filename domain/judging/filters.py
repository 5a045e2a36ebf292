"""Which goal arcs a list shows."""

from dataclasses import dataclass

from domain.judging.records import Intent, State
from domain.values import SessionId, Span, UserId


@dataclass(frozen=True, slots=True)
class SubSessionFilter:
    """All given conditions must hold; `within` is tested against `started_at`.

    Fragments that were merged away are left out unless `include_merged`, or `state` asks for them. `qualifying`: those
    in the score's denominator, or only the others. `past_floor`: only closed arcs past the floor, graded or not.
    """

    within: Span = Span()
    user_id: UserId | None = None
    source_service: str | None = None
    intent: Intent | None = None
    state: State | None = None
    session_id: SessionId | None = None
    include_merged: bool = False
    qualifying: bool | None = None
    past_floor: bool = False
