"""Calls and their answers as SpecStory renders them: enough to read, not all that there was."""

import re
from collections.abc import Iterator
from dataclasses import replace

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.edits import Change, Edit, added, edit
from domain.ingest.line import Line, event_id
from domain.ingest.outcomes import Outcome, Ran, effect_events, outcome_events
from domain.ingest.specstory_blocks import Fence, Used
from domain.ingest.witnesses import UNNAMED
from domain.timeline import Event, Kind

ANSWER_CHARS = 8 * 2**10
"""The beginning of an answer names the file."""
_NAMED = re.compile(r"(?:Tool use: )?\*\*([^*]{1,255})\*\*")
_SAID = (
    (re.compile(r"Searched codebase"), "codebase_search"),
    (re.compile(r"Listed (?:directory|current directory)"), "list_dir"),
    (re.compile(r"Grep search"), "grep_search"),
    (re.compile(r"Read file"), "read_file"),
    (re.compile(r"Searched (?:the )?web"), "web_search"),
)
"""What old files say instead of the name of a tool."""
_QUOTED = re.compile(r"`([^`\n]{1,4096})`")
_COMMAND = re.compile(r"^`([^`\n]+)`[ \t]*$", re.MULTILINE)
_EXIT_CODE = re.compile(r"\A(?:Error: )?Exit code:? (-?\d{1,9})\b|^Exit Code: (-?\d{1,9})$", re.MULTILINE)
_FILE = re.compile(r"The file (.{1,4096}?) has been (?:updated|created)|File created successfully at: ([^\n]{1,4096})")
_REFUSED = "The user doesn't want to proceed with this tool use"
_STATE = " (file state is current"
_TELLS_FAILURES = "claude-code"
"""Its commands that worked have an answer without an exit code."""
_CREATORS = frozenset(("Write", "write_file", "write", "create_file"))
_DELETERS = frozenset(("Delete", "delete_file"))


def call_of(line: Line, used: Used, block: int) -> Call:
    """A call at the place `block` of a message."""
    tool = _tool(used)
    script = _script(used) if used.type == "shell" else None
    path = _path(used)
    told = {"summary": used.summary, "command": script, "path": path}
    arguments = {name: value for name, value in told.items() if value}
    id = f"{UNNAMED}{event_id(line.key, str(block)).hex}"
    return Call(line, block, id, tool, dict(arguments), path, script)


def _tool(used: Used) -> str:
    if used.name:
        return used.name[: fields.NAME_CHARS]
    known = next((name for said, name in _SAID if said.match(used.summary)), None)
    named = _NAMED.match(used.summary)
    return known or (named[1] if named else "unknown")


def _script(used: Used) -> str:
    """The command: in a block of its own, in backticks, or behind the name of the tool."""
    first = next((fence for fence in used.fences if fence.name in ("bash", "sh", "shell")), None)
    if first:
        return first.text
    bare = _COMMAND.search(used.body.split("\n```", 1)[0]) or _QUOTED.search(used.summary)
    return bare[1] if bare else ""


def _path(used: Used) -> str | None:
    if used.type not in ("write", "read"):
        return None
    named = _FILE.search(_answer(used)[:ANSWER_CHARS])
    header = re.search(r"^\+\+\+ (\S[^\n]{0,4095})$", used.body, re.MULTILINE)
    quoted = _QUOTED.search(used.summary) or _QUOTED.match(used.body.strip())
    if named:
        return (named[1] or named[2]).partition(_STATE)[0]
    return (header and header[1]) or (quoted and quoted[1]) or None


def came_of(call: Call, used: Used, service: str) -> Iterator[Event]:
    """What came of it, as far as it is told; whether a command worked, mostly is not."""
    outcome = _outcome(call, used, service)
    events = outcome_events(outcome, call) if outcome.answer else effect_events(outcome, call)
    for event in events:
        unknown = event.kind is Kind.COMMAND and event.exit_code is None and not outcome.failed
        yield replace(event, succeeded=None) if unknown else event


def _outcome(call: Call, used: Used, service: str) -> Outcome:
    answer = _answer(used)
    code = _EXIT_CODE.search(answer) if call.script is not None else None
    worked = 0 if answer and service == _TELLS_FAILURES else None
    exit_code = int(code[1] or code[2]) if code else worked
    refused = answer.startswith(_REFUSED)
    failed = refused or exit_code not in (None, 0) or "<tool_use_error>" in answer[:200] or "**Error:**" in used.body
    ran = Ran(answer, exit_code=exit_code) if call.script is not None and not refused else None
    error = "rejected" if refused else "exit_code" if exit_code else "other"
    edits = () if failed or used.type != "write" else tuple(_edits(call, used))
    return Outcome(call.line, call.block, call.id, answer, failed, error if failed else None, ran=ran, edits=edits)


def _answer(used: Used) -> str:
    """The last block of code that has no language is what the tool answered, unless it is all there is to change."""
    told = [fence.text for fence in used.fences if fence.name in ("", "text")]
    if told:
        return told[-1]
    return used.body.strip() if not used.fences and used.type not in ("shell", "write") else ""


def _edits(call: Call, used: Used) -> Iterator[Edit]:
    """Changes as far as they are shown: newer files tell of some agents only which file was changed."""
    path = call.path or ""
    changes = [fence for fence in used.fences if fence.name == "diff"]
    written = [fence for fence in used.fences if fence.name not in ("diff", "text")]
    if call.tool in _DELETERS and path:
        yield edit(path, (), Change.DELETED)
    elif changes:
        yield from (edit(path, _lines(fence)) for fence in changes)
    elif call.tool in _CREATORS and written:
        text = written[0].text + "\n"
        yield edit(path, added(text), Change.CREATED, size_bytes=len(text.encode()))
    elif path:
        yield edit(path, ())


def _lines(fence: Fence) -> Iterator[str]:
    yield from (line for line in fence.text.split("\n") if not line.startswith(("--- ", "+++ ")))
