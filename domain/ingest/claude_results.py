"""Calls and results as a Claude Code transcript holds them (event formats reference, section 1.6)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.claude_edits import EDITORS, edit_of, file_of
from domain.ingest.edits import Edit
from domain.ingest.git import GitAction
from domain.ingest.line import Line
from domain.ingest.outcomes import Outcome, Ran, outcome_events
from domain.timeline import Event
from domain.values import JsonObject, JsonValue

PLAN_TOOLS = frozenset({"ExitPlanMode", "exit_plan_mode"})
SHELLS = frozenset({"Bash", "PowerShell"})

_NEVER_RAN = frozenset({"tool_use_error", "rejected", "permission"})
_EXIT_CODE = re.compile(r"(?:Exit code |<returncode>)(-?\d{1,9})\b[^\n]*\n?")
_TIMED_OUT = re.compile(r"(?:Exit code -?\d+\s+)?(?:Error: )?(?:\w+ ){0,4}timed out\b", re.IGNORECASE)
_DENIED = re.compile(
    r"requested permissions? to |requires? approval|was blocked\. For security|haven't granted it yet"
    r"|ermission to use .{1,200} has been denied|cannot determine the safety|denied by .{0,80}(?:rule|polic|hook)"
    r"|blocked by .{0,80}(?:sandbox|hook)|not permitted by .{0,80}sandbox"
)
_REJECTED = ("The user doesn't want to", "[Request interrupted by user")
_FEEDBACK = re.compile(r"the user said:\s*(.+?)(?:\n\nNote: The user's next message|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Result:
    """A tool result. `answer` is its text, `outcome` the structured result if the version wrote one."""

    line: Line
    block: int
    id: str
    answer: str
    failed: bool
    outcome: JsonObject
    denial: str | None = None
    feedback: str | None = None


def call_of(line: Line, index: int, block: JsonObject) -> Call | None:
    """The call in a `tool_use` block; None without an id or a name."""
    id, tool = fields.name(block, "id"), fields.name(block, "name")
    return claude_call(line, index, id, tool, fields.record(block, "input")) if id and tool else None


def claude_call(line: Line, block: int, id: str, tool: str, arguments: JsonObject) -> Call:
    script = fields.text(arguments, "command") or "" if tool in SHELLS else None
    plan = fields.text(arguments, "plan") or "" if tool in PLAN_TOOLS else None
    return Call(line, block, id, tool, arguments, file_of(arguments), script, plan)


def result_of(line: Line, index: int, block: JsonObject, record: JsonObject, *, alone: bool) -> Result | None:
    """The result in a `tool_result` block; None without the id of its call.

    `alone`: no other result stands on the line, so what the line says of one result it says of this.
    """
    id = fields.name(block, "tool_use_id")
    if id is None:
        return None
    return Result(
        line=line,
        block=index,
        id=id,
        answer=_answer(block.get("content")),
        failed=fields.flag(block, "is_error"),
        outcome=fields.record(record, "toolUseResult") if alone else {},
        denial=fields.name(record, "toolDenialKind") if alone else None,
        feedback=fields.text(record, "userFeedback") if alone else None,
    )


def _answer(content: JsonValue) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(fields.text(block, "text") or f"[{block.get('type')}]" for block in fields.records(content))


def result_events(result: Result, call: Call | None) -> Iterator[Event]:
    """All events of a result. Without its `call` only what the result itself says is known: no tool, no command."""
    yield from outcome_events(outcome_of(result, call), call)


def outcome_of(result: Result, call: Call | None) -> Outcome:
    error = error_class(result) if result.failed else None
    runs = call is not None and call.script is not None and error not in _NEVER_RAN
    return Outcome(
        line=result.line,
        block=result.block,
        call_id=result.id,
        answer=result.answer,
        failed=result.failed,
        error=error,
        feedback=result.feedback or _feedback(result.answer),
        sub_agent=fields.name(result.outcome, "agentId"),
        duration_ms=_duration_ms(result, call),
        ran=_ran(result) if runs else None,
        edits=_edits(result, call),
    )


def error_class(result: Result) -> str:
    """Why a failed call failed: exit_code, tool_use_error, rejected, permission, timeout or other.

    Commands that failed in versions before about 2.0.50 bear no exit code: they are `other`, as is the answer of a
    person who refused a call in those versions with words of their own.
    """
    answer = result.answer
    if result.denial is not None:
        return "rejected" if result.denial == "user-rejected" else "permission"
    if answer.startswith("<tool_use_error>"):
        return "tool_use_error"
    if answer.startswith(_REJECTED):
        return "rejected"
    if _TIMED_OUT.match(answer, 0, 300):
        return "timeout"
    if _EXIT_CODE.match(answer):
        return "exit_code"
    return "permission" if _DENIED.search(answer, 0, 600) else "other"


def _feedback(answer: str) -> str | None:
    found = _FEEDBACK.search(answer)
    return found[1].strip() if found else None


def _duration_ms(result: Result, call: Call | None) -> int | None:
    """As the tool measured it, else from the call to the result, which includes waiting for a person's consent."""
    for key, factor in (("durationMs", 1), ("totalDurationMs", 1), ("durationSeconds", 1000)):
        measured = fields.number(result.outcome, key)
        if measured is not None and 0 <= measured * factor <= fields.LARGEST:
            return round(measured * factor)
    return call.line.until(result.line) if call else None


def _edits(result: Result, call: Call | None) -> tuple[Edit, ...]:
    edits = call.tool in EDITORS if call else "structuredPatch" in result.outcome
    edit = edit_of(call.arguments if call else {}, result.outcome, result.answer) if edits else None
    return (edit,) if edit and not result.failed else ()


def _ran(result: Result) -> Ran:
    stdout, stderr = _outputs(result)
    return Ran(
        stdout,
        stderr,
        _exit_code(result),
        fields.flag(result.outcome, "interrupted"),
        {key: fields.name(result.outcome, key) for key in ("backgroundTaskId", "returnCodeInterpretation")},
        tuple(_noticed(fields.record(result.outcome, "gitOperation"))),
    )


def _outputs(result: Result) -> tuple[str, str]:
    """Standard output and error; a failed command has both in its answer, behind the exit code."""
    if "stdout" in result.outcome or "stderr" in result.outcome:
        return fields.text(result.outcome, "stdout") or "", fields.text(result.outcome, "stderr") or ""
    if result.answer.startswith("Exit code "):
        return result.answer.partition("\n")[2], ""
    return result.answer, ""


def _exit_code(result: Result) -> int | None:
    """None when it is not told: for a command still running, cut off, or failed in an old version."""
    told = _EXIT_CODE.match(result.answer)
    if told:
        code = int(told[1])
        return code if abs(code) <= fields.LARGEST else None
    unfinished = result.outcome.get("interrupted") or result.outcome.get("backgroundTaskId")
    return None if result.failed or unfinished else 0


def _noticed(operation: JsonObject) -> Iterator[GitAction]:
    commit, push, request = (fields.record(operation, key) for key in ("commit", "push", "pr"))
    if commit:
        yield GitAction("commit", commit=fields.name(commit, "sha"))
    if push:
        yield GitAction("push", ref=fields.name(push, "branch"))
    if url := fields.path(request, "url"):
        yield GitAction("pull_request", url=url)
