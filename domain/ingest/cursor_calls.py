"""Calls as Cursor's transcripts tell them: what was asked for, not what came of it."""

from collections.abc import Iterator
from dataclasses import replace

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.edits import Change, Edit, added, compared, edit
from domain.ingest.line import Line, event_id
from domain.ingest.outcomes import Outcome, Ran
from domain.ingest.patches import files_of, patch_edits
from domain.ingest.witnesses import UNNAMED
from domain.shell import resolved
from domain.values import JsonObject

SHELLS = frozenset(("Shell", "run_terminal_cmd"))
MCP_TOOL = "CallMcpTool"
PLAN_TOOL = "CreatePlan"
PATCH_TOOL = "ApplyPatch"
_PATHS = ("path", "file_path", "target_file", "filePath", "target_notebook")


def call_of(line: Line, told: JsonObject, block: int) -> Call | None:
    """A call at the place `block` of a line; None without a name."""
    name = fields.name(told, "name")
    if name is None:
        return None
    given = told.get("input")
    arguments: JsonObject = {"input": given} if isinstance(given, str) else fields.record(told, "input")
    tool = _tool(name, arguments)
    id = fields.name(told, "id") or f"{UNNAMED}{event_id(line.key, str(block)).hex}"
    directory = fields.path(arguments, "working_directory") if tool in SHELLS else None
    cwd = resolved(directory, line.cwd) if directory else line.cwd
    script = fields.text(arguments, "command") or "" if tool in SHELLS else None
    plan = fields.text(arguments, "plan") or "" if tool == PLAN_TOOL else None
    return Call(replace(line, cwd=cwd), block, id, tool, arguments, _file(tool, arguments, cwd), script, plan)


def _tool(name: str, given: JsonObject) -> str:
    server, tool = fields.name(given, "server"), fields.name(given, "toolName")
    return f"mcp__{server}__{tool}"[: fields.NAME_CHARS] if name == MCP_TOOL and server and tool else name


def _file(tool: str, given: JsonObject, cwd: str | None) -> str | None:
    """The one file that a call names; the tools that search name folders."""
    if tool in ("Grep", "Glob", "LS"):
        return None
    if tool == PATCH_TOOL:
        files = files_of(_patch(given))
        return resolved(files[0], cwd) if len(files) == 1 else None
    path = next((path for name in _PATHS if (path := fields.path(given, name))), None)
    return path and resolved(path, cwd)


def _patch(given: JsonObject) -> str:
    return next((text for name in ("input", "patch", "patchText") if (text := fields.text(given, name))), "")


def outcome_of(call: Call) -> Outcome:
    """What a call does if it does what it was made for. How a command ended is not told, nor what it printed."""
    ran = Ran() if call.script is not None else None
    return Outcome(call.line, call.block, call.id, "", ran=ran, edits=tuple(_edits(call)))


def _edits(call: Call) -> Iterator[Edit]:
    given, path = call.arguments, call.path
    if call.tool == PATCH_TOOL:
        yield from patch_edits(_patch(given), call.line.cwd)
    elif path is None:
        return
    elif call.tool in ("Write", "write"):
        content = fields.text(given, "contents") or fields.text(given, "content") or ""
        yield edit(path, added(content), Change.CREATED, size_bytes=len(content.encode()))
    elif call.tool in ("StrReplace", "search_replace", "Edit"):
        yield _replaced(path, given)
    elif call.tool in ("MultiStrReplace", "MultiEdit"):
        yield from (_replaced(path, one) for one in fields.records(given.get("edits")))
    elif call.tool in ("Delete", "delete_file"):
        yield edit(path, (), Change.DELETED)


def _replaced(path: str, given: JsonObject) -> Edit:
    old, new = fields.text(given, "old_string") or "", fields.text(given, "new_string") or ""
    return edit(path, compared(old, new))
