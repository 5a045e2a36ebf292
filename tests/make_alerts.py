"""Builders of alerts: an insight, its bounds and an alert at them in one line, and the job that checks them."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

import persistence.jobs
from domain.access import Scope
from domain.insights.alert_wishes import AlertWish, ThresholdWish
from domain.insights.alerts import Alert, Bounds, Threshold, ThresholdType
from domain.insights.saved import InsightChange
from domain.insights.watching import TrendsWatch
from domain.jobs import Job, JobKind
from domain.values import JsonObject
from persistence.database import Tenant
from resolvers.alert_checks import check_alerts
from resolvers.alerts import create_alert, create_threshold
from resolvers.context import Context, Services
from resolvers.insights import create_insight
from tests.make_insights import Made, put_events

ALERTING = frozenset({Scope.INSIGHT_READ, Scope.INSIGHT_WRITE, Scope.QUERY_READ, Scope.ALERT_READ, Scope.ALERT_WRITE})
ORG_WIDE = ALERTING | {Scope.ORG_READ}
COMMITS: JsonObject = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "commit"}]}


async def make_threshold(
    ctx: Context,
    query: JsonObject | None = None,
    upper: float | None = 3,
    lower: float | None = None,
    type: ThresholdType = ThresholdType.ABSOLUTE,
) -> Threshold:
    """Bounds of a new insight: of commits a day unless told."""
    insight = await create_insight(ctx, InsightChange(name="Commits", query=COMMITS if query is None else query))
    return await create_threshold(ctx, insight.id, ThresholdWish("busy", type, Bounds(lower, upper)))


async def make_alert(ctx: Context, threshold: Threshold | None = None, **wish: object) -> Alert:
    """An alert at bounds, of trends unless told."""
    threshold = threshold or await make_threshold(ctx)
    return await create_alert(ctx, replace(AlertWish(threshold.id, TrendsWatch()), **wish))


async def happened(ctx: Context, *events: Made) -> None:
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await put_events(db, ctx.caller.org_id, events)


def clocked(services: Services, now: datetime) -> Services:
    return replace(services, now=lambda: now)


async def claimed(ctx: Context) -> Job:
    """The job of the organisation's alerts, claimed now."""
    jobs = persistence.jobs.jobs
    mine = sa.and_(jobs.c.org_id == ctx.caller.org_id, jobs.c.kind == JobKind.CHECK_ALERTS)
    claim = sa.update(jobs).where(mine).values(state="running", token=jobs.c.token + 1, run_after=None)
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        row = await db.row(claim.returning(*jobs.c))
    assert row is not None
    return Job(ctx.caller.org_id, JobKind.CHECK_ALERTS, "", None, row["revision"], row["token"], row["attempts"])


async def check(ctx: Context, now: datetime) -> None:
    await check_alerts(clocked(ctx.services, now), await claimed(ctx))
