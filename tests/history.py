"""Recorded work with a known course, stored and derived: what tests of arcs begin with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

import persistence.job_runs
import persistence.jobs
import resolvers.ingest
from domain.ingest.batch import Batch, SessionFacts
from domain.judging.records import SubSession
from domain.judging.rule_judge import RuleJudge
from domain.timeline import Event, Kind
from domain.values import SessionId
from persistence.database import Tenant
from persistence.derivation import arcs_of_sessions
from persistence.insights.events import insight_events, insight_quarters
from persistence.judging import integrity_flags, sub_session_files, sub_sessions
from persistence.session_parts import session_parts
from persistence.sessions import sessions
from persistence.summaries import session_summaries
from resolvers.context import Context, Services
from resolvers.derivation import derive_now
from resolvers.worker import RUNNERS
from tests.make import PROJECT, command, event, file_diff, prompt, response, time, tool_use

LATER = time(60 * 24 * 365)
"""A year after START: every session has come to rest."""


def judging(services: Services, now: datetime = LATER) -> Services:
    return replace(services, judge=RuleJudge(), now=lambda: now)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A session as an importer hands it over."""

    id: SessionId
    events: tuple[Event, ...]
    project: str | None = PROJECT


def session_id() -> SessionId:
    return SessionId(str(uuid4()))


def recorded(*events: Event, id: SessionId | None = None, project: str | None = PROJECT) -> Recorded:
    own = id or session_id()
    return Recorded(own, tuple(replace(one, session_id=own) for one in events), project)


def bug_fix(
    at: float, path: str = "shop/totals.py", added: Sequence[str] = (), removed: Sequence[str] = ()
) -> list[Event]:
    """Seven minutes of work from minute `at` on: asked for, edited, tested, accepted."""
    lines = [*(f"-{line}" for line in removed), *(f"+{line}" for line in added or ["total = round(total, 2)"])]
    diff = "\n".join(["@@ -1 +1 @@", *lines])
    call = f"call-{uuid4()}"
    asked = f"Fix the wrong rounding of totals in {path}: 0.125 should give 0.13. Run the tests."
    return [
        prompt(asked, at),
        tool_use("Edit", at + 1, call_id=call, input={"file_path": path}),
        file_diff(path, at + 2, added=len(added) or 1, removed=len(removed), diff=diff, call_id=call),
        event(Kind.TOOL_RESULT, at + 2, tool="Edit", call_id=call, succeeded=True),
        command("pytest -q", at + 4),
        response("The totals are rounded half up now because the float is turned into a Decimal first.", at + 5),
        prompt("thanks, works perfectly", at + 7),
    ]


def clear(at: float) -> Event:
    return event(Kind.CONTEXT_CLEAR, at)


def ended(at: float) -> Event:
    return event(Kind.SESSION_END, at)


async def store(ctx: Context, *told: Recorded) -> None:
    """Takes sessions in, each in a batch of its own, as an importer does."""
    for one in told:
        facts = SessionFacts(source_service="claude-code", project=one.project)
        await resolvers.ingest.save_batch(ctx.services, ctx.caller, Batch("test", {one.id: facts}, one.events))


async def derive(ctx: Context, *told: Recorded) -> None:
    """Derives sessions one after the other."""
    for one in told:
        await derive_now(judging(ctx.services), ctx.caller.org_id, one.id)


async def arcs(ctx: Context, *told: Recorded) -> list[SubSession]:
    """What is stored of sessions, merged fragments too, oldest first."""
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        found = await arcs_of_sessions(db, ctx.caller.org_id, [one.id for one in told])
    return sorted(found, key=lambda arc: (arc.started_at, arc.id))


_DERIVED = (
    *(sub_sessions, sub_session_files, integrity_flags),
    *(session_parts, session_summaries, sessions, insight_events, insight_quarters),
)


async def dump(ctx: Context) -> list[tuple[object, ...]]:
    """Every stored row of the organisation that follows from derivation, whole."""
    rows: list[tuple[object, ...]] = []
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        for table in _DERIVED:
            mine = sa.select(table).where(table.c.org_id == ctx.caller.org_id)
            rows += [tuple(row) for row in await db.execute(mine.order_by(*table.primary_key.columns))]
    return rows


async def facts(ctx: Context) -> list[tuple[object, ...]]:
    """As `dump`, without what depends on the way there: organisation, developer, and times of storing."""
    rows: list[tuple[object, ...]] = []
    way = {"org_id", "user_id", "created_at", "updated_at"}
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        for table in _DERIVED:
            kept = [column for column in table.c if column.name not in way]
            mine = sa.select(*kept).where(table.c.org_id == ctx.caller.org_id)
            rows += sorted((tuple(row) for row in await db.execute(mine)), key=repr)
    return rows


def _due(which: str) -> sa.TextClause:
    return sa.text(
        "UPDATE jobs SET run_after = now() - interval '1 min' + place * interval '1 ms' FROM ("
        "  SELECT org_id, kind, key, row_number() OVER (ORDER BY run_after, key) AS place"
        f"  FROM jobs WHERE state = 'queued' AND {which}) AS turn"
        " WHERE (jobs.org_id, jobs.kind, jobs.key) = (turn.org_id, turn.kind, turn.key)"
    )


async def drain(services: Services, most: int = 100, of_any_age: bool = False) -> int:
    """Runs what changed, and what was scheduled if `of_any_age`, as a worker does; returns how many runs it took.

    All are due at once, in the order in which they would have been.
    """
    changed = "true" if of_any_age else "revision > done_revision"
    runs = 0
    while runs < most:
        async with persistence.jobs.scope(services.database) as db:
            await db.execute(_due(changed))
            claimed = await persistence.job_runs.claim(db, 1, timedelta(minutes=1), "test")
        if not claimed:
            return runs
        await RUNNERS[claimed[0].kind](services, claimed[0])
        runs += 1
    raise AssertionError("the queue does not run dry")
