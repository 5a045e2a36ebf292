"""The habits of each prompt."""

from dataclasses import replace

from domain.judging.prompts import judged_prompts
from domain.judging.records import Habit, JudgeStatus
from domain.judging.rule_judge import RuleJudge
from tests.make import prompt, rubric, sub_session

PROMPTS = [
    prompt("Fix the rounding in shop/totals.py and run the tests.", 0),
    prompt("/compact", 1),
    prompt("Why does 0.125 round down?", 2),
    prompt("Only the totals. Plan first.", 3),
]
ARC = sub_session(prompt_ids=tuple(one.id for one in PROMPTS), judge_version=RuleJudge.version)


def test_habits_of_the_opening_are_not_looked_for_later() -> None:
    shown = [one.habits and {habit for habit in Habit if one.habits[habit]} for one in judged_prompts(ARC, PROMPTS)]
    assert shown == [
        {Habit.GOAL_EXPLICIT, Habit.SCOPE_BOUNDED, Habit.REFERENCES_CONCRETE, Habit.VERIFICATION_REQUESTED},
        None,
        {Habit.GOAL_EXPLICIT, Habit.ROOT_CAUSE_ORIENTED},
        set(),
    ]
    last = judged_prompts(ARC, PROMPTS)[-1].habits
    assert last is not None
    assert {habit for habit in Habit if last[habit] is None} == {
        Habit.GOAL_EXPLICIT, Habit.SCOPE_BOUNDED, Habit.PLAN_FIRST,
    }  # fmt: skip


def test_commands_are_no_turns() -> None:
    assert [one.turn_index for one in judged_prompts(ARC, PROMPTS)] == [0, None, 1, 2]


def test_what_does_not_apply_to_the_arc_is_none() -> None:
    question = rubric(habits={Habit.GOAL_EXPLICIT: True, Habit.SCOPE_BOUNDED: None})
    [first, *_] = judged_prompts(replace(ARC, rubric=question), PROMPTS)
    assert first.habits == dict.fromkeys(Habit) | {Habit.GOAL_EXPLICIT: True}


def test_a_prompt_of_another_arc_is_shown_and_not_judged() -> None:
    arc = replace(ARC, prompt_ids=tuple(one.id for one in PROMPTS[1:]))
    assert [(one.turn_index, one.habits is None) for one in judged_prompts(arc, PROMPTS)] == [
        (None, True), (None, True), (0, False), (1, False),
    ]  # fmt: skip


def test_nothing_is_said_for_another_judge_or_before_judging() -> None:
    pending = replace(ARC, rubric=rubric(judge_status=JudgeStatus.PENDING))
    for arc in (pending, replace(ARC, judge_version="a model")):
        assert [one.habits for one in judged_prompts(arc, PROMPTS)] == [None] * 4


def test_a_prompt_without_text_opens_no_turn() -> None:
    silent = prompt("", 0)
    arc = replace(ARC, prompt_ids=(silent.id,))
    assert [(one.turn_index, one.habits) for one in judged_prompts(arc, [silent])] == [(None, None)]
