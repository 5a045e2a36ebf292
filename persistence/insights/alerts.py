"""Thresholds of insights, the alerts that hold them against a number, and what became of each.

Every change of an alert leaves a line in `insight_alert_changes`, numbered under the lock of its organisation's row in
`insight_alert_feeds`: so a smaller number is never seen later than a larger one. Who writes locks the alert first.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from domain.insights.alerts import (
    Alert,
    AlertCondition,
    AlertId,
    AlertInterval,
    AlertState,
    Bounds,
    Guarded,
    Threshold,
    ThresholdId,
    ThresholdType,
)
from domain.insights.saved import InsightId
from domain.insights.watching import WATCH
from domain.values import OrgId, UserId, Window
from persistence.access import users
from persistence.database import Reading, Row, Writing, metadata
from persistence.insights.saved import insights
from persistence.pages import newest_first
from persistence.webhooks import hook_from, hook_json

insight_thresholds = sa.Table(
    "insight_thresholds",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("insight_id", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("lower", sa.Double),
    sa.Column("upper", sa.Double),
    sa.Column("created_by", UUID, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("insight_thresholds_of_insight", "org_id", "insight_id", "created_at", "id"),
)

insight_alerts = sa.Table(
    "insight_alerts",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("insight_id", sa.Integer, nullable=False),
    sa.Column("threshold_id", UUID, nullable=False),
    # Whose events it counts; NULL: everybody's.
    sa.Column("user_id", UUID),
    sa.Column("name", sa.Text),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("condition", sa.Text, nullable=False),
    sa.Column("watch", JSONB, nullable=False),
    sa.Column("interval", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("skip_weekend", sa.Boolean, nullable=False),
    sa.Column("hook", JSONB(none_as_null=True)),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("reason", sa.Text),
    sa.Column("snoozed_until", sa.DateTime(timezone=True)),
    sa.Column("checked_at", sa.DateTime(timezone=True)),
    sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("tries", sa.SmallInteger, nullable=False),
    sa.Column("created_by", UUID, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.ForeignKeyConstraint(
        ["org_id", "threshold_id"], [insight_thresholds.c.org_id, insight_thresholds.c.id], ondelete="CASCADE"
    ),
    sa.ForeignKeyConstraint(["org_id", "user_id"], [users.c.org_id, users.c.id], ondelete="CASCADE"),
    sa.Index("insight_alerts_of_threshold", "org_id", "threshold_id"),
    sa.Index("insight_alerts_of_insight", "org_id", "insight_id"),
    sa.Index("insight_alerts_of_user", "org_id", "user_id"),
    sa.Index("insight_alerts_recent", "org_id", sa.text("created_at DESC"), sa.text("id DESC")),
    sa.Index("insight_alerts_due", "org_id", "next_at", postgresql_where=sa.text("enabled")),
)

insight_alert_subscribers = sa.Table(
    "insight_alert_subscribers",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("alert_id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "alert_id", "user_id"),
    sa.ForeignKeyConstraint(["org_id", "alert_id"], [insight_alerts.c.org_id, insight_alerts.c.id], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["org_id", "user_id"], [users.c.org_id, users.c.id], ondelete="CASCADE"),
    sa.Index("insight_alert_subscribers_of_user", "org_id", "user_id"),
)

_THRESHOLDS, _ALERTS, _SUBSCRIBERS = insight_thresholds.c, insight_alerts.c, insight_alert_subscribers.c
_FOLLOWING = sa.and_(_SUBSCRIBERS.org_id == _ALERTS.org_id, _SUBSCRIBERS.alert_id == _ALERTS.id)
_FOLLOWERS = sa.select(sa.func.array_agg(_SUBSCRIBERS.user_id)).where(_FOLLOWING).scalar_subquery().label("subscribers")
_SHOWN = sa.select(insight_alerts, _FOLLOWERS)

Place = tuple[datetime, AlertId]
"""When an alert was made, and which one it is."""


def _threshold(row: Row) -> Threshold:
    return Threshold(
        id=ThresholdId(row["id"]),
        org_id=OrgId(row["org_id"]),
        insight_id=InsightId(row["insight_id"]),
        name=row["name"],
        type=ThresholdType(row["type"]),
        bounds=Bounds(row["lower"], row["upper"]),
        created_by=UserId(row["created_by"]),
        created_at=row["created_at"],
    )


def _alert(row: Row) -> Alert:
    return Alert(
        id=AlertId(row["id"]),
        org_id=OrgId(row["org_id"]),
        insight_id=InsightId(row["insight_id"]),
        threshold_id=ThresholdId(row["threshold_id"]),
        user_id=None if row["user_id"] is None else UserId(row["user_id"]),
        name=row["name"],
        enabled=row["enabled"],
        condition=AlertCondition(row["condition"]),
        watch=WATCH.validate_python(row["watch"]),
        interval=AlertInterval(row["interval"]),
        time_zone=row["time_zone"],
        skip_weekend=row["skip_weekend"],
        hook=hook_from(row["hook"]),
        subscribers=tuple(sorted(map(UserId, row["subscribers"] or ()))),
        state=AlertState(row["state"]),
        value=row["value"],
        reason=row["reason"],
        snoozed_until=row["snoozed_until"],
        checked_at=row["checked_at"],
        next_at=row["next_at"],
        tries=row["tries"],
        created_by=UserId(row["created_by"]),
        created_at=row["created_at"],
    )


async def thresholds_page(
    db: Reading, org_id: OrgId, insight_id: InsightId, limit: int, offset: int
) -> tuple[list[Guarded], int]:
    """An insight's thresholds with their alerts, oldest first, and how many there are in all."""
    query = _thresholds_of(org_id, insight_id).limit(limit).offset(offset)
    found = await _guarded(db, org_id, [_threshold(row) for row in await db.rows(query)])
    return found, await count_thresholds(db, org_id, insight_id)


async def threshold(db: Reading, org_id: OrgId, insight_id: InsightId, id: ThresholdId) -> Guarded | None:
    """One threshold of an insight with its alerts."""
    found = await find_threshold(db, org_id, id)
    if found is None or found.insight_id != insight_id:
        return None
    return (await _guarded(db, org_id, [found]))[0]


def _thresholds_of(org_id: OrgId, insight_id: InsightId) -> "sa.Select[tuple[object, ...]]":
    mine = sa.select(insight_thresholds).where(_THRESHOLDS.org_id == org_id, _THRESHOLDS.insight_id == insight_id)
    return mine.order_by(_THRESHOLDS.created_at, _THRESHOLDS.id)


async def _guarded(db: Reading, org_id: OrgId, thresholds: Sequence[Threshold]) -> list[Guarded]:
    alerts = await alerts_by_threshold(db, org_id, [one.id for one in thresholds]) if thresholds else []
    return [Guarded(one, tuple(its)) for one, its in zip(thresholds, alerts, strict=True)]


async def count_thresholds(db: Reading, org_id: OrgId, insight_id: InsightId) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(insight_thresholds)
    rows = await db.rows(query.where(_THRESHOLDS.org_id == org_id, _THRESHOLDS.insight_id == insight_id))
    return rows[0]["n"]


async def find_threshold(db: Reading, org_id: OrgId, id: ThresholdId, lock: bool = False) -> Threshold | None:
    query = sa.select(insight_thresholds).where(_THRESHOLDS.org_id == org_id, _THRESHOLDS.id == id)
    row = await db.row(query.with_for_update() if lock else query)
    return None if row is None else _threshold(row)


async def thresholds_by_id(db: Reading, org_id: OrgId, ids: Sequence[ThresholdId]) -> list[Threshold | None]:
    rows = await db.rows(sa.select(insight_thresholds).where(_THRESHOLDS.org_id == org_id, _THRESHOLDS.id.in_(ids)))
    found = {one.id: one for one in map(_threshold, rows)}
    return [found.get(id) for id in ids]


async def thresholds_by_insight(db: Reading, org_id: OrgId, ids: Sequence[InsightId]) -> list[list[Threshold]]:
    """Of each insight, oldest first."""
    query = sa.select(insight_thresholds).where(_THRESHOLDS.org_id == org_id, _THRESHOLDS.insight_id.in_(ids))
    found: dict[InsightId, list[Threshold]] = {id: [] for id in ids}
    for row in await db.rows(query.order_by(_THRESHOLDS.created_at, _THRESHOLDS.id)):
        found[InsightId(row["insight_id"])].append(_threshold(row))
    return [found[id] for id in ids]


async def alerts_by_threshold(db: Reading, org_id: OrgId, ids: Sequence[ThresholdId]) -> list[list[Alert]]:
    """Of each threshold, oldest first."""
    found: dict[ThresholdId, list[Alert]] = {id: [] for id in ids}
    for alert in await _oldest_first(db, org_id, _ALERTS.threshold_id.in_(ids)):
        found[alert.threshold_id].append(alert)
    return [found[id] for id in ids]


async def alerts_by_insight(db: Reading, org_id: OrgId, ids: Sequence[InsightId]) -> list[list[Alert]]:
    """Of each insight, oldest first."""
    found: dict[InsightId, list[Alert]] = {id: [] for id in ids}
    for alert in await _oldest_first(db, org_id, _ALERTS.insight_id.in_(ids)):
        found[alert.insight_id].append(alert)
    return [found[id] for id in ids]


async def alerts_by_id(db: Reading, org_id: OrgId, ids: Sequence[AlertId]) -> list[Alert | None]:
    found = {one.id: one for one in await _oldest_first(db, org_id, _ALERTS.id.in_(ids))}
    return [found.get(id) for id in ids]


async def _oldest_first(db: Reading, org_id: OrgId, which: sa.ColumnElement[bool]) -> list[Alert]:
    query = _SHOWN.where(_ALERTS.org_id == org_id, which).order_by(_ALERTS.created_at, _ALERTS.id)
    return [_alert(row) for row in await db.rows(query)]


async def save_threshold(db: Writing, new: Threshold) -> None:
    await db.execute(sa.insert(insight_thresholds).values(**_threshold_row(new)))


async def update_threshold(db: Writing, changed: Threshold) -> None:
    mine = sa.update(insight_thresholds).where(_THRESHOLDS.org_id == changed.org_id, _THRESHOLDS.id == changed.id)
    await db.execute(mine.values(**_threshold_row(changed)))


async def delete_threshold(db: Writing, org_id: OrgId, id: ThresholdId) -> None:
    """With its alerts."""
    await db.execute(sa.delete(insight_thresholds).where(_THRESHOLDS.org_id == org_id, _THRESHOLDS.id == id))


def _threshold_row(one: Threshold) -> dict[str, object]:
    names = ("org_id", "id", "insight_id", "name", "type", "created_by", "created_at")
    plain: dict[str, object] = {name: getattr(one, name) for name in names}
    return {**plain, "lower": one.bounds.lower, "upper": one.bounds.upper}


async def find_alert(db: Reading, org_id: OrgId, id: AlertId, lock: bool = False) -> Alert | None:
    query = _SHOWN.where(_ALERTS.org_id == org_id, _ALERTS.id == id)
    row = await db.row(query.with_for_update(of=insight_alerts) if lock else query)
    return None if row is None else _alert(row)


async def save_alert(db: Writing, new: Alert) -> None:
    await db.execute(sa.insert(insight_alerts).values(**_alert_row(new)))
    await save_subscribers(db, new)


async def update_alert(db: Writing, changed: Alert) -> None:
    """Its subscribers stay."""
    mine = sa.update(insight_alerts).where(_ALERTS.org_id == changed.org_id, _ALERTS.id == changed.id)
    await db.execute(mine.values(**_alert_row(changed)))


async def save_subscribers(db: Writing, alert: Alert) -> None:
    """Whoever subscribed before and is not named does no more."""
    its = sa.and_(_SUBSCRIBERS.org_id == alert.org_id, _SUBSCRIBERS.alert_id == alert.id)
    await db.execute(sa.delete(insight_alert_subscribers).where(its))
    rows = [{"org_id": alert.org_id, "alert_id": alert.id, "user_id": id} for id in alert.subscribers]
    if rows:
        await db.execute(sa.insert(insight_alert_subscribers), rows)


async def delete_alert(db: Writing, org_id: OrgId, id: AlertId) -> None:
    await db.execute(sa.delete(insight_alerts).where(_ALERTS.org_id == org_id, _ALERTS.id == id))


_AS_IT_IS = frozenset({"subscribers", "hook", "watch"})


def _alert_row(one: Alert) -> dict[str, object]:
    names = one.__dataclass_fields__.keys() - _AS_IT_IS
    plain: dict[str, object] = {name: getattr(one, name) for name in names}
    return {**plain, "hook": hook_json(one.hook), "watch": WATCH.dump_python(one.watch, mode="json")}


async def page(db: Reading, org_id: OrgId, user_id: UserId | None, window: Window[Place]) -> list[Alert]:
    """Newest first, those of the window, and one more if there are more: those that count a developer's events or, with
    None, all. Those of deleted insights are left out."""
    query = _SHOWN.where(*_visible(org_id, user_id))
    return [_alert(row) for row in await newest_first(db, query, _ALERTS.created_at, _ALERTS.id, window)]


async def count(db: Reading, org_id: OrgId, user_id: UserId | None) -> int:
    """How many `page` shows in all."""
    return await _count(db, _visible(org_id, user_id))


async def count_all(db: Reading, org_id: OrgId) -> int:
    """Also those of deleted insights."""
    return await _count(db, [_ALERTS.org_id == org_id])


async def _count(db: Reading, which: Sequence[sa.ColumnElement[bool]]) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(insight_alerts)
    return (await db.rows(query.where(*which)))[0]["n"]


def _visible(org_id: OrgId, user_id: UserId | None) -> list[sa.ColumnElement[bool]]:
    its = sa.and_(insights.c.org_id == _ALERTS.org_id, insights.c.id == _ALERTS.insight_id, ~insights.c.deleted)
    mine = [_ALERTS.org_id == org_id, sa.exists().where(its)]
    return mine if user_id is None else [*mine, _ALERTS.user_id == user_id]


async def due(db: Writing, org_id: OrgId, now: datetime, horizon: datetime, limit: int) -> list[Alert]:
    """Those whose time has come, the earliest first, and those whose time lies after `horizon`. Needs a scope of the
    organisation."""
    look = sa.or_(_ALERTS.next_at <= now, _ALERTS.next_at > horizon)
    query = _SHOWN.where(_ALERTS.org_id == org_id, _ALERTS.enabled, look)
    return [_alert(row) for row in await db.rows(query.order_by(_ALERTS.next_at, _ALERTS.id).limit(limit))]


async def recheck(db: Writing, org_id: OrgId, threshold_id: ThresholdId, now: datetime) -> None:
    """All alerts at a threshold are due now."""
    its = sa.update(insight_alerts).where(_ALERTS.org_id == org_id, _ALERTS.threshold_id == threshold_id)
    await db.execute(its.values(next_at=now, tries=0))


async def earliest(db: Reading, org_id: OrgId) -> datetime | None:
    """When the next check of the organisation is due; None without any."""
    query = sa.select(_ALERTS.next_at).where(_ALERTS.org_id == org_id, _ALERTS.enabled)
    row = await db.row(query.order_by(_ALERTS.next_at).limit(1))
    return None if row is None else row["next_at"]


async def begin(db: Writing, alert: Alert) -> bool:
    """Notes that its check begins; False where somebody else did it or changed it meanwhile."""
    same = sa.and_(_ALERTS.next_at == alert.next_at, _ALERTS.tries == alert.tries, _ALERTS.enabled)
    mine = sa.update(insight_alerts).where(_ALERTS.org_id == alert.org_id, _ALERTS.id == alert.id, same)
    return await db.row(mine.values(tries=alert.tries + 1).returning(_ALERTS.id)) is not None
