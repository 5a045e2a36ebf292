"""Hooks of Codex, which copied those of Claude Code but for its tools (event formats reference, section 5)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from domain.ingest import claude_hooks, fields
from domain.ingest.batch import SessionFacts
from domain.ingest.calls import Call
from domain.ingest.codex import SERVICE
from domain.ingest.codex_calls import call_of
from domain.ingest.codex_lines import prompt_in
from domain.ingest.codex_tools import answered
from domain.ingest.hooks import Hooks, call_id, events_of_call, events_of_effects, named, text_name, timeless
from domain.ingest.line import BY_HUMAN, Line
from domain.ingest.words import prompt_data
from domain.timeline import Event, Kind
from domain.values import JsonObject

_TOOLS = {"Bash": "exec_command"}
"""Whatever runs commands is called as in Claude Code; rollouts bear the name that the model used."""
_WITHIN_SCRIPT = re.compile(r"exec-[0-9a-f]{8}-[0-9a-f-]{27}")
"""Ids made up for calls that a script makes; the rollout has them as parts of the call that runs the script."""


def facts_of(payload: JsonObject) -> SessionFacts:
    facts = claude_hooks.facts_of(SERVICE, payload)
    model = fields.name(payload, "model") if "agent_id" not in payload else None
    return replace(facts, metadata={"model": model}) if model else facts


def events_of(line: Line, payload: JsonObject) -> Iterator[Event]:
    """What a payload tells; an event that is not known, or tells nothing that counts, gives none."""
    match payload.get("hook_event_name"):
        case "UserPromptSubmit":
            yield from _prompt(line, payload)
        case "PreToolUse" | "PostToolUse" | "PostToolUseFailure":
            yield from _call(line, payload)
        case "Interrupt":
            turn = fields.name(payload, "turn_id")
            yield named(line, "interrupt", turn).event(Kind.INTERRUPTION, data={})
        case _:
            yield from claude_hooks.events_of(line, payload)


def _prompt(line: Line, payload: JsonObject) -> Iterator[Event]:
    """As in a rollout, which calls a prompt by its turn. A turn has several where a person spoke while it ran."""
    text, turn = prompt_in(fields.text(payload, "prompt") or ""), fields.name(payload, "turn_id")
    if not text or line.agent_id is not None:
        return
    data = prompt_data(text)
    told: JsonObject = {"promptId": turn, "permissionMode": fields.name(payload, "permission_mode")}
    data |= {name: value for name, value in told.items() if value is not None}
    prompt = named(line, "prompt", turn, text_name(text))
    yield prompt.event(Kind.PROMPT, data=data)
    if payload.get("permission_mode") == "plan":
        yield prompt.event(Kind.PLANNING, part=1, data={"phase": "prompt"}, actor="human", provenance=BY_HUMAN)


def _call(line: Line, payload: JsonObject) -> Iterator[Event]:
    id = fields.name(payload, "tool_use_id")
    call = _call_of(named(line, "call", id), id, payload)
    if call is None:
        return
    begins = payload.get("hook_event_name") == "PreToolUse"
    within_script = id is not None and _WITHIN_SCRIPT.fullmatch(id) is not None
    if begins:
        yield from () if within_script else events_of_call(call, None)
        return
    output = payload.get("tool_response", payload.get("error"))
    outcome = replace(answered(call.line, timeless(call), output), block=1)
    if within_script:
        call = replace(call, id=call_id(call.tool, call.arguments))
        yield from events_of_effects(call, replace(outcome, call_id=call.id))
    else:
        yield from events_of_call(call, outcome)


def _call_of(line: Line, id: str | None, payload: JsonObject) -> Call | None:
    """As the rollout has it: an item that was called `arguments`."""
    tool = fields.name(payload, "tool_name")
    if tool is None:
        return None
    tool, given = _TOOLS.get(tool, tool), payload.get("tool_input")
    arguments = given if isinstance(given, dict) else {}
    known_as = id or call_id(tool, arguments)
    return call_of(line, {"type": "function_call", "name": tool, "call_id": known_as, "arguments": given})


CODEX = Hooks(SERVICE, claude_hooks.session_of, events_of, facts_of)
