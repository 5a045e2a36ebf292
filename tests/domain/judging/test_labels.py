"""Titles and summaries: made from prompts, and checked when people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.judging.labels import LabelErrorCode, clean_label, goal_title, heuristic_title, label, opening_label
from domain.judging.records import FileEdits, Intent, Measures, TitleSource
from tests import make


def test_a_heuristic_title_is_the_beginning_of_the_prompt():
    assert heuristic_title("  Fix\n the   rounding ") == "Fix the rounding"
    assert heuristic_title("") == ""


def test_a_long_title_ends_at_a_word_with_an_ellipsis_within_sixty_code_points():
    title = heuristic_title("Rundet die Summen im Warenkorb kaufmännisch statt abzuschneiden, bitte überall")
    assert title == "Rundet die Summen im Warenkorb kaufmännisch statt…"
    assert len(heuristic_title("😀 " * 100)) <= 60
    assert len(heuristic_title("x" * 500)) == 60


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "Add a table of all the orders of one customer by month ok",
            "Add a table of all the orders of one customer by month ok",
        ),
        (
            "Add a table of all the orders of one customer by the month",
            "Add a table of all the orders of one customer by the month",
        ),
        (
            "Add a table of all the orders of one customer for the months since",
            "Add a table of all the orders of one customer…",
        ),
        ("Add a table of all the orders (of one customer for each month)", "Add a table of all the orders…"),
        (
            "Add a table (of all orders) for every customer of the (nearly all) shops",
            "Add a table (of all orders) for every customer…",
        ),
        (
            "Add (a table of all the orders of one customer for each month)",
            "Add (a table of all the orders of one customer for each…",
        ),
        ("修正错误", "修正错误"),
        ("", ""),
    ],
)
def test_a_title_that_is_cut_ends_well(text: str, title: str):
    assert goal_title(text, Intent.FEATURE) == title


@pytest.mark.parametrize(("chars", "whole"), [(60, True), (61, False)])
def test_a_title_of_sixty_characters_stays_whole(chars: int, whole: bool):
    said = "Add the " + "x" * (chars - 8)
    assert (goal_title(said, Intent.FEATURE) == said) is whole
    assert len(goal_title(said, Intent.FEATURE)) <= 60


@given(st.text() | st.text("a b(.,:?-\n`"), st.sampled_from(list(Intent)))
def test_a_title_is_short_stands_on_one_line_and_has_an_ellipsis_only_where_it_was_cut(text: str, intent: Intent):
    title = goal_title(text, intent)
    assert len(title) <= 60
    assert title == " ".join(title.split())
    assert not title.endswith("…") or "…" in text or len(" ".join(text.split())) > 50


def test_a_summary_tells_goal_and_course():
    arc = make.arc(
        make.prompt("x"),
        measures=Measures(lines_added=12, lines_removed=3),
        files=(FileEdits("a.py", 12, 3),),
    )
    made = label("Please fix the rounding of totals", Intent.BUG_FIX, arc, make.outcome(rationale="It works."))
    assert made.title == "Fix the rounding of totals"
    assert made.summary == "Fix the rounding of totals. 1 file changed (+12 −3); goal reached. It works."
    assert made.title_source is TitleSource.RUBRIC


def test_a_summary_fits_into_its_limit():
    arc = make.arc(make.prompt("x"))
    made = label(
        "fix the " + "very " * 200 + "long thing", Intent.BUG_FIX, arc, make.outcome(rationale="because " * 90)
    )
    assert made.summary is not None
    assert len(made.summary) <= 240
    assert made.title is not None
    assert len(made.title) <= 60


def test_a_summary_words_the_goal_like_the_title():
    made = label("Can you please add a test?", Intent.FEATURE, make.arc(make.prompt("x")), make.outcome(rationale=None))
    assert made.summary == "Add a test. No files changed; goal reached."


def test_an_open_arc_and_one_without_intent_keep_the_heuristic_title():
    assert opening_label("Fix it now please") == label(
        "Fix it now please", None, make.arc(make.prompt("x")), make.outcome()
    )
    assert opening_label("Fix it now please").title_source is TitleSource.HEURISTIC
    assert opening_label("Fix it now please").summary is None
    assert opening_label("").title is None


def test_typed_labels_are_folded_to_one_line():
    assert clean_label(" a\r\nb\tc\x00d\u202ee ", "one\n\ntwo") == ("a b c d e", "one two")
    assert clean_label(None, None) == (None, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", LabelErrorCode.BLANK),
        ("   ", LabelErrorCode.BLANK),
        ("\n\x00", LabelErrorCode.BLANK),
        ("x" * 61, LabelErrorCode.TOO_LONG),
    ],
)
def test_empty_or_too_long_titles_are_refused(text: str, code: LabelErrorCode):
    with pytest.raises(Invalid) as refused:
        clean_label(text, None)
    [fault] = refused.value.faults
    assert (fault.code, fault.field, fault.message) == (code, ("title",), str(refused.value))


def test_all_that_is_wrong_with_a_label_is_told_and_the_first_in_the_message():
    with pytest.raises(Invalid) as refused:
        clean_label("x" * 61, " ")
    assert [(fault.code, fault.field) for fault in refused.value.faults] == [
        (LabelErrorCode.TOO_LONG, ("title",)),
        (LabelErrorCode.BLANK, ("summary",)),
    ]
    assert (str(refused.value), refused.value.details) == ("title must have at most 60 characters, not 61", ("title",))


def test_lengths_are_counted_in_code_points_after_trimming():
    assert clean_label("  " + "😀" * 60 + "  ", "ä" * 240) == ("😀" * 60, "ä" * 240)
    with pytest.raises(Invalid):
        clean_label(None, "ä" * 241)
