"""Thresholds of insights and the alerts at them: making, changing, snoozing, reading.

They are the organisation's, as insights are. An alert counts the events that whoever made it may count; whoever may
not count them all sees and changes only those that count their own.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace
from datetime import datetime

import persistence.access
import persistence.erasures
import persistence.insights.alert_changes
import persistence.insights.alerts
import persistence.insights.saved
import persistence.jobs
from domain.access import Scope
from domain.erasure import being_erased
from domain.errors import Fault, Invalid, NotFound
from domain.insights.alert_wishes import (
    AlertEdit,
    AlertWish,
    ThresholdEdit,
    ThresholdWish,
    check_alert,
    check_snooze,
    check_threshold,
)
from domain.insights.alerts import (
    MOST_ALERTS,
    MOST_THRESHOLDS,
    Alert,
    AlertChange,
    AlertErrorCode,
    AlertId,
    AlertState,
    ChangeKind,
    Threshold,
    ThresholdId,
    no_such_alert,
    no_such_threshold,
    wrong,
)
from domain.insights.saved import InsightId, SavedInsight
from domain.live import Resync, read_cursor
from domain.values import Page, Window
from persistence.bus import JOBS, alerts_channel
from persistence.database import Reading, Tenant, Writing
from persistence.identifiers import new_id
from persistence.insights.alert_changes import AlertLog
from resolvers import cursors
from resolvers.context import Context
from resolvers.live import follow


async def create_threshold(ctx: Context, insight_id: InsightId, wish: ThresholdWish) -> Threshold:
    """Needs `alert:write`, as all that changes something here. Raises NotFound, Invalid with a fault for whatever
    cannot be, also for one too many."""
    ctx.caller.require(Scope.ALERT_WRITE)
    check_threshold(wish)
    org_id = ctx.caller.org_id
    async with _writing(ctx) as db:
        await _insight(db, ctx, insight_id)
        if await persistence.insights.alerts.count_thresholds(db, org_id, insight_id) >= MOST_THRESHOLDS:
            raise wrong(AlertErrorCode.TOO_MANY, f"an insight has {MOST_THRESHOLDS} thresholds at most")
        new = Threshold(
            ThresholdId(new_id()), org_id, insight_id, wish.name, wish.type, wish.bounds, ctx.caller.user_id, ctx.now()
        )
        await persistence.insights.alerts.save_threshold(db, new)
    return new


async def update_threshold(ctx: Context, id: ThresholdId, change: ThresholdEdit) -> Threshold:
    """Its alerts are checked anew. Raises NotFound, Invalid, also where one of them could not be held against it."""
    ctx.caller.require(Scope.ALERT_WRITE)
    async with _writing(ctx) as db:
        old = await _threshold(db, ctx, id, lock=True)
        wish = change.applied(old)
        check_threshold(wish)
        new = replace(old, name=wish.name, type=wish.type, bounds=wish.bounds)
        [alerts] = await persistence.insights.alerts.alerts_by_threshold(db, ctx.caller.org_id, [id])
        for alert in alerts:
            check_alert(AlertWish(id, alert.watch, condition=alert.condition), new.type)
        await persistence.insights.alerts.update_threshold(db, new)
        if (new.type, new.bounds) != (old.type, old.bounds):
            await persistence.insights.alerts.recheck(db, ctx.caller.org_id, id, ctx.now())
            await persistence.jobs.enqueue_alerts(db, ctx.caller.org_id)
    _announce(ctx)
    return new


async def delete_threshold(ctx: Context, id: ThresholdId) -> Threshold:
    """The threshold that was; its alerts go with it. Raises NotFound."""
    ctx.caller.require(Scope.ALERT_WRITE)
    async with _writing(ctx) as db:
        old = await _threshold(db, ctx, id, lock=True)
        [alerts] = await persistence.insights.alerts.alerts_by_threshold(db, ctx.caller.org_id, [id])
        await persistence.insights.alerts.delete_threshold(db, ctx.caller.org_id, id)
        for alert in alerts:
            await persistence.insights.alert_changes.append(db, alert, alert.state, ChangeKind.DELETED)
    _announce(ctx)
    return old


async def create_alert(ctx: Context, wish: AlertWish) -> Alert:
    """Checked at once, then regularly, over the events that the caller's insights count. Raises NotFound, Invalid with
    a fault for whatever cannot be, also for one too many; Conflict for a developer who is being erased."""
    ctx.caller.require(Scope.ALERT_WRITE)
    org_id = ctx.caller.org_id
    async with _writing(ctx) as db:
        if await persistence.erasures.is_going_on(db, org_id, ctx.caller.user_id):
            raise being_erased("this developer")
        # Its lock has all others wait who are about to make one, and count, too.
        await persistence.jobs.enqueue_alerts(db, org_id)
        threshold = await _threshold(db, ctx, wish.threshold_id)
        check_alert(wish, threshold.type)
        new = _new(ctx, wish, threshold)
        await _check_subscribers(db, new)
        if await persistence.insights.alerts.count_all(db, org_id) >= MOST_ALERTS:
            raise wrong(AlertErrorCode.TOO_MANY, f"an organisation has {MOST_ALERTS} alerts at most")
        await persistence.insights.alerts.save_alert(db, new)
        await persistence.insights.alert_changes.append(db, new, new.state, ChangeKind.EDITED)
    _announce(ctx)
    return new


def _new(ctx: Context, wish: AlertWish, threshold: Threshold) -> Alert:
    caller, now = ctx.caller, ctx.now()
    followers = (caller.user_id,) if wish.subscribers is None else wish.subscribers
    return Alert(
        id=AlertId(new_id()),
        org_id=caller.org_id,
        insight_id=threshold.insight_id,
        threshold_id=threshold.id,
        user_id=caller.insights_of,
        name=wish.name,
        enabled=wish.enabled,
        condition=wish.condition,
        watch=wish.watch,
        interval=wish.interval,
        time_zone=caller.time_zone,
        skip_weekend=wish.skip_weekend,
        hook=wish.hook,
        subscribers=tuple(sorted(set(followers))),
        state=AlertState.NOT_FIRING,
        value=None,
        reason=None,
        snoozed_until=None,
        checked_at=None,
        next_at=now,
        tries=0,
        created_by=caller.user_id,
        created_at=now,
    )


async def _check_subscribers(db: Reading, alert: Alert) -> None:
    found = await persistence.access.users_by_id(db, alert.org_id, alert.subscribers)
    if None in found:
        raise wrong(AlertErrorCode.BAD_SUBSCRIBER, "a subscriber is no developer of this organisation", "subscriberIds")


async def update_alert(ctx: Context, id: AlertId, change: AlertEdit) -> Alert:
    """Fields that are not given keep their value; one that watches something else now is checked at once. Raises
    NotFound, Invalid."""
    ctx.caller.require(Scope.ALERT_WRITE)
    async with _writing(ctx) as db:
        old = await _alert(db, ctx, id)
        wish = change.applied(old)
        threshold = await _threshold(db, ctx, wish.threshold_id)
        check_alert(wish, threshold.type)
        if threshold.insight_id != old.insight_id:
            raise no_such_threshold()
        new = _changed(ctx, old, wish)
        await _check_subscribers(db, new)
        await persistence.insights.alerts.update_alert(db, new)
        await persistence.insights.alerts.save_subscribers(db, new)
        await persistence.insights.alert_changes.append(db, new, old.state, ChangeKind.EDITED)
        await persistence.jobs.enqueue_alerts(db, ctx.caller.org_id)
    _announce(ctx)
    return new


def _changed(ctx: Context, old: Alert, wish: AlertWish) -> Alert:
    new = replace(
        old,
        threshold_id=wish.threshold_id,
        watch=wish.watch,
        name=wish.name,
        enabled=wish.enabled,
        condition=wish.condition,
        interval=wish.interval,
        skip_weekend=wish.skip_weekend,
        hook=wish.hook,
        subscribers=tuple(sorted(set(wish.subscribers or ()))),
    )
    quiet = replace(old, name=new.name, hook=new.hook, subscribers=new.subscribers)
    if new == quiet:
        return new
    last = old.value if new.watch == old.watch else None  # of another number: nothing to compare with
    return replace(new, value=last, next_at=ctx.now(), tries=0)


async def delete_alert(ctx: Context, id: AlertId) -> Alert:
    """The alert that was. Raises NotFound."""
    ctx.caller.require(Scope.ALERT_WRITE)
    async with _writing(ctx) as db:
        old = await _alert(db, ctx, id)
        await persistence.insights.alerts.delete_alert(db, old.org_id, old.id)
        await persistence.insights.alert_changes.append(db, old, old.state, ChangeKind.DELETED)
    _announce(ctx)
    return old


async def snooze_alert(ctx: Context, id: AlertId, until: datetime | None) -> Alert:
    """Nothing is checked until then; None wakes it, and checks it at once. Raises NotFound, Invalid."""
    ctx.caller.require(Scope.ALERT_WRITE)
    check_snooze(until, ctx.now())
    async with _writing(ctx) as db:
        old = await _alert(db, ctx, id)
        if until is not None:
            new = replace(old, snoozed_until=until, state=AlertState.SNOOZED)
        elif old.snoozed_until is None:
            return old
        else:
            new = replace(old, snoozed_until=None, state=AlertState.NOT_FIRING, next_at=ctx.now(), tries=0)
        await persistence.insights.alerts.update_alert(db, new)
        await persistence.insights.alert_changes.append(db, new, old.state, ChangeKind.EDITED)
        await persistence.jobs.enqueue_alerts(db, ctx.caller.org_id)
    _announce(ctx)
    return new


def _writing(ctx: Context) -> AbstractAsyncContextManager[Writing]:
    return ctx.services.database.write(Tenant(ctx.caller.org_id))


def _reading(ctx: Context) -> AbstractAsyncContextManager[Reading]:
    ctx.caller.require(Scope.ALERT_READ)
    return ctx.services.database.read(Tenant(ctx.caller.org_id))


def _announce(ctx: Context) -> None:
    ctx.services.bus.announce(JOBS)
    ctx.services.bus.announce(alerts_channel(ctx.caller.org_id))


async def _insight(db: Reading, ctx: Context, id: InsightId) -> SavedInsight:
    """One that is not deleted, locked: nobody counts its thresholds meanwhile."""
    found = await persistence.insights.saved.find(db, ctx.caller.org_id, id, lock=True)
    if found is None:
        message = "no such insight"
        raise NotFound(message, Fault(AlertErrorCode.NOT_FOUND, message, ("insightId",)))
    return found


async def _threshold(db: Reading, ctx: Context, id: ThresholdId, lock: bool = False) -> Threshold:
    found = await persistence.insights.alerts.find_threshold(db, ctx.caller.org_id, id, lock)
    if found is None or await _is_deleted(db, ctx, found.insight_id):
        raise no_such_threshold()
    return found


async def _alert(db: Reading, ctx: Context, id: AlertId) -> Alert:
    found = await persistence.insights.alerts.find_alert(db, ctx.caller.org_id, id, lock=True)
    if found is None or not sees(ctx, found) or await _is_deleted(db, ctx, found.insight_id):
        raise no_such_alert()
    return found


async def _is_deleted(db: Reading, ctx: Context, id: InsightId) -> bool:
    return await persistence.insights.saved.find(db, ctx.caller.org_id, id) is None


def sees(ctx: Context, alert: Alert | AlertChange) -> bool:
    """Whoever counts everybody's events all of them, others those that count their own."""
    return ctx.caller.insights_of in (None, alert.user_id)


async def insight_of(ctx: Context, id: InsightId) -> SavedInsight | None:
    """What a threshold or an alert is of; None if it was deleted. Needs `insight:read`."""
    ctx.caller.require(Scope.INSIGHT_READ)
    return await ctx.loaders.insight.load(id)


async def thresholds_of(ctx: Context, id: InsightId) -> list[Threshold]:
    """Those of an insight, oldest first. Needs `alert:read`, as all that reads here."""
    ctx.caller.require(Scope.ALERT_READ)
    return await ctx.loaders.thresholds_of_insight.load(id)


async def alerts_of(ctx: Context, id: InsightId) -> list[Alert]:
    """Those at an insight's thresholds that the caller sees, oldest first."""
    ctx.caller.require(Scope.ALERT_READ)
    return [one for one in await ctx.loaders.alerts_of_insight.load(id) if sees(ctx, one)]


async def alerts_of_many(ctx: Context, ids: Sequence[InsightId]) -> list[list[Alert]]:
    """As `alerts_of` for each, in one statement; none for who lacks `alert:read`."""
    if not ctx.caller.may(Scope.ALERT_READ):
        return [[] for _ in ids]
    return [[one for one in its if sees(ctx, one)] for its in await ctx.loaders.alerts_of_insight.load_many(ids)]


async def alerts_at(ctx: Context, id: ThresholdId) -> list[Alert]:
    """Those at a threshold that the caller sees, oldest first."""
    ctx.caller.require(Scope.ALERT_READ)
    return [one for one in await ctx.loaders.alerts_of_threshold.load(id) if sees(ctx, one)]


async def find_alert(ctx: Context, id: AlertId) -> Alert | None:
    """None also for one that counts what the caller may not count, and where the insight is deleted."""
    ctx.caller.require(Scope.ALERT_READ)
    found = await ctx.loaders.alert.load(id)
    if found is None or not sees(ctx, found) or await ctx.loaders.insight.load(found.insight_id) is None:
        return None
    return found


async def find_threshold(ctx: Context, id: ThresholdId) -> Threshold | None:
    """None also where the insight is deleted."""
    ctx.caller.require(Scope.ALERT_READ)
    found = await ctx.loaders.threshold.load(id)
    if found is None or await ctx.loaders.insight.load(found.insight_id) is None:
        return None
    return found


async def list_alerts(ctx: Context, window: Window[str]) -> Page[Alert]:
    """Those that the caller sees, newest first. Raises Invalid for a forged cursor."""
    asked = window.placed(_place)
    async with _reading(ctx) as db:
        found = await persistence.insights.alerts.page(db, ctx.caller.org_id, ctx.caller.insights_of, asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


async def count_alerts(ctx: Context) -> int:
    """How many `list_alerts` would show in all."""
    async with _reading(ctx) as db:
        return await persistence.insights.alerts.count(db, ctx.caller.org_id, ctx.caller.insights_of)


_LIST = "alerts"


def _place(cursor: str) -> persistence.insights.alerts.Place:
    created_at, id = cursors.time_and_id(cursor, _LIST)
    return created_at, AlertId(id)


async def list_checks(ctx: Context, alert: Alert, count: int) -> list[AlertChange]:
    """The latest, newest first. Raises Invalid for a number outside 1-100."""
    ctx.caller.require(Scope.ALERT_READ)
    if not 1 <= count <= cursors.MOST:
        raise Invalid(f"count must lie between 1 and {cursors.MOST}")
    return await ctx.loaders.checks_of_alert.load(persistence.insights.alert_changes.Asked(alert.id, count))


async def watch_alerts(
    ctx: Context, after: str | None, only: AlertId | None = None
) -> AsyncGenerator[Sequence[AlertChange | Resync]]:
    """What becomes of the alerts that the caller sees after the cursor, then as it comes, each once; a page at a time.
    Raises Invalid for a cursor of something else."""
    ctx.caller.require(Scope.ALERT_READ)
    log, seen = AlertLog(ctx.caller.org_id), Tenant(ctx.caller.org_id, ctx.caller.insights_of)
    start = None if after is None else read_cursor(after, log.org_id, log.name)
    async with aclosing(follow(ctx, log, seen, start, _Of(only))) as pages:
        async for page in pages:
            yield page


@dataclass(frozen=True, slots=True)
class _Of:
    """Whether a change is of that alert, or of any. Equal ones share what they pick."""

    only: AlertId | None

    def __call__(self, change: AlertChange) -> bool:
        return self.only in (None, change.alert_id)
