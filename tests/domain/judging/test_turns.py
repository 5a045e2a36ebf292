"""User turns, and which prompts say what an arc is about."""

import pytest

from domain.judging.turns import Speech, asks_delivery, prompt_text, speech, turns
from domain.timeline import Kind
from tests import make


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Add a test for the parser", Speech.REQUEST),
        ("why does the build fail?", Speech.REQUEST),
        ("修正这个错误", Speech.REQUEST),
        ("commit this", Speech.DELIVERY),
        ("push", Speech.DELIVERY),
        ("ok, now commit and push please", Speech.DELIVERY),
        ("create a PR", Speech.DELIVERY),
        ("yes", Speech.CONTINUATION),
        ("1", Speech.CONTINUATION),
        ("A and B", Speech.CONTINUATION),
        ("go ahead", Speech.CONTINUATION),
        ("git s", Speech.CONTINUATION),
        ("Excellent work, thank you!", Speech.CHATTER),
        ("👍", Speech.CHATTER),
        ("are you still there?", Speech.META),
        ("I think you got an API error?", Speech.META),
        ("<task-notification>done</task-notification>", Speech.CALLBACK),
        ("[Request interrupted by user]", Speech.CALLBACK),
        ("Stop hook feedback: lint failed", Speech.CALLBACK),
        ("This session is being continued from a previous conversation that ran out", Speech.CALLBACK),
    ],
)
def test_speech_of_a_prompt(text: str, expected: Speech):
    assert speech(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "commit",
        "Great, now commit and push.",
        "fix the typo and then push",
        "please open a PR",
        "ship it",
        "ok merge it",
    ],
)
def test_an_order_to_deliver_is_seen(text: str):
    assert asks_delivery(text)


@pytest.mark.parametrize(
    "text",
    [
        "don't commit yet",
        "do not push this",
        "what does the commit message say?",
        "push notifications should be silent",
        "merge the two functions",
    ],
)
def test_talk_of_commits_is_no_order_to_deliver(text: str):
    assert not asks_delivery(text)


def test_a_turn_holds_what_happened_until_the_next_prompt():
    first, second = make.prompt("Add a test", 0), make.prompt("Thanks", 5)
    call, answer = make.tool_use("Read", 1), make.response("Done.", 2)
    found = turns((first, call, answer, second))
    assert [(turn.prompt, turn.index, turn.events) for turn in found] == [
        (first, 0, (call, answer)),
        (second, 3, ()),
    ]


def test_commands_callbacks_and_prompts_of_sub_agents_open_no_turn():
    events = (
        make.prompt("/clear", 0),
        make.prompt("!ls", 1),
        make.prompt("<system-reminder>x</system-reminder>", 2),
        make.prompt("find all tests", 3, agent_id="a1"),
        make.prompt("", 4),
        make.event(Kind.SLASH_COMMAND, 5, data={"name": "review", "args": "look at the last commit in detail"}),
    )
    assert turns(events) == ()


def test_a_path_at_the_start_is_no_command():
    assert len(turns((make.prompt("/home/ada/x.py is broken"),))) == 1


def test_the_alias_prompt_is_read_and_other_types_are_not():
    assert prompt_text(make.prompt("", data={"prompt": " hello "})) == "hello"
    assert prompt_text(make.prompt("", data={"text": 7})) == ""


def test_a_huge_prompt_is_classed_quickly():
    assert speech("word other " * 200_000) is Speech.REQUEST
