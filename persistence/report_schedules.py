"""Schedules of reports: of a developer, or with `user_id` NULL of the organisation."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from domain.languages import Language
from domain.report_schedules import FARTHEST, ReportSchedule, ScheduleId, Step
from domain.reports.records import ReportId
from domain.scores.windows import WindowKind
from domain.values import OrgId, UserId, Window
from persistence.access import users
from persistence.database import Reading, Row, Writing, metadata
from persistence.pages import newest_first
from persistence.webhooks import hook_from, hook_json

report_schedules = sa.Table(
    "report_schedules",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("hour", sa.SmallInteger, nullable=False),
    # NULL: the developer's own, whichever that is.
    sa.Column("time_zone", sa.Text),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("hook", JSONB(none_as_null=True)),
    # The first dates of the newest units that were written.
    sa.Column("done", sa.ARRAY(sa.Date), nullable=False, server_default="{}"),
    sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_report_id", UUID),
    sa.Column("created_by", UUID, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.ForeignKeyConstraint(["org_id", "user_id"], [users.c.org_id, users.c.id], ondelete="CASCADE"),
    sa.Index("report_schedules_due", "org_id", "next_at"),
    sa.Index("report_schedules_recent", "org_id", sa.text("created_at DESC"), sa.text("id DESC")),
    sa.Index("report_schedules_of_user", "org_id", "user_id"),
)

_TABLE = report_schedules.c
_ZONE = sa.func.coalesce(_TABLE.time_zone, users.c.time_zone, "UTC").label("zone")
_THEIRS = sa.and_(users.c.org_id == _TABLE.org_id, users.c.id == _TABLE.user_id)
_SHOWN = sa.select(report_schedules, _ZONE).select_from(report_schedules.outerjoin(users, _THEIRS))

Place = tuple[datetime, ScheduleId]
"""When a schedule was made, and which one it is."""


def _schedule(row: Row) -> ReportSchedule:
    return ReportSchedule(
        id=ScheduleId(row["id"]),
        org_id=OrgId(row["org_id"]),
        user_id=None if row["user_id"] is None else UserId(row["user_id"]),
        period=WindowKind(row["period"]),
        hour=row["hour"],
        time_zone=row["zone"],
        follows_developer=row["time_zone"] is None,
        language=Language(row["language"]),
        scope=row["scope"],
        hook=hook_from(row["hook"]),
        done=tuple(row["done"]),
        next_at=row["next_at"],
        last_report_id=None if row["last_report_id"] is None else ReportId(row["last_report_id"]),
        created_by=UserId(row["created_by"]),
        created_at=row["created_at"],
    )


async def save(db: Writing, schedule: ReportSchedule) -> None:
    """A new schedule."""
    new = sa.insert(report_schedules).values(
        org_id=schedule.org_id,
        id=schedule.id,
        user_id=schedule.user_id,
        period=schedule.period,
        hour=schedule.hour,
        time_zone=None if schedule.follows_developer else schedule.time_zone,
        language=schedule.language,
        scope=schedule.scope,
        hook=hook_json(schedule.hook),
        next_at=schedule.next_at,
        created_by=schedule.created_by,
        created_at=schedule.created_at,
    )
    await db.execute(new)


async def count_of(db: Reading, org_id: OrgId, user_id: UserId | None) -> int:
    """How many a developer has or, with None, the organisation."""
    mine = _TABLE.user_id.is_(None) if user_id is None else _TABLE.user_id == user_id
    return await _count(db, [_TABLE.org_id == org_id, mine])


async def _count(db: Reading, which: Sequence[sa.ColumnElement[bool]]) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(report_schedules).where(*which)
    return (await db.rows(query))[0]["n"]


async def find(db: Reading, org_id: OrgId, id: ScheduleId) -> ReportSchedule | None:
    row = await db.row(_SHOWN.where(_TABLE.org_id == org_id, _TABLE.id == id))
    return None if row is None else _schedule(row)


def _visible(org_id: OrgId, user_id: UserId | None) -> list[sa.ColumnElement[bool]]:
    mine = [] if user_id is None else [sa.or_(_TABLE.user_id == user_id, _TABLE.user_id.is_(None))]
    return [_TABLE.org_id == org_id, *mine]


async def page(db: Reading, org_id: OrgId, user_id: UserId | None, window: Window[Place]) -> list[ReportSchedule]:
    """Newest first, those of the window, and one more if there are more: a developer's with the organisation's or,
    with None, everybody's. Needs a scope of the organisation."""
    query = _SHOWN.where(*_visible(org_id, user_id))
    return [_schedule(row) for row in await newest_first(db, query, _TABLE.created_at, _TABLE.id, window)]


async def count(db: Reading, org_id: OrgId, user_id: UserId | None) -> int:
    """How many `page` shows in all."""
    return await _count(db, _visible(org_id, user_id))


_TOO_FAR = sa.case({str(kind): farthest for kind, farthest in FARTHEST.items()}, value=_TABLE.period)


async def due(db: Writing, org_id: OrgId, now: datetime, limit: int) -> list[ReportSchedule]:
    """Those whose time has come, the earliest first, and those that wait for longer than any can, locked: nobody else
    runs or cancels them meanwhile."""
    time = sa.literal(now, sa.DateTime(timezone=True))
    look = sa.or_(_TABLE.next_at <= time, _TABLE.next_at > time + _TOO_FAR)
    query = _SHOWN.where(_TABLE.org_id == org_id, look).order_by(_TABLE.next_at, _TABLE.id).limit(limit)
    return [_schedule(row) for row in await db.rows(query.with_for_update(of=report_schedules))]


async def advance(db: Writing, schedule: ReportSchedule, step: Step, report_id: ReportId | None) -> None:
    """Notes what was done, in the transaction that does it; `report_id` None: nothing was written."""
    last = schedule.last_report_id if report_id is None else report_id
    mine = sa.update(report_schedules).where(_TABLE.org_id == schedule.org_id, _TABLE.id == schedule.id)
    await db.execute(mine.values(done=list(step.done), next_at=step.next_at, last_report_id=last))


async def earliest(db: Reading, org_id: OrgId) -> datetime | None:
    """When the next one of the organisation is due; None without any."""
    query = sa.select(_TABLE.next_at).where(_TABLE.org_id == org_id)
    row = await db.row(query.order_by(_TABLE.next_at).limit(1))
    return None if row is None else row["next_at"]


async def delete(db: Writing, org_id: OrgId, id: ScheduleId) -> bool:
    """Whether it was there."""
    gone = sa.delete(report_schedules).where(_TABLE.org_id == org_id, _TABLE.id == id)
    return await db.row(gone.returning(_TABLE.id)) is not None
