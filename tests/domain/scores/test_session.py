"""What the arcs of one session come to."""

from dataclasses import replace
from decimal import Decimal

from domain.judging.records import Measures, State
from domain.scores.session import SessionScores, session_scores
from domain.scores.totals import totals
from domain.timeline import Tokens
from tests.make import outcome, rubric, sub_session


def test_a_session_scores_by_the_formulas_of_a_window() -> None:
    reached = sub_session("a", measures=Measures(tokens=Tokens(300)), rubric=rubric(grade_points=80.0))
    missed = sub_session("b", measures=Measures(tokens=Tokens(100)), outcome=outcome(goal_complete=False))
    at_work = sub_session("c", state=State.OPEN)
    found = session_scores(totals([reached, replace(missed, rubric=rubric(grade_points=65.0)), at_work]))
    assert found == SessionScores(Decimal("50.0"), Decimal("0.75"), Decimal("0.73"), 1, 2)


def test_nothing_scores_nothing() -> None:
    assert session_scores(totals([])) == SessionScores(None, None, None, 0, 0)
