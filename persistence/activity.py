"""What happened to insights: entries that are added and never changed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from domain.activity import Activity, ActivityId, ActivityKind, Change
from domain.insights.saved import InsightId
from domain.values import OrgId, UserId, Window
from persistence.database import Reading, Row, Writing, metadata
from persistence.pages import newest_first

activity = sa.Table(
    "activity",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("insight_id", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("short_id", sa.Text, nullable=False),
    sa.Column("changes", sa.JSON, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", UUID, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("activity_recent", "org_id", "created_at", "id"),
    sa.Index("activity_of_insight", "org_id", "insight_id", "created_at", "id"),
    sa.Index("activity_of_author", "org_id", "created_by"),
)

_TABLE = activity.c

Place = tuple[datetime, ActivityId]


def _activity(row: Row) -> Activity:
    return Activity(
        id=ActivityId(row["id"]),
        org_id=OrgId(row["org_id"]),
        insight_id=InsightId(row["insight_id"]),
        user_id=UserId(row["created_by"]),
        kind=ActivityKind(row["kind"]),
        name=row["name"],
        short_id=row["short_id"],
        changes=tuple(Change(**change) for change in row["changes"]),
        created_at=row["created_at"],
    )


async def append(db: Writing, entries: Sequence[Activity]) -> None:
    """In the order given, where they happened at the same time."""
    if entries:
        await db.execute(sa.insert(activity), [_columns(one) for one in entries])


def _columns(entry: Activity) -> dict[str, object]:
    return {
        "org_id": entry.org_id,
        "id": entry.id,
        "insight_id": entry.insight_id,
        "kind": str(entry.kind),
        "name": entry.name,
        "short_id": entry.short_id,
        "changes": [asdict(change) for change in entry.changes],
        "created_at": entry.created_at,
        "created_by": entry.user_id,
    }


def _of(org_id: OrgId, insight_id: InsightId | None) -> list[sa.ColumnElement[bool]]:
    one = [] if insight_id is None else [_TABLE.insight_id == insight_id]
    return [_TABLE.org_id == org_id, *one]


async def page(db: Reading, org_id: OrgId, insight_id: InsightId | None, limit: int, offset: int) -> list[Activity]:
    """Newest first, of one insight or of all."""
    query = sa.select(activity).where(*_of(org_id, insight_id))
    newest = query.order_by(_TABLE.created_at.desc(), _TABLE.id.desc())
    return [_activity(row) for row in await db.rows(newest.limit(limit).offset(offset))]


async def window(db: Reading, org_id: OrgId, insight_id: InsightId | None, window: Window[Place]) -> list[Activity]:
    """Newest first, those of the window, and one more if there are more."""
    query = sa.select(activity).where(*_of(org_id, insight_id))
    return [_activity(row) for row in await newest_first(db, query, _TABLE.created_at, _TABLE.id, window)]


async def count(db: Reading, org_id: OrgId, insight_id: InsightId | None) -> int:
    """How many entries there are in all."""
    query = sa.select(sa.func.count().label("n")).select_from(activity).where(*_of(org_id, insight_id))
    return (await db.rows(query))[0]["n"]
