"""The records of judging: goal arcs (sub-sessions), what was measured of them and how they were judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.timeline import Tokens
from domain.values import EventId, SessionId, SubSessionId, UserId


class CloseReason(StrEnum):
    CLEAR = "clear"
    TOPIC_SHIFT = "topic_shift"
    GIT_COMMIT = "git_commit"
    SESSION_END = "session_end"
    MANUAL = "manual"


class State(StrEnum):
    """`open` -> `closed` -> (`merged` | `excluded` | `scored`); domain reference, section 4.4."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"
    EXCLUDED = "excluded"
    SCORED = "scored"


class Intent(StrEnum):
    QUESTION = "question"
    INVESTIGATION = "investigation"
    REVIEW = "review"
    PLAN = "plan"
    SMALL_CHANGE = "small_change"
    BUG_FIX = "bug_fix"
    FEATURE = "feature"
    REFACTOR = "refactor"


TALK = frozenset((Intent.QUESTION, Intent.INVESTIGATION, Intent.REVIEW, Intent.PLAN))
"""Intents that are reached by words; the others change code."""


class TriviaReason(StrEnum):
    NO_REAL_WORK = "no_real_work"
    TOO_FEW_TURNS = "too_few_turns"
    TOO_FEW_LINES = "too_few_lines"
    NO_MUTATING_TOOL_CALLS = "no_mutating_tool_calls"
    OTHER = "other"


class Habit(StrEnum):
    """The seven prompt habits, in the order that breaks ties."""

    GOAL_EXPLICIT = "goal_explicit"
    SCOPE_BOUNDED = "scope_bounded"
    REFERENCES_CONCRETE = "references_concrete"
    CONTEXT_SUFFICIENT = "context_sufficient"
    VERIFICATION_REQUESTED = "verification_requested"
    ROOT_CAUSE_ORIENTED = "root_cause_oriented"
    PLAN_FIRST = "plan_first"


class JudgeStatus(StrEnum):
    PENDING = "pending"
    OK = "ok"
    PARSE_ERROR = "parse_error"
    ERROR = "error"
    SKIPPED = "skipped"


class TitleSource(StrEnum):
    HEURISTIC = "heuristic"
    RUBRIC = "rubric"
    USER_EDITED = "user_edited"


class ReworkKind(StrEnum):
    REVERT = "revert"
    REWRITE = "rewrite"
    DELETION = "deletion"


class FlagKind(StrEnum):
    AUTO_RETRY_STORM = "auto_retry_storm"
    TINY_PROMPT_BURST = "tiny_prompt_burst"
    SUBSTANCE_FLOOR_BREACH = "substance_floor_breach"
    MEDIAN_SUBSTANCE_OUTLIER = "median_substance_outlier"
    FRAGMENTATION_MERGE = "fragmentation_merge"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation a verdict rests on: the `criterion` it speaks to, by how much (hundredths of confidence,
    0 where it does not count in points), the events that show it, and a short quote from them."""

    verdict: str
    criterion: str
    points: int
    event_ids: tuple[EventId, ...]
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """What was counted in an arc (domain reference, section 5.1).

    `cost_usd` is None where a response has no price. `tokens_are_lower_bound`: the source is known to tell too few
    output tokens, so that cost and tokens are at least these.
    """

    turn_count: int = 0
    net_loc: int = 0
    lines_added: int = 0
    lines_removed: int = 0
    mutating_tool_calls: int = 0
    read_only_tool_calls: int = 0
    tool_errors: int = 0
    tokens: Tokens = Tokens()
    cost_usd: Decimal | None = None
    tokens_are_lower_bound: bool = False


@dataclass(frozen=True, slots=True)
class FileEdits:
    """What an arc did to one file. Line sets hold 64-bit digests of trimmed non-blank lines, for rework (section 9)."""

    path: str
    lines_added: int
    lines_removed: int
    created: bool = False
    deleted: bool = False
    restored: bool = False
    """The arc brought the file back to an older state (git checkout/restore)."""
    added_lines: frozenset[int] = frozenset()
    removed_lines: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rubric:
    """Prompt habits, intent and grade (section 7). A habit that does not apply is None."""

    judge_status: JudgeStatus
    intent: Intent | None
    confidence: float | None
    habits: Mapping[Habit, bool | None]
    letter_grade: str | None
    grade_points: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the goal was reached (section 8). `goal_complete` is None until judged."""

    goal_complete: bool | None
    completion_confidence: float | None
    explicit_acceptance: bool
    goal_completed_at: datetime | None
    rationale: str | None


@dataclass(frozen=True, slots=True)
class Appeal:
    """What its developer said of an arc's outcome, and what the judge had said. The developer's word counts."""

    goal_complete: bool
    reason: str
    at: datetime
    judged_goal_complete: bool


@dataclass(frozen=True, slots=True)
class Rework:
    """A later arc undid this one (section 9)."""

    kind: ReworkKind
    by: SubSessionId
    detected_at: datetime


@dataclass(frozen=True, slots=True)
class Label:
    title: str | None
    summary: str | None
    title_source: TitleSource


@dataclass(frozen=True, slots=True)
class Flag:
    """An integrity flag (section 12): informs, never changes the score. One per arc and kind."""

    id: UUID
    kind: FlagKind
    sub_session_id: SubSessionId
    created_at: datetime
    severity: str
    detail: str
    event_ids: tuple[EventId, ...] = ()


@dataclass(frozen=True, slots=True)
class SubSession:
    """A goal arc: the scored unit."""

    id: SubSessionId
    session_id: SessionId
    user_id: UserId
    project: str | None
    started_at: datetime
    ended_at: datetime | None
    last_event_at: datetime
    state: State
    close_reason: CloseReason | None
    merged_into_id: SubSessionId | None
    fragment_ids: tuple[SubSessionId, ...]
    """The fragments merged into this arc, itself included; empty for a fragment that was merged away."""
    measures: Measures
    substance_floor_passed: bool | None
    excluded_reason: TriviaReason | None
    excluded_detail: str | None
    rubric: Rubric
    outcome: Outcome
    rework: Rework | None
    label: Label
    prompt_ids: tuple[EventId, ...]
    commit_refs: tuple[str, ...]
    revert_refs: tuple[str, ...]
    files: tuple[FileEdits, ...]
    evidence: tuple[Evidence, ...]
    flags: tuple[Flag, ...] = field(default=())
    first_prompt_at: datetime | None = None
    ruleset_version: str = ""
    judge_version: str = ""
    appeal: Appeal | None = None
    """Where there is one, `outcome.goal_complete` is its word; the rest of the outcome stays the judge's."""
    split_by_hand: bool = False
    """Whether it begins where its developer cut."""
    merged_by_hand: bool = False
    """Whether its developer joined some of its fragments."""

    @property
    def judged_goal_complete(self) -> bool | None:
        """What the judge said; None until judged."""
        return self.outcome.goal_complete if self.appeal is None else self.appeal.judged_goal_complete

    @property
    def committed(self) -> bool:
        """Whether an intent was established (section 7.5)."""
        rubric = self.rubric
        return (
            rubric.judge_status is JudgeStatus.OK
            and rubric.intent is not None
            and rubric.confidence is not None
            and rubric.confidence >= 0.5
        )

    @property
    def qualifying(self) -> bool:
        """Whether this arc stands in the score's denominator (section 1)."""
        return self.state is State.SCORED and self.committed and self.outcome.goal_complete is not None

    @property
    def crushed(self) -> bool:
        """Whether the goal was reached and lasted (section 1)."""
        return self.qualifying and self.outcome.goal_complete is True and self.rework is None

    @property
    def time_to_crush_seconds(self) -> float | None:
        """From first prompt to goal; None if not crushed, or if either time is unknown (section 10.2)."""
        reached, asked = self.outcome.goal_completed_at, self.first_prompt_at
        if not self.crushed or reached is None or asked is None:
            return None
        return max(0.0, (reached - asked).total_seconds())
