"""Which goal arcs a list shows."""

from dataclasses import dataclass

from domain.judging.records import FlagKind, Habit, Intent, JudgeStatus, State, TriviaReason
from domain.search import Search
from domain.values import SessionId, Span, UserId


@dataclass(frozen=True, slots=True)
class SubSessionFilter:
    """All given conditions must hold; `within` is tested against `started_at`.

    Fragments that were merged away are left out unless `include_merged`, or `state` asks for them. Those that say yes
    or no show one side or the other: `qualifying` stands in the score's denominator, `crushed` in its numerator,
    `past_floor` is closed and past the substance floor, `graded` has a grade besides, `flagged` bears a flag. `habit`
    is one that was asked for, `habit_shown` whether it showed. `search` looks through title, summary and prompts.
    """

    within: Span = Span()
    user_id: UserId | None = None
    source_service: str | None = None
    intent: Intent | None = None
    state: State | None = None
    session_id: SessionId | None = None
    include_merged: bool = False
    qualifying: bool | None = None
    crushed: bool | None = None
    past_floor: bool | None = None
    graded: bool | None = None
    flagged: bool | None = None
    flag: FlagKind | None = None
    excluded_reason: TriviaReason | None = None
    judge_status: JudgeStatus | None = None
    letter_grade: str | None = None
    habit: Habit | None = None
    habit_shown: bool | None = None
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """All given conditions must hold; `within` is tested against the start of the flag's arc."""

    within: Span = Span()
    user_id: UserId | None = None
    session_id: SessionId | None = None
    kind: FlagKind | None = None
