"""What the graded prompts of a window add up to (domain reference, section 7.8)."""

from dataclasses import dataclass
from decimal import Decimal

from domain.judging.habits import BANDS as LETTERS
from domain.judging.records import Habit, Intent, JudgeStatus
from domain.scores.counts import Count, ranked
from domain.scores.skill import HabitShare, PillarShare, apg, average_letter, habit_shares, pillar_shares
from domain.scores.totals import Totals

_BEST_FIRST = ("A+", *(letter for _, letter, _ in reversed(LETTERS)))


@dataclass(frozen=True, slots=True)
class Summary:
    """`total_count`: closed arcs past the floor, graded or not; `apg`, `habits` and `pillars` are those of Skill.

    `letter_grade` is that of the exact average. `by_intent` and `by_judge_status` add up to the total, the most
    frequent first and arcs without an intent last; `by_grade` adds up to `graded_count`, the best grade first.
    """

    total_count: int
    graded_count: int
    apg: Decimal | None
    letter_grade: str | None
    habits: tuple[HabitShare, ...]
    pillars: tuple[PillarShare, ...]
    by_intent: tuple[Count[Intent | None], ...]
    by_grade: tuple[Count[str], ...]
    by_judge_status: tuple[Count[JudgeStatus], ...]

    @property
    def per_boolean(self) -> dict[Habit, Decimal | None]:
        return {one.habit: one.share for one in self.habits}


def summary(totals: Totals) -> Summary:
    return Summary(
        total_count=totals.past_floor,
        graded_count=totals.graded,
        apg=apg(totals),
        letter_grade=average_letter(totals),
        habits=habit_shares(totals),
        pillars=pillar_shares(totals),
        by_intent=_by_intent(totals),
        by_grade=tuple(Count(letter, totals.letters[letter]) for letter in _BEST_FIRST if totals.letters.get(letter)),
        by_judge_status=ranked(totals.judge_statuses),
    )


def _by_intent(totals: Totals) -> tuple[Count[Intent | None], ...]:
    known: list[Count[Intent | None]] = [Count(one.key, one.count) for one in ranked(totals.intents)]
    rest = totals.past_floor - sum(one.count for one in known)
    return (*known, Count(None, rest)) if rest else tuple(known)
