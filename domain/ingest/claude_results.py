"""What a tool result tells: how the call ended, what it changed, what was run and what git did."""

import re
from collections.abc import Iterator
from dataclasses import replace

from domain.ingest import fields
from domain.ingest.claude_edits import EDITORS, Edit, edit_of
from domain.ingest.claude_line import Hot, Line
from domain.ingest.claude_tools import PLAN_TOOLS, Call, Result
from domain.ingest.clean import excerpt
from domain.ingest.git import GitAction, git_actions
from domain.timeline import Attribution, Event, Kind, Observability, Provenance
from domain.values import JsonObject

SHELLS = frozenset({"Bash", "PowerShell"})
COMMAND_CHARS = 16 * 2**10
OUTPUT_CHARS = 4 * 2**10
FEEDBACK_CHARS = 4 * 2**10

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
_REVISED = Provenance(Attribution.AI_REVISED_BY_HUMAN, 0.9, Observability.HIGH)


def result_events(result: Result, call: Call | None) -> Iterator[Event]:
    """All events of a result. Without its `call` only what the result itself says is known: no tool, no command."""
    line = _line_of_both(result.line, call)
    error = error_class(result) if result.failed else None
    yield _result_event(line, result, call, error)
    if call and call.tool in PLAN_TOOLS:
        phase = "rejected" if result.failed else "accepted"
        yield line.event(Kind.PLANNING, result.block, 1, data={"phase": phase}, call_id=call.id, tool=call.tool)
    elif call and call.tool in SHELLS and error not in _NEVER_RAN:
        yield from _shell_events(line, result, call)
    elif not result.failed and (call.tool in EDITORS if call else "structuredPatch" in result.outcome):
        edit = edit_of(call.arguments if call else {}, result.outcome, result.answer)
        if edit:
            yield _edit_event(line, result, call, edit)


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


def _line_of_both(line: Line, call: Call | None) -> Line:
    """The result's line; what was redacted in the call was redacted in its events too."""
    if call is None or not call.line.redacted:
        return line
    return replace(line, redacted=tuple(sorted({*line.redacted, *call.line.redacted})))


def _result_event(line: Line, result: Result, call: Call | None, error: str | None) -> Event:
    data: JsonObject = {"success": not result.failed, "text": excerpt(result.answer, OUTPUT_CHARS)}
    if call:
        data["toolName"] = call.tool
    if error:
        data["errorClass"] = error
    duration = _duration_ms(result, call)
    if duration is not None:
        data["durationMs"] = duration
    said = result.feedback or _feedback(result.answer)
    if said and error == "rejected":
        data["userFeedback"] = excerpt(said, FEEDBACK_CHARS)
    return line.event(Kind.TOOL_RESULT, result.block, 0, data=data, **_hot(result, call, duration))


def _hot(result: Result, call: Call | None, duration_ms: int | None, exit_code: int | None = None) -> Hot:
    return Hot(
        call_id=result.id,
        tool=call.tool if call else None,
        succeeded=not result.failed,
        duration_ms=duration_ms,
        exit_code=exit_code,
    )


def _feedback(answer: str) -> str | None:
    found = _FEEDBACK.search(answer)
    return found[1].strip() if found else None


def _duration_ms(result: Result, call: Call | None) -> int | None:
    """As the tool measured it, else from the call to the result, which includes waiting for a person's consent."""
    for key, factor in (("durationMs", 1), ("totalDurationMs", 1), ("durationSeconds", 1000)):
        measured = fields.number(result.outcome, key)
        if measured is not None and 0 <= measured * factor <= fields.LARGEST:
            return round(measured * factor)
    if call is None or call.line.ts is None or result.line.ts is None:
        return None
    waited = round((result.line.ts - call.line.ts).total_seconds() * 1000)
    return waited if 0 <= waited <= fields.LARGEST else None


def _edit_event(line: Line, result: Result, call: Call | None, edit: Edit) -> Event:
    data: JsonObject = {
        "path": edit.path,
        "linesAdded": edit.lines_added,
        "linesRemoved": edit.lines_removed,
        "diff": edit.diff,
    }
    if edit.truncated:
        data["diffTruncated"] = True
    if edit.created:
        data["sizeBytes"] = edit.size_bytes
    return line.event(
        Kind.FILE_CREATE if edit.created else Kind.FILE_DIFF,
        result.block,
        1,
        data=data,
        provenance=_REVISED if edit.revised_by_human else None,
        call_id=result.id,
        tool=call.tool if call else None,
        path=edit.path,
        lines_added=edit.lines_added,
        lines_removed=edit.lines_removed,
    )


def _shell_events(line: Line, result: Result, call: Call) -> Iterator[Event]:
    """The command, then what git did in it."""
    script = fields.text(call.arguments, "command") or ""
    stdout, stderr = _outputs(result)
    duration = _duration_ms(result, call)
    code = _exit_code(result)
    data: JsonObject = {
        "command": excerpt(script, COMMAND_CHARS),
        "stdout": excerpt(stdout, OUTPUT_CHARS),
        "stderr": excerpt(stderr, OUTPUT_CHARS),
    }
    told: JsonObject = {"cwd": call.line.cwd, "exitCode": code, "durationMs": duration}
    told |= {key: fields.name(result.outcome, key) for key in ("backgroundTaskId", "returnCodeInterpretation")}
    data |= {key: value for key, value in told.items() if value is not None}
    if fields.flag(result.outcome, "interrupted"):
        data["interrupted"] = True
    yield line.event(Kind.COMMAND, result.block, 1, data=data, **_hot(result, call, duration, code))
    printed = f"{stdout}\n{stderr}"
    actions = git_actions(script, printed, succeeded=not result.failed, cwd=call.line.cwd)
    for part, action in enumerate(_with_operation(actions, fields.record(result.outcome, "gitOperation")), 2):
        yield _git_event(line, result, part, action)


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


def _with_operation(actions: list[GitAction], operation: JsonObject) -> list[GitAction]:
    """What the tool itself noticed of git is added where the script did not show it."""
    seen = {action.action for action in actions}
    commit, push, request = (fields.record(operation, key) for key in ("commit", "push", "pr"))
    noticed = [*actions]
    if commit and "commit" not in seen:
        noticed.append(GitAction("commit", commit=fields.name(commit, "sha")))
    if push and "push" not in seen:
        noticed.append(GitAction("push", ref=fields.name(push, "branch")))
    if fields.path(request, "url") and "pull_request" not in seen:
        noticed.append(GitAction("pull_request", url=fields.path(request, "url")))
    if len([a for a in noticed if a.action == "commit"]) != 1:
        return noticed
    sha = fields.name(commit, "sha")
    return [replace(a, commit=a.commit or sha) if a.action == "commit" else a for a in noticed]


def _git_event(line: Line, result: Result, part: int, action: GitAction) -> Event:
    return line.event(
        Kind.GIT_ACTION,
        result.block,
        part,
        data=git_data(action),
        call_id=result.id,
        path=action.paths[0] if len(action.paths) == 1 else None,
    )


def git_data(action: GitAction) -> JsonObject:
    """The payload of a git_action: only what is known."""
    told: JsonObject = {
        "action": action.action,
        "ref": action.ref,
        "commit": action.commit,
        "message": action.message,
        "mode": action.mode,
        "url": action.url,
        "paths": [*action.paths] or None,
    }
    return {name: value for name, value in told.items() if value is not None}
