"""Calls and their answers as OpenCode writes them (event formats reference, section 9)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.edits import Change, Edit, added, compared, edit, of_patch
from domain.ingest.line import Line, sensible
from domain.ingest.outcomes import Outcome, Ran
from domain.ingest.patches import files_of, patch_edits
from domain.shell import resolved
from domain.values import JsonObject

SHELL = "bash"
PLAN_TOOL = "plan_exit"
_OWN_WITH_UNDERSCORE = frozenset(("apply_patch", "plan_enter", "plan_exit"))
"""The tool of an MCP server is called `<server>_<tool>`."""
_CHANGES = {"add": Change.CREATED, "delete": Change.DELETED}
_TIMED_OUT = re.compile(r"terminated command after exceeding timeout|\(Command timed out after")
_ABORTED = re.compile(r"User aborted the command|\(Command was aborted\)|Tool execution aborted")
_REFUSED = re.compile(r"user (?:rejected|dismissed)|rejected permission", re.IGNORECASE)
_FEEDBACK = re.compile(r"with the following feedback: (.+)", re.DOTALL)
_FORBIDDEN = re.compile(r"specified a rule|specifically restricted|not allowed to be executed")


def moment(time: JsonObject, name: str) -> datetime | None:
    """The milliseconds under `name` as a time."""
    ms = time.get(name)
    if isinstance(ms, bool) or not isinstance(ms, int | float):
        return None
    try:
        return sensible(datetime.fromtimestamp(ms / 1000, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def call_of(line: Line, part: JsonObject, block: int) -> Call | None:
    """The call of a tool part. It is known by the part: some models number their calls anew in each response."""
    id, tool = fields.name(part, "id") or fields.name(part, "callID"), _tool(part)
    if id is None or tool is None:
        return None
    state = fields.record(part, "state")
    given = fields.record(state, "input")
    directory = fields.path(given, "workdir")
    cwd = resolved(directory, line.cwd) if tool == SHELL and directory else line.cwd
    ts = moment(fields.record(state, "time"), "start") or line.ts
    line = replace(line, key=f"opencode/{id}", ts=ts, cwd=cwd)
    script = fields.text(given, "command") or "" if tool == SHELL else None
    plan = fields.text(given, "plan") or "" if tool == PLAN_TOOL else None
    return Call(line, block, id, tool, given, _file(tool, given, cwd), script, plan)


def _tool(part: JsonObject) -> str | None:
    name = fields.name(part, "tool")
    server, cut, tool = (name or "").partition("_")
    if not cut or not server or not tool or name in _OWN_WITH_UNDERSCORE:
        return name
    return f"mcp__{server}__{tool}"[: fields.NAME_CHARS]


def _file(tool: str, given: JsonObject, cwd: str | None) -> str | None:
    """The one file that a call names."""
    if tool == "apply_patch":
        files = files_of(fields.text(given, "patchText") or "")
        return resolved(files[0], cwd) if len(files) == 1 else None
    path = fields.path(given, "filePath")
    return path and resolved(path, cwd)


def outcome_of(call: Call, part: JsonObject) -> Outcome | None:
    """None while the call has not ended."""
    state = fields.record(part, "state")
    if state.get("status") not in ("completed", "error"):
        return None
    metadata = fields.record(state, "metadata")
    answer = fields.text(state, "output") or fields.text(state, "error") or ""
    ended = moment(fields.record(state, "time"), "end")
    line = replace(call.line, ts=ended or call.line.ts)
    ran = _ran(answer, metadata) if call.script is not None else None
    error = _error(call, state, answer, ran)
    feedback = _FEEDBACK.search(answer) if error == "rejected" else None
    return Outcome(
        line=line,
        block=call.block,
        call_id=call.id,
        answer=answer,
        failed=error is not None,
        error=error,
        feedback=feedback and feedback[1],
        sub_agent=fields.name(metadata, "sessionId"),
        duration_ms=call.line.until(line),
        ran=None if error in ("rejected", "permission") else ran,
        edits=() if error else tuple(_edits(call, metadata)),
    )


def _ran(answer: str, metadata: JsonObject) -> Ran:
    printed = fields.text(metadata, "output") or answer
    told = "" if printed == "(no output)" else printed
    return Ran(told, exit_code=fields.whole(metadata, "exit"), interrupted=bool(_ABORTED.search(answer)))


def _error(call: Call, state: JsonObject, answer: str, ran: Ran | None) -> str | None:
    """Why it failed; None where it did not. Commands that fail, are cut off or invalid are told as completed."""
    if ran is not None and _TIMED_OUT.search(answer[-500:]):
        return "timeout"
    if ran is not None and ran.exit_code not in (None, 0):
        return "exit_code"
    if state.get("status") == "completed":
        return "tool_use_error" if call.tool == "invalid" else "other" if ran and ran.interrupted else None
    if _REFUSED.search(answer):
        return "rejected"
    if _FORBIDDEN.search(answer):
        return "permission"
    own = call.script is None and not call.tool.startswith("mcp__") and not _ABORTED.search(answer)
    return "tool_use_error" if own else "other"


def _edits(call: Call, metadata: JsonObject) -> Iterator[Edit]:
    given, path = call.arguments, call.path
    if call.tool == "apply_patch":
        yield from _patched(call, metadata)
    elif path is None:
        return
    elif call.tool == "write":
        yield _written(path, fields.text(given, "content") or "", metadata)
    elif call.tool == "edit":
        created = not fields.text(given, "oldString")
        yield edit(path, _diff(given, metadata), Change.CREATED if created else Change.CHANGED)
    elif call.tool == "multiedit":
        results = fields.records(metadata.get("results"))
        for at, one in enumerate(fields.records(given.get("edits"))):
            yield edit(path, _diff(one, results[at] if at < len(results) else {}))


def _written(path: str, content: str, metadata: JsonObject) -> Edit:
    """Of a file that was there before, only some versions tell what it held."""
    patch = _patch(metadata)
    if patch and metadata.get("exists") is not False:
        return edit(path, of_patch(patch))
    change = Change.CHANGED if metadata.get("exists") is True else Change.CREATED
    return edit(path, added(content), change, size_bytes=len(content.encode()))


def _diff(given: JsonObject, metadata: JsonObject) -> Iterator[str]:
    patch = _patch(metadata)
    if patch:
        return of_patch(patch)
    return compared(fields.text(given, "oldString") or "", fields.text(given, "newString") or "")


def _patch(metadata: JsonObject) -> str | None:
    return fields.text(fields.record(metadata, "filediff"), "patch") or fields.text(metadata, "diff")


def _patched(call: Call, metadata: JsonObject) -> Iterator[Edit]:
    files = fields.records(metadata.get("files"))
    if not files:
        yield from patch_edits(fields.text(call.arguments, "patchText") or "", call.line.cwd)
        return
    for file in files:
        path, to = fields.path(file, "filePath"), fields.path(file, "movePath")
        lines = tuple(of_patch(fields.text(file, "patch") or fields.text(file, "diff") or ""))
        if path is None:
            continue
        if to and to != path:
            yield edit(resolved(path, call.line.cwd), (), Change.DELETED)
            yield edit(resolved(to, call.line.cwd), lines, Change.CREATED)
        else:
            change = _CHANGES.get(fields.name(file, "type") or "", Change.CHANGED)
            yield edit(resolved(path, call.line.cwd), lines, change)
