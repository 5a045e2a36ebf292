"""Hooks of Cursor (event formats reference, section 6).

Of one call both a general and a special hook fire. The general one tells of the call, its answer and, of a command, how
it ended; the special ones tell what was edited and which server was asked. That a command ran is told by both, and is
one event: the special one alone tells of commands in versions before 2.4.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import PurePosixPath

import orjson

from domain.ingest import fields
from domain.ingest.batch import SessionFacts
from domain.ingest.calls import Call
from domain.ingest.clean import Unreadable, excerpt, parse
from domain.ingest.edits import Change, Edit, compared, edit
from domain.ingest.hooks import Hooks, call_id, events_of_call, events_of_effects, named, text_name
from domain.ingest.line import Line
from domain.ingest.outcomes import Outcome, Ran
from domain.ingest.witnesses import ASIDE
from domain.ingest.words import ANSWER_CHARS, NOTE_CHARS, prompt_data
from domain.shell import resolved
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue

_SHELLS = frozenset({"Shell", "Bash", "run_terminal_cmd"})
_OF_ONE_FILE = frozenset({"Read", "Write", "StrReplace", "Edit", "Delete", "read_file", "edit_file", "delete_file"})
_FAILURES = {"timeout": "timeout", "permission_denied": "permission"}


def session_of(payload: JsonObject) -> str | None:
    """A sub-agent is announced in the name of the conversation it works for."""
    names = ("parent_conversation_id", "conversation_id", "session_id")
    return next((name for one in names if (name := fields.name(payload, one)) is not None), None)


def facts_of(payload: JsonObject) -> SessionFacts:
    metadata = _known(model=fields.name(payload, "model"), version=fields.name(payload, "cursor_version"))
    return SessionFacts("cursor", _root(payload), metadata=metadata)


def events_of(line: Line, payload: JsonObject) -> Iterator[Event]:
    """What a payload tells; an event that is not known, or tells nothing that counts, gives none.

    What is about to happen is told again once it has happened; thoughts, files that were read, and what is typed
    without the agent are no part of a session.
    """
    line = replace(line, cwd=line.cwd or _root(payload))
    match payload.get("hook_event_name"):
        case "sessionStart":
            mode = fields.name(payload, "composer_mode")
            yield named(line, "start").event(Kind.SESSION_START, data=_known(mode=mode, cwd=line.cwd))
        case "sessionEnd":
            ended = named(line, "end", _number(payload, "duration_ms"))
            yield ended.event(Kind.SESSION_END, data=_known(reason=fields.name(payload, "reason")), actor="system")
        case "beforeSubmitPrompt":
            yield from _prompt(line, payload)
        case "afterAgentResponse":
            yield from _answer(line, payload)
        case "preToolUse" | "postToolUse" | "postToolUseFailure":
            yield from _call(line, payload)
        case "afterShellExecution":
            yield from _ran_aside(line, payload)
        case "afterFileEdit":
            yield from _edited(line, payload)
        case "afterMCPExecution":
            yield from _asked_server(line, payload)
        case "preCompact":
            compacted = named(line, "compact", fields.name(payload, "generation_id"), _number(payload, "message_count"))
            yield compacted.event(Kind.CONTEXT_COMPACT, data=_known(trigger=fields.name(payload, "trigger")))
        case "subagentStop":
            yield from _sub_agent(line, payload)
        case "stop":
            yield from _stop(line, payload)
        case _:
            return


def _prompt(line: Line, payload: JsonObject) -> Iterator[Event]:
    text, turn = (fields.text(payload, "prompt") or "").strip(), fields.name(payload, "generation_id")
    if text:
        data = prompt_data(text)
        yield named(line, "prompt", turn).event(Kind.PROMPT, data=data | _known(promptId=turn))


def _answer(line: Line, payload: JsonObject) -> Iterator[Event]:
    text, turn = fields.text(payload, "text") or "", fields.name(payload, "generation_id")
    if text.strip():
        model = fields.name(payload, "model")
        data = _known(text=excerpt(text, ANSWER_CHARS), model=model)
        yield named(line, "answer", turn, text_name(text)).event(Kind.AI_RESPONSE, data=data, model=model)


def _call(line: Line, payload: JsonObject) -> Iterator[Event]:
    tool = fields.name(payload, "tool_name")
    if tool is None:
        return
    id = _id(payload, "tool_use_id")
    call = _call_of(named(line, "call", id), id, tool, _object(payload.get("tool_input")))
    if payload.get("hook_event_name") == "preToolUse":
        yield from events_of_call(call, None)
        return
    failed = payload.get("hook_event_name") == "postToolUseFailure"
    outcome = _failure(call, payload) if failed else _success(call, payload)
    yield from events_of_call(call, outcome)
    if fields.flag(payload, "is_interrupt"):
        yield call.line.event(Kind.INTERRUPTION, 1, data={"duringTool": True})


def _id(payload: JsonObject, key: str) -> str | None:
    """Some models give two ids, one a line: of the call, and of the message that holds it."""
    return (fields.name(payload, key) or "").partition("\n")[0].strip() or None


def _call_of(line: Line, id: str | None, tool: str, arguments: JsonObject) -> Call:
    place = fields.path(arguments, "working_directory") or fields.path(arguments, "cwd")
    line = replace(line, cwd=resolved(place, line.cwd) if place else line.cwd)
    file = fields.path(arguments, "file_path") or fields.path(arguments, "path") if tool in _OF_ONE_FILE else None
    script = fields.text(arguments, "command") or "" if tool in _SHELLS else None
    path = resolved(file, line.cwd) if file else None
    return Call(line, 0, id or call_id(tool, arguments), tool, arguments, path, script)


def _success(call: Call, payload: JsonObject) -> Outcome:
    """The output is JSON within JSON, most of the time; a command may have failed all the same."""
    output = payload.get("tool_output")
    told = _object(output)
    code = next((code for key in ("exitCode", "exit_code") if (code := fields.whole(told, key)) is not None), None)
    stdout = fields.text(told, "stdout") or fields.text(told, "output") or ""
    ran = Ran(stdout, fields.text(told, "stderr") or "", code)
    if not told:
        ran = Ran(output if isinstance(output, str) else "")
    gone = call.tool in ("Delete", "delete_file") and call.path is not None
    return Outcome(
        line=call.line,
        block=1,
        call_id=call.id,
        answer=_said(output, told, ran),
        failed=code not in (None, 0),
        error="exit_code" if code else None,
        duration_ms=_duration_ms(payload),
        ran=ran if call.script is not None else None,
        edits=(edit(call.path, (), Change.DELETED),) if gone and call.path else (),
    )


def _failure(call: Call, payload: JsonObject) -> Outcome:
    message = fields.text(payload, "error_message") or fields.text(payload, "error") or ""
    error = _FAILURES.get(fields.name(payload, "failure_type") or "", "other")
    interrupted = fields.flag(payload, "is_interrupt")
    runs = call.script is not None and error != "permission"
    return Outcome(
        line=call.line,
        block=1,
        call_id=call.id,
        answer=message,
        failed=True,
        error=error,
        duration_ms=_duration_ms(payload),
        ran=Ran(stderr=message, interrupted=interrupted) if runs else None,
    )


def _said(output: JsonValue, told: JsonObject, ran: Ran) -> str:
    if printed := "\n".join(filter(None, (ran.stdout, ran.stderr))):
        return printed
    return output if isinstance(output, str) else orjson.dumps(told).decode() if told else ""


def _ran_aside(line: Line, payload: JsonObject) -> Iterator[Event]:
    """The command by the special hook, which tells neither the id of its call nor how it ended."""
    command = fields.text(payload, "command")
    if command:
        line = replace(line, source={**line.source, "witness": ASIDE})
        call = _call_of(line, None, "Shell", {"command": command})
        ran = Ran(fields.text(payload, "output") or "")
        yield from events_of_effects(call, Outcome(line, 0, call.id, "", duration_ms=_duration_ms(payload), ran=ran))


def _edited(line: Line, payload: JsonObject) -> Iterator[Event]:
    path = fields.path(payload, "file_path")
    if path:
        call = _call_of(line, None, "Write", {"file_path": path})
        changed = _edit(resolved(path, line.cwd), fields.records(payload.get("edits")))
        yield from events_of_effects(call, Outcome(line, 0, call.id, "", edits=(changed,)))


def _edit(path: str, edits: list[JsonObject]) -> Edit:
    """A file that held nothing before was made; of others only the places that changed are told."""
    pairs = [(fields.text(one, "old_string") or "", fields.text(one, "new_string") or "") for one in edits]
    lines = chain.from_iterable(compared(old, new) for old, new in pairs)
    created = len(pairs) == 1 and not pairs[0][0]
    size = len(pairs[0][1].encode()) if created else None
    return edit(path, lines, Change.CREATED if created else Change.CHANGED, size_bytes=size)


def _asked_server(line: Line, payload: JsonObject) -> Iterator[Event]:
    """Only the special hook may name the server."""
    tool = fields.name(payload, "tool_name")
    if tool:
        server = fields.name(payload, "mcp_server_name") or fields.name(payload, "server_name")
        data = _known(server=server, toolName=tool.removeprefix("MCP:"))
        yield line.event(Kind.MCP_CALL, data=data, tool=tool, duration_ms=_duration_ms(payload))


def _sub_agent(line: Line, payload: JsonObject) -> Iterator[Event]:
    """What it answers in the end. Its id is told by newer versions, and always by the name of its transcript."""
    transcript = fields.path(payload, "agent_transcript_path") or ""
    agent = fields.name(payload, "subagent_id") or PurePosixPath(transcript.replace("\\", "/")).stem
    text = fields.text(payload, "summary")
    if agent and text:
        line = named(replace(line, agent_id=agent[: fields.NAME_CHARS]), "sub-agent", agent, text_name(text))
        yield line.event(Kind.AI_RESPONSE, data={"text": excerpt(text, ANSWER_CHARS)})


def _stop(line: Line, payload: JsonObject) -> Iterator[Event]:
    """A turn that ended well has told so by its answer."""
    line = named(line, "stop", fields.name(payload, "generation_id"), _number(payload, "loop_count"))
    match payload.get("status"):
        case "aborted":
            yield line.event(Kind.INTERRUPTION, data={})
        case "error":
            message = fields.text(payload, "error_message")
            yield line.event(Kind.API_ERROR, data=_known(message=message and excerpt(message, NOTE_CHARS), final=True))
        case _:
            return


def _root(payload: JsonObject) -> str | None:
    roots = fields.strings(payload.get("workspace_roots"))
    return roots[0] if roots and 0 < len(roots[0]) <= fields.PATH_CHARS else None


def _duration_ms(payload: JsonObject) -> int | None:
    duration = fields.number(payload, "duration")
    return round(duration) if duration is not None and duration >= 0 else None


def _number(payload: JsonObject, key: str) -> str | None:
    """A number that tells one moment from another, as a name."""
    number = fields.number(payload, key)
    return None if number is None else str(number)


def _object(value: JsonValue) -> JsonObject:
    """An object, or the text of one."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = parse(value.encode("utf-8", "surrogatepass"))
        except Unreadable:
            return {}
    return value if isinstance(value, dict) else {}


def _known(**told: JsonValue) -> JsonObject:
    return {name: value for name, value in told.items() if value is not None}


CURSOR = Hooks("cursor", session_of, events_of, facts_of, frozenset({"user_email"}))
