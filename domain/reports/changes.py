"""What is different from the period before, the most telling first, and how likely it is to be chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import log, sqrt

from domain.judging.records import Habit
from domain.reports.facts import Facts
from domain.scores.headline import tally
from domain.scores.rounding import median
from domain.scores.skill import habit_shares
from domain.scores.totals import Totals

TELLING = 1.0
"""From so many standard errors on a change is told of."""
SURE = 2.0
"""Below so many it may be chance: one of twenty such changes would be."""
_SPREAD = 1.25
"""Standard deviation of the median of logarithms of times and tokens, for a single goal; they vary threefold."""
_GRADES = 0.25
"""Standard deviation of a prompt grade on 0-1."""
_OF_SEVEN = 0.75
"""What the change of a habit counts: one of seven is soon far off by chance."""
_FEWEST_ASKED = 3
"""A habit is compared that was asked for so often, before and now."""


class Subject(StrEnum):
    SCORE = "score"
    TIME = "time"
    TOKENS = "tokens"
    GRADE = "grade"
    HABIT = "habit"


_ORDER = tuple(Subject)


@dataclass(frozen=True, slots=True)
class Change:
    """From `before` to `now`: percent of a score, seconds, tokens, a grade or a share in [0, 1].

    `errors` says how large it is in standard errors.
    """

    subject: Subject
    before: float
    now: float
    errors: float
    habit: Habit | None = None

    @property
    def better(self) -> bool:
        lower_is_better = self.subject in (Subject.TIME, Subject.TOKENS)
        return (self.now < self.before) is lower_is_better

    @property
    def unsure(self) -> bool:
        return self.errors < SURE


def changes(facts: Facts) -> list[Change]:
    """Those that are worth a word, the most telling first; the score goes before what is as telling."""
    if len(facts.parts) < 2:
        return []
    found = [change for change in _changes(facts.parts[-2], facts.parts[-1]) if change.errors >= TELLING]
    return sorted(found, key=lambda one: (-one.errors, _ORDER.index(one.subject)))


def _changes(before: Totals, now: Totals) -> Iterator[Change]:
    hits, earlier = tally(now), tally(before)
    if hits.qualifying and earlier.qualifying:
        errors = _of_shares(earlier.crushed, earlier.qualifying, hits.crushed, hits.qualifying)
        then, here = earlier.crushed / earlier.qualifying, hits.crushed / hits.qualifying
        yield Change(Subject.SCORE, 100 * then, 100 * here, errors)
    yield from _of_medians(Subject.TIME, _seconds(before), _seconds(now))
    if _all_told(before) and _all_told(now):
        yield from _of_medians(Subject.TOKENS, _tokens(before), _tokens(now))
    if before.graded and now.graded:
        errors = abs(_grade(now) - _grade(before)) / (_GRADES * sqrt(1 / before.graded + 1 / now.graded))
        yield Change(Subject.GRADE, _grade(before), _grade(now), errors)
    yield from _of_habits(before, now)


def _of_habits(before: Totals, now: Totals) -> Iterator[Change]:
    for then, here in zip(habit_shares(before), habit_shares(now), strict=True):
        if min(then.applicable, here.applicable) >= _FEWEST_ASKED:
            errors = _OF_SEVEN * _of_shares(then.shown, then.applicable, here.shown, here.applicable)
            shares = then.shown / then.applicable, here.shown / here.applicable
            yield Change(Subject.HABIT, shares[0], shares[1], errors, here.habit)


def _of_shares(hits: int, n: int, more_hits: int, more: int) -> float:
    """The difference of two shares in standard errors; a hit and a miss are added, as few goals are never sure."""
    share = (hits + more_hits + 1) / (n + more + 2)
    return abs(hits / n - more_hits / more) / sqrt(share * (1 - share) * (1 / n + 1 / more))


def _of_medians(subject: Subject, before: list[float], now: list[float]) -> Iterator[Change]:
    then, here = median(before), median(now)
    if then and here:
        errors = abs(log(here / then)) / (_SPREAD * sqrt(1 / len(before) + 1 / len(now)))
        yield Change(subject, float(then), float(here), errors)


def _grade(part: Totals) -> float:
    return float(part.grade_points) / part.graded / 100


def _seconds(part: Totals) -> list[float]:
    return [crush.seconds for crush in part.crushes if crush.seconds]


def _tokens(part: Totals) -> list[float]:
    return [float(crush.tokens) for crush in part.crushes]


def _all_told(part: Totals) -> bool:
    """Whether the tokens of every goal are known: another mix of tools is no change of what goals take."""
    return all(crush.tokens for crush in part.crushes)
