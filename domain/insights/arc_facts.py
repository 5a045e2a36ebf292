"""What insights count of a goal arc: when it was opened, closed and judged, and what became of its goal."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid5

from domain.insights.facts import FIRST, LAST, Fact, known, spent
from domain.judging.records import JudgeStatus, State, SubSession
from domain.judging.text import lexicon
from domain.values import JsonObject

HELD_AFTER = timedelta(days=7)
"""Work that nobody undid for so long after its goal was reached has held."""

OF_ARCS = lexicon(
    """arc_opened arc_closed arc_judged arc_completed arc_crushed arc_held arc_reworked arc_excluded arc_appealed
    integrity_flag"""
)
"""All that follow from an arc alone."""


def arc_facts(arc: SubSession, model: str | None) -> tuple[Fact, ...]:
    """Of an arc as it stands, in order; none of a fragment that is part of another arc. `arc_held` may lie in the
    future. `model` is the one that did most of the work.

    The ids follow from the arc, so that a fact that is told again is the same one.
    """
    if arc.state is State.MERGED:
        return ()
    properties = _properties(arc)
    told = [_fact(arc, name, ts, ordinal, model, properties) for name, ts, ordinal in _happened(arc)]
    return (*told, *_flags(arc, model, properties))


def _fact(
    arc: SubSession, name: str, ts: datetime, ordinal: int, model: str | None, properties: JsonObject, part: str = ""
) -> Fact:
    return Fact(uuid5(arc.id, name + part), name, ts, ordinal, arc.id, model, None, properties)


def _happened(arc: SubSession) -> Iterator[tuple[str, datetime, int]]:
    """Names with times and ordinals. Nobody keeps when an arc was judged: it counts as judged when it closed."""
    yield "arc_opened", arc.started_at, FIRST + 1
    reached = arc.outcome.goal_completed_at or arc.ended_at
    if reached is not None and arc.qualifying and arc.outcome.goal_complete:
        yield "arc_completed", reached, LAST
        if arc.crushed:
            yield "arc_crushed", reached, LAST + 1
        if arc.rework is None or arc.rework.detected_at > reached + HELD_AFTER:
            yield "arc_held", reached + HELD_AFTER, LAST + 7
    if arc.ended_at is not None:
        yield "arc_closed", arc.ended_at, LAST + 2
        if arc.state is State.EXCLUDED:
            yield "arc_excluded", arc.ended_at, LAST + 3
        if arc.rubric.judge_status is JudgeStatus.OK:
            yield "arc_judged", arc.ended_at, LAST + 4
    if arc.appeal is not None:
        yield "arc_appealed", arc.appeal.at, LAST + 5
    if arc.rework is not None:
        yield "arc_reworked", arc.rework.detected_at, LAST + 6


def _flags(arc: SubSession, model: str | None, properties: JsonObject) -> Iterator[Fact]:
    for flag in arc.flags:
        told = {**properties, "flag": flag.kind, "severity": flag.severity}
        yield _fact(arc, "integrity_flag", flag.created_at, FIRST + 2, model, told, f" {flag.kind}")


def _properties(arc: SubSession) -> JsonObject:
    measures = arc.measures
    end = arc.ended_at or arc.last_event_at
    return {
        **spent(measures.tokens, measures.cost_usd),
        "turn_count": measures.turn_count,
        "net_loc": measures.net_loc,
        "lines_added": measures.lines_added,
        "lines_removed": measures.lines_removed,
        "mutating_tool_calls": measures.mutating_tool_calls,
        "read_only_tool_calls": measures.read_only_tool_calls,
        "tool_errors": measures.tool_errors,
        "file_count": len(arc.files),
        "duration_ms": round((end - arc.started_at).total_seconds() * 1000),
        **({} if arc.ended_at is None else _verdict(arc)),
    }


def _verdict(arc: SubSession) -> JsonObject:
    """Of an arc that has closed: what an open one is told may change with each event."""
    return known(
        intent=arc.rubric.intent,
        letter_grade=arc.rubric.letter_grade,
        grade_points=arc.rubric.grade_points,
        goal_complete=arc.outcome.goal_complete,
        completion_confidence=arc.outcome.completion_confidence,
        crushed=arc.crushed if arc.qualifying else None,
        time_to_crush_s=arc.time_to_crush_seconds,
        rework_kind=arc.rework and arc.rework.kind,
        close_reason=arc.close_reason,
        excluded_reason=arc.excluded_reason,
    )
