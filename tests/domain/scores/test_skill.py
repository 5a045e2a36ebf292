from decimal import Decimal

import pytest
from hypothesis import given

from domain.judging.records import Habit, SubSession
from domain.scores.skill import HABITS, HabitPillar, SkillBand, average_letter, skill
from domain.scores.totals import Totals, combined, totals
from tests import make
from tests.domain.scores.parts import arcs

SHOWN = dict(zip(Habit, (81, 65, 78, 70, 55, 62, 58), strict=True))


def graded(points: str, count: int = 25) -> Totals:
    return Totals(graded=count, grade_points=Decimal(points))


def test_the_example_of_the_reference() -> None:
    """Worked check 3 of the domain reference."""
    now = Totals(graded=25, grade_points=Decimal(1800), applicable=dict.fromkeys(Habit, 100), shown=SHOWN)
    found = skill(now, graded("1700"))
    assert (str(found.apg), str(found.delta_apg), found.graded_count) == ("0.72", "0.04", 25)
    assert {habit.value: str(share) for habit, share in found.per_boolean.items()} == {
        "goal_explicit": "0.81",
        "scope_bounded": "0.65",
        "references_concrete": "0.78",
        "context_sufficient": "0.70",
        "verification_requested": "0.55",
        "root_cause_oriented": "0.62",
        "plan_first": "0.58",
    }
    assert found.worst_pillar == "verification_requested"
    assert found.band is SkillBand.GOOD
    assert [(one.pillar.value, str(one.share)) for one in found.pillars] == [
        ("clarity", "0.73"),
        ("context", "0.74"),
        ("verification", "0.55"),
        ("workflow", "0.60"),
    ]


def test_without_grades_there_is_no_average() -> None:
    found = skill(Totals(), graded("1700"))
    assert (found.apg, found.delta_apg, found.worst_pillar, found.band, found.graded_count) == (None,) * 4 + (0,)
    assert found.per_boolean == dict.fromkeys(Habit)
    assert [(one.share, one.shown, one.applicable) for one in found.pillars] == [(None, 0, 0)] * 4


def test_no_difference_to_nothing() -> None:
    assert skill(graded("1700"), None).delta_apg is None
    assert skill(graded("1700"), Totals()).delta_apg is None


def test_averages_and_differences_are_rounded_half_up_from_exact_ones() -> None:
    found = skill(graded("82.5", 2), graded("40.5", 1))
    assert (str(found.apg), str(found.delta_apg)) == ("0.41", "0.01")  # 0.4125 and 0.0075
    assert str(skill(graded("40.5", 1), graded("82.5", 2)).delta_apg) == "-0.01"
    assert str(skill(graded("62.5", 1), None).apg) == "0.63"


def test_a_habit_that_never_applied_has_no_share_and_is_not_the_worst() -> None:
    now = Totals(graded=3, applicable={Habit.GOAL_EXPLICIT: 3, Habit.PLAN_FIRST: 2}, shown={Habit.GOAL_EXPLICIT: 1})
    found = skill(now, None)
    assert found.per_boolean[Habit.SCOPE_BOUNDED] is None
    assert (str(found.per_boolean[Habit.GOAL_EXPLICIT]), str(found.per_boolean[Habit.PLAN_FIRST])) == ("0.33", "0.00")
    assert found.worst_pillar is Habit.PLAN_FIRST


def test_of_equal_habits_the_first_is_the_worst() -> None:
    held = {Habit.PLAN_FIRST: 4, Habit.SCOPE_BOUNDED: 2, Habit.GOAL_EXPLICIT: 2}
    found = skill(
        Totals(applicable=held, shown={Habit.PLAN_FIRST: 2, Habit.SCOPE_BOUNDED: 1, Habit.GOAL_EXPLICIT: 2}), None
    )
    assert found.worst_pillar is Habit.SCOPE_BOUNDED


def test_the_worst_is_found_by_exact_shares() -> None:
    held = {Habit.GOAL_EXPLICIT: 1000, Habit.PLAN_FIRST: 1000}
    found = skill(Totals(applicable=held, shown={Habit.GOAL_EXPLICIT: 504, Habit.PLAN_FIRST: 503}), None)
    assert found.per_boolean[Habit.GOAL_EXPLICIT] == found.per_boolean[Habit.PLAN_FIRST]
    assert found.worst_pillar is Habit.PLAN_FIRST


def test_a_pillar_weighs_its_habits_by_how_often_they_apply() -> None:
    held = {Habit.GOAL_EXPLICIT: 3, Habit.SCOPE_BOUNDED: 1}
    clarity = skill(Totals(applicable=held, shown={Habit.GOAL_EXPLICIT: 3}), None).pillars[0]
    assert (clarity.pillar, str(clarity.share), clarity.shown, clarity.applicable) == ("clarity", "0.75", 3, 4)


def test_each_habit_is_in_one_pillar() -> None:
    assert [habit for pillar in HabitPillar for habit in HABITS[pillar]] == list(Habit)


@pytest.mark.parametrize(
    ("points", "band", "letter"),
    [
        ("0", "poor", "F"),
        ("29.9", "poor", "F"),
        ("30", "poor", "D"),
        ("39.9", "poor", "D"),
        ("40", "weak", "D"),
        ("50", "weak", "C"),
        ("54.9", "weak", "C"),
        ("55", "fair", "C"),
        ("60", "fair", "C+"),
        ("65", "fair", "B-"),
        ("69.9", "fair", "B-"),
        ("70", "good", "B"),
        ("80", "good", "B+"),
        ("85", "good", "A-"),
        ("90", "good", "A"),
        ("95", "good", "A+"),
        ("100", "good", "A+"),
    ],
)
def test_bands_and_letters_are_half_open(points: str, band: str, letter: str) -> None:
    assert skill(graded(points, 1), None).band == band
    assert average_letter(graded(points, 1)) == letter


@given(arcs(make.START, days=5), arcs(make.START, days=5))
def test_shares_stay_in_their_bounds_and_changes_turn_round(one: list[SubSession], other: list[SubSession]) -> None:
    now, before = totals(one), totals(other)
    found, reverse = skill(now, before), skill(before, now)
    shares = [found.apg, *found.per_boolean.values(), *(pillar.share for pillar in found.pillars)]
    assert all(share is None or 0 <= share <= 1 for share in shares)
    assert found.delta_apg == (None if reverse.delta_apg is None else -reverse.delta_apg)
    known = [share for share in found.per_boolean.values() if share is not None]
    worst = found.per_boolean[found.worst_pillar] if found.worst_pillar else None
    assert worst == (min(known) if known else None)
    assert skill(combined([now, before]), None).graded_count == found.graded_count + reverse.graded_count
