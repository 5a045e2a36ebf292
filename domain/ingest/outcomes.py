"""What became of a tool call: how it ended, what it changed, what was run and what git did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from domain.ingest.calls import Call
from domain.ingest.clean import excerpt
from domain.ingest.edits import Change, Edit
from domain.ingest.git import GitAction, git_actions
from domain.ingest.line import Hot, Line
from domain.timeline import Attribution, Event, Kind, Observability, Provenance
from domain.values import JsonObject, JsonValue

COMMAND_CHARS = 16 * 2**10
OUTPUT_CHARS = 4 * 2**10
FEEDBACK_CHARS = 4 * 2**10

_REVISED = Provenance(Attribution.AI_REVISED_BY_HUMAN, 0.9, Observability.HIGH)
_CHANGES = {Change.CREATED: Kind.FILE_CREATE, Change.CHANGED: Kind.FILE_DIFF, Change.DELETED: Kind.FILE_DELETE}


@dataclass(frozen=True, slots=True)
class Ran:
    """A script that a shell has run. `exit_code` is None where it is not told, `told` goes into the event as it is.

    `noticed` is what the tool itself saw of git, which the script may not show.
    """

    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None
    interrupted: bool = False
    told: JsonObject = field(default_factory=dict[str, JsonValue])
    noticed: tuple[GitAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of the call `call_id`. `answer` is its text; `error` says why a failed one failed: exit_code,
    tool_use_error, rejected, permission, timeout or other; `feedback` is what a person said who rejected it;
    `sub_agent` is the one that the call had work."""

    line: Line
    block: int
    call_id: str
    answer: str
    failed: bool = False
    error: str | None = None
    feedback: str | None = None
    sub_agent: str | None = None
    duration_ms: int | None = None
    ran: Ran | None = None
    edits: tuple[Edit, ...] = ()


def outcome_events(outcome: Outcome, call: Call | None) -> Iterator[Event]:
    """All events of an outcome. Without its `call` only what the result itself says is known: no tool, no command."""
    yield _result_event(replace(outcome, line=_line_of_both(outcome.line, call)), call)
    yield from effect_events(outcome, call)


def effect_events(outcome: Outcome, call: Call | None) -> Iterator[Event]:
    """What an outcome did, without the result itself: for what was told apart from the answer of its call."""
    outcome = replace(outcome, line=_line_of_both(outcome.line, call))
    part = 1
    for event in _further_events(outcome, call):
        kind, hot, data, provenance = event
        yield outcome.line.event(kind, outcome.block, part, data=data, provenance=provenance, **hot)
        part += 1


_Further = tuple[Kind, Hot, JsonObject, Provenance | None]


def _further_events(outcome: Outcome, call: Call | None) -> Iterator[_Further]:
    if call and call.plan is not None:
        phase = "rejected" if outcome.failed else "accepted"
        yield Kind.PLANNING, Hot(call_id=call.id, tool=call.tool), {"phase": phase}, None
    if call and call.script is not None and outcome.ran is not None:
        yield from _shell_events(outcome, outcome.ran, call, call.script)
    for edit in outcome.edits:
        yield _edit_event(outcome, call, edit)


def _line_of_both(line: Line, call: Call | None) -> Line:
    """The result's line; what was redacted in the call was redacted in its events too."""
    if call is None or not call.line.redacted:
        return line
    return replace(line, redacted=tuple(sorted({*line.redacted, *call.line.redacted})))


def _result_event(outcome: Outcome, call: Call | None) -> Event:
    data: JsonObject = {"success": not outcome.failed, "text": excerpt(outcome.answer, OUTPUT_CHARS)}
    if call:
        data["toolName"] = call.tool
    if outcome.error:
        data["errorClass"] = outcome.error
    if outcome.sub_agent:
        data["subAgentId"] = outcome.sub_agent
    if outcome.duration_ms is not None:
        data["durationMs"] = outcome.duration_ms
    if outcome.feedback and outcome.error == "rejected":
        data["userFeedback"] = excerpt(outcome.feedback, FEEDBACK_CHARS)
    return outcome.line.event(Kind.TOOL_RESULT, outcome.block, 0, data=data, **_hot(outcome, call))


def _hot(outcome: Outcome, call: Call | None, exit_code: int | None = None) -> Hot:
    return Hot(
        call_id=outcome.call_id,
        tool=call.tool if call else None,
        succeeded=not outcome.failed,
        duration_ms=outcome.duration_ms,
        exit_code=exit_code,
    )


def _edit_event(outcome: Outcome, call: Call | None, edit: Edit) -> _Further:
    data: JsonObject = {
        "path": edit.path,
        "linesAdded": edit.lines_added,
        "linesRemoved": edit.lines_removed,
        "diff": edit.diff,
    }
    if edit.truncated:
        data["diffTruncated"] = True
    if edit.change is Change.CREATED and edit.size_bytes is not None:
        data["sizeBytes"] = edit.size_bytes
    hot = Hot(
        call_id=outcome.call_id,
        tool=call.tool if call else None,
        path=edit.path or None,
        lines_added=edit.lines_added,
        lines_removed=edit.lines_removed,
    )
    return _CHANGES[edit.change], hot, data, _REVISED if edit.revised_by_human else None


def _shell_events(outcome: Outcome, ran: Ran, call: Call, script: str) -> Iterator[_Further]:
    """The command, then what git did in it."""
    data: JsonObject = {
        "command": excerpt(script, COMMAND_CHARS),
        "stdout": excerpt(ran.stdout, OUTPUT_CHARS),
        "stderr": excerpt(ran.stderr, OUTPUT_CHARS),
    }
    told: JsonObject = {"cwd": call.line.cwd, "exitCode": ran.exit_code, "durationMs": outcome.duration_ms, **ran.told}
    data |= {key: value for key, value in told.items() if value is not None}
    if ran.interrupted:
        data["interrupted"] = True
    yield Kind.COMMAND, _hot(outcome, call, ran.exit_code), data, None
    printed = f"{ran.stdout}\n{ran.stderr}"
    for action in _with_noticed(git_actions(script, printed, succeeded=not outcome.failed, cwd=call.line.cwd), ran):
        path = action.paths[0] if len(action.paths) == 1 else None
        yield Kind.GIT_ACTION, Hot(call_id=outcome.call_id, path=path), git_data(action), None


def _with_noticed(actions: Sequence[GitAction], ran: Ran) -> list[GitAction]:
    """What the tool itself noticed of git is added where the script did not show it."""
    seen = {action.action for action in actions}
    all = [*actions, *(action for action in ran.noticed if action.action not in seen)]
    if len([action for action in all if action.action == "commit"]) != 1:
        return all
    sha = next((action.commit for action in ran.noticed if action.action == "commit"), None)
    return [replace(one, commit=one.commit or sha) if one.action == "commit" else one for one in all]


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
