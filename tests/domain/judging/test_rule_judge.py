"""The deterministic judge as a whole."""

import random

from domain.judging.arcs import Arc
from domain.judging.judge import Judge
from domain.judging.records import FileEdits, Habit, Intent, JudgeStatus, Measures, TitleSource
from domain.judging.rule_judge import RuleJudge
from domain.timeline import Event
from tests import make

EVENTS = (
    make.prompt("Fix the crash in cart.py when the cart is empty, and run the tests", 0),
    make.tool_use("Read", 1, path="cart.py"),
    make.file_diff("cart.py", 2, added=6, removed=2),
    make.command("pytest", 3),
    make.response("The crash came from dividing by the number of items. It now returns 0. " * 4, 4),
)


def arc(*events: Event, closed_at: float | None = 30) -> Arc:
    measures = Measures(turn_count=1, net_loc=4, lines_added=6, lines_removed=2, mutating_tool_calls=1)
    return make.arc(*events, measures=measures, files=(FileEdits("cart.py", 6, 2),), closed_at=closed_at)


def test_a_verdict_holds_rubric_outcome_label_and_evidence():
    judge: Judge = RuleJudge()
    verdict = judge.judge(arc(*EVENTS))
    assert verdict.rubric.intent is Intent.BUG_FIX
    assert verdict.rubric.judge_status is JudgeStatus.OK
    assert verdict.rubric.habits[Habit.VERIFICATION_REQUESTED] is True
    assert verdict.rubric.habits[Habit.PLAN_FIRST] is None
    assert verdict.rubric.letter_grade is not None
    assert verdict.outcome.goal_complete is True
    assert verdict.label.title == "Fix the crash in cart.py when the cart is empty"
    assert {item.verdict for item in verdict.evidence} == {"intent", "rubric", "outcome"}


def test_every_piece_of_evidence_names_events_of_the_arc():
    known = {event.id for event in EVENTS}
    evidence = RuleJudge().judge(arc(*EVENTS)).evidence
    assert all(item.event_ids and set(item.event_ids) <= known for item in evidence)


def test_equal_arcs_get_equal_verdicts():
    random.seed(1)
    first = RuleJudge().judge(arc(*EVENTS))
    random.seed(2)
    assert RuleJudge().judge(arc(*EVENTS)) == first


def test_an_open_arc_gets_a_preview_without_an_outcome():
    verdict = RuleJudge().judge(arc(*EVENTS, closed_at=None))
    assert verdict.rubric.letter_grade is not None
    assert verdict.outcome.goal_complete is None
    assert verdict.outcome.rationale is None
    assert verdict.label.title_source is TitleSource.HEURISTIC


def test_without_prompt_text_the_rubric_is_skipped():
    verdict = RuleJudge().judge(arc(make.prompt(""), *EVENTS[1:]))
    assert verdict.rubric.judge_status is JudgeStatus.SKIPPED
    assert verdict.rubric.intent is None
    assert set(verdict.rubric.habits.values()) == {None}
    assert verdict.outcome.goal_complete is None
    assert verdict.label.title is None


def test_an_arc_that_asks_for_nothing_is_judged_but_not_committed():
    verdict = RuleJudge().judge(arc(make.prompt("yes, do it", 0), *EVENTS[1:]))
    assert verdict.rubric.judge_status is JudgeStatus.OK
    assert verdict.rubric.intent is None
    assert verdict.rubric.letter_grade is None


def test_a_habit_that_does_not_apply_leaves_no_evidence():
    verdict = RuleJudge().judge(arc(make.prompt("plan: fix the typo", 0), *EVENTS[1:]))
    shown = {item.criterion for item in verdict.evidence if item.verdict == "rubric"}
    assert shown == {habit for habit, value in verdict.rubric.habits.items() if value}


def test_a_judge_survives_strange_payloads():
    strange = [make.prompt("fix it properly please", 0)]
    for kind in (
        "command",
        "tool_result",
        "tool_use",
        "git_action",
        "test_run",
        "build_run",
        "planning",
        "ai_response",
    ):
        for data in (
            {},
            {"command": None},
            {"command": ["a", 1]},
            {"text": 3},
            {"action": 5, "paths": "x"},
            {"failed": "2"},
        ):
            strange.append(make.event(kind, 1, data=data))
    assert RuleJudge().judge(arc(*strange)).outcome.goal_complete is False
