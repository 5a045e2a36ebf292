"""The skill pillar: how well prompts are written (domain reference, sections 7 and 10.4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.judging.habits import BANDS as LETTERS
from domain.judging.records import Habit
from domain.scores.bands import band
from domain.scores.rounding import ratio, rounded
from domain.scores.totals import Totals


class SkillBand(StrEnum):
    POOR = "poor"
    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"


class HabitPillar(StrEnum):
    CLARITY = "clarity"
    CONTEXT = "context"
    VERIFICATION = "verification"
    WORKFLOW = "workflow"


HABITS: Mapping[HabitPillar, tuple[Habit, ...]] = {
    HabitPillar.CLARITY: (Habit.GOAL_EXPLICIT, Habit.SCOPE_BOUNDED),
    HabitPillar.CONTEXT: (Habit.REFERENCES_CONCRETE, Habit.CONTEXT_SUFFICIENT),
    HabitPillar.VERIFICATION: (Habit.VERIFICATION_REQUESTED,),
    HabitPillar.WORKFLOW: (Habit.ROOT_CAUSE_ORIENTED, Habit.PLAN_FIRST),
}
_BANDS = (
    (Fraction(70, 100), SkillBand.GOOD),
    (Fraction(55, 100), SkillBand.FAIR),
    (Fraction(40, 100), SkillBand.WEAK),
    (0, SkillBand.POOR),
)


@dataclass(frozen=True, slots=True)
class HabitShare:
    """In how many of the graded arcs that a habit applies to it showed; the share has two decimals, None of none."""

    habit: Habit
    share: Decimal | None
    shown: int
    applicable: int


@dataclass(frozen=True, slots=True)
class PillarShare:
    """The same over the habits of a pillar together, so that a habit which applies more often weighs more."""

    pillar: HabitPillar
    share: Decimal | None
    shown: int
    applicable: int


@dataclass(frozen=True, slots=True)
class Skill:
    """`apg`: mean grade points over the `graded_count` arcs, 0-1 with two decimals; None without any.

    `delta_apg` is the difference to the window before, None if either is. `habits` hold all seven in order;
    `worst_pillar` is the habit with the least exact share, the first of equals. The band follows from the exact mean.
    """

    apg: Decimal | None
    delta_apg: Decimal | None
    graded_count: int
    habits: tuple[HabitShare, ...]
    pillars: tuple[PillarShare, ...]
    worst_pillar: Habit | None
    band: SkillBand | None

    @property
    def per_boolean(self) -> dict[Habit, Decimal | None]:
        return {one.habit: one.share for one in self.habits}


def skill(now: Totals, before: Totals | None) -> Skill:
    """Of a window's totals, compared with those of the window before."""
    mean, earlier = _mean(now), None if before is None else _mean(before)
    return Skill(
        apg=apg(now),
        delta_apg=None if mean is None or earlier is None else rounded(mean - earlier, 2),
        graded_count=now.graded,
        habits=habit_shares(now),
        pillars=pillar_shares(now),
        worst_pillar=_worst(now),
        band=None if mean is None else band(_BANDS, mean),
    )


def apg(totals: Totals) -> Decimal | None:
    """The average prompt grade, 0-1 with two decimals; None where nothing was graded."""
    mean = _mean(totals)
    return None if mean is None else rounded(mean, 2)


def average_letter(totals: Totals) -> str | None:
    """The letter of the exact average on the scale of grades (domain reference, section 7.6)."""
    mean = _mean(totals)
    return None if mean is None else next((letter for end, letter, _ in LETTERS if 10 * mean < end), "A+")


def habit_shares(totals: Totals) -> tuple[HabitShare, ...]:
    """All seven, in the order of Habit."""
    counts = ((habit, *_counts(totals, [habit])) for habit in Habit)
    return tuple(HabitShare(habit, ratio(shown, held, places=2), shown, held) for habit, shown, held in counts)


def pillar_shares(totals: Totals) -> tuple[PillarShare, ...]:
    """All four, in the order of HabitPillar."""
    counts = ((pillar, *_counts(totals, HABITS[pillar])) for pillar in HabitPillar)
    return tuple(PillarShare(pillar, ratio(shown, held, places=2), shown, held) for pillar, shown, held in counts)


def _mean(totals: Totals) -> Fraction | None:
    return Fraction(totals.grade_points) / (100 * totals.graded) if totals.graded else None


def _counts(totals: Totals, habits: Iterable[Habit]) -> tuple[int, int]:
    """How often these habits showed, and how often they applied."""
    habits = list(habits)
    return sum(totals.shown.get(habit, 0) for habit in habits), sum(totals.applicable.get(habit, 0) for habit in habits)


def _worst(totals: Totals) -> Habit | None:
    held = [habit for habit in Habit if totals.applicable.get(habit)]
    return min(held, key=lambda habit: Fraction(*_counts(totals, [habit])), default=None)
