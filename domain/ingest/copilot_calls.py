"""Calls and their answers as Copilot CLI writes them (event formats reference, section 7)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.edits import Change, Edit, added, compared, edit
from domain.ingest.joins import Background, ToolCalls
from domain.ingest.line import Line
from domain.ingest.outcomes import Outcome, Ran, effect_events, outcome_events
from domain.ingest.patches import files_of, patch_edits
from domain.ingest.recent import Recent
from domain.shell import resolved
from domain.timeline import Event
from domain.values import JsonObject

SHELLS = frozenset(("bash", "powershell", "local_shell"))
PLAN_TOOL = "exit_plan_mode"
DENIALS = 256
_END = re.compile(r"\n?<(?:shellId: \S{1,64} completed|exited) with exit code (-?\d{1,9})>\s*\Z")
_RUNNING = re.compile(r"<command (?:with|started\b[^>]{0,200}?) ?(?:shellId|id): ([^\s>]{1,64})")
_APPROVED = "Plan approved"
_REFUSED = frozenset(("rejected", "denied"))


@dataclass(frozen=True, slots=True)
class Result:
    line: Line
    id: str
    answer: str
    failed: bool
    code: str | None
    exit_code: int | None


def call_of(line: Line, data: JsonObject) -> Call | None:
    """The call that a `tool.execution_start` begins; None without an id or a name."""
    id, tool = fields.name(data, "toolCallId"), _tool(data)
    if id is None or tool is None:
        return None
    given = data.get("arguments")
    arguments: JsonObject = {"input": given} if isinstance(given, str) else fields.record(data, "arguments")
    script = fields.text(arguments, "command") or "" if tool in SHELLS else None
    plan = fields.text(arguments, "summary") or "" if tool == PLAN_TOOL else None
    return Call(line, 0, id, tool, arguments, _file(tool, arguments, line.cwd), script, plan)


def _tool(data: JsonObject) -> str | None:
    server, name = fields.name(data, "mcpServerName"), fields.name(data, "mcpToolName")
    if server and name:
        return f"mcp__{server}__{name}"[: fields.NAME_CHARS]
    return fields.name(data, "toolName")


def _file(tool: str, arguments: JsonObject, cwd: str | None) -> str | None:
    """The one file that a call names; the tools that search name folders."""
    if tool == "apply_patch":
        files = files_of(fields.text(arguments, "input") or "")
        return resolved(files[0], cwd) if len(files) == 1 else None
    return fields.path(arguments, "path") if tool in ("view", "create", "edit", "str_replace_editor") else None


def result_of(line: Line, data: JsonObject) -> Result | None:
    """What a `tool.execution_complete` says."""
    id = fields.name(data, "toolCallId")
    if id is None:
        return None
    result, error = fields.record(data, "result"), fields.record(data, "error")
    answer = fields.text(result, "content") or fields.text(error, "message") or ""
    end = _END.search(answer)
    ended = [block for block in fields.records(result.get("contents")) if block.get("type") == "shell_exit"]
    code = fields.whole(ended[0], "exitCode") if ended else int(end[1]) if end else None
    answer = answer[: end.start()] if end else answer
    return Result(line, id, answer, data.get("success") is False, fields.name(error, "code"), code)


class Tools:
    """Calls joined with their answers, and with what a person or a rule said to them."""

    def __init__(self) -> None:
        self._calls: ToolCalls[Result] = ToolCalls(self._events)
        self._denials: Recent[str, str] = Recent(DENIALS)
        self._background = Background()

    def call(self, line: Line, data: JsonObject, size: int) -> Iterator[Event]:
        call = call_of(line, data)
        yield from self._calls.call(call, size) if call else ()

    def result(self, line: Line, data: JsonObject, size: int) -> Iterator[Event]:
        result = result_of(line, data)
        yield from self._calls.result(result, size) if result else ()

    def permission(self, data: JsonObject) -> None:
        """Takes note of a `permission.completed` that says no."""
        id = fields.name(data, "toolCallId")
        kind = fields.name(fields.record(data, "result"), "kind") or ""
        if id and kind.startswith("denied"):
            self._denials.put(id, "rejected" if "by-user" in kind else "permission")

    def flush(self) -> Iterator[Event]:
        return self._calls.flush()

    def _events(self, result: Result, call: Call | None) -> Iterator[Event]:
        outcome = _outcome(result, call, self._denials.get(result.id))
        running = _RUNNING.search(result.answer)
        if call is None or call.script is None or running is None:
            yield from outcome_events(outcome, call)
        else:
            self._background.goes_on(running[1], call)
            yield from outcome_events(replace(outcome, ran=None), call)
        shell = _shell(call)
        if shell is not None and result.exit_code is not None and (begun := self._background.ended(shell)):
            yield from _ended(result, begun)


def _shell(call: Call | None) -> str | None:
    """Which shell a call reads from or writes to."""
    if call is None or call.script is not None:
        return None
    return fields.name(call.arguments, "shellId") or fields.name(call.arguments, "sessionId")


def _ended(result: Result, begun: Call) -> Iterator[Event]:
    """The command that was begun long before."""
    line = replace(result.line, key=f"{begun.line.key}/ended")
    yield from effect_events(_outcome(replace(result, line=line, id=begun.id), begun, None), begun)


def _outcome(result: Result, call: Call | None, denial: str | None) -> Outcome:
    unplanned = call is not None and call.plan is not None and not result.answer.startswith(_APPROVED)
    failed = result.failed or unplanned or denial is not None or result.exit_code not in (None, 0)
    error = _error(result, denial, unplanned) if failed else None
    return Outcome(
        line=result.line,
        block=0,
        call_id=result.id,
        answer=result.answer,
        failed=failed,
        error=error,
        feedback=result.answer if unplanned else None,
        duration_ms=call.line.until(result.line) if call else None,
        ran=_ran(result) if call and call.script is not None and error not in ("rejected", "permission") else None,
        edits=() if failed or call is None else _edits(call),
    )


def _error(result: Result, denial: str | None, unplanned: bool) -> str:
    if denial is not None:
        return denial
    if unplanned or result.code in _REFUSED:
        return "rejected"
    if result.exit_code not in (None, 0):
        return "exit_code"
    return "timeout" if result.code == "timeout" else "other"


def _ran(result: Result) -> Ran:
    return Ran(result.answer, exit_code=result.exit_code)


def _edits(call: Call) -> tuple[Edit, ...]:
    """What the editing tools did, by what they were asked for: the answer tells no more."""
    given = call.arguments
    if call.tool == "apply_patch":
        return patch_edits(fields.text(given, "input") or "", call.line.cwd)
    path = fields.path(given, "path")
    action = fields.name(given, "command") if call.tool == "str_replace_editor" else call.tool
    if path is None:
        return ()
    match action:
        case "create":
            text = fields.text(given, "file_text") or fields.text(given, "content") or ""
            return (edit(path, added(text), Change.CREATED, size_bytes=len(text.encode())),)
        case "edit" | "str_replace":
            return (edit(path, compared(fields.text(given, "old_str") or "", fields.text(given, "new_str") or "")),)
        case "insert":
            return (edit(path, added(fields.text(given, "insert_text") or fields.text(given, "new_str") or "")),)
        case _:
            return ()
