"""Hooks of Claude Code, and of agents that copied their shape (event formats reference, sections 2 and 5)."""

from collections.abc import Iterator
from dataclasses import replace

import orjson

from domain.ingest import fields
from domain.ingest.batch import SessionFacts
from domain.ingest.calls import Call
from domain.ingest.claude_messages import NOTE_CHARS, RESPONSE_CHARS, user_events
from domain.ingest.claude_results import Result, claude_call, outcome_of
from domain.ingest.clean import excerpt
from domain.ingest.hooks import Hooks, call_id, events_of_call, named
from domain.ingest.line import Line
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue

_BY_TOOL = frozenset({"system", "loop_wakeup", "schedule_wakeup", "poll_event"})
"""Sources of prompts that nobody typed."""


def session_of(payload: JsonObject) -> str | None:
    return fields.name(payload, "session_id")


def facts_of(service: str, payload: JsonObject) -> SessionFacts:
    """A sub-agent may work elsewhere than its session."""
    project = fields.path(payload, "cwd") if "agent_id" not in payload else None
    return SessionFacts(service, project, title=fields.text(payload, "session_title"))


def events_of(line: Line, payload: JsonObject) -> Iterator[Event]:
    """What a payload tells; an event that is not known, or tells nothing that counts, gives none."""
    match payload.get("hook_event_name"):
        case "SessionStart":
            yield from _start(line, payload)
        case "SessionEnd":
            yield line.event(Kind.SESSION_END, data=_known(reason=fields.name(payload, "reason")), actor="system")
        case "UserPromptSubmit":
            yield from _prompt(line, payload)
        case "PreToolUse" | "PostToolUse" | "PostToolUseFailure":
            yield from _call(line, payload)
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
    if payload.get("source") in _BY_TOOL or line.agent_id is not None:
        return
    told: JsonObject = {"promptId": id, "permissionMode": payload.get("permission_mode")}
    prompt = payload.get("prompt")
    yield from user_events(named(line, "prompt", id), told, prompt if isinstance(prompt, str) else None)


def _call(line: Line, payload: JsonObject) -> Iterator[Event]:
    tool = fields.name(payload, "tool_name")
    if tool is None:
        return
    arguments = fields.record(payload, "tool_input")
    id = fields.name(payload, "tool_use_id")
    of_call = named(line, "call", id)
    call = claude_call(of_call, 0, id or call_id(tool, arguments), tool, arguments)
    if payload.get("hook_event_name") == "PreToolUse":
        yield from events_of_call(call, None)
        return
    # When it began is not known, so neither is how long it took, unless that is told.
    outcome = outcome_of(_result(of_call, call, payload), replace(call, line=replace(of_call, ts=None)))
    yield from events_of_call(call, outcome)


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
        yield line.event(Kind.AI_RESPONSE, data={"text": excerpt(text, RESPONSE_CHARS)})


def _failure(line: Line, payload: JsonObject) -> Iterator[Event]:
    message = fields.text(payload, "error_details") or fields.text(payload, "last_assistant_message")
    error = fields.name(payload, "error")
    data = _known(error=error, message=message and excerpt(message, NOTE_CHARS), final=True)
    yield line.event(Kind.API_ERROR, data=data)


def _known(**told: JsonValue) -> JsonObject:
    return {name: value for name, value in told.items() if value is not None}


CLAUDE_CODE = Hooks("claude-code", session_of, events_of, lambda payload: facts_of("claude-code", payload))
