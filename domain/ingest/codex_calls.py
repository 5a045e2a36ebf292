"""Calls and their answers as a Codex rollout holds them (event formats reference, section 5)."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from posixpath import basename

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.clean import Unreadable, parse
from domain.ingest.codex_lines import call_id, text_of
from domain.ingest.line import Line, event_id
from domain.ingest.patches import BEGIN, files_of
from domain.ingest.reading import object_in
from domain.shell import resolved
from domain.values import JsonObject, JsonValue

WRITE_STDIN = "write_stdin"
_RUNS_SHELL = frozenset(("exec_command", "shell_command", "shell", "container.exec", "local_shell"))
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "fish", "pwsh", "powershell", "powershell.exe", "cmd", "cmd.exe"))
_RUNS_TEXT = frozenset(("-c", "-lc", "-Command", "/c"))
_APPLIES = re.compile(r"(?:^|[;&|\n])\s*(?:apply_patch|applypatch)\b")

HEAD_CHARS = 64 * 2**10
_HEADED = ("Exit code: ", "Chunk ID: ", "Command: ", "Wall time", "Script ")
_BODY = re.compile(r"^Output:\n?", re.MULTILINE)
_EXIT = re.compile(r"^(?:Exit code:|Process exited with code) (-?\d{1,9})$", re.MULTILINE)
_WALL = re.compile(r"^Wall time:? (\d{1,7}(?:\.\d{1,9})?) seconds?$", re.MULTILINE)
_RUNNING = re.compile(r"^(?:Process running with session ID|Script running with cell ID) (\S{1,64})$", re.MULTILINE)
_FAILED = re.compile(
    r"(?P<rejected>(?:exec command |patch )?rejected by (?:the )?user)"
    r"|(?P<permission>(?:exec command |patch )?rejected:|.{0,80}(?:blocked|forbidden|required) by policy)"
    r"|(?P<timeout>command timed out after)"
    r"|(?P<tool_use_error>apply_patch verification failed|failed to parse |unsupported (?:custom tool )?call"
    r"|unknown tool)"
    r"|(?P<other>aborted(?: by user)?\b|exec_command failed|execution error|failed in sandbox|Script failed"
    r"|tool call error)"
)


SCRIPT_CHARS = 256 * 2**10
SCRIPT_TOOL = "exec"
"""The tool of newer models that calls all others at once, from within a script in JavaScript."""

_STRING = re.compile(
    r"""(?P<raw>String\.raw)?(?:"(?P<double>(?:[^"\\\n]|\\.)*)"|'(?P<single>(?:[^'\\\n]|\\.)*)'|`(?P<template>(?:[^`\\]|\\.)*)`)""",
    re.DOTALL,
)
_IS_COMMAND = re.compile(r"""\b(?:cmd|command)["']?\s*:\s*\Z""")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\n)|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": ""}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered. `running` names a process that goes on; `failed` is None where it is not told."""

    text: str
    exit_code: int | None = None
    duration_ms: int | None = None
    running: str | None = None
    failed: bool | None = None
    error: str | None = None


def call_of(line: Line, item: JsonObject) -> Call | None:
    """The call in an item; None where no tool is named."""
    tool = _tool(item)
    if tool is None:
        return None
    arguments = _arguments(item)
    script = _script(arguments) if tool in _RUNS_SHELL else None
    patch = patch_in(arguments)
    if patch is not None and (script is None or _APPLIES.search(script)):
        script = None
    files = files_of(patch) if patch is not None and script is None else []
    place = fields.path(arguments, "workdir") or fields.path(arguments, "working_directory")
    line = replace(line, cwd=resolved(place, line.cwd) if place else line.cwd)
    path = resolved(files[0], line.cwd) if len(files) == 1 else _file(tool, arguments)
    return Call(line, 0, call_id(item) or str(event_id(line.key, "call")), tool, arguments, path, script)


def _file(tool: str, arguments: JsonObject) -> str | None:
    """The file that a call names; others name folders by `path`."""
    return fields.path(arguments, "path" if tool == "view_image" else "file_path")


def _tool(item: JsonObject) -> str | None:
    """A tool of an MCP server is called `mcp__<server>__<tool>`; old versions left the first part out."""
    type = fields.name(item, "type") or ""
    name = fields.name(item, "name")
    if name is None:
        return type.removesuffix("_call") if type not in ("function_call", "custom_tool_call") else None
    server = (fields.name(item, "namespace") or "").rstrip("_")
    if server.startswith("mcp__"):
        name = f"{server}__{name}"
    elif "__" in name and not name.startswith("mcp__"):
        name = f"mcp__{name}"
    return name[: fields.NAME_CHARS]


def _arguments(item: JsonObject) -> JsonObject:
    """The arguments of a function are JSON within JSON."""
    given = item.get("arguments", item.get("input", item.get("action")))
    if isinstance(given, dict):
        return given
    if not isinstance(given, str):
        return {}
    try:
        inner = parse(given.encode("utf-8", "surrogatepass"))
    except Unreadable:
        inner = None
    return inner if isinstance(inner, dict) else {"input": given}


def _script(arguments: JsonObject) -> str:
    return script_of(arguments.get("cmd", arguments.get("command")))


def script_of(command: JsonValue) -> str:
    """What a shell is to run: the text itself, what follows `bash -lc`, or the words put together."""
    if isinstance(command, str):
        return command
    words = fields.strings(command)
    if len(words) >= 3 and basename(words[0].replace("\\", "/")) in _SHELLS and words[-2] in _RUNS_TEXT:
        return words[-1]
    return shlex.join(words)


def patch_in(arguments: JsonObject) -> str | None:
    """The patch that a call wants applied: as a text of its own, or handed to `apply_patch` in a shell."""
    given = [arguments.get(name) for name in ("input", "patch", "cmd", "command")]
    texts = [text for one in given for text in (fields.strings(one) if isinstance(one, list) else [one])]
    return next((text for text in texts if isinstance(text, str) and BEGIN in text), None)


def answer_of(output: JsonValue) -> Answer:
    """Reads the head that Codex puts before what a tool printed: a few lines, or in old versions JSON around it."""
    if isinstance(output, dict):
        success = output.get("success")
        inner = answer_of(output.get("content"))
        return replace(inner, failed=not success) if isinstance(success, bool) and inner.failed is None else inner
    text = text_of(output)
    old = object_in(text.encode("utf-8", "surrogatepass")) if text.startswith('{"output":') else None
    answer = _headed(text) if old is None else _old(old)
    return _judged(answer)


def _old(answer: JsonObject) -> Answer:
    metadata = fields.record(answer, "metadata")
    seconds = fields.number(metadata, "duration_seconds")
    return Answer(
        fields.text(answer, "output") or "",
        fields.whole(metadata, "exit_code"),
        None if seconds is None else _milliseconds(seconds),
    )


def _headed(text: str) -> Answer:
    body = _BODY.search(text, 0, HEAD_CHARS) if text.startswith(_HEADED) else None
    if body is None:
        return Answer(text)
    head = text[: body.start()]
    code, wall, running = _EXIT.search(head), _WALL.search(head), _RUNNING.search(head)
    return Answer(
        text[body.end() :],
        int(code[1]) if code else None,
        _milliseconds(float(wall[1])) if wall else None,
        running[1] if running else None,
        True if head.startswith("Script failed") else None,
    )


def _milliseconds(seconds: float) -> int | None:
    return round(seconds * 1000) if 0 <= seconds * 1000 <= fields.LARGEST else None


def _judged(answer: Answer) -> Answer:
    """With why it failed, where it did; a failure without an exit code is told by how the text begins."""
    found = _FAILED.match(answer.text)
    if answer.exit_code not in (None, 0):
        late = found is not None and found["timeout"] is not None
        return replace(answer, failed=True, error="timeout" if late else "exit_code")
    if answer.exit_code == 0 or answer.running or (found is None and not answer.failed):
        return answer
    return replace(answer, failed=True, error=(found and found.lastgroup) or "other")


@dataclass(frozen=True, slots=True)
class Asked:
    """The shell commands and the patches that stand in a script as plain text; what it computes is not known."""

    commands: tuple[str, ...]
    patches: tuple[str, ...]


def asked(script: str) -> Asked:
    """What a script asks for, read without running it."""
    commands: list[str] = []
    patches: list[str] = []
    for before, text in _texts(script[:SCRIPT_CHARS]):
        if text.lstrip().startswith(BEGIN):
            patches.append(text)
        elif _IS_COMMAND.search(before):
            commands.append(text)
    return Asked(tuple(commands), tuple(patches))


def _texts(script: str) -> Iterator[tuple[str, str]]:
    """The string literals of a script, each with what stands before it."""
    for found in _STRING.finditer(script):
        text = next(group for group in found.group("double", "single", "template") if group is not None)
        before = script[max(found.start() - 40, 0) : found.start()]
        yield before, text if found["raw"] else _ESCAPED.sub(_character, text)


def _character(escaped: re.Match[str]) -> str:
    code = escaped[1] or escaped[2]
    if code:
        letter = chr(int(code, 16))
        return "\ufffd" if "\ud800" <= letter <= "\udfff" or letter == "\0" else letter
    return "" if escaped[3] else _LETTERS.get(escaped[4], escaped[4])
