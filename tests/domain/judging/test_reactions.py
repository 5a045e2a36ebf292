"""Acceptance, objection and doubt in what a developer says, negation and politeness included."""

import time

import pytest

from domain.judging.reactions import acceptance, doubt, ends_in_question, objection


@pytest.mark.parametrize(
    "text",
    [
        "works, thanks",
        "thanks!",
        "ok now it works",
        "Excellent work, thank you!",
        "lgtm",
        "ship it",
        "perfect. now add a test",
        "looks good to me, commit it",
        "no errors now, everything works",
        "No problem, thanks",
        "great!",
        "that’s better",
        "all tests pass now",
        "👍",
    ],
)
def test_acceptance(text: str):
    assert acceptance(text) is not None
    assert objection(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "still broken",
        "no, not what I meant",
        "thanks, but it still fails",
        "it doesn't work",
        "it doesn’t work",
        "not works",
        "works on my machine, but CI fails",
        "it works but the color is wrong",
        "thanks for fixing. the login is broken now",
        "I don't think this is right",
        "uh oh - it just happened again",
        "you forgot the second file",
        "why did you delete the tests?",
        "undo that",
        "I still get an error",
        "That's not what I asked for",
        "oh no, we lost the session list",
        "no",
        "nope",
        "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'",
    ],
)
def test_objection(text: str):
    assert objection(text) is not None
    assert acceptance(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "does it work?",
        "is it still loading lazily?",
        "make sure it works",
        "it should work like before",
        "can you add a test? thanks",
        "run it again",
        "handle the wrong input and make the failing test pass",
        "add a check for when the build fails",
        "nothing is broken",
        "Make sure nothing still uses it",
        "now add the export",
        "raise a ValueError when it is empty",
        "",
    ],
)
def test_neither_acceptance_nor_objection(text: str):
    assert acceptance(text) is None
    assert objection(text) is None


def test_a_bare_no_to_a_question_is_an_answer():
    assert objection("no, leave it as it is") is not None
    assert objection("no, leave it as it is", answers_question=True) is None
    assert objection("no, still broken", answers_question=True) is not None


def test_pasted_code_is_not_what_the_developer_says():
    assert acceptance("see\n```\nassert it works\n```") is None
    assert objection("see\n```\nstill broken\n```") is None


@pytest.mark.parametrize(
    "text",
    [
        "what do you mean by that?",
        "are you sure?",
        "I don't understand",
        "but why is it there?",
        "so it is local, right?",
    ],
)
def test_doubt(text: str):
    assert doubt(text) is not None


@pytest.mark.parametrize("text", ["add a test", "what about the footer?", "works, thanks"])
def test_no_doubt(text: str):
    assert doubt(text) is None


def test_the_clause_that_decides_is_quoted_of_a_long_prompt_and_a_short_one_whole():
    assert objection("Thanks a lot. But it still fails on Windows, and you can see it in the log of the run.") == (
        "But it still fails on Windows"
    )
    assert acceptance("works, thanks") == "works, thanks"


def test_a_message_that_asks_ends_in_a_question():
    assert ends_in_question("All done. Shall I commit it?")
    assert ends_in_question("Which one do you want?\n\n")
    assert not ends_in_question("Is it fast? Yes.\n\nAll done.")


@pytest.mark.parametrize("unit", ["not ", "no, ", "it works ", "still ", "a, ", "why "])
def test_a_huge_prompt_is_read_in_bounded_time(unit: str):
    start = time.process_time()
    for read in (acceptance, objection, doubt):
        read(unit * 300_000)
    assert time.process_time() - start < 2.0
