"""What the tools of Codex did: calls joined with their answers, and with what the session itself noted of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.codex_calls import (
    SCRIPT_TOOL,
    WRITE_STDIN,
    Answer,
    Asked,
    answer_of,
    asked,
    call_of,
    patch_in,
    script_of,
)
from domain.ingest.codex_lines import call_id
from domain.ingest.edits import Edit
from domain.ingest.joins import Background, ToolCalls
from domain.ingest.line import Hot, Line
from domain.ingest.outcomes import Outcome, Ran, effect_events, outcome_events
from domain.ingest.patches import MOST_FILES, change_edits, patch_edits
from domain.ingest.recent import Recent
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue

NOTE_BYTES = 2 * 2**20
_INSIDE = "exec_command"
_DONE_AT_ONCE = ("web_search_call", "image_generation_call")
"""Calls whose answer stands on the same line, as far as it is told."""


@dataclass(frozen=True, slots=True)
class Result:
    line: Line
    id: str
    output: JsonValue


class Tools:
    """Reads calls and answers in the order of a rollout.

    Beside the answer to the model some versions note how a command ended, what a patch changed, what an MCP server
    said. Of a call that is known, that only adds to its answer. Newer models call their tools from within a script:
    then the notes are all that is told of them, and count as parts of the call that ran the script.
    """

    def __init__(self) -> None:
        self._calls: ToolCalls[Result] = ToolCalls(self._events)
        self._notes: Recent[str, JsonObject] = Recent(NOTE_BYTES)
        self._background = Background()
        self._script: Call | None = None
        self._told_inside = False

    def call(self, line: Line, item: JsonObject, size: int) -> Iterator[Event]:
        call = call_of(line, item)
        if call is None:
            return
        if call.tool == SCRIPT_TOOL:
            self._script, self._told_inside = call, False
        yield from self._calls.call(call, size)
        if call_id(item) is None or item.get("type") in _DONE_AT_ONCE:
            yield from self._calls.result(Result(line, call.id, ""), size)

    def result(self, line: Line, item: JsonObject, size: int) -> Iterator[Event]:
        id = call_id(item)
        if id is not None:
            yield from self._calls.result(Result(line, id, item.get("output")), size)

    def executed(self, line: Line, note: JsonObject) -> Iterator[Event]:
        """A command that ended: within a script, or one that ran on in the background."""
        begun = self._background.ended(str(note.get("process_id")))
        known = self._calls.find(call_id(note) or "")
        if begun is not None:
            yield from _ended(line, begun, _answer_in(note))
        elif known is None and note.get("source") != "user_shell":
            inner = self._inside(line, note, _INSIDE)
            call = replace(inner, script=script_of(note.get("command")))
            yield from effect_events(_outcome(line, call, _answer_in(note), runs=True), call)

    def patched(self, line: Line, note: JsonObject, size: int) -> Iterator[Event]:
        """What a patch changed."""
        if self._noted(note, size):
            return
        inner = self._inside(line, note, "apply_patch")
        edits = change_edits(fields.record(note, "changes"), line.cwd) if _worked(note) else ()
        yield from effect_events(Outcome(line, 0, inner.id, "", failed=not edits, edits=edits), inner)

    def asked_server(self, line: Line, note: JsonObject, size: int) -> Iterator[Event]:
        """What an MCP server was asked."""
        if self._noted(note, size):
            return
        asked = fields.record(note, "invocation") or note
        server, name = fields.name(asked, "server"), fields.name(asked, "tool")
        if server and name:
            inner = self._inside(line, note, f"mcp__{server}__{name}"[: fields.NAME_CHARS])
            data: JsonObject = {"server": server, "toolName": name}
            yield line.event(Kind.MCP_CALL, data=data, **Hot(call_id=inner.id, tool=inner.tool))

    def flush(self) -> Iterator[Event]:
        return self._calls.flush()

    def _noted(self, note: JsonObject, size: int) -> bool:
        """Whether the call is known by itself; then the note waits for its answer."""
        id = call_id(note)
        if id is None or self._calls.find(id) is None:
            return False
        self._notes.put(id, note, size)
        return True

    def _inside(self, line: Line, note: JsonObject, tool: str) -> Call:
        """The call of a tool from within a script: a part of the call that runs it."""
        self._told_inside = True
        cwd = (fields.path(note, "cwd") or "").removeprefix("file://") or line.cwd
        id = self._script.id if self._script else call_id(note) or line.key
        return Call(replace(line, cwd=cwd), 0, id, tool, {})

    def _events(self, result: Result, call: Call | None) -> Iterator[Event]:
        answer = answer_of(result.output)
        note = self._notes.pop(result.id) or {}
        if call is None:
            yield from outcome_events(_outcome(result.line, None, answer, id=result.id), None)
            return
        if _refused(note):
            answer = replace(answer, failed=True, error=answer.error or "other")
        inside = self._asked(call, answer)
        if inside.commands:
            call = replace(call, script="\n".join(inside.commands))
        edits = _edits(call, answer, note, inside)
        runs = call.script is not None and answer.running is None
        yield from outcome_events(replace(_outcome(result.line, call, answer, runs=runs), edits=edits), call)
        yield from self._goes_on(result.line, call, answer)

    def _asked(self, call: Call, answer: Answer) -> Asked:
        """What a script asked for, where nothing else told of it."""
        if call.tool != SCRIPT_TOOL or call is not self._script:
            return Asked((), ())
        self._script = None
        script = fields.text(call.arguments, "input")
        return asked(script) if script and not self._told_inside and answer.running is None else Asked((), ())

    def _goes_on(self, line: Line, call: Call, answer: Answer) -> Iterator[Event]:
        if answer.running is not None and call.script is not None:
            self._background.goes_on(answer.running, call)
        elif call.tool == WRITE_STDIN and answer.running is None and answer.exit_code is not None:
            begun = self._background.ended(str(call.arguments.get("session_id")))
            if begun is not None:
                yield from _ended(line, begun, answer)


def answered(line: Line, call: Call, output: JsonValue) -> Outcome:
    """What became of a call, as far as its answer alone tells."""
    answer = answer_of(output)
    outcome = _outcome(line, call, answer, runs=call.script is not None and answer.running is None)
    return replace(outcome, edits=_edits(call, answer, {}, Asked((), ())))


def _ended(line: Line, begun: Call, answer: Answer) -> Iterator[Event]:
    """The command that was begun long before; the same however it is told that it ended."""
    line = replace(line, key=f"{begun.line.key}/ended")
    answer = replace(answer, duration_ms=begun.line.until(line))
    yield from effect_events(_outcome(line, begun, answer, runs=True), begun)


def _outcome(line: Line, call: Call | None, answer: Answer, *, id: str = "", runs: bool = False) -> Outcome:
    waited = call.line.until(line) if call else None
    return Outcome(
        line=line,
        block=0,
        call_id=call.id if call else id,
        answer=answer.text,
        failed=bool(answer.failed),
        error=answer.error,
        duration_ms=waited if answer.duration_ms is None else answer.duration_ms,
        ran=_ran(answer) if runs and answer.error not in ("rejected", "permission", "tool_use_error") else None,
    )


def _ran(answer: Answer) -> Ran:
    return Ran(answer.text, exit_code=answer.exit_code, interrupted=answer.text.startswith("aborted"))


def _edits(call: Call, answer: Answer, note: JsonObject, inside: Asked) -> tuple[Edit, ...]:
    """What a patch changed: as the session noted it, else as it was asked for and not refused."""
    if answer.failed or answer.running is not None:
        return ()
    if changes := fields.record(note, "changes"):
        return change_edits(changes, call.line.cwd)
    patch = patch_in(call.arguments) if call.script is None and call.tool != SCRIPT_TOOL else None
    patches = [*inside.patches, *([patch] if patch else [])]
    return tuple(islice((edit for one in patches for edit in patch_edits(one, call.line.cwd)), MOST_FILES))


def _answer_in(note: JsonObject) -> Answer:
    """How a command ended, as the session noted it."""
    code = fields.whole(note, "exit_code")
    output = fields.text(note, "aggregated_output") or fields.text(note, "stdout") or ""
    status = note.get("status")
    failed = code not in (None, 0) or status in ("failed", "declined")
    error = "rejected" if status == "declined" else "exit_code" if code else "other" if failed else None
    text = "\n".join(part for part in (output, fields.text(note, "stderr") or "") if part)
    return Answer(text, code, _duration_ms(fields.record(note, "duration")), None, failed, error)


def _duration_ms(duration: JsonObject) -> int | None:
    seconds = fields.number(duration, "secs")
    if seconds is None:
        return None
    waited = seconds * 1000 + (fields.number(duration, "nanos") or 0) / 1e6
    return round(waited) if 0 <= waited <= fields.LARGEST else None


def _worked(note: JsonObject) -> bool:
    return note.get("success") is not False and note.get("status") not in ("failed", "declined")


def _refused(note: JsonObject) -> bool:
    """Whether the session noted that a patch or an MCP server failed."""
    result = fields.record(note, "result")
    inner = fields.record(result, "Ok")
    return not _worked(note) or "Err" in result or inner.get("isError") is True or inner.get("is_error") is True
