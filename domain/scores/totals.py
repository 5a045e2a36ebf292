"""What goal arcs add up to: everything that the score and its pillars are computed from (domain reference, section 10).

Totals of days combine to those of weeks. Medians would not, so each crushed arc is kept as a Crush.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypeVar

from domain.judging.records import FlagKind, Habit, Intent, JudgeStatus, State, SubSession, TriviaReason
from domain.timeline import Tokens

K = TypeVar("K")


class Crush(NamedTuple):
    """A crushed arc: tokens of all four classes, US dollars (None where it cannot be priced), seconds from its first
    prompt until the goal was reached (None where either is unknown)."""

    tokens: int
    cost_usd: Decimal | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """`tokens` and `turns` are those of qualifying arcs, of which `lower_bounds` have tokens that are a lower bound, so
    that these are one, too. `pending`: closed, past the floor, not yet judged.

    `graded`: arcs past the floor whose prompts were graded; `grade_points` adds their points on 0-100; a habit is
    `applicable` to so many of them and `shown` in so many; `letters` counts them by grade. `judge_statuses` counts all
    closed arcs past the floor, `intents` those that have one. `trivia` counts excluded arcs by reason, `flags` by kind.
    """

    qualifying: int = 0
    pending: int = 0
    turns: int = 0
    tokens: Tokens = Tokens()
    lower_bounds: int = 0
    crushes: tuple[Crush, ...] = ()
    graded: int = 0
    grade_points: Decimal = Decimal(0)
    applicable: Mapping[Habit, int] = field(default_factory=dict[Habit, int])
    shown: Mapping[Habit, int] = field(default_factory=dict[Habit, int])
    letters: Mapping[str, int] = field(default_factory=dict[str, int])
    intents: Mapping[Intent, int] = field(default_factory=dict[Intent, int])
    judge_statuses: Mapping[JudgeStatus, int] = field(default_factory=dict[JudgeStatus, int])
    trivia: Mapping[TriviaReason, int] = field(default_factory=dict[TriviaReason, int])
    flags: Mapping[FlagKind, int] = field(default_factory=dict[FlagKind, int])

    @property
    def crushed(self) -> int:
        return len(self.crushes)

    @property
    def crushed_tokens(self) -> int:
        return sum(crush.tokens for crush in self.crushes)

    @property
    def past_floor(self) -> int:
        """Closed arcs past the floor, graded or not."""
        return sum(self.judge_statuses.values())


def combined(parts: Iterable[Totals]) -> Totals:
    """Of all parts together, in whatever order they come."""
    parts = list(parts)
    return Totals(
        qualifying=sum(part.qualifying for part in parts),
        pending=sum(part.pending for part in parts),
        turns=sum(part.turns for part in parts),
        tokens=sum((part.tokens for part in parts), Tokens()),
        lower_bounds=sum(part.lower_bounds for part in parts),
        crushes=ordered(crush for part in parts for crush in part.crushes),
        graded=sum(part.graded for part in parts),
        grade_points=sum((part.grade_points for part in parts), Decimal(0)),
        applicable=added(part.applicable for part in parts),
        shown=added(part.shown for part in parts),
        letters=added(part.letters for part in parts),
        intents=added(part.intents for part in parts),
        judge_statuses=added(part.judge_statuses for part in parts),
        trivia=added(part.trivia for part in parts),
        flags=added(part.flags for part in parts),
    )


def totals(arcs: Iterable[SubSession]) -> Totals:
    """Of these arcs; merged fragments count in the arc that they were joined to."""
    return combined(_of(arc) for arc in arcs)


def _of(arc: SubSession) -> Totals:
    if arc.state in (State.OPEN, State.MERGED):
        return Totals()
    rubric = arc.rubric
    past_floor = arc.substance_floor_passed is True
    graded = past_floor and rubric.judge_status is JudgeStatus.OK and rubric.grade_points is not None
    habits = rubric.habits.items() if graded else ()
    return Totals(
        qualifying=int(arc.qualifying),
        pending=int(past_floor and arc.state is State.CLOSED),
        turns=arc.measures.turn_count if arc.qualifying else 0,
        tokens=arc.measures.tokens if arc.qualifying else Tokens(),
        lower_bounds=int(arc.qualifying and arc.measures.tokens_are_lower_bound),
        crushes=(_crush(arc),) if arc.crushed else (),
        graded=int(graded),
        grade_points=Decimal(str(rubric.grade_points)) if graded else Decimal(0),
        applicable={habit: 1 for habit, shown in habits if shown is not None},
        shown={habit: 1 for habit, shown in habits if shown},
        letters=_one(rubric.letter_grade if graded else None),
        intents=_one(rubric.intent if past_floor else None),
        judge_statuses=_one(rubric.judge_status if past_floor else None),
        trivia=_one(arc.excluded_reason if arc.state is State.EXCLUDED else None),
        flags={flag.kind: 1 for flag in arc.flags},
    )


def _one(kind: K | None) -> dict[K, int]:
    return {} if kind is None else {kind: 1}


def _crush(arc: SubSession) -> Crush:
    return Crush(arc.measures.tokens.total, arc.measures.cost_usd, arc.time_to_crush_seconds)


def ordered(crushes: Iterable[Crush]) -> tuple[Crush, ...]:
    """As they stand in totals, in whatever order they come."""
    return tuple(sorted(crushes, key=_order))


def _order(crush: Crush) -> tuple[int, Decimal, float]:
    unknown = Decimal(-1)
    cost = unknown if crush.cost_usd is None else crush.cost_usd
    return crush.tokens, cost, -1.0 if crush.seconds is None else crush.seconds


def added(counts: Iterable[Mapping[K, int]]) -> dict[K, int]:
    """The counts of each key together."""
    sums: dict[K, int] = {}
    for count in counts:  # a Counter takes longer, and this is done for every day that is shown
        for key, number in count.items():
            sums[key] = sums.get(key, 0) + number
    return sums
