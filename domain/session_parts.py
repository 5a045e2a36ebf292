"""What a session is made up of: the files it touched, the tools and models it used, its sub-agents, its turns."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.judging.edits import FILE_KINDS, clean_path, file_edits
from domain.judging.substance import is_call, measure, mutates
from domain.judging.turns import turns
from domain.judging.usage import usage_by_model
from domain.session_turns import TurnTaken, turns_taken
from domain.timeline import Event, Kind, Tokens

VERSION = "3"
"""Changes whenever other parts or totals follow from the same events; those of an older version are made again."""

MOST_PARTS = 1_000
"""So many files, tools, models, sub-agents and turns are kept of a session, those first that stand first."""


@dataclass(frozen=True, slots=True)
class FileTouched:
    """`edits` are the changes that were told; a file that a shell command removed has none."""

    path: str
    lines_added: int
    lines_removed: int
    edit_count: int
    created: bool
    deleted: bool


@dataclass(frozen=True, slots=True)
class ToolUsed:
    """`duration_ms` is the sum over the calls that tell how long they took; None where none does."""

    name: str
    call_count: int
    error_count: int
    duration_ms: int | None
    mutating_count: int = 0
    """How many of the calls changed something."""


@dataclass(frozen=True, slots=True)
class ToolCount:
    """How often a tool was called, and how often that failed."""

    name: str
    call_count: int
    error_count: int


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """`cost_usd` is None where any response has no price; `unpriced_count` are those."""

    name: str | None
    response_count: int
    tokens: Tokens
    cost_usd: Decimal | None
    unpriced_count: int
    tokens_are_lower_bound: bool


@dataclass(frozen=True, slots=True)
class SubAgent:
    """`kind` and `description` are what the call said that started it; None where it is not known which did.

    What it did is None where nothing was recorded of it; its times are then those of the call.
    """

    id: str
    kind: str | None
    description: str | None
    call_count: int | None
    error_count: int | None
    tokens: Tokens | None
    cost_usd: Decimal | None
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class SessionParts:
    """Files by lines changed, tools by calls, models by tokens, the most first; sub-agents and turns by start."""

    files: tuple[FileTouched, ...] = ()
    tools: tuple[ToolUsed, ...] = ()
    models: tuple[ModelUsed, ...] = ()
    agents: tuple[SubAgent, ...] = ()
    turns: tuple[TurnTaken, ...] = ()


def session_parts(events: Sequence[Event]) -> SessionParts:
    """Of the events of a session that count, in canonical order."""
    return SessionParts(
        files=tuple(_files(events)[:MOST_PARTS]),
        tools=tuple(_tools(events)[:MOST_PARTS]),
        models=tuple(_models(events)[:MOST_PARTS]),
        agents=tuple(_agents(events)[:MOST_PARTS]),
        turns=tuple(turns_taken(turns(events)[:MOST_PARTS])),
    )


def _files(events: Sequence[Event]) -> list[FileTouched]:
    edits = Counter(clean_path(event.path) for event in events if event.kind in FILE_KINDS and event.path)
    found = [
        FileTouched(file.path, file.lines_added, file.lines_removed, edits[file.path], file.created, file.deleted)
        for file in file_edits(events)
    ]
    return sorted(found, key=lambda file: (-file.lines_added - file.lines_removed, file.path))


@dataclass(slots=True)
class _Call:
    """All that is told of one call of a tool."""

    tool: str
    failed: bool = False
    mutating: bool = False
    duration_ms: int | None = None

    def hear(self, event: Event) -> None:
        """A command and the result of its call tell the same time twice: the longer one holds."""
        self.mutating |= mutates(event)
        self.failed |= event.kind is Kind.TOOL_RESULT and event.succeeded is False
        if event.duration_ms is not None:
            self.duration_ms = max(self.duration_ms or 0, event.duration_ms)


def _tools(events: Sequence[Event]) -> list[ToolUsed]:
    """Calls whose tool is told; all events of a call (`call_id`) are one."""
    calls: dict[str, _Call] = {}
    for event in events:
        key = event.call_id or str(event.id)
        if event.tool and key not in calls and (is_call(event) or event.kind is Kind.TOOL_RESULT):
            calls[key] = _Call(event.tool)
        if key in calls:
            calls[key].hear(event)
    by_tool: dict[str, list[_Call]] = defaultdict(list)
    for call in calls.values():
        by_tool[call.tool].append(call)
    return sorted((_tool(name, made) for name, made in by_tool.items()), key=lambda tool: (-tool.call_count, tool.name))


def _tool(name: str, calls: Sequence[_Call]) -> ToolUsed:
    durations = [call.duration_ms for call in calls if call.duration_ms is not None]
    return ToolUsed(
        name=name,
        call_count=len(calls),
        error_count=sum(call.failed for call in calls),
        duration_ms=sum(durations) if durations else None,
        mutating_count=sum(call.mutating for call in calls),
    )


def _models(events: Iterable[Event]) -> list[ModelUsed]:
    found = [
        ModelUsed(name, used.count, used.usage.tokens, used.usage.cost_usd, used.unpriced, used.usage.is_lower_bound)
        for name, used in usage_by_model(events).items()
    ]
    return sorted(found, key=lambda model: (-model.tokens.total, model.name or ""))


def _agents(events: Sequence[Event]) -> list[SubAgent]:
    by_agent: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.agent_id is not None:
            by_agent[event.agent_id].append(event)
    calls = _calls_of_agents(events)
    found = [_agent(id, by_agent.get(id, ()), calls.get(id, ())) for id in by_agent.keys() | calls.keys()]
    return sorted(found, key=lambda agent: (agent.started_at, agent.id))


def _calls_of_agents(events: Sequence[Event]) -> dict[str, tuple[Event, Event]]:
    """The call that started each sub-agent, as far as its result names it, and that result."""
    calls = {event.call_id: event for event in events if event.kind is Kind.TOOL_USE and event.call_id}
    found: dict[str, tuple[Event, Event]] = {}
    for event in events:
        agent = event.text("subAgentId") if event.kind is Kind.TOOL_RESULT else None
        if agent and event.call_id in calls:
            found.setdefault(agent, (calls[event.call_id], event))  # later calls may ask what has become of it
    return found


def _agent(id: str, events: Sequence[Event], call: Sequence[Event]) -> SubAgent:
    given = call[0].data.get("input") if call else None
    told = given if isinstance(given, dict) else {}
    kind, description = told.get("subagent_type"), told.get("description")
    measures = measure(events) if events else None
    times = [event.ts for event in events or call]
    return SubAgent(
        id=id,
        kind=kind if isinstance(kind, str) else None,
        description=description if isinstance(description, str) else None,
        call_count=measures and measures.mutating_tool_calls + measures.read_only_tool_calls,
        error_count=measures and measures.tool_errors,
        tokens=measures and measures.tokens,
        cost_usd=measures and measures.cost_usd,
        started_at=min(times),
        ended_at=max(times),
    )
