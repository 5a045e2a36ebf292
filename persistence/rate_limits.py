"""How much of its minute each caller has spent: counters that a crash may take, shared by all server processes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, insert

from persistence.database import Writing, metadata

# No tenant's table: most callers are counted before it is known who they are. A row names nobody, only a digest.
rate_limits = sa.Table(
    "rate_limits",
    metadata,
    sa.Column("subject", BYTEA, primary_key=True),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("spent", sa.BigInteger, nullable=False),
    sa.Index("rate_limits_age", "ends_at"),
    prefixes=["UNLOGGED"],
)

_SWEPT = 10


async def spend(db: Writing, subject: bytes, ends_at: datetime) -> int:
    """Counts one request of `subject` into the window that ends at `ends_at`; how many it has made there with this one.

    Where the clocks of two processes differ, the later window counts.
    """
    row = rate_limits.c
    statement = insert(rate_limits).values(subject=subject, ends_at=ends_at, spent=1)
    new = statement.excluded.ends_at > row.ends_at
    counted = {
        "ends_at": sa.func.greatest(row.ends_at, statement.excluded.ends_at),
        "spent": sa.case((new, 1), else_=row.spent + 1),
    }
    spent = await db.row(
        statement.on_conflict_do_update(index_elements=[row.subject], set_=counted).returning(row.spent)
    )
    assert spent is not None
    return spent["spent"]


async def sweep(db: Writing, before: datetime) -> None:
    """Removes some rows of windows that ended before then, of those that nobody else is holding.

    Called when a window begins for somebody, it removes rows faster than they are made.
    """
    row = rate_limits.c
    old = sa.select(row.subject).where(row.ends_at < before).order_by(row.ends_at).limit(_SWEPT)
    await db.execute(sa.delete(rate_limits).where(row.subject.in_(old.with_for_update(skip_locked=True))))
