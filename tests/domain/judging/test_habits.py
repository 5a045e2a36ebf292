"""The seven prompt habits, where they apply, and the grade."""

import pytest

from domain.judging.habits import BANDS, applicable, arc_habits, grade, prompt_habits
from domain.judging.records import Habit, Intent, Measures
from domain.judging.turns import turns
from domain.timeline import Event, Kind
from tests import make

SMALL = Measures(turn_count=1, net_loc=5)


@pytest.mark.parametrize(
    ("habit", "text"),
    [
        (Habit.GOAL_EXPLICIT, "Add an export button to the report page"),
        (Habit.GOAL_EXPLICIT, "the parser should return None on empty input"),
        (Habit.GOAL_EXPLICIT, "why is it slow?"),
        (Habit.SCOPE_BOUNDED, "only touch the login form"),
        (Habit.SCOPE_BOUNDED, "change the default in config.py"),
        (Habit.SCOPE_BOUNDED, "don't change the tests"),
        (Habit.REFERENCES_CONCRETE, "see src/app.py"),
        (Habit.REFERENCES_CONCRETE, "what about @docs/intro.md"),
        (Habit.REFERENCES_CONCRETE, "look at line 40"),
        (Habit.REFERENCES_CONCRETE, "rename `parse_date` please"),
        (Habit.CONTEXT_SUFFICIENT, "I get\nTypeError: x is undefined"),
        (Habit.CONTEXT_SUFFICIENT, "call it like `run(3)` and see"),
        (Habit.CONTEXT_SUFFICIENT, "the page in app.tsx " + "has a long story " * 10),
        (Habit.VERIFICATION_REQUESTED, "and run the linter, all tests must pass"),
        (Habit.VERIFICATION_REQUESTED, "make sure it still loads"),
        (Habit.ROOT_CAUSE_ORIENTED, "find the root cause"),
        (Habit.ROOT_CAUSE_ORIENTED, "why does it fail"),
        (Habit.PLAN_FIRST, "propose an approach before coding"),
    ],
)
def test_a_prompt_shows_the_habit(habit: Habit, text: str):
    assert habit in prompt_habits(text)


@pytest.mark.parametrize(
    ("habit", "text"),
    [
        (Habit.GOAL_EXPLICIT, "fix it"),
        (Habit.GOAL_EXPLICIT, "hmm that looks a bit odd to me"),
        (Habit.SCOPE_BOUNDED, "add tests, fix lint, update docs and also rename a.py"),
        (Habit.SCOPE_BOUNDED, "change a.py and b.py"),
        (Habit.REFERENCES_CONCRETE, "make the button nicer"),
        (Habit.CONTEXT_SUFFICIENT, "see app.tsx"),
        (Habit.VERIFICATION_REQUESTED, "add a button"),
        (Habit.ROOT_CAUSE_ORIENTED, "just make it pass because CI is blocked"),
        (Habit.PLAN_FIRST, "add a button"),
        (Habit.PLAN_FIRST, "change the design of the options page"),
        *[(habit, "") for habit in Habit],
    ],
)
def test_a_prompt_does_not_show_the_habit(habit: Habit, text: str):
    assert habit not in prompt_habits(text)


@pytest.mark.parametrize(
    ("habit", "without", "with_it"),
    [
        (Habit.GOAL_EXPLICIT, "fix the login form", "fix the old login form"),
        (Habit.GOAL_EXPLICIT, "here is a rather quick fix", "now you go and fix it"),
        (Habit.GOAL_EXPLICIT, "is it slow?", "how slow?"),
        (Habit.GOAL_EXPLICIT, "what a mess", "what a mess?"),
        (Habit.SCOPE_BOUNDED, "move, rename and extract things in a.py", "move and rename things in a.py"),
        (Habit.CONTEXT_SUFFICIENT, "word " * 37 + "a.py", "word " * 38 + "a.py"),
    ],
)
def test_where_a_habit_begins(habit: Habit, without: str, with_it: str):
    """Five words make a goal, two verbs bound the scope, 40 words with a reference are context (a path is two)."""
    assert habit not in prompt_habits(without)
    assert habit in prompt_habits(with_it)


def shown(*events: Event) -> set[Habit]:
    arc = make.arc(*events)
    return set(arc_habits(arc, turns(arc.events)))


def test_goal_scope_and_plan_count_in_the_first_two_turns_only():
    late = "Only add an export to report.py; propose a plan first"
    early = shown(make.prompt("hello", 0), make.prompt(late, 1))
    assert {Habit.GOAL_EXPLICIT, Habit.SCOPE_BOUNDED, Habit.PLAN_FIRST} <= early
    assert shown(make.prompt("hello", 0), make.prompt("well", 1), make.prompt(late, 2)) == {Habit.REFERENCES_CONCRETE}


def test_the_other_habits_count_in_any_turn():
    events = [make.prompt("go on", i) for i in range(5)]
    found = shown(*events, make.prompt("why? run the tests in `app`", 6))
    assert {Habit.VERIFICATION_REQUESTED, Habit.ROOT_CAUSE_ORIENTED, Habit.CONTEXT_SUFFICIENT} <= found


def test_plan_mode_before_the_first_change_is_planning():
    opening, change = make.prompt("Add it", 0), make.file_diff("a.py", 3)
    plan = make.event(Kind.PLANNING, 1)
    assert Habit.PLAN_FIRST in shown(opening, plan, change)
    assert Habit.PLAN_FIRST not in shown(opening, change, make.event(Kind.PLANNING, 4))


def test_a_first_turn_that_only_reads_is_planning():
    opening, reading = make.prompt("Look around", 0), make.tool_use("Read", 1)
    next_turn, change = make.prompt("now add it", 2), make.file_diff("a.py", 3)
    assert Habit.PLAN_FIRST in shown(opening, reading, next_turn, change)
    assert Habit.PLAN_FIRST not in shown(opening, reading, change, next_turn)
    assert Habit.PLAN_FIRST not in shown(opening, next_turn, change)


def test_a_single_turn_that_reads_opens_nothing():
    assert Habit.PLAN_FIRST not in shown(make.prompt("Look around", 0), make.tool_use("Read", 1))


def test_reading_by_commands_alone_is_planning_too():
    opening, next_turn = make.prompt("Look around", 0), make.prompt("now add it", 2)
    assert Habit.PLAN_FIRST in shown(opening, make.command("cat a.py", 1), next_turn)
    assert Habit.PLAN_FIRST not in shown(opening, make.command("rm a.py", 1), next_turn)
    assert Habit.PLAN_FIRST not in shown(opening, make.command("cat a.py", 1, actor="human"), next_turn)


def test_habits_of_one_prompt_stand_in_their_order():
    """The same in every process: sets of text are not."""
    said = "Propose a plan first: why does `run(3)` in app.py fail? It should return None; run the tests, only that"
    arc = make.arc(make.prompt(said))
    assert list(arc_habits(arc, turns(arc.events))) == list(Habit)


def test_each_habit_names_the_prompt_that_shows_it():
    arc = make.arc(make.prompt("hm", 0), make.prompt("see src/app.py", 1))
    evidence = arc_habits(arc, turns(arc.events))[Habit.REFERENCES_CONCRETE]
    assert evidence.event_ids == (arc.events[1].id,)
    assert evidence.quote == "see src/app.py"


@pytest.mark.parametrize(
    ("intent", "letters"),
    [
        (Intent.QUESTION, "y_yy___"),
        (Intent.INVESTIGATION, "yyyy_y_"),
        (Intent.REVIEW, "yyyy___"),
        (Intent.PLAN, "yyyy___"),
        (Intent.SMALL_CHANGE, "yyy_y__"),
        (Intent.BUG_FIX, "yyyyyy_"),
        (Intent.FEATURE, "yyyyy_y"),
        (Intent.REFACTOR, "yyyyy_y"),
    ],
)
def test_which_habits_apply_to_a_small_arc_of_an_intent(intent: Intent, letters: str):
    held = applicable(intent, SMALL)
    assert "".join("y" if habit in held else "_" for habit in Habit) == letters


@pytest.mark.parametrize(
    ("measures", "applies"),
    [
        (Measures(turn_count=2, net_loc=49), False),
        (Measures(turn_count=3, net_loc=0), True),
        (Measures(turn_count=1, net_loc=50), True),
    ],
)
def test_planning_applies_to_a_bug_fix_only_if_it_is_big(measures: Measures, applies: bool):
    assert (Habit.PLAN_FIRST in applicable(Intent.BUG_FIX, measures)) is applies


def test_without_an_intent_no_habit_applies():
    assert applicable(None, SMALL) == frozenset()


@pytest.mark.parametrize(
    ("applicable_count", "letters"),
    [
        (7, ["F", "F", "F", "D", "C", "B", "A-", "A+"]),
        (6, ["F", "F", "D", "C", "B-", "B+", "A+"]),
        (5, ["F", "F", "D", "C+", "B+", "A+"]),
        (4, ["F", "F", "C", "B", "A+"]),
        (3, ["F", "D", "B-", "A+"]),
    ],
)
def test_letters_by_number_of_habits_shown(applicable_count: int, letters: list[str]):
    for true_count, letter in enumerate(letters):
        habits: dict[Habit, bool | None] = dict.fromkeys(Habit)
        for i, habit in enumerate(list(Habit)[:applicable_count]):
            habits[habit] = i < true_count
        assert grade(habits)[0] == letter


def test_bands_and_points_are_those_of_the_reference():
    """Section 7.6; an A cannot be reached with seven habits or fewer."""
    assert [(float(end), letter, points) for end, letter, points in BANDS] == [
        (3, "F", 0), (5, "D", 40), (6, "C", 55), (6.5, "C+", 62.5), (7, "B-", 67.5),
        (8, "B", 75), (8.5, "B+", 82.5), (9, "A-", 87.5), (9.5, "A", 92.5),
    ]  # fmt: skip


def test_points_of_letters():
    def points(true_count: int, of: int) -> float | None:
        habits = list(Habit)
        return grade({habit: i < true_count for i, habit in enumerate(habits[:of])})[1]

    assert [points(7, 7), points(6, 7), points(5, 7), points(4, 7), points(3, 7), points(2, 7)] == [
        100.0,
        87.5,
        75.0,
        55.0,
        40.0,
        0.0,
    ]
    assert [points(5, 6), points(4, 6), points(3, 5)] == [82.5, 67.5, 62.5]


def test_no_applicable_habit_gives_no_grade():
    assert grade(dict.fromkeys(Habit)) == (None, None)
