"""What reports of a medium are made of: a session, who spoke in it, its goals and how they came out."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.judging.records import Habit, State, SubSession
from domain.media import ReportWish
from domain.media_entities import Entity
from domain.session_parts import SessionParts
from domain.sessions import Session

ACCEPTED = frozenset(("acceptance", "delivery", "plan_approved"))
CHECKED, COMMITTED = "check_passed", "commit"


class Course(StrEnum):
    """How work on a goal came out. `left_out`: too small to judge; `open`: not judged yet, or not to be judged."""

    REACHED = "reached"
    REDONE = "redone"
    MISSED = "missed"
    LEFT_OUT = "left_out"
    OPEN = "open"


def course(arc: SubSession) -> Course:
    if arc.state is State.EXCLUDED:
        return Course.LEFT_OUT
    if not arc.qualifying:
        return Course.OPEN
    if arc.crushed:
        return Course.REACHED
    return Course.REDONE if arc.outcome.goal_complete else Course.MISSED


@dataclass(frozen=True, slots=True)
class Shown:
    """In how many of the goals that it applies to something showed."""

    shown: int
    of: int

    @property
    def share(self) -> float:
        return self.shown / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report may say. `arcs` are the goals by time, merged fragments left out; `whom` it is about.

    `called` is what the report calls them.
    """

    session: Session
    arcs: tuple[SubSession, ...]
    present: tuple[Entity, ...]
    whom: Entity
    called: str
    parts: SessionParts
    wish: ReportWish

    def that_are(self, *courses: Course) -> list[SubSession]:
        return [arc for arc in self.arcs if course(arc) in courses]

    @property
    def judged(self) -> list[SubSession]:
        return self.that_are(Course.REACHED, Course.REDONE, Course.MISSED)

    @property
    def reached(self) -> list[SubSession]:
        return self.that_are(Course.REACHED)

    @property
    def duration_s(self) -> float:
        start, end = self.session.started_at, self.session.last_activity_at
        return (end - start).total_seconds() if start and end else 0.0


def habits(arcs: Iterable[SubSession]) -> dict[Habit, Shown]:
    """The habits that apply to any of `arcs`, in their own order."""
    shown: Counter[Habit] = Counter()
    held: Counter[Habit] = Counter()
    for arc in arcs:
        for habit, shows in arc.rubric.habits.items():
            held[habit] += shows is not None
            shown[habit] += shows is True
    return {habit: Shown(shown[habit], held[habit]) for habit in Habit if held[habit]}


def weakest(arcs: Sequence[SubSession]) -> Habit | None:
    """The habit that showed least; None if all that apply showed always, or none applies."""
    found = [(shown.share, -shown.of, habit) for habit, shown in habits(arcs).items() if shown.shown < shown.of]
    return min(found, key=lambda one: one[:2])[2] if found else None


def counted(arcs: Sequence[SubSession], holds: Callable[[SubSession], bool]) -> Shown:
    return Shown(sum(map(holds, arcs)), len(arcs))


def convinced(arc: SubSession, *criteria: str) -> bool:
    """Whether one of these observations spoke for the outcome."""
    return any(one.verdict == "outcome" and one.points >= 0 and one.criterion in criteria for one in arc.evidence)


def committed(arc: SubSession) -> bool:
    return bool(arc.commit_refs) or convinced(arc, COMMITTED)


def checked(arc: SubSession) -> bool:
    return convinced(arc, CHECKED)


def accepted(arc: SubSession) -> bool:
    return arc.outcome.explicit_acceptance


def telling(arc: SubSession) -> str | None:
    """What weighed most for the outcome as it is, quoted."""
    ways = 1 if arc.outcome.goal_complete else -1
    spoke = [one for one in arc.evidence if one.verdict == "outcome" and one.points * ways > 0 and one.quote]
    return max(spoke, key=lambda one: one.points * ways).quote if spoke else None
