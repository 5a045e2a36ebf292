"""Hooks of Claude Code, and of agents that copied their shape (event formats reference, sections 2 and 5)."""

import re
from collections.abc import Iterator

import orjson

from domain.ingest import fields
from domain.ingest.batch import SessionFacts
from domain.ingest.calls import Call
from domain.ingest.claude_messages import user_events
from domain.ingest.claude_results import Result, claude_call, outcome_of
from domain.ingest.clean import excerpt
from domain.ingest.hooks import Hooks, call_id, events_of_call, named, timeless
from domain.ingest.line import Line
from domain.ingest.words import ANSWER_CHARS, NOTE_CHARS
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue

_BY_TOOL = frozenset({"system", "loop_wakeup", "schedule_wakeup", "poll_event"})
"""Sources of prompts that nobody typed."""
_TYPED_COMMAND = re.compile(r"/([a-z][\w:-]{0,63})\s+(\S.*)", re.DOTALL)
_NEVER_RAN = ("<tool_use_error>", "The user doesn't want to")
"""How answers begin of calls that fire no hook of their own when they end."""


def session_of(payload: JsonObject) -> str | None:
    return fields.name(payload, "session_id")


def facts_of(service: str, payload: JsonObject) -> SessionFacts:
    """A sub-agent may work elsewhere than its session."""
    moved_to = fields.path(payload, "new_cwd") if payload.get("hook_event_name") == "CwdChanged" else None
    project = moved_to or fields.path(payload, "cwd") if "agent_id" not in payload else None
    return SessionFacts(service, project, title=fields.text(payload, "session_title"))


def events_of(line: Line, payload: JsonObject) -> Iterator[Event]:
    """What a payload tells; an event that is not known, or tells nothing that counts, gives none.

    Other events repeat these (PostCompact, a batch of what each call told), announce what may never come
    (PermissionRequest, SubagentStart, TaskCreated), or are about the program itself.
    """
    match payload.get("hook_event_name"):
        case "SessionStart":
            yield from _start(line, payload)
        case "SessionEnd":
            yield line.event(Kind.SESSION_END, data=_known(reason=fields.name(payload, "reason")), actor="system")
        case "UserPromptSubmit":
            yield from _prompt(line, payload)
        case "UserPromptExpansion":
            yield from _expansion(line, payload)
        case "PreToolUse" | "PostToolUse" | "PostToolUseFailure":
            yield from _call(line, payload)
        case "PermissionDenied":
            yield from _denied(line, payload)
        case "PostToolBatch":
            yield from _batch(line, payload)
        case "PreCompact":
            yield line.event(Kind.CONTEXT_COMPACT, data=_known(trigger=fields.name(payload, "trigger")))
        case "Stop" | "SubagentStop":
            yield from _answer(line, payload)
        case "StopFailure":
            yield from _failure(line, payload)
        case _:
            return


def _start(line: Line, payload: JsonObject) -> Iterator[Event]:
    """After a compaction the hook fires as well, but nothing starts."""
    source = fields.name(payload, "source")
    if source != "compact":
        yield line.event(Kind.SESSION_START, data=_known(source=source, cwd=line.cwd))
    if source == "clear":
        yield line.event(Kind.CONTEXT_CLEAR, data={"trigger": "command"})


def _prompt(line: Line, payload: JsonObject) -> Iterator[Event]:
    """As on a line of the transcript, which knows commands and notices of the tool by their text."""
    id = fields.name(payload, "prompt_id")
    if fields.name(payload, "source") in _BY_TOOL or line.agent_id is not None:
        return
    told: JsonObject = {"promptId": id, "permissionMode": payload.get("permission_mode")}
    prompt = fields.text(payload, "prompt")
    typed = _TYPED_COMMAND.fullmatch(prompt.strip()) if prompt else None
    if typed is not None:
        prompt = _command(typed[1], typed[2])
    yield from user_events(named(line, "prompt", id), told, prompt)


def _expansion(line: Line, payload: JsonObject) -> Iterator[Event]:
    """A slash command. It is submitted as well: without an id the two could not be known for the same."""
    id, name = fields.name(payload, "prompt_id"), fields.name(payload, "command_name")
    if id is None or name is None or line.agent_id is not None:
        return
    told: JsonObject = {"promptId": id, "permissionMode": payload.get("permission_mode")}
    command = _command(name.lstrip("/"), fields.text(payload, "command_args") or "")
    yield from user_events(named(line, "prompt", id), told, command)


def _command(name: str, arguments: str) -> str:
    """As a transcript writes it."""
    return f"<command-name>/{name}</command-name><command-args>{arguments}</command-args>"


def _call(line: Line, payload: JsonObject) -> Iterator[Event]:
    call = _call_of(line, payload)
    if call is None:
        return
    if payload.get("hook_event_name") == "PreToolUse":
        yield from events_of_call(call, None)
        return
    yield from events_of_call(call, outcome_of(_result(call.line, call, payload), timeless(call)))
    if fields.flag(payload, "is_interrupt"):
        yield call.line.event(Kind.INTERRUPTION, 1, data={"duringTool": True})


def _call_of(line: Line, payload: JsonObject) -> Call | None:
    tool, id = fields.name(payload, "tool_name"), fields.name(payload, "tool_use_id")
    if tool is None:
        return None
    arguments = fields.record(payload, "tool_input")
    return claude_call(named(line, "call", id), 0, id or call_id(tool, arguments), tool, arguments)


def _denied(line: Line, payload: JsonObject) -> Iterator[Event]:
    """A call that was not let through without a person being asked."""
    call = _call_of(line, payload)
    if call is not None:
        reason = fields.text(payload, "reason") or ""
        result = Result(call.line, 1, call.id, reason, failed=True, outcome={}, denial="automode-blocked")
        yield from events_of_call(call, outcome_of(result, timeless(call)))


def _batch(line: Line, payload: JsonObject) -> Iterator[Event]:
    """Of several calls at once those that no hook has told of: they were refused before they ran."""
    for called in fields.records(payload.get("tool_calls")):
        call, answer = _call_of(line, called), _said(called.get("tool_response"))
        if call is not None and answer.startswith(_NEVER_RAN):
            result = Result(call.line, 1, call.id, answer, failed=True, outcome={})
            yield from events_of_call(call, outcome_of(result, timeless(call)))


def _result(line: Line, call: Call, payload: JsonObject) -> Result:
    failed = payload.get("hook_event_name") == "PostToolUseFailure"
    response = payload.get("tool_response")
    outcome = response if isinstance(response, dict) else {}
    duration = fields.number(payload, "duration_ms")
    if duration is not None and "durationMs" not in outcome:
        outcome = {**outcome, "durationMs": duration}
    answer = fields.text(payload, "error") or "" if failed else _said(response)
    return Result(line, 1, call.id, answer, failed, outcome)


def _said(response: JsonValue) -> str:
    """The text of an answer; of a structured one what it printed, else all of it."""
    if isinstance(response, str):
        return response
    if isinstance(response, dict) and ("stdout" in response or "stderr" in response):
        return "\n".join(filter(None, (fields.text(response, "stdout"), fields.text(response, "stderr"))))
    return orjson.dumps(response).decode() if response is not None else ""


def _answer(line: Line, payload: JsonObject) -> Iterator[Event]:
    text = fields.text(payload, "last_assistant_message")
    if text:
        yield line.event(Kind.AI_RESPONSE, data={"text": excerpt(text, ANSWER_CHARS)})


def _failure(line: Line, payload: JsonObject) -> Iterator[Event]:
    message = fields.text(payload, "error_details") or fields.text(payload, "last_assistant_message")
    error = fields.name(payload, "error")
    data = _known(error=error, message=message and excerpt(message, NOTE_CHARS), final=True)
    yield line.event(Kind.API_ERROR, data=data)


def _known(**told: JsonValue) -> JsonObject:
    return {name: value for name, value in told.items() if value is not None}


CLAUDE_CODE = Hooks("claude-code", session_of, events_of, lambda payload: facts_of("claude-code", payload))
