"""Hooks of Codex and Cursor beside what else tells of the same session."""

import json
from collections import Counter
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

import persistence.timeline
import resolvers.hooks
from domain.ingest.batch import Batch, SessionFacts
from domain.ingest.codex_hooks import CODEX
from domain.ingest.cursor_hooks import CURSOR
from domain.ingest.hooks import Hooks
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue, SessionId
from resolvers.context import Context
from resolvers.ingest import save_batch
from tests.domain.ingest import rollout
from tests.make_context import NOW

INSIDE = "exec-0b9c6f0e-1111-4222-8333-444455556666"


async def fire(context: Context, hooks: Hooks, payloads: list[JsonObject]) -> None:
    for second, payload in enumerate(payloads):
        await resolvers.hooks.ingest_hook(context, hooks, payload, NOW - timedelta(hours=1, seconds=-second))


async def kept(context: Context, session: SessionId) -> list[Event]:
    async with context.services.database.read(context.tenant) as db:
        return await persistence.timeline.events_of_session(db, context.caller.org_id, session)


def codex(event: str, /, **more: JsonValue) -> JsonObject:
    known: JsonObject = {"session_id": rollout.THREAD, "turn_id": rollout.TURN, "cwd": "/home/dev/app"}
    return known | {"hook_event_name": event} | more


def ran(command: str, output: str, id: str) -> list[JsonObject]:
    given: JsonObject = {"tool_name": "Bash", "tool_input": {"command": command}, "tool_use_id": id}
    return [codex("PreToolUse", **given), codex("PostToolUse", **given, tool_response=output)]


ROLLOUT = [
    rollout.meta(),
    *rollout.turn(),
    rollout.prompt("fix it"),
    rollout.call("exec_command", {"cmd": "pytest"}),
    rollout.output(rollout.ran("1 failed", 1)),
    rollout.item("custom_tool_call", 6, name="exec", input="await tools.exec_command({cmd: 'ls'})", call_id="call_s"),
    rollout.completed("CommandExecution", 7, id=INSIDE, command="ls", exit_code=0, aggregated_output="a.py"),
    rollout.output("done", "call_s", 8),
    rollout.answer("Done.", 9),
]
HOOKS = [
    codex("UserPromptSubmit", prompt="fix it"),
    *ran("pytest", "1 failed", "call_1"),
    *ran("ls", "a.py", INSIDE),
    codex("Stop", last_assistant_message="Done."),
]


async def import_rollout(context: Context) -> None:
    events = rollout.events_of(*ROLLOUT)
    await save_batch(
        context.services, context.caller, Batch("test", {rollout.THREAD: SessionFacts("codex")}, (*events,))
    )


@pytest.mark.parametrize("hooks_first", [True, False])
async def test_hooks_and_rollout_of_codex_make_one_session(context: Context, hooks_first: bool) -> None:
    if hooks_first:
        await fire(context, CODEX, HOOKS)
    await import_rollout(context)
    if not hooks_first:
        await fire(context, CODEX, HOOKS)
    events = await kept(context, rollout.THREAD)
    assert Counter(event.kind for event in events) == Counter(event.kind for event in rollout.events_of(*ROLLOUT))
    assert {event.source["channel"] for event in events} == {"import"}


def cursor(session: str, event: str, /, **more: JsonValue) -> JsonObject:
    known: JsonObject = {"conversation_id": session, "generation_id": "g", "cursor_version": "3.1.0"}
    return known | {"hook_event_name": event, "workspace_roots": ["/w"]} | more


def told_by(session: str, n: int, command: str, output: str, code: int) -> dict[str, JsonObject]:
    """The three hooks of one call."""
    call: JsonObject = {"tool_name": "Shell", "tool_input": {"command": command}, "tool_use_id": f"call_{n}\nfc_{n}"}
    answer = json.dumps({"exitCode": code, "output": output})
    return {
        "before": cursor(session, "preToolUse", **call),
        "aside": cursor(session, "afterShellExecution", command=command, output=output, duration=5),
        "after": cursor(session, "postToolUse", **call, tool_output=answer, duration=6),
    }


@pytest.mark.parametrize("order", [*permutations(("before", "aside", "after"))], ids="-".join)
async def test_general_and_special_hook_of_one_command_tell_it_once(context: Context, order: tuple[str, ...]) -> None:
    """Also where the same command runs twice, and fails the first time."""
    session = str(uuid4())
    first, second = (
        told_by(session, 1, "git commit -m x", "nothing to commit", 1),
        told_by(session, 2, "git commit -m x", "[main 1234567] x", 0),
    )
    await fire(context, CURSOR, [*(first[hook] for hook in order), *(second[hook] for hook in order)])
    events = await kept(context, SessionId(session))
    assert Counter(event.kind.value for event in events) == {
        "tool_use": 2, "tool_result": 2, "command": 2, "git_action": 1
    }  # fmt: skip
    assert [event.exit_code for event in events if event.kind is Kind.COMMAND] == [1, 0]


async def test_what_only_the_special_hook_tells_stays(context: Context) -> None:
    session = str(uuid4())
    hooks = told_by(session, 1, "ls", "a", 0)
    await fire(context, CURSOR, [hooks["aside"], hooks["aside"]])
    assert Counter(event.kind.value for event in await kept(context, SessionId(session))) == {"command": 2}
