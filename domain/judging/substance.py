"""How much work an arc holds: its measures, the substance floor, and why an arc fell below it
(domain reference, sections 5 and 6)."""

import re
from collections.abc import Sequence

from domain.judging.commands import has_side_effects, line_of
from domain.judging.edits import FILE_KINDS, line_counts, of_edit_tool
from domain.judging.records import Measures, TriviaReason
from domain.judging.text import lexicon
from domain.judging.turns import prompt_text
from domain.judging.usage import usage
from domain.timeline import Attribution, Event, Kind

FLOOR_TURNS = 3
FLOOR_NET_LOC = 10
FLOOR_MUTATING_CALLS = 1

SHELL_TOOLS = lexicon(
    """bash powershell shell shell_command local_shell exec_command run_shell_command run_terminal_cmd
    run_in_terminal"""
)
"""Tools that run shell commands, in lower case."""

_BY_ASSISTANT = frozenset((Attribution.LIKELY_AI, Attribution.AI_REVISED_BY_HUMAN, Attribution.MIXED))
_NO_TURN = re.compile(r"\s*(?:/[a-z][\w:-]*(?=\s|$)|!|<(?:command-name|command-message|bash-input)>)")


def is_turn(event: Event) -> bool:
    """Whether a person speaks to the assistant: no slash command, no shell passthrough, no sub-agent's prompt."""
    return event.kind is Kind.PROMPT and event.agent_id is None and not _NO_TURN.match(prompt_text(event))


def measure(events: Sequence[Event]) -> Measures:
    """Counts over the events of an arc, in any order, each given once."""
    calls = _tool_calls(events)
    changes = [line_counts(event) for event in events if event.kind in FILE_KINDS]
    added, removed = sum(one[0] for one in changes), sum(one[1] for one in changes)
    used = usage(events)
    return Measures(
        turn_count=sum(map(is_turn, events)),
        net_loc=abs(added - removed),
        lines_added=added,
        lines_removed=removed,
        mutating_tool_calls=sum(calls.values()),
        read_only_tool_calls=len(calls) - sum(calls.values()),
        tool_errors=len({_call(event) for event in events if is_failure(event)}),
        tokens=used.tokens,
        cost_usd=used.cost_usd,
        tokens_are_lower_bound=used.is_lower_bound,
    )


def passes_floor(measures: Measures) -> bool:
    """Whether any real work was done."""
    return (
        measures.turn_count >= FLOOR_TURNS
        or measures.net_loc >= FLOOR_NET_LOC
        or measures.mutating_tool_calls >= FLOOR_MUTATING_CALLS
    )


def trivia_reason(measures: Measures) -> TriviaReason:
    """Why an arc fell below the floor: the first reason that fits. Only for arcs that did not pass."""
    if measures.turn_count == measures.net_loc == measures.mutating_tool_calls == 0:
        return TriviaReason.NO_REAL_WORK
    if 1 <= measures.net_loc < FLOOR_NET_LOC:
        return TriviaReason.TOO_FEW_LINES
    if measures.read_only_tool_calls >= 1:
        return TriviaReason.NO_MUTATING_TOOL_CALLS
    return TriviaReason.TOO_FEW_TURNS if 1 <= measures.turn_count < FLOOR_TURNS else TriviaReason.OTHER


def _tool_calls(events: Sequence[Event]) -> dict[str, bool]:
    """The tool calls among `events`, and whether each changed something.

    All events of one call (`call_id`) are one entry: its use, its command, its diffs, its result. A change of a file
    by the assistant that belongs to no call counts as one, and so does a result whose use was never sent.
    """
    used = {event.tool for event in events if event.kind is Kind.TOOL_USE and event.call_id is None}
    calls: dict[str, bool] = {}
    for event in events:
        if is_call(event) or (event.kind is Kind.TOOL_RESULT and (event.call_id or event.tool not in used)):
            calls[_call(event)] = calls.get(_call(event), False) or mutates(event)
    return calls


def is_call(event: Event) -> bool:
    """Whether the event is part of a call by the assistant, whatever of it the client sends; results left out."""
    if event.kind is Kind.COMMAND:
        return run_by_assistant(event)
    if event.kind in FILE_KINDS:
        return event.provenance.attribution in _BY_ASSISTANT
    return event.kind in (Kind.TOOL_USE, Kind.MCP_CALL)


def run_by_assistant(event: Event) -> bool:
    """Whether a command was the assistant's: part of a tool call, or said to be its own; never one marked as human."""
    if event.data.get("human") is True:
        return False
    return event.call_id is not None or event.actor == "ai" or event.provenance.attribution in _BY_ASSISTANT


def mutates(event: Event) -> bool:
    """Whether the event shows that its call changed something."""
    if event.kind in FILE_KINDS:
        return event.provenance.attribution in _BY_ASSISTANT
    if event.kind is Kind.COMMAND or (event.tool or "").lower() in SHELL_TOOLS:
        return has_side_effects(line_of(event))
    return of_edit_tool(event)


def is_failure(event: Event) -> bool:
    """Whether a call failed: told by its result; a command counts by itself only where no call belongs to it."""
    if event.kind is Kind.COMMAND and event.call_id is None and run_by_assistant(event):
        return event.failed
    return event.kind is Kind.TOOL_RESULT and event.succeeded is False


def _call(event: Event) -> str:
    return event.call_id or str(event.id)
