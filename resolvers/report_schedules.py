"""Schedules of reports: making and cancelling them, and the job that has their reports written when they are due.

A due report, the word that its unit is done and the wish for the next run are one transaction: who is killed before it
ends has done nothing, who comes after it finds nothing left to do.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import persistence.erasures
import persistence.job_runs
import persistence.jobs
import persistence.report_schedules
from domain.access import OrgSettings, Scope
from domain.erasure import being_erased
from domain.errors import TooMany
from domain.jobs import Job
from domain.languages import Language
from domain.report_schedules import (
    MOST,
    ReportSchedule,
    ScheduleId,
    ScheduleWish,
    checked,
    next_run,
    no_such_schedule,
    step,
    too_many,
    zone_of,
)
from domain.reports.records import ReportKind, scope_named
from domain.scores.windows import WindowKind
from domain.values import OrgId, Page, UserId, Window
from persistence.bus import JOBS
from persistence.database import Tenant, Writing
from persistence.identifiers import new_id
from resolvers import cursors
from resolvers.context import Context, Services
from resolvers.reports import enqueue, require_reading, unbegun

AT_ONCE = 100
"""So many due schedules are worked on in one transaction."""
_NOW, _SOON, _SELDOM = timedelta(), timedelta(minutes=1), timedelta(days=1)


async def create_report_schedule(ctx: Context, wish: ScheduleWish) -> ReportSchedule:
    """Has a report written again and again, from the next unit that ends. Raises Invalid with a fault for whatever
    cannot be, also for one too many; Forbidden for the organisation's without the right to administer."""
    require_reading(ctx)
    checked(wish)
    if wish.kind is ReportKind.V21:
        ctx.caller.require(Scope.ADMIN)
    asker = Asker(ctx.caller.org_id, ctx.caller.settings, ctx.caller.user_id, ctx.caller.time_zone)
    async with ctx.services.database.write(Tenant(asker.org_id)) as db:
        new = await save(db, asker, wish, ctx.now())
    ctx.services.bus.announce(JOBS)
    return new


class Asker(NamedTuple):
    """Who has a schedule made."""

    org_id: OrgId
    settings: OrgSettings
    user_id: UserId
    time_zone: str


async def save(db: Writing, asker: Asker, wish: ScheduleWish, now: datetime) -> ReportSchedule:
    """Makes what was `checked`. Raises Invalid for one too many, Conflict where the developer is being erased."""
    if await persistence.erasures.is_going_on(db, asker.org_id, asker.user_id):
        raise being_erased("this developer")
    new = _new(asker, wish, now)
    # First, because its lock has all others wait who are about to make one, and count, too.
    await persistence.jobs.enqueue_schedules(db, new.org_id, _pause(now, new.next_at))
    if await persistence.report_schedules.count_of(db, new.org_id, new.user_id) >= MOST:
        raise too_many()
    await persistence.report_schedules.save(db, new)
    return new


def _new(asker: Asker, wish: ScheduleWish, now: datetime) -> ReportSchedule:
    own, period = wish.kind is ReportKind.V3, WindowKind(wish.period)
    zone = asker.time_zone if wish.time_zone is None else wish.time_zone
    return ReportSchedule(
        id=ScheduleId(new_id()),
        org_id=asker.org_id,
        user_id=asker.user_id if own else None,
        period=period,
        hour=wish.hour,
        time_zone=zone,
        follows_developer=own and wish.time_zone is None,
        language=asker.settings.language if wish.language is None else wish.language,
        scope=scope_named(wish.scope),
        hook=wish.hook,
        done=(),
        next_at=next_run(now, period, wish.hour, zone_of(zone)).at,
        last_report_id=None,
        created_by=asker.user_id,
        created_at=now,
    )


async def cancel_report_schedule(ctx: Context, id: ScheduleId) -> ReportSchedule:
    """The schedule that was; what it had written stays. One's own, or any that one sees with the right to administer.
    Raises NotFound, Forbidden."""
    require_reading(ctx)
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        found = await persistence.report_schedules.find(db, ctx.caller.org_id, id)
        if found is None or not _sees(ctx, found):
            raise no_such_schedule()
        if found.user_id != ctx.caller.user_id:
            ctx.caller.require(Scope.ADMIN)
        if not await persistence.report_schedules.delete(db, ctx.caller.org_id, id):
            raise no_such_schedule()
    return found


def _sees(ctx: Context, schedule: ReportSchedule) -> bool:
    """Everybody those of the organisation, as they do its reports."""
    return ctx.caller.visible_user in (None, schedule.user_id) or schedule.user_id is None


async def find_report_schedule(ctx: Context, id: ScheduleId) -> ReportSchedule | None:
    """One of those that `list_report_schedules` shows."""
    require_reading(ctx)
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        found = await persistence.report_schedules.find(db, ctx.caller.org_id, id)
    return found if found is not None and _sees(ctx, found) else None


async def list_report_schedules(ctx: Context, window: Window[str]) -> Page[ReportSchedule]:
    """Newest first: one's own and the organisation's, or everybody's for a key that reads the organisation. Raises
    Invalid for a forged cursor."""
    require_reading(ctx)
    asked, org_id = window.placed(_place), ctx.caller.org_id
    async with ctx.services.database.read(Tenant(org_id)) as db:
        found = await persistence.report_schedules.page(db, org_id, ctx.caller.visible_user, asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


async def count_report_schedules(ctx: Context) -> int:
    """How many `list_report_schedules` would show in all."""
    require_reading(ctx)
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        return await persistence.report_schedules.count(db, ctx.caller.org_id, ctx.caller.visible_user)


_LIST = "report-schedules"


def _place(cursor: str) -> persistence.report_schedules.Place:
    created_at, id = cursors.time_and_id(cursor, _LIST)
    return created_at, ScheduleId(id)


async def run_schedules(services: Services, job: Job) -> None:
    """The job: asks for the reports of an organisation that are due, and comes again for the next. Raises LeaseLost."""
    now = services.now()
    async with services.database.write(Tenant(job.org_id)) as db:
        due = await persistence.report_schedules.due(db, job.org_id, now, AT_ONCE)
        pause = await _run(db, due, now) or await _until_next(db, job.org_id, now)
        if pause is not None:
            await persistence.jobs.enqueue_schedules(db, job.org_id, pause)
        await persistence.job_runs.finish(db, job)
    services.bus.announce(JOBS)


async def _run(db: Writing, due: Sequence[ReportSchedule], now: datetime) -> timedelta | None:
    """Where too many reports wait already the rest comes later: then, after how long."""
    for schedule in due:
        what = step(schedule, now)
        report = None if what.of is None else unbegun(*_order(schedule), what.of, now)
        try:
            if report is not None:
                await enqueue(db, report, schedule.hook)
        except TooMany:
            return _SOON
        await persistence.report_schedules.advance(db, schedule, what, None if report is None else report.id)
    return None


def _order(schedule: ReportSchedule) -> tuple[Tenant, ReportKind, str, Language]:
    return Tenant(schedule.org_id, schedule.user_id), schedule.kind, schedule.scope, schedule.language


async def _until_next(db: Writing, org_id: OrgId, now: datetime) -> timedelta | None:
    earliest = await persistence.report_schedules.earliest(db, org_id)
    return None if earliest is None else _pause(now, earliest)


def _pause(now: datetime, next_at: datetime) -> timedelta:
    """As a length of time, so that a server whose clock differs from the database's does not ask in vain; and never a
    long one, so that a clock that was wrong for a while does no lasting harm."""
    return min(max(next_at - now, _NOW), _SELDOM)
