import pytest

from domain.ingest.claude_text import Said, Voice, is_request, said_in, said_on
from domain.values import JsonObject, JsonValue


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "8",
        "Implement the following plan:\n\n# Plan",
        "<div> is not centred, please fix",
        "<pr_description>\nThe table writer ignores formats",
        "[Request] add an endpoint",
        "why does [Request interrupted by user] show up?",
        "the path is /etc/hosts",
        "/home/me/app.py is broken",
    ],
)
def test_what_a_person_types_is_a_prompt(text: str) -> None:
    assert said_in(text) == Said(Voice.PROMPT, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "<local-command-stdout>Bye!</local-command-stdout>",
        "<local-command-stderr>no</local-command-stderr>",
        "<local-command-caveat>Caveat: …</local-command-caveat>",
        "<bash-stdout>ok</bash-stdout><bash-stderr></bash-stderr>",
        "<system-reminder>\nbe brief\n</system-reminder>",
        "<system-reminder>never closed",
        "<task-notification>\n<task-id>a1</task-id>\n</task-notification>",
        '<scheduled-task name="nightly">run the tests</scheduled-task>',
        "<ide_opened_file>The user opened a.py</ide_opened_file>",
        "<command-message>init is running…</command-message>",
        "Stop hook feedback:\n- run the linter",
        "Operation stopped by hook: another session is active",
    ],
)
def test_what_the_tool_writes_is_no_prompt(text: str) -> None:
    assert said_in(text) == Said(Voice.TOOL)


def test_context_of_the_editor_is_taken_off_a_prompt() -> None:
    opened = "<ide_opened_file>The user opened a.py</ide_opened_file>"
    selected = "<ide_selection>lines 1 to 2</ide_selection>"
    assert said_in(f"{opened}\n{selected} rename it") == Said(Voice.PROMPT, "rename it")


def test_a_slash_command_has_a_name_and_arguments() -> None:
    new = "<command-message>review</command-message>\n<command-name>/review</command-name>\n"
    old = "<command-name>clear</command-name>\n  <command-message>clear</command-message>\n"
    assert said_in(f"{new}<command-args> 12 </command-args>") == Said(Voice.COMMAND, "12", "review")
    assert said_in(f"{old}<command-args></command-args>") == Said(Voice.COMMAND, "", "clear")
    assert said_in("/compact") == Said(Voice.COMMAND, "", "compact")


def test_shell_lines_and_interruptions_are_told_apart() -> None:
    assert said_in("<bash-input>ls -l</bash-input>") == Said(Voice.SHELL, "ls -l")
    assert said_in("[Request interrupted by user for tool use]").voice is Voice.INTERRUPTION
    assert said_in("This session is being continued from a previous conversation that ran out").voice is Voice.SUMMARY


def test_several_texts_of_one_message_are_one_prompt() -> None:
    blocks: list[JsonValue] = [
        {"type": "text", "text": "<ide_opened_file>a.py</ide_opened_file>"},
        {"type": "text", "text": "first"},
        {"type": "image", "source": {}},
        {"type": "text", "text": "second"},
    ]
    assert said_on({}, blocks) == [Said(Voice.PROMPT, "first\nsecond")]


def test_the_expansion_beside_a_command_is_no_prompt() -> None:
    blocks: list[JsonValue] = [
        {"type": "text", "text": "<command-name>/review</command-name>"},
        {"type": "text", "text": "You are a careful reviewer."},
    ]
    assert said_on({}, blocks) == [Said(Voice.COMMAND, "", "review")]


@pytest.mark.parametrize(
    "line",
    [
        {"isMeta": True},
        {"origin": {"kind": "task-notification"}},
        {"promptSource": "system"},
    ],
)
def test_the_line_itself_may_say_that_nobody_typed_it(line: JsonObject) -> None:
    assert said_on(line, "do it") == []


def test_a_line_that_says_a_person_typed_it_is_believed() -> None:
    text = "<task-notification> appears twice in my log, why?"
    assert said_on({"origin": {"kind": "human"}}, text) == [Said(Voice.PROMPT, text)]
    assert said_on({}, text) == []


def test_a_compact_summary_is_no_prompt() -> None:
    assert said_on({"isCompactSummary": True}, "Summary of the work") == [Said(Voice.SUMMARY)]


def test_arguments_of_six_words_are_a_request() -> None:
    assert is_request("add a logo to these skills")
    assert not is_request("add a logo to skills")
    assert not is_request("")


@pytest.mark.parametrize("content", [None, 3, [], [None, "x", {"type": "text"}], [{"type": "text", "text": 5}]])
def test_odd_content_says_nothing(content: object) -> None:
    assert said_on({}, content) == []  # pyright: ignore[reportArgumentType]
