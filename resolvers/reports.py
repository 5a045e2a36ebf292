"""Reports: asking for one, waiting for it, following it, taking it back.

The row of a report is the truth; what the queue knows of its job is not. Whatever becomes of a worker, a report ends in
exactly one way: written, failed, cancelled, or failed because its time was up, which whoever reads it sees to.

Reports under v2.1 are an organisation's, to each of its developers. Those under v3.0 are a developer's: others of the
organisation see that one is being made and may cancel it, but not what it says.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import persistence.jobs
import persistence.reports
from domain.access import KeyKind, Scope
from domain.errors import Forbidden, Invalid, NotFound, TooMany
from domain.languages import Language
from domain.reports.records import (
    PeriodName,
    Report,
    ReportChange,
    ReportErrorCode,
    ReportId,
    ReportKind,
    ReportPeriod,
    ReportStatus,
    Stage,
    Written,
    bad_period,
    beyond_calendar,
    no_such_report,
    period,
    refused,
    scope_named,
    seen,
)
from domain.scores.windows import WindowKind, window_containing, zone_named
from domain.values import Page, Span, Window
from domain.webhooks import Hook
from persistence.bus import JOBS, report_channel
from persistence.database import Tenant, Writing
from persistence.identifiers import new_id
from persistence.reports import Wanted
from resolvers import cursors
from resolvers.context import Context
from resolvers.report_content import write_quick
from resolvers.report_writing import announce, give_up_overdue

USUAL = timedelta(days=30)
"""What a report is of that names no time."""
MOST_WAITING = 5_000
"""So many reports of an organisation may wait or be written at a time."""
WAITED_FOR, IN_THE_BACKGROUND = timedelta(minutes=2), timedelta(days=1)
"""So long a report may wait for a worker where somebody waits for it, and where nobody does."""
_LOOK_S = 1.0
_LIST = "reports"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is wanted of: a stretch of time, without which it is the calendar unit `name` so far or the last
    30 days, in the developer's own zone unless another is given."""

    kind: ReportKind
    scope: str = "personal"
    start: datetime | None = None
    end: datetime | None = None
    language: Language = Language.EN
    name: PeriodName = PeriodName.CUSTOM
    time_zone: str | None = None


class Finished(NamedTuple):
    report: Report
    written: Written


async def request_report(ctx: Context, asked: Asked, waited_for: bool = False) -> Report:
    """A new report, which the worker writes; sooner where somebody waits for it.

    Raises Invalid for a tag or a stretch of time that cannot be, TooMany.
    """
    require_reading(ctx)
    if asked.kind is ReportKind.MEDIA:
        raise refused(ReportErrorCode.BAD_KIND, "reports of media are asked for over REST", "kind")
    report = new_report(ctx, asked.kind, scope_named(asked.scope), asked.language, _period(ctx, asked))
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await enqueue(db, report, waited_for=waited_for)
    ctx.services.bus.announce(JOBS)
    return report


def require_reading(ctx: Context) -> None:
    """Raises Forbidden for a key that may have no reports."""
    ctx.caller.require(Scope.SCORES_READ)
    if ctx.caller.kind is KeyKind.CANDIDATE:
        raise Forbidden("a candidate key sees one session, and a report is made of many")


def _period(ctx: Context, asked: Asked) -> ReportPeriod:
    zone = _zone(ctx.caller.time_zone if asked.time_zone is None else asked.time_zone)
    end = asked.end or ctx.now()
    try:
        if asked.start is not None:
            return period(asked.start.astimezone(UTC), end.astimezone(UTC), zone)
        if asked.name is PeriodName.CUSTOM:
            return period((end - USUAL).astimezone(UTC), end.astimezone(UTC), zone)
        window = window_containing(WindowKind(asked.name), end, zone)
        return period(window.start, window.end, zone)
    except OverflowError:
        raise beyond_calendar() from None


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_named(name)
    except Invalid as error:
        raise refused(ReportErrorCode.UNKNOWN_TIME_ZONE, str(error), "timeZone") from None


def new_report(ctx: Context, kind: ReportKind, scope: str, language: Language, of: ReportPeriod | None) -> Report:
    """One of the caller's that nothing has been done for yet; `of` None: of a medium."""
    report = unbegun(Tenant(ctx.caller.org_id, ctx.caller.user_id), kind, scope, language, of, ctx.now())
    return report if of is not None else replace(report, time_zone=ctx.caller.time_zone)


def unbegun(
    whose: Tenant, kind: ReportKind, scope: str, language: Language, of: ReportPeriod | None, now: datetime
) -> Report:
    """As `new_report`, whoever asks."""
    return Report(
        org_id=whose.org_id,
        id=ReportId(new_id()),
        kind=kind,
        user_id=whose.user_id,
        scope=scope,
        period=PeriodName.CUSTOM if of is None else of.name,
        start=None if of is None else of.start,
        end=None if of is None else of.end,
        time_zone="UTC" if of is None else of.zone.key,
        language=language,
        status=ReportStatus.PENDING,
        stage=Stage.QUEUED,
        progress=0.0,
        created_at=now,
        updated_at=now,
        started_at=None,
        finished_at=None,
        failure=None,
        request={},
    )


async def enqueue(db: Writing, report: Report, hook: Hook | None = None, waited_for: bool = False) -> None:
    """Stores a report and asks for it to be written; call it in the transaction that asks. Raises TooMany."""
    if await persistence.reports.in_progress(db, report.org_id) >= MOST_WAITING:
        raise TooMany(f"{MOST_WAITING} reports of this organisation are waiting already", retry_after_s=60)
    await persistence.reports.save(db, report, WAITED_FOR if waited_for else IN_THE_BACKGROUND, hook)
    await persistence.jobs.enqueue_report(db, report.org_id, report.user_id, report.id, live=waited_for)


async def generate_report(ctx: Context, asked: Asked) -> Report:
    """A report that is over when this returns: its status says how. Raises as `request_report`."""
    return await _end_of(ctx, await request_report(ctx, asked, waited_for=True))


async def quick_report(ctx: Context, asked: Asked) -> Finished:
    """A report that is written at once and not kept. Raises as `request_report`."""
    require_reading(ctx)
    report = new_report(ctx, asked.kind, scope_named(asked.scope), asked.language, _period(ctx, asked))
    return Finished(report, await write_quick(ctx.services, report))


async def _end_of(ctx: Context, report: Report) -> Report:
    """Deleted meanwhile, it counts as cancelled."""
    async with ctx.services.bus.listen(report_channel(report.org_id, report.id)) as wakes:
        while True:
            found = await _find(ctx, Tenant(report.org_id), report.id)
            if found is None:
                return replace(report, status=ReportStatus.CANCELLED)
            if found.status.over:
                return found
            await wakes.wait(_LOOK_S)


async def _find(ctx: Context, tenant: Tenant, id: ReportId) -> Report | None:
    """As it is now: one whose time is up has failed."""
    async with ctx.services.database.read(tenant) as db:
        found = await persistence.reports.find(db, tenant.org_id, id)
        if found is None or found.status.over or not await persistence.reports.any_overdue(db, tenant.org_id):
            return found
    await give_up_overdue(ctx.services, tenant.org_id)
    async with ctx.services.database.read(tenant) as db:
        return await persistence.reports.find(db, tenant.org_id, id)


def _readers(ctx: Context, kind: ReportKind) -> Tenant:
    """Who may read what a report of this kind says."""
    return Tenant(ctx.caller.org_id) if kind is ReportKind.V21 else ctx.tenant


def _followers(ctx: Context, kind: ReportKind) -> Tenant:
    """Who may know how far one of this kind is, and cancel it: of a medium only who may see the medium."""
    return ctx.tenant if kind is ReportKind.MEDIA else Tenant(ctx.caller.org_id)


async def get_status(ctx: Context, id: ReportId, kind: ReportKind) -> Report:
    """How far any report of the organisation is or, of a medium, one that the key may read. Raises NotFound."""
    require_reading(ctx)
    found = await _find(ctx, _followers(ctx, kind), id)
    if found is None or found.kind is not kind:
        raise no_such_report()
    return found


async def find_report(ctx: Context, id: ReportId) -> Report | None:
    """One of the reports that `list_reports` shows."""
    require_reading(ctx)
    return await _find(ctx, ctx.tenant, id)


async def get_finished(ctx: Context, id: ReportId, kind: ReportKind) -> Finished:
    """A finished report with what it says. Raises NotFound, also for one that is not finished."""
    require_reading(ctx)
    async with ctx.services.database.read(_readers(ctx, kind)) as db:
        report = await persistence.reports.find(db, ctx.caller.org_id, id)
        written = await persistence.reports.body(db, ctx.caller.org_id, id)
    if report is None or written is None or report.kind is not kind:
        raise no_such_report()
    return Finished(report, written)


async def get_latest(ctx: Context, kind: ReportKind, scope: str, within: Span) -> Finished:
    """The newest finished one of this tag about a stretch that overlaps `within`. Raises NotFound."""
    wanted = Wanted((kind,), scope_named(scope), _stretch(within), (ReportStatus.COMPLETED,))
    found = await _page(ctx, wanted, _readers(ctx, kind), Window(1))
    if not found:
        raise NotFound("No report found")
    return await get_finished(ctx, found[0].id, kind)


def _stretch(within: Span) -> Span:
    if within.start is not None and within.end is not None and within.start >= within.end:
        raise bad_period("from must lie before to")
    return within


async def list_history(ctx: Context, kind: ReportKind, scope: str, limit: int) -> list[Report]:
    """Newest first, whatever became of them."""
    found = await _page(ctx, Wanted((kind,), scope_named(scope)), _readers(ctx, kind), Window(limit))
    return found[:limit]


async def _page(
    ctx: Context, wanted: Wanted, tenant: Tenant, window: Window[persistence.reports.Place]
) -> list[Report]:
    require_reading(ctx)
    wanted = replace(wanted, user_id=tenant.user_id)
    async with ctx.services.database.read(tenant) as db:
        late = await persistence.reports.any_overdue(db, tenant.org_id)
        found = [] if late else await persistence.reports.page(db, tenant.org_id, wanted, window)
    if not late:
        return found
    await give_up_overdue(ctx.services, tenant.org_id)
    async with ctx.services.database.read(tenant) as db:
        return await persistence.reports.page(db, tenant.org_id, wanted, window)


async def find_pending(ctx: Context, kind: ReportKind) -> Report | None:
    """The newest report of the organisation that is not over."""
    require_reading(ctx)
    tenant = Tenant(ctx.caller.org_id)
    async with ctx.services.database.read(tenant) as db:
        found = await persistence.reports.newest_in_progress(db, tenant.org_id, kind)
    return None if found is None else await _if_going(ctx, tenant, found.id)


async def _if_going(ctx: Context, tenant: Tenant, id: ReportId) -> Report | None:
    found = await _find(ctx, tenant, id)
    if found is not None and not found.status.over:
        return found
    async with ctx.services.database.read(tenant) as db:
        return None if found is None else await persistence.reports.newest_in_progress(db, tenant.org_id, found.kind)


async def list_reports(ctx: Context, wanted: Wanted, window: Window[str]) -> Page[Report]:
    """Newest first: the caller's own, or all of the organisation for a key that reads it. Raises Invalid."""
    found = await _page(ctx, replace(wanted, within=_stretch(wanted.within)), ctx.tenant, window.placed(_place))
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


async def count_reports(ctx: Context, wanted: Wanted) -> int:
    """How many `list_reports` would show in all."""
    require_reading(ctx)
    async with ctx.read() as db:
        return await persistence.reports.count(db, ctx.caller.org_id, replace(wanted, user_id=ctx.tenant.user_id))


def _place(cursor: str) -> persistence.reports.Place:
    created_at, id = cursors.time_and_id(cursor, _LIST)
    return created_at, ReportId(id)


async def cancel_report(ctx: Context, id: ReportId, kind: ReportKind | None = None) -> Report:
    """The report, over; one that was over already is left as it is. With `kind` any that `get_status` shows, without it
    any that `list_reports` does. Raises NotFound."""
    require_reading(ctx)
    tenant = ctx.tenant if kind is None else _followers(ctx, kind)
    async with ctx.services.database.write(tenant) as db:
        found = await persistence.reports.find(db, tenant.org_id, id)
        if found is None or kind not in (None, found.kind):
            raise no_such_report()
        ended = await persistence.reports.cancel(db, tenant.org_id, id)
        await persistence.jobs.forget_report(db, tenant.org_id, id)
    announce(ctx.services, tenant.org_id, id)
    if ended is not None:
        return ended.report
    again = await _find(ctx, tenant, id)
    return found if again is None else again


async def delete_report(ctx: Context, id: ReportId, kind: ReportKind | None = None) -> Report:
    """The report that was; one that is being written is cancelled by it. Raises NotFound."""
    require_reading(ctx)
    tenant = ctx.tenant if kind is None else _readers(ctx, kind)
    async with ctx.services.database.write(tenant) as db:
        found = await persistence.reports.find(db, tenant.org_id, id)
        if found is None or kind not in (None, found.kind):
            raise no_such_report()
        if not await persistence.reports.delete(db, tenant.org_id, id):
            raise no_such_report()
        await persistence.jobs.forget_report(db, tenant.org_id, id)
    announce(ctx.services, tenant.org_id, id)
    return found


async def watch_report(ctx: Context, id: ReportId, after: str | None) -> AsyncGenerator[Sequence[ReportChange]]:
    """Its changes after the cursor, then as they come; ends with the last one. Raises NotFound, Invalid."""
    if await find_report(ctx, id) is None:
        raise no_such_report()
    async with aclosing(changes_of(ctx, ctx.tenant, id, 0 if after is None else seen(after, id))) as found:
        async for changes in found:
            if changes:
                yield changes


async def changes_of(ctx: Context, tenant: Tenant, id: ReportId, after: int) -> AsyncGenerator[Sequence[ReportChange]]:
    """As `watch_report`, of a report that was found already; an empty list once a second where nothing happens. Ends
    also when it is deleted."""
    async with ctx.services.bus.listen(report_channel(tenant.org_id, id)) as wakes:
        while True:
            report = await _find(ctx, tenant, id)
            async with ctx.services.database.read(tenant) as db:
                changes = await persistence.reports.changes(db, tenant.org_id, id, after)
            yield changes
            if changes:
                after, over = changes[-1].seq, changes[-1].status.over
            else:
                over = report is None or report.status.over
            if over:
                return
            await wakes.wait(_LOOK_S)
