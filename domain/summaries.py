"""What a session was about, how it went and how it ended, as facts; `domain.summary_texts` says it in a language.

The events-bound part (`Course`) is worked out when a session is judged; titles, outcomes and rework are those of its
goal arcs as they stand, so that a summary never disagrees with them (domain reference, section 18).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.judging.arcs import SessionLog
from domain.judging.labels import TITLE_CHARS
from domain.judging.records import Intent, State, SubSession
from domain.judging.text import one_line, shorten
from domain.judging.turns import turns
from domain.session_parts import SessionParts
from domain.session_turns import KeyTurn, key_turns, longest_focus, main_arc
from domain.timeline import Tokens
from domain.values import SessionId, SubSessionId, UserId


@dataclass(frozen=True, slots=True)
class Course:
    """What the events of a session that ended tell of it. `focus` is its longest stretch without a break."""

    started_at: datetime
    ended_at: datetime
    turn_count: int
    file_count: int
    lines_added: int
    lines_removed: int
    focus: timedelta
    key_turns: tuple[KeyTurn, ...]


def course(log: SessionLog, parts: SessionParts, arcs: Sequence[SubSession]) -> Course | None:
    """Of a session, its events in order, what it is made up of and the arcs that began in it.

    None while it runs, and where nothing in it counts.
    """
    if log.ended_at is None or not log.events or not arcs:
        return None
    said = turns(log.events)
    first = log.events[0].ts
    return Course(
        started_at=first,
        ended_at=max(log.ended_at, first),
        turn_count=len(said),
        file_count=len(parts.files),
        lines_added=sum(file.lines_added for file in parts.files),
        lines_removed=sum(file.lines_removed for file in parts.files),
        focus=longest_focus(log.events),
        key_turns=key_turns(said, parts.turns, main_arc(arcs)),
    )


class Ending(StrEnum):
    """How the work on one goal came out."""

    REACHED = "reached"
    MISSED = "missed"
    UNDONE = "undone"
    PENDING = "pending"
    LEFT_OUT = "left_out"
    CONTINUED = "continued"


class SessionOutcome(StrEnum):
    """How a session came out, by its goals."""

    REACHED = "reached"
    PARTLY_REACHED = "partly_reached"
    MISSED = "missed"
    UNDONE = "undone"
    PENDING = "pending"
    LEFT_OUT = "left_out"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True)
class Step:
    """A goal arc on the way through a session; `CONTINUED` is work that counts for an arc of another session."""

    sub_session_id: SubSessionId
    title: str | None
    intent: Intent | None
    ending: Ending
    started_at: datetime
    turn_count: int
    total_tokens: int


class ArcFacts(NamedTuple):
    """What a step is made of."""

    id: SubSessionId
    title: str | None
    intent: Intent | None
    state: State
    qualifying: bool
    crushed: bool
    goal_complete: bool | None
    started_at: datetime
    turn_count: int
    total_tokens: int
    merged_into_id: SubSessionId | None = None


def steps(arcs: Sequence[ArcFacts]) -> tuple[Step, ...]:
    """Of the arcs that began in a session, in their order; a fragment is a step only if its arc began elsewhere."""
    own = {arc.id for arc in arcs}
    return tuple(
        Step(arc.id, arc.title, arc.intent, _ending(arc), arc.started_at, arc.turn_count, arc.total_tokens)
        for arc in arcs
        if arc.merged_into_id not in own
    )


def _ending(arc: ArcFacts) -> Ending:
    if arc.state is State.MERGED:
        return Ending.CONTINUED
    if arc.state is State.EXCLUDED:
        return Ending.LEFT_OUT
    if not arc.qualifying:
        return Ending.PENDING
    if arc.crushed:
        return Ending.REACHED
    return Ending.UNDONE if arc.goal_complete else Ending.MISSED


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session that ended, summed up. `given_title` is what a person called it, `told_title` the tool.

    `steps` are the goals on its way, oldest first, at least one.
    """

    session_id: SessionId
    user_id: UserId
    course: Course
    given_title: str | None
    told_title: str | None
    tokens: Tokens
    cost_usd: Decimal | None
    steps: tuple[Step, ...]
    created_at: datetime
    updated_at: datetime

    @property
    def main(self) -> Step:
        """The step that most of the session went into."""
        return min(self.steps, key=lambda step: (-step.total_tokens, -step.turn_count, step.started_at))

    @property
    def title(self) -> str | None:
        """As a person called it, else the tool, else by its goal: 60 characters at most; None where nobody did."""
        title = one_line(self.given_title or self.told_title or self.goal or "")
        return shorten(title, TITLE_CHARS) or None

    @property
    def goal(self) -> str | None:
        """What most of the session was for; None where no prompt says."""
        named = [step.title for step in self.steps if step.title]
        return self.main.title or next(iter(named), None)

    @property
    def judged(self) -> Sequence[Step]:
        """The steps that have a verdict."""
        return [step for step in self.steps if step.ending in _JUDGED]

    @property
    def reached_count(self) -> int:
        return sum(step.ending is Ending.REACHED for step in self.steps)

    @property
    def outcome(self) -> SessionOutcome:
        endings = [step.ending for step in self.steps]
        if judged := self.judged:
            return _OF_JUDGED[self._reached(len(judged)), Ending.UNDONE in endings]
        if Ending.PENDING in endings:
            return SessionOutcome.PENDING
        return SessionOutcome.CONTINUED if Ending.CONTINUED in endings else SessionOutcome.LEFT_OUT

    def _reached(self, judged: int) -> str:
        return "all" if self.reached_count == judged else "some" if self.reached_count else "none"

    @property
    def session_type(self) -> Intent | None:
        return dominant_intent(self.steps)


_JUDGED = (Ending.REACHED, Ending.MISSED, Ending.UNDONE)
_OF_JUDGED: Mapping[tuple[str, bool], SessionOutcome] = {
    ("all", False): SessionOutcome.REACHED,
    ("some", False): SessionOutcome.PARTLY_REACHED,
    ("some", True): SessionOutcome.PARTLY_REACHED,
    ("none", False): SessionOutcome.MISSED,
    ("none", True): SessionOutcome.UNDONE,
}


def dominant_intent(steps: Sequence[Step]) -> Intent | None:
    """The intent of most arcs, of equally many that with the most tokens, then the first by name; None without any.

    `persistence.session_figures` works it out likewise for lists.
    """
    own = [step for step in steps if step.intent is not None and step.ending is not Ending.CONTINUED]
    counts, tokens = Counter(step.intent for step in own), Counter[Intent | None]()
    for step in own:
        tokens[step.intent] += step.total_tokens
    return min(counts, key=lambda intent: (-counts[intent], -tokens[intent], str(intent)), default=None)
