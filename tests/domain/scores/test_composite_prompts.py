"""What a prompt is marked by (domain reference, section 19)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.records import Habit
from domain.scores.composite import PromptRubric
from domain.scores.composite_prompts import is_scored, mean_rubric, pes, rubric

ALL = frozenset(Habit)
SHARP = "Fix the wrong rounding of totals in shop/totals.py: `0.125` should give `0.13`. Run the tests."


@pytest.mark.parametrize(
    "text",
    [
        "why does 0.125 round down?",
        "What is in shop/totals.py, and how is it tested?",
        "yes, go ahead",
        "continue",
        "thanks, great work",
        "thanks, works perfectly",
        "commit and push",
        "are you still there?",
        "<task-notification>done</task-notification>",
        "ok",
        "",
    ],
)
def test_questions_meta_talk_continuations_and_callbacks_have_no_score(text: str) -> None:
    assert not is_scored(text)
    assert rubric(text, ALL, 0) is None


@pytest.mark.parametrize(
    "text", [SHARP, "Why does it round down? Fix it in totals.py", "Can you add a marker?", "make it nicer please"]
)
def test_requests_are_scored_also_those_in_the_form_of_a_question(text: str) -> None:
    assert is_scored(text)


def test_a_sharp_prompt_has_full_marks() -> None:
    found = rubric(SHARP, ALL, 0)
    assert found is not None
    assert found == PromptRubric(10, 10, 10, 10)
    assert pes(found) == pytest.approx(10)


def test_a_vague_prompt_has_none() -> None:
    found = rubric("could you just make it all a bit better than it was please", ALL, 3)
    assert found is not None
    assert found.context_leverage == 0
    assert found.turn_economy == 2.5
    assert found.information_density < 4


def test_the_formula() -> None:
    marks = PromptRubric(context_leverage=8, information_density=6, turn_economy=10, ambiguity_cost=4)
    assert pes(marks) == pytest.approx(0.35 * 6 + 0.25 * 8 + 0.25 * 4 + 0.15 * 10)


def test_density_counts_new_words_of_content_among_all() -> None:
    """Seven words, of which "add", "marker", "tide", "chart" carry something: 4/5 of enough, and dense."""
    found = rubric("please add a marker to the tide chart", frozenset(), 0)
    assert found is not None
    assert found.information_density == pytest.approx(10 * 4 / 5)


def test_a_habit_that_is_not_asked_for_is_not_missed() -> None:
    text = "Rename the helper in shop/totals.py"
    held = rubric(text, frozenset({Habit.REFERENCES_CONCRETE}), 0)
    assert held is not None
    assert held.context_leverage == 10
    more = rubric(text, ALL, 0)
    assert more is not None
    assert more.context_leverage == 5
    assert rubric(text, frozenset(), 0) == more


def test_means_are_taken_mark_by_mark() -> None:
    assert mean_rubric([]) is None
    assert mean_rubric([PromptRubric(10, 8, 6, 4), PromptRubric(0, 4, 5, 0)]) == PromptRubric(5, 6, 5.5, 2)


@given(st.text(max_size=200), st.sets(st.sampled_from(Habit)), st.integers(0, 50))
def test_marks_stay_in_range(text: str, asked_of: set[Habit], corrections: int) -> None:
    found = rubric(f"Fix {text}", asked_of, corrections)
    if found is not None:
        marks = (found.context_leverage, found.information_density, found.turn_economy, found.ambiguity_cost)
        assert all(0 <= mark <= 10 for mark in marks)
        assert 0 <= pes(found) <= 10.000001
