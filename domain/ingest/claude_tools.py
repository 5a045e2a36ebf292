"""Tool calls and tool results as a transcript holds them (event formats reference, section 1.6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.ingest import fields
from domain.ingest.claude_edits import file_of
from domain.ingest.claude_line import Hot, Line
from domain.ingest.clean import bounded, excerpt
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue

INPUT_CHARS = 16 * 2**10
PLAN_CHARS = 32 * 2**10
PLAN_TOOLS = frozenset({"ExitPlanMode", "exit_plan_mode"})


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call, kept with its whole input until its result comes."""

    line: Line
    block: int
    id: str
    tool: str
    arguments: JsonObject


@dataclass(frozen=True, slots=True)
class Result:
    """A tool result. `answer` is its text, `outcome` the structured result if the version wrote one."""

    line: Line
    block: int
    id: str
    answer: str
    failed: bool
    outcome: JsonObject
    denial: str | None
    feedback: str | None


def call_of(line: Line, index: int, block: JsonObject) -> Call | None:
    """The call in a `tool_use` block; None without an id or a name."""
    id, tool = fields.name(block, "id"), fields.name(block, "name")
    return Call(line, index, id, tool, fields.record(block, "input")) if id and tool else None


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


def call_events(call: Call) -> Iterator[Event]:
    """The call, and beside it an mcp_call or a planning event: calls are counted by kind tool_use alone."""
    hot = Hot(call_id=call.id, tool=call.tool, path=file_of(call.arguments))
    data: JsonObject = {"toolName": call.tool, "input": bounded(call.arguments, INPUT_CHARS)}
    yield call.line.event(Kind.TOOL_USE, call.block, 0, data=data, **hot)
    if call.tool.startswith("mcp__"):
        server, _, name = call.tool.removeprefix("mcp__").partition("__")
        yield call.line.event(Kind.MCP_CALL, call.block, 1, data={"server": server, "toolName": name}, **hot)
    if call.tool in PLAN_TOOLS:
        plan = excerpt(fields.text(call.arguments, "plan") or "", PLAN_CHARS)
        yield call.line.event(Kind.PLANNING, call.block, 1, data={"phase": "proposed", "plan": plan}, **hot)
