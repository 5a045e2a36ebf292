"""Arcs of known figures, and the check that an answer tells of the asking developer alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from domain.judging.records import Flag, FlagKind, Habit, JudgeStatus, State, SubSession, TriviaReason
from domain.timeline import Tokens
from tests.make import outcome, rubric, sub_session, time
from tests.rest_compat.house import Developer, House

DAY = 24 * 60
WEEK = 7 * DAY
FRIDAY = 4 * DAY + 8 * 60
"""Minutes after START, a Monday at 9, until 17 o'clock on Friday: five working days of the week have begun."""


def crushed(name: str, at: float = 0, tokens: int = 0, seconds: float = 1500) -> SubSession:
    """Its goal was reached so many seconds after its first prompt."""
    reached = outcome(goal_completed_at=time(at) + timedelta(seconds=seconds))
    return worth(sub_session(name, started_at=time(at), first_prompt_at=time(at), outcome=reached), tokens)


def missed(name: str, at: float = 0, tokens: int = 0) -> SubSession:
    return worth(sub_session(name, started_at=time(at), outcome=outcome(goal_complete=False)), tokens)


def worth(arc: SubSession, tokens: int) -> SubSession:
    return replace(arc, measures=replace(arc.measures, tokens=Tokens(tokens, 0, 0, 0)))


def excluded(name: str, at: float = 0, reason: TriviaReason = TriviaReason.TOO_FEW_TURNS) -> SubSession:
    unjudged = rubric(
        judge_status=JudgeStatus.SKIPPED, intent=None, confidence=None, habits=dict.fromkeys(Habit), letter_grade=None,
        grade_points=None,
    )  # fmt: skip
    return sub_session(
        name, started_at=time(at), state=State.EXCLUDED, substance_floor_passed=False, excluded_reason=reason,
        rubric=unjudged, outcome=outcome(goal_complete=None, goal_completed_at=None),
    )  # fmt: skip


def graded(name: str, letter: str | None, points: float | None, at: float = 0, **habits: bool | None) -> SubSession:
    """With `habits` as told and the others shown."""
    shown = dict.fromkeys(Habit, True) | {Habit(habit): value for habit, value in habits.items()}
    return sub_session(name, started_at=time(at), rubric=rubric(letter_grade=letter, grade_points=points, habits=shown))


def flagged(arc: SubSession, *kinds: FlagKind) -> SubSession:
    flags = [Flag(uuid4(), kind, arc.id, arc.started_at, "info", f"why {kind}") for kind in kinds]
    return replace(arc, flags=tuple(flags))


def sort_of_everything(who: str, count: int) -> list[SubSession]:
    """Arcs that each figure of a window changes with."""
    return [
        *(graded(f"{who} graded {n}", "A", 90 + count, n, plan_first=count > 1) for n in range(count)),
        *(flagged(crushed(f"{who} crushed {n}", 60 + n, 100 * count), FlagKind.AUTO_RETRY_STORM) for n in range(count)),
        *(excluded(f"{who} excluded {n}", 120 + n) for n in range(count)),
        *(missed(f"{who} missed {n}", 180 + n, 50) for n in range(3)),
    ]


async def only_ones_own(house: House, other_house: House, path: str) -> None:
    """Nothing that others do changes the answer, and nothing that a key may see besides."""
    ada, bob, eve = await house.developer(), await house.developer("bob@example.org"), await other_house.developer()
    await ada.has(*sort_of_everything("ada", 1))
    own = (await ada.client.get(path)).json()
    await bob.has(*sort_of_everything("bob", 2))
    await eve.has(*sort_of_everything("eve", 3))
    assert (await ada.client.get(path)).json() == own
    boss = await house.developer(admin=True)  # the same developer with a key that sees the organisation
    assert (await boss.client.get(path)).json() == own
    others = [(await who.client.get(path)).json() for who in (bob, eve)]
    assert own not in others
    assert all(others)


async def friday(house: House, *arcs: SubSession) -> Developer:
    """A developer with these arcs, on Friday of the first week."""
    ada = await house.at(time(FRIDAY)).developer()
    await ada.has(*arcs)
    return ada


def starts(points: Sequence[dict[str, object]]) -> list[str]:
    return [str(point["period_start"]) for point in points]


def days(first: datetime, count: int) -> list[str]:
    return [(first + timedelta(days=n)).isoformat().replace("+00:00", "Z") for n in range(count)]
