"""Hooks of agents, sent to us as they are."""

from uuid import uuid4

import pytest

from domain.ingest.witnesses import UNNAMED
from domain.values import JsonObject, JsonValue
from tests.rest_compat.house import House

CLAUDE_CODE = "/v1/hooks/claude-code"
FIRED_AT = {"x-goalarc-fired-at": "2026-03-02T09:00:00Z"}


def hook(session: str, event: str, **more: JsonValue) -> JsonObject:
    return {"session_id": session, "transcript_path": "/t.jsonl", "cwd": "/w", "hook_event_name": event} | more


def call(session: str, event: str, id: str | None = "toolu_1", **more: JsonValue) -> JsonObject:
    named: JsonObject = {} if id is None else {"tool_use_id": id}
    return hook(session, event, tool_name="Bash", tool_input={"command": "git commit -m x"}) | named | more


ANSWER: JsonValue = {"stdout": "[main 1234567] x", "stderr": "", "interrupted": False}


async def told(house: House, payloads: list[JsonObject], headers: dict[str, str] | None = None) -> list[JsonObject]:
    """The timeline of the session that these payloads make, as a reviewer sees it."""
    developer = (await house.developer()).client
    for payload in payloads:
        answer = await developer.post(CLAUDE_CODE, json=payload, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {}), answer.text
    reviewer = await house.reviewer()
    answer = await reviewer.get(f"/v1/sessions/{payloads[0]['session_id']}/timeline")
    return answer.json()["events"]


async def test_a_turn_is_told_by_its_hooks(house: House) -> None:
    id = str(uuid4())
    events = await told(
        house,
        [
            hook(id, "SessionStart", source="startup"),
            hook(id, "UserPromptSubmit", prompt="commit it, please", prompt_id="p1"),
            call(id, "PreToolUse"),
            call(id, "PostToolUse", tool_response=ANSWER, duration_ms=40),
            hook(id, "Stop", last_assistant_message="Done."),
            hook(id, "SessionEnd", reason="logout"),
        ],
    )
    kinds = [event["kind"] for event in events]
    assert sorted(map(str, kinds)) == sorted(
        ["session_start", "prompt", "tool_use", "tool_result", "command", "git_action", "ai_response", "session_end"]
    )
    by_kind = {event["kind"]: event["data"] for event in events}
    assert by_kind["command"] == {
        "command": "git commit -m x", "cwd": "/w", "exitCode": 0, "durationMs": 40,
        "stdout": "[main 1234567] x", "stderr": "",
    }  # fmt: skip
    assert by_kind["prompt"]["promptId"] == "p1"


async def test_what_is_named_counts_once_however_often_it_is_told(house: House) -> None:
    id = str(uuid4())
    before, after = call(id, "PreToolUse"), call(id, "PostToolUse", tool_response=ANSWER)
    events = await told(house, [after, before, after, before])
    assert [event["kind"] for event in events].count("tool_use") == 1
    assert len(events) == 4


async def test_the_end_of_a_call_without_an_id_is_no_second_call(house: House) -> None:
    id = str(uuid4())
    events = await told(house, [call(id, "PreToolUse", None), call(id, "PostToolUse", None, tool_response=ANSWER)])
    assert [event["kind"] for event in events].count("tool_use") == 1
    assert not any(UNNAMED in str(event["id"]) for event in events)


async def test_a_failed_command_tells_its_exit_code(house: House) -> None:
    id = str(uuid4())
    [*_, command] = await told(house, [call(id, "PostToolUseFailure", error="Exit code 1\nnothing to commit")])
    data = {event["kind"]: event["data"] for event in [command]}
    assert data["command"]["exitCode"] == 1


@pytest.mark.parametrize(
    "payload",
    [
        hook("", "Stop"),
        {"hook_event_name": "Stop"},
        hook("x" * 256, "Stop"),
        {"session_id": 7},
        [],
        "text",
        None,
    ],
)
async def test_what_names_no_session_is_refused(house: House, payload: JsonValue) -> None:
    developer = (await house.developer()).client
    answer = await developer.post(CLAUDE_CODE, json=payload)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "Invalid request body"


@pytest.mark.parametrize(
    "payload",
    [
        hook("s", "SomethingNew", of={"the": "future"}),
        hook("s", "PreToolUse"),
        hook("s", "PreToolUse", tool_name=["no"], tool_input="no"),
        hook("s", "UserPromptSubmit"),
        hook("s", "UserPromptSubmit", prompt={"no": "text"}),
        hook("s", "PostToolUse", tool_name="Edit", tool_input=None, tool_response=[[None]]),
        {"session_id": "s"},
    ],
)
async def test_whatever_else_a_payload_holds_the_agent_is_not_disturbed(house: House, payload: JsonObject) -> None:
    developer = (await house.developer()).client
    answer = await developer.post(CLAUDE_CODE, json=payload | {"session_id": str(uuid4())})
    assert (answer.status_code, answer.json()) == (200, {}), answer.text


async def test_half_a_character_costs_that_character(house: House) -> None:
    id = str(uuid4())
    developer = (await house.developer()).client
    body = f'{{"session_id": "{id}", "hook_event_name": "UserPromptSubmit", "prompt": "fix \\udc90 it"}}'
    answer = await developer.post(CLAUDE_CODE, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {}), answer.text
    [prompt] = await told(house, [hook(id, "SomethingNew")])
    assert prompt["data"]["text"] == "fix \ufffd it"


async def test_what_was_kept_back_says_when_it_was_fired(house: House) -> None:
    id = str(uuid4())
    prompt = hook(id, "UserPromptSubmit", prompt="hello there, friend")
    [event] = await told(house, [prompt, prompt], FIRED_AT)
    assert event["ts"] == "2026-03-02T09:00:00.000Z"


async def test_a_time_that_is_none_is_refused(house: House) -> None:
    developer = (await house.developer()).client
    answer = await developer.post(CLAUDE_CODE, json=hook("s", "Stop"), headers={"x-goalarc-fired-at": "now"})
    assert answer.status_code == 400


async def test_nothing_is_taken_without_a_key(house: House) -> None:
    answer = await house.client().post(CLAUDE_CODE, json=hook("s", "Stop"))
    assert answer.status_code == 401
