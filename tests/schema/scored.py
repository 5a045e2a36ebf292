"""Weeks of work of every sort, stored as it was judged: what scores and their pillars are made of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import persistence.clusters
from domain.judging.records import (
    Flag,
    FlagKind,
    Habit,
    Intent,
    JudgeStatus,
    Measures,
    State,
    SubSession,
    TriviaReason,
)
from domain.timeline import Tokens
from persistence.database import Tenant
from persistence.derivation import Update, save_arcs
from resolvers.context import Context
from tests.make import outcome, rubric, sub_session

NO_RUBRIC = rubric(judge_status=JudgeStatus.PENDING, intent=None, habits={}, letter_grade=None, grade_points=None)
SKIPPED = replace(NO_RUBRIC, judge_status=JudgeStatus.SKIPPED)
UNJUDGED = outcome(goal_complete=None, goal_completed_at=None)


async def has(ctx: Context, *arcs: SubSession) -> None:
    """Stores arcs as the caller's own, each with an id of its own."""
    user_id, org_id = ctx.caller.user_id, ctx.caller.org_id
    mine = [replace(arc, id=uuid4(), user_id=user_id) for arc in arcs]
    updates = [Update(None, replace(arc, fragment_ids=(arc.id,), flags=_own(arc))) for arc in mine]
    async with ctx.services.database.write(Tenant(org_id)) as db:
        await persistence.clusters.lock(db, org_id, [user_id])
        await save_arcs(db, org_id, updates)


def _own(arc: SubSession) -> tuple[Flag, ...]:
    return tuple(replace(flag, id=uuid4(), sub_session_id=arc.id, created_at=arc.started_at) for flag in arc.flags)


def flags(*kinds: FlagKind) -> tuple[Flag, ...]:
    arc = sub_session()
    return tuple(Flag(uuid4(), kind, arc.id, arc.started_at, "info", "many", ()) for kind in kinds)


def crushed(at: datetime, tokens: int = 10_000, minutes: float = 10, cost: str | None = "1.00") -> SubSession:
    """An arc whose goal was reached after so many minutes."""
    measures = Measures(
        turn_count=4,
        net_loc=12,
        mutating_tool_calls=2,
        tokens=Tokens(tokens // 2, tokens // 10, tokens // 5, tokens // 5),
        cost_usd=None if cost is None else Decimal(cost),
    )
    reached = outcome(goal_completed_at=at + timedelta(minutes=minutes))
    return sub_session(started_at=at, first_prompt_at=at, ended_at=at, measures=measures, outcome=reached)


def missed(at: datetime, **changes: object) -> SubSession:
    not_reached = replace(crushed(at, cost=None), outcome=outcome(goal_complete=False, goal_completed_at=None))
    return replace(not_reached, **changes)


def day_of_work(at: datetime) -> Iterator[SubSession]:
    """Ten arcs from this moment on: three crushed, one missed, one pending, one at work and four that do not count."""
    yield crushed(at, 10_000, 10, "1.00")
    yield replace(crushed(at + timedelta(minutes=1), 30_000, 20, "2.00"), flags=flags(FlagKind.TINY_PROMPT_BURST))
    yield crushed(at + timedelta(minutes=2), 20_000, 60, None)
    less = dict.fromkeys(Habit, True) | {Habit.PLAN_FIRST: None, Habit.VERIFICATION_REQUESTED: False}
    yield missed(
        at + timedelta(minutes=3),
        rubric=rubric(intent=Intent.FEATURE, habits=less, letter_grade="C", grade_points=45.0),
        flags=flags(FlagKind.AUTO_RETRY_STORM, FlagKind.TINY_PROMPT_BURST),
    )
    yield missed(at + timedelta(minutes=4), state=State.CLOSED, rubric=NO_RUBRIC, outcome=UNJUDGED)
    running = sub_session(state=State.OPEN, ended_at=None, substance_floor_passed=None, close_reason=None)
    yield replace(running, started_at=at + timedelta(minutes=5), outcome=UNJUDGED)
    for number, reason in enumerate(
        (TriviaReason.NO_REAL_WORK, TriviaReason.TOO_FEW_TURNS, TriviaReason.TOO_FEW_TURNS)
    ):
        yield missed(
            at + timedelta(minutes=6 + number),
            state=State.EXCLUDED,
            substance_floor_passed=False,
            excluded_reason=reason,
            rubric=SKIPPED,
            outcome=UNJUDGED,
        )
    yield missed(
        at + timedelta(minutes=9),
        state=State.EXCLUDED,
        excluded_reason=TriviaReason.OTHER,
        rubric=replace(NO_RUBRIC, judge_status=JudgeStatus.ERROR),
        outcome=UNJUDGED,
    )
