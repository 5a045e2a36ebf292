"""Tool calls, as every agent makes them."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.ingest.clean import bounded, excerpt
from domain.ingest.line import Hot, Line
from domain.timeline import Event, Kind
from domain.values import JsonObject

INPUT_CHARS = 16 * 2**10
PLAN_CHARS = 32 * 2**10


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call, kept with its whole input until its result comes.

    `path` is the one file that it names, `script` what it has a shell run, `plan` what it proposes to the person.
    The tool of an MCP server is called `mcp__<server>__<tool>`, whatever the agent calls it.
    """

    line: Line
    block: int
    id: str
    tool: str
    arguments: JsonObject
    path: str | None = None
    script: str | None = None
    plan: str | None = None


def call_events(call: Call) -> Iterator[Event]:
    """The call, and beside it an mcp_call or a planning event: calls are counted by kind tool_use alone."""
    hot = Hot(call_id=call.id, tool=call.tool, path=call.path)
    data: JsonObject = {"toolName": call.tool, "input": bounded(call.arguments, INPUT_CHARS)}
    yield call.line.event(Kind.TOOL_USE, call.block, 0, data=data, **hot)
    if call.tool.startswith("mcp__"):
        server, _, name = call.tool.removeprefix("mcp__").partition("__")
        yield call.line.event(Kind.MCP_CALL, call.block, 1, data={"server": server, "toolName": name}, **hot)
    if call.plan is not None:
        plan = excerpt(call.plan, PLAN_CHARS)
        yield call.line.event(Kind.PLANNING, call.block, 1, data={"phase": "proposed", "plan": plan}, **hot)
