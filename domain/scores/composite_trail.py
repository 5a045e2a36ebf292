"""What a session leaves behind for the composite: when somebody was active, what was asked and how well, what was used
and what each arc took (domain reference, section 19).

It is kept by days of UTC, so that any period of any zone is put together from few rows. Times are whole milliseconds
since 1970.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple, TypeVar

from domain.judging.arcs import SessionLog
from domain.judging.integrity import STORM_OVERLAP
from domain.judging.reactions import ends_in_question, objection
from domain.judging.records import Habit, State, SubSession
from domain.judging.segmentation import clears
from domain.judging.substance import is_turn
from domain.judging.text import overlap, words
from domain.judging.turns import Speech, prompt_text, speech
from domain.judging.usage import counted
from domain.scores.composite import PromptRubric
from domain.scores.composite_efficiency import Effort
from domain.scores.composite_prompts import rubric
from domain.scores.composite_rhythm import ACTIVE_GAP, MINUTE, Run, runs
from domain.timeline import Event, Kind
from domain.values import EventId

T = TypeVar("T")

VERSION = "1"
"""Changes whenever something else follows from the same events; what is of an older version is made again."""

DAY = 24 * 60 * MINUTE
_SLICE = 15 * MINUTE
"""Tokens are kept by such slices: days of every time zone begin with one."""
_EPOCH = date(1970, 1, 1)

_ASIDE = frozenset(
    (
        Kind.PROMPT,
        Kind.SLASH_COMMAND,
        Kind.INTERRUPTION,
        Kind.SESSION_START,
        Kind.SESSION_END,
        Kind.SESSION_TITLE,
        Kind.CONTEXT_CLEAR,
        Kind.CONTEXT_COMPACT,
        Kind.CHECKPOINT,
        Kind.DECISION_EVENT,
    )
)
"""Kinds that are no work of the assistant on a prompt."""


class Asked(NamedTuple):
    """A prompt. `rubric` is None where it was not scored, `response_ms` where nothing was done on it, `pause_ms` where
    no answer came before it; `corrects` says that it objects to the answer before or repeats the prompt before."""

    at: int
    rubric: PromptRubric | None
    response_ms: int | None
    pause_ms: int | None
    corrects: bool


class Used(NamedTuple):
    """Input and output tokens, at the time of the first response of several close together."""

    at: int
    tokens: int


class Took(NamedTuple):
    """What an arc took that is closed and past the floor, at its start."""

    at: int
    effort: Effort


@dataclass(frozen=True, slots=True)
class Trail:
    """Of one session, whole or a day of it, or of several together; each part in order of time."""

    runs: tuple[Run, ...] = ()
    asked: tuple[Asked, ...] = ()
    resets: tuple[int, ...] = ()
    used: tuple[Used, ...] = ()
    took: tuple[Took, ...] = ()


def milliseconds(at: datetime) -> int:
    """Since 1970, rounded down."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def day_of(at: int) -> date:
    """The day of UTC."""
    return _EPOCH + timedelta(days=at // DAY)


def day_starts(day: date) -> int:
    return (day - _EPOCH).days * DAY


class _Turn(NamedTuple):
    prompt: Event
    text: str
    answer: tuple[Event, ...]


def trails(logs: Sequence[SessionLog], arcs: Sequence[SubSession]) -> list[Trail]:
    """Of each of these sessions, in their order; `arcs` are all that begin in them."""
    arc_of = {id: arc for arc in arcs for id in arc.prompt_ids}
    turns = [_turns(log.events) for log in logs]
    asked = [_asked(mine, arc_of) for mine in turns]
    by_prompt = {
        turn.prompt.id: one for mine, all in zip(turns, asked, strict=True) for turn, one in zip(mine, all, strict=True)
    }
    return [
        Trail(
            runs=tuple(runs(sorted(milliseconds(event.ts) for event in log.events))),
            asked=tuple(all),
            resets=tuple(sorted(milliseconds(event.ts) for event in log.events if _resets(event))),
            used=tuple(_used(log.events)),
            took=tuple(_took([arc for arc in arcs if arc.session_id == log.session_id], by_prompt)),
        )
        for log, all in zip(logs, asked, strict=True)
    ]


def _turns(events: Sequence[Event]) -> list[_Turn]:
    """What a person said, and what the assistant did on each until the next; whether or not the words are recorded."""
    ordered = sorted(events, key=lambda event: (event.ts, event.ordinal, event.id))
    texts = {place: prompt_text(event) for place, event in enumerate(ordered) if is_turn(event)}
    starts = [place for place, text in texts.items() if speech(text) is not Speech.CALLBACK]
    ends = [*starts[1:], len(ordered)][: len(starts)]
    return [
        _Turn(
            ordered[start],
            texts[start],
            tuple(event for event in ordered[start:end] if event.kind not in _ASIDE and event.actor != "human"),
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def _asked(turns: Sequence[_Turn], arc_of: Mapping[EventId, SubSession]) -> list[Asked]:
    """From the last one on, because a prompt is marked by what had to be put right after it."""
    found: list[Asked] = []
    corrections = 0
    for place in reversed(range(len(turns))):
        turn, before = turns[place], turns[place - 1] if place else None
        arc = arc_of.get(turn.prompt.id)
        same_goal = before is not None and arc_of.get(before.prompt.id) is arc
        corrects = before is not None and same_goal and _corrects(before, turn)
        marks = rubric(turn.text, _held(arc), corrections)
        found.append(Asked(milliseconds(turn.prompt.ts), marks, _response_ms(turn), _pause_ms(before, turn), corrects))
        corrections = corrections + 1 if corrects else 0
    return found[::-1]


def _held(arc: SubSession | None) -> frozenset[Habit]:
    """The habits that are asked of its prompts."""
    return frozenset() if arc is None else frozenset(h for h, shown in arc.rubric.habits.items() if shown is not None)


def _corrects(before: _Turn, after: _Turn) -> bool:
    messages = [event.text("text") or "" for event in before.answer if event.kind is Kind.AI_RESPONSE]
    answers = bool(messages) and ends_in_question(messages[-1])
    if objection(after.text, answers_question=answers) is not None:
        return True
    return overlap(frozenset(words(before.text)), frozenset(words(after.text))) > STORM_OVERLAP


def _pause_ms(before: _Turn | None, after: _Turn) -> int | None:
    """From the last thing that the assistant did to the next prompt."""
    if before is None or not before.answer:
        return None
    return milliseconds(after.prompt.ts) - milliseconds(before.answer[-1].ts)


def _response_ms(turn: _Turn) -> int | None:
    """How long the assistant worked on a prompt; of a gap between events five minutes count at most."""
    times = [milliseconds(event.ts) for event in (turn.prompt, *turn.answer)]
    return sum(min(after - before, ACTIVE_GAP) for before, after in pairwise(times)) if turn.answer else None


def _resets(event: Event) -> bool:
    """Whether the developer had the context cleared or compacted; an agent that compacts by itself resets nothing."""
    if event.agent_id is not None:
        return False
    return clears(event) or (event.kind is Kind.CONTEXT_COMPACT and event.text("trigger") != "auto")


def _used(events: Sequence[Event]) -> list[Used]:
    found: dict[int, Used] = {}
    for event in sorted(counted(events), key=lambda event: event.ts):
        tokens = 0 if event.tokens is None else event.tokens.input + event.tokens.output
        if tokens:
            at = milliseconds(event.ts)
            first = found.setdefault(at // _SLICE, Used(at, 0))
            found[at // _SLICE] = Used(first.at, first.tokens + tokens)
    return list(found.values())


def _took(arcs: Iterable[SubSession], by_prompt: Mapping[EventId, Asked]) -> list[Took]:
    return [
        Took(milliseconds(arc.started_at), _effort(arc, [by_prompt[id] for id in arc.prompt_ids if id in by_prompt]))
        for arc in sorted(arcs, key=lambda arc: (arc.started_at, arc.id))
        if arc.state in (State.CLOSED, State.SCORED) and arc.substance_floor_passed
    ]


def _effort(arc: SubSession, asked: Sequence[Asked]) -> Effort:
    """A pause of more than five minutes before a prompt counts as five."""
    pauses = [min(one.pause_ms, ACTIVE_GAP) for one in asked if one.pause_ms is not None]
    responses = [one.response_ms for one in asked if one.response_ms is not None]
    return Effort(
        tokens=arc.measures.tokens.total or None,
        turns=arc.measures.turn_count or None,
        human_seconds=sum(pauses) / 1000 if pauses else None,
        response_seconds=median(responses) / 1000 if responses else None,
    )


def by_day(trail: Trail) -> dict[date, Trail]:
    """Cut at the midnights of UTC; days without anything are left out."""
    runs = _grouped([piece for run in trail.runs for piece in _pieces(run)], lambda piece: piece.start)
    asked = _grouped(trail.asked, lambda one: one.at)
    resets = _grouped(trail.resets, lambda at: at)
    used = _grouped(trail.used, lambda one: one.at)
    took = _grouped(trail.took, lambda one: one.at)
    return {
        day: Trail(
            tuple(runs.get(day, ())),
            tuple(asked.get(day, ())),
            tuple(resets.get(day, ())),
            tuple(used.get(day, ())),
            tuple(took.get(day, ())),
        )
        for day in sorted({*runs, *asked, *resets, *used, *took})
    }


def _grouped(items: Iterable[T], at: Callable[[T], int]) -> dict[date, list[T]]:
    found: dict[date, list[T]] = {}
    for item in items:
        found.setdefault(day_of(at(item)), []).append(item)
    return found


def _pieces(run: Run) -> list[Run]:
    """What is active behind the last event stays with it."""
    found: list[Run] = []
    while (midnight := (run.start // DAY + 1) * DAY) < run.end:
        found.append(Run(run.start, midnight, midnight))
        run = Run(midnight, run.end, run.active_until)
    return [*found, run]
