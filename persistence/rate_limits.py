"""How much of its minute each caller has spent: counters that a crash may take, shared by all server processes."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, insert
from sqlalchemy.sql.base import Executable

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


class Taken(NamedTuple):
    """`amount` was taken; with it `spent` is taken in all."""

    amount: int
    spent: int

    @property
    def is_first(self) -> bool:
        return self.amount == self.spent


async def spend(db: Writing, subject: bytes, ends_at: datetime) -> int:
    """Counts one request of `subject` into the window that ends at `ends_at`; how many it has made there with this one.

    Where the clocks of two processes differ, the later window counts.
    """
    spent = await db.row(_spending(subject, ends_at, 1))
    assert spent is not None
    return spent["spent"]


async def take(db: Writing, subject: bytes, ends_at: datetime, amounts: Iterable[int], limit: int) -> Taken | None:
    """Takes the first of `amounts` that the window still has, of `limit` in all; None if it has none of them."""
    for amount in amounts:
        spent = await db.row(_spending(subject, ends_at, amount, limit))
        if spent is not None:
            return Taken(amount, spent["spent"])
    return None


def _spending(subject: bytes, ends_at: datetime, amount: int, limit: int | None = None) -> Executable:
    """Answers with no row and changes none where `amount` would pass the limit; an amount never passes it alone."""
    row = rate_limits.c
    statement = insert(rate_limits).values(subject=subject, ends_at=ends_at, spent=amount)
    given = statement.excluded
    new = given.ends_at > row.ends_at
    counted = {
        "ends_at": sa.func.greatest(row.ends_at, given.ends_at),
        "spent": sa.case((new, given.spent), else_=row.spent + given.spent),
    }
    fits = None if limit is None else sa.or_(new, row.spent + given.spent <= limit)
    update = statement.on_conflict_do_update(index_elements=[row.subject], set_=counted, where=fits)
    return update.returning(row.spent)


async def sweep(db: Writing, before: datetime) -> None:
    """Removes some rows of windows that ended before then, of those that nobody else is holding.

    Called when a window begins for somebody, it removes rows faster than they are made.
    """
    row = rate_limits.c
    old = sa.select(row.subject).where(row.ends_at < before).order_by(row.ends_at).limit(_SWEPT)
    await db.execute(sa.delete(rate_limits).where(row.subject.in_(old.with_for_update(skip_locked=True))))
