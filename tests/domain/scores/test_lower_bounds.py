"""A sum with a lower bound in it is one, and says of how many arcs."""

from dataclasses import replace

from domain.judging.records import Measures, State
from domain.scores.totals import combined, totals
from domain.timeline import Tokens
from tests.make import outcome, sub_session

LOW = Measures(turn_count=3, tokens=Tokens(10, 1), tokens_are_lower_bound=True)


def test_qualifying_arcs_with_a_lower_bound_are_counted() -> None:
    known = sub_session("known", measures=replace(LOW, tokens_are_lower_bound=False))
    crushed, missed = sub_session(1, measures=LOW), sub_session(2, measures=LOW, outcome=outcome(goal_complete=False))
    assert totals([known]).lower_bounds == 0
    assert totals([known, crushed, missed]).lower_bounds == 2
    assert combined([totals([crushed]), totals([known]), totals([missed])]).lower_bounds == 2


def test_arcs_whose_tokens_count_nowhere_are_left_out() -> None:
    assert totals([sub_session(state=State.OPEN, measures=LOW), sub_session(state=State.CLOSED, measures=LOW)]) == (
        replace(totals([sub_session(state=State.CLOSED, measures=LOW)]), lower_bounds=0)
    )
