"""Calls and their answers as Gemini CLI writes them (event formats reference, section 8)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.edits import Change, Edit, added, compared, edit, of_patch
from domain.ingest.line import Line, timestamp
from domain.ingest.outcomes import Outcome, Ran
from domain.shell import resolved
from domain.values import JsonObject, JsonValue

SHELL = "run_shell_command"
WRITE = "write_file"
REPLACERS = frozenset(("replace", "smart_edit", "edit"))
PLAN_TOOL = "exit_plan_mode"
LEVELS = 64
END_CHARS = 4 * 2**10
_ENDED = frozenset(("success", "error", "cancelled"))
_SERVER = re.compile(r"(.{1,200}) \((.{1,200}) MCP Server\)")
_DIRECTORY = re.compile(r" \[(?:current working directory|in) ([^\]\n]{1,4096})\]")
_LISTED = re.compile(r"Directory listing for ([^\n]{1,4096}):")
_CREATED = "Successfully created and wrote to new file"
_END = re.compile(r"(?:\n(?:Error|Exit Code|Signal|Background PIDs|Process Group PGID): [^\n]*)+\s*\Z")
_EXIT_CODE = re.compile(r"^Exit Code: (-?\d{1,9})$", re.MULTILINE)
_STDOUT = re.compile(r"^(?:Output|Stdout): ", re.MULTILINE)
_STDERR = re.compile(r"^Stderr: ", re.MULTILINE)
_TIMED_OUT = "Command was automatically cancelled because it exceeded the timeout"
_CUT_OFF = "Command was cancelled by user before it could complete"
_DENIED = "denied by policy"


class Root:
    """The folder of a project. Sessions tell only its hash: it is the folder above a file they name that has it."""

    def __init__(self) -> None:
        self.path: str | None = None
        self._hash: str | None = None

    def told(self, hash: str | None) -> None:
        self._hash = hash or self._hash

    def seen(self, calls: Iterable[JsonObject]) -> None:
        """Looks for the folder among those that calls name."""
        if self.path is not None or self._hash is None:
            return
        for call in calls:
            for path in _paths(call):
                self.path = self.path or next((up for up in _above(path) if _hash(up) == self._hash), None)


def _hash(path: str) -> str:
    return sha256(path.encode()).hexdigest()


def _paths(call: JsonObject) -> Iterator[str]:
    display = fields.record(call, "resultDisplay")
    in_texts = (_DIRECTORY.search(fields.text(call, "description") or ""), _LISTED.search(answer_of(call)))
    yield from (
        path for path in (fields.path(display, "filePath"), *(found and found[1] for found in in_texts)) if path
    )
    arguments = fields.record(call, "args")
    yield from (path for name in arguments if (path := fields.path(arguments, name)) and path.startswith(("/", "~")))


def _above(path: str) -> Iterator[str]:
    """The path and the folders that it lies in, on whichever system."""
    for _ in range(LEVELS):
        yield path
        cut = max(path.rfind("/"), path.rfind("\\"))
        if cut <= 0:
            return
        path = path[:cut]


def tool_calls(record: JsonObject) -> list[JsonObject]:
    return fields.records(record.get("toolCalls"))


def call_of(line: Line, told: JsonObject, at: int) -> Call | None:
    """The call at the place `at` of a message; None without a name."""
    tool = _tool(told)
    if tool is None:
        return None
    id = fields.name(told, "id") or f"{line.key}/{at}"
    arguments = fields.record(told, "args")
    directory = fields.path(arguments, "dir_path") or fields.path(arguments, "directory")
    cwd = resolved(directory, line.cwd) if tool == SHELL and directory else line.cwd
    line = replace(line, key=f"{line.key}/{id}", cwd=cwd)
    path = fields.path(arguments, "file_path") or fields.path(arguments, "absolute_path")
    script = fields.text(arguments, "command") or "" if tool == SHELL else None
    plan = fields.text(arguments, "plan") or "" if tool == PLAN_TOOL else None
    return Call(line, at, id, tool, arguments, path and resolved(path, cwd), script, plan)


def _tool(told: JsonObject) -> str | None:
    """Its name bears that of the server only in some versions; what is shown to the person always does."""
    name = fields.name(told, "name")
    of_server = _SERVER.fullmatch(fields.name(told, "displayName") or "")
    if of_server:
        return f"mcp__{of_server[2]}__{of_server[1]}"[: fields.NAME_CHARS]
    if name and name.startswith("mcp_") and not name.startswith("mcp__"):
        server, _, tool = name.removeprefix("mcp_").partition("_")
        return f"mcp__{server}__{tool}"[: fields.NAME_CHARS]
    return name


def outcome_of(call: Call, told: JsonObject) -> Outcome | None:
    """None while the call has not ended."""
    status = fields.name(told, "status")
    if status not in _ENDED:
        return None
    answer = answer_of(told)
    line = replace(call.line, ts=timestamp(told) or call.line.ts)
    ran = _ran(answer) if call.script is not None else None
    failed = status != "success" or (ran is not None and ran.exit_code not in (None, 0))
    error = _error(call, told, answer, ran) if failed else None
    return Outcome(
        line=line,
        block=call.block,
        call_id=call.id,
        answer=answer,
        failed=failed,
        error=error,
        sub_agent=fields.name(told, "agentId"),
        duration_ms=call.line.until(line),
        ran=None if error in ("rejected", "permission") else ran,
        edits=() if failed else _edits(call, told, answer),
    )


def answer_of(told: JsonObject) -> str:
    """What the model was answered."""
    result: JsonValue = told.get("result")
    texts: list[str] = []
    for part in fields.records(result):
        response = fields.record(fields.record(part, "functionResponse"), "response")
        text = fields.text(response, "output") or fields.text(response, "error") or fields.text(part, "text")
        texts += [text] if text else []
    shown = fields.text(told, "resultDisplay")
    return "\n".join(texts) or (result if isinstance(result, str) else "") or shown or ""


def _error(call: Call, told: JsonObject, answer: str, ran: Ran | None) -> str:
    if ran is not None and ran.exit_code not in (None, 0):
        return "exit_code"
    if _TIMED_OUT in answer:
        return "timeout"
    if told.get("status") == "cancelled" and _CUT_OFF not in answer:
        return "rejected"
    if _DENIED in answer:
        return "permission"
    return "other" if call.script is not None or call.tool.startswith("mcp__") else "tool_use_error"


def _ran(answer: str) -> Ran:
    """Versions since the end of 2025 leave out an exit code of 0, and every other line that has nothing to say."""
    end = _END.search(answer, max(len(answer) - END_CHARS, 0))
    told = end[0] if end else ""
    code = _EXIT_CODE.search(told)
    head = answer[: end.start()] if end else answer
    began = _STDOUT.search(head)
    if began is None:
        return Ran(head, interrupted=_CUT_OFF in head)
    silent = head.startswith("Output: ") and "\nSignal: " not in told and "\nError: " not in told
    stdout, *stderr = _STDERR.split(head[began.end() :], maxsplit=1)
    exit_code = int(code[1]) if code else 0 if silent else None
    return Ran(_printed(stdout), _printed("".join(stderr)), exit_code)


def _printed(text: str) -> str:
    text = text.removesuffix("\n")
    return "" if text == "(empty)" else text


def _edits(call: Call, told: JsonObject, answer: str) -> tuple[Edit, ...]:
    shown = fields.record(told, "resultDisplay")
    if "fileDiff" in shown:
        return _shown_edit(call, shown)
    path, given = call.path, call.arguments
    if path is None:
        return ()
    if call.tool == WRITE:
        text = fields.text(given, "content") or ""
        change = Change.CREATED if answer.startswith(_CREATED) else Change.CHANGED
        return (edit(path, added(text), change, size_bytes=len(text.encode())),)
    if call.tool in REPLACERS:
        return (edit(path, compared(fields.text(given, "old_string") or "", fields.text(given, "new_string") or "")),)
    return ()


def _shown_edit(call: Call, shown: JsonObject) -> tuple[Edit, ...]:
    path = fields.path(shown, "filePath") or call.path
    if path is None:
        return ()
    created = fields.flag(shown, "isNewFile") or shown.get("originalContent", "") is None
    counts = fields.record(shown, "diffStat")
    revised = bool(fields.whole(counts, "user_added_lines") or fields.whole(counts, "user_removed_lines"))
    return (
        edit(
            resolved(path, call.line.cwd),
            of_patch(fields.text(shown, "fileDiff") or ""),
            Change.CREATED if created else Change.CHANGED,
            revised_by_human=revised,
            size_bytes=len((fields.text(shown, "newContent") or "").encode()) if created else None,
        ),
    )
