"""What happened in each turn of a session, and the few turns that decided how it went."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.judging.edits import FILE_KINDS, clean_path
from domain.judging.reactions import ends_in_question, objection
from domain.judging.records import State, SubSession
from domain.judging.substance import is_call, measure
from domain.judging.turns import Speech, Turn
from domain.judging.usage import usage_by_model
from domain.timeline import Event, Kind, Tokens
from domain.values import EventId

MOST_OF_A_TURN = 20
"""So many tools and files are kept of a turn, the busiest first."""
KEY_TURNS = 3
FOCUS_GAP = timedelta(minutes=15)
"""A longer pause ends a stretch of uninterrupted work (domain reference, section 19, flow continuity)."""


@dataclass(frozen=True, slots=True)
class TurnTool:
    name: str
    call_count: int


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """One prompt, counted from 0, with all that was done until the next one, by sub-agents too.

    `model` is the one with the most tokens; None where none is told. `cost_usd` is None where any response has no
    price. `ended_at` is the time of the last event.
    """

    index: int
    prompt_id: EventId
    started_at: datetime
    ended_at: datetime
    model: str | None
    tokens: Tokens
    cost_usd: Decimal | None
    tools: tuple[TurnTool, ...]
    call_count: int
    error_count: int
    files: tuple[str, ...]
    lines_added: int
    lines_removed: int

    @property
    def elapsed_ms(self) -> int:
        return round((self.ended_at - self.started_at).total_seconds() * 1000)


def turns_taken(said: Sequence[Turn]) -> Iterator[TurnTaken]:
    """Of the turns of a session, in order."""
    return (_taken(index, turn) for index, turn in enumerate(said))


def _taken(index: int, turn: Turn) -> TurnTaken:
    measures = measure(turn.events)
    models = [(-used.usage.tokens.total, name) for name, used in usage_by_model(turn.events).items() if name]
    files = Counter(clean_path(event.path) for event in turn.events if event.kind in FILE_KINDS and event.path)
    return TurnTaken(
        index=index,
        prompt_id=turn.prompt.id,
        started_at=turn.prompt.ts,
        ended_at=max((event.ts for event in turn.events), default=turn.prompt.ts),
        model=min(models)[1] if models else None,
        tokens=measures.tokens,
        cost_usd=measures.cost_usd,
        tools=tuple(TurnTool(name, count) for name, count in _most(_tools(turn.events))),
        call_count=measures.mutating_tool_calls + measures.read_only_tool_calls,
        error_count=measures.tool_errors,
        files=tuple(path for path, _ in _most(files)),
        lines_added=measures.lines_added,
        lines_removed=measures.lines_removed,
    )


def _tools(events: Sequence[Event]) -> Counter[str]:
    """Calls by tool; all events of a call (`call_id`) are one."""
    calls = {event.call_id or str(event.id): event.tool for event in reversed(events) if event.tool and is_call(event)}
    return Counter(calls.values())


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_OF_A_TURN]


class TurnRole(StrEnum):
    """Why a turn mattered."""

    GOAL = "goal"
    SETBACK = "setback"
    LARGEST_CHANGE = "largest_change"
    REACHED = "reached"


@dataclass(frozen=True, slots=True)
class KeyTurn:
    role: TurnRole
    index: int
    prompt_id: EventId
    at: datetime


def key_turns(said: Sequence[Turn], taken: Sequence[TurnTaken], arc: SubSession | None) -> tuple[KeyTurn, ...]:
    """The turns of a session that mattered, three at most, in order; `arc` is the one that most of it went into.

    That which named the goal goes first, then that which reached it, then the developer's last objection, then the
    largest change. A turn stands for the first of these that it is.
    """
    found: dict[int, TurnRole] = {}
    for role, index in _candidates(said, taken, arc):
        if len(found) < KEY_TURNS:
            found.setdefault(index, role)
    return tuple(
        KeyTurn(role, index, said[index].prompt.id, said[index].prompt.ts) for index, role in sorted(found.items())
    )


def _candidates(
    said: Sequence[Turn], taken: Sequence[TurnTaken], arc: SubSession | None
) -> Iterator[tuple[TurnRole, int]]:
    prompts = frozenset(turn.prompt.id for turn in said) if arc is None else frozenset(arc.prompt_ids)
    own = [index for index, turn in enumerate(said) if turn.prompt.id in prompts]
    requests = [index for index in own if said[index].speech is Speech.REQUEST]
    if own:
        yield TurnRole.GOAL, (requests or own)[0]
    reached = arc.outcome.goal_completed_at if arc and arc.outcome.goal_complete else None
    if reached is not None:
        before = [index for index in own if said[index].prompt.ts <= reached]
        yield from ((TurnRole.REACHED, index) for index in before[-1:])
    yield from ((TurnRole.SETBACK, index) for index in [index for index in own if _objects(said, index)][-1:])
    changed = [(turn.lines_added + turn.lines_removed, -turn.index) for turn in taken]
    if changed and max(changed)[0] > 0:
        yield TurnRole.LARGEST_CHANGE, -max(changed)[1]


def _objects(said: Sequence[Turn], index: int) -> bool:
    """Whether a turn after the first finds fault with what was done before it."""
    if index == 0:
        return False
    messages = [event.text("text") or "" for event in said[index - 1].events if event.kind is Kind.AI_RESPONSE]
    asked = bool(messages) and ends_in_question(messages[-1])
    return objection(said[index].text, answers_question=asked) is not None


def main_arc(arcs: Sequence[SubSession]) -> SubSession | None:
    """The arc that most of a session went into: by tokens, then by turns, then the first; merged ones left out."""
    own = [arc for arc in arcs if arc.state is not State.MERGED]
    weight = {arc.id: (-arc.measures.tokens.total, -arc.measures.turn_count, arc.started_at, arc.id) for arc in own}
    return min(own, key=lambda arc: weight[arc.id], default=None)


def longest_focus(events: Sequence[Event]) -> timedelta:
    """The longest stretch of a session (events in order) without a long pause and without a reset of the context."""
    longest, since, before = timedelta(), None, None
    for event in events:
        if since is None or before is None or event.ts - before > FOCUS_GAP or event.kind in _RESETS:
            since = event.ts
        before = event.ts
        longest = max(longest, before - since)
    return longest


_RESETS = (Kind.CONTEXT_CLEAR, Kind.CONTEXT_COMPACT)
