"""PDFs that were made of reports, kept so that none is set twice; they go with their report."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID, insert

from domain.reports.records import Report
from domain.values import OrgId
from persistence.database import Reading, Writing, metadata
from persistence.reports import reports

MOST_BYTES = 4 * 1024 * 1024
"""A larger one is made anew each time."""

KEPT = 200
"""Of an organisation; those that were made longest ago go first."""

artifacts = sa.Table(
    "artifacts",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("report_id", UUID, nullable=False),
    # That of the report, so that it is seen and erased as the report is.
    sa.Column("user_id", UUID),
    # Names what it was made of and how: another text or another template makes another PDF.
    sa.Column("edition", BYTEA, nullable=False),
    sa.Column("data", BYTEA, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.PrimaryKeyConstraint("org_id", "report_id"),
    sa.ForeignKeyConstraint(["org_id", "report_id"], [reports.c.org_id, reports.c.id], ondelete="CASCADE"),
    sa.Index("artifacts_of_user", "org_id", "user_id"),
)


async def find(db: Reading, org_id: OrgId, report: Report, edition: bytes) -> bytes | None:
    """The PDF of this edition of a report."""
    mine = (artifacts.c.org_id == org_id, artifacts.c.report_id == report.id, artifacts.c.edition == edition)
    row = await db.row(sa.select(artifacts.c.data).where(*mine))
    return None if row is None else bytes(row["data"])


async def save(db: Writing, org_id: OrgId, report: Report, edition: bytes, data: bytes) -> None:
    """Keeps a PDF in place of older editions, unless it is too large or the report is gone."""
    if len(data) > MOST_BYTES or not await _holds(db, org_id, report):
        return
    values = {"edition": edition, "data": data, "made_at": sa.func.clock_timestamp()}
    new = insert(artifacts).values(org_id=org_id, report_id=report.id, user_id=report.user_id, **values)
    await db.execute(new.on_conflict_do_update(index_elements=["org_id", "report_id"], set_=values))
    await _thin_out(db, org_id)


async def _holds(db: Writing, org_id: OrgId, report: Report) -> bool:
    """Whether the report is still there; it stays until the transaction ends."""
    row = sa.select(reports.c.id).where(reports.c.org_id == org_id, reports.c.id == report.id)
    return await db.row(row.with_for_update(key_share=True)) is not None


async def _thin_out(db: Writing, org_id: OrgId) -> None:
    mine = artifacts.c.org_id == org_id
    old = sa.select(artifacts.c.report_id).where(mine).order_by(artifacts.c.made_at.desc()).offset(KEPT)
    await db.execute(sa.delete(artifacts).where(mine, artifacts.c.report_id.in_(old)))
