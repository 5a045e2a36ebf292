"""How the goal of an arc is worded: commands, questions, things and statements."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.goals import goal_clause, goal_phrase
from domain.judging.records import Intent

FIX, BUILD, ASK = Intent.BUG_FIX, Intent.FEATURE, Intent.QUESTION


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Hey Claude, can you please add a test for totals? You may run it.", "Add a test for totals"),
        ("We should add the shop's name to any log line", "Add the shop's name to any log line"),
        ("OK, we're going to build a small experiment here.", "Build a small experiment here"),
        ("I need you to migrate the queue to Redis", "Migrate the queue to Redis"),
        ("Could you please, when you have time, look at this?", "Look at this"),
        ("I think we should update the header", "Update the header"),
        ("Your task is to write a parser", "Write a parser"),
        ("Do you think you could split the module?", "Split the module"),
        ("would it be possible to move these files into a submodule?", "Move these files into a submodule"),
        ("It would be nice if we could sort by price", "Sort by price"),
        ("The parser has no tests at all. Consider adding unit tests for it.", "Add unit tests for it"),
        ("Please take a quick look at the review comments", "Look at the review comments"),
        ("analyse this one: https://git.example/shop/issues/77", "Analyse issues/77"),
        ("It's been a while - I see pending changes, examine them, add and commit", "Examine them, add and commit"),
        ("1. rename `a` to `b`, and then stop", "Rename `a` to `b`"),
        ("Do some research on templates", "Do some research on templates"),
        ("can you do a search in the docs?", "Do a search in the docs"),
        ("Implement the following plan:\n\n# Plan: Tree view\n\nText", "Tree view"),
        ("Implement the following plan:\n\n# Fix the sidebar - second try\n\nText", "Fix the sidebar"),
    ],
)
def test_a_command_stays_a_command_without_its_courtesies(text: str, phrase: str):
    assert goal_phrase(text, BUILD) == phrase


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("ok so why is it slow?", "Why is it slow?"),
        ("or is the folder the problem?", "Is the folder the problem?"),
        ("can we do this in the hooks or do we need code?", "Can we do this in the hooks or do we need code?"),
        ("Do all the tests pass? Does the README tell?", "Do all the tests pass?"),
        ("I want to know why the build is slow", "Why the build is slow"),
    ],
)
@pytest.mark.parametrize("intent", [ASK, BUILD])
def test_a_question_stays_a_question(text: str, phrase: str, intent: Intent):
    assert goal_phrase(text, intent) == phrase


@pytest.mark.parametrize(
    ("text", "intent", "phrase"),
    [
        ("the failing login test", FIX, "Fix the failing login test"),
        ("A dark mode for the settings page", BUILD, "Build a dark mode for the settings page"),
        ("the difference between a lock and a latch", ASK, "Explain the difference between a lock and a latch"),
        ("I'm currently getting this error in shop/work, and nothing helps", FIX, "Fix this error in shop/work"),
        ("The crash that is shown when I log in", FIX, "Fix the crash that is shown when I log in"),
    ],
)
def test_a_thing_gets_the_verb_of_the_intent(text: str, intent: Intent, phrase: str):
    assert goal_phrase(text, intent) == phrase


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("The totals are off by one cent", "The totals are off by one cent"),
        ("The release fails because we did a change, and now nothing works", "The release fails"),
        ("We did a big move (see docs) and a lot of the browser tests fail.", "A lot of the browser tests fail"),
        ("lint and tests are failing -> let's sort this out first, then get to it", "Lint and tests are failing"),
        ("I see the page is broken", "I see the page is broken"),
        ("the cart isn't there in the menu", "The cart isn't there in the menu"),
        ("when I log in, and then log out, the page crashes", "When I log in, and then log out, the page crashes"),
        ("any ideas: This script’s changes won’t affect later hooks", "This script's changes won't affect later hooks"),
        ("sorry, the redirect doesn't work :( we might move it", "The redirect doesn't work"),
        ("I did a push... then the hook failed", "I did a push... then the hook failed"),
    ],
)
def test_a_statement_stays_one(text: str, phrase: str):
    assert goal_phrase(text, FIX) == phrase


def test_a_command_beats_the_statements_before_it():
    assert goal_phrase("Our totals are off. Please fix the rounding.", FIX) == "Fix the rounding"


def test_what_a_statement_announces_with_a_colon_is_quoted():
    assert (
        goal_clause("I get this in the shop window:\ncommit or stash them first", FIX)
        == "I get this in the shop window"
    )
    assert goal_clause("Please do the following:\nadd a test", BUILD) == "do the following"


@pytest.mark.parametrize("text", ["iPhone users see nothing", "app.py: it is gone", "`run()` hangs", "x_y is unset"])
def test_names_are_spelled_as_they_are(text: str):
    assert goal_phrase(text, FIX).startswith(text[:4])


@pytest.mark.parametrize("text", ["", "   ", "?", "ok", "```\ncode only\n```", "$ npm test"])
def test_a_prompt_without_words_of_its_own_has_no_goal(text: str):
    assert goal_phrase(text, FIX) == ""


@given(st.text(), st.sampled_from(list(Intent)))
def test_any_text_is_read(text: str, intent: Intent):
    assert "\n" not in goal_phrase(text, intent)


@pytest.mark.parametrize("piece", ["and ", ", so ", "(the ", "can you ", "a: b c d ", "the a ", "I have the "])
def test_long_prompts_are_read_in_little_time(piece: str):
    start = perf_counter()
    goal_phrase(piece * 20_000, FIX)
    assert perf_counter() - start < 2
