"""The job that checks an organisation's alerts when they are due.

Each check is noted before it begins and ends in a transaction of its own, with the state it leads to, what receivers
are told and the time of the next one: who is killed in between has done nothing, who comes after goes on with the rest.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import persistence.insights.alert_changes
import persistence.insights.alerts
import persistence.insights.saved
import persistence.job_runs
import persistence.jobs
import persistence.webhooks
from domain.errors import Invalid
from domain.insights.alert_times import FARTHEST, next_check, rhythm_of
from domain.insights.alerts import (
    Alert,
    AlertState,
    ChangeKind,
    Found,
    InsightNamed,
    Threshold,
    evaluate,
    told,
    webhook_type,
)
from domain.insights.query import Query, read
from domain.insights.saved import SavedInsight
from domain.insights.watching import NotThere, readings
from domain.jobs import Job
from domain.values import OrgId
from persistence.bus import JOBS, alerts_channel
from persistence.database import Reading, Tenant, Writing
from resolvers.context import Services
from resolvers.insight_runs import compute

AT_ONCE = 5
"""So many alerts are checked before the job makes room for others."""
MOST_TRIES = 3
"""A check that stopped its worker so often is given up, so that the others have their turn."""
_NOW, _SELDOM = timedelta(), timedelta(days=1)


class _Case(NamedTuple):
    alert: Alert
    threshold: Threshold
    insight: SavedInsight


async def check_alerts(services: Services, job: Job) -> None:
    """The job. It comes again for the next. Raises LeaseLost."""
    now = services.now()
    async with services.database.write(Tenant(job.org_id)) as db:
        due = await persistence.insights.alerts.due(db, job.org_id, now, now + FARTHEST, AT_ONCE)
    for alert in due:
        await _check(services, alert)
    async with services.database.write(Tenant(job.org_id)) as db:
        pause = await _until_next(db, job.org_id, services.now())
        if pause is not None:
            await persistence.jobs.enqueue_alerts(db, job.org_id, pause)
        await persistence.job_runs.finish(db, job)
    services.bus.announce(JOBS)


async def _until_next(db: Reading, org_id: OrgId, now: datetime) -> timedelta | None:
    """As a length of time, and never a long one: a clock that is wrong does no lasting harm."""
    earliest = await persistence.insights.alerts.earliest(db, org_id)
    return None if earliest is None else min(max(earliest - now, _NOW), _SELDOM)


async def _check(services: Services, alert: Alert) -> None:
    case = await _begin(services, alert)
    if case is None:
        return
    found, trouble = None, None
    if case.alert.tries > MOST_TRIES:
        trouble = "the check was interrupted several times"
    else:
        try:
            found = await _found(services, case)
        except (Invalid, NotThere) as error:
            trouble = str(error)
    await _end(services, case, found, trouble)


async def _begin(services: Services, alert: Alert) -> _Case | None:
    """What to check; None where it is not to be, or no more."""
    now, org_id = services.now(), alert.org_id
    async with services.database.write(Tenant(org_id)) as db:
        if not await persistence.insights.alerts.begin(db, alert):
            return None
        threshold = await persistence.insights.alerts.find_threshold(db, org_id, alert.threshold_id)
        insight = await persistence.insights.saved.find(db, org_id, alert.insight_id)
        if threshold is None or insight is None or not _is_awake(alert, now):
            await persistence.insights.alerts.update_alert(db, _moved_on(alert, now))
            return None
    return _Case(replace(alert, tries=alert.tries + 1), threshold, insight)


def _is_awake(alert: Alert, now: datetime) -> bool:
    return alert.next_at <= now and (alert.snoozed_until is None or alert.snoozed_until <= now)


def _moved_on(alert: Alert, now: datetime) -> Alert:
    return replace(alert, next_at=next_check(now, rhythm_of(alert), alert.id), tries=0)


async def _found(services: Services, case: _Case) -> Found:
    """Raises InvalidQuery, TooCostly, NotThere."""
    alert, threshold = case.alert, case.threshold
    query = _query(case.insight)
    result = await compute(services, Tenant(alert.org_id, alert.user_id), query, ZoneInfo(alert.time_zone))
    seen = readings(alert.watch, result, services.now())
    return evaluate(seen, alert.condition, threshold.type, threshold.bounds, alert.value)


def _query(insight: SavedInsight) -> Query:
    source = None if insight.query is None else read(insight.query).source
    if source is None:
        raise NotThere("the insight has nothing that can be computed")
    return source


async def _end(services: Services, case: _Case, found: Found | None, trouble: str | None) -> None:
    """Notes what it came to, unless the alert was changed meanwhile: then it is checked anew."""
    now, alert = services.now(), case.alert
    async with services.database.write(Tenant(alert.org_id)) as db:
        locked = await persistence.insights.alerts.find_alert(db, alert.org_id, alert.id, lock=True)
        if locked is None or (locked.next_at, locked.tries) != (alert.next_at, alert.tries):
            return
        new = _moved_on(locked, now)
        if _is_awake(locked, now):
            new = _checked(new, found, trouble, now)
            await persistence.insights.alert_changes.append(db, new, locked.state, ChangeKind.CHECKED)
            await _tell(db, case, locked.state, new, now)
        await persistence.insights.alerts.update_alert(db, new)
    services.bus.announce(JOBS)
    services.bus.announce(alerts_channel(alert.org_id))


def _checked(alert: Alert, found: Found | None, trouble: str | None, now: datetime) -> Alert:
    awake = replace(alert, checked_at=now, snoozed_until=None)
    if found is None:
        return replace(awake, state=AlertState.ERRORED, reason=trouble)
    state = AlertState.FIRING if found.is_breach else AlertState.NOT_FIRING
    return replace(awake, state=state, value=found.value, reason=found.reason)


async def _tell(db: Writing, case: _Case, before: AlertState, alert: Alert, now: datetime) -> None:
    type = webhook_type(before, alert.state)
    if type is None or alert.hook is None:
        return
    insight = InsightNamed(case.insight.id, case.insight.short_id, case.insight.name or case.insight.derived_name)
    data = told(alert, case.threshold, insight)
    await persistence.webhooks.save(db, alert.org_id, alert.hook, type, data, now, alert.user_id)
