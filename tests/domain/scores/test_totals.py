"""What arcs add up to, alone and together."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.records import Flag, FlagKind, Habit, Intent, JudgeStatus, Measures, State, SubSession, TriviaReason
from domain.scores.totals import Crush, Totals, combined, totals
from domain.timeline import Tokens
from tests.make import START, outcome, rubric, sub_session, time


def test_nothing_adds_up_to_nothing() -> None:
    assert totals([]) == combined([]) == Totals()


def test_open_and_merged_arcs_count_nowhere() -> None:
    assert totals([sub_session(state=State.OPEN), sub_session(state=State.MERGED)]) == Totals()


def test_a_crushed_arc_counts_with_all_it_took() -> None:
    measures = Measures(turn_count=4, tokens=Tokens(10, 20, 30, 40), cost_usd=Decimal("0.42"))
    found = totals([sub_session(measures=measures)])
    assert (found.qualifying, found.crushed, found.turns, found.tokens) == (1, 1, 4, Tokens(10, 20, 30, 40))
    assert found.crushes == (Crush(100, Decimal("0.42"), 1_500.0),)
    assert (found.graded, found.grade_points) == (1, Decimal("75.0"))
    assert found.applicable == found.shown == dict.fromkeys(Habit, 1)


def test_a_goal_missed_or_undone_qualifies_without_a_crush() -> None:
    missed = sub_session(outcome=outcome(goal_complete=False))
    assert (totals([missed]).qualifying, totals([missed]).crushed) == (1, 0)


@pytest.mark.parametrize(
    ("state", "floor", "pending"),
    [(State.CLOSED, True, 1), (State.CLOSED, False, 0), (State.CLOSED, None, 0), (State.SCORED, True, 0)],
)
def test_what_is_closed_and_past_the_floor_is_pending(state: State, floor: bool | None, pending: int) -> None:
    assert totals([sub_session(state=state, substance_floor_passed=floor)]).pending == pending


def test_an_excluded_arc_is_trivia_by_its_reason() -> None:
    arc = sub_session(state=State.EXCLUDED, excluded_reason=TriviaReason.TOO_FEW_TURNS, substance_floor_passed=False)
    found = totals([arc, arc])
    assert (found.trivia, found.qualifying, found.graded) == ({TriviaReason.TOO_FEW_TURNS: 2}, 0, 0)


def test_a_habit_that_does_not_apply_is_in_neither_count() -> None:
    habits = {Habit.GOAL_EXPLICIT: True, Habit.SCOPE_BOUNDED: False, Habit.PLAN_FIRST: None}
    found = totals([sub_session(rubric=rubric(habits=habits))])
    assert found.applicable == {Habit.GOAL_EXPLICIT: 1, Habit.SCOPE_BOUNDED: 1}
    assert found.shown == {Habit.GOAL_EXPLICIT: 1}


def test_an_arc_whose_judge_failed_has_no_grade() -> None:
    found = totals([sub_session(rubric=rubric(judge_status=JudgeStatus.ERROR))])
    assert (found.graded, found.grade_points, found.applicable) == (0, 0, {})


def test_arcs_past_the_floor_are_counted_by_grade_intent_and_status() -> None:
    waiting = rubric(judge_status=JudgeStatus.PENDING, intent=None, letter_grade=None, grade_points=None)
    failed = rubric(judge_status=JudgeStatus.ERROR)
    counted = [sub_session(), sub_session(state=State.CLOSED, rubric=waiting), sub_session(rubric=failed)]
    excluded = sub_session(state=State.EXCLUDED, substance_floor_passed=False)
    found = totals([*counted, excluded, sub_session(state=State.OPEN), sub_session(state=State.MERGED)])
    assert found.judge_statuses == {JudgeStatus.OK: 1, JudgeStatus.PENDING: 1, JudgeStatus.ERROR: 1}
    assert found.intents == {Intent.BUG_FIX: 2}
    assert found.letters == {"B": 1}
    assert (found.past_floor, found.graded) == (3, 1)


def test_what_is_unknown_of_a_crush_stays_unknown() -> None:
    unknown = sub_session(outcome=outcome(goal_completed_at=None))
    assert totals([unknown]).crushes == (Crush(0, None, None),)
    assert totals([sub_session(first_prompt_at=None)]).crushes == (Crush(0, None, None),)


def test_a_goal_reached_before_it_was_asked_for_took_no_time() -> None:
    assert totals([sub_session(first_prompt_at=time(26))]).crushes[0].seconds == 0.0


def _arc(number: int, state: State, complete: bool, tokens: int, kinds: list[FlagKind]) -> SubSession:
    return sub_session(
        number,
        state=state,
        started_at=START + timedelta(minutes=number),
        measures=Measures(turn_count=number, tokens=Tokens(tokens, tokens)),
        outcome=outcome(goal_complete=complete),
        excluded_reason=TriviaReason.OTHER if state is State.EXCLUDED else None,
        flags=tuple(Flag(_ID, kind, sub_session(number).id, START, "info", "x") for kind in kinds),
    )


_ID = sub_session().id
_arcs = st.lists(
    st.builds(
        _arc,
        st.integers(0, 50),
        st.sampled_from(State),
        st.booleans(),
        st.integers(0, 10**12),
        st.lists(st.sampled_from(FlagKind), unique=True),
    ),
    max_size=12,
)


@given(_arcs, st.randoms(use_true_random=False))
def test_parts_in_any_order_combine_to_the_whole(arcs: list[SubSession], random: Random) -> None:
    shuffled = list(arcs)
    random.shuffle(shuffled)
    cut = len(arcs) // 2
    assert combined([totals(shuffled[:cut]), totals(shuffled[cut:])]) == totals(arcs)


@given(_arcs)
def test_no_more_is_crushed_than_qualifies(arcs: list[SubSession]) -> None:
    found = totals(arcs)
    assert 0 <= found.crushed <= found.qualifying <= len(arcs)
    assert 0 <= found.crushed_tokens <= found.tokens.total
    assert all(found.shown[habit] <= found.applicable[habit] for habit in found.shown)
    assert sum(found.letters.values()) == found.graded <= found.past_floor
    assert sum(found.intents.values()) <= found.past_floor <= len(arcs)
