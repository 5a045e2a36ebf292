"""Assessments: what candidates are asked to do. A deleted one stays for the sessions that were done for it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.assessments import DEFAULT_DAYS, AllowedTool, Assessment, Task
from domain.values import AssessmentId, OrgId, Window
from persistence.database import ORG, Reading, Row, Writing, among, metadata
from persistence.pages import newest_first

assessments = sa.Table(
    "assessments",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("role", sa.Text),
    sa.Column("task_brief", sa.Text),
    sa.Column("repo_url", sa.Text),
    sa.Column("issue_id", sa.Text),
    sa.Column("time_limit_minutes", sa.Integer),
    sa.Column("token_budget_usd", sa.Numeric),
    sa.Column("allowed_tools", ARRAY(sa.Text), nullable=False, server_default="{claude,codex,cursor}"),
    sa.Column("expires_in_days", sa.Integer, nullable=False, server_default=str(DEFAULT_DAYS)),
    sa.Column("deleted_at", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index(
        "assessments_recent",
        "org_id",
        sa.text("created_at DESC"),
        sa.text("id DESC"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    ),
)

Place = tuple[datetime, UUID_]
"""When something was made, and which one it is."""


async def save(db: Writing, new: Assessment) -> None:
    task = new.task
    await db.execute(
        sa.insert(assessments).values(
            org_id=new.org_id,
            id=new.id,
            title=task.title,
            created_at=new.created_at,
            role=task.role,
            task_brief=task.task_brief,
            repo_url=task.repo_url,
            issue_id=task.issue_id,
            time_limit_minutes=task.time_limit_minutes,
            token_budget_usd=task.token_budget_usd,
            allowed_tools=list(task.allowed_tools),
            expires_in_days=task.expires_in_days,
        )
    )


_THERE = (assessments.c.org_id == ORG, assessments.c.deleted_at.is_(None))
_BY_ID = sa.select(assessments).where(assessments.c.org_id == ORG, among(assessments.c.id))


async def assessments_by_id(db: Reading, org_id: OrgId, ids: Sequence[AssessmentId]) -> list[Assessment | None]:
    """In the order of `ids`, deleted ones too; None where one is not there."""
    found = {row["id"]: _assessment(row) for row in await db.rows(_BY_ID, {"org_id": org_id, "ids": ids})}
    return [found.get(id) for id in ids]


async def find(db: Reading, org_id: OrgId, id: AssessmentId) -> Assessment | None:
    """None for one that was deleted."""
    [found] = await assessments_by_id(db, org_id, [id])
    return None if found is None or found.deleted_at is not None else found


async def page(db: Reading, org_id: OrgId, window: Window[Place]) -> list[Assessment]:
    """Newest first: those of the window, and one more if there are more."""
    query = sa.select(assessments).where(assessments.c.org_id == org_id, assessments.c.deleted_at.is_(None))
    rows = await newest_first(db, query, assessments.c.created_at, assessments.c.id, window)
    return [_assessment(row) for row in rows]


_COUNT = sa.select(sa.func.count().label("n")).select_from(assessments).where(*_THERE)


async def count(db: Reading, org_id: OrgId) -> int:
    [row] = await db.rows(_COUNT, {"org_id": org_id})
    return row["n"]


async def delete(db: Writing, org_id: OrgId, id: AssessmentId, at: datetime) -> bool:
    """False where there is none."""
    mine = sa.update(assessments).where(
        assessments.c.org_id == org_id, assessments.c.id == id, assessments.c.deleted_at.is_(None)
    )
    return await db.row(mine.values(deleted_at=at).returning(assessments.c.id)) is not None


def _assessment(row: Row) -> Assessment:
    task = Task(
        title=row["title"],
        role=row["role"],
        task_brief=row["task_brief"],
        repo_url=row["repo_url"],
        issue_id=row["issue_id"],
        time_limit_minutes=row["time_limit_minutes"],
        token_budget_usd=row["token_budget_usd"],
        allowed_tools=tuple(map(AllowedTool, row["allowed_tools"])),
        expires_in_days=row["expires_in_days"],
    )
    return Assessment(AssessmentId(row["id"]), OrgId(row["org_id"]), task, row["created_at"], row["deleted_at"])
