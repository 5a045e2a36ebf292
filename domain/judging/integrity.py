"""Integrity flags: signs that an arc does not tell what it seems to. They inform and never change a score.

Domain reference, section 12.
"""

import json
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid5

from domain.judging.arcs import Arc
from domain.judging.commands import line_of
from domain.judging.records import Flag, FlagKind, Intent, Measures, State, SubSession
from domain.judging.substance import is_turn, passes_floor
from domain.judging.text import one_line, overlap, words
from domain.judging.turns import prompt_text
from domain.timeline import Event, Kind
from domain.values import EventId, SubSessionId

STORM_PROMPTS = 3
STORM_OVERLAP = 0.8
STORM_PAUSE = timedelta(seconds=60)
STORM_FAILURES = 5
STORM_SPAN = timedelta(seconds=120)
TINY_CHARS = 10
TINY_PROMPTS = 5
TINY_SPAN = timedelta(seconds=120)
MANY_FRAGMENTS = 3
OUTLIER_SPAN = timedelta(days=30)
OUTLIER_ARCS = 10
OUTLIER_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class SubstanceRow:
    """What the search for outliers needs of one scored arc; `substance` as `substance()` gives it."""

    id: SubSessionId
    intent: Intent
    started_at: datetime
    substance: float


def flags(arc: Arc, sub_session: SubSession) -> tuple[Flag, ...]:
    """The flags that an arc earns by itself, at most one of a kind, in the order of kinds."""
    prompts = [event for event in arc.events if is_turn(event)]
    found = (
        _retry_storm(sub_session, arc.events, prompts),
        _tiny_prompts(sub_session, prompts),
        _floor_breach(arc, sub_session),
        _fragmentation(arc, sub_session),
    )
    return tuple(flag for flag in found if flag is not None)


def substance(measures: Measures) -> float:
    """How much work an arc holds: turns + net lines / 10 + 2 x mutating calls."""
    return measures.turn_count + measures.net_loc / 10 + 2 * measures.mutating_tool_calls


def median_substance_outliers(rows: Sequence[SubstanceRow]) -> tuple[Flag, ...]:
    """Flags for arcs of far less substance than usual for their intent, given all scored arcs of an organisation.

    Usual is the median over arcs of the same intent that started in the 30 days up to the arc's start, itself
    included; with fewer than ten of them nothing is said.
    """
    by_intent: defaultdict[Intent, list[SubstanceRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.started_at, row.id)):
        by_intent[row.intent].append(row)
    return tuple(flag for intent in Intent for flag in _outliers(by_intent[intent]))


def _outliers(rows: Sequence[SubstanceRow]) -> Iterator[Flag]:
    """Of one intent, in order of start."""
    window: list[float] = []
    first = upto = 0
    for row in rows:
        while upto < len(rows) and rows[upto].started_at <= row.started_at:
            insort(window, rows[upto].substance)
            upto += 1
        while rows[first].started_at < row.started_at - OUTLIER_SPAN:
            del window[bisect_left(window, rows[first].substance)]
            first += 1
        usual = _median(window)
        if len(window) >= OUTLIER_ARCS and row.substance < OUTLIER_SHARE * usual:
            detail = f"substance {row.substance:.1f}, usual for {row.intent} is {usual:.1f}"
            yield _flag(FlagKind.MEDIAN_SUBSTANCE_OUTLIER, row.id, row.started_at, "info", detail)


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _retry_storm(sub_session: SubSession, events: Sequence[Event], prompts: Sequence[Event]) -> Flag | None:
    repeated = _repeated_prompts(prompts)
    failing = [] if repeated else _failing_calls(events)
    if not repeated and not failing:
        return None
    what = "prompts almost alike, each within a minute" if repeated else "failures of the same call in a row"
    storm = repeated or failing
    return _of(sub_session, FlagKind.AUTO_RETRY_STORM, "warn", f"{len(storm)} {what}", storm)


def _repeated_prompts(prompts: Sequence[Event]) -> list[Event]:
    """The first run of prompts that repeat each other quickly, as long as it goes; [] if it is too short."""
    run: list[Event] = []
    for prompt in prompts:
        if run and not _repeats(run[-1], prompt):
            if len(run) >= STORM_PROMPTS:
                return run
            run = []
        run.append(prompt)
    return run if len(run) >= STORM_PROMPTS else []


def _repeats(earlier: Event, later: Event) -> bool:
    before, after = prompt_text(earlier), prompt_text(later)
    if not after or later.ts - earlier.ts > STORM_PAUSE:
        return False
    same = one_line(before).lower() == one_line(after).lower()
    return same or overlap(frozenset(words(before)), frozenset(words(after))) > STORM_OVERLAP


def _failing_calls(events: Sequence[Event]) -> list[Event]:
    """The first five identical calls that failed one after the other within the span."""
    run: list[Event] = []
    last: str | None = None
    for event, what, failed in _calls(events):
        run = [*(run if what == last else []), event][-STORM_FAILURES:] if failed else []
        last = what
        if len(run) == STORM_FAILURES and run[-1].ts - run[0].ts <= STORM_SPAN:
            return run
    return []


def _calls(events: Sequence[Event]) -> Iterator[tuple[Event, str, bool]]:
    """The ends of tool calls and commands: what was called with what, and whether it failed.

    A call that has a result is told by that; its command is left out. A result whose call was never seen is like
    no other.
    """
    inputs = {event.call_id: event.data.get("input") for event in events if event.kind is Kind.TOOL_USE}
    answered = {event.call_id for event in events if event.kind is Kind.TOOL_RESULT and event.call_id is not None}
    for event in events:
        if event.kind is Kind.TOOL_RESULT:
            given = inputs.get(event.call_id) if event.call_id is not None else event.data.get("input")
            what = str(event.id) if given is None else json.dumps(given, sort_keys=True)
            yield event, f"{event.tool} {what}", event.succeeded is False
        elif event.kind is Kind.COMMAND and event.call_id not in answered:
            yield event, line_of(event), event.failed


def _tiny_prompts(sub_session: SubSession, prompts: Sequence[Event]) -> Flag | None:
    tiny = [event for event in prompts if 0 < len(prompt_text(event)) < TINY_CHARS]
    for start in range(len(tiny) - TINY_PROMPTS + 1):
        burst = tiny[start : start + TINY_PROMPTS]
        if burst[-1].ts - burst[0].ts <= TINY_SPAN:
            detail = f"{TINY_PROMPTS} prompts of fewer than {TINY_CHARS} characters within two minutes"
            return _of(sub_session, FlagKind.TINY_PROMPT_BURST, "info", detail, burst)
    return None


def _floor_breach(arc: Arc, sub_session: SubSession) -> Flag | None:
    if sub_session.state is not State.SCORED or passes_floor(arc.measures):
        return None
    return _of(sub_session, FlagKind.SUBSTANCE_FLOOR_BREACH, "warn", "scored although it is below the substance floor")


def _fragmentation(arc: Arc, sub_session: SubSession) -> Flag | None:
    if len(arc.fragments) < MANY_FRAGMENTS:
        return None
    openings = [fragment.events[0] for fragment in arc.fragments]
    return _of(sub_session, FlagKind.FRAGMENTATION_MERGE, "info", f"merged from {len(openings)} short arcs", openings)


def _of(sub_session: SubSession, kind: FlagKind, severity: str, detail: str, events: Sequence[Event] = ()) -> Flag:
    ids = tuple(event.id for event in events)
    return _flag(kind, sub_session.id, sub_session.started_at, severity, detail, ids)


def _flag(
    kind: FlagKind,
    arc_id: SubSessionId,
    started_at: datetime,
    severity: str,
    detail: str,
    event_ids: tuple[EventId, ...] = (),
) -> Flag:
    """The id follows from arc and kind, so that finding a flag again changes nothing."""
    return Flag(uuid5(arc_id, kind), kind, arc_id, started_at, severity, detail, event_ids)
