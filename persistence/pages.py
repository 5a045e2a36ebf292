"""Lists that stand newest first, by a time and an id: each page is a walk along one index."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from domain.values import Window
from persistence.database import Reading, Row

K = TypeVar("K", bound=UUID)


async def newest_first(
    db: Reading,
    query: "sa.Select[tuple[object, ...]]",
    at: sa.Column[datetime],
    id: sa.Column[UUID],
    window: Window[tuple[datetime, K]],
) -> Sequence[Row]:
    """The rows of `query` that lie in the window, of one time the larger id first, and one more if there are more."""
    place = sa.tuple_(at, id)
    if window.after is not None:
        query = query.where(place < sa.tuple_(*window.after))
    if window.before is not None:
        query = query.where(place > sa.tuple_(*window.before))
    order = (at, id) if window.backwards else (at.desc(), id.desc())
    rows = await db.rows(query.order_by(*order).limit(window.size + 1))
    return rows[::-1] if window.backwards else rows
